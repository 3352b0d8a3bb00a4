//! Where the workers on one capture are, for each other to see.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::sequential::Progress;
use super::split::{Parts, Split};

/// Events between two looks.
const EVENTS_PER_LOOK: u64 = 4096;

pub(super) struct Board {
    split: Split,
    size_bytes: u64,
    parts: Vec<Mutex<Part>>,
    /// How far in the capture the first worker is.
    first_bytes: AtomicU64,
    abandoned: AtomicBool,
}

/// The events that one worker evaluates.
#[derive(Clone, Copy, Default)]
struct Part {
    /// Number of events before it, once it has begun.
    begin: Option<u64>,
    /// Number of events before its end, once the next part has begun.
    end: Option<u64>,
    /// Events, counted from the front, up to which its worker evaluates without looking again.
    taken_on: u64,
    /// Alerts so far.
    alerts: u64,
}

impl Board {
    pub fn new(split: Split, size_bytes: u64) -> Self {
        let workers = split.workers as u64;
        let part = |number: u64| match split.parts {
            Parts::Events(events) if number + 1 < workers => {
                Part { end: Some((number + 1) * events.get()), ..Part::default() }
            }
            _ => Part::default(),
        };
        Board {
            split,
            size_bytes,
            parts: (0..workers).map(|number| Mutex::new(part(number))).collect(),
            first_bytes: AtomicU64::new(0),
            abandoned: AtomicBool::new(false),
        }
    }

    fn part(&self, number: usize) -> MutexGuard<'_, Part> {
        self.parts[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a worker that has followed so many events is to evaluate from here. If so, the part before ends.
    pub fn may_begin(&self, number: usize, events: u64, offset_bytes: u64) -> bool {
        match self.split.parts {
            _ if number == 0 => true,
            Parts::Events(length) => events >= number as u64 * length.get(),
            Parts::Balanced => {
                offset_bytes >= self.balanced(number, offset_bytes) && self.end_before(number, events)
            }
        }
    }

    /// Where the part of a worker begins, in bytes, if all are to end at the same time.
    ///
    /// Following takes `follow` of the time of evaluating. A worker evaluates in the time in which the one before does the
    /// same, but for what it followed of that part. So each part is by a factor of `1 - follow` shorter than the one
    /// before, and parts begin at the sums of a geometric series.
    fn balanced(&self, number: usize, offset_bytes: u64) -> u64 {
        let first_bytes = self.first_bytes.load(Ordering::Relaxed);
        let shrink = 1.0 - (first_bytes as f64 / offset_bytes.max(1) as f64).clamp(0.001, 1.0);
        let sum = |parts: usize| (0..parts).map(|part| shrink.powi(part as i32)).sum::<f64>();
        (self.size_bytes as f64 * sum(number) / sum(self.split.workers)) as u64
    }

    /// Ends the part before that of a worker after so many events, unless its worker has not begun or is beyond.
    fn end_before(&self, number: usize, events: u64) -> bool {
        let mut before = self.part(number - 1);
        let ends = before.begin.is_some() && before.taken_on <= events;
        if ends {
            before.end = Some(events);
        }
        ends
    }

    /// Notes what a worker has evaluated. Returns up to which event it goes on, or `None` if it is done.
    pub fn take_on(&self, number: usize, events: u64, offset_bytes: u64, alerts: u64) -> Option<u64> {
        if number == 0 {
            self.first_bytes.store(offset_bytes, Ordering::Relaxed);
        }
        let mut part = self.part(number);
        part.begin.get_or_insert(events);
        part.alerts = alerts;
        part.taken_on = part.end.unwrap_or(u64::MAX).min(events + EVENTS_PER_LOOK);
        (part.taken_on > events && !self.is_abandoned()).then_some(part.taken_on)
    }

    /// Up to which event a worker follows before it looks again.
    pub fn follow_until(&self, number: usize, events: u64) -> Option<u64> {
        let until = match self.split.parts {
            Parts::Balanced => events + EVENTS_PER_LOOK,
            Parts::Events(length) => number as u64 * length.get(),
        };
        (!self.is_abandoned()).then_some(until)
    }

    /// What all have done.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress { events: 0, alerts: 0 };
        for number in 0..self.parts.len() {
            let part = *self.part(number);
            progress.events += part.begin.map_or(0, |begin| part.taken_on.saturating_sub(begin));
            progress.alerts += part.alerts;
        }
        progress
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

    fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed)
    }
}
