//! Where the workers on one capture are, for each other to see, and what each does next.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::sequential::Progress;
use super::split::{ALERTS_HELD, Parts, Split};

/// Events between two looks.
const EVENTS_PER_LOOK: u64 = 4096;

pub(super) struct Board {
    split: Split,
    size_bytes: u64,
    places: Mutex<Places>,
    abandoned: AtomicBool,
}

struct Places {
    workers: Vec<Place>,
    /// How far in the capture the first worker is.
    first_bytes: u64,
    turns: Option<Turns>,
}

/// What is known of one worker.
#[derive(Clone, Default)]
struct Place {
    /// Number of events before its part, once it has begun.
    begin: Option<u64>,
    /// Number of events before the end of its part, once that of the next worker has begun.
    end: Option<u64>,
    /// It does not go beyond this event without looking again.
    until: u64,
    /// Events that it has evaluated.
    evaluated: u64,
    alerts: u64,
}

/// Workers take turns of so many events.
#[derive(Clone, Copy)]
struct Turns {
    from: u64,
    events: u64,
}

/// How far a worker is.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub events: u64,
    pub bytes: u64,
    pub alerts: u64,
}

/// What a worker does until it looks again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Follow { until: u64 },
    Evaluate { until: u64 },
    Done,
}

impl Board {
    pub fn new(split: Split, size_bytes: u64) -> Self {
        let turns = match split.parts {
            Parts::Turns(events) => Some(Turns { from: 0, events: events.get() }),
            Parts::Balanced => None,
        };
        let workers = vec![Place::default(); split.workers];
        Board {
            split,
            size_bytes,
            places: Mutex::new(Places { workers, first_bytes: 0, turns }),
            abandoned: AtomicBool::new(false),
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where a worker is, and tells it how to go on.
    pub fn next(&self, worker: usize, at: Position, evaluates: bool) -> Step {
        if self.abandoned.load(Ordering::Relaxed) {
            return Step::Done;
        }
        let mut places = self.places();
        if worker == 0 {
            places.first_bytes = at.bytes;
            self.consider_turns(&mut places, at);
        }
        let step = match places.turns {
            Some(turns) => turns.next(worker, self.split.workers, at.events),
            None => self.next_of_part(&mut places, worker, at, evaluates),
        };
        let place = &mut places.workers[worker];
        place.alerts = at.alerts;
        if let Step::Follow { until } | Step::Evaluate { until } = step {
            place.until = until;
        }
        if let Step::Evaluate { until } = step {
            // Counted before they are, as nobody looks closely.
            place.evaluated += until - at.events;
        }
        step
    }

    /// Goes over to turns, if the alerts of a part would be too many to be held until those before it are written. Only the
    /// first worker has begun then.
    fn consider_turns(&self, places: &mut Places, at: Position) {
        let has_begun = |place: &Place| place.begin.is_some();
        if places.turns.is_some() || at.alerts == 0 || places.workers[1..].iter().any(has_begun) {
            return;
        }
        let expected = at.alerts as f64 * (self.size_bytes as f64 / at.bytes.max(1) as f64);
        if expected / self.split.workers as f64 > ALERTS_HELD as f64 {
            let from = places.workers.iter().map(|place| place.until).max().unwrap_or(0).max(at.events);
            places.turns = Some(Turns { from, events: EVENTS_PER_LOOK });
        }
    }

    fn next_of_part(&self, places: &mut Places, worker: usize, at: Position, evaluates: bool) -> Step {
        let until = at.events + EVENTS_PER_LOOK;
        if !evaluates && !self.begins(places, worker, at) {
            return Step::Follow { until };
        }
        let place = &mut places.workers[worker];
        place.begin.get_or_insert(at.events);
        let until = place.end.unwrap_or(u64::MAX).min(until);
        if until > at.events { Step::Evaluate { until } } else { Step::Done }
    }

    /// Whether a worker that followed is to evaluate from here. If so, the part before ends, unless its worker has not begun
    /// or is beyond.
    fn begins(&self, places: &mut Places, worker: usize, at: Position) -> bool {
        if worker == 0 {
            return true;
        }
        let begin = self.balanced(places.first_bytes, worker, at.bytes);
        let before = &mut places.workers[worker - 1];
        let begins = at.bytes >= begin && before.begin.is_some() && before.until <= at.events;
        if begins {
            before.end = Some(at.events);
        }
        begins
    }

    /// Where the part of a worker begins, in bytes, if all are to end at the same time.
    ///
    /// Following takes a part of the time of evaluating. A worker evaluates in the time in which the one before does the
    /// same, but for what it followed of that part. So each part is by one factor shorter than the one before, and parts
    /// begin at the sums of a geometric series.
    fn balanced(&self, first_bytes: u64, worker: usize, followed_bytes: u64) -> u64 {
        let follow = (first_bytes as f64 / followed_bytes.max(1) as f64).clamp(0.001, 1.0);
        let sum = |parts: usize| (0..parts).map(|part| (1.0 - follow).powi(part as i32)).sum::<f64>();
        (self.size_bytes as f64 * sum(worker) / sum(self.split.workers)) as u64
    }

    /// What all have done.
    pub fn progress(&self) -> Progress {
        let places = self.places();
        let events = places.workers.iter().map(|place| place.evaluated).sum();
        Progress { events, alerts: places.workers.iter().map(|place| place.alerts).sum() }
    }

    /// Tells the workers that nobody waits for them any more.
    pub fn abandon(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }

    /// Does so when it is dropped.
    pub fn abandon_on_drop(&self) -> impl Drop + '_ {
        struct Abandon<'b>(&'b Board);
        impl Drop for Abandon<'_> {
            fn drop(&mut self) {
                self.0.abandon();
            }
        }
        Abandon(self)
    }
}

impl Turns {
    /// The first worker goes on to the first turn, which is its own.
    fn next(self, worker: usize, workers: usize, events: u64) -> Step {
        let Turns { from, events: length } = self;
        let (worker, workers) = (worker as u64, workers as u64);
        if events < from {
            return match worker {
                0 => Step::Evaluate { until: from },
                _ => Step::Follow { until: from + worker * length },
            };
        }
        let turn = (events - from) / length;
        if turn % workers == worker {
            return Step::Evaluate { until: from + (turn + 1) * length };
        }
        let next = turn + (worker + workers - turn % workers) % workers;
        Step::Follow { until: from + next * length }
    }
}
