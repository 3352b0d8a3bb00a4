//! Tables of what rules are made of and meet: parts of conditions, fields, event types.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use profiler::Profile;
use profiler::model::{EventOutcome, EventProfile, NodeKind, NodeProfile, RuleProfile};

use super::Source;
use super::code::place;
use super::table::{Column, cost, count, html, share, sortable, text, time};
use crate::units;

/// Most parts of conditions to show: stock rules have thousands, nearly all of which cost nothing.
const PARTS_MAX: usize = 400;

pub fn conditions(profile: &Profile, sources: &[Source<'_>], out: &mut String) {
    let nodes = profile.rules.iter().flat_map(|rule| rule.nodes.iter().map(move |node| (rule, node)));
    let wanted =
        |node: &NodeProfile| matches!(node.kind, NodeKind::Check | NodeKind::Macro | NodeKind::Exception);
    let mut nodes: Vec<(&RuleProfile, &NodeProfile)> =
        nodes.filter(|(_, node)| wanted(node) && node.evaluations > 0).collect();
    nodes.sort_by_key(|(_, node)| Reverse((node.cost, node.evaluations)));
    let hidden = nodes.split_off(nodes.len().min(PARTS_MAX)).len();
    out.push_str(
        "<p>Checks, macros and exceptions of each rule. Charged: who needs a value first pays for getting it. \
         Shared: all checks of the rule that use it pay the same part.",
    );
    if hidden > 0 {
        out.push_str(&format!(" {} cost less and are left out.", units::counted(hidden as u64, "more part")));
    }
    out.push_str("</p>");
    let columns = [
        Column::Text("part"),
        Column::Text("kind"),
        Column::Text("rule"),
        Column::Number("checked"),
        Column::Number("true"),
        Column::Number("true %"),
        Column::Sorted("cost charged"),
        Column::Number("% of rule"),
        Column::Number("cost shared"),
        Column::Text("where"),
    ];
    sortable(out, "parts", "parts, rules, files", &columns, |out| {
        for (rule, node) in nodes {
            out.push_str("<tr>");
            text(out, &node.text);
            text(out, node.kind.name());
            text(out, &rule.name);
            count(out, node.evaluations);
            count(out, node.hits);
            share(out, node.hits, node.evaluations);
            cost(out, node.cost);
            share(out, node.cost, rule.cost);
            cost(out, node.shared_cost);
            html(out, &place(sources, &node.location, true));
            out.push_str("</tr>\n");
        }
    });
}

pub fn fields(profile: &Profile, out: &mut String) {
    let columns = [
        Column::Text("field"),
        Column::Text("class"),
        Column::Number("uses"),
        Column::Number("extractions"),
        Column::Number("had a value"),
        Column::Sorted("cost"),
        Column::Number("%"),
    ];
    let mut fields: Vec<_> = profile.fields.iter().collect();
    fields.sort_by_key(|field| Reverse(field.cost));
    sortable(out, "fields", "fields", &columns, |out| {
        for field in fields {
            out.push_str("<tr>");
            text(out, &field.field);
            text(out, field.class.name());
            count(out, field.uses);
            count(out, field.extractions);
            count(out, field.values);
            cost(out, field.cost);
            share(out, field.cost, profile.cost());
            out.push_str("</tr>\n");
        }
    });
}

pub fn events(profile: &Profile, out: &mut String) {
    let mut by_type = BTreeMap::<&str, [Option<&EventProfile>; 3]>::new();
    for row in &profile.events {
        let outcome = EventOutcome::ALL.iter().position(|outcome| *outcome == row.outcome);
        by_type.entry(&row.event).or_default()[outcome.unwrap_or(0)] = Some(row);
    }
    let sum = |rows: &[Option<&EventProfile>; 3], of: fn(&EventProfile) -> u64| -> u64 {
        rows.iter().flatten().map(|row| of(row)).sum()
    };
    let mut types: Vec<_> = by_type.into_iter().collect();
    types.sort_by_key(|(_, rows)| {
        Reverse((sum(rows, |row| row.stages.evaluate_ns), sum(rows, |row| row.cost)))
    });
    let columns = [
        Column::Text("event type"),
        Column::Number("events"),
        Column::Number("not considered"),
        Column::Number("no match"),
        Column::Number("match"),
        Column::Sorted("evaluate"),
        Column::Number("for each event"),
        Column::Number("cost"),
        Column::Number("all stages"),
    ];
    let is_timed = profile.stages().sum_ns() > 0;
    sortable(out, "events", "event types", &columns, |out| {
        for (name, rows) in types {
            let events = sum(&rows, |row| row.count);
            let evaluate_ns = sum(&rows, |row| row.stages.evaluate_ns);
            out.push_str("<tr>");
            text(out, name);
            count(out, events);
            rows.iter().for_each(|row| count(out, row.map_or(0, |row| row.count)));
            time(out, is_timed.then_some(evaluate_ns));
            time(out, is_timed.then(|| evaluate_ns / events.max(1)));
            cost(out, sum(&rows, |row| row.cost));
            time(out, is_timed.then(|| sum(&rows, |row| row.stages.sum_ns())));
            out.push_str("</tr>\n");
        }
    });
}
