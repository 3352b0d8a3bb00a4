//! Bar charts per rule: how often it is evaluated, how long that takes, and the product of both.

mod bars;

use profiler::Profile;
use profiler::model::RuleProfile;

use crate::error::{Error, ErrorKind};
use crate::units;
use bars::{Bar, Chart};

/// What a plot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    /// Number of evaluations.
    Evaluations,
    /// Mean time of an evaluation.
    Latency,
    /// Total time: number of evaluations times mean time.
    Cost,
}

impl Plot {
    /// All of them.
    pub const ALL: [Plot; 3] = [Plot::Evaluations, Plot::Latency, Plot::Cost];

    /// Name of its file, without extension.
    pub fn name(self) -> &'static str {
        match self {
            Plot::Evaluations => "evaluations",
            Plot::Latency => "latency",
            Plot::Cost => "cost",
        }
    }
}

/// Most rules in one plot; the rest is summed up in a line below it.
const RULES_MAX: usize = 30;

/// Draws a plot of the rules that are largest in what it shows, as SVG.
///
/// # Errors
/// There is nothing to show, or drawing fails.
pub fn render(profile: &Profile, plot: Plot) -> Result<String, Error> {
    let value = |rule: &RuleProfile| match plot {
        Plot::Evaluations => rule.evaluations as f64,
        Plot::Latency => rule.latency().mean_ns(),
        Plot::Cost => rule.total_ns() as f64,
    };
    let mut rules: Vec<&RuleProfile> = profile.rules.iter().filter(|rule| value(rule) > 0.0).collect();
    if rules.is_empty() {
        let what =
            if plot == Plot::Evaluations { "evaluations" } else { "times; it was made with --timing off" };
        return Err(ErrorKind::Empty(what).into());
    }
    rules.sort_by(|a, b| value(b).total_cmp(&value(a)));
    let (shown, hidden) = rules.split_at(rules.len().min(RULES_MAX));
    let bars: Vec<Bar<'_>> = shown.iter().map(|rule| bar(profile, rule, plot)).collect();
    let idle = profile.rules.len() - rules.len();
    bars::draw(&Chart {
        title: match plot {
            Plot::Evaluations => "Evaluations per rule",
            Plot::Latency => "Mean time of an evaluation",
            Plot::Cost => "Total time per rule = evaluations x mean time",
        },
        note: &note(profile, plot, hidden, idle),
        stacked: plot != Plot::Latency,
        time: plot != Plot::Evaluations,
        bars: &bars,
    })
}

fn bar<'a>(profile: &Profile, rule: &'a RuleProfile, plot: Plot) -> Bar<'a> {
    let not_matched = rule.evaluations - rule.matches.min(rule.evaluations);
    let (matched_value, not_matched_value, label) = match plot {
        Plot::Evaluations => (
            rule.matches as f64,
            not_matched as f64,
            match rule.matches {
                0 => units::count(rule.evaluations),
                n => format!("{}, {} matched", units::count(rule.evaluations), units::count(n)),
            },
        ),
        Plot::Latency => (
            rule.matched.mean_ns(),
            rule.not_matched.mean_ns(),
            match (rule.matched.count, rule.not_matched.count) {
                (0, _) => ns(rule.not_matched.mean_ns()),
                (_, 0) => ns(rule.matched.mean_ns()),
                _ => format!("{}, matched {}", ns(rule.not_matched.mean_ns()), ns(rule.matched.mean_ns())),
            },
        ),
        Plot::Cost => (
            rule.matched.total_ns as f64,
            rule.not_matched.total_ns as f64,
            format!(
                "{} ({} %)",
                units::duration(rule.total_ns()),
                units::percent(rule.total_ns(), profile.stages().evaluate_ns)
            ),
        ),
    };
    Bar { name: &rule.name, matched: matched_value, not_matched: not_matched_value, label }
}

fn ns(value: f64) -> String {
    units::duration(value.round() as u64)
}

fn note(profile: &Profile, plot: Plot, hidden: &[&RuleProfile], idle: usize) -> String {
    let replays = units::counted(profile.iterations.len() as u64, "replay");
    let mut note = format!("{replays}, {}.", units::counted(profile.event_count(None), "event"));
    if !hidden.is_empty() {
        let what = match plot {
            Plot::Evaluations => format!(
                " {} more rules with {} evaluations.",
                hidden.len(),
                units::count(hidden.iter().map(|rule| rule.evaluations).sum())
            ),
            Plot::Latency => format!(" {} more rules take less.", hidden.len()),
            Plot::Cost => format!(
                " {} more rules with {} together.",
                hidden.len(),
                units::duration(hidden.iter().map(|rule| rule.total_ns()).sum())
            ),
        };
        note.push_str(&what);
    }
    if idle > 0 {
        note.push_str(&format!(" {} never checked.", units::counted(idle as u64, "rule")));
    }
    note
}
