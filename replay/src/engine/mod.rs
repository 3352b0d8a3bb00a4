//! The rule engine: a [`Ruleset`](crate::rules::Ruleset) is lowered to an immutable program, which is evaluated
//! event by event with one scratch per worker.

pub mod kernel;
pub mod probe;

pub use probe::{NoProbe, Outcome, Probe, Site, Stage};
