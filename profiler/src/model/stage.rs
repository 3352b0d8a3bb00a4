//! Time by stage, event type and outcome.

use std::ops::Add;

use serde::{Deserialize, Serialize};

/// Time in each stage. The stages do not overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StageTimes {
    /// Getting bytes: mapping, reading, decompressing, framing. Most blocks of a mapped capture are framed in `decode`.
    pub read_ns: u64,
    /// From a block to an event of the current schema.
    pub decode_ns: u64,
    /// Applying the event to the tables, and committing what was delayed.
    pub state_ns: u64,
    /// Evaluating rules.
    pub evaluate_ns: u64,
    /// Making and writing alerts.
    pub output_ns: u64,
}

impl StageTimes {
    /// Name and time of each stage, in the order in which an event passes them.
    pub fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("read", self.read_ns),
            ("decode", self.decode_ns),
            ("state", self.state_ns),
            ("evaluate", self.evaluate_ns),
            ("output", self.output_ns),
        ]
    }

    /// All stages together.
    pub fn sum_ns(&self) -> u64 {
        self.named().iter().map(|(_, ns)| ns).sum()
    }
}

impl Add for StageTimes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        StageTimes {
            read_ns: self.read_ns + other.read_ns,
            decode_ns: self.decode_ns + other.decode_ns,
            state_ns: self.state_ns + other.state_ns,
            evaluate_ns: self.evaluate_ns + other.evaluate_ns,
            output_ns: self.output_ns + other.output_ns,
        }
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOutcome {
    /// No rule looks at events of this type.
    #[default]
    NotConsidered,
    /// Rules looked at it, none matched.
    NoMatch,
    /// At least one rule matched.
    Match,
}

impl EventOutcome {
    /// All of them.
    pub const ALL: [EventOutcome; 3] =
        [EventOutcome::NotConsidered, EventOutcome::NoMatch, EventOutcome::Match];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            EventOutcome::NotConsidered => "not considered",
            EventOutcome::NoMatch => "no match",
            EventOutcome::Match => "match",
        }
    }
}

/// The events of one type with one outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventProfile {
    /// Name of the type, such as `openat`.
    pub event: String,
    pub outcome: EventOutcome,
    pub count: u64,
    pub stages: StageTimes,
    /// Cost units of all rules.
    #[serde(default)]
    pub cost: u64,
}
