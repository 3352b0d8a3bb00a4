//! Alerts and the text made of them.

use crate::rules::RuleId;

/// A rule matched an event. Text is made of it late, by the sink.
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
