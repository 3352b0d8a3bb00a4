//! How sure a measured time is: bootstrap over iterations.
//!
//! The mean over iterations is computed again for many random choices of as many iterations; the middle of these
//! means is the interval. Choices depend on nothing but the times, so the same profile has the same intervals.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// How many choices are made.
pub(super) const RESAMPLES: usize = 1000;
/// Share of their means that lies inside the interval.
pub(super) const CONFIDENCE: f64 = 0.95;
/// Relative width from which a time is called noisy.
const NOISY_WIDTH: f64 = 0.1;

/// Mean time of one replay, with the interval that holds the true one with a probability of 95 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub mean_ns: u64,
    pub low_ns: u64,
    pub high_ns: u64,
    /// The interval is wider than a tenth of the mean: differences of this size mean nothing.
    pub noisy: bool,
}

impl Interval {
    /// From the times of replays; `None` if there are less than two.
    pub fn of(times_ns: &[u64]) -> Option<Interval> {
        if times_ns.len() < 2 {
            return None;
        }
        let mean = |sum: u128| (sum / times_ns.len() as u128) as u64;
        let mean_ns = mean(times_ns.iter().map(|ns| u128::from(*ns)).sum());
        let mut random = Random::of(times_ns.iter().copied());
        let mut means: Vec<u64> = (0..RESAMPLES)
            .map(|_| mean(times_ns.iter().map(|_| u128::from(times_ns[random.below(times_ns.len())])).sum()))
            .collect();
        means.sort_unstable();
        let outside = (RESAMPLES as f64 * (1.0 - CONFIDENCE) / 2.0) as usize;
        let (low_ns, high_ns) = (means[outside], means[RESAMPLES - 1 - outside]);
        let noisy = (high_ns - low_ns) as f64 > NOISY_WIDTH * mean_ns as f64;
        Some(Interval { mean_ns, low_ns, high_ns, noisy })
    }

    /// Half the width, relative to the mean.
    pub fn relative_error(&self) -> f64 {
        if self.mean_ns == 0 { 0.0 } else { (self.high_ns - self.low_ns) as f64 / 2.0 / self.mean_ns as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(times_ns: &[u64], expected: Option<(u64, bool)>) {
        let found = Interval::of(times_ns);
        assert_eq!(found.map(|i| (i.mean_ns, i.noisy)), expected, "{times_ns:?}");
        assert_eq!(found, Interval::of(times_ns), "the same data give the same interval");
        if let Some(interval) = found {
            assert!(
                interval.low_ns <= interval.mean_ns && interval.mean_ns <= interval.high_ns,
                "{interval:?}"
            );
            assert!(times_ns.iter().min().is_some_and(|min| *min <= interval.low_ns));
            assert!(times_ns.iter().max().is_some_and(|max| *max >= interval.high_ns));
        }
    }

    #[test]
    fn intervals_show_noise() {
        check(&[], None);
        check(&[7], None);
        check(&[100, 100, 100], Some((100, false)));
        check(&[1000, 1010, 990, 1005, 995], Some((1000, false)));
        check(&[1000, 1000, 1000, 1000, 2000], Some((1200, true)));
        check(&[0, 0, 0], Some((0, false)));
    }

    /// Of normal-looking data 95 % of intervals hold the true mean; percentile intervals of ten values, a few less.
    #[test]
    fn intervals_hold_the_true_mean() {
        let mut random = Random::default();
        let held = (0..400).filter(|_| {
            let times: Vec<u64> =
                (0..10).map(|_| 10_000 + (0..12).map(|_| random.below(100) as u64).sum::<u64>()).collect();
            let interval = Interval::of(&times).unwrap();
            interval.low_ns <= 10_594 && 10_594 <= interval.high_ns
        });
        let held = held.count();
        assert!((340..=396).contains(&held), "{held} of 400");
    }
}
