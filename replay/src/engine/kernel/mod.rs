//! Operators of conditions, each a small compiled thing with a `matches` of its own. They know nothing of
//! fields, events or rules.

pub mod address;
pub mod glob;
pub mod path;
pub mod posix;
pub mod text;

pub use glob::{Glob, GlobSteps};
pub use path::PathPrefixes;
pub use posix::{PosixRegex, RegexError};
