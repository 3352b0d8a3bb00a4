//! Plots, as SVG and as PNG: how often rules are evaluated, how long that takes, the product of both, all that over
//! the time of the capture, and what events there were.
//!
//! ```text
//! Plot -> Chart (bars, boxes, heat: what to draw) -> Canvas (svg or png: how)
//! ```

mod axis;
mod bars;
mod boxes;
mod canvas;
mod heat;
mod png;

use std::collections::BTreeMap;

use plotters::prelude::DrawingBackend;
use profiler::Profile;
use profiler::model::{EventOutcome, RuleProfile, RuleTimeline};

use crate::error::{Error, ErrorKind};
use crate::{palette, units};
use axis::Unit;
use bars::{Bar, Bars};
use boxes::Boxes;
use canvas::{Canvas, Draw, Drawn};
use heat::Heat;

/// What a plot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    /// Number of evaluations of each rule.
    Evaluations,
    /// How long evaluations of each rule take.
    Latency,
    /// Total time of each rule: number of evaluations times mean time.
    Cost,
    /// Number of events of each type.
    Events,
    /// Evaluations of each rule over the time of the capture.
    EvaluationsOverTime,
    /// Mean time of an evaluation over the time of the capture.
    LatencyOverTime,
}

impl Plot {
    /// All of them.
    pub const ALL: [Plot; 6] = [
        Plot::Evaluations,
        Plot::Latency,
        Plot::Cost,
        Plot::Events,
        Plot::EvaluationsOverTime,
        Plot::LatencyOverTime,
    ];

    /// Name of its file, without extension.
    pub fn name(self) -> &'static str {
        match self {
            Plot::Evaluations => "evaluations",
            Plot::Latency => "latency",
            Plot::Cost => "cost",
            Plot::Events => "events",
            Plot::EvaluationsOverTime => "evaluations-over-time",
            Plot::LatencyOverTime => "latency-over-time",
        }
    }

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Plot::Evaluations => "Evaluations per rule",
            Plot::Latency => "Latency: time of an evaluation",
            Plot::Cost => "Overhead per rule: evaluations x mean time",
            Plot::Events => "Events per type",
            Plot::EvaluationsOverTime => "Evaluations over the time of the capture",
            Plot::LatencyOverTime => "Mean time of an evaluation over the time of the capture",
        }
    }
}

/// Most rules in one plot; the rest is summed up in a line below it.
const ROWS_MAX: usize = 30;

const OUTCOMES: [(&str, palette::Rgb); 3] = [
    ("not considered", palette::NOT_CONSIDERED),
    ("no rule matched", palette::NOT_MATCHED),
    ("matched", palette::MATCHED),
];

/// Of one rule.
const ANSWERS: [(&str, palette::Rgb); 2] =
    [("not matched", palette::NOT_MATCHED), ("matched", palette::MATCHED)];

/// Draws a plot of the rules that are largest in what it shows, as SVG.
///
/// # Errors
/// There is nothing to show, or drawing fails.
pub fn svg(profile: &Profile, plot: Plot) -> Result<String, Error> {
    canvas::svg(&Chart::of(profile, plot)?)
}

/// The same as PNG, two pixels to a point.
///
/// # Errors
/// There is nothing to show, or drawing fails.
pub fn png(profile: &Profile, plot: Plot) -> Result<Vec<u8>, Error> {
    canvas::png(&Chart::of(profile, plot)?)
}

