//! The rule table.

use std::cmp::Reverse;
use std::io::Write;

use profiler::Profile;
use profiler::model::{Latency, RuleProfile};

use super::Options;
use super::columns::{Columns, Look};
use crate::error::Error;
use crate::{escape, units};

/// Which rules come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most time in all.
    #[default]
    Total,
    /// Most cost units.
    Cost,
    /// Most evaluations.
    Checks,
    /// Most matches.
    Matches,
    /// Most time for one evaluation.
    Mean,
    /// Largest 99th percentile.
    P99,
    /// Longest evaluation.
    Max,
    /// By name.
    Name,
    /// As in the rules files.
    Order,
}

/// A rule with everything it is shown and sorted by.
struct Row<'a> {
    rule: &'a RuleProfile,
    latency: Latency,
}

pub fn write(profile: &Profile, options: &Options, out: &mut impl Write) -> Result<(), Error> {
    let rows = sorted(profile, options.sort);
    let shown = options.rules_max.unwrap_or(rows.len()).min(rows.len());
    let (shown, hidden) = rows.split_at(shown);
    let all = All { ns: profile.stages().evaluate_ns, cost: profile.cost() };
    let mut columns = Columns::new(false);
    columns.push(Look::Strong, heading(options));
    for row in shown {
        columns.push(look(row, all), cells(row, all, options));
    }
    let sum = |name: String, rows: &[Row<'_>], ns: u64| {
        let total = |of: fn(&Row<'_>) -> u64| rows.iter().map(of).sum::<u64>();
        let cost = total(|row| row.rule.cost);
        let mut cells = vec![
            units::count(total(|row| row.rule.evaluations)),
            units::count(total(|row| row.rule.matches)),
            units::cost(cost),
            units::percent(cost, all.cost),
            if all.ns > 0 { units::duration(ns) } else { "-".to_owned() },
            if all.ns > 0 { units::percent(ns, all.ns) } else { "-".to_owned() },
        ];
        cells.resize(heading(options).len() - 1, String::new());
        cells.push(name);
        cells
    };
    if !hidden.is_empty() {
        let name = format!("({})", units::counted(hidden.len() as u64, "more rule"));
        let ns = hidden.iter().map(|row| row.latency.total_ns).sum();
        columns.push(Look::Weak, sum(name, hidden, ns));
    }
    if all.ns > 0 {
        let mut engine = sum("outside of rules".to_owned(), &[], profile.engine_ns());
        engine[..4].fill(String::new());
        columns.push(Look::Normal, engine);
    }
    columns.push(Look::Strong, sum("evaluate".to_owned(), &rows, all.ns));
    columns.write(options.color, out)?;
    if profile.rules.iter().any(|rule| rule.interval.is_some_and(|interval| interval.noisy)) {
        writeln!(
            out,
            "\n! The time is noise to more than a tenth (± %: 95 % interval); cost units are exact."
        )?;
    }
    let never = rows.iter().filter(|row| row.rule.enabled && row.rule.evaluations == 0).count();
    let disabled = rows.iter().filter(|row| !row.rule.enabled).count();
    if never + disabled > 0 {
        writeln!(out)?;
    }
    if never > 0 {
        let was = if never == 1 { "was" } else { "were" };
        let rules = units::counted(never as u64, "rule");
        writeln!(out, "{rules} {was} never checked: no event of their types came up.")?;
    }
    if disabled > 0 {
        let is = if disabled == 1 { "is" } else { "are" };
        writeln!(out, "{} {is} disabled.", units::counted(disabled as u64, "rule"))?;
    }
    Ok(())
}

fn sorted(profile: &Profile, sort: Sort) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> =
        profile.rules.iter().map(|rule| Row { rule, latency: rule.latency() }).collect();
    let total = |row: &Row<'_>| Reverse(row.latency.total_ns);
    match sort {
        Sort::Total => {
            rows.sort_by_key(|row| (total(row), Reverse(row.rule.cost), Reverse(row.rule.evaluations)))
        }
        Sort::Cost => rows.sort_by_key(|row| (Reverse(row.rule.cost), total(row))),
        Sort::Checks => rows.sort_by_key(|row| (Reverse(row.rule.evaluations), total(row))),
        Sort::Matches => rows.sort_by_key(|row| (Reverse(row.rule.matches), total(row))),
        Sort::Mean => {
            let mean = |row: &Row<'_>| row.rule.mean_ns().unwrap_or(0.0);
            rows.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
        }
        Sort::P99 => rows.sort_by_key(|row| Reverse(row.latency.quantile_ns(0.99))),
        Sort::Max => rows.sort_by_key(|row| Reverse(row.latency.max_ns)),
        Sort::Name => rows.sort_by_key(|row| &row.rule.name),
        Sort::Order => {}
    }
    // Rules that cost nothing because they are switched off are of least interest.
    if sort != Sort::Order && sort != Sort::Name {
        rows.sort_by_key(|row| !row.rule.enabled);
    }
    rows
}

