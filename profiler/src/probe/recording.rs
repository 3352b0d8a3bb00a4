//! What one recorder has counted: cells by event type, outcome, rule, node and field.

use std::collections::HashMap;

use replay::engine::Stage;
use replay::rules::RuleId;

use crate::clock::Clock;
use crate::histogram::Histogram;

use super::timeline::TimeBins;

/// Number of stages.
pub(crate) const STAGES: usize = 5;
/// Number of kinds of work.
pub(crate) const WORKS: usize = replay::engine::Work::ALL.len();
/// Number of outcomes.
pub(crate) const OUTCOMES: usize = 3;

/// Events of one type with one outcome; times in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EventCell {
    pub count: u64,
    pub cost: u64,
    /// Decode and state are those of chosen events.
    pub stages: [u64; STAGES],
    /// Decode and state together of events that were not chosen.
    pub joined: u64,
    /// Those whose rules were timed.
    pub timed: u64,
    /// Their evaluate stage.
    pub timed_evaluate: u64,
}

impl EventCell {
    /// Stages of all events. What was timed together is divided as in chosen events, of all types if there is none like
    /// these.
    pub fn all_stages(&self, chosen: &EventCell) -> [u64; STAGES] {
        let parts = |cell: &EventCell| [Stage::Decode, Stage::State].map(|stage| cell.stages[stage as usize]);
        let mut of = parts(self);
        if of == [0, 0] {
            of = parts(chosen);
        }
        let whole = u128::from(of[0]) + u128::from(of[1]);
        let decode = (u128::from(self.joined) * u128::from(of[0])).checked_div(whole).unwrap_or(0) as u64;
        let mut stages = self.stages;
        stages[Stage::Decode as usize] += decode;
        stages[Stage::State as usize] += self.joined - decode;
        stages
    }
}

/// Evaluations of one rule for events of one type with one outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RuleCell {
    pub tried: u64,
    pub matched: u64,
    /// Those that were timed, by not matched and matched.
    pub timed: [u64; 2],
    /// What these took.
    pub ticks: [u64; 2],
    /// By not matched and matched.
    pub costs: [u64; 2],
}

impl RuleCell {
    /// Evaluations, by not matched and matched.
    pub fn counts(&self) -> [u64; 2] {
        [self.tried - self.matched, self.matched]
    }
}

/// Evaluations of a node, or extractions of a field. Costs are those of checks and fields themselves, charged to
/// whoever extracts first; those of checks are without their fields.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NodeCell {
    pub count: u64,
    pub hits: u64,
    pub ticks: u64,
    pub cost: u64,
}

/// Work of one check over all events.
#[derive(Clone, Debug, Default)]
pub(crate) struct CheckWork {
    pub amounts: [u64; WORKS],
    /// Its part of the extractions whose values it used, in cost units.
    pub shared_cost: u64,
    /// By field.
    pub fields: HashMap<u16, FieldWork>,
    /// How often a value was found in its list, by value.
    pub items: HashMap<Box<[u8]>, u64>,
}

/// What a field meant to a check.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FieldWork {
    /// How often its value was used.
    pub uses: u64,
    /// What extractions took.
    pub value_bytes: u64,
    pub ancestor_steps: u64,
}

/// Rules and nodes for events of one type with one outcome; allocated when the first such event comes.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// By rule.
    pub rules: Vec<RuleCell>,
    /// Rules that were tried last, and for how many events in a row just these: nearly always the same.
    run: Vec<RuleId>,
    run_length: u64,
    /// By node; empty unless nodes are sites.
    pub nodes: Vec<NodeCell>,
    /// By node and field; empty unless nodes are sites.
    pub fields: HashMap<(u32, u16), NodeCell>,
}

impl Row {
    pub fn new(rule_count: usize, node_count: usize) -> Self {
        Row {
            rules: vec![RuleCell::default(); rule_count],
            nodes: vec![NodeCell::default(); node_count],
            ..Row::default()
        }
    }

    /// Counts the evaluations of one event.
    #[inline]
    pub fn count(&mut self, tried: &[RuleId], matched: &[RuleId]) {
        if self.run != tried {
            self.end_run();
            self.run.extend_from_slice(tried);
        }
        self.run_length += 1;
        for rule in matched {
            if let Some(cell) = self.rules.get_mut(rule.index()) {
                cell.matched += 1;
            }
        }
    }

    /// Counts what is not in the cells yet.
    pub fn end_run(&mut self) {
        for rule in self.run.drain(..) {
            if let Some(cell) = self.rules.get_mut(rule.index()) {
                cell.tried += self.run_length;
            }
        }
        self.run_length = 0;
    }
}

/// What one recorder has counted.
#[derive(Debug, Default)]
pub struct Recording {
    /// By event type and outcome.
    pub(crate) events: Vec<[EventCell; OUTCOMES]>,
    /// By event type and outcome.
    pub(crate) rows: Vec<[Option<Box<Row>>; OUTCOMES]>,
    /// By rule, not matched and matched; nanoseconds.
    pub(crate) latencies: Vec<[Histogram; 2]>,
    pub(crate) timeline: TimeBins,
    /// By node; empty unless work is counted.
    pub(crate) work: Vec<CheckWork>,
    /// Ticks in which the thread did not run; in no other number.
    pub(crate) waited: u64,
    /// Stage time outside of events, in ticks.
    pub(crate) setup: [u64; STAGES],
}

impl Recording {
    /// All events as one.
    pub(crate) fn whole(&self) -> EventCell {
        let mut whole = EventCell::default();
        for cell in self.events.iter().flatten() {
            for (sum, ticks) in whole.stages.iter_mut().zip(cell.stages) {
                *sum += ticks;
            }
        }
        whole
    }

    /// For a recorder that read no clock: of `ticks`, the thread ran for so long.
    pub(crate) fn set_running_ns(&mut self, clock: &impl Clock, ticks: u64, running_ns: u64) {
        let passed_ns = clock.nanoseconds(ticks);
        let waited_ns = passed_ns.saturating_sub(running_ns);
        self.waited = (u128::from(ticks) * u128::from(waited_ns) / u128::from(passed_ns.max(1))) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read, decode, state, evaluate, output.
    fn check(stages: [u64; STAGES], joined: u64, whole: [u64; STAGES], expected: [u64; STAGES]) {
        let cell = EventCell { stages, joined, ..EventCell::default() };
        assert_eq!(cell.all_stages(&EventCell { stages: whole, ..EventCell::default() }), expected);
    }

    #[test]
    fn what_was_timed_together_is_divided_as_in_chosen_events() {
        check([5, 10, 30, 7, 1], 80, [0; STAGES], [5, 30, 90, 7, 1]);
        check([5, 0, 0, 7, 1], 81, [9, 20, 20, 9, 9], [5, 40, 41, 7, 1]);
        check([5, 0, 0, 7, 1], 80, [0; STAGES], [5, 0, 80, 7, 1]);
        check([0, 1, 1, 0, 0], u64::MAX - 1, [0; STAGES], [0, u64::MAX / 2 + 1, u64::MAX / 2 + 1, 0, 0]);
    }
}
