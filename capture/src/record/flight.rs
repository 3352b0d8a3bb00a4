//! A flight recorder: the last stretch of a recording, in memory until somebody asks for it.
//!
//! Events lie in chunks in the order they came. Those that are too old are given to a [`StateTracker`], which
//! knows from them what the machine looks like at the first event that is kept; so a stretch can be written at
//! any time with lists that describe its own beginning. Looking at the machine when a stretch is asked for
//! would describe its end, and keeping the state-changing events for ever would not be bounded.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::frame::{Frames, push_frame};
use super::lost::LostBefore;
use super::output::{Output, RawEvent};
use super::tracker::StateTracker;
use crate::error::Result;
use crate::event::MAX_PARAMS;
use crate::savefile::{StartState, Writer};

/// Most bytes of a chunk, unless one event is larger. A chunk is given up as a whole.
const CHUNK_LEN: usize = 1 << 20;
/// A smaller ring would be one chunk.
const CHUNKS_MIN: usize = 16;

/// How much is kept: both limits hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepLimits {
    /// Time before the newest event.
    pub duration: Option<Duration>,
    /// Memory for events.
    pub bytes: usize,
}

/// Keeps the newest events.
pub struct FlightRecorder<T> {
    limits: KeepLimits,
    tracker: T,
    /// Full chunks, oldest first.
    chunks: VecDeque<Arc<Vec<u8>>>,
    /// The chunk that is being filled.
    tail: Vec<u8>,
    /// Time of its first event.
    tail_begins_ns: u64,
    /// Where in the oldest chunk the first kept event begins.
    front: usize,
    /// Bytes of all full chunks.
    chunks_len: usize,
    lost_before: LostBefore,
    /// Something was given up for lack of memory though it was not too old.
    is_cut_by_bytes: bool,
}

impl<T: StateTracker> FlightRecorder<T> {
    /// Keeps nothing yet.
    pub fn new(limits: KeepLimits, tracker: T) -> Self {
        FlightRecorder {
            limits,
            tracker,
            chunks: VecDeque::new(),
            tail: Vec::new(),
            tail_begins_ns: 0,
            front: 0,
            chunks_len: 0,
            lost_before: LostBefore::default(),
            is_cut_by_bytes: false,
        }
    }

    /// Bytes that events take at the moment.
    pub fn len_bytes(&self) -> usize {
        self.chunks_len + self.tail.len() - self.front
    }

    /// Whether the limit in bytes has ever made the stretch shorter than the limit in time.
    pub fn is_cut_by_bytes(&self) -> bool {
        self.is_cut_by_bytes && self.limits.duration.is_some()
    }

    /// What is kept now, to be written on any thread while the recording goes on. Events are shared, not copied.
    pub fn stretch(&mut self) -> Stretch {
        self.close_chunk();
        Stretch {
            start: self.tracker.snapshot(),
            chunks: self.chunks.iter().cloned().collect(),
            front: self.front,
            lost_before: self.lost_before.clone(),
        }
    }

    fn close_chunk(&mut self) {
        if !self.tail.is_empty() {
            let chunk = std::mem::take(&mut self.tail);
            self.chunks_len += chunk.len();
            self.chunks.push_back(Arc::new(chunk));
        }
    }

    fn chunk_len(&self) -> usize {
        (self.limits.bytes / CHUNKS_MIN).min(CHUNK_LEN)
    }

    /// Gives up what is beyond the limits once an event of that time and size is added.
    fn make_room(&mut self, now_ns: u64, len: usize) {
        while self.chunks_len + self.tail.len() + len > self.limits.bytes && !self.chunks.is_empty() {
            self.is_cut_by_bytes = true;
            self.give_up(None);
        }
        let Some(duration) = self.limits.duration else { return };
        let duration_ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        // With few events, a chunk must not hold what is too old until it is full.
        if now_ns.saturating_sub(self.tail_begins_ns) > duration_ns / CHUNKS_MIN as u64 {
            self.close_chunk();
        }
        while self.give_up(Some(now_ns.saturating_sub(duration_ns))) {}
    }

    /// Gives up the oldest chunk, or its events that are older than `bound`. Returns whether it is gone.
    fn give_up(&mut self, bound: Option<u64>) -> bool {
        let Some(chunk) = self.chunks.front() else { return false };
        let mut front = chunk.len();
        for (at, raw) in Frames::new(&chunk[self.front..]) {
            if bound.is_some_and(|bound| raw.ts_ns >= bound) {
                front = self.front + at;
                break;
            }
            if let Some(event) = raw.decode(&mut [0; MAX_PARAMS]) {
                self.lost_before.see(&event);
                self.tracker.apply(&event);
            }
        }
        self.front = front;
        let is_empty = front == chunk.len();
        if is_empty {
            self.chunks_len -= chunk.len();
            self.chunks.pop_front();
            self.front = 0;
        }
        is_empty
    }
}

impl<T: StateTracker> Output for FlightRecorder<T> {
    fn begin(&mut self, start: StartState) -> Result<()> {
        self.tracker.begin(start);
        Ok(())
    }

    fn event(&mut self, event: &RawEvent<'_>) -> Result<()> {
        self.make_room(event.ts_ns, event.bytes.len());
        if self.tail.len() >= self.chunk_len() {
            self.close_chunk();
        }
        if self.tail.is_empty() {
            self.tail_begins_ns = event.ts_ns;
        }
        push_frame(event, &mut self.tail);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn bytes_with(&self, _: &RawEvent<'_>) -> u64 {
        0
    }
}

/// What a flight recorder kept at one moment.
pub struct Stretch {
    start: StartState,
    chunks: Vec<Arc<Vec<u8>>>,
    front: usize,
    lost_before: LostBefore,
}

impl Stretch {
    /// Writes it as a capture. Returns the number of events and the time from the first to the last.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write<W: Write>(&self, out: &mut Writer<W>) -> Result<(u64, Duration)> {
        self.start.write(out)?;
        let (mut front, mut events) = (self.front, 0);
        let (mut first_ns, mut last_ns) = (None, 0);
        for chunk in &self.chunks {
            for (_, event) in Frames::new(&chunk[front..]) {
                self.lost_before.write(&event, out)?;
                events += 1;
                first_ns.get_or_insert(event.ts_ns);
                last_ns = event.ts_ns;
            }
            front = 0;
        }
        Ok((events, Duration::from_nanos(last_ns.saturating_sub(first_ns.unwrap_or(last_ns)))))
    }
}
