//! How often the ring is looked into. Waking the reader from the kernel costs four times the event in a virtual machine.

use std::time::Duration;

/// How long to sleep when the ring is empty, at least and at most.
pub(super) const POLL: Duration = Duration::from_millis(1);
const POLL_MAX: Duration = Duration::from_millis(4);

/// Each look has its price, so little is looked for less often; never so late that the ring could be full.
pub(super) struct Pace {
    ring_bytes: u64,
    /// All CPUs need longer to fill half of the ring.
    poll_max: Duration,
    poll: Duration,
}

impl Pace {
    pub fn new(ring_bytes: u32, cpus: usize) -> Pace {
        // Storms of short calls make less than half a byte in a nanosecond on each CPU.
        let fills_half = Duration::from_nanos(u64::from(ring_bytes) / cpus.max(1) as u64);
        Pace { ring_bytes: ring_bytes.into(), poll_max: fills_half.clamp(POLL, POLL_MAX), poll: POLL }
    }

    /// How long to sleep after so many bytes were taken.
    pub fn after(&mut self, bytes: usize) -> Duration {
        let bytes = bytes as u64;
        if bytes > self.ring_bytes / 8 {
            self.poll = POLL;
        } else if bytes < self.ring_bytes / 32 {
            self.poll = (2 * self.poll).min(self.poll_max);
        }
        self.poll
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ring_bytes: u32, cpus: usize, taken: &[usize], expected_ms: &[u64]) {
        let mut pace = Pace::new(ring_bytes, cpus);
        let found: Vec<u128> = taken.iter().map(|bytes| pace.after(*bytes).as_millis()).collect();
        assert!(
            found.iter().zip(expected_ms).all(|(found, expected)| *found == u128::from(*expected)),
            "{found:?}"
        );
    }

    #[test]
    fn sleep_is_longer_where_that_is_safe() {
        check(8 << 20, 2, &[0, 0, 0, 300 << 10, 2 << 20, 0], &[2, 4, 4, 4, 1, 2]);
        check(8 << 20, 64, &[0, 0], &[1, 1]);
        check(16 << 10, 2, &[0, 0], &[1, 1]);
        check(1 << 30, 1, &[0, 0, 0], &[2, 4, 4]);
    }
}
