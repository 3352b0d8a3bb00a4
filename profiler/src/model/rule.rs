//! Rules, the nodes of their conditions, and what they cost by event type.

use replay::engine::Work;
use serde::{Deserialize, Serialize};

use super::interval::Interval;
use super::latency::Latency;
use super::saving::Saving;
use super::stage::EventOutcome;
use crate::cost::{self, FieldClass};

/// A place in a rules file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// Path as given.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleProfile {
    pub name: String,
    pub location: Location,
    /// Event source; `syscall` unless the rule says otherwise.
    pub source: String,
    pub priority: String,
    pub tags: Vec<String>,
    /// A disabled rule is never evaluated.
    pub enabled: bool,
    pub evaluations: u64,
    pub matches: u64,
    /// Events that it looks at but was not tried for, because a rule before it had matched.
    #[serde(default)]
    pub shadowed: u64,
    /// Cost units.
    #[serde(default)]
    pub cost: u64,
    /// Time in one replay, and how sure that is. `None` with less than two iterations, or if rules were not timed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// What replays without this rule save. `None` if there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saving: Option<Saving>,
    /// Evaluations that matched. Empty if rules were not timed.
    pub matched: Latency,
    /// Evaluations that did not match. Empty if rules were not timed.
    pub not_matched: Latency,
    /// By event type and outcome of the event.
    pub events: Vec<RuleEvents>,
    /// The nodes of its condition; a node comes after its parent.
    pub nodes: Vec<NodeProfile>,
}

impl RuleProfile {
    /// Time in this rule.
    pub fn total_ns(&self) -> u64 {
        self.matched.total_ns + self.not_matched.total_ns
    }

    /// Matched and not matched together.
    pub fn latency(&self) -> Latency {
        self.matched.merged(&self.not_matched)
    }

    /// Mean time of an evaluation, if any was timed. Total times are of all evaluations, where only some were timed too.
    pub fn mean_ns(&self) -> Option<f64> {
        let count = self.matched.count + self.not_matched.count;
        (count > 0 && self.evaluations > 0).then(|| self.total_ns() as f64 / self.evaluations as f64)
    }

    /// Mean time of an evaluation that matched, if any was timed.
    pub fn matched_mean_ns(&self) -> Option<f64> {
        let timed = self.matched.count > 0 && self.matches > 0;
        timed.then(|| self.matched.total_ns as f64 / self.matches as f64)
    }

    /// Mean time of an evaluation that did not match, if any was timed.
    pub fn not_matched_mean_ns(&self) -> Option<f64> {
        let count = self.evaluations.saturating_sub(self.matches);
        let timed = self.not_matched.count > 0 && count > 0;
        timed.then(|| self.not_matched.total_ns as f64 / count as f64)
    }

    /// Cost units of one evaluation, on average, if there were any.
    pub fn cost_per_evaluation(&self) -> Option<f64> {
        (self.evaluations > 0).then(|| self.cost as f64 / self.evaluations as f64)
    }

    /// Share of evaluations that matched, if there were any.
    pub fn hit_rate(&self) -> Option<f64> {
        (self.evaluations > 0).then(|| self.matches as f64 / self.evaluations as f64)
    }
}

/// Evaluations of a rule for events of one type that had one outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEvents {
    pub event: String,
    /// Of the event; another rule may have matched it.
    pub outcome: EventOutcome,
    pub matched: Tally,
    pub not_matched: Tally,
    /// How the time divides inside the rule, where nodes were timed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
    /// How the cost divides inside the rule. Node by node with what is inside of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_costs: Vec<NodeCost>,
    /// What of it is extraction of fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub field_costs: Vec<FieldCost>,
}

impl RuleEvents {
    /// Matched and not matched together.
    pub fn total(&self) -> Tally {
        let mut total = self.matched;
        total.add(self.not_matched);
        total
    }
}

/// How often, how long and for how many cost units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub count: u64,
    pub total_ns: u64,
    #[serde(default)]
    pub cost: u64,
}

impl Tally {
    /// Adds `other`.
    pub fn add(&mut self, other: Tally) {
        self.count += other.count;
        self.total_ns += other.total_ns;
        self.cost += other.cost;
    }
}

/// Node times, from replays that time every node. Timing nodes makes everything slower, so these times are to be
/// compared with each other and with `total_ns` beside them, not with the times of rules elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Time in the rule during those replays.
    pub total_ns: u64,
    pub nodes: Vec<NodeTime>,
    pub fields: Vec<FieldTime>,
}

/// Time in one node, children included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTime {
    /// Index into [`RuleProfile::nodes`].
    pub node: u32,
    pub count: u64,
    pub hits: u64,
    pub total_ns: u64,
}

/// Time in extracting a field for one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldTime {
    /// The check: an index into [`RuleProfile::nodes`].
    pub node: u32,
    pub field: String,
    pub count: u64,
    /// Extractions that found a value.
    pub hits: u64,
    pub total_ns: u64,
}

/// Counts and cost of a node for events of one type that had one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCost {
    /// Index into [`RuleProfile::nodes`].
    pub node: u32,
    pub count: u64,
    pub hits: u64,
    /// Cost units, charged: who extracts a value first pays for it. Children included.
    pub cost: u64,
}

