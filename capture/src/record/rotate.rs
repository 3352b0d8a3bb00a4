//! A recording over several files, each of which can be read without the others.
//!
//! A [`StateTracker`] sees every event, so that each file can begin with the state of its own first event. Looking
//! at the machine again would take long enough for events to pile up, and lose what only events told.

use std::io::Write;
use std::time::Duration;

use super::lost::LostBefore;
use super::output::{Output, RawEvent};
use super::tracker::StateTracker;
use crate::error::Result;
use crate::event::MAX_PARAMS;
use crate::savefile::{StartState, Writer};

/// When the next file begins: at the limit that is reached first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RotateLimits {
    /// Bytes of a file. It may have more, as a quarter of this is granted to its events whatever its lists take.
    pub bytes: Option<u64>,
    /// Time from a file's first event to its last.
    pub duration: Option<Duration>,
}

/// Writes events into files one after the other. `open` makes the file of a number, counted from 1.
pub struct RotatingWriter<W: Write, T, F> {
    limits: RotateLimits,
    tracker: T,
    open: F,
    current: Option<Current<W>>,
    files: u64,
    /// Bytes of the files before.
    finished_bytes: u64,
    /// What was lost so far.
    lost: LostBefore,
}

struct Current<W: Write> {
    out: Writer<W>,
    /// Time of the first event.
    begins_ns: Option<u64>,
    /// Bytes before the first event.
    lists_bytes: u64,
    lost_before: LostBefore,
}

impl<W: Write, T: StateTracker, F: FnMut(u64) -> Result<Writer<W>>> RotatingWriter<W, T, F> {
    /// Has no file before the recording begins.
    pub fn new(limits: RotateLimits, tracker: T, open: F) -> Self {
        let lost = LostBefore::default();
        RotatingWriter { limits, tracker, open, current: None, files: 0, finished_bytes: 0, lost }
    }

    /// Files that were begun.
    pub fn files(&self) -> u64 {
        self.files
    }

    /// Ends the last file. Returns the bytes of all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<u64> {
        self.finish_current()?;
        Ok(self.finished_bytes)
    }

    fn finish_current(&mut self) -> Result<()> {
        if let Some(mut current) = self.current.take() {
            current.out.flush()?;
            self.finished_bytes += current.out.written_bytes();
            current.out.finish()?;
        }
        Ok(())
    }

    fn begin_file(&mut self, start: &StartState) -> Result<()> {
        self.files += 1;
        let mut out = (self.open)(self.files)?;
        start.write(&mut out)?;
        let lists_bytes = out.written_bytes();
        let lost_before = self.lost.clone();
        self.current = Some(Current { out, begins_ns: None, lists_bytes, lost_before });
        Ok(())
    }

    /// Whether an event belongs into the next file.
    fn is_full(&self, event: &RawEvent<'_>) -> bool {
        let Some(Current { out, begins_ns: Some(begins_ns), lists_bytes, .. }) = &self.current else {
            return false;
        };
        let bytes = out.bytes_with(event);
        let by_bytes =
            self.limits.bytes.is_some_and(|limit| bytes > limit && bytes > lists_bytes + limit / 4);
        let age = Duration::from_nanos(event.ts_ns.saturating_sub(*begins_ns));
        by_bytes || self.limits.duration.is_some_and(|limit| age >= limit)
    }
}

impl<W: Write, T: StateTracker, F: FnMut(u64) -> Result<Writer<W>>> Output for RotatingWriter<W, T, F> {
    fn begin(&mut self, start: StartState) -> Result<()> {
        self.begin_file(&start)?;
        self.tracker.begin(start);
        Ok(())
    }

    fn event(&mut self, event: &RawEvent<'_>) -> Result<()> {
        if self.is_full(event) {
            self.finish_current()?;
            let start = self.tracker.snapshot();
            self.begin_file(&start)?;
        }
        if let Some(current) = &mut self.current {
            current.begins_ns.get_or_insert(event.ts_ns);
            current.lost_before.write(event, &mut current.out)?;
        }
        if let Some(decoded) = event.decode(&mut [0; MAX_PARAMS]) {
            self.lost.see(&decoded);
            self.tracker.apply(&decoded);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.current.as_mut().map_or(Ok(()), |current| current.out.flush())
    }

    fn bytes_with(&self, event: &RawEvent<'_>) -> u64 {
        self.finished_bytes + self.current.as_ref().map_or(0, |current| current.out.bytes_with(event))
    }
}
