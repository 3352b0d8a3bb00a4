//! What leaving a rule out saves, found by leaving it out.
//!
//! The time that a profile says a rule takes is that between two readings of the clock. A replay without the rule may save
//! more or less: for what the rule brought into the cache the next one has to wait, and work goes on past readings. So here
//! nothing is timed inside of stretches of events, and programs with and without the rule are compared.
//!
//! What disturbs a replay, such as a neighbour on the same machine, lasts for milliseconds and hits one replay and not the next.
//! Therefore the programs take turns in the same replay, and each evaluates each stretch in another replay of a round:
//!
//! ```text
//! round:     compile all rules; all but the first that is left out (-1); all but the second (-2)
//! replay 1   [ all ][ -1  ][ -2  ][ all ][ -1  ] ...
//! replay 2   [ -1  ][ -2  ][ all ][ -1  ][ -2  ] ...
//! replay 3   [ -2  ][ all ][ -1  ][ -2  ][ all ] ...
//! ```
//!
//! All of this is done a few times, unless replays are long, and of each stretch and program the least time counts, since
//! disturbances only add. So a round finds one difference for each rule; a [`Saving`] is made of those of all rounds. Where code and data lie in memory
//! makes differences as large as a rule (Mytkowicz et al., Producing Wrong Data Without Doing Anything Obviously Wrong, ASPLOS
//! 2009). Programs of a round see the same state in the same place, and are compiled anew, to another place, for each round.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::{Clock, CpuClock};
use crate::model::{Profile, Saving};
use crate::random::Random;

/// Rules that can be replayed without one of them.
pub trait Variants {
    type Compiled;
    type Error;

    /// Compiles all rules but one, by its index.
    fn compile(&mut self, without: Option<usize>) -> Self::Compiled;

    /// One replay of everything without a probe. `choose` is asked now and then, each time after the same events, which of
    /// `compiled` is to go on after so many.
    ///
    /// # Errors
    /// Whatever stops a replay.
    fn replay(
        &self,
        compiled: &[Self::Compiled],
        choose: &(dyn Fn(u64) -> usize + Sync),
    ) -> Result<(), Self::Error>;
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct LeaveOutOptions {
    /// Enough, if half of each interval is no more than this part of what is saved.
    pub error: f64,
    /// No rounds are begun after so long, except for the first two.
    pub time_max: Duration,
    /// Never more rounds than this.
    pub rounds_max: u32,
}

impl Default for LeaveOutOptions {
    fn default() -> Self {
        LeaveOutOptions { error: 0.07, time_max: Duration::from_secs(120), rounds_max: 1000 }
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug)]
pub struct LeaveOutProgress {
    /// Replays so far, and those of one round.
    pub replays: u32,
    pub round_replays: u32,
    /// Rounds that are over.
    pub rounds: u32,
    /// The widest half of an interval, relative to what is saved. Infinite before there are intervals.
    pub error: f64,
    /// Estimate of the time that is left.
    pub left: Duration,
}

/// Rounds that are needed before intervals are trusted to end it, and for there to be intervals at all.
const ROUNDS_TRUSTED: u32 = 10;
const ROUNDS_MIN: u32 = 2;
/// How often a program evaluates each stretch in a round, unless replays are long. The least of four was the surest of what
/// was tried on a restless machine: intervals were half as wide as with single times, and no narrower with the middle two or
/// three of four.
const REPETITIONS_MAX: u32 = 4;
/// How many events a stretch has. With fewer, programs would often be missing in the cache when their turn comes.
const STRETCH_EVENTS: u64 = 4096;

/// Finds out what leaving out each of `rules` saves, and writes it to the profile. `progress` is told after each replay and
/// says whether to go on; what whole rounds found until then stays.
///
/// # Errors
/// The first error of a replay.
pub fn leave_out<V: Variants>(
    variants: &mut V,
    rules: &[usize],
    options: &LeaveOutOptions,
    profile: &mut Profile,
    progress: impl FnMut(LeaveOutProgress) -> bool,
) -> Result<(), V::Error> {
    let mut rounds = Rounds {
        variants,
        rules,
        options,
        progress,
        layout: Layout::default(),
        began: Instant::now(),
        repetitions: REPETITIONS_MAX,
        found: vec![Vec::new(); rules.len()],
        told: LeaveOutProgress {
            replays: 0,
            round_replays: 0,
            rounds: 0,
            error: f64::INFINITY,
            left: options.time_max,
        },
    };
    while rounds.told.rounds < options.rounds_max && rounds.round()? {}
    for (rule, rounds_ns) in rules.iter().zip(rounds.found) {
        if let Some(rule) = profile.rules.get_mut(*rule) {
            rule.saving = Saving::of(rounds_ns);
        }
    }
    Ok(())
}

struct Rounds<'a, V, F> {
    variants: &'a mut V,
    rules: &'a [usize],
    options: &'a LeaveOutOptions,
    progress: F,
    layout: Layout,
    began: Instant,
    repetitions: u32,
    /// By rule, what rounds found.
    found: Vec<Vec<i64>>,
    told: LeaveOutProgress,
}

