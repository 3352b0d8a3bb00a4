//! Where a capture's bytes come from.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::blocks::Blocks;
use super::compression::InputCompression;
use super::lookback::Lookback;
use super::reader::Reader;
use crate::error::{Error, ErrorKind, Result};

/// How to read a capture.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Turn events of old schemas into current ones. Without it every event is delivered as recorded.
    pub convert: bool,
    /// Longest block accepted from input that is not in memory. Nothing else lets such input use much memory.
    pub max_block_bytes: u32,
    /// Most bytes that compressed input may expand to.
    pub max_inflated_bytes: u64,
    /// Decompress on a thread of its own, so that it overlaps with what is done with the events. Not for
    /// profiles: they would not see what it costs.
    pub read_ahead: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        // The largest block of a real capture is the process list: 100,000 threads with full environments
        // stay below this.
        ReadOptions {
            convert: true,
            max_block_bytes: 256 << 20,
            max_inflated_bytes: u64::MAX,
            read_ahead: false,
        }
    }
}

/// A capture that can be read, many times if it lies in memory or in a file.
///
/// Plain files are mapped and read without copying, compressed ones are decompressed as they are read, and pipes can be read
/// once.
#[derive(Debug)]
pub struct Capture {
    name: String,
    source: Source,
    options: ReadOptions,
}

enum Source {
    Memory(Bytes),
    Stream(Mutex<Option<Box<dyn Read + Send>>>),
}

impl Capture {
    /// Opens a file. Anything but a regular file is read as a stream, once.
    ///
    /// # Errors
    /// When the file cannot be opened or mapped. What is in it is looked at only when it is read.
    pub fn open(path: &Path, options: ReadOptions) -> Result<Capture> {
        let failed = |error| Error::io(format!("cannot open {}", path.display()), error);
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let name = path.display().to_string();
        if metadata.is_dir() {
            return Err(Error::io(format!("cannot read {name}"), io::ErrorKind::IsADirectory.into()));
        }
        // Some files under /proc and /sys are regular and claim to be empty; so is a truly empty file, and
        // neither can be mapped.
        let source = if metadata.is_file() && metadata.len() > 0 {
            Source::Memory(Bytes::from_owner(super::mapped::map(&file).map_err(failed)?))
        } else {
            Source::Stream(Mutex::new(Some(Box::new(file))))
        };
        Ok(Capture { name, source, options })
    }

    /// A capture in memory.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Capture {
        let source = Source::Memory(Bytes::from_owner(bytes.into()));
        Capture { name: name.into(), source, options: ReadOptions::default() }
    }

    /// A capture that can be read once, such as standard input.
    pub fn from_stream(name: impl Into<String>, stream: Box<dyn Read + Send>) -> Capture {
        Capture {
            name: name.into(),
            source: Source::Stream(Mutex::new(Some(stream))),
            options: ReadOptions::default(),
        }
    }

    /// The same capture, read in another way.
    #[must_use]
    pub fn with_options(self, options: ReadOptions) -> Capture {
        Capture { options, ..self }
    }

    /// Name for people: the path it was opened with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size of the file, compressed or not; `None` for streams.
    pub fn size_bytes(&self) -> Option<u64> {
        match &self.source {
            Source::Memory(bytes) => Some(bytes.len() as u64),
            Source::Stream(_) => None,
        }
    }

    /// Whether [`Capture::reader`] can be called again.
    pub fn is_repeatable(&self) -> bool {
        matches!(self.source, Source::Memory(_))
    }

    /// Whether the bytes are read where they lie, without decompressing or copying.
    pub fn is_zero_copy(&self) -> bool {
        match &self.source {
            Source::Memory(bytes) => InputCompression::of(bytes) == InputCompression::None,
            Source::Stream(_) => false,
        }
    }

    /// For reading events again where they lie; `None` where [`Capture::is_zero_copy`] is not true.
    pub fn lookback(&self) -> Option<Lookback> {
        match &self.source {
            Source::Memory(bytes) if self.is_zero_copy() => Some(Lookback::new(bytes.clone())),
            _ => None,
        }
    }

    /// Starts reading from the beginning.
    ///
    /// # Errors
    /// When a stream was read before, or no thread can be started to read ahead.
    pub fn reader(&self) -> Result<Reader> {
        let blocks = match &self.source {
            Source::Memory(bytes) => match InputCompression::of(bytes) {
                InputCompression::None => Blocks::from_memory(bytes.clone()),
                compression => {
                    let compressed = Cursor::new(bytes.clone());
                    Blocks::from_stream(compression.inflate(compressed, &self.options)?, &self.options)
                }
            },
            Source::Stream(stream) => {
                let taken = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(stream) = taken else {
                    return Err(Error::new(ErrorKind::AlreadyRead, "a stream can be read only once"));
                };
                let (start, stream) = peek(stream)?;
                let compression = InputCompression::of(&start);
                let buffered = BufReader::with_capacity(1 << 16, stream);
                Blocks::from_stream(compression.inflate(buffered, &self.options)?, &self.options)
            }
        };
        Ok(Reader::new(blocks, &self.options))
    }
}

/// The first bytes of a stream, enough to tell compressions apart, and a stream that still has them: a pipe may deliver
/// them one by one.
fn peek(mut stream: Box<dyn Read + Send>) -> Result<(Vec<u8>, impl Read + Send)> {
    let mut start = Vec::new();
    let read = stream.by_ref().take(4).read_to_end(&mut start);
    read.map_err(|error| Error::io("cannot read the input", error))?;
    Ok((start.clone(), Cursor::new(start).chain(stream)))
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Source::Memory(_) => "Memory",
            Source::Stream(_) => "Stream",
        })
    }
}
