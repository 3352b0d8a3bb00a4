//! Evaluation of random conditions against a naive evaluator over the tree, with and without sites.

mod common;

use std::collections::HashSet;

use bumpalo::Bump;
use capture::event::{Event, EventType, Params};
use lanner_replay::context::{EventContext, EventFacts};
use lanner_replay::engine::{MatchMode, NoProbe, Outcome, Probe, Program, Scratch, Site, Work};
use lanner_replay::fields::{self, FieldArg, Value};
use lanner_replay::rules::condition::*;
use lanner_replay::rules::{MacroId, RuleId, Span};
use lanner_replay::state::State;
use proptest::prelude::*;

fn field(name: &str) -> Operand {
    let (id, arg) = fields::resolve(name).unwrap();
    Operand::Field { id, arg }
}

fn node(kind: NodeKind) -> Node {
    Node { kind, span: Span::default() }
}

fn constants(values: impl IntoIterator<Item = ConstantValue>) -> Right {
    let constant = |value| Constant { value, span: Span::default() };
    Right::Constants(values.into_iter().map(constant).collect())
}

fn text(text: &str) -> ConstantValue {
    ConstantValue::Bytes(text.as_bytes().into())
}

/// Checks of numbers, strings and absent values.
fn check() -> impl Strategy<Value = Node> {
    let words = || {
        proptest::sample::select(vec!["open", "openat", "o", "at", "", "close", "op*at", "OPEN", "[a-z]+"])
    };
    let number = (
        proptest::sample::select(vec!["evt.num", "evt.cpu", "evt.rawtime.ns"]),
        proptest::sample::select(vec![
            Operator::Eq,
            Operator::Ne,
            Operator::Lt,
            Operator::Le,
            Operator::Gt,
            Operator::Ge,
            Operator::In,
        ]),
        proptest::collection::vec(0..4u64, 1..4),
    )
        .prop_map(|(name, operator, values)| Check {
            left: field(name),
            operator,
            modifier: None,
            right: constants(values.into_iter().map(ConstantValue::U64)),
        });
    let string = (
        proptest::sample::select(vec!["evt.type", "proc.name", "evt.category"]),
        proptest::sample::select(vec![
            Operator::Eq,
            Operator::Ne,
            Operator::Lt,
            Operator::Ge,
            Operator::Contains,
            Operator::IContains,
            Operator::StartsWith,
            Operator::EndsWith,
            Operator::In,
            Operator::Glob,
            Operator::Regex,
        ]),
        proptest::option::of(proptest::sample::select(vec![
            Modifier::OneOf,
            Modifier::AnyOf,
            Modifier::AllOf,
        ])),
        proptest::collection::vec(words(), 1..4),
    )
        .prop_map(|(name, operator, modifier, values)| Check {
            left: field(name),
            operator,
            modifier: modifier.filter(|_| operator != Operator::In),
            right: constants(values.into_iter().map(text)),
        });
    let exists = proptest::sample::select(vec!["evt.type", "proc.name", "fd.ip"]).prop_map(|name| Check {
        left: field(name),
        operator: Operator::Exists,
        modifier: None,
        right: Right::None,
    });
    prop_oneof![number, string, exists].prop_map(|check| node(NodeKind::Check(Box::new(check))))
}

fn condition() -> impl Strategy<Value = Node> {
    check().prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            3 => proptest::collection::vec(inner.clone(), 1..5).prop_map(|nodes| node(NodeKind::And(nodes))),
            3 => proptest::collection::vec(inner.clone(), 1..5).prop_map(|nodes| node(NodeKind::Or(nodes))),
            2 => inner.clone().prop_map(|inner| node(NodeKind::Not(Box::new(inner)))),
            1 => inner.clone().prop_map(|inner| node(NodeKind::Macro { id: MacroId(0), body: Box::new(inner) })),
            1 => inner.prop_map(|inner| node(NodeKind::Exception { name: "e".into(), body: Box::new(inner) })),
        ]
    })
}

/// What a condition means, with the extractions and checks it takes.
#[derive(Default)]
struct Naive {
    extracted: HashSet<(u16, FieldArg)>,
    checks: u64,
}

impl Naive {
    fn node(&mut self, node: &Node, cx: &EventContext<'_>) -> bool {
        match &node.kind {
            NodeKind::And(nodes) => {
                for node in nodes {
                    if !self.node(node, cx) {
                        return false;
                    }
                }
                true
            }
            NodeKind::Or(nodes) => {
                for node in nodes {
                    if self.node(node, cx) {
                        return true;
                    }
                }
                false
            }
            NodeKind::Not(node) => !self.node(node, cx),
            NodeKind::Macro { body, .. } | NodeKind::Exception { body, .. } => self.node(body, cx),
            NodeKind::Check(check) => self.check(check, cx),
        }
    }

    fn check(&mut self, check: &Check, cx: &EventContext<'_>) -> bool {
        self.checks += 1;
        let Operand::Field { id, arg } = &check.left else { unreachable!() };
        self.extracted.insert((id.0, arg.clone()));
        let value = (id.def().extract)(cx, arg);
        let Right::Constants(constants) = &check.right else { return value != Value::Absent };
        let holds = |constant: &Constant| holds(check.operator, value, &constant.value);
        match check.modifier {
            Some(Modifier::OneOf) => constants.iter().filter(|constant| holds(constant)).count() == 1,
            Some(Modifier::AllOf) => constants.iter().all(holds),
            Some(Modifier::AnyOf) => constants.iter().any(holds),
            None if check.operator == Operator::In => constants.iter().any(holds),
            None => holds(&constants[0]),
        }
    }
}

