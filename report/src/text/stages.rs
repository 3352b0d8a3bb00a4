//! The stage split.

use std::io::Write;

use profiler::Profile;
use profiler::model::{EventOutcome, StageTimes};

use super::Options;
use super::columns::{Columns, Look};
use crate::error::Error;
use crate::units;

pub fn write(profile: &Profile, options: &Options, out: &mut impl Write) -> Result<(), Error> {
    if profile.stages().sum_ns() == 0 {
        return write_untimed(profile, out);
    }
    let total_ns = profile.busy_ns();
    let event_count = profile.event_count(None);
    let by_outcome: Vec<(u64, StageTimes)> = EventOutcome::ALL
        .iter()
        .map(|outcome| {
            let rows = profile.events.iter().filter(|row| row.outcome == *outcome);
            rows.fold((0, StageTimes::default()), |sum, row| (sum.0 + row.count, sum.1 + row.stages))
        })
        .collect();
    let mut columns = Columns::new(true);
    let mut heading: Vec<String> = ["stage", "total", "%", "ns/event"].map(str::to_owned).into();
    heading.push("outside of events".to_owned());
    heading.extend(EventOutcome::ALL.map(|outcome| outcome.name().to_owned()));
    columns.push(Look::Strong, heading);
    let per_event = |ns: u64| {
        if event_count == 0 { "-".to_owned() } else { units::nanoseconds(ns as f64 / event_count as f64) }
    };
    let head = |name: &str, ns: u64| {
        vec![name.to_owned(), units::duration(ns), units::percent(ns, total_ns), per_event(ns)]
    };
    for (i, (name, ns)) in profile.stages().named().into_iter().enumerate() {
        let mut cells = head(name, ns);
        cells.push(units::duration(profile.setup.named()[i].1));
        cells.extend(by_outcome.iter().map(|(_, stages)| units::duration(stages.named()[i].1)));
        columns.push(Look::Normal, cells);
    }
    columns.push(Look::Normal, head("remainder", profile.remainder_ns()));
    let mut cells = head("total", total_ns);
    cells.push(units::duration(profile.setup.sum_ns()));
    cells.extend(by_outcome.iter().map(|(_, stages)| units::duration(stages.sum_ns())));
    columns.push(Look::Strong, cells);
    let mut cells =
        vec!["events".to_owned(), units::count(event_count), String::new(), String::new(), String::new()];
    cells.extend(by_outcome.iter().map(|(count, _)| units::count(*count)));
    columns.push(Look::Normal, cells);
    columns.write(options.color, out)?;
    Ok(())
}

/// Without times of stages there are only the events and the whole.
fn write_untimed(profile: &Profile, out: &mut impl Write) -> Result<(), Error> {
    for outcome in EventOutcome::ALL {
        writeln!(
            out,
            "{:15} {:>15}",
            outcome.name(),
            units::counted(profile.event_count(Some(outcome)), "event")
        )?;
    }
    Ok(())
}
