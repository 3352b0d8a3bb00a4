//! Alerts: output templates, their text and JSON as Falco prints them, and where they go.
//!
//! A match is a rule id and an event; text is made of it late, by the sink that wants text.

mod background;
mod expression;
mod format;
mod line;
mod sink;
mod template;

pub use background::Background;
pub use format::{AlertFormat, AlertOptions, AlertScratch, JsonMembers};
pub use sink::{AlertSink, Collect, Discard, WriteAlerts};
pub use template::{OutputTemplate, TemplateError};

use crate::rules::RuleId;

/// An alert as it was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub rule: RuleId,
    /// Number of the event.
    pub event_num: u64,
    /// Nanoseconds since the epoch.
    pub ts_ns: u64,
    /// The line as the sink's format wants it, without a line end.
    pub line: String,
}
