//! Rules files with what each line costs beside it.
//!
//! A line is charged for what is written on it: checks with the fields they extract, and what remains of macros,
//! exceptions and rules without the parts written elsewhere. So the lines of all files add up to the time and the cost
//! of rules. Lines of a macro are charged by all rules that refer to it, lines of a list by none: who looks something
//! up in a list pays for it.

use std::collections::BTreeMap;
use std::io::Write;

use profiler::Profile;
use profiler::model::{CallKind, CallTree, NodeKind};

use crate::error::Error;
use crate::{escape, units};

/// What one line costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCost {
    pub total_ns: u64,
    pub cost: u64,
    /// Evaluations of the rules and checks that begin on the line.
    pub evaluations: u64,
    /// How many of them were true.
    pub hits: u64,
}

/// Costs of the lines of a file, by line number from 1.
pub fn lines(profile: &Profile, file: &str) -> BTreeMap<u32, LineCost> {
    let mut lines = BTreeMap::<u32, LineCost>::new();
    let tree = CallTree::of(profile, None);
    for call in tree.calls().iter().filter(|call| call.self_ns > 0 || call.self_cost > 0) {
        // Fields are written nowhere but in the check that asks for them.
        let place = match call.kind {
            CallKind::Field => call.parent.and_then(|parent| tree.calls()[parent].location.as_ref()),
            _ => call.location.as_ref(),
        };
        if let Some(place) = place.filter(|place| place.file == file) {
            let line = lines.entry(place.line).or_default();
            line.total_ns += call.self_ns;
            line.cost += call.self_cost;
        }
    }
    let mut count = |line: u32, evaluations: u64, hits: u64| {
        let line = lines.entry(line).or_default();
        line.evaluations += evaluations;
        line.hits += hits;
    };
    for rule in &profile.rules {
        if rule.enabled && rule.location.file == file {
            count(rule.location.line, rule.evaluations, rule.matches);
        }
        for node in
            rule.nodes.iter().filter(|node| node.kind == NodeKind::Check && node.location.file == file)
        {
            count(node.location.line, node.evaluations, node.hits);
        }
    }
    lines
}

/// Headings of [`cells`].
pub(crate) const HEADING: [&str; 6] = ["time", "%", "cost", "checked", "true", "true %"];

/// Numbers of a line as shown. Nothing for lines that are no condition; a dash for what was never evaluated.
pub(crate) fn cells(cost: Option<&LineCost>, all_ns: u64) -> [String; 6] {
    let Some(line) = cost else { return Default::default() };
    let or_dash = |is_there: bool, text: String| if is_there { text } else { "-".to_owned() };
    let (timed, checked) = (line.total_ns > 0, line.evaluations > 0);
    [
        or_dash(timed, units::duration(line.total_ns)),
        or_dash(timed, units::percent(line.total_ns, all_ns)),
        or_dash(line.cost > 0, units::cost(line.cost)),
        or_dash(checked, units::count(line.evaluations)),
        or_dash(checked, units::count(line.hits)),
        or_dash(checked, units::percent(line.hits, line.evaluations)),
    ]
}

/// How much of everything a line makes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heat {
    Cold,
    /// Worth looking at.
    Warm,
    /// Worth working on.
    Hot,
}

/// By time, or by cost if nothing was timed.
pub(crate) fn heat(profile: &Profile, cost: Option<&LineCost>) -> Heat {
    let all_ns = profile.stages().evaluate_ns;
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    let share = cost.map_or(0.0, |line| match all_ns {
        0 => share(line.cost, profile.cost()),
        _ => share(line.total_ns, all_ns),
    });
    match share {
        s if s >= 0.05 => Heat::Hot,
        s if s >= 0.01 => Heat::Warm,
        _ => Heat::Cold,
    }
}

/// Writes a file with costs in the gutter.
///
/// # Errors
/// `out` fails.
pub fn write(
    profile: &Profile,
    file: &str,
    text: &str,
    color: bool,
    mut out: impl Write,
) -> Result<(), Error> {
    let all_ns = profile.stages().evaluate_ns;
    let costs = lines(profile, file);
    let sum_ns: u64 = costs.values().map(|line| line.total_ns).sum();
    let sum_cost: u64 = costs.values().map(|line| line.cost).sum();
    writeln!(
        out,
        "{}: {} of {}, {} of {} cost units",
        escape::plain(file),
        units::duration(sum_ns),
        units::duration(all_ns),
        units::cost(sum_cost),
        units::cost(profile.cost()),
    )?;
    let gutter = |[time, share, cost, checked, hits, rate]: [String; 6]| {
        format!("{time:>10} {share:>5} {cost:>9} {checked:>11} {hits:>11} {rate:>6}")
    };
    writeln!(out, "{}", gutter(HEADING.map(str::to_owned)))?;
    for (number, line) in (1..).zip(text.lines()) {
        let cost = costs.get(&number);
        let (start, end) = match heat(profile, cost) {
            _ if !color => ("", ""),
            Heat::Hot => ("\x1b[31m", "\x1b[0m"),
            Heat::Warm => ("\x1b[33m", "\x1b[0m"),
            Heat::Cold => ("\x1b[2m", "\x1b[0m"),
        };
        let gutter = gutter(cells(cost, all_ns));
        let line = line.replace('\t', "    ");
        writeln!(out, "{start}{gutter}{end} {number:>5} | {}", escape::plain(&line))?;
    }
    Ok(())
}
