//! What a replay amounted to.

use crate::rules::RuleId;

/// Counts of a replay.
#[derive(Debug, Default)]
pub struct ReplaySummary {
    /// Events that were numbered and applied to state.
    pub events: u64,
    /// Events that rules may see.
    pub delivered: u64,
    /// Matches, each of them an alert.
    pub alerts: u64,
    /// Alerts by rule id.
    pub rule_alerts: Vec<u64>,
    /// Time of the first and of the last event, nanoseconds since the epoch; 0 without events.
    pub first_ts_ns: u64,
    pub last_ts_ns: u64,
    /// Bytes of the capture that were read, after decompression.
    pub bytes: u64,
    /// The first damage that was met. Everything that could be read was replayed.
    pub damage: Option<capture::Error>,
    /// The replay was stopped before the end of the capture, by its limit or by the caller.
    pub stopped: bool,
}

impl ReplaySummary {
    /// Alerts of one rule.
    pub fn alerts_of(&self, rule: RuleId) -> u64 {
        self.rule_alerts.get(rule.index()).copied().unwrap_or(0)
    }
}
