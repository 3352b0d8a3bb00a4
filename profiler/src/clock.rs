//! Clocks: the time stamp counter for measuring, a scripted one for tests.
#![allow(unsafe_code)] // reading the counter

use std::cell::Cell;
use std::rc::Rc;

/// A source of time readings.
pub trait Clock {
    /// A reading, in ticks of unknown length.
    fn now(&self) -> u64;

    /// Length of `ticks` in nanoseconds, rounded down (so that parts never exceed their whole).
    fn nanoseconds(&self, ticks: u64) -> u64;

    /// How long the calling thread has been running, without the time it had to wait for a processor. `None` if
    /// that is not known.
    fn running_ns(&self) -> Option<u64>;
}

/// The processor's time stamp counter where it is steady, the system's monotonic clock elsewhere.
#[derive(Clone, Debug)]
pub struct CpuClock {
    clock: quanta::Clock,
    /// The clock reads the time stamp counter, which is done here instead: as an instruction, not by a call for each
    /// of the several readings of an event.
    is_counter: bool,
}

impl CpuClock {
    /// Calibrates against the system clock; takes some milliseconds the first time.
    pub fn new() -> Self {
        let clock = quanta::Clock::new();
        let (before, reading, after) = (counter(), clock.raw(), counter());
        let is_counter =
            before.is_some_and(|before| before <= reading) && after.is_some_and(|after| reading <= after);
        CpuClock { clock, is_counter }
    }
}

/// The time stamp counter, where there is one.
#[inline(always)]
fn counter() -> Option<u64> {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: all processors of this architecture have the instruction, and it accesses no memory.
    return Some(unsafe { std::arch::x86_64::_rdtsc() });
    #[cfg(not(target_arch = "x86_64"))]
    return None;
}

impl Default for CpuClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for CpuClock {
    #[inline(always)]
    fn now(&self) -> u64 {
        if self.is_counter
            && let Some(ticks) = counter()
        {
            ticks
        } else {
            self.clock.raw()
        }
    }

    #[inline]
    fn nanoseconds(&self, ticks: u64) -> u64 {
        self.clock.delta_as_nanos(0, ticks)
    }

    fn running_ns(&self) -> Option<u64> {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let seconds = u64::try_from(time.tv_sec).ok()?;
        seconds.checked_mul(1_000_000_000)?.checked_add(u64::try_from(time.tv_nsec).ok()?)
    }
}

/// A clock for tests: stands still until it is told to advance; a tick is a nanosecond. Clones share the time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    now: Rc<Cell<u64>>,
    waited: Rc<Cell<u64>>,
}

impl ManualClock {
    /// Lets `ticks` pass.
    pub fn advance(&self, ticks: u64) {
        self.now.set(self.now.get() + ticks);
    }

    /// Lets `ticks` pass in which the thread does not run.
    pub fn wait(&self, ticks: u64) {
        self.advance(ticks);
        self.waited.set(self.waited.get() + ticks);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.now.get()
    }

    fn nanoseconds(&self, ticks: u64) -> u64 {
        ticks
    }

    fn running_ns(&self) -> Option<u64> {
        Some(self.now.get() - self.waited.get())
    }
}

/// What a clock costs and can tell apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Time of one reading, in picoseconds (the quickest of many batches).
    pub read_ps: u64,
    /// Smallest difference seen between two readings in a row, in nanoseconds.
    pub resolution_ns: u64,
}

/// Measures the clock itself.
pub fn calibrate(clock: &impl Clock) -> Calibration {
    const BATCHES: usize = 200;
    const READS: u64 = 200;
    let mut read_ps = u64::MAX;
    let mut resolution = u64::MAX;
    for _ in 0..BATCHES {
        let start = clock.now();
        let mut last = start;
        for _ in 0..READS {
            let now = clock.now();
            let step = now.saturating_sub(last);
            if step > 0 {
                resolution = resolution.min(step);
            }
            last = now;
        }
        // Whole batches are converted, because a single reading is near the length of a tick.
        let batch_ps = clock.nanoseconds(last.saturating_sub(start)).saturating_mul(1000);
        read_ps = read_ps.min(batch_ps / READS);
    }
    let resolution_ns = if resolution == u64::MAX { 0 } else { clock.nanoseconds(resolution) };
    Calibration { read_ps, resolution_ns }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_clock_advances_and_costs_less_than_a_microsecond() {
        let clock = CpuClock::new();
        let before = clock.now();
        let calibration = calibrate(&clock);
        assert!(clock.now() > before);
        assert!(calibration.read_ps < 1_000_000, "{calibration:?}");
    }

    #[test]
    fn a_clock_that_stands_still_costs_nothing() {
        let clock = ManualClock::default();
        assert_eq!(calibrate(&clock), Calibration { read_ps: 0, resolution_ns: 0 });
    }
}
