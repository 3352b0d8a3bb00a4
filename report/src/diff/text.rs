//! The comparison for terminals.

use std::io::Write;

use super::{Diff, PerReplay, Row, Verdict};
use crate::error::Error;
use crate::weight::Weight;
use crate::{escape, units};

/// Writes the rules that changed, and the sum.
///
/// # Errors
/// `out` fails.
pub fn write(diff: &Diff, color: bool, mut out: impl Write) -> Result<(), Error> {
    for warning in &diff.warnings {
        writeln!(out, "{}", escape::plain(warning))?;
    }
    let advice = if diff.by == Weight::Cost { "; time is advice" } else { "" };
    writeln!(out, "Means of one replay, baseline to candidate, judged by {}{advice}.", diff.by.name())?;
    writeln!(
        out,
        "{:8} {:>9} {:>20} {:>9} {:>9} {:>24} {:>21}  rule",
        "verdict", "cost", "", "time", "", "", "checks"
    )?;
    for row in diff.rows.iter().take(1).chain(diff.changed()) {
        write_row(row, color, &mut out)?;
    }
    writeln!(out, "{} did not change.", units::counted(diff.same_count(), "rule"))?;
    Ok(())
}

fn write_row(row: &Row, color: bool, out: &mut impl Write) -> Result<(), Error> {
    let start = match row.verdict {
        Verdict::Same => "",
        Verdict::Dearer => "\x1b[31m",
        Verdict::Cheaper => "\x1b[32m",
        Verdict::Added | Verdict::Removed => "\x1b[33m",
    };
    let (start, end) = if color && !start.is_empty() { (start, "\x1b[0m") } else { ("", "") };
    let pair = |text: &dyn Fn(PerReplay) -> String| {
        let side = |side: Option<PerReplay>| side.map_or_else(|| "-".to_owned(), text);
        format!("{} -> {}", side(row.baseline), side(row.candidate))
    };
    writeln!(
        out,
        "{start}{:8}{end} {:>9} {:>20} {:>9} {:>9} {:>24} {:>21}  {}",
        row.verdict.name(),
        percent(row.change(Weight::Cost)),
        pair(&|side| units::cost(side.cost.round() as u64)),
        percent(row.change(Weight::Time)),
        noise(row),
        pair(&|side| units::duration(side.mean_ns.round() as u64)),
        pair(&|side| units::count(side.evaluations.round() as u64)),
        escape::plain(&row.name),
    )?;
    Ok(())
}

/// A change in percent.
pub fn percent(change: Option<f64>) -> String {
    change.map_or_else(|| "-".to_owned(), |change| format!("{:+.1} %", 100.0 * change))
}

/// Standard error of a change of time in percent.
pub fn noise(row: &Row) -> String {
    let (Some(a), Some(b)) = (row.baseline, row.candidate) else { return String::new() };
    match a.mean_ns > 0.0 {
        true => format!("± {:.1} %", 100.0 * a.error_ns.hypot(b.error_ns) / a.mean_ns),
        false => String::new(),
    }
}
