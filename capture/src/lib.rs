//! Captures: events and their schema, savefiles, and live recording. Knows nothing of rules.

pub mod error;
pub mod event;
pub mod record;
pub mod savefile;
pub mod summary;

pub use error::{Error, ErrorKind, Result};
