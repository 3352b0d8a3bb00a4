//! The call graph as Mermaid, which many sites draw where they show Markdown.

use std::io::Write;

use profiler::Profile;
use profiler::model::CallKind;

use super::{Graph, Options, with_graph};
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
    // Everything in a title but quotes and backslashes means itself, and it has neither.
    writeln!(out, "---\ntitle: \"{}\"\n---\nflowchart LR", graph.title)?;
    for index in graph.nodes.node_indices() {
        let (node, id) = (&graph.nodes[index], index.index());
        let label: Vec<String> = node.label.iter().map(|line| escape::mermaid(line)).collect();
        let label = label.join("<br/>");
        let Some(call) = node.call else {
            writeln!(out, "    n{id}[\"{label}\"]\n    style n{id} fill:none,stroke:none,color:#777777")?;
            continue;
        };
        let (open, close) = match call.kind {
            CallKind::Stage | CallKind::Source | CallKind::Event => ("([", "])"),
            CallKind::Field => ("[[", "]]"),
            _ => ("[", "]"),
        };
        writeln!(out, "    n{id}{open}\"{label}\"{close}")?;
        writeln!(
            out,
            "    style n{id} fill:{},stroke:{},stroke-width:2px,color:#222222,font-size:{:.0}px",
            palette::hex(palette::heat(graph.share(node.total))),
            palette::hex(palette::of(call).color),
            12.0 + 20.0 * graph.share(node.own).sqrt(),
        )?;
    }
    for edge in graph.nodes.edge_indices() {
        let Some((from, to)) = graph.nodes.edge_endpoints(edge) else { continue };
        let weight = &graph.nodes[edge];
        let share = graph.share(weight.total);
        let arrow = if weight.indirect { "-.->" } else { "-->" };
        let percent = escape::mermaid(&format!("{} %", units::percent(weight.total, graph.all)));
        writeln!(out, "    n{} {arrow}|\"{percent}\"| n{}", from.index(), to.index())?;
        let color = if share > 0.05 { "#b2563f" } else { "#8a8a8a" };
        let width = 1.0 + 5.0 * share.sqrt();
        writeln!(out, "    linkStyle {} stroke:{color},stroke-width:{width:.1}px", edge.index())?;
    }
    Ok(())
}
