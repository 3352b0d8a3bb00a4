//! Putting events back into the order of their times.
//!
//! An event gets its time before it gets its place in the ring, so events of different CPUs can be swapped
//! there. They wait here until everything older has arrived.

use super::output::RawEvent;

/// Longest time between an event's time stamp and its arrival. What takes longer (a virtual CPU that is
/// not scheduled meanwhile) is passed on late instead of delaying everything.
const SLACK_NS: u64 = 5_000_000;

/// Takes an event.
pub(super) type Each<'a, E> = dyn FnMut(&RawEvent<'_>) -> Result<(), E> + 'a;

/// An event in the buffer.
#[derive(Clone, Copy)]
struct Slot {
    ts_ns: u64,
    start: u32,
    len: u32,
    cpu: u16,
    state_only: bool,
}

/// Events that wait for older ones.
#[derive(Default)]
pub(super) struct Reorder {
    /// Of the events in `slots`, in any order, and of some that were passed on since the last tidying up.
    bytes: Vec<u8>,
    slots: Vec<Slot>,
    /// Slots at the front that were passed on already.
    passed: usize,
    passed_bytes: usize,
    newest_ns: u64,
    /// Whether a slot is older than the one before it.
    unsorted: bool,
}

impl Reorder {
    /// Adds an event as it arrived.
    pub fn push(&mut self, event: &RawEvent<'_>) {
        let RawEvent { ts_ns, cpu, state_only, bytes } = *event;
        self.unsorted |= self.slots[self.passed..].last().is_some_and(|last| last.ts_ns > ts_ns);
        self.newest_ns = self.newest_ns.max(ts_ns);
        let (start, len) = (self.bytes.len() as u32, bytes.len() as u32);
        self.bytes.extend_from_slice(bytes);
        self.slots.push(Slot { ts_ns, start, len, cpu, state_only });
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.passed_bytes
    }

    /// Time of the newest event so far, unless none waits.
    pub fn newest_ns(&self) -> Option<u64> {
        (self.slots.len() > self.passed).then_some(self.newest_ns)
    }

    /// Passes on, in order, what cannot be overtaken any more: everything older than `now_ns` by the slack.
    pub fn release<E>(&mut self, now_ns: u64, each: &mut Each<'_, E>) -> Result<(), E> {
        self.release_until(now_ns.saturating_sub(SLACK_NS), each)
    }

    /// Passes on everything.
    pub fn release_all<E>(&mut self, each: &mut Each<'_, E>) -> Result<(), E> {
        self.release_until(u64::MAX, each)
    }

    fn release_until<E>(&mut self, bound: u64, each: &mut Each<'_, E>) -> Result<(), E> {
        let waiting = &mut self.slots[self.passed..];
        if self.unsorted {
            waiting.sort_by_key(|slot| slot.ts_ns);
            self.unsorted = false;
        }
        let mut released = Ok(());
        for slot in waiting.iter().take_while(|slot| slot.ts_ns <= bound) {
            let Slot { ts_ns, start, len, cpu, state_only } = *slot;
            let bytes = &self.bytes[start as usize..start as usize + len as usize];
            released = each(&RawEvent { ts_ns, cpu, state_only, bytes });
            self.passed += 1;
            self.passed_bytes += bytes.len();
            if released.is_err() {
                break;
            }
        }
        self.tidy();
        released
    }

    /// Frees what was passed on, when that is at least as much as what waits: so each event is moved once at most,
    /// on average.
    fn tidy(&mut self) {
        if self.passed_bytes < self.len() {
            return;
        }
        self.slots.drain(..self.passed);
        let mut kept = Vec::with_capacity(self.len());
        for slot in &mut self.slots {
            let start = slot.start as usize;
            slot.start = kept.len() as u32;
            kept.extend_from_slice(&self.bytes[start..start + slot.len as usize]);
        }
        (self.passed, self.passed_bytes) = (0, 0);
        self.bytes.clear();
        self.bytes.extend_from_slice(&kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pushed: &[u64], now_ns: u64, expected: &[u64], then: &[u64]) {
        let mut order = Reorder::default();
        for ts in pushed {
            order.push(&RawEvent { ts_ns: *ts, cpu: 3, state_only: false, bytes: &ts.to_le_bytes() });
        }
        let mut out = Vec::new();
        let mut take = |event: &RawEvent<'_>| {
            assert_eq!((event.cpu, event.bytes), (3, &event.ts_ns.to_le_bytes()[..]));
            out.push(event.ts_ns);
            Ok::<(), ()>(())
        };
        order.release(now_ns, &mut take).unwrap();
        order.release_all(&mut take).unwrap();
        assert_eq!(out, [expected, then].concat());
        assert_eq!(order.len(), 0);
    }

    #[test]
    fn events_wait_for_older_ones() {
        check(&[], 100, &[], &[]);
        check(&[1, 2, 3], SLACK_NS + 2, &[1, 2], &[3]);
        check(&[5, 1, 3, 2, 4], SLACK_NS + 3, &[1, 2, 3], &[4, 5]);
        check(&[7, 6], SLACK_NS, &[], &[6, 7]);
    }
}
