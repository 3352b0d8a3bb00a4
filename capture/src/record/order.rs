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

/// Memory is used again in chunks of this size, so that no event is moved for that.
const CHUNK_LEN: usize = 256 << 10;

/// An event in a chunk.
#[derive(Clone, Copy)]
struct Slot {
    ts_ns: u64,
    chunk: u32,
    start: u32,
    len: u32,
    cpu: u16,
    state_only: bool,
}

/// Events one after the other.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Of events that wait.
    waiting: usize,
}

/// Events that wait for older ones.
#[derive(Default)]
pub(super) struct Reorder {
    chunks: Vec<Chunk>,
    /// The chunk that is being filled.
    filled: usize,
    /// Chunks of which no event waits.
    free: Vec<usize>,
    slots: Vec<Slot>,
    /// Slots at the front that were passed on already.
    passed: usize,
    /// Bytes that wait.
    len: usize,
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
        let chunk = self.chunk_for(bytes.len());
        let (start, len) = (chunk.bytes.len() as u32, bytes.len() as u32);
        chunk.bytes.extend_from_slice(bytes);
        chunk.waiting += bytes.len();
        self.len += bytes.len();
        self.slots.push(Slot { ts_ns, chunk: self.filled as u32, start, len, cpu, state_only });
    }

    /// The chunk that is being filled, or the next one if that has no room.
    fn chunk_for(&mut self, len: usize) -> &mut Chunk {
        let has_room = |chunk: &Chunk| chunk.bytes.is_empty() || chunk.bytes.len() + len <= CHUNK_LEN;
        if !self.chunks.get(self.filled).is_some_and(has_room) {
            self.filled = self.free.pop().unwrap_or(self.chunks.len());
            if self.filled == self.chunks.len() {
                self.chunks.push(Chunk { bytes: Vec::with_capacity(CHUNK_LEN), waiting: 0 });
            }
        }
        &mut self.chunks[self.filled]
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.len
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
            let Slot { ts_ns, chunk: number, start, len, cpu, state_only } = *slot;
            let (start, len) = (start as usize, len as usize);
            let chunk = &mut self.chunks[number as usize];
            released = each(&RawEvent { ts_ns, cpu, state_only, bytes: &chunk.bytes[start..start + len] });
            self.passed += 1;
            self.len -= len;
            chunk.waiting -= len;
            if chunk.waiting == 0 {
                chunk.bytes.clear();
                if number as usize != self.filled {
                    self.free.push(number as usize);
                }
            }
            if released.is_err() {
                break;
            }
        }
        self.tidy();
        released
    }

    /// Frees slots that were passed on, when they are at least as many as those that wait: so each is moved once at most, on
    /// average.
    fn tidy(&mut self) {
        if 2 * self.passed >= self.slots.len() {
            self.slots.drain(..self.passed);
            self.passed = 0;
        }
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

    #[test]
    fn memory_is_used_again() {
        let mut order = Reorder::default();
        let (mut pushed, mut next) = (0, 0);
        let bytes = |ts: u64| ts.to_le_bytes().repeat(1 + (ts % 997) as usize);
        let mut chunks = 0;
        for turn in 0..50 {
            for _ in 0..500 {
                // Neighbours are swapped.
                let ts_ns = (pushed ^ 1) * 10_000;
                order.push(&RawEvent { ts_ns, cpu: 0, state_only: false, bytes: &bytes(ts_ns) });
                pushed += 1;
            }
            let mut take = |event: &RawEvent<'_>| {
                assert_eq!((event.ts_ns, event.bytes), (next * 10_000, &bytes(event.ts_ns)[..]));
                next += 1;
                Ok::<(), ()>(())
            };
            order.release(pushed * 10_000, &mut take).unwrap();
            if turn == 10 {
                chunks = order.chunks.len();
            }
        }
        assert!(chunks > 1 && order.chunks.len() == chunks);
        assert_eq!(order.slots.len() - order.passed, (pushed - next) as usize);
    }
}
