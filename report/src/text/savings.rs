//! What leaving rules out saves.

use std::cmp::Reverse;
use std::io::Write;

use profiler::Profile;
use profiler::model::{RuleProfile, Saving};

use super::Options;
use super::columns::{Columns, Look};
use crate::error::Error;
use crate::{escape, units};

/// Rules that were left out, who saves most first.
pub(crate) fn rows(profile: &Profile) -> Vec<(&RuleProfile, &Saving)> {
    let mut rows: Vec<_> =
        profile.rules.iter().filter_map(|rule| Some((rule, rule.saving.as_ref()?))).collect();
    rows.sort_by_key(|(_, saving)| Reverse(saving.saved_ns));
    rows
}

/// What the profile says of a rule for one replay, if it was timed.
pub(crate) fn profiled_ns(profile: &Profile, rule: &RuleProfile) -> Option<u64> {
    let replays = profile.iterations.len() as u64;
    (replays > 0 && rule.latency().count > 0).then(|| rule.total_ns() / replays)
}

/// A time that may be less than nothing.
pub(crate) fn signed(ns: i64) -> String {
    format!("{}{}", if ns < 0 { "-" } else { "" }, units::duration(ns.unsigned_abs()))
}

/// Half of the interval in percent, with a mark where that says that nothing is known.
pub(crate) fn error(saving: &Saving) -> String {
    let percent = 100.0 * saving.error();
    let mark = if saving.noisy { "!" } else { " " };
    if percent < 1000.0 { format!("{percent:.1}{mark}") } else { format!(">999{mark}") }
}

pub fn write(profile: &Profile, options: &Options, out: &mut impl Write) -> Result<(), Error> {
    let rows = rows(profile);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nOne replay is so much shorter without the rule, with nothing timed inside:")?;
    let mut columns = Columns::new(false);
    let heading = ["saved", "± %", "from", "to", "rounds", "by profile", "rule"];
    columns.push(Look::Strong, heading.map(str::to_owned).to_vec());
    let mut noisy = false;
    for (rule, saving) in rows {
        noisy |= saving.noisy;
        let cells = vec![
            signed(saving.saved_ns),
            error(saving),
            signed(saving.low_ns),
            signed(saving.high_ns),
            units::count(saving.rounds_ns.len() as u64),
            profiled_ns(profile, rule).map_or_else(|| "-".to_owned(), units::duration),
            escape::plain(&rule.name).into_owned(),
        ];
        columns.push(Look::Normal, cells);
    }
    columns.write(options.color, out)?;
    if noisy {
        writeln!(
            out,
            "\n! Not known to 15 %: next to nothing is saved, or more rounds are needed (--leave-out-time)."
        )?;
    }
    Ok(())
}
