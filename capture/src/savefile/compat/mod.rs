//! Everything that is not today's format: old block and event versions, the other byte order.
//!
//! Old *blocks* differ so little from current ones that their parsers take the version as an argument (see
//! `processes`, `fds`). Here is what needs more: events without a parameter count (`uncounted`), big-endian
//! parameters (`swap`), and old events, which the rows of `table` turn into current ones step by step
//! (`convert`).

#[cfg(test)]
mod conformance;
mod convert;
mod draft;
pub(super) mod swap;
pub(super) mod table;
pub(super) mod uncounted;

pub(super) use convert::{Converter, Verdict};
