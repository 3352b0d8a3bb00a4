//! Checks of all rules, each once, and the rules as expressions over them.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::HashTable;

use super::super::lower::{Slots, has_clock, same_check};
use super::super::program::{CheckCode, Source};
use super::expression::Expression;
use crate::fields;
use crate::rules::condition::{Check, ConstantValue, Node, NodeKind, Operand, Right};

/// Collects checks.
#[derive(Default)]
pub(super) struct Interner<'r> {
    pub slots: Slots,
    /// What is known of a check besides its code.
    pub sources: Vec<&'r Check>,
    pub codes: Vec<CheckCode>,
    known: HashTable<u32>,
    hashing: foldhash::fast::FixedState,
}

impl<'r> Interner<'r> {
    /// A condition as an expression.
    pub fn expression(&mut self, node: &'r Node, want: bool) -> Expression {
        match &node.kind {
            NodeKind::And(nodes) => self.list(nodes, want, want),
            NodeKind::Or(nodes) => self.list(nodes, !want, want),
            NodeKind::Not(inner) => self.expression(inner, !want),
            NodeKind::Macro { body, .. } | NodeKind::Exception { body, .. } => self.expression(body, want),
            NodeKind::Check(check) => Expression::Check { check: self.check(check), want },
        }
    }

    fn list(&mut self, nodes: &'r [Node], all: bool, want: bool) -> Expression {
        let parts: Vec<_> = nodes.iter().map(|node| self.expression(node, want)).collect();
        Expression::list(all, parts)
    }

    fn check(&mut self, check: &'r Check) -> u32 {
        let hash = self.hash(check);
        if let Some(found) = self.known.find(hash, |at| same_check(self.sources[*at as usize], check)) {
            return *found;
        }
        let index = self.codes.len() as u32;
        // Rules with clocks are not lowered here.
        self.codes.push(self.slots.check(check, Some(index), &mut 0));
        self.sources.push(check);
        let hash_of = |at: &u32| hash_check(&self.hashing, self.sources[*at as usize]);
        self.known.insert_unique(hash, index, hash_of);
        index
    }

    /// A field of which no check may ask.
    pub fn field(&mut self, name: &str) -> Source {
        let (id, arg) = fields::resolve(name).expect("a field that exists");
        self.slots.source(&Operand::Field { id, arg }, false, &mut 0)
    }

    fn hash(&self, check: &Check) -> u64 {
        hash_check(&self.hashing, check)
    }
}

/// Checks that are the same have the same hash.
fn hash_check(hashing: &foldhash::fast::FixedState, check: &Check) -> u64 {
    let mut hasher = hashing.build_hasher();
    (&check.left, check.operator, check.modifier).hash(&mut hasher);
    match &check.right {
        Right::None => {}
        Right::Operand(operand) => operand.hash(&mut hasher),
        Right::Constants(constants) => {
            for constant in constants {
                match &constant.value {
                    ConstantValue::Bool(value) => value.hash(&mut hasher),
                    ConstantValue::I64(value) => value.hash(&mut hasher),
                    ConstantValue::U64(value) => value.hash(&mut hasher),
                    // Zeros of either sign are equal.
                    ConstantValue::F64(value) => (value + 0.0).to_bits().hash(&mut hasher),
                    ConstantValue::Bytes(value) => value.hash(&mut hasher),
                    ConstantValue::Ip(value) => value.hash(&mut hasher),
                    ConstantValue::Net(address, len) => (address, len).hash(&mut hasher),
                }
            }
        }
    }
    hasher.finish()
}

/// Whether evaluating the condition changes what it will say next: it looks at the time since it last looked.
pub(super) fn has_clocks(node: &Node) -> bool {
    fn of_operand(operand: &Operand) -> bool {
        match operand {
            Operand::Field { id, .. } => has_clock(id.def()),
            Operand::Transform { args, .. } => args.iter().any(of_operand),
            Operand::Literal(_) | Operand::List(_) => false,
            Operand::ListOf(items) => items.iter().any(of_operand),
        }
    }
    match &node.kind {
        NodeKind::And(nodes) | NodeKind::Or(nodes) => nodes.iter().any(has_clocks),
        NodeKind::Not(inner) => has_clocks(inner),
        NodeKind::Macro { body, .. } | NodeKind::Exception { body, .. } => has_clocks(body),
        NodeKind::Check(check) => {
            of_operand(&check.left) || matches!(&check.right, Right::Operand(operand) if of_operand(operand))
        }
    }
}
