//! The profile as text: where the time of a replay goes, and what each rule costs.

mod columns;
mod events;
mod rules;
pub(crate) mod savings;
mod stages;

use std::io::Write;

use profiler::Profile;

pub use rules::Sort;

use crate::error::Error;
use crate::{escape, units};

/// How to show it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub sort: Sort,
    /// Show so many rules and sum up the others.
    pub rules_max: Option<usize>,
    /// More columns: hit rate, minimum, p90, and matched apart from not matched.
    pub wide: bool,
    /// Use terminal colours.
    pub color: bool,
}

/// Writes everything: what was measured, stages, rules.
///
/// # Errors
/// `out` fails.
pub fn write(profile: &Profile, options: &Options, mut out: impl Write) -> Result<(), Error> {
    head(profile, &mut out)?;
    writeln!(out)?;
    stages::write(profile, options, &mut out)?;
    writeln!(out)?;
    if !profile.knows_rules() {
        writeln!(out, "Rules were evaluated together: what each of them takes is not known.\n")?;
        events::write(profile, options, &mut out)?;
    } else {
        rules::write(profile, options, &mut out)?;
    }
    savings::write(profile, options, &mut out)
}

fn head(profile: &Profile, out: &mut impl Write) -> Result<(), Error> {
    let mut captures: Vec<&str> = profile
        .origins
        .iter()
        .flat_map(|origin| &origin.captures)
        .map(|capture| capture.name.as_str())
        .collect();
    captures.sort_unstable();
    captures.dedup();
    let workers = profile.origins.iter().map(|origin| u64::from(origin.options.workers)).max().unwrap_or(1);
    let replays = profile.iterations.len() as u64;
    writeln!(
        out,
        "{} of {} on {}: {}, {}, {}",
        units::counted(replays, "replay"),
        escape::plain(&captures.join(", ")),
        units::counted(workers, "worker"),
        units::counted(profile.event_count(None), "event"),
        units::counted(profile.alert_count(), "alert"),
        units::duration(profile.busy_ns()),
    )?;
    writeln!(out, "Times, counts and costs are sums over all replays.")?;
    let sample = profile.origins.iter().map(|origin| u64::from(origin.options.sample)).max().unwrap_or(1);
    if sample > 1 && profile.rules_ns() > 0 {
        writeln!(out, "Rules are counted for every event, and timed for one in {sample}.")?;
    }
    if profile.waited_ns() > profile.busy_ns() / 10 {
        writeln!(
            out,
            "The machine was busy: another {} went by waiting for a processor, and is not counted.",
            units::duration(profile.waited_ns()),
        )?;
    }
    if let Some(share) = clock_share(profile) {
        writeln!(
            out,
            "Reading the clock makes up about {} % of evaluate ({:.1} ns for each check of a rule).",
            units::percent((share * 10_000.0) as u64, 10_000),
            clock_ns(profile),
        )?;
    }
    if let Some((median, smallest, largest)) = overhead(profile) {
        writeln!(
            out,
            "Measured replays took {:.1} % longer than plain ones ({:.1} to {:.1} % in pairs of both).",
            100.0 * median,
            100.0 * smallest,
            100.0 * largest,
        )?;
    }
    Ok(())
}

/// What measuring adds to a replay: of the run where it added most.
pub(crate) fn overhead(profile: &Profile) -> Option<(f64, f64, f64)> {
    let shares = profile.origins.iter().filter_map(|origin| origin.overhead.as_ref()?.share());
    shares.max_by(|a, b| a.0.total_cmp(&b.0))
}

fn clock_ns(profile: &Profile) -> f64 {
    profile.origins.iter().map(|origin| origin.clock.read_ps as f64 / 1000.0).fold(0.0, f64::max)
}

/// Share of the evaluate stage that is our own reading of the clock, at least.
fn clock_share(profile: &Profile) -> Option<f64> {
    let evaluate_ns = profile.stages().evaluate_ns;
    let readings: u64 = profile.rules.iter().map(|rule| rule.matched.count + rule.not_matched.count).sum();
    (evaluate_ns > 0 && readings > 0)
        .then(|| (readings as f64 * clock_ns(profile) / evaluate_ns as f64).min(1.0))
}
