//! Drivers: reader, state, engine and sink put together, once or many times.

mod parallel;
mod sequential;
mod summary;

pub use parallel::iterations;
pub use sequential::{Progress, ReplayOptions, replay};
pub use summary::ReplaySummary;
