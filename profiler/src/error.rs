//! The error of this crate.

use std::path::PathBuf;

/// What went wrong while reading, writing or merging profiles.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// Causes of an [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// The file is JSON, or not even that, but no profile.
    #[error("{}: not a lanner profile ({reason})", path.display())]
    NotAProfile { path: PathBuf, reason: String },
    /// The profile has another version of the schema than this program reads.
    #[error("{}: profile version {found}, but this program reads version {expected}", path.display())]
    Version { path: PathBuf, found: u64, expected: u32 },
    /// The profile has the right version but does not fit the schema, or contradicts itself.
    #[error("{}: damaged profile: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
    /// Profiles of different rules were to be merged.
    #[error("the profiles are of different rules ({left} and {right}): they can be compared, not merged")]
    DifferentRules { left: String, right: String },
    /// Profiles of different timing modes were to be merged.
    #[error("the profiles were measured in different modes ({left} and {right}) and cannot be merged")]
    DifferentModes { left: &'static str, right: &'static str },
    /// Costs of different models were to be added.
    #[error(
        "the profiles have costs of different cost models (versions {left} and {right}) and cannot be merged"
    )]
    DifferentCostModels { left: u32, right: u32 },
}

impl Error {
    /// The cause.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}