/// How much of everything a rule makes up, by whatever there is.
fn look(row: &Row<'_>, all: All) -> Look {
    let (part, whole) = if all.ns > 0 { (row.latency.total_ns, all.ns) } else { (row.rule.cost, all.cost) };
    match part {
        _ if row.rule.evaluations == 0 => Look::Weak,
        part if part > whole / 10 => Look::Hot,
        part if part > whole / 33 => Look::Warm,
        _ => Look::Normal,
    }
}

/// What shares are of.
#[derive(Clone, Copy)]
struct All {
    ns: u64,
    cost: u64,
}

fn heading(options: &Options) -> Vec<String> {
    let mut cells = vec!["checks", "matches", "cost", "%", "time", "%", "± %", "ns/check"];
    if options.wide {
        cells.extend(["hit %", "matched", "not matched", "min"]);
    }
    cells.push("p50");
    if options.wide {
        cells.push("p90");
    }
    cells.extend(["p99", "max", "rule"]);
    cells.into_iter().map(str::to_owned).collect()
}

fn cells(row: &Row<'_>, all: All, options: &Options) -> Vec<String> {
    let Row { rule, latency } = row;
    let dash = || "-".to_owned();
    let mean = |ns: Option<f64>| ns.map_or_else(dash, units::nanoseconds);
    let quantile = |q| latency.quantile_ns(q).map_or_else(dash, units::duration);
    let mut cells = vec![units::count(rule.evaluations), units::count(rule.matches)];
    if rule.cost == 0 {
        cells.extend([dash(), dash()]);
    } else {
        cells.extend([units::cost(rule.cost), units::percent(rule.cost, all.cost)]);
    }
    if latency.count == 0 {
        cells.extend([dash(), dash()]);
    } else {
        cells.extend([units::duration(latency.total_ns), units::percent(latency.total_ns, all.ns)]);
    }
    cells.push(rule.interval.filter(|_| latency.count > 0).map_or_else(dash, |interval| {
        format!("{:.1}{}", 100.0 * interval.relative_error(), if interval.noisy { "!" } else { " " })
    }));
    cells.push(mean(rule.mean_ns()));
    if options.wide {
        cells.push(rule.hit_rate().map_or_else(dash, |_| units::percent(rule.matches, rule.evaluations)));
        cells.push(mean(rule.matched_mean_ns()));
        cells.push(mean(rule.not_matched_mean_ns()));
        cells.push(if latency.count == 0 { dash() } else { units::duration(latency.min_ns) });
    }
    cells.push(quantile(0.5));
    if options.wide {
        cells.push(quantile(0.9));
    }
    cells.push(quantile(0.99));
    cells.push(if latency.count == 0 { dash() } else { units::duration(latency.max_ns) });
    let name = escape::plain(&rule.name);
    cells.push(if rule.enabled { name.into_owned() } else { format!("{name} (disabled)") });
    cells
}
