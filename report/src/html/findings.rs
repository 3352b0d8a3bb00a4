//! What was not covered, and what was without effect.

use std::collections::BTreeMap;

use profiler::Profile;
use profiler::model::Location;

use super::Source;
use super::code::place;
use super::table::{Column, count, html, sortable, text};
use crate::findings::{FindingKind, find};
use crate::units;

pub fn write(profile: &Profile, sources: &[Source<'_>], out: &mut String) {
    let findings = find(profile);
    out.push_str(
        "<p>Said of these events only: a rule that never matched may be waiting for its attacker. Macros that are \
         switched off with <code>evt.num=0</code> are left out.</p><ul>",
    );
    let mut kinds = BTreeMap::<FindingKind, u64>::new();
    findings.iter().for_each(|finding| *kinds.entry(finding.kind).or_default() += 1);
    for (kind, times) in kinds {
        out.push_str(&format!("<li>{}: {}", kind.name(), units::count(times)));
    }
    out.push_str("</ul>");
    let columns = [
        Column::Text("finding"),
        Column::Text("rule"),
        Column::Text("part"),
        Column::Number("checked"),
        Column::Text("where"),
    ];
    sortable(out, "findings", "findings, rules, parts", &columns, |out| {
        for finding in findings {
            let (part, location, evaluations) = match finding.node {
                Some(node) => (node.text.as_str(), &node.location, node.evaluations),
                None => ("", &finding.rule.location, finding.rule.evaluations),
            };
            out.push_str("<tr>");
            text(out, finding.kind.name());
            text(out, &finding.rule.name);
            text(out, part);
            count(out, evaluations);
            html(out, &place(sources, location, false));
            out.push_str("</tr>\n");
        }
    });
    items(profile, sources, out);
}

/// Items of lists that no value was, line by line of the rules files: lists are long.
fn items(profile: &Profile, sources: &[Source<'_>], out: &mut String) {
    let mut lines = BTreeMap::<(&str, u32), Line<'_>>::new();
    for item in profile.items.iter().filter(|item| item.evaluations > 0) {
        let at = (&*item.location.file, item.location.line);
        let line = lines.entry(at).or_insert_with(|| Line::at(&item.location));
        line.items += 1;
        line.evaluations = line.evaluations.max(item.evaluations);
        if item.hits == 0 {
            line.idle.push(&item.text);
        }
    }
    lines.retain(|_, line| !line.idle.is_empty());
    if lines.is_empty() {
        return;
    }
    out.push_str("<h3>Items of lists that no value was equal to</h3>");
    let columns = [
        Column::Text("items"),
        Column::Number("never found"),
        Column::Number("of"),
        Column::Number("looked up"),
        Column::Text("where"),
    ];
    sortable(out, "items", "items, files", &columns, |out| {
        for line in lines.into_values() {
            out.push_str("<tr>");
            text(out, &line.idle.join(", "));
            count(out, line.idle.len() as u64);
            count(out, line.items);
            count(out, line.evaluations);
            html(out, &place(sources, line.location, false));
            out.push_str("</tr>\n");
        }
    });
}

/// Items in one line.
struct Line<'a> {
    location: &'a Location,
    idle: Vec<&'a str>,
    items: u64,
    /// Of the item that was looked for most often.
    evaluations: u64,
}

impl<'a> Line<'a> {
    fn at(location: &'a Location) -> Self {
        Line { location, idle: Vec::new(), items: 0, evaluations: 0 }
    }
}
