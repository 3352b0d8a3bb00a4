//! Profiles for people and other programs: text, folded stacks, flame graphs, call graphs, plots.
//!
//! Everything is made from [`profiler::model`] alone, so a stored profile gives every report again. Nothing here
//! measures, prints or opens files: reports are written to whatever the caller offers. The same profile gives the
//! same bytes.
//!
//! Names come from rules files, which are somebody's text: every format escapes them its own way.

pub mod annotate;
pub mod diff;
mod error;
mod escape;
pub mod findings;
pub mod flame;
pub mod folded;
pub mod graph;
pub mod html;
mod palette;
pub mod plots;
pub mod text;
pub mod units;
mod weight;

pub use error::{Error, ErrorKind};
pub use weight::Weight;
