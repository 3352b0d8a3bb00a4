//! The call graph as DOT: who spends time on whose behalf.
//!
//! Frames of the same name and place are one node, whatever they were reached from; a macro is one node wherever it is
//! referred to. Nodes are sized by self time and
//! coloured by total time. What is too small to show is cut, and the picture says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;

use petgraph::dot::{Config, Dot};
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use profiler::Profile;
use profiler::model::{Call, CallKind, CallTree};

use crate::error::{Error, ErrorKind};
use crate::{escape, palette, units};

/// What to cut.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Smallest share of the evaluation total that a node needs.
    pub node_share_min: f64,
    /// Smallest share that an edge needs.
    pub edge_share_min: f64,
    /// Most nodes to show; the costliest stay.
    pub node_count_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { node_share_min: 0.01, edge_share_min: 0.005, node_count_max: 50 }
    }
}

/// Frames of the same kind, name and place.
#[derive(Debug, Clone)]
struct Node<'a> {
    /// Any of its frames; the node of what was cut has none.
    call: Option<&'a Call>,
    label: String,
    total_ns: u64,
    self_ns: u64,
    count: u64,
}

#[derive(Debug, Default)]
struct Edge {
    total_ns: u64,
    /// Some of the time went through nodes that were cut.
    indirect: bool,
}

/// Writes the graph.
///
/// # Errors
/// There is no time to show, or `out` fails.
pub fn write(profile: &Profile, options: &Options, mut out: impl Write) -> Result<(), Error> {
    let tree = CallTree::of(profile, None);
    let all_ns = tree.calls().first().map_or(0, |root| root.total_ns);
    if all_ns == 0 {
        return Err(ErrorKind::Empty("times; it was made with --timing off").into());
    }
    let graph = cut(&tree, options, all_ns);
    let share = |ns: u64| ns as f64 / all_ns as f64;
    let edge_look = |_: &DiGraph<Node<'_>, Edge>, edge: EdgeReference<'_, Edge>| {
        let Edge { total_ns, indirect } = *edge.weight();
        format!(
            "label=\" {} %\",fontsize=10,penwidth={:.1},color=\"{}\"{}",
            units::percent(total_ns, all_ns),
            0.6 + 5.0 * share(total_ns).sqrt(),
            if share(total_ns) > 0.05 { "#b2563f" } else { "#8a8a8a" },
            if indirect { ",style=dashed" } else { "" },
        )
    };
    let node_look = |_: &DiGraph<Node<'_>, Edge>, (_, node): (NodeIndex, &Node<'_>)| {
        let label = &node.label;
        let Some(call) = node.call else {
            return format!("label=\"{label}\",shape=plaintext,fontcolor=\"#777777\",fontsize=10");
        };
        let shape = match call.kind {
            CallKind::Stage | CallKind::Event => "ellipse",
            CallKind::Field => "component",
            _ => "box",
        };
        format!(
            "label=\"{label}\",shape={shape},style=filled,fillcolor=\"{}\",color=\"{}\",penwidth=2,fontsize={:.0},tooltip=\"{}\"",
            palette::hex(palette::heat(share(node.total_ns))),
            palette::hex(palette::of(call).color),
            9.0 + 22.0 * share(node.self_ns).sqrt(),
            escape::dot(&tooltip(node, call)),
        )
    };
    let config = [Config::NodeNoLabel, Config::EdgeNoLabel, Config::GraphContentOnly];
    let dot = Dot::with_attr_getters(&graph, &config, &edge_look, &node_look);
    writeln!(out, "digraph lanner {{")?;
    writeln!(
        out,
        "    graph [rankdir=LR, fontname=\"Helvetica\", labelloc=t, label=\"Rule evaluation: {} over {}, {} \
         events. Size: self time. Colour: total time. Dashed: through what was cut.\", nodesep=0.15, ranksep=0.6]",
        escape::dot(&units::duration(all_ns)),
        units::counted(profile.iterations.len() as u64, "replay"),
        units::count(profile.event_count(None)),
    )?;
    writeln!(
        out,
        "    node [fontname=\"Helvetica\", margin=\"0.08,0.04\"]\n    edge [fontname=\"Helvetica\", arrowsize=0.6]"
    )?;
    write!(out, "{dot:?}")?;
    writeln!(out, "}}")?;
    Ok(())
}

fn tooltip(node: &Node<'_>, call: &Call) -> String {
    let place = call.location.as_ref().map(|l| format!(", {}:{}", l.file, l.line)).unwrap_or_default();
    format!("{} {}: {} times{place}", call.kind.name(), call.name, units::count(node.count))
}

