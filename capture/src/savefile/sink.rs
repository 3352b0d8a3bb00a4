//! Where written blocks go: a buffer, then the file, perhaps through gzip.
//!
//! The buffer always holds whole blocks, so whatever was passed on ends at a block.

use std::io::Write;

use super::deflate::Deflater;
use crate::error::{Error, ErrorKind, Result};

/// How a savefile is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all: fastest to write and to read.
    #[default]
    None,
    /// gzip, as all readers of the format understand it. The file is a series of independent members of about
    /// a megabyte, so that it can be compressed on several threads and a cut costs little.
    Gzip {
        /// 1 (fast) to 9 (small). Captures gain little above 3.
        level: u32,
        /// Threads that compress beside the caller's; with 0 it is the caller's.
        threads: usize,
    },
}

/// Collects blocks and passes them on.
pub(super) struct Sink<W> {
    out: W,
    buffer: Vec<u8>,
    deflater: Option<Deflater>,
    /// Bytes that were passed on.
    passed_on: u64,
    failed: bool,
}

/// Amortises system calls; larger buffers are not faster.
const PLAIN_BUFFER_LEN: usize = 256 << 10;
/// Larger members compress 0.2 % better; smaller ones are lost less when a writer is killed.
const MEMBER_LEN: usize = 1 << 20;

impl<W: Write> Sink<W> {
    pub fn new(out: W, compression: Compression) -> Result<Self> {
        let deflater = match compression {
            Compression::None => None,
            Compression::Gzip { level, threads } => Some(Deflater::new(level, threads)?),
        };
        Ok(Sink { out, buffer: Vec::with_capacity(PLAIN_BUFFER_LEN), deflater, passed_on: 0, failed: false })
    }

    /// The buffer, to append whole blocks to. [`Sink::settle`] must follow.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Passes the buffer on when it is full.
    #[inline]
    pub fn settle(&mut self) -> Result<()> {
        let limit = if self.deflater.is_some() { MEMBER_LEN } else { PLAIN_BUFFER_LEN };
        if self.buffer.len() < limit && !self.failed { Ok(()) } else { self.pass_on(false) }
    }

    /// Passes on everything, so that the file can be read up to here.
    pub fn flush(&mut self) -> Result<()> {
        self.pass_on(true)?;
        self.out.flush().map_err(|error| self.fail(error))
    }

    /// Bytes of the output so far, without what is not compressed yet.
    pub fn written_bytes(&self) -> u64 {
        let waiting = if self.deflater.is_some() { 0 } else { self.buffer.len() as u64 };
        self.passed_on + waiting
    }

    /// Flushes and gives the output back.
    pub fn finish(mut self) -> Result<W> {
        self.flush()?;
        Ok(self.out)
    }

    fn pass_on(&mut self, everything: bool) -> Result<()> {
        if self.failed {
            return Err(Error::new(ErrorKind::Io, "writing failed before"));
        }
        let Sink { out, buffer, deflater, passed_on, .. } = self;
        let mut write = |bytes: &[u8]| {
            *passed_on += bytes.len() as u64;
            out.write_all(bytes)
        };
        let written = match deflater {
            None => write(buffer).inspect(|()| buffer.clear()),
            Some(deflater) => {
                if !buffer.is_empty() {
                    deflater.push(std::mem::replace(buffer, Vec::with_capacity(MEMBER_LEN + (64 << 10))));
                }
                deflater.drain(everything, write)
            }
        };
        written.map_err(|error| self.fail(error))
    }

    fn fail(&mut self, error: std::io::Error) -> Error {
        self.failed = true;
        Error::io("cannot write the capture", error)
    }
}