impl<V: Variants, F: FnMut(LeaveOutProgress) -> bool> Rounds<'_, V, F> {
    /// One round; says whether there should be another.
    fn round(&mut self) -> Result<bool, V::Error> {
        let mut compiled = Vec::new();
        let mut below = Vec::new();
        for without in std::iter::once(None).chain(self.rules.iter().copied().map(Some)) {
            below.push(self.layout.shuffle());
            compiled.push(self.variants.compile(without));
        }
        let mut least_ns: Vec<Vec<u64>> = Vec::new();
        let mut repetition = 0;
        while repetition < self.repetitions {
            let order = self.layout.order(compiled.len());
            for first in 0..compiled.len() {
                let _below = self.layout.shuffle();
                let turns = Mutex::new(Turns::new(CpuClock::new(), &order, first));
                let lock = || turns.lock().unwrap_or_else(PoisonError::into_inner);
                self.variants.replay(&compiled, &|events| lock().choose(events))?;
                lock().finish(&mut least_ns);
                self.told.replays += 1;
                if self.told.replays == 1 {
                    self.repetitions = self.repetitions_after(self.began.elapsed());
                }
                self.told.round_replays = self.repetitions * compiled.len() as u32;
                let is_last = repetition + 1 == self.repetitions && first + 1 == compiled.len();
                self.told.left = self.time_left();
                if !is_last && !(self.progress)(self.told) {
                    return Ok(false);
                }
            }
            repetition += 1;
        }
        let time_ns = |who: usize| least_ns.iter().map(|stretch| stretch[who] as i64).sum::<i64>();
        for (i, found) in self.found.iter_mut().enumerate() {
            found.push(time_ns(0) - time_ns(i + 1));
        }
        self.told.rounds += 1;
        let errors = self.found.iter().map(|rounds| Saving::of(rounds.clone()).map(|saving| saving.error()));
        self.told.error = errors.map(|error| error.unwrap_or(f64::INFINITY)).fold(0.0, f64::max);
        self.told.left = self.time_left();
        Ok((self.progress)(self.told) && !self.told.left.is_zero())
    }

    /// With as many, ten rounds take no more than the time there is.
    fn repetitions_after(&self, replay: Duration) -> u32 {
        let square = replay.as_secs_f64() * (self.rules.len() + 1) as f64;
        let fitting = self.options.time_max.as_secs_f64() / (f64::from(ROUNDS_TRUSTED) * square);
        fitting.clamp(1.0, f64::from(REPETITIONS_MAX)) as u32
    }

    fn time_left(&self) -> Duration {
        let LeaveOutProgress { replays, round_replays, rounds, error, .. } = self.told;
        let passed = self.began.elapsed();
        let needed = rounds_needed(rounds, error, self.options);
        let replays_left = (needed * f64::from(round_replays) - f64::from(replays)).max(0.0);
        let left = passed.as_secs_f64() * replays_left / f64::from(replays.max(1));
        let left = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
        if rounds < ROUNDS_MIN { left } else { left.min(self.options.time_max.saturating_sub(passed)) }
    }
}

