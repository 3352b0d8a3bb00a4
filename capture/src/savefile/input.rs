//! Where a capture's bytes come from.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::bufread::MultiGzDecoder;
use memmap2::Mmap;

use super::blocks::Blocks;
use super::read_ahead::ReadAhead;
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
/// Plain files are mapped and read without copying, gzip is decompressed as it is read, and pipes can be read
/// once.
#[derive(Debug)]
pub struct Capture {
    name: String,
    source: Source,
    options: ReadOptions,
}

enum Source {
    Memory(Arc<Bytes>),
    Stream(Mutex<Option<Box<dyn Read + Send>>>),
}

/// Bytes that all readers of a capture share.
pub(super) enum Bytes {
    Mapped(Mmap),
    Owned(Arc<[u8]>),
}

impl Bytes {
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
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
            Source::Memory(Arc::new(Bytes::Mapped(super::mapped::map(&file).map_err(failed)?)))
        } else {
            Source::Stream(Mutex::new(Some(Box::new(file))))
        };
        Ok(Capture { name, source, options })
    }

    /// A capture in memory.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Capture {
        let source = Source::Memory(Arc::new(Bytes::Owned(bytes.into())));
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
            Source::Memory(bytes) => Some(bytes.as_slice().len() as u64),
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
            Source::Memory(bytes) => Compression::of(bytes.as_slice()) == Compression::None,
            Source::Stream(_) => false,
        }
    }

    /// Starts reading from the beginning.
    ///
    /// # Errors
    /// When a stream was read before, or the input is compressed in a way that is not supported.
    pub fn reader(&self) -> Result<Reader> {
        let blocks = match &self.source {
            Source::Memory(bytes) => match Compression::of(bytes.as_slice()) {
                Compression::None => Blocks::from_memory(bytes.clone()),
                compression => {
                    let compressed = Cursor::new(SharedBytes(bytes.clone()));
                    Blocks::from_stream(inflate(compression, compressed, &self.options)?, &self.options)
                }
            },
            Source::Stream(stream) => {
                let taken = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(stream) = taken else {
                    return Err(Error::new(ErrorKind::AlreadyRead, "a stream can be read only once"));
                };
                let mut buffered = BufReader::with_capacity(1 << 16, stream);
                let compression = Compression::of(peek(&mut buffered)?);
                Blocks::from_stream(inflate(compression, buffered, &self.options)?, &self.options)
            }
        };
        Ok(Reader::new(blocks, &self.options))
    }
}

/// The first bytes of a stream, without taking them.
fn peek<R: BufRead>(stream: &mut R) -> Result<&[u8]> {
    loop {
        match stream.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io("cannot read the input", error)),
        }
    }
    // The buffer is filled by now, so this neither reads nor fails.
    stream.fill_buf().map_err(|error| Error::io("cannot read the input", error))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstd,
    Lz4,
}

impl Compression {
    /// Told by the first bytes. A capture starts with 0x0A, so two bytes of gzip's magic are enough.
    fn of(start: &[u8]) -> Compression {
        match start {
            [0x1F, 0x8B, ..] => Compression::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Compression::Zstd,
            [0x04, 0x22, 0x4D, 0x18, ..] => Compression::Lz4,
            _ => Compression::None,
        }
    }
}

fn inflate<R: BufRead + Send + 'static>(
    compression: Compression,
    input: R,
    options: &ReadOptions,
) -> Result<Box<dyn Read + Send>> {
    let name = match compression {
        Compression::None => return Ok(Box::new(input)),
        Compression::Gzip => {
            let limited = Limited { inner: MultiGzDecoder::new(input), left: options.max_inflated_bytes };
            if !options.read_ahead {
                return Ok(Box::new(limited));
            }
            let ahead = ReadAhead::start(limited);
            return match ahead {
                Ok(ahead) => Ok(Box::new(ahead)),
                Err(error) => Err(Error::io("cannot start a thread for decompression", error)),
            };
        }
        Compression::Zstd => "zstd",
        Compression::Lz4 => "lz4",
    };
    Err(Error::new(
        ErrorKind::NotACapture,
        format!("the input is compressed with {name}; pipe it through `{name} -d` first"),
    ))
}

/// Fails when more than `left` bytes come out of a decompressor.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(len as u64).ok_or(io::ErrorKind::QuotaExceeded)?;
        Ok(len)
    }
}

struct SharedBytes(Arc<Bytes>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Source::Memory(_) => "Memory",
            Source::Stream(_) => "Stream",
        })
    }
}
