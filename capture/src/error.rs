//! The crate's error.

use std::borrow::Cow;
use std::fmt;

use crate::savefile::BlockType;

/// Result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong while reading, writing or recording. Messages never quote captured data.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    offset: Option<u64>,
    block: Option<BlockType>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Causes of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused to read or write.
    Io,
    /// The input is not a capture, or of a kind that cannot be read.
    NotACapture,
    /// The capture's format is newer than this reader.
    UnsupportedVersion,
    /// The input ends inside a block. Everything before was delivered.
    Truncated,
    /// Sizes in the input contradict each other.
    Malformed,
    /// A limit of [`ReadOptions`](crate::savefile::ReadOptions) was reached.
    LimitExceeded,
    /// The input was already used up: pipes can be read once.
    AlreadyRead,
    /// What should be written has no form in the format.
    InvalidInput,
    /// The machine cannot record: no permission, or the kernel lacks something.
    Unsupported,
}

impl Error {
    /// An error with a message in lower case and without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), offset: None, block: None, source: None }))
    }

    /// An error of the operating system; `message` says what was attempted.
    pub fn io(message: impl Into<Cow<'static, str>>, source: std::io::Error) -> Self {
        Error::new(ErrorKind::Io, message).with_source(source)
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds where in the (decompressed) input it happened.
    #[must_use]
    pub fn at(mut self, offset: u64, block: Option<BlockType>) -> Self {
        self.0.offset = Some(offset);
        self.0.block = block;
        self
    }

    /// The cause.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Offset of the block in the (decompressed) input.
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// Type of the block.
    pub fn block(&self) -> Option<BlockType> {
        self.0.block
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match (self.0.offset, self.0.block) {
            (Some(offset), Some(block)) => write!(f, " (block {block} at byte {offset})"),
            (Some(offset), None) => write!(f, " (at byte {offset})"),
            (None, _) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        match &self.0.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}