/// How many rounds there will be, those that were included, if time does not run out. Intervals become narrower with the root of
/// their number.
fn rounds_needed(rounds: u32, error: f64, options: &LeaveOutOptions) -> f64 {
    let needed = match rounds {
        0..ROUNDS_TRUSTED => f64::from(ROUNDS_TRUSTED),
        rounds if error <= options.error => f64::from(rounds),
        rounds => f64::from(rounds) * (error / options.error).powi(2),
    };
    needed.min(f64::from(options.rounds_max))
}

/// Who evaluates which stretch of a replay, and how long each took.
struct Turns<'o, C> {
    clock: C,
    order: &'o [usize],
    /// Place in the order of who takes the first stretch.
    first: usize,
    /// When the stretch at hand began.
    began_ns: u64,
    /// What those before it took.
    stretches_ns: Vec<u64>,
}

impl<'o, C: Clock> Turns<'o, C> {
    fn new(clock: C, order: &'o [usize], first: usize) -> Self {
        let began_ns = clock.running_ns().unwrap_or(0);
        Turns { clock, order, first, began_ns, stretches_ns: Vec::new() }
    }

    /// Whose turn it is after so many events.
    fn choose(&mut self, events: u64) -> usize {
        if events / STRETCH_EVENTS > self.stretches_ns.len() as u64 {
            self.end_stretch();
        }
        self.who(self.stretches_ns.len())
    }

    fn who(&self, stretch: usize) -> usize {
        self.order[(self.first + stretch) % self.order.len()]
    }

    fn end_stretch(&mut self) {
        let now_ns = self.clock.running_ns().unwrap_or(0);
        self.stretches_ns.push(now_ns.saturating_sub(self.began_ns));
        self.began_ns = now_ns;
    }

    /// Ends the replay: enters what each stretch took, by stretch and program, where it is the least so far.
    fn finish(&mut self, least_ns: &mut Vec<Vec<u64>>) {
        self.end_stretch();
        for (stretch, ns) in self.stretches_ns.iter().enumerate() {
            if least_ns.len() == stretch {
                least_ns.push(vec![u64::MAX; self.order.len()]);
            }
            let least = &mut least_ns[stretch][self.who(stretch)];
            *least = (*least).min(*ns);
        }
    }
}

/// Where things lie in memory.
#[derive(Default)]
struct Layout(Random);

impl Layout {
    /// Memory in pieces of many sizes, with holes between them that others will fill.
    fn shuffle(&mut self) -> Vec<Vec<u8>> {
        const PIECES: usize = 4000;
        const PIECE_BYTES_MAX: usize = 2000;
        let pieces: Vec<Vec<u8>> =
            (0..PIECES).map(|_| Vec::with_capacity(16 + self.0.below(PIECE_BYTES_MAX))).collect();
        pieces.into_iter().filter(|_| self.0.below(2) == 0).collect()
    }

