//! The table of rules.

use std::cmp::Reverse;

use profiler::Profile;
use profiler::model::RuleProfile;

use super::Source;
use super::code::place;
use super::table::{Column, cost, count, number, share, sortable, time};
use crate::{escape, units};

const COLUMNS: [Column; 19] = [
    Column::Text("rule"),
    Column::Number("checks"),
    Column::Number("matches"),
    Column::Number("hit %"),
    Column::Number("shadowed"),
    Column::Number("cost"),
    Column::Number("%"),
    Column::Sorted("time"),
    Column::Number("%"),
    Column::Number("± %"),
    Column::Number("mean"),
    Column::Number("matched"),
    Column::Number("not matched"),
    Column::Number("min"),
    Column::Number("p50"),
    Column::Number("p90"),
    Column::Number("p99"),
    Column::Number("p99.9"),
    Column::Number("max"),
];

pub fn write(profile: &Profile, sources: &[Source<'_>], out: &mut String) {
    out.push_str(
        "<p>± is half of the 95 % interval over replays, as a share of the mean; times in italics are noise to more \
         than a tenth. Shadowed: events that a match of a rule before it took.</p>",
    );
    sortable(out, "rules", "rules, tags, files", &COLUMNS, |out| {
        let mut rules: Vec<_> = profile.rules.iter().collect();
        rules.sort_by_key(|rule| Reverse((rule.enabled, rule.total_ns(), rule.cost, rule.evaluations)));
        let largest_ns = rules.iter().map(|rule| rule.total_ns()).max().unwrap_or(0).max(1);
        rules.iter().for_each(|rule| row(profile, sources, rule, largest_ns, out));
    });
}

fn row(profile: &Profile, sources: &[Source<'_>], rule: &RuleProfile, largest_ns: u64, out: &mut String) {
    let latency = rule.latency();
    out.push_str(&format!(
        "<tr{}><td class=\"text\">{}{}<small>{} {}</small>",
        if rule.evaluations == 0 { " class=\"idle\"" } else { "" },
        escape::xml(&rule.name),
        if rule.enabled { "" } else { " (disabled)" },
        place(sources, &rule.location, false),
        escape::xml(&rule.tags.join(" "))
    ));
    count(out, rule.evaluations);
    count(out, rule.matches);
    share(out, rule.matches, rule.evaluations);
    count(out, rule.shadowed);
    cost(out, rule.cost);
    share(out, rule.cost, profile.cost());
    let timed = latency.count > 0;
    let width = 60 * latency.total_ns / largest_ns;
    let total = if timed { units::duration(latency.total_ns) } else { "-".to_owned() };
    out.push_str(&format!(
        "<td data-sort=\"{}\"{}><span class=\"bar\" style=\"width:{width}px\"></span>{}",
        latency.total_ns,
        if rule.interval.is_some_and(|interval| interval.noisy) { " class=\"noisy\"" } else { "" },
        escape::xml(&total)
    ));
    share(out, latency.total_ns, profile.stages().evaluate_ns);
    match rule.interval.filter(|_| timed).map(|interval| 100.0 * interval.relative_error()) {
        Some(percent) => number(out, percent, &format!("{percent:.1}")),
        None => number(out, -1.0, "-"),
    }
    for mean in [rule.mean_ns(), rule.matched_mean_ns(), rule.not_matched_mean_ns()] {
        time(out, mean.map(|ns| ns.round() as u64));
    }
    time(out, timed.then_some(latency.min_ns));
    for quantile in [0.5, 0.9, 0.99, 0.999] {
        time(out, latency.quantile_ns(quantile));
    }
    time(out, timed.then_some(latency.max_ns));
    out.push_str("</tr>\n");
}
