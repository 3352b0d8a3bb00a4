//! State, rule language, engine and drivers: from the events of a capture to alerts.
//!
//! Nothing here prints, and nothing reads the machine it runs on: the same capture and rules give the same
//! alerts everywhere.

pub mod alert;
pub mod context;
pub mod driver;
pub mod engine;
mod error;
pub mod fields;
pub mod path;
pub mod rules;
pub mod state;
pub mod text;

pub use error::{Error, ErrorKind, Result};
