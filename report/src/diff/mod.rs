//! Two profiles side by side: which rules became dearer or cheaper.
//!
//! Compared is what a rule costs in one replay. Cost units are exact, so every change of theirs is one of the rules or
//! of the capture; a change of time counts only if it is larger than what replays of the same profile differ by. Either
//! has to be larger than a threshold too.

mod json;
mod markdown;
mod text;

use std::collections::BTreeMap;

use profiler::Profile;
use profiler::model::RuleProfile;

use crate::weight::Weight;

pub use json::write as write_json;
pub use markdown::write as write_markdown;
pub use text::write as write_text;

/// Which changes count.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What verdicts are about; cost units if both profiles have them, of the same model.
    pub by: Option<Weight>,
    /// Smallest relative change.
    pub threshold: f64,
    /// Smallest share of the evaluation in either profile.
    pub share_min: f64,
}

/// How a rule changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    Dearer,
    Cheaper,
    Added,
    Removed,
}

impl Verdict {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Dearer => "dearer",
            Verdict::Cheaper => "cheaper",
            Verdict::Added => "added",
            Verdict::Removed => "removed",
        }
    }
}

/// One rule, or all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: String,
    /// Means over replays; `None` where the rule does not exist.
    pub baseline: Option<PerReplay>,
    pub candidate: Option<PerReplay>,
    /// By what the comparison is by.
    pub verdict: Verdict,
    /// By time; an advice if the comparison is by cost units.
    pub time_verdict: Verdict,
}

impl Row {
    /// What it takes more, relative to the baseline.
    pub fn change(&self, by: Weight) -> Option<f64> {
        let (a, b) = (self.baseline?.value(by), self.candidate?.value(by));
        (a > 0.0).then(|| (b - a) / a)
    }
}

/// What a rule takes in one replay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerReplay {
    pub evaluations: f64,
    pub matches: f64,
    pub cost: f64,
    pub mean_ns: f64,
    /// Standard error of the mean.
    pub error_ns: f64,
}

impl PerReplay {
    fn value(&self, by: Weight) -> f64 {
        match by {
            Weight::Time => self.mean_ns,
            Weight::Cost => self.cost,
        }
    }
}

/// The comparison; the first row is the sum of all rules, the others are sorted by change.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    pub by: Weight,
    pub rows: Vec<Row>,
    /// Why the numbers may not be comparable.
    pub warnings: Vec<String>,
}

impl Diff {
    /// Whether anything became dearer.
    pub fn is_regression(&self) -> bool {
        self.rows.iter().any(|row| row.verdict == Verdict::Dearer)
    }

    /// Rules that changed, without the sum.
    fn changed(&self) -> impl Iterator<Item = &Row> {
        let differs = |row: &&Row| row.verdict != Verdict::Same || row.time_verdict != Verdict::Same;
        self.rows.iter().skip(1).filter(differs)
    }

    /// How many rules did not change.
    fn same_count(&self) -> u64 {
        (self.rows.len().saturating_sub(1) - self.changed().count()) as u64
    }
}

