//! Counts, latencies and call trees of a replay: what each rule costs and why.
//!
//! ```text
//! replay::driver --Probe--> probe::Recorder --(one per iteration)--> model::Profile --merge--> store (JSON)
//!                            clock, counters, histograms              plain data, all that reports see
//! ```
//!
//! [`probe`] holds the probes that the engine notifies, [`session`] runs warm-up, iterations and workers and
//! merges what they measured, [`model`] is the result, [`store`] reads and writes it. Measuring is per thread:
//! nothing is shared while a replay runs.
//!
//! Nothing here prints or renders; that is for the `report` crate, which sees [`model`] only.

pub mod clock;
pub mod cost;
mod error;
pub mod fingerprint;
pub mod histogram;
pub mod model;
pub mod probe;
mod random;
pub mod session;
pub mod sites;
pub mod store;

pub use error::{Error, ErrorKind};
pub use model::Profile;
