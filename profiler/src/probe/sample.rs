//! Which events are timed, if not all are.

/// One event in so many, chosen by its number.
///
/// Workloads repeat themselves, so numbers are mixed first: every 8th event might always be of the same kind. Each
/// iteration has a phase of its own; as many iterations as events are skipped choose every event once.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    every: u64,
    phase: u64,
    /// Number of the event at hand, from 1.
    number: u64,
    /// Whether it is chosen.
    chosen: bool,
}

impl Sample {
    /// One event in `every`; 0 and 1 mean all.
    pub fn new(every: u32, iteration: u32) -> Self {
        let every = u64::from(every.max(1));
        let mut sample = Sample { every, phase: u64::from(iteration) % every, number: 0, chosen: true };
        sample.advance();
        sample
    }

    /// Whether the event at hand is chosen.
    #[inline(always)]
    pub fn is_chosen(&self) -> bool {
        self.chosen
    }

    /// How many events a chosen one stands for.
    pub fn weight(&self) -> u64 {
        self.every
    }

    /// Goes on to the next event.
    #[inline]
    pub fn advance(&mut self) {
        self.number += 1;
        // The high half of the product is a number below `every`, for less than a division takes.
        self.chosen = self.every == 1
            || (u128::from(mixed(self.number)) * u128::from(self.every)) >> 64 == u128::from(self.phase);
    }
}

/// SplitMix64's finalizer.
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::Sample;

    /// Numbers that are chosen.
    fn chosen(every: u32, iteration: u32, count: usize) -> Vec<usize> {
        let mut sample = Sample::new(every, iteration);
        (1..=count)
            .filter(|_| {
                let chosen = sample.is_chosen();
                sample.advance();
                chosen
            })
            .collect()
    }

    #[test]
    fn iterations_together_choose_every_event_once() {
        for every in [1, 2, 7, 16] {
            let mut all: Vec<usize> =
                (0..every).flat_map(|iteration| chosen(every, iteration, 1000)).collect();
            all.sort_unstable();
            assert_eq!(all, (1..=1000).collect::<Vec<_>>(), "1/{every}");
            assert_eq!(chosen(every, 0, 1000), chosen(every, every, 1000));
        }
    }

    #[test]
    fn choices_do_not_follow_a_period() {
        for period in 2..20 {
            let in_phase = chosen(8, 0, 80_000).into_iter().filter(|number| number % period == 0).count();
            let expected = 10_000 / period;
            assert!(in_phase.abs_diff(expected) < expected / 5 + 50, "{in_phase} instead of {expected}");
        }
    }
}
