//! The call graph as DOT, for graphviz.

use std::io::Write;

use petgraph::dot::{Config, Dot};
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use profiler::Profile;
use profiler::model::{Call, CallKind};

use super::{Edge, Graph, Node, Options, with_graph};
use crate::error::Error;
use crate::{escape, palette, units};

/// Writes the graph.
///
/// # Errors
/// There is nothing to show, or `out` fails.
pub fn write(profile: &Profile, options: &Options, mut out: impl Write) -> Result<(), Error> {
    with_graph(profile, options, |graph| Ok(write_graph(graph, &mut out)?))
}

fn write_graph(graph: &Graph<'_>, out: &mut impl Write) -> std::io::Result<()> {
    let edge_look = |_: &DiGraph<Node<'_>, Edge>, edge: EdgeReference<'_, Edge>| {
        let Edge { total, indirect } = *edge.weight();
        let share = graph.share(total);
        format!(
            "label=\" {} %\",fontsize=10,penwidth={:.1},color=\"{}\"{}",
            units::percent(total, graph.all),
            0.6 + 5.0 * share.sqrt(),
            if share > 0.05 { "#b2563f" } else { "#8a8a8a" },
            if indirect { ",style=dashed" } else { "" },
        )
    };
    let node_look = |_: &DiGraph<Node<'_>, Edge>, (_, node): (NodeIndex, &Node<'_>)| {
        let label: Vec<String> = node.label.iter().map(|line| escape::dot(line)).collect();
        let label = label.join("\\n");
        let Some(call) = node.call else {
            return format!("label=\"{label}\",shape=plaintext,fontcolor=\"#666666\",fontsize=10");
        };
        let shape = match call.kind {
            CallKind::Stage | CallKind::Source | CallKind::Event => "ellipse",
            CallKind::Field => "component",
            _ => "box",
        };
        format!(
            "label=\"{label}\",shape={shape},style=filled,fillcolor=\"{}\",color=\"{}\",penwidth=2,fontsize={:.0},tooltip=\"{}\"",
            palette::hex(palette::heat(graph.share(node.total))),
            palette::hex(palette::of(call).color),
            9.0 + 22.0 * graph.share(node.own).sqrt(),
            escape::dot(&tooltip(node, call)),
        )
    };
    let config = [Config::NodeNoLabel, Config::EdgeNoLabel, Config::GraphContentOnly];
    let dot = Dot::with_attr_getters(&graph.nodes, &config, &edge_look, &node_look);
    writeln!(out, "digraph lanner {{")?;
    writeln!(
        out,
        "    graph [rankdir=LR, fontname=\"Helvetica\", labelloc=t, label=\"{}\", nodesep=0.15, ranksep=0.6]",
        escape::dot(&graph.title),
    )?;
    writeln!(out, "    node [fontname=\"Helvetica\", margin=\"0.08,0.04\"]")?;
    writeln!(out, "    edge [fontname=\"Helvetica\", arrowsize=0.6]")?;
    write!(out, "{dot:?}")?;
    writeln!(out, "}}")
}

fn tooltip(node: &Node<'_>, call: &Call) -> String {
    let place = call.location.as_ref().map(|l| format!(", {}:{}", l.file, l.line)).unwrap_or_default();
    format!("{} {}: {} times{place}", call.kind.name(), call.name, units::count(node.count))
}
