//! The part of a stream that is in memory: compressed input, pipes.

use std::io::{self, Read};

use crate::error::{Error, ErrorKind, Result};

/// Holds the part of a stream that the current block lies in.
pub(super) struct StreamBuffer {
    stream: Box<dyn Read + Send>,
    pub(super) buffer: Vec<u8>,
    /// Start of the next block.
    start: usize,
    /// End of what was read.
    end: usize,
    /// The compressed stream ended before its end mark.
    pub(super) cut: bool,
    pub(super) max_block_bytes: u32,
}

/// Large enough that most blocks need no moving and reading is amortised.
const STREAM_BUFFER_LEN: usize = 256 << 10;

impl StreamBuffer {
    pub(super) fn new(stream: Box<dyn Read + Send>, max_block_bytes: u32) -> Self {
        StreamBuffer {
            stream,
            buffer: vec![0; STREAM_BUFFER_LEN],
            start: 0,
            end: 0,
            cut: false,
            max_block_bytes,
        }
    }

    pub(super) fn filled(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Gives back the memory of an unusually long block that is no longer needed.
    pub(super) fn consume(&mut self) {
        if self.buffer.len() > STREAM_BUFFER_LEN && self.end - self.start <= STREAM_BUFFER_LEN {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            self.buffer.truncate(STREAM_BUFFER_LEN);
            self.buffer.shrink_to_fit();
        }
    }

    /// Makes `needed` bytes available; false if the stream ends before. The buffer grows only as bytes
    /// really arrive, whatever a block claims to hold.
    pub(super) fn fill(&mut self, needed: usize) -> Result<bool> {
        while self.end - self.start < needed {
            if self.start + needed > self.buffer.len() && self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            }
            if self.end == self.buffer.len() {
                self.buffer.resize(needed.min(2 * self.buffer.len()), 0);
            }
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(len) => self.end += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.cut = true;
                    return Ok(false);
                }
                Err(error) => return Err(classify(error)),
            }
        }
        Ok(true)
    }

    /// Takes the next `len` bytes and returns where they start.
    pub(super) fn take(&mut self, len: usize) -> usize {
        self.start += len;
        self.start - len
    }
}

fn classify(error: io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            (ErrorKind::Malformed, "the compressed data is damaged")
        }
        io::ErrorKind::QuotaExceeded => {
            (ErrorKind::LimitExceeded, "the input expands to more than the limit")
        }
        _ => (ErrorKind::Io, "cannot read the input"),
    };
    Error::new(kind, message).with_source(error)
}
