//! Conditions made from a seed, as the rule loader would let them pass: every field, with every operator that
//! the type of its values admits, in turn.

use std::net::{IpAddr, Ipv4Addr};

use capture::event::ParamType;
use lanner_replay::fields::{self, ArgSpec, FieldArg, FieldId, TypeGroup, transformed_type};
use lanner_replay::rules::condition::{
    Check, Constant, ConstantValue, Modifier, Node, NodeKind, Operand, Operator, Right, Transform,
};
use lanner_replay::rules::{EventTypeSet, Ruleset, Span};

use crate::common;
use crate::support::Random;

const OPERATORS: [Operator; 19] = [
    Operator::Exists,
    Operator::Eq,
    Operator::Ne,
    Operator::Lt,
    Operator::Le,
    Operator::Gt,
    Operator::Ge,
    Operator::Contains,
    Operator::IContains,
    Operator::BContains,
    Operator::StartsWith,
    Operator::BStartsWith,
    Operator::EndsWith,
    Operator::Glob,
    Operator::IGlob,
    Operator::Regex,
    Operator::In,
    Operator::Intersects,
    Operator::PMatch,
];

/// What fields are given as arguments, where they take any.
const ARGUMENTS: [&str; 9] = ["", "[0]", "[1]", "[HOME]", "[/etc]", ".name", ".res", ".flags", ".openat"];

/// A field with an operator that it can be compared by.
#[derive(Clone, Debug)]
pub struct Pair {
    pub id: FieldId,
    pub arg: FieldArg,
    pub operator: Operator,
}

/// All there are, in an order in which neighbours have nothing to do with each other.
pub fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for def in fields::all() {
        let mut tokens = ARGUMENTS.iter().map(|argument| format!("{}{argument}", def.name));
        let resolved: Vec<_> = match def.arg {
            ArgSpec::None => fields::resolve(def.name).into_iter().collect(),
            _ => tokens.by_ref().filter_map(|token| fields::resolve(&token).ok()).collect(),
        };
        assert!(!resolved.is_empty(), "no argument for {}", def.name);
        for (id, arg) in resolved {
            // The longest name counts: an argument may have made another field of it.
            if id.def().name != def.name {
                continue;
            }
            let group = TypeGroup::of(fields::value_type(id, &arg));
            let admitted = OPERATORS.iter().filter(|operator| group.allows(**operator, def.is_list));
            pairs.extend(admitted.map(|&operator| Pair { id, arg: arg.clone(), operator }));
        }
    }
    for operator in OPERATORS {
        assert!(pairs.iter().any(|pair| pair.operator == operator), "no field for {operator:?}");
    }
    let mut random = Random::new(3);
    for at in (1..pairs.len()).rev() {
        pairs.swap(at, random.below(at as u64 + 1) as usize);
    }
    pairs
}

/// Makes rulesets.
pub struct Conditions<'v> {
    pub random: Random,
    /// Values that fields have in the capture.
    pub values: &'v [Vec<ConstantValue>],
    pub pairs: &'v [Pair],
    /// Checks made so far: each pair has its turn.
    pub checks: usize,
}

