//! The table of what leaving rules out saves.

use profiler::Profile;

use super::Source;
use super::code::place;
use super::table::{Column, count, number, sortable, time};
use crate::escape;
use crate::text::savings::{error, profiled_ns, rows, signed};

const COLUMNS: [Column; 7] = [
    Column::Text("rule"),
    Column::Sorted("saved"),
    Column::Number("± %"),
    Column::Number("from"),
    Column::Number("to"),
    Column::Number("rounds"),
    Column::Number("by the profile"),
];

/// Whether there is anything to show.
pub fn is_known(profile: &Profile) -> bool {
    profile.rules.iter().any(|rule| rule.saving.is_some())
}

pub fn write(profile: &Profile, sources: &[Source<'_>], out: &mut String) {
    out.push_str(
        "<p>By how much one replay is shorter without the rule: processor time of replays in which nothing was timed, all \
         rules and all but one in turn. ± is half of the 95 % interval (from, to), as a share of what is saved; in italics \
         where that is more than 15 %. The profile says something else where a rule brings into the cache what others need, \
         or where its work goes on past its end.</p>",
    );
    sortable(out, "savings", "rules, files", &COLUMNS, |out| {
        for (rule, saving) in rows(profile) {
            out.push_str(&format!(
                "<tr><td class=\"text\">{}<small>{}</small>",
                escape::xml(&rule.name),
                place(sources, &rule.location, false)
            ));
            out.push_str(&format!(
                "<td data-sort=\"{}\"{}>{}",
                saving.saved_ns,
                if saving.noisy { " class=\"noisy\"" } else { "" },
                escape::xml(&signed(saving.saved_ns))
            ));
            number(out, saving.error(), error(saving).trim_end_matches(['!', ' ']));
            number(out, saving.low_ns as f64, &signed(saving.low_ns));
            number(out, saving.high_ns as f64, &signed(saving.high_ns));
            count(out, saving.rounds_ns.len() as u64);
            time(out, profiled_ns(profile, rule));
            out.push_str("</tr>\n");
        }
    });
}
