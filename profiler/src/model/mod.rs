//! The profile: plain data, all that reports see and all that is stored.
//!
//! Units: times are nanoseconds in fields that end in `_ns`, picoseconds in `_ps`; costs are cost units of the
//! version of the [cost model](crate::cost) that the profile names; everything else is a count.
//! Times and counts are sums over all iterations unless a field says otherwise.
//!
//! How the numbers fit together:
//!
//! ```text
//! total = read + decode + state + evaluate + output + waited + remainder   (Profile::total_ns, Profile::stages)
//!           `-- outside of events (setup) + by event type and outcome (events)
//! evaluate = rules (by rule, event type and outcome) + the engine's own time (Profile::rules_ns, engine_ns)
//! rule = matched + not matched;  inside: nodes of its condition and the fields they extract
//! ```
//!
//! Nodes, fields, work and costs are counted in a replay of its own and stand for all iterations: replays are
//! deterministic. The cost of a rule is that of its condition's root and
//! [`EVALUATION`](crate::cost::EVALUATION) for each evaluation.
//!
//! A clock reading ends one interval and begins the next, so a rule's interval holds its evaluation, the
//! dispatch that led to it and one clock reading ([`ClockInfo::read_ps`]); nothing is subtracted.

mod calls;
mod check;
mod interval;
mod latency;
mod merge;
mod origin;
mod rule;
mod saving;
mod stage;
mod timeline;

use serde::{Deserialize, Serialize};

pub use calls::{Call, CallKind, CallTree};
pub use interval::Interval;
pub use latency::Latency;
pub use origin::{CaptureInfo, ClockInfo, FileInfo, Origin, Overhead, RunOptions, Timing};
pub use rule::{
    Detail, FieldCost, FieldCount, FieldTime, ItemProfile, Location, NodeCost, NodeKind, NodeProfile,
    NodeTime, RuleEvents, RuleProfile, Tally, WorkCounts,
};
pub use saving::Saving;
pub use stage::{EventOutcome, EventProfile, StageTimes};
pub use timeline::{RuleTimeline, Timeline};

/// Version of the schema that this program writes and reads.
pub const VERSION: u32 = 1;
/// What the `format` field of a stored profile says.
pub const FORMAT: &str = "lanner-profile";

/// Everything that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Always [`FORMAT`].
    pub format: String,
    /// Always [`VERSION`].
    pub version: u32,
    /// The runs that were merged into this profile, without repetition.
    pub origins: Vec<Origin>,
    /// Fingerprint of the rules files, names excluded.
    pub ruleset_hash: String,
    /// The rules files, in load order.
    pub rules_files: Vec<FileInfo>,
    pub timing: Timing,
    /// Version of the cost model that all costs are of.
    #[serde(default)]
    pub cost_model: u32,
    /// Every replay that was counted; warm-up and detail replays are not.
    pub iterations: Vec<Iteration>,
    /// Replays that timed nodes for [`RuleEvents::detail`]; they add to nothing else.
    pub detail_iterations: u64,
    /// Time in stages that belongs to no event: process lists and other state at the head of a capture.
    pub setup: StageTimes,
    /// Events by type and outcome.
    pub events: Vec<EventProfile>,
    /// All rules, in the order in which they are tried; rules that were never evaluated too.
    pub rules: Vec<RuleProfile>,
    /// Extractions of fields, over all rules.
    pub fields: Vec<FieldCount>,
    /// Items of lists, in the order in which conditions come to them.
    #[serde(default)]
    pub items: Vec<ItemProfile>,
    /// Evaluations over the time of the captures.
    #[serde(default)]
    pub timeline: Timeline,
}

/// One replay of all captures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Iteration {
    /// Number within its run, from 0.
    pub index: u32,
    /// Worker that ran it, from 0.
    pub worker: u32,
    pub events: u64,
    pub alerts: u64,
    /// From before the first byte was read to after the last alert was written.
    pub total_ns: u64,
    /// Time in which the thread waited for a processor. In the total, but in no stage and no rule.
    pub waited_ns: u64,
    pub stages: StageTimes,
    /// Per rule, in the order of [`Profile::rules`].
    pub rules: IterationRules,
}

/// Columns over the rules of one iteration.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IterationRules {
    pub evaluations: Vec<u64>,
    pub matches: Vec<u64>,
    pub total_ns: Vec<u64>,
}

impl Profile {
    /// Time of all iterations.
    pub fn total_ns(&self) -> u64 {
        self.iterations.iter().map(|iteration| iteration.total_ns).sum()
    }

    /// Time in each stage.
    pub fn stages(&self) -> StageTimes {
        self.events.iter().fold(self.setup, |sum, row| sum + row.stages)
    }

    /// Time in which replays waited for a processor, because something else was running there.
    pub fn waited_ns(&self) -> u64 {
        self.iterations.iter().map(|iteration| iteration.waited_ns).sum()
    }

    /// Time in which replays ran: the total without waiting. What shares are of.
    pub fn busy_ns(&self) -> u64 {
        self.total_ns().saturating_sub(self.waited_ns())
    }

    /// The rest of the total: driving, and keeping the books of the profile.
    pub fn remainder_ns(&self) -> u64 {
        self.busy_ns().saturating_sub(self.stages().sum_ns())
    }

    /// Time in rules.
    pub fn rules_ns(&self) -> u64 {
        self.rules.iter().map(RuleProfile::total_ns).sum()
    }

    /// Cost units of all rules.
    pub fn cost(&self) -> u64 {
        self.rules.iter().map(|rule| rule.cost).sum()
    }

    /// Computes what follows from the iterations.
    pub(crate) fn settle(&mut self) {
        let is_timed = matches!(self.timing, Timing::Rules | Timing::Nodes);
        for (index, rule) in self.rules.iter_mut().enumerate() {
            let times = self.iterations.iter().filter_map(|i| i.rules.total_ns.get(index).copied());
            rule.interval = if is_timed && rule.evaluations > 0 {
                Interval::of(&times.collect::<Vec<u64>>())
            } else {
                None
            };
        }
    }

    /// Time in the evaluate stage that is in no rule.
    pub fn engine_ns(&self) -> u64 {
        self.stages().evaluate_ns.saturating_sub(self.rules_ns())
    }

    /// Whether rules were looked at one by one. Where they were evaluated together nothing is known of each.
    pub fn knows_rules(&self) -> bool {
        self.timing != Timing::Stages
    }

    /// Number of events with one outcome, or all of them.
    pub fn event_count(&self, outcome: Option<EventOutcome>) -> u64 {
        self.events.iter().filter(|row| outcome.is_none_or(|o| o == row.outcome)).map(|row| row.count).sum()
    }

    /// Alerts over all iterations.
    pub fn alert_count(&self) -> u64 {
        self.iterations.iter().map(|iteration| iteration.alerts).sum()
    }
}