fn holds(operator: Operator, value: Value<'_>, constant: &ConstantValue) -> bool {
    match (value, constant) {
        (Value::Bytes(left), ConstantValue::Bytes(right)) => {
            let (left, right) = (std::str::from_utf8(left).unwrap(), std::str::from_utf8(right).unwrap());
            match operator {
                Operator::Eq | Operator::In => left == right,
                Operator::Ne => left != right,
                Operator::Lt => left < right,
                Operator::Ge => left >= right,
                Operator::Contains => left.contains(right),
                Operator::IContains => left.to_lowercase().contains(&right.to_lowercase()),
                Operator::StartsWith => left.starts_with(right),
                Operator::EndsWith => left.ends_with(right),
                Operator::Glob if right == "op*at" => {
                    left.starts_with("op") && left.ends_with("at") && left.len() >= 4
                }
                Operator::Glob if right == "[a-z]+" => left.len() == 2 && left.ends_with('+'),
                Operator::Glob => left == right,
                Operator::Regex if right == "[a-z]+" => {
                    !left.is_empty() && left.bytes().all(|byte| byte.is_ascii_lowercase())
                }
                Operator::Regex if right == "op*at" => {
                    left.starts_with('o') && left[1..].trim_start_matches('p') == "at"
                }
                Operator::Regex => left == right,
                _ => unreachable!(),
            }
        }
        (value, ConstantValue::U64(right)) => {
            let left = match value {
                Value::U64(left) => i128::from(left),
                Value::I64(left) => i128::from(left),
                _ => return false,
            };
            let right = i128::from(*right);
            match operator {
                Operator::Eq | Operator::In => left == right,
                Operator::Ne => left != right,
                Operator::Lt => left < right,
                Operator::Le => left <= right,
                Operator::Gt => left > right,
                Operator::Ge => left >= right,
                _ => unreachable!(),
            }
        }
        _ => false,
    }
}

/// Counts extractions and checks, and sees that sites nest.
#[derive(Default)]
struct Recorder {
    open: Vec<Site>,
    extractions: u64,
    checks: u64,
    rules: Vec<(RuleId, bool)>,
}

impl Probe for Recorder {
    const WORK: bool = true;
    type Mark = usize;

    fn enter(&mut self, site: Site) -> usize {
        self.open.push(site);
        self.open.len()
    }

    fn leave(&mut self, site: Site, mark: usize, hit: bool) {
        assert_eq!((self.open.len(), self.open.pop()), (mark, Some(site)), "sites nest");
        match site {
            Site::Field(_) => self.extractions += 1,
            Site::Rule(rule) => self.rules.push((rule, hit)),
            _ => {}
        }
    }

    fn work(&mut self, work: Work, amount: u64) {
        if matches!(work, Work::Check | Work::RememberedCheck) {
            self.checks += amount;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn random_conditions_agree_with_a_naive_evaluator(
        conditions in proptest::collection::vec(condition(), 1..4),
        num in 1..4u64,
        cpu in 0..4u16,
        ty in proptest::sample::select(vec![EventType::OPEN_X, EventType::OPENAT_2_X, EventType::CLOSE_X]),
    ) {
        let program = Program::lower(&common::ruleset(conditions.clone()));
        let event = Event { ts_ns: 2, tid: -1, ty, cpu, state_only: false, params: Params::new(&[], &[]).unwrap() };
        let (state, arena) = (State::default(), Bump::new());
        let cx = EventContext {
            event: &event, num, state: &state, thread: None, fd_num: -1, fd: None, facts: EventFacts::default(), arena: &arena,
        };
        let (mut extractions, mut checks) = (0, 0);
        let expected: Vec<(RuleId, bool)> = conditions.iter().enumerate().map(|(index, condition)| {
            let mut naive = Naive::default();
            let hit = naive.node(condition, &cx);
            extractions += naive.extracted.len() as u64;
            checks += naive.checks;
            (RuleId(index as u32), hit)
        }).collect();
        let matches: Vec<RuleId> = expected.iter().filter(|(_, hit)| *hit).map(|(rule, _)| *rule).collect();

        let mut scratch = Scratch::new();
        let mut recorder = Recorder::default();
        let outcome = program.evaluate(&cx, MatchMode::All, &mut scratch, &mut recorder);
        prop_assert_eq!(scratch.matches(), &*matches);
        prop_assert_eq!(&recorder.rules, &expected);
        prop_assert_eq!(outcome == Outcome::Match, !matches.is_empty());
        prop_assert_eq!((recorder.extractions, recorder.checks), (extractions, checks));

        // The scratch is used again: nothing of the last evaluation may be left in it.
        program.evaluate(&cx, MatchMode::All, &mut scratch, &mut NoProbe);
        prop_assert_eq!(scratch.matches(), &*matches);
        program.evaluate(&cx, MatchMode::First, &mut scratch, &mut NoProbe);
        prop_assert_eq!(scratch.matches(), &matches[..matches.len().min(1)]);

        let shared = Program::with_strategy(&common::ruleset(conditions), lanner_replay::engine::Strategy::Shared);
        for _ in 0..2 {
            shared.evaluate(&cx, MatchMode::All, &mut scratch, &mut NoProbe);
            prop_assert_eq!(scratch.matches(), &*matches);
        }
        shared.evaluate(&cx, MatchMode::First, &mut scratch, &mut NoProbe);
        prop_assert_eq!(scratch.matches(), &matches[..matches.len().min(1)]);
    }
}
