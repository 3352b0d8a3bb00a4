//! The error of this crate.

/// A report could not be made.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ErrorKind);

/// Causes of an [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The output failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// There is nothing to show.
    #[error("the profile has no {0}")]
    Empty(&'static str),
    /// The plotting library failed.
    #[error("cannot draw: {0}")]
    Plot(String),
}

impl Error {
    /// The cause.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error(ErrorKind::Io(error))
    }
}
