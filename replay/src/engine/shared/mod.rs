//! The shared strategy: all rules of an event type are one piece of code, for scanning rather than profiling.
//!
//! ```text
//! ruleset -> one expression a rule over checks that rules have in common (intern)
//!         -> for each event type: what the type decides is folded (constant), rules that cannot match are gone,
//!            checks that many rules require stand in front of them once (build), and rules that compare a field
//!            with constants are looked up by its value (switch)
//!         -> steps, run with values and results remembered for the event (run)
//!         -> a decision tree (tree) that grows from what events turn out to be, with classes of values (classes);
//!            steps are for where it has not grown
//! ```
//!
//! Checks have no side effects, so their order is free: cheap ones come first. The exception are rules that look
//! at the time since they last looked; these are evaluated as in the faithful strategy. Matches are reported in
//! the order of rules, so that alerts are the same.

mod build;
mod classes;
mod constant;
mod estimate;
mod expression;
mod intern;
mod run;
mod switch;
mod tree;

pub(super) use run::EventRoom;
pub(super) use tree::Forest;

use capture::event::EventType;

use super::program::{CheckCode, Jump, Source, Target};
use crate::rules::RuleId;
use classes::Family;
use estimate::Estimate;
use expression::Expression;
use switch::Switch;

/// All rules, event type by event type.
#[derive(Debug)]
pub(super) struct Shared {
    /// Checks of all rules, each once.
    checks: Vec<CheckCode>,
    /// By check.
    estimates: Vec<Estimate>,
    /// By check.
    families: Vec<Option<Family>>,
    descriptor: Descriptor,
    jumps: Vec<Jump>,
    switches: Vec<Switch>,
    slot_count: u32,
    /// By event type.
    types: Vec<TypeCode>,
}

/// What all names of descriptors follow from.
#[derive(Debug)]
struct Descriptor {
    name: Source,
    /// Kind.
    letter: Source,
}

/// What is done for events of one type.
#[derive(Clone, Debug, Default)]
struct TypeCode {
    /// Rules without clocks, in order, as far as the type does not decide them.
    rules: Box<[(RuleId, Expression)]>,
    steps: Box<[Step]>,
    /// Rules with clocks, in order.
    faithful: Box<[RuleId]>,
}

impl Shared {
    /// Whether a rule may match events of the type.
    #[inline]
    pub(super) fn looks_at(&self, ty: EventType) -> bool {
        self.types.get(usize::from(ty.0)).is_some_and(|code| !code.is_empty())
    }
}

impl TypeCode {
    #[inline]
    fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.faithful.is_empty()
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Goes on with the next step if the check has this result, else after `skip` more.
    Guard { check: u32, want: bool, skip: u32 },
    /// Tries the rules that a switch finds.
    Switch { switch: u32 },
    /// The rule matches if the jump code ends well.
    Rule { rule: RuleId, entry: Target },
}