enum Chart<'a> {
    Bars(Bars<'a>),
    Boxes(Boxes<'a>),
    Heat(Heat<'a>),
}

impl Draw for Chart<'_> {
    fn size(&self) -> (i32, i32) {
        match self {
            Chart::Bars(chart) => chart.size(),
            Chart::Boxes(chart) => chart.size(),
            Chart::Heat(chart) => chart.size(),
        }
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
        match self {
            Chart::Bars(chart) => chart.draw(canvas),
            Chart::Boxes(chart) => chart.draw(canvas),
            Chart::Heat(chart) => chart.draw(canvas),
        }
    }
}

impl<'a> Chart<'a> {
    fn of(profile: &'a Profile, plot: Plot) -> Result<Self, Error> {
        Ok(match plot {
            Plot::Evaluations => Chart::Bars(evaluations(profile)?),
            Plot::Latency => Chart::Boxes(latency(profile)?),
            Plot::Cost => Chart::Bars(cost(profile)?),
            Plot::Events => Chart::Bars(events(profile)?),
            Plot::EvaluationsOverTime => Chart::Heat(over_time(profile, plot)?),
            Plot::LatencyOverTime => Chart::Heat(over_time(profile, plot)?),
        })
    }
}

/// Rules with the largest values, and what is said of the others.
struct Ranked<'a> {
    shown: Vec<(usize, &'a RuleProfile)>,
    hidden: Vec<&'a RuleProfile>,
}

/// Ranks the rules that have a value at all. `what` is missing if none has.
fn ranked<'a>(
    profile: &'a Profile,
    what: &'static str,
    value: impl Fn(&RuleProfile) -> u64,
) -> Result<Ranked<'a>, Error> {
    let rules = profile.rules.iter().enumerate().map(|(id, rule)| (value(rule), id, rule));
    let mut rules: Vec<_> = rules.filter(|(value, ..)| *value > 0).collect();
    if rules.is_empty() {
        return Err(ErrorKind::Empty(what).into());
    }
    rules.sort_by_key(|(value, ..)| std::cmp::Reverse(*value));
    let hidden = rules.split_off(rules.len().min(ROWS_MAX));
    let shown = rules.into_iter().map(|(_, id, rule)| (id, rule));
    Ok(Ranked { shown: shown.collect(), hidden: hidden.into_iter().map(|(.., rule)| rule).collect() })
}

const TIMES: &str = "times; it was made with --timing off";

fn evaluations(profile: &Profile) -> Result<Bars<'_>, Error> {
    let Ranked { shown, hidden } = ranked(profile, "evaluations", |rule| rule.evaluations)?;
    let bars = shown.iter().map(|(_, rule)| Bar {
        name: &rule.name,
        parts: vec![rule.evaluations.saturating_sub(rule.matches) as f64, rule.matches as f64],
        label: match rule.matches {
            0 => units::count(rule.evaluations),
            n => format!("{}, {} matched", units::count(rule.evaluations), units::count(n)),
        },
    });
    let more = units::count(hidden.iter().map(|rule| rule.evaluations).sum());
    Ok(Bars {
        title: Plot::Evaluations.title(),
        note: note(profile, hidden.len(), &format!("with {more} evaluations")),
        series: &ANSWERS,
        unit: Unit::Count,
        bars: bars.collect(),
    })
}

fn cost(profile: &Profile) -> Result<Bars<'_>, Error> {
    let Ranked { shown, hidden } = ranked(profile, TIMES, RuleProfile::total_ns)?;
    let all_ns = profile.stages().evaluate_ns;
    let bars = shown.iter().map(|(_, rule)| Bar {
        name: &rule.name,
        parts: vec![rule.not_matched.total_ns as f64, rule.matched.total_ns as f64],
        label: format!(
            "{} ({} %)",
            units::duration(rule.total_ns()),
            units::percent(rule.total_ns(), all_ns)
        ),
    });
    let more = units::duration(hidden.iter().map(|rule| rule.total_ns()).sum());
    Ok(Bars {
        title: Plot::Cost.title(),
        note: note(profile, hidden.len(), &format!("with {more} together")),
        series: &ANSWERS,
        unit: Unit::Nanoseconds,
        bars: bars.collect(),
    })
}

fn latency(profile: &Profile) -> Result<Boxes<'_>, Error> {
    let median = |rule: &RuleProfile| rule.latency().quantile_ns(0.5).unwrap_or(0);
    let Ranked { shown, hidden } = ranked(profile, TIMES, median)?;
    let rows = shown.iter().map(|(_, rule)| boxes::Row {
        name: &rule.name,
        matched: &rule.matched,
        not_matched: &rule.not_matched,
        all: rule.latency(),
    });
    Ok(Boxes {
        title: Plot::Latency.title(),
        note: note(profile, hidden.len(), "that take less"),
        rows: rows.collect(),
    })
}

