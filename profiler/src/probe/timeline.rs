//! Counting over the time of a capture, whose length is known only at its end.

use crate::clock::Clock;
use crate::model::{RuleTimeline, Timeline};

const BINS: usize = Timeline::BINS_MAX;

/// Evaluations of one rule in one bin.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    evaluations: u64,
    matches: u64,
    ticks: u64,
}

/// Bins that become twice as long when they no longer reach.
#[derive(Debug, Default)]
pub(crate) struct TimeBins {
    start_ns: Option<u64>,
    doublings: u32,
    events: Vec<u64>,
    /// By bin and rule: events come in order of time, so the cells in use stay together.
    cells: Vec<Cell>,
    rule_count: usize,
}

/// One bin, in which an event happened.
pub(crate) struct Bin<'a>(&'a mut [Cell]);

impl TimeBins {
    pub fn new(rule_count: usize) -> Self {
        let cells = vec![Cell::default(); BINS * rule_count];
        TimeBins { events: vec![0; BINS], cells, rule_count, ..Default::default() }
    }

    /// Counts an event.
    pub fn count_event(&mut self, ts_ns: u64) {
        let index = self.index(ts_ns);
        self.events[index] += 1;
    }

    /// The bin of an event.
    pub fn bin(&mut self, ts_ns: u64) -> Bin<'_> {
        let index = self.index(ts_ns);
        Bin(&mut self.cells[index * self.rule_count..][..self.rule_count])
    }

    /// An event from before the first is treated as if it had come with it.
    fn index(&mut self, ts_ns: u64) -> usize {
        let start_ns = *self.start_ns.get_or_insert(ts_ns);
        let steps = ts_ns.saturating_sub(start_ns) / Timeline::BIN_MIN_NS;
        while (steps >> self.doublings) >= BINS as u64 {
            self.double();
        }
        (steps >> self.doublings) as usize
    }

    fn double(&mut self) {
        self.doublings += 1;
        for bin in 0..BINS / 2 {
            self.events[bin] = self.events[2 * bin] + self.events[2 * bin + 1];
            for rule in 0..self.rule_count {
                let cell = |bin: usize| self.cells[bin * self.rule_count + rule];
                let (a, b) = (cell(2 * bin), cell(2 * bin + 1));
                self.cells[bin * self.rule_count + rule] = Cell {
                    evaluations: a.evaluations + b.evaluations,
                    matches: a.matches + b.matches,
                    ticks: a.ticks + b.ticks,
                };
            }
        }
        self.events[BINS / 2..].fill(0);
        self.cells[BINS / 2 * self.rule_count..].fill(Cell::default());
    }

    pub fn timeline(&self, clock: &impl Clock) -> Timeline {
        if self.start_ns.is_none() {
            return Timeline::default();
        }
        let column = |rule: usize, value: &dyn Fn(&Cell) -> u64| {
            trimmed((0..BINS).map(|bin| value(&self.cells[bin * self.rule_count + rule])).collect())
        };
        let rules = (0..self.rule_count).map(|rule| RuleTimeline {
            evaluations: column(rule, &|cell| cell.evaluations),
            matches: column(rule, &|cell| cell.matches),
            total_ns: column(rule, &|cell| clock.nanoseconds(cell.ticks)),
        });
        Timeline {
            bin_ns: Timeline::BIN_MIN_NS << self.doublings,
            rules: rules.collect(),
            events: trimmed(self.events.clone()),
        }
    }
}

impl Bin<'_> {
    /// Counts an evaluation.
    pub fn count(&mut self, rule: usize, hit: bool) {
        if let Some(cell) = self.0.get_mut(rule) {
            cell.evaluations += 1;
            cell.matches += u64::from(hit);
        }
    }

    /// Adds the time of an evaluation.
    #[inline]
    pub fn time(&mut self, rule: usize, ticks: u64) {
        if let Some(cell) = self.0.get_mut(rule) {
            cell.ticks += ticks;
        }
    }
}

/// Without the zeros at the end.
fn trimmed(mut column: Vec<u64>) -> Vec<u64> {
    column.truncate(column.iter().rposition(|value| *value > 0).map_or(0, |last| last + 1));
    column
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn bins_grow_with_the_capture() {
        let mut bins = TimeBins::new(2);
        for ms in [5, 5, 6, 68, 69, 4, 133] {
            bins.count_event(ms * 1_000_000);
            let mut bin = bins.bin(ms * 1_000_000);
            bin.count(1, ms == 6);
            bin.time(1, ms);
        }
        let found = bins.timeline(&ManualClock::default());
        // 128 ms need bins of 2.048 ms.
        assert_eq!(found.bin_ns, 1000 << 11);
        assert_eq!(found.events.iter().sum::<u64>(), 7);
        assert_eq!((found.events[0], found.events[30], found.events[31], found.events[62]), (4, 1, 1, 1));
        assert_eq!(found.rules[0], RuleTimeline::default());
        assert_eq!(found.rules[1].evaluations, found.events);
        assert_eq!(found.rules[1].matches, [1]);
        assert_eq!(found.rules[1].total_ns.iter().sum::<u64>(), 5 + 5 + 6 + 68 + 69 + 4 + 133);
    }
}