/// Merges frames into nodes; returns the nodes, in the order of the tree, and the node of each frame.
fn merged(tree: &CallTree) -> (Vec<Node<'_>>, Vec<usize>) {
    let calls = tree.calls();
    let mut nodes: Vec<Node<'_>> = Vec::new();
    let mut by_key = HashMap::new();
    let mut of_frame: Vec<usize> = Vec::with_capacity(calls.len());
    for call in calls {
        // A macro is one thing wherever it is referred to.
        let location = if call.kind == CallKind::Macro { None } else { call.location.as_ref() };
        let key = (call.kind, &call.name, location);
        let index = *by_key.entry(key).or_insert_with(|| {
            nodes.push(Node { call: Some(call), label: String::new(), total_ns: 0, self_ns: 0, count: 0 });
            nodes.len() - 1
        });
        // A frame within a frame of the same node is part of it already.
        let nested = std::iter::successors(call.parent, |p| calls[*p].parent).any(|p| of_frame[p] == index);
        of_frame.push(index);
        let node = &mut nodes[index];
        node.total_ns += if nested { 0 } else { call.total_ns };
        node.self_ns += call.self_ns;
        node.count += call.count;
    }
    (nodes, of_frame)
}

/// The graph without what is small. Time that passed through nodes that were cut is on an edge around them; what
/// was cut below a node becomes one node beside it.
fn cut<'a>(tree: &'a CallTree, options: &Options, all_ns: u64) -> DiGraph<Node<'a>, Edge> {
    let enough = |ns: u64, share: f64| ns as f64 >= share * all_ns as f64;
    let (nodes, of_frame) = merged(tree);
    let mut ranked: Vec<usize> = (0..nodes.len()).collect();
    ranked.sort_by_key(|index| (std::cmp::Reverse(nodes[*index].total_ns), *index));
    ranked.truncate(options.node_count_max.max(1));
    ranked.retain(|index| enough(nodes[*index].total_ns, options.node_share_min));
    ranked.sort_unstable();
    let mut graph = DiGraph::new();
    let mut kept = HashMap::new();
    for index in ranked {
        let node = &nodes[index];
        let label = label(node, all_ns);
        kept.insert(index, graph.add_node(Node { label, ..node.clone() }));
    }
    let calls = tree.calls();
    let parents = |frame: usize| std::iter::successors(calls[frame].parent, |p| calls[*p].parent);
    let mut edges = BTreeMap::<(NodeIndex, NodeIndex), Edge>::new();
    let mut dropped = BTreeMap::<NodeIndex, (BTreeSet<usize>, u64)>::new();
    for (frame, call) in calls.iter().enumerate().filter(|(_, call)| call.total_ns > 0) {
        let above = parents(frame).find_map(|p| Some((p, *kept.get(&of_frame[p])?)));
        let Some((parent, from)) = above else { continue };
        match kept.get(&of_frame[frame]) {
            Some(to) if *to != from => {
                let edge = edges.entry((from, *to)).or_default();
                edge.total_ns += call.total_ns;
                edge.indirect |= call.parent != Some(parent);
            }
            Some(_) => {}
            None if call.parent == Some(parent) => {
                let dropped = dropped.entry(from).or_default();
                dropped.0.insert(of_frame[frame]);
                dropped.1 += call.total_ns;
            }
            None => {}
        }
    }
    for ((from, to), edge) in edges {
        if enough(edge.total_ns, options.edge_share_min) {
            graph.add_edge(from, to, edge);
        }
    }
    for (from, (what, total_ns)) in dropped {
        if enough(total_ns, 2.0 * options.node_share_min) {
            let label = format!("{} more, cut", what.len());
            let more = graph.add_node(Node { call: None, label, total_ns, self_ns: 0, count: 0 });
            graph.add_edge(from, more, Edge { total_ns, indirect: true });
        }
    }
    graph
}

fn label(node: &Node<'_>, all_ns: u64) -> String {
    let name = node.call.map_or("", |call| call.name.as_str());
    let mut label = format!(
        "{}\\n{} ({} %)",
        escape::dot(&escape::shorten(name, 44)),
        units::duration(node.total_ns),
        units::percent(node.total_ns, all_ns),
    );
    if node.self_ns != node.total_ns {
        label.push_str(&format!("\\nself {} %", units::percent(node.self_ns, all_ns)));
    }
    label
}
