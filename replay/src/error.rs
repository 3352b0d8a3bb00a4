//! The crate's error.

use std::fmt;

/// Result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What stopped a replay. Rules have [diagnostics](crate::rules::Diagnostic) instead.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Causes of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The capture cannot be read at all. One that is damaged is replayed up to the damage instead.
    Capture,
    /// The sink could not write an alert.
    Output,
    /// Threads could not be started.
    Workers,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error { kind, source: source.into() }
    }

    /// The cause.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Capture => "cannot read the capture",
            ErrorKind::Output => "cannot write an alert",
            ErrorKind::Workers => "cannot start workers",
        })
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
