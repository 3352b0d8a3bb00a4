//! The lowered form of a ruleset: flat vectors, ids instead of names, everything decided that can be decided
//! before the first event. Immutable; all that changes while it runs is in [`Scratch`](super::Scratch).

use capture::event::EventType;

use super::probe::NodeId;
use super::shared::Shared;
use super::test::Test;
use crate::fields::{Extract, FieldArg, FieldId};
use crate::rules::condition::{Operator, Transform};
use crate::rules::{RuleId, Span};

/// Rules that are ready to be evaluated.
#[derive(Debug, Default)]
pub struct Program {
    pub(super) rules: Vec<RuleCode>,
    pub(super) nodes: Vec<NodeCode>,
    /// Children of nodes, those of one node side by side.
    pub(super) children: Vec<NodeId>,
    pub(super) checks: Vec<CheckCode>,
    pub(super) jumps: Vec<Jump>,
    pub(super) index: EventIndex,
    /// How many clocks there are.
    pub(super) clock_count: u32,
    /// What nodes are, for reports; same index as `nodes`.
    pub(super) info: Vec<NodeInfo>,
    /// The code of the shared strategy, if that is the one.
    pub(super) shared: Option<Shared>,
}

/// How rules are evaluated. Alerts are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Each rule on its own, as Falco does: what is profiled.
    #[default]
    Faithful,
    /// All rules together: what is fast.
    Shared,
}

/// What a node is, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    pub kind: NodeKind,
    /// The rule it belongs to. A macro has nodes in every rule that refers to it.
    pub rule: RuleId,
    /// `None` at the root of a rule.
    pub parent: Option<NodeId>,
    /// Where it is written.
    pub span: Span,
    /// As written, on one line; the name, for macros and exceptions.
    pub text: String,
    /// The field on the left of a check.
    pub field: Option<FieldId>,
}

/// Kinds of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    And,
    Or,
    Not,
    Macro,
    Exception,
    Check,
}

impl Program {
    /// What a node is.
    ///
    /// # Panics
    /// If the id is of another program.
    pub fn node(&self, id: NodeId) -> &NodeInfo {
        &self.info[id.0 as usize]
    }

    /// All nodes by id: those of a rule side by side, parents before children, in order of evaluation.
    pub fn nodes(&self) -> &[NodeInfo] {
        &self.info
    }

    /// The root of a rule's condition; `None` for rules that are not evaluated because they are disabled or
    /// of another event source.
    pub fn root(&self, rule: RuleId) -> Option<NodeId> {
        self.rules.get(rule.index())?.root
    }

    /// Whether what a rule says of an event depends on when it was evaluated before.
    pub fn has_clocks(&self) -> bool {
        self.clock_count > 0
    }

    /// Number of rules of the ruleset, evaluated or not.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Rules that look at events of a type, in the order in which they are tried.
    pub fn rules_for(&self, ty: EventType) -> &[RuleId] {
        self.index.rules(ty)
    }
}

/// A rule as it is evaluated.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleCode {
    pub root: Option<NodeId>,
    /// Where its jump code starts.
    pub entry: Target,
    /// How many values and how many check results it remembers during one evaluation.
    pub slot_count: u32,
    pub memo_count: u32,
}

/// Hot part of a node.
#[derive(Clone, Copy, Debug)]
pub(super) enum NodeCode {
    And {
        start: u32,
        end: u32,
    },
    Or {
        start: u32,
        end: u32,
    },
    Not(NodeId),
    /// Macros and exceptions: as the node inside.
    Group(NodeId),
    Check(u32),
}

/// A check, with where to go when it holds and when it does not. Short-circuit evaluation needs no more, as
/// long as nobody wants to see the nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    pub check: u32,
    pub yes: Target,
    pub no: Target,
}

/// Index of a jump, or the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target(pub u32);

impl Target {
    pub const HIT: Target = Target(u32::MAX);
    pub const MISS: Target = Target(u32::MAX - 1);
}

impl Default for Target {
    fn default() -> Self {
        Target::MISS
    }
}

/// A check: where the value comes from and what is asked of it.
#[derive(Clone, Debug)]
pub(super) struct CheckCode {
    pub left: Source,
    pub each: Each,
    pub question: Question,
    /// Where the result is remembered, if the rule has the same check more than once.
    pub memo: Option<u32>,
}

/// What a value is compared with.
#[derive(Clone, Debug)]
pub(super) enum Question {
    Constants(Test),
    Operand(Operator, Source),
}

/// How a list of candidates is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    /// The value itself.
    Whole,
    /// One of the candidates has to pass.
    Any,
    /// All candidates have to pass, and there is one.
    All,
}

/// Where a value comes from. Slots are per rule.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Field {
        id: FieldId,
        arg: FieldArg,
        extract: Extract,
        slot: u32,
        /// For fields about the time since the event at which the rule last asked for them.
        clock: Option<u32>,
    },
    Transform {
        transform: Transform,
        args: Box<[Source]>,
        selector: Option<Box<[u8]>>,
        slot: u32,
    },
    Literal(Box<[u8]>),
    List(Box<[Source]>),
}

/// Rules by event type.
#[derive(Clone, Debug, Default)]
pub(super) struct EventIndex {
    /// `starts[ty]..starts[ty + 1]` of `rules`.
    starts: Vec<u32>,
    rules: Vec<RuleId>,
}

impl EventIndex {
    pub fn new(type_count: usize, mut looks_at: impl FnMut(EventType) -> Vec<RuleId>) -> Self {
        let mut index = EventIndex { starts: vec![0], rules: Vec::new() };
        for ty in 0..type_count {
            index.rules.extend(looks_at(EventType(ty as u16)));
            index.starts.push(index.rules.len() as u32);
        }
        index
    }

    #[inline]
    pub fn rules(&self, ty: EventType) -> &[RuleId] {
        let ty = usize::from(ty.0);
        match self.starts.get(ty..ty + 2) {
            Some(&[start, end]) => &self.rules[start as usize..end as usize],
            _ => &[],
        }
    }
}
