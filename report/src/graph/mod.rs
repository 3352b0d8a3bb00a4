//! The call graph: who spends on whose behalf.
//!
//! Frames of the same name and place are one node, whatever they were reached from; a macro is one node wherever it is
//! referred to. Nodes are sized by what they spend themselves and coloured by their total. What is too small to show
//! is cut, and the picture says so.

pub mod dot;
pub mod mermaid;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::graph::{DiGraph, NodeIndex};
use profiler::Profile;
use profiler::model::{Call, CallKind, CallTree};

use crate::error::Error;
use crate::weight::Weight;
use crate::{escape, units};

/// What to draw, and what to cut.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub weight: Weight,
    /// Smallest share of the evaluation total that a node needs.
    pub node_share_min: f64,
    /// Smallest share that an edge needs.
    pub edge_share_min: f64,
    /// Most nodes to show; the costliest stay.
    pub node_count_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { weight: Weight::Time, node_share_min: 0.01, edge_share_min: 0.005, node_count_max: 50 }
    }
}

/// Frames of the same kind, name and place.
#[derive(Debug, Clone)]
struct Node<'a> {
    /// Any of its frames; the node of what was cut has none.
    call: Option<&'a Call>,
    /// Lines to show, not escaped.
    label: Vec<String>,
    total: u64,
    own: u64,
    count: u64,
}

#[derive(Debug, Default)]
struct Edge {
    total: u64,
    /// Some of it went through nodes that were cut.
    indirect: bool,
}

/// A graph that is small enough to look at.
struct Graph<'a> {
    nodes: DiGraph<Node<'a>, Edge>,
    /// Of all that is shown.
    all: u64,
    title: String,
}

impl Graph<'_> {
    fn share(&self, value: u64) -> f64 {
        value as f64 / self.all as f64
    }
}

/// Makes the graph of a tree, and hands it on.
fn with_graph(
    profile: &Profile,
    options: &Options,
    write: impl FnOnce(&Graph<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let tree = CallTree::of(profile, None);
    let all = options.weight.all(&tree)?;
    let (nodes, of_frame) = merged(&tree, options.weight);
    let title = format!(
        "Rule evaluation by {}: {} over {}, {} events. Size: self. Colour: total. Dashed: through what was cut.",
        options.weight.name(),
        options.weight.text(all),
        units::counted(profile.iterations.len() as u64, "replay"),
        units::count(profile.event_count(None)),
    );
    write(&Graph { nodes: cut(&tree, &nodes, &of_frame, options, all), all, title })
}

/// Merges frames into nodes; returns the nodes, in the order of the tree, and the node of each frame.
fn merged(tree: &CallTree, weight: Weight) -> (Vec<Node<'_>>, Vec<usize>) {
    let calls = tree.calls();
    let mut nodes: Vec<Node<'_>> = Vec::new();
    let mut by_key = HashMap::new();
    let mut of_frame: Vec<usize> = Vec::with_capacity(calls.len());
    for call in calls {
        // A macro is one thing wherever it is referred to.
        let location = if call.kind == CallKind::Macro { None } else { call.location.as_ref() };
        let key = (call.kind, &call.name, location);
        let index = *by_key.entry(key).or_insert_with(|| {
            nodes.push(Node { call: Some(call), label: Vec::new(), total: 0, own: 0, count: 0 });
            nodes.len() - 1
        });
        // A frame within a frame of the same node is part of it already.
        let nested = std::iter::successors(call.parent, |p| calls[*p].parent).any(|p| of_frame[p] == index);
        of_frame.push(index);
        let node = &mut nodes[index];
        node.total += if nested { 0 } else { weight.total(call) };
        node.own += weight.own(call);
        node.count += call.count;
    }
    (nodes, of_frame)
}

/// The graph without what is small. What passed through nodes that were cut is on an edge around them; what was cut
/// below a node becomes one node beside it.
fn cut<'a>(
    tree: &'a CallTree,
    nodes: &[Node<'a>],
    of_frame: &[usize],
    options: &Options,
    all: u64,
) -> DiGraph<Node<'a>, Edge> {
    let weight = options.weight;
    let enough = |value: u64, share: f64| value as f64 >= share * all as f64;
    let mut ranked: Vec<usize> = (0..nodes.len()).filter(|index| nodes[*index].total > 0).collect();
    ranked.sort_by_key(|index| (std::cmp::Reverse(nodes[*index].total), *index));
    ranked.truncate(options.node_count_max.max(1));
    ranked.retain(|index| enough(nodes[*index].total, options.node_share_min));
    ranked.sort_unstable();
    let mut graph = DiGraph::new();
    let mut kept = HashMap::new();
    for index in ranked {
        let node = &nodes[index];
        kept.insert(index, graph.add_node(Node { label: label(node, weight, all), ..node.clone() }));
    }
    let calls = tree.calls();
    let parents = |frame: usize| std::iter::successors(calls[frame].parent, |p| calls[*p].parent);
    let mut edges = BTreeMap::<(NodeIndex, NodeIndex), Edge>::new();
    let mut dropped = BTreeMap::<NodeIndex, (BTreeSet<usize>, u64)>::new();
    for (frame, call) in calls.iter().enumerate().filter(|(_, call)| weight.total(call) > 0) {
        let above = parents(frame).find_map(|p| Some((p, *kept.get(&of_frame[p])?)));
        let Some((parent, from)) = above else { continue };
        match kept.get(&of_frame[frame]) {
            Some(to) if *to != from => {
                let edge = edges.entry((from, *to)).or_default();
                edge.total += weight.total(call);
                edge.indirect |= call.parent != Some(parent);
            }
            Some(_) => {}
            None if call.parent == Some(parent) => {
                let dropped = dropped.entry(from).or_default();
                dropped.0.insert(of_frame[frame]);
                dropped.1 += weight.total(call);
            }
            None => {}
        }
    }
    for ((from, to), edge) in edges {
        if enough(edge.total, options.edge_share_min) {
            graph.add_edge(from, to, edge);
        }
    }
    for (from, (what, total)) in dropped {
        if enough(total, options.node_share_min) {
            let label = vec![format!("{} more, {} %", what.len(), units::percent(total, all))];
            let more = graph.add_node(Node { call: None, label, total, own: 0, count: 0 });
            graph.add_edge(from, more, Edge { total, indirect: true });
        }
    }
    graph
}

fn label(node: &Node<'_>, weight: Weight, all: u64) -> Vec<String> {
    let name = node.call.map_or("", |call| call.name.as_str());
    let mut label = vec![
        escape::shorten(name, 44).into_owned(),
        format!("{} ({} %)", weight.text(node.total), units::percent(node.total, all)),
    ];
    if node.own != node.total {
        label.push(format!("self {} %", units::percent(node.own, all)));
    }
    label
}
