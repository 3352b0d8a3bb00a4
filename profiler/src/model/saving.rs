//! What leaving a rule out saves: differences between replays with and without it, and how sure they are.

use serde::{Deserialize, Serialize};

use super::interval::{CONFIDENCE, RESAMPLES};
use crate::random::Random;

/// Share of rounds that is left out at either end: a disturbance may make a round mean nothing.
const TRIMMED: f64 = 0.2;
/// Relative half of the interval from which a saving is called noisy.
const NOISY_ERROR: f64 = 0.15;

/// By how much a replay without a rule is shorter: processor time of replays that nothing was measured in. For one replay,
/// also where profiles were merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saving {
    /// Mean over rounds without a fifth of them at either end. Negative if replays without the rule took longer.
    pub saved_ns: i64,
    /// The interval that holds the true one with a probability of 95 %.
    pub low_ns: i64,
    pub high_ns: i64,
    /// Half of the interval is more than 15 % of what was saved.
    pub noisy: bool,
    /// What every round found, in rising order. Merged profiles have the rounds of all.
    pub rounds_ns: Vec<i64>,
}

impl Saving {
    /// From what rounds found; `None` if there are less than two.
    pub fn of(mut rounds_ns: Vec<i64>) -> Option<Saving> {
        if rounds_ns.len() < 2 {
            return None;
        }
        rounds_ns.sort_unstable();
        let saved_ns = trimmed_mean(&rounds_ns);
        let mut random = Random::of(rounds_ns.iter().map(|ns| ns.unsigned_abs()));
        let mut choice = vec![0; rounds_ns.len()];
        let mut means: Vec<i64> = (0..RESAMPLES)
            .map(|_| {
                choice.fill_with(|| rounds_ns[random.below(rounds_ns.len())]);
                choice.sort_unstable();
                trimmed_mean(&choice)
            })
            .collect();
        means.sort_unstable();
        let outside = (RESAMPLES as f64 * (1.0 - CONFIDENCE) / 2.0) as usize;
        let (low_ns, high_ns) = (means[outside], means[RESAMPLES - 1 - outside]);
        let mut saving = Saving { saved_ns, low_ns, high_ns, noisy: false, rounds_ns };
        saving.noisy = saving.error() > NOISY_ERROR;
        Some(saving)
    }

    /// As [`Saving::of`] the rounds of both.
    pub(crate) fn merge(self, other: Saving) -> Option<Saving> {
        let mut rounds_ns = self.rounds_ns;
        rounds_ns.extend(other.rounds_ns);
        Saving::of(rounds_ns)
    }

    /// Half of the interval, relative to what was saved.
    pub fn error(&self) -> f64 {
        match self.half_width_ns() {
            0 => 0.0,
            half => half as f64 / self.saved_ns.unsigned_abs() as f64,
        }
    }

    /// Half of the interval.
    pub fn half_width_ns(&self) -> u64 {
        self.high_ns.abs_diff(self.low_ns) / 2
    }
}

/// The mean of the middle of `sorted`, which is not empty.
fn trimmed_mean(sorted: &[i64]) -> i64 {
    let cut = (sorted.len() as f64 * TRIMMED) as usize;
    let middle = &sorted[cut..sorted.len() - cut];
    let sum: i128 = middle.iter().map(|ns| i128::from(*ns)).sum();
    (sum / middle.len() as i128) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saved time, and whether it is noisy.
    fn check(rounds_ns: &[i64], expected: Option<(i64, bool)>) {
        let found = Saving::of(rounds_ns.to_vec());
        assert_eq!(found.as_ref().map(|s| (s.saved_ns, s.noisy)), expected, "{rounds_ns:?}");
        let Some(saving) = found else { return };
        assert!(saving.low_ns <= saving.saved_ns && saving.saved_ns <= saving.high_ns, "{saving:?}");
        let mut backwards = rounds_ns.to_vec();
        backwards.reverse();
        assert_eq!(Saving::of(backwards), Some(saving), "the order of rounds does not matter");
    }

    #[test]
    fn disturbed_rounds_only_make_it_less_sure() {
        check(&[], None);
        check(&[1000], None);
        check(&[1000, 1000], Some((1000, false)));
        check(&[1000, 1010, 990, 1005, 995, 1000, 90_000, -70_000, 1003, 997], Some((1000, true)));
        check(&[1000, 1010, 990, 1005, 995, 1000, 1090, 910, 1003, 997], Some((1000, false)));
        check(&[0, 0, 0], Some((0, false)));
    }

    #[test]
    fn what_may_be_nothing_is_noisy() {
        check(&[100, -100, 300, -300, 50, -50], Some((0, true)));
        check(&[-1000, -1010, -990, -1005, -995], Some((-1000, false)));
        check(&[1000, 1400, 600, 1800, 200, 1000], Some((1000, true)));
    }

    #[test]
    fn intervals_hold_what_is_saved() {
        let mut random = Random::of([1].into_iter());
        let held = (0..200).filter(|_| {
            let noise = |random: &mut Random| (0..12).map(|_| random.below(100) as i64).sum::<i64>();
            let rounds = (0..20).map(|_| 10_000 + noise(&mut random) - noise(&mut random)).collect();
            let saving = Saving::of(rounds).unwrap();
            saving.low_ns <= 10_000 && 10_000 <= saving.high_ns
        });
        let held = held.count();
        assert!((174..=199).contains(&held), "{held} of 200");
    }

    #[test]
    fn merging_is_having_seen_all_rounds() {
        let saving = |rounds: &[i64]| Saving::of(rounds.to_vec()).unwrap();
        let (a, b, c) = (saving(&[10, 12, 11]), saving(&[20, 22]), saving(&[5, 7, 30, 31]));
        let left = a.clone().merge(b.clone()).unwrap().merge(c.clone());
        assert_eq!(left, c.merge(a).unwrap().merge(b));
        assert_eq!(left, Some(saving(&[10, 12, 11, 20, 22, 5, 7, 30, 31])));
    }
}
