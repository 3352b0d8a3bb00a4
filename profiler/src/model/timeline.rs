//! Rules over the time of the captures.

use serde::{Deserialize, Serialize};

/// Evaluations by when their event happened, counted from the first event of a replay.
///
/// Bins are [`Timeline::BIN_MIN_NS`] times a power of two long, the smallest with which [`Timeline::BINS_MAX`] of them
/// hold everything. So timelines of different lengths can be added: the finer one's bins fit into the coarser one's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Length of a bin; 0 without events.
    pub bin_ns: u64,
    /// Events by bin; the last bin is not empty.
    pub events: Vec<u64>,
    /// In the order of [`Profile::rules`](super::Profile::rules).
    pub rules: Vec<RuleTimeline>,
}

/// Evaluations of one rule, by bin. Empty bins at the end are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTimeline {
    pub evaluations: Vec<u64>,
    pub matches: Vec<u64>,
    /// All zero, and so left out, if rules were not timed.
    pub total_ns: Vec<u64>,
}

impl Timeline {
    /// Most bins.
    pub const BINS_MAX: usize = 64;
    /// Shortest bin.
    pub const BIN_MIN_NS: u64 = 1000;

    /// The times alone.
    pub(crate) fn times(mut self) -> Timeline {
        self.events.clear();
        for rule in &mut self.rules {
            rule.evaluations.clear();
            rule.matches.clear();
        }
        self
    }

    /// The counts alone, as if there had been so many replays.
    pub(crate) fn counts(mut self, replays: u64) -> Timeline {
        self.events.iter_mut().for_each(|count| *count *= replays);
        for rule in &mut self.rules {
            rule.total_ns.clear();
            rule.evaluations.iter_mut().chain(&mut rule.matches).for_each(|count| *count *= replays);
        }
        self
    }

    /// Adds `other`, which is of the same rules.
    pub(crate) fn merge(&mut self, mut other: Timeline) {
        if other.bin_ns == 0 {
            return;
        }
        if self.bin_ns == 0 {
            *self = other;
            return;
        }
        while self.bin_ns < other.bin_ns {
            self.coarsen();
        }
        while other.bin_ns < self.bin_ns {
            other.coarsen();
        }
        add(&mut self.events, &other.events);
        for (rule, more) in self.rules.iter_mut().zip(&other.rules) {
            add(&mut rule.evaluations, &more.evaluations);
            add(&mut rule.matches, &more.matches);
            add(&mut rule.total_ns, &more.total_ns);
        }
    }

    /// Makes bins twice as long.
    fn coarsen(&mut self) {
        self.bin_ns *= 2;
        let rules = self.rules.iter_mut();
        let columns = rules.flat_map(|rule| [&mut rule.evaluations, &mut rule.matches, &mut rule.total_ns]);
        for column in columns.chain([&mut self.events]) {
            *column = column.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
    }

    /// Says what is wrong with the shape, if anything is.
    pub(super) fn check(&self, rule_count: usize) -> Result<(), String> {
        let bins = self.bin_ns / Self::BIN_MIN_NS;
        let is_power = self.bin_ns == 0 || bins.is_power_of_two() && bins * Self::BIN_MIN_NS == self.bin_ns;
        // Longer ones could not be doubled until they are as long as any other.
        if !is_power || bins > 1 << 49 {
            return Err(format!("a timeline cannot have bins of {} ns", self.bin_ns));
        }
        if self.bin_ns > 0 && self.rules.len() != rule_count {
            return Err(format!("the timeline does not cover {rule_count} rules"));
        }
        let len_max = self.columns().map(Vec::len).max().unwrap_or(0);
        if len_max > Self::BINS_MAX {
            return Err(format!("the timeline has {len_max} bins"));
        }
        Ok(())
    }

    /// All its numbers, by bin.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Vec<u64>> {
        let rules = self.rules.iter().flat_map(|rule| [&rule.evaluations, &rule.matches, &rule.total_ns]);
        rules.chain([&self.events])
    }
}

fn add(sums: &mut Vec<u64>, more: &[u64]) {
    if sums.len() < more.len() {
        sums.resize(more.len(), 0);
    }
    for (sum, value) in sums.iter_mut().zip(more) {
        *sum += value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(bin_ns: u64, events: &[u64]) -> Timeline {
        let rule = RuleTimeline { evaluations: events.to_vec(), ..Default::default() };
        Timeline { bin_ns, events: events.to_vec(), rules: vec![rule] }
    }

    #[test]
    fn finer_bins_go_into_coarser_ones() {
        let mut sum = timeline(1000, &[1, 2, 3, 4, 5]);
        sum.merge(timeline(4000, &[10, 20, 30]));
        assert_eq!(sum, timeline(4000, &[20, 25, 30]));
        sum.merge(Timeline::default());
        assert_eq!(sum, timeline(4000, &[20, 25, 30]));
    }

    #[test]
    fn impossible_shapes_are_refused() {
        assert_eq!(timeline(8000, &[1]).check(1), Ok(()));
        assert_eq!(Timeline::default().check(1), Ok(()));
        assert!(timeline(3000, &[1]).check(1).is_err());
        assert!(timeline(1000, &[1]).check(2).is_err());
        assert!(timeline(1000, &[1; 65]).check(1).is_err());
    }
}