/// Counts and cost of a field's extractions for one check, for events of one type that had one outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldCost {
    /// The check: an index into [`RuleProfile::nodes`].
    pub node: u32,
    pub field: String,
    pub count: u64,
    /// Extractions that found a value.
    pub hits: u64,
    pub cost: u64,
}

/// What a node of a condition is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    And,
    Or,
    Not,
    Macro,
    Exception,
    #[default]
    Check,
}

impl NodeKind {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            NodeKind::And => "and",
            NodeKind::Or => "or",
            NodeKind::Not => "not",
            NodeKind::Macro => "macro",
            NodeKind::Exception => "exception",
            NodeKind::Check => "check",
        }
    }
}

/// One node of a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeProfile {
    /// Index of the node it is part of; the root has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    pub kind: NodeKind,
    /// Name of a macro or exception, source text of a check; shortened if long.
    pub text: String,
    pub location: Location,
    pub evaluations: u64,
    /// Evaluations that were true.
    pub hits: u64,
    /// Cost units, charged: who extracts a value first pays for it. Children included.
    #[serde(default)]
    pub cost: u64,
    /// Cost units, shared: all checks that used a value in an evaluation pay the same part of its extraction.
    /// Children included.
    #[serde(default)]
    pub shared_cost: u64,
    /// What a check did.
    #[serde(default, skip_serializing_if = "WorkCounts::is_none")]
    pub work: WorkCounts,
    /// Fields that a check used, and extracted if nobody in the rule had done it before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldCount>,
}

/// An item of a list that checks look values up in. Lists are text substitution: an item stands for all checks that got
/// it from this place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemProfile {
    pub text: String,
    pub location: Location,
    /// How often checks with it were evaluated.
    pub evaluations: u64,
    /// How often a value was this item.
    pub hits: u64,
}

/// How often a field was extracted and used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldCount {
    pub field: String,
    pub class: FieldClass,
    pub extractions: u64,
    /// Extractions that found a value.
    pub values: u64,
    /// How often a check used its value, extracted for this use or before it.
    pub uses: u64,
    /// Bytes of text that the extractions yielded.
    pub value_bytes: u64,
    /// Parents that the extractions looked up one after the other.
    pub ancestor_steps: u64,
    /// Cost units of the extractions.
    pub cost: u64,
}

/// What checks did besides extracting fields. The same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkCounts {
    /// Checks whose answer had to be found.
    pub checks: u64,
    /// Checks whose answer the rule had found before, for the same event.
    pub remembered_checks: u64,
    /// Elements that checks looked at in lists, such as ancestors.
    pub candidates: u64,
    /// Functions of values.
    pub transforms: u64,
    /// Bytes that plain comparisons may have looked at.
    pub bytes: u64,
    /// Searches in a text: for another text, or for what a pattern describes.
    pub searches: u64,
    /// Bytes that were searched for another text.
    pub search_bytes: u64,
    /// Hashes of values that were looked up in sets.
    pub set_probes: u64,
    /// Comparisons of a byte with a piece of a glob.
    pub glob_steps: u64,
    /// Bytes that were searched for what stands between two stars of a glob.
    pub glob_search_bytes: u64,
    /// Bytes matched against regular expressions.
    pub regex_steps: u64,
}

impl WorkCounts {
    /// The kinds of work, in the order of [`WorkCounts::amounts`].
    pub const KINDS: [Work; 11] = [
        Work::Check,
        Work::RememberedCheck,
        Work::Candidate,
        Work::Transform,
        Work::Bytes,
        Work::Search,
        Work::SearchByte,
        Work::SetProbe,
        Work::GlobStep,
        Work::GlobSearchByte,
        Work::RegexStep,
    ];

    /// Cost units.
    pub fn cost(&self) -> u64 {
        Self::KINDS.into_iter().zip(self.amounts()).map(|(work, amount)| cost::of_work(work) * amount).sum()
    }

    /// No work at all.
    pub fn is_none(&self) -> bool {
        *self == WorkCounts::default()
    }

    /// Every amount, as a list.
    pub fn amounts(&self) -> [u64; 11] {
        [
            self.checks,
            self.remembered_checks,
            self.candidates,
            self.transforms,
            self.bytes,
            self.searches,
            self.search_bytes,
            self.set_probes,
            self.glob_steps,
            self.glob_search_bytes,
            self.regex_steps,
        ]
    }

    /// From a list as [`WorkCounts::amounts`] gives it.
    pub fn from_amounts(amounts: [u64; 11]) -> Self {
        let [
            checks,
            remembered_checks,
            candidates,
            transforms,
            bytes,
            searches,
            search_bytes,
            set_probes,
            glob_steps,
            glob_search_bytes,
            regex_steps,
        ] = amounts;
        WorkCounts {
            checks,
            remembered_checks,
            candidates,
            transforms,
            bytes,
            searches,
            search_bytes,
            set_probes,
            glob_steps,
            glob_search_bytes,
            regex_steps,
        }
    }
}

impl std::ops::Add for WorkCounts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (a, b) = (self.amounts(), other.amounts());
        WorkCounts::from_amounts(std::array::from_fn(|i| a[i] + b[i]))
    }
}
