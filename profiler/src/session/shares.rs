//! Times of rules where only some events were timed.
//!
//! Of an event that was not timed, the time of its evaluation is known and is divided among the rules as in those that were
//! timed. But timing an evaluation takes time itself, the same for each: in the shares it would make cheap rules dearer at the
//! expense of dear ones. How much it is shows in how much longer the evaluation of timed events takes.

use replay::engine::Stage;

use crate::probe::{EventCell, OUTCOMES, Recording, Row, RuleCell};

/// How untimed evaluations are divided.
pub(super) struct Shares {
    /// Ticks that timing adds to an evaluation of a rule.
    timing: f64,
    /// Of timed events, the ticks of evaluation without timing, by event type and outcome.
    wholes: Vec<[f64; OUTCOMES]>,
}

impl Shares {
    pub fn of(recording: &Recording) -> Shares {
        let timing = timing(recording);
        let wholes = recording.events.iter().zip(&recording.rows);
        let wholes = wholes.map(|(cells, rows)| {
            std::array::from_fn(|i| rows[i].as_ref().map_or(0.0, |row| whole(&cells[i], row, timing)))
        });
        Shares { timing, wholes: wholes.collect() }
    }

    /// Ticks of all evaluations of a rule for events of a type and outcome, by whether it matched.
    pub fn ticks(&self, rule: &RuleCell, hit: usize, events: &EventCell, ty: usize, outcome: usize) -> u64 {
        let whole = self.wholes.get(ty).map_or(0.0, |wholes| wholes[outcome]);
        let untimed = events.stages[Stage::Evaluate as usize].saturating_sub(events.timed_evaluate);
        let share = if whole > 0.0 { own(rule, hit, self.timing) / whole } else { 0.0 };
        rule.ticks[hit] + (untimed as f64 * share) as u64
    }
}

/// Ticks of timed evaluations without their timing.
fn own(rule: &RuleCell, hit: usize, timing: f64) -> f64 {
    (rule.ticks[hit] as f64 - rule.timed[hit] as f64 * timing).max(0.0)
}

/// The engine's own time and that of rules.
fn whole(events: &EventCell, row: &Row, timing: f64) -> f64 {
    let ticks: u64 = row.rules.iter().flat_map(|rule| rule.ticks).sum();
    let rules: f64 = row.rules.iter().map(|rule| own(rule, 0, timing) + own(rule, 1, timing)).sum();
    events.timed_evaluate.saturating_sub(ticks) as f64 + rules
}

/// By how much the evaluation of timed events is longer, for each evaluation of a rule.
fn timing(recording: &Recording) -> f64 {
    let (mut more, mut evaluations) = (0.0, 0);
    for (cells, rows) in recording.events.iter().zip(&recording.rows) {
        for (cell, row) in cells.iter().zip(rows) {
            let (Some(row), timed) = (row, cell.timed) else { continue };
            let untimed = cell.count - timed;
            if timed == 0 || untimed == 0 {
                continue;
            }
            let without = cell.stages[Stage::Evaluate as usize].saturating_sub(cell.timed_evaluate);
            more += cell.timed_evaluate as f64 - without as f64 * (timed as f64 / untimed as f64);
            evaluations += row.rules.iter().flat_map(|rule| rule.timed).sum::<u64>();
        }
    }
    if evaluations > 0 { (more / evaluations as f64).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dear and a cheap rule that take 40 and 10 ticks, engine 5, timing 10: of nine events one is timed.
    #[test]
    fn timing_is_not_charged_to_who_was_not_timed() {
        let rule = |ticks| RuleCell { tried: 9, timed: [1, 0], ticks: [ticks, 0], ..RuleCell::default() };
        let mut row = Row::new(2, 0);
        row.rules = vec![rule(50), rule(20)];
        let cell = EventCell {
            count: 9,
            timed: 1,
            timed_evaluate: 75,
            stages: [0, 0, 0, 75 + 8 * 55, 0],
            ..EventCell::default()
        };
        let recording = Recording {
            events: vec![[cell, EventCell::default(), EventCell::default()]],
            rows: vec![[Some(Box::new(row)), None, None]],
            ..Recording::default()
        };
        let shares = Shares::of(&recording);
        let row = recording.rows[0][0].as_ref().unwrap();
        let ticks = |rule: usize| shares.ticks(&row.rules[rule], 0, &recording.events[0][0], 0, 0);
        assert_eq!([ticks(0), ticks(1)], [50 + 8 * 40, 20 + 8 * 10]);
    }
}
