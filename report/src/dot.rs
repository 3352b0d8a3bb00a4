//! The call graph as DOT: who spends time on whose behalf.
//!
//! Frames of the same name and place are one node, whatever they were reached from. Nodes are sized by self time and
//! coloured by total time. What is too small to show is cut, and the picture says so.

use std::collections::HashMap;
use std::io::Write;

use petgraph::dot::{Config, Dot};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeRef, IntoNodeReferences};
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
        Options { node_share_min: 0.005, edge_share_min: 0.001, node_count_max: 70 }
    }
}

#[derive(Debug)]
struct Node<'a> {
    /// Any of its frames; for a cut node there is none.
    call: Option<&'a Call>,
    label: String,
    total_ns: u64,
    self_ns: u64,
    count: u64,
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
    let graph = cut(&merged(&tree), options, all_ns);
    let share = |ns: u64| ns as f64 / all_ns as f64;
    let edge_look = |_: &DiGraph<Node<'_>, u64>, edge: petgraph::graph::EdgeReference<'_, u64>| {
        let ns = *edge.weight();
        let dashed = if graph[edge.target()].call.is_none() { ",style=dashed" } else { "" };
        format!(
            "label=\" {} %\",fontsize=10,penwidth={:.1},color=\"{}\"{dashed}",
            units::percent(ns, all_ns),
            0.6 + 5.0 * share(ns).sqrt(),
            if share(ns) > 0.05 { "#b2563f" } else { "#8a8a8a" },
        )
    };
    let node_look = |_: &DiGraph<Node<'_>, u64>, (_, node): (NodeIndex, &Node<'_>)| {
        let label = escape::dot(&node.label).replace("\\\\n", "\\n");
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
        "    graph [rankdir=LR, fontname=\"Helvetica\", labelloc=t, label=\"Rule evaluation: {} over {} replays, {} \
         events. Size: self time. Colour: total time.\", nodesep=0.15, ranksep=0.6]",
        escape::dot(&units::duration(all_ns)),
        profile.iterations.len(),
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

/// Frames of the same kind, name and place become one node.
fn merged(tree: &CallTree) -> DiGraph<Node<'_>, u64> {
    let mut graph = DiGraph::new();
    let mut by_key = HashMap::new();
    let mut of_frame = Vec::with_capacity(tree.calls().len());
    for call in tree.calls() {
        let key = (call.kind, &call.name, call.location.as_ref());
        let index = *by_key.entry(key).or_insert_with(|| {
            graph.add_node(Node { call: Some(call), label: String::new(), total_ns: 0, self_ns: 0, count: 0 })
        });
        of_frame.push(index);
        // A frame within a frame of the same node is part of it already.
        let nested =
            std::iter::successors(call.parent, |p| tree.calls()[*p].parent).any(|p| of_frame[p] == index);
        let node = &mut graph[index];
        node.total_ns += if nested { 0 } else { call.total_ns };
        node.self_ns += call.self_ns;
        node.count += call.count;
        if let Some(parent) = call.parent {
            let parent = of_frame[parent];
            match graph.find_edge(parent, index) {
                Some(edge) => graph[edge] += call.total_ns,
                None => {
                    graph.add_edge(parent, index, call.total_ns);
                }
            }
        }
    }
    graph
}

/// Drops what is small; what was dropped below a node that stays becomes one node beside it.
fn cut<'a>(full: &DiGraph<Node<'a>, u64>, options: &Options, all_ns: u64) -> DiGraph<Node<'a>, u64> {
    let enough = |ns: u64, share: f64| ns as f64 >= share * all_ns as f64;
    let mut ranked: Vec<NodeIndex> = full.node_indices().collect();
    ranked.sort_by_key(|index| (std::cmp::Reverse(full[*index].total_ns), *index));
    ranked.truncate(options.node_count_max);
    ranked.retain(|index| enough(full[*index].total_ns, options.node_share_min));
    let mut graph = DiGraph::new();
    let mut kept = HashMap::new();
    // In the order of the tree, which is the order of the picture.
    for (index, node) in full.node_references().filter(|(index, _)| ranked.contains(index)) {
        let Some(call) = node.call else { continue };
        let name = escape::shorten(&call.name, 44);
        let label = format!(
            "{name}\\n{} ({} %){}",
            units::duration(node.total_ns),
            units::percent(node.total_ns, all_ns),
            if node.self_ns == node.total_ns {
                String::new()
            } else {
                format!("\\nself {} %", units::percent(node.self_ns, all_ns))
            },
        );
        kept.insert(index, graph.add_node(Node { label, ..*node }));
    }
    for (from, from_kept) in ranked.iter().filter_map(|index| Some((*index, *kept.get(index)?))) {
        let (mut dropped_count, mut dropped_ns) = (0, 0);
        let mut edges: Vec<_> = full.edges(from).collect();
        edges.sort_by_key(|edge| edge.target());
        for edge in edges {
            match kept.get(&edge.target()) {
                Some(to) if enough(*edge.weight(), options.edge_share_min) => {
                    graph.add_edge(from_kept, *to, *edge.weight());
                }
                _ => (dropped_count, dropped_ns) = (dropped_count + 1, dropped_ns + edge.weight()),
            }
        }
        if enough(dropped_ns, options.node_share_min) {
            let label = format!("{dropped_count} more, cut");
            let more = graph.add_node(Node { call: None, label, total_ns: dropped_ns, self_ns: 0, count: 0 });
            graph.add_edge(from_kept, more, dropped_ns);
        }
    }
    graph
}