impl Conditions<'_> {
    /// Ten rules of which some share parts, as real ones share macros.
    pub fn ruleset(&mut self) -> Ruleset {
        let common: Vec<Node> = (0..3).map(|_| self.node(1)).collect();
        let by = self.pick(|pair| pair.operator == Operator::Eq);
        let conditions = (0..10).map(|_| {
            let own = self.node(2);
            let mut parts: Vec<Node> = common.iter().filter(|_| self.random.one_in(3)).cloned().collect();
            parts.push(own);
            if self.random.one_in(2) {
                parts = vec![self.comparison(&by)];
            } else if self.random.one_in(2) {
                parts.push(self.comparison(&by));
            }
            node(NodeKind::And(parts))
        });
        let mut ruleset = common::ruleset(conditions.collect());
        for rule in &mut ruleset.rules {
            if self.random.one_in(4) {
                let mut types = EventTypeSet::default();
                rule.event_types.iter().filter(|_| self.random.one_in(2)).for_each(|ty| types.insert(ty));
                rule.event_types = types;
            }
        }
        ruleset
    }

    fn pick(&mut self, wanted: impl Fn(&Pair) -> bool) -> Pair {
        loop {
            let pair = self.random.pick(self.pairs);
            if wanted(pair) {
                return pair.clone();
            }
        }
    }

    fn node(&mut self, depth: u64) -> Node {
        let some = |random: &mut Random| 2 + random.below(3);
        node(match self.random.below(if depth == 0 { 3 } else { 11 }) {
            0..3 => NodeKind::Check(Box::new(self.check())),
            3..6 => NodeKind::And((0..some(&mut self.random)).map(|_| self.node(depth - 1)).collect()),
            6..9 => NodeKind::Or((0..some(&mut self.random)).map(|_| self.node(depth - 1)).collect()),
            9 => NodeKind::Exception { name: "exception".into(), body: Box::new(self.node(depth - 1)) },
            _ => NodeKind::Not(Box::new(self.node(depth - 1))),
        })
    }

    /// The check of the next pair.
    fn check(&mut self) -> Check {
        let Pair { id, arg, operator } = self.pairs[self.checks % self.pairs.len()].clone();
        self.checks += 1;
        let (ty, is_list) = (fields::value_type(id, &arg), id.def().is_list);
        let left = Operand::Field { id, arg };
        if operator == Operator::Exists {
            return Check { left, operator, modifier: None, right: Right::None };
        }
        if self.random.one_in(12)
            && let Some(check) = self.transformed(id, &left, ty, operator)
        {
            return check;
        }
        if self.random.one_in(12)
            && let Some(right) = self.same_type(id, ty, is_list, operator)
        {
            return Check { left, operator, modifier: None, right: Right::Operand(right) };
        }
        let modifier = match self.random.below(12) {
            0 => Some(Modifier::OneOf),
            1 => Some(Modifier::AnyOf),
            2 => Some(Modifier::AllOf),
            _ => None,
        };
        let right = self.constants(id, ty, operator, modifier.is_some());
        Check { left, operator, modifier, right }
    }

    /// A check of what a function makes of a field.
    fn transformed(
        &mut self,
        id: FieldId,
        field: &Operand,
        ty: ParamType,
        operator: Operator,
    ) -> Option<Check> {
        let functions =
            [Transform::ToLower, Transform::ToUpper, Transform::B64, Transform::Basename, Transform::Len];
        let transform = *self.random.pick(&functions);
        let (ty, is_list) = transformed_type(transform, ty, id.def().is_list, false)?;
        let allowed = id.def().takes_transform(transform) && TypeGroup::of(ty).allows(operator, is_list);
        let left = Operand::Transform { transform, args: vec![field.clone()], selector: None };
        allowed.then(|| {
            let right = self.constants(id, ty, operator, false);
            Check { left, operator, modifier: None, right }
        })
    }

    /// Another field of that type.
    fn same_type(
        &mut self,
        left: FieldId,
        ty: ParamType,
        is_list: bool,
        operator: Operator,
    ) -> Option<Operand> {
        if !left.def().rhs || matches!(operator, Operator::Regex | Operator::PMatch) {
            return None;
        }
        let wanted = |pair: &Pair| {
            let def = pair.id.def();
            def.rhs && def.is_list == is_list && fields::value_type(pair.id, &pair.arg) == ty
        };
        // The field itself is of its type.
        let Pair { id, arg, .. } = self.pick(wanted);
        let args = vec![Operand::Field { id, arg }];
        Some(Operand::Transform { transform: Transform::Val, args, selector: None })
    }

    /// A comparison of a field that several rules compare, by which they can be looked up.
    fn comparison(&mut self, by: &Pair) -> Node {
        if self.random.one_in(3) {
            return node(NodeKind::Or(vec![self.lookup(by), self.lookup(by)]));
        }
        self.lookup(by)
    }

    fn lookup(&mut self, Pair { id, arg, .. }: &Pair) -> Node {
        let ty = fields::value_type(*id, arg);
        let operators = [Operator::Eq, Operator::In, Operator::StartsWith];
        let operator = *self.random.pick(&operators);
        let operator = if TypeGroup::of(ty).allows(operator, false) { operator } else { Operator::Eq };
        let right = self.constants(*id, ty, operator, false);
        let left = Operand::Field { id: *id, arg: arg.clone() };
        node(NodeKind::Check(Box::new(Check { left, operator, modifier: None, right })))
    }

    fn constants(&mut self, id: FieldId, ty: ParamType, operator: Operator, modified: bool) -> Right {
        let takes_many = matches!(operator, Operator::In | Operator::Intersects | Operator::PMatch);
        let count = if modified || takes_many { 1 + self.random.below(4) } else { 1 };
        let constant = |_| Constant { value: self.constant(id, ty, operator), span: Span::default() };
        Right::Constants((0..count).map(constant).collect())
    }

    /// A constant as the loader parses it for that type; one that occurs where there is one.
    fn constant(&mut self, id: FieldId, ty: ParamType, operator: Operator) -> ConstantValue {
        use ParamType as T;
        let own = &self.values[usize::from(id.0)];
        let own = if own.is_empty() || self.random.one_in(8) { None } else { Some(self.random.pick(own)) };
        match TypeGroup::of(ty) {
            TypeGroup::Bool => ConstantValue::Bool(self.random.one_in(2)),
            TypeGroup::Address => {
                let ip = match own {
                    Some(ConstantValue::Ip(ip)) => *ip,
                    _ => Ipv4Addr::new(10, 0, 0, self.random.below(4) as u8).into(),
                };
                let bits = if ip.is_ipv4() { 33 } else { 129 };
                match ty {
                    T::IpNet | T::Ipv4Net | T::Ipv6Net => {
                        ConstantValue::Net(ip, self.random.below(bits) as u8)
                    }
                    T::Ipv6Addr if ip.is_ipv4() => ConstantValue::Ip(IpAddr::V6(0.into())),
                    _ => ConstantValue::Ip(ip),
                }
            }
            TypeGroup::Text | TypeGroup::Buffer => {
                let words = ["", "a", "/etc", "bash", "<NA>", "host", "*a*", "[a-z]+"];
                let text = match own {
                    Some(ConstantValue::Bytes(text)) => text,
                    _ => self.random.pick(&words).as_bytes(),
                };
                let part = part_of(&mut self.random, text);
                ConstantValue::Bytes(if operator == Operator::Regex { pattern(&part) } else { part })
            }
            TypeGroup::Number | TypeGroup::Other => match (ty, own) {
                (T::Double, Some(ConstantValue::F64(value))) => ConstantValue::F64(*value),
                (T::Double, _) => ConstantValue::F64(self.random.below(5) as f64),
                (
                    T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Fd | T::Fd32 | T::Pid | T::Pid32 | T::Errno,
                    own,
                ) => match own {
                    Some(ConstantValue::I64(value)) => ConstantValue::I64(*value),
                    _ => ConstantValue::I64(self.random.below(5) as i64 - 2),
                },
                (_, Some(ConstantValue::U64(value))) => ConstantValue::U64(*value),
                _ => ConstantValue::U64(self.random.below(5)),
            },
        }
    }
}

/// Beginnings and ends of texts, for the operators that look at parts.
fn part_of(random: &mut Random, text: &[u8]) -> Box<[u8]> {
    let cut = random.below(text.len() as u64 + 1) as usize;
    match random.below(4) {
        0 => text[..cut].into(),
        1 => text[cut..].into(),
        _ => text.into(),
    }
}

/// A regular expression that finds the text, and a few others.
fn pattern(text: &[u8]) -> Box<[u8]> {
    let usual = |byte: &u8| if byte.is_ascii_alphanumeric() || *byte == b'/' { *byte } else { b'.' };
    let mut pattern: Vec<u8> = text.iter().map(usual).collect();
    pattern.extend(b".*");
    pattern.into()
}

fn node(kind: NodeKind) -> Node {
    Node { kind, span: Span::default() }
}
