//! What the engine tells a profiler.
//!
//! The engine and the drivers are generic over the probe, so that [`NoProbe`] costs nothing. Probes read, they
//! never influence: alerts are the same with any of them.

use capture::event::EventType;

use crate::fields::FieldId;
use crate::rules::RuleId;

/// Node of a lowered program, unique over all rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Stages of a replay. They do not overlap and together with a remainder they are the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// Getting bytes: mapping, reading, decompressing, framing. Most blocks of a capture in memory are framed while they
    /// are decoded, and count there.
    Read,
    /// From a block to an event of the current schema, which makes it a hit.
    Decode,
    /// Applying the event to the tables, and committing what was delayed.
    State,
    /// Evaluating rules.
    Evaluate,
    /// Making and writing alerts.
    Output,
}

impl Stage {
    /// All of them, in the order in which an event passes them.
    pub const ALL: [Stage; 5] = [Stage::Read, Stage::Decode, Stage::State, Stage::Evaluate, Stage::Output];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Decode => "decode",
            Stage::State => "state",
            Stage::Evaluate => "evaluate",
            Stage::Output => "output",
        }
    }
}

/// An instrumented place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    Stage(Stage),
    /// Evaluation of all rules for one event.
    Event(EventType),
    /// One rule.
    Rule(RuleId),
    /// A node of a condition: and, or, not, macro, exception or check.
    Node(NodeId),
    /// Extraction of a field's value, inside the check that needs it.
    Field(FieldId),
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// No rule looks at events of this type.
    NotConsidered,
    /// Rules looked at it, none matched.
    NoMatch,
    /// At least one rule matched.
    Match,
}

/// Kinds of work whose amounts do not depend on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Work {
    /// Checks whose answer had to be found.
    Check,
    /// Checks whose answer the rule had found before, for the same event.
    RememberedCheck,
    /// Elements that a check looked at in a list, such as ancestors.
    Candidate,
    /// Bytes of texts that extractions yielded.
    ValueBytes,
    /// Parents that an extraction had to look up one after the other.
    AncestorStep,
    /// Functions of values.
    Transform,
    /// Bytes that plain comparisons may have looked at.
    Bytes,
    /// Searches in a text: for another text, or for what a pattern describes.
    Search,
    /// Bytes that were searched for another text.
    SearchByte,
    /// Hashes of values that were looked up in sets.
    SetProbe,
    /// Comparisons of a byte with a piece of a glob.
    GlobStep,
    /// Bytes that were searched for what stands between two stars of a glob.
    GlobSearchByte,
    /// Bytes matched against regular expressions.
    RegexStep,
}

impl Work {
    /// All kinds.
    pub const ALL: [Work; 13] = [
        Work::Check,
        Work::RememberedCheck,
        Work::Candidate,
        Work::ValueBytes,
        Work::AncestorStep,
        Work::Transform,
        Work::Bytes,
        Work::Search,
        Work::SearchByte,
        Work::SetProbe,
        Work::GlobStep,
        Work::GlobSearchByte,
        Work::RegexStep,
    ];
}

/// Object that the engine and the drivers notify.
pub trait Probe {
    /// Whether rules are sites; if not, they are neither entered nor left.
    const RULES: bool = true;
    /// Whether nodes of conditions are sites. Without them evaluation takes a faster path.
    const NODES: bool = true;
    /// Whether extractions of fields are sites.
    const FIELDS: bool = true;
    /// Whether work is counted.
    const WORK: bool = false;

    /// What `enter` remembers for `leave`, such as a clock reading.
    type Mark: Copy;

    /// A site is entered. Calls nest strictly.
    fn enter(&mut self, site: Site) -> Self::Mark;

    /// A site is left; `hit` tells whether it was true, matched or had a value.
    fn leave(&mut self, site: Site, mark: Self::Mark, hit: bool);

    /// Whether the nodes and fields of the event at hand are wanted, where they are sites at all. Without them
    /// evaluation takes the faster path, so a probe that looks at some events only should say so.
    fn wants_nodes(&self) -> bool {
        true
    }

    /// Some work was done at the innermost site that was entered. Only if work is counted.
    fn work(&mut self, work: Work, amount: u64) {
        let _ = (work, amount);
    }

    /// The check at hand uses the value in a slot of its rule, after that was extracted for it or for a check before.
    /// Only if work is counted.
    fn value_used(&mut self, slot: u32) {
        let _ = slot;
    }

    /// The check at hand found a value in its list. Only if work is counted.
    fn item_found(&mut self, value: &[u8]) {
        let _ = value;
    }

    /// All rules that were tried for an event, in order, and those of them that matched. Called before the evaluation of
    /// the event is left; also where rules are no sites.
    fn evaluated(&mut self, tried: &[RuleId], matched: &[RuleId]) {
        let _ = (tried, matched);
    }

    /// One event has passed all stages.
    fn event(&mut self, ty: EventType, ts_ns: u64, outcome: Outcome) {
        let _ = (ty, ts_ns, outcome);
    }
}

/// No profiling: compiles to the same code as no hooks.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProbe;

impl Probe for NoProbe {
    const RULES: bool = false;
    const NODES: bool = false;
    const FIELDS: bool = false;

    type Mark = ();

    #[inline(always)]
    fn enter(&mut self, _site: Site) {}

    #[inline(always)]
    fn leave(&mut self, _site: Site, _mark: (), _hit: bool) {}
}
