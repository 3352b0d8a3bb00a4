//! A clock that stands still while its thread does not run.

use crate::clock::Clock;

/// Readings further apart than this are looked into. Nothing that is measured usually takes as long, and asking the
/// kernel takes a few hundred nanoseconds.
const SUSPICIOUS_NS: u64 = 20_000;

/// How often to ask again.
const RETRIES_MAX: u32 = 10;

/// Readings of a clock without the time that the thread had to wait.
pub struct Stopwatch<C> {
    clock: C,
    /// The last reading, as the clock gave it.
    raw: u64,
    /// Ticks that were taken out so far.
    hidden: u64,
    /// Those of them in which the thread did not run; the others went into finding that out.
    waited: u64,
    suspicious_ticks: u64,
    /// A reading, and how long the thread had run by then.
    known: (u64, u64),
}

impl<C: Clock> Stopwatch<C> {
    pub fn new(clock: C) -> Self {
        // Clocks convert from ticks only, so the length of a tick comes from many of them.
        const MANY: u64 = 1 << 30;
        let many_ns = clock.nanoseconds(MANY).max(1);
        let suspicious_ticks = (u128::from(MANY) * u128::from(SUSPICIOUS_NS) / u128::from(many_ns)) as u64;
        let raw = clock.now();
        let known = (raw, clock.running_ns().unwrap_or(0));
        Stopwatch { clock, raw, hidden: 0, waited: 0, suspicious_ticks, known }
    }

    /// A reading. Never smaller than the one before.
    #[inline(always)]
    pub fn read(&mut self) -> u64 {
        let raw = self.clock.now();
        // Wraps around if the clock stepped back, which happens when a thread moves to another core.
        if raw.wrapping_sub(self.raw) > self.suspicious_ticks {
            self.look_into(raw);
        } else {
            self.raw = raw;
        }
        self.raw - self.hidden
    }

    /// Ticks in which the thread did not run.
    pub fn waited(&self) -> u64 {
        self.waited
    }

    /// Length of `ticks` in nanoseconds.
    pub fn nanoseconds(&self, ticks: u64) -> u64 {
        self.clock.nanoseconds(ticks)
    }

    #[cold]
    fn look_into(&mut self, mut raw: u64) {
        if raw < self.raw {
            return;
        }
        let mut after = raw;
        if let Some(mut running_ns) = self.clock.running_ns() {
            after = self.clock.now().max(raw);
            // Threads like to be stopped on their way out of the kernel. Then the two numbers do not belong together.
            for _ in 0..RETRIES_MAX {
                if after - raw <= self.suspicious_ticks {
                    break;
                }
                raw = after;
                running_ns = self.clock.running_ns().unwrap_or(running_ns);
                after = self.clock.now().max(raw);
            }
            let ticks = raw - self.known.0;
            let passed_ns = self.clock.nanoseconds(ticks);
            let waited_ns = passed_ns.saturating_sub(running_ns.saturating_sub(self.known.1));
            let waited = u128::from(ticks) * u128::from(waited_ns) / u128::from(passed_ns.max(1));
            let waited = (waited as u64).min(raw - self.raw);
            self.known = (raw, running_ns);
            self.waited += waited;
            self.hidden += waited + (after - raw);
        }
        self.raw = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn waiting_does_not_count() {
        let clock = ManualClock::default();
        clock.advance(1000);
        let mut watch = Stopwatch::new(clock.clone());
        let start = watch.read();
        clock.advance(500);
        assert_eq!(watch.read() - start, 500);
        clock.wait(30_000);
        clock.advance(70);
        assert_eq!(watch.read() - start, 570);
        clock.advance(50_000);
        assert_eq!(watch.read() - start, 50_570);
        assert_eq!(watch.waited(), 30_000);
    }
}
