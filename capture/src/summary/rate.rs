//! Events over time, in a fixed number of equal intervals.

/// Counts of events per interval. Intervals start short and double until the whole capture fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    start_ns: u64,
    interval_ns: u64,
    counts: Vec<u64>,
}

/// Enough for a plot; even, so that pairs can be merged.
const INTERVALS_MAX: usize = 120;
const SHORTEST_NS: u64 = 1_000_000;

impl Default for Rate {
    fn default() -> Self {
        Rate { start_ns: 0, interval_ns: SHORTEST_NS, counts: Vec::new() }
    }
}

impl Rate {
    /// Counts an event. Those before the first one's time are counted in the first interval.
    pub fn count(&mut self, ts_ns: u64) {
        if self.counts.is_empty() {
            self.start_ns = ts_ns;
        }
        let since = ts_ns.saturating_sub(self.start_ns);
        while since / self.interval_ns >= INTERVALS_MAX as u64 {
            self.counts = self.counts.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.interval_ns = self.interval_ns.saturating_mul(2);
        }
        let index = (since / self.interval_ns) as usize;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += 1;
    }

    /// When the first interval starts, in nanoseconds since the epoch.
    pub fn start_ns(&self) -> u64 {
        self.start_ns
    }

    /// Length of an interval.
    pub fn interval_ns(&self) -> u64 {
        self.interval_ns
    }

    /// Events in each interval, from the first to the last that has any.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_double_until_all_fits() {
        let mut rate = Rate::default();
        rate.count(1_000);
        rate.count(0);
        rate.count(1_000 + 119 * SHORTEST_NS);
        assert_eq!((rate.counts().len(), rate.interval_ns()), (120, SHORTEST_NS));
        rate.count(1_000 + 120 * SHORTEST_NS);
        assert_eq!((rate.counts().len(), rate.interval_ns()), (61, 2 * SHORTEST_NS));
        assert_eq!((rate.counts()[0], rate.counts()[59], rate.counts()[60]), (2, 1, 1));
        rate.count(u64::MAX);
        assert_eq!(rate.counts().iter().sum::<u64>(), 5);
        assert!(rate.counts().len() <= INTERVALS_MAX);
    }
}
