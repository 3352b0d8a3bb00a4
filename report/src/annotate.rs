//! Rules files with what each line costs beside it.
//!
//! A line is charged for what is written on it: checks with the fields they extract, and what remains of macros,
//! exceptions and rules without the parts written elsewhere. So the lines of all files add up to the time in rules.

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
    /// Evaluations of the checks that begin on the line.
    pub evaluations: u64,
    pub hits: u64,
}

/// Costs of the lines of a file, by line number from 1.
pub fn lines(profile: &Profile, file: &str) -> BTreeMap<u32, LineCost> {
    let mut lines = BTreeMap::<u32, LineCost>::new();
    let tree = CallTree::of(profile, None);
    for call in tree.calls().iter().filter(|call| call.self_ns > 0) {
        // Fields are written nowhere but in the check that asks for them.
        let place = match call.kind {
            CallKind::Field => call.parent.and_then(|parent| tree.calls()[parent].location.as_ref()),
            _ => call.location.as_ref(),
        };
        if let Some(place) = place.filter(|place| place.file == file) {
            lines.entry(place.line).or_default().total_ns += call.self_ns;
        }
    }
    for node in profile.rules.iter().flat_map(|rule| &rule.nodes) {
        if node.kind == NodeKind::Check && node.location.file == file {
            let line = lines.entry(node.location.line).or_default();
            line.evaluations += node.evaluations;
            line.hits += node.hits;
        }
    }
    lines
}

/// Numbers of a line as shown: time, share of evaluation, evaluations, how many of them were true. Nothing for lines
/// that are no condition; a dash for what was never evaluated.
pub(crate) fn cells(cost: Option<&LineCost>, all_ns: u64) -> [String; 4] {
    let Some(cost) = cost else { return Default::default() };
    let dash = || "-".to_owned();
    let timed = cost.total_ns > 0;
    [
        if timed { units::duration(cost.total_ns) } else { dash() },
        if timed { units::percent(cost.total_ns, all_ns) } else { dash() },
        if cost.evaluations > 0 { units::count(cost.evaluations) } else { dash() },
        if cost.evaluations > 0 { units::percent(cost.hits, cost.evaluations) } else { dash() },
    ]
}

/// Share of the evaluation from which on a line is worth looking at.
pub(crate) const WARM_SHARE: f64 = 0.01;
/// Share from which on it is worth working on.
pub(crate) const HOT_SHARE: f64 = 0.05;

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
    let sum: u64 = costs.values().map(|cost| cost.total_ns).sum();
    writeln!(out, "{}: {} of {}", escape::plain(file), units::duration(sum), units::duration(all_ns))?;
    writeln!(out, "{:>10} {:>6} {:>11} {:>6}", "time", "%", "evaluated", "true %")?;
    for (number, line) in (1..).zip(text.lines()) {
        let cost = costs.get(&number);
        let [time, share, evaluations, hits] = cells(cost, all_ns);
        let gutter = format!("{time:>10} {share:>6} {evaluations:>11} {hits:>6}");
        let share = cost.map_or(0.0, |cost| cost.total_ns as f64 / all_ns.max(1) as f64);
        let (start, end) = match share {
            _ if !color => ("", ""),
            s if s >= HOT_SHARE => ("\x1b[31m", "\x1b[0m"),
            s if s >= WARM_SHARE => ("\x1b[33m", "\x1b[0m"),
            _ => ("\x1b[2m", "\x1b[0m"),
        };
        let line = line.replace('\t', "    ");
        writeln!(out, "{start}{gutter}{end} {number:>5} | {}", escape::plain(&line))?;
    }
    Ok(())
}
