//! What one recorder has counted: cells by event type, outcome, rule, node and field.

use std::collections::HashMap;

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
    pub stages: [u64; STAGES],
    /// The evaluate stage of those whose rules were timed.
    pub timed_evaluate: u64,
}

/// Evaluations of one rule for events of one type with one outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RuleCell {
    pub tried: u64,
    pub matched: u64,
    /// Of those that were timed, by not matched and matched.
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
    /// For a recorder that read no clock: of `ticks`, the thread ran for so long.
    pub(crate) fn set_running_ns(&mut self, clock: &impl Clock, ticks: u64, running_ns: u64) {
        let passed_ns = clock.nanoseconds(ticks);
        let waited_ns = passed_ns.saturating_sub(running_ns);
        self.waited = (u128::from(ticks) * u128::from(waited_ns) / u128::from(passed_ns.max(1))) as u64;
    }
}