/// Compares rules by name.
pub fn compare(baseline: &Profile, candidate: &Profile, options: &Options) -> Diff {
    let (left, right) = (per_replay(baseline), per_replay(candidate));
    let (left_all, right_all) = (sum(baseline), sum(candidate));
    let has_costs = baseline.cost() > 0 && candidate.cost() > 0;
    let by = options.by.unwrap_or(match has_costs && baseline.cost_model == candidate.cost_model {
        true => Weight::Cost,
        false => Weight::Time,
    });
    let mut names: Vec<&str> = left.keys().chain(right.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let mut rows: Vec<Row> = names
        .into_iter()
        .map(|name| {
            let (baseline, candidate) = (left.get(name).copied(), right.get(name).copied());
            let verdict = |by: Weight| match (baseline, candidate) {
                (Some(a), Some(b)) => {
                    let matters = a.value(by) >= options.share_min * left_all.value(by)
                        || b.value(by) >= options.share_min * right_all.value(by);
                    if matters { judge(a, b, by, options.threshold) } else { Verdict::Same }
                }
                (None, _) => Verdict::Added,
                (_, None) => Verdict::Removed,
            };
            let (verdict, time_verdict) = (verdict(by), verdict(Weight::Time));
            Row { name: name.to_owned(), baseline, candidate, verdict, time_verdict }
        })
        .collect();
    let change = |row: &Row| {
        let value = |side: Option<PerReplay>| side.map_or(0.0, |side| side.value(by));
        value(row.candidate) - value(row.baseline)
    };
    rows.sort_by(|a, b| change(b).total_cmp(&change(a)));
    let verdict = |by: Weight| judge(left_all, right_all, by, options.threshold);
    let all = Row {
        name: "all rules".to_owned(),
        baseline: Some(left_all),
        candidate: Some(right_all),
        verdict: verdict(by),
        time_verdict: verdict(Weight::Time),
    };
    rows.insert(0, all);
    Diff { by, rows, warnings: warnings(baseline, candidate, by) }
}

fn warnings(baseline: &Profile, candidate: &Profile, by: Weight) -> Vec<String> {
    let mut warnings = Vec::new();
    let captures = |profile: &Profile| {
        let captures = profile.origins.iter().flat_map(|origin| &origin.captures);
        let mut hashes: Vec<String> = captures.map(|capture| capture.hash.clone()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    };
    if captures(baseline) != captures(candidate) {
        warnings.push("The profiles are of different captures.".to_owned());
    }
    if baseline.cost_model != candidate.cost_model {
        let (a, b) = (baseline.cost_model, candidate.cost_model);
        warnings.push(format!("The profiles are of cost models {a} and {b}; their cost units differ."));
    }
    let cpus = |profile: &Profile| {
        let mut cpus: Vec<_> = profile.origins.iter().map(|origin| origin.cpu.clone()).collect();
        cpus.sort_unstable();
        cpus.dedup();
        cpus
    };
    if by == Weight::Time && cpus(baseline) != cpus(candidate) {
        warnings.push("The profiles are of different processors.".to_owned());
    }
    warnings
}

fn judge(a: PerReplay, b: PerReplay, by: Weight, threshold: f64) -> Verdict {
    let change = b.value(by) - a.value(by);
    let noise = match by {
        Weight::Time => 3.0 * a.error_ns.hypot(b.error_ns),
        Weight::Cost => 0.0,
    };
    if change.abs() <= noise || change.abs() <= threshold * a.value(by) {
        Verdict::Same
    } else if change > 0.0 {
        Verdict::Dearer
    } else {
        Verdict::Cheaper
    }
}

fn per_replay(profile: &Profile) -> BTreeMap<&str, PerReplay> {
    let column = |rule: usize| {
        let times = profile.iterations.iter().filter_map(move |i| i.rules.total_ns.get(rule).copied());
        times.map(|ns| ns as f64).collect()
    };
    let rules = profile.rules.iter().enumerate();
    rules.map(|(index, rule)| (rule.name.as_str(), mean(profile, &[rule], column(index)))).collect()
}

fn sum(profile: &Profile) -> PerReplay {
    let times = profile.iterations.iter().map(|i| i.rules.total_ns.iter().sum::<u64>() as f64);
    mean(profile, &profile.rules.iter().collect::<Vec<_>>(), times.collect())
}

fn mean(profile: &Profile, rules: &[&RuleProfile], times: Vec<f64>) -> PerReplay {
    let replays = profile.iterations.len().max(1) as f64;
    let total = |of: fn(&RuleProfile) -> u64| rules.iter().map(|rule| of(rule)).sum::<u64>() as f64 / replays;
    let (mean_ns, error_ns) = mean_and_error(&times);
    PerReplay {
        evaluations: total(|rule| rule.evaluations),
        matches: total(|rule| rule.matches),
        cost: total(|rule| rule.cost),
        mean_ns,
        error_ns,
    }
}

/// With a single value nothing is known of the error, and it is taken to be 0.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return (mean, 0.0);
    }
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}
