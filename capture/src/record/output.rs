//! Where recorded events go.

use std::io::Write;

use crate::error::Result;
use crate::savefile::{StartState, Writer};

/// An event as the kernel programs made it.
#[derive(Clone, Copy, Debug)]
pub struct RawEvent<'a> {
    /// Nanoseconds since the epoch.
    pub ts_ns: u64,
    /// CPU that made it.
    pub cpu: u16,
    /// Readers apply it to their state and show it to nobody.
    pub state_only: bool,
    /// Header, lengths and parameters.
    pub bytes: &'a [u8],
}

/// Takes what a [`Recorder`](super::Recorder) records: the state once, then events in the order of their times.
pub trait Output {
    /// The state before the first event.
    ///
    /// # Errors
    /// As for all methods: when it cannot be stored.
    fn begin(&mut self, start: StartState) -> Result<()>;

    /// The next event.
    ///
    /// # Errors
    /// See [`Output::begin`].
    fn event(&mut self, event: &RawEvent<'_>) -> Result<()>;

    /// Called about once a second, and at the end: what came so far should survive the recorder.
    ///
    /// # Errors
    /// See [`Output::begin`].
    fn flush(&mut self) -> Result<()>;

    /// Bytes of all that is written, at most, once an event is too.
    fn bytes_with(&self, event: &RawEvent<'_>) -> u64;
}

/// Everything into one file.
impl<W: Write> Output for Writer<W> {
    fn begin(&mut self, start: StartState) -> Result<()> {
        start.write(self)
    }

    fn event(&mut self, event: &RawEvent<'_>) -> Result<()> {
        self.encoded(event.cpu, event.state_only, event.bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Writer::flush(self)
    }

    fn bytes_with(&self, event: &RawEvent<'_>) -> u64 {
        self.written_bytes() + self.encoded_bytes(event.state_only, event.bytes)
    }
}
