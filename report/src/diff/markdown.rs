//! The comparison as a comment on a change of rules.

use std::io::Write;

use super::text::{noise, percent};
use super::{Diff, PerReplay, Row, Verdict};
use crate::error::Error;
use crate::weight::Weight;
use crate::{escape, units};

/// Writes a verdict, and a table of the rules that changed.
///
/// # Errors
/// `out` fails.
pub fn write(diff: &Diff, mut out: impl Write) -> Result<(), Error> {
    let all = diff.rows.first();
    let change = percent(all.and_then(|all| all.change(diff.by)));
    let count = |verdict| diff.rows.iter().skip(1).filter(|row| row.verdict == verdict).count() as u64;
    let head = if diff.is_regression() { "Rules became dearer" } else { "Rules did not become dearer" };
    writeln!(out, "### {head}: {change} {}\n", diff.by.name())?;
    writeln!(
        out,
        "{} dearer, {} cheaper, {} added, {} removed, {} the same.\n",
        count(Verdict::Dearer),
        count(Verdict::Cheaper),
        count(Verdict::Added),
        count(Verdict::Removed),
        count(Verdict::Same),
    )?;
    for warning in &diff.warnings {
        writeln!(out, "> {}\n", escape::markdown(warning))?;
    }
    writeln!(out, "| rule | verdict | cost units | | time | | checks |")?;
    writeln!(out, "|---|---|--:|--:|--:|--:|--:|")?;
    for row in all.into_iter().chain(diff.changed()) {
        write_row(row, &mut out)?;
    }
    let judged = match diff.by {
        Weight::Cost => "Cost units are exact, and what is judged; time is advice.",
        Weight::Time => "Judged by time; ± is the standard error of the change.",
    };
    writeln!(out, "\nMeans of one replay, baseline → candidate. {judged}")?;
    Ok(())
}

fn write_row(row: &Row, out: &mut impl Write) -> Result<(), Error> {
    let pair = |text: &dyn Fn(PerReplay) -> String| {
        let side = |side: Option<PerReplay>| side.map_or_else(|| "–".to_owned(), text);
        format!("{} → {}", side(row.baseline), side(row.candidate))
    };
    let mark = match row.verdict {
        Verdict::Dearer => "**dearer**",
        verdict => verdict.name(),
    };
    writeln!(
        out,
        "| {} | {mark} | {} | {} | {} {} | {} | {} |",
        escape::markdown(&row.name),
        percent(row.change(Weight::Cost)),
        pair(&|side| units::cost(side.cost.round() as u64)),
        percent(row.change(Weight::Time)),
        noise(row),
        pair(&|side| units::duration(side.mean_ns.round() as u64)),
        pair(&|side| units::count(side.evaluations.round() as u64)),
    )?;
    Ok(())
}