    /// Numbers from 0, in any order.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for i in (1..count).rev() {
            order.swap(i, self.0.below(i + 1));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    /// Programs take turns in every stretch, and of each the least time counts.
    #[test]
    fn each_program_evaluates_each_stretch() {
        let clock = ManualClock::default();
        let order = [1, 0];
        let mut least_ns = Vec::new();
        let mut seen = Vec::new();
        // Program 0 takes 100, 200, 300 for the stretches, program 1 takes 7 less; the second time there is a disturbance.
        for (first, disturbance) in [(0, 0), (1, 0), (0, 50), (1, 50)] {
            let mut turns = Turns::new(clock.clone(), &order, first);
            for stretch in 0..3 {
                // The driver may ask again after the same events.
                let who = [0, 1].map(|_| turns.choose(stretch * STRETCH_EVENTS))[1];
                seen.push(who);
                clock.advance(100 * (stretch + 1) - 7 * who as u64 + disturbance);
                clock.wait(5);
            }
            turns.finish(&mut least_ns);
        }
        assert_eq!(seen, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
        assert_eq!(least_ns, [[100, 93], [200, 193], [300, 293]]);
    }

    /// Keeps a processor busy for so long in each stretch, for each rule.
    struct Busy {
        extra: Vec<Duration>,
    }

    impl Variants for Busy {
        type Compiled = Duration;
        type Error = ();

        fn compile(&mut self, without: Option<usize>) -> Duration {
            let all: Duration = self.extra.iter().sum();
            Duration::from_micros(300) + all - without.map_or(Duration::ZERO, |rule| self.extra[rule])
        }

        fn replay(&self, compiled: &[Duration], choose: &(dyn Fn(u64) -> usize + Sync)) -> Result<(), ()> {
            let clock = CpuClock::new();
            for stretch in 0..5 {
                let until = clock.running_ns().unwrap()
                    + compiled[choose(stretch * STRETCH_EVENTS)].as_nanos() as u64;
                while clock.running_ns().unwrap() < until {}
            }
            Ok(())
        }
    }

    fn profile_of(rules: usize) -> Profile {
        Profile { rules: vec![Default::default(); rules], ..Profile::default() }
    }

    #[test]
    fn what_is_left_out_is_saved() {
        let mut busy = Busy { extra: [200, 0, 50].map(Duration::from_micros).to_vec() };
        let options = LeaveOutOptions { error: 0.5, time_max: Duration::from_secs(5), rounds_max: 12 };
        let mut profile = profile_of(3);
        let mut last = None;
        leave_out(&mut busy, &[2, 0], &options, &mut profile, |progress| {
            last = Some(progress);
            true
        })
        .unwrap();
        let last = last.unwrap();
        assert_eq!(last.replays, last.rounds * last.round_replays);
        assert!(last.rounds >= ROUNDS_TRUSTED && last.left.is_zero(), "{last:?}");
        let saved = |rule: usize| profile.rules[rule].saving.as_ref().unwrap().saved_ns;
        assert_eq!(profile.rules[1].saving, None);
        assert!(saved(0) > 2 * saved(2) && saved(2) > 0, "{} {}", saved(0), saved(2));
        assert!(saved(0) > 700_000, "five stretches of 200 us: {} ns", saved(0));
    }

    #[test]
    fn whoever_stops_keeps_whole_rounds() {
        let mut busy = Busy { extra: vec![Duration::from_micros(10)] };
        let options = LeaveOutOptions { error: 0.0, time_max: Duration::from_secs(60), rounds_max: u32::MAX };
        for (replays, rounds) in [(3, None), (17, Some(2)), (24, Some(3))] {
            let mut profile = profile_of(1);
            leave_out(&mut busy, &[0], &options, &mut profile, |progress| progress.replays < replays)
                .unwrap();
            assert_eq!(profile.rules[0].saving.as_ref().map(|saving| saving.rounds_ns.len()), rounds);
        }
    }

    #[test]
    fn intervals_become_narrower_with_the_root_of_rounds() {
        let options = LeaveOutOptions { error: 0.1, time_max: Duration::ZERO, rounds_max: 1000 };
        let check = |rounds, error, expected| assert_eq!(rounds_needed(rounds, error, &options), expected);
        check(0, f64::INFINITY, 10.0);
        check(9, 0.0, 10.0);
        check(10, 0.1, 10.0);
        check(10, 0.2, 40.0);
        check(10, f64::INFINITY, 1000.0);
    }
}