fn events(profile: &Profile) -> Result<Bars<'_>, Error> {
    let mut by_type = BTreeMap::<&str, [u64; 3]>::new();
    for row in &profile.events {
        let outcome = EventOutcome::ALL.iter().position(|outcome| *outcome == row.outcome);
        by_type.entry(&row.event).or_default()[outcome.unwrap_or(0)] += row.count;
    }
    let mut types: Vec<_> =
        by_type.into_iter().map(|(name, counts)| (counts.iter().sum(), name, counts)).collect();
    types.sort_by_key(|(sum, ..): &(u64, _, _)| std::cmp::Reverse(*sum));
    if types.is_empty() {
        return Err(ErrorKind::Empty("events").into());
    }
    let all: u64 = types.iter().map(|(sum, ..)| sum).sum();
    let hidden = types.split_off(types.len().min(ROWS_MAX));
    let bars = types.into_iter().map(|(sum, name, counts)| Bar {
        name,
        parts: counts.map(|count| count as f64).to_vec(),
        label: format!("{} ({} %)", units::count(sum), units::percent(sum, all)),
    });
    let mut note = totals(profile);
    if !hidden.is_empty() {
        let more: u64 = hidden.iter().map(|(sum, ..)| sum).sum();
        let types = units::counted(hidden.len() as u64, "more type");
        note.push_str(&format!(" {types} with {}.", units::counted(more, "event")));
    }
    Ok(Bars { title: Plot::Events.title(), note, series: &OUTCOMES, unit: Unit::Count, bars: bars.collect() })
}

fn over_time(profile: &Profile, plot: Plot) -> Result<Heat<'_>, Error> {
    let timeline = &profile.timeline;
    let latency = plot == Plot::LatencyOverTime;
    let rank = |rule: &RuleProfile| if latency { rule.total_ns() } else { rule.evaluations };
    let Ranked { shown, hidden } = ranked(profile, if latency { TIMES } else { "evaluations" }, rank)?;
    if timeline.bin_ns == 0 {
        return Err(ErrorKind::Empty("timeline").into());
    }
    let value = |rule: &RuleTimeline, bin: usize| {
        let [evaluations, ns] =
            [&rule.evaluations, &rule.total_ns].map(|column| column.get(bin).copied().unwrap_or(0) as f64);
        if !latency { evaluations } else { if evaluations > 0.0 { ns / evaluations } else { 0.0 } }
    };
    let rows = shown.iter().filter_map(|(id, rule)| {
        let timeline_of_rule = timeline.rules.get(*id)?;
        let values = (0..timeline.events.len()).map(|bin| value(timeline_of_rule, bin)).collect();
        Some(heat::Row { name: &rule.name, values })
    });
    let less = if latency { "that cost less" } else { "with fewer evaluations" };
    let bin = units::duration(timeline.bin_ns);
    Ok(Heat {
        title: plot.title(),
        note: format!("One column is {bin}. {}", note(profile, hidden.len(), less)),
        unit: if latency { Unit::Nanoseconds } else { Unit::Count },
        bin_ns: timeline.bin_ns,
        events: &timeline.events,
        rows: rows.collect(),
    })
}

fn totals(profile: &Profile) -> String {
    let replays = units::counted(profile.iterations.len() as u64, "replay");
    format!("{replays}, {}.", units::counted(profile.event_count(None), "event"))
}

fn note(profile: &Profile, hidden: usize, which: &str) -> String {
    let mut note = totals(profile);
    if hidden > 0 {
        note.push_str(&format!(" {} {which}.", units::counted(hidden as u64, "more rule")));
    }
    let idle = profile.rules.iter().filter(|rule| rule.evaluations == 0).count();
    if idle > 0 {
        note.push_str(&format!(" {} never checked.", units::counted(idle as u64, "rule")));
    }
    note
}
