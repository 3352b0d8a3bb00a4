//! The table of event types, where nothing is known of rules.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::Write;

use profiler::Profile;

use super::Options;
use super::columns::{Columns, Look};
use crate::error::Error;
use crate::units;

/// Sums over events of one type.
#[derive(Clone, Copy, Default)]
struct Sums {
    events: u64,
    evaluate_ns: u64,
    all_ns: u64,
}

pub fn write(profile: &Profile, options: &Options, out: &mut impl Write) -> Result<(), Error> {
    let mut by_type = BTreeMap::<&str, Sums>::new();
    for row in &profile.events {
        let sums = by_type.entry(&row.event).or_default();
        sums.events += row.count;
        sums.evaluate_ns += row.stages.evaluate_ns;
        sums.all_ns += row.stages.sum_ns();
    }
    let mut types: Vec<(&str, Sums)> = by_type.into_iter().collect();
    types.sort_by_key(|(_, sums)| Reverse((sums.evaluate_ns, sums.all_ns)));
    let hidden = types.split_off(options.rules_max.unwrap_or(types.len()).min(types.len()));
    let evaluate_ns = profile.stages().evaluate_ns;
    let mut columns = Columns::new(false);
    let heading = ["events", "evaluate", "%", "ns/event", "all stages", "event type"];
    columns.push(Look::Strong, heading.map(str::to_owned).to_vec());
    let mut push = |look: Look, name: &str, sums: Sums| {
        let cells = vec![
            units::count(sums.events),
            units::duration(sums.evaluate_ns),
            units::percent(sums.evaluate_ns, evaluate_ns),
            units::nanoseconds(sums.evaluate_ns as f64 / sums.events.max(1) as f64),
            units::duration(sums.all_ns),
            name.to_owned(),
        ];
        columns.push(look, cells);
    };
    for (name, sums) in types {
        push(Look::Normal, name, sums);
    }
    if !hidden.is_empty() {
        let rest = hidden.iter().fold(Sums::default(), |sum, (_, more)| Sums {
            events: sum.events + more.events,
            evaluate_ns: sum.evaluate_ns + more.evaluate_ns,
            all_ns: sum.all_ns + more.all_ns,
        });
        push(Look::Weak, &format!("({})", units::counted(hidden.len() as u64, "more type")), rest);
    }
    columns.write(options.color, out)?;
    Ok(())
}
