//! The rule engine: a [`Ruleset`](crate::rules::Ruleset) is lowered to an immutable [`Program`], which is evaluated
//! event by event with one [`Scratch`] per worker.
//!
//! condition (`rules`) -> `lower` -> `program` -> `eval`, which asks `test`s made of `kernel`s.

mod eval;
pub mod kernel;
mod lower;
pub mod probe;
mod program;
mod shared;
mod test;
mod transform;

pub use eval::{MatchMode, Scratch};
pub use probe::{NoProbe, NodeId, Outcome, Probe, Site, Stage, Work};
pub use program::{NodeInfo, NodeKind, Program, Strategy};
pub(crate) use transform::apply as apply_transform;
