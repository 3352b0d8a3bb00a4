//! Drivers: reader, state, engine and sink put together, once or many times, on one or many cores.

mod board;
mod parallel;
mod sequential;
mod split;
mod summary;

pub use parallel::iterations;
pub use sequential::{Progress, Relay, ReplayOptions, replay};
pub use split::{Parts, Split, replay_split};
pub use summary::ReplaySummary;
