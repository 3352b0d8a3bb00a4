//! Two profiles side by side: which rules became dearer or cheaper.
//!
//! Compared is what a rule takes in one replay. A change counts if it is larger than a threshold and larger than
//! what replays of the same profile differ by.

use std::collections::BTreeMap;
use std::io::Write;

use profiler::Profile;

use crate::error::Error;
use crate::{escape, units};

/// Which changes count.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Smallest relative change.
    pub threshold: f64,
    /// Smallest share of the evaluation in either profile.
    pub share_min: f64,
}

/// How a rule changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    Slower,
    Faster,
    Added,
    Removed,
}

/// One rule, or all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: String,
    /// Means over replays; `None` where the rule does not exist.
    pub baseline: Option<PerReplay>,
    pub candidate: Option<PerReplay>,
    pub verdict: Verdict,
}

/// What a rule takes in one replay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerReplay {
    pub evaluations: f64,
    pub matches: f64,
    pub mean_ns: f64,
    /// Standard error of the mean.
    pub error_ns: f64,
}

/// The comparison; the first row is the sum of all rules, the others are sorted by change.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    pub rows: Vec<Row>,
}

impl Diff {
    /// Whether anything became slower.
    pub fn is_regression(&self) -> bool {
        self.rows.iter().any(|row| row.verdict == Verdict::Slower)
    }
}

/// Compares rules by name.
pub fn compare(baseline: &Profile, candidate: &Profile, options: &Options) -> Diff {
    let (left, right) = (per_replay(baseline), per_replay(candidate));
    let (left_all, right_all) = (sum(baseline), sum(candidate));
    let mut names: Vec<&str> = left.keys().chain(right.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let mut rows: Vec<Row> = names
        .into_iter()
        .map(|name| {
            let (baseline, candidate) = (left.get(name).copied(), right.get(name).copied());
            let verdict = match (baseline, candidate) {
                (Some(a), Some(b)) => {
                    let matters = a.mean_ns >= options.share_min * left_all.mean_ns
                        || b.mean_ns >= options.share_min * right_all.mean_ns;
                    if matters { judge(a, b, options.threshold) } else { Verdict::Same }
                }
                (None, _) => Verdict::Added,
                (_, None) => Verdict::Removed,
            };
            Row { name: name.to_owned(), baseline, candidate, verdict }
        })
        .collect();
    let change = |row: &Row| {
        let ns = |side: Option<PerReplay>| side.map_or(0.0, |side| side.mean_ns);
        ns(row.candidate) - ns(row.baseline)
    };
    rows.sort_by(|a, b| change(b).total_cmp(&change(a)));
    let all = Row {
        name: "all rules".to_owned(),
        baseline: Some(left_all),
        candidate: Some(right_all),
        verdict: judge(left_all, right_all, options.threshold),
    };
    rows.insert(0, all);
    Diff { rows }
}

fn judge(a: PerReplay, b: PerReplay, threshold: f64) -> Verdict {
    let change = b.mean_ns - a.mean_ns;
    let noise = 3.0 * a.error_ns.hypot(b.error_ns);
    if change.abs() <= noise || change.abs() <= threshold * a.mean_ns {
        Verdict::Same
    } else if change > 0.0 {
        Verdict::Slower
    } else {
        Verdict::Faster
    }
}

fn per_replay(profile: &Profile) -> BTreeMap<&str, PerReplay> {
    let column = |rule: usize| {
        let times = profile.iterations.iter().filter_map(move |i| i.rules.total_ns.get(rule).copied());
        mean_and_error(times.map(|ns| ns as f64).collect())
    };
    let replays = profile.iterations.len().max(1) as f64;
    let rules = profile.rules.iter().enumerate().map(|(index, rule)| {
        let (mean_ns, error_ns) = column(index);
        let (evaluations, matches) = (rule.evaluations as f64 / replays, rule.matches as f64 / replays);
        (rule.name.as_str(), PerReplay { evaluations, matches, mean_ns, error_ns })
    });
    rules.collect()
}

fn sum(profile: &Profile) -> PerReplay {
    let replays = profile.iterations.len().max(1) as f64;
    let times = profile.iterations.iter().map(|i| i.rules.total_ns.iter().sum::<u64>() as f64);
    let (mean_ns, error_ns) = mean_and_error(times.collect());
    PerReplay {
        evaluations: profile.rules.iter().map(|rule| rule.evaluations).sum::<u64>() as f64 / replays,
        matches: profile.rules.iter().map(|rule| rule.matches).sum::<u64>() as f64 / replays,
        mean_ns,
        error_ns,
    }
}

/// With a single value nothing is known of the error, and it is taken to be 0.
fn mean_and_error(values: Vec<f64>) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return (mean, 0.0);
    }
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// Writes the rules that changed, and the sum.
///
/// # Errors
/// `out` fails.
pub fn write(diff: &Diff, color: bool, mut out: impl Write) -> Result<(), Error> {
    writeln!(out, "Means of one replay, baseline to candidate; ± is the standard error.")?;
    for (index, row) in diff.rows.iter().enumerate() {
        if index > 0 && row.verdict == Verdict::Same {
            continue;
        }
        let (word, start) = match row.verdict {
            Verdict::Same => ("same", ""),
            Verdict::Slower => ("slower", "\x1b[31m"),
            Verdict::Faster => ("faster", "\x1b[32m"),
            Verdict::Added => ("added", "\x1b[33m"),
            Verdict::Removed => ("removed", "\x1b[33m"),
        };
        let (start, end) = if color && !start.is_empty() { (start, "\x1b[0m") } else { ("", "") };
        let (a, b) = (row.baseline.unwrap_or_default(), row.candidate.unwrap_or_default());
        let percent = match a.mean_ns > 0.0 {
            true => format!("{:+.1} %", 100.0 * (b.mean_ns - a.mean_ns) / a.mean_ns),
            false => "-".to_owned(),
        };
        writeln!(
            out,
            "{start}{word:8}{end}{percent:>10}  {:>10} ±{:<10} {:>10} ±{:<10} {:>9} -> {:<9} checks  {}",
            time(a.mean_ns),
            time(a.error_ns),
            time(b.mean_ns),
            time(b.error_ns),
            units::count(a.evaluations.round() as u64),
            units::count(b.evaluations.round() as u64),
            escape::plain(&row.name),
        )?;
    }
    let same = diff.rows.iter().skip(1).filter(|row| row.verdict == Verdict::Same).count();
    writeln!(out, "{} did not change.", units::counted(same as u64, "rule"))?;
    Ok(())
}

fn time(ns: f64) -> String {
    units::duration(ns.round() as u64)
}
