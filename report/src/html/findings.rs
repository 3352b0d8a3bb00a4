//! What was not covered, and what was without effect.

use std::collections::BTreeMap;

use profiler::Profile;

use super::table::{Column, count, sortable, text};
use crate::findings::{FindingKind, find};
use crate::units;

pub fn write(profile: &Profile, out: &mut String) {
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
            text(out, &format!("{}:{}", location.file, location.line));
            out.push_str("</tr>\n");
        }
    });
}
