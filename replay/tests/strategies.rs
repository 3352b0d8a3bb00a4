//! Every strategy and number of workers gives the same alerts in the same order.

mod common;
#[path = "../benches/support/mod.rs"]
mod support;

use std::path::PathBuf;

use capture::savefile::{Capture, Item, ReadOptions};
use lanner_replay::alert::{AlertFormat, AlertOptions, AlertSink, WriteAlerts};
use lanner_replay::context::EventContext;
use lanner_replay::driver::{ReplayOptions, replay, replay_split};
use lanner_replay::engine::{MatchMode, NoProbe, Program, Strategy};
use lanner_replay::fields::{self, ArgSpec, FieldArg, FieldId, Value};
use lanner_replay::rules::condition::{
    Check, Constant, ConstantValue, Modifier, Node, NodeKind, Operand, Operator, Right, Transform,
};
use lanner_replay::rules::{RuleId, Ruleset, Span};
use lanner_replay::state::State;
use support::{Random, Workload};

const MODES: [MatchMode; 2] = [MatchMode::First, MatchMode::All];

/// Alerts as JSON lines.
fn alerts(
    capture: &Capture,
    program: &Program,
    format: &AlertFormat,
    mode: MatchMode,
    workers: usize,
) -> Vec<u8> {
    let options = ReplayOptions { mode, ..ReplayOptions::default() };
    let mut lines = Vec::new();
    let new_sink = || WriteAlerts::new(format, Vec::new());
    let summary = replay_split(capture, program, &options, workers, new_sink, |sink| {
        lines.extend(sink.finish()?);
        Ok(())
    });
    let summary = summary.unwrap();
    assert_eq!(summary.alerts, memchr::memchr_iter(b'\n', &lines).count() as u64);
    assert_eq!(summary.alerts, summary.rule_alerts.iter().sum::<u64>());
    lines
}

/// Returns how many bytes of alerts there were.
fn check(name: &str, capture: &Capture, ruleset: &Ruleset, workers: &[usize]) -> usize {
    let options = AlertOptions { json: true, ..AlertOptions::default() };
    let format = AlertFormat::new(ruleset, &options).unwrap();
    let faithful = Program::with_strategy(ruleset, Strategy::Faithful);
    let shared = Program::with_strategy(ruleset, Strategy::Shared);
    let lens = MODES.map(|mode| {
        let expected = alerts(capture, &faithful, &format, mode, 1);
        for &workers in workers {
            let lines = alerts(capture, &shared, &format, mode, workers);
            assert!(lines == expected, "{name}, {mode:?}, {workers} workers");
        }
        expected.len()
    });
    lens[1]
}

fn captures(folder: PathBuf) -> impl Iterator<Item = PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.to_string_lossy().contains(".scap"))
}

#[test]
fn of_public_and_broad_rules_over_real_captures() {
    let Some(shared) = common::shared("strategies") else { return };
    let broad = support::loaded("broad.yaml", common::read(&shared.join("rules/broad.yaml")));
    let stock = support::stock_rules(true).unwrap();
    let mut bytes = 0;
    for path in captures(shared.join("captures")) {
        // The long one begins as another one does, and tests are not optimized.
        if path.ends_with("mixed-modern.scap") {
            continue;
        }
        let capture = Capture::open(&path, ReadOptions::default()).unwrap();
        bytes += check(&path.to_string_lossy(), &capture, &stock, &[2]);
        bytes += check(&path.to_string_lossy(), &capture, &broad, &[1]);
    }
    assert!(bytes > 1_000_000, "{bytes} bytes of alerts");
}

#[test]
fn of_rules_made_from_a_seed_over_every_workload() {
    let generated = support::loaded("generated.yaml", support::generated_rules(200));
    let broad = support::loaded("broad.yaml", support::BROAD.to_string());
    for workload in Workload::ALL {
        let capture = Capture::from_bytes(workload.name(), workload.capture(5_000));
        check(workload.name(), &capture, &generated, &[1, 2, 3]);
        assert!(check(workload.name(), &capture, &broad, &[1, 3]) > 0, "{}", workload.name());
    }
}

#[test]
fn a_state_that_follows_is_as_one_that_applies() {
    for workload in Workload::ALL {
        let capture = Capture::from_bytes(workload.name(), workload.capture(3_000));
        let [applied, followed] = [false, true].map(|follows| {
            let (mut state, mut delivered) = (State::default(), 0);
            let mut reader = capture.reader().unwrap();
            while let Some(item) = reader.next().unwrap() {
                match item {
                    Item::Event(event) if follows => delivered += u64::from(state.follow(&event)),
                    Item::Event(event) => {
                        let applied = state.apply(&event);
                        delivered += u64::from(applied.delivered);
                        state.commit(applied);
                    }
                    Item::Processes(processes) => state.seed_processes(processes),
                    _ => {}
                }
            }
            format!("{delivered} {state:?}")
        });
        assert!(applied == followed, "{}", workload.name());
    }
}

/// Matches as pairs of event and rule.
fn matches(capture: &Capture, program: &Program, mode: MatchMode) -> Vec<(u64, RuleId)> {
    #[derive(Default)]
    struct Matches(Vec<(u64, RuleId)>);
    impl AlertSink for Matches {
        fn alert(&mut self, rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
            self.0.push((cx.num, rule));
            Ok(())
        }
    }
    let mut sink = Matches::default();
    let options = ReplayOptions { mode, ..ReplayOptions::default() };
    replay(capture, program, &options, &mut NoProbe, &mut sink).unwrap();
    sink.0
}

/// Values that fields have in a capture, so that conditions hold now and then.
fn values_of(capture: &Capture) -> Vec<Vec<ConstantValue>> {
    struct Values(Vec<Vec<ConstantValue>>);
    impl AlertSink for Values {
        fn alert(&mut self, _rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
            for (def, seen) in fields::all().iter().zip(&mut self.0) {
                let arg =
                    if def.arg == (ArgSpec::Name { required: true }) { key("name") } else { FieldArg::None };
                let value = match (def.extract)(cx, &arg) {
                    Value::List(list) => list.first().copied().unwrap_or(Value::Absent),
                    value => value,
                };
                let constant = match value {
                    Value::Bool(value) => ConstantValue::Bool(value),
                    Value::I64(value) => ConstantValue::I64(value),
                    Value::U64(value) => ConstantValue::U64(value),
                    Value::F64(value) => ConstantValue::F64(value),
                    Value::Bytes(value) => ConstantValue::Bytes(value.into()),
                    Value::Ip(value) => ConstantValue::Ip(value),
                    Value::Net(..) | Value::Absent | Value::List(_) => continue,
                };
                if seen.len() < 12 && !seen.contains(&constant) {
                    seen.push(constant);
                }
            }
            Ok(())
        }
    }
    let everything = Node { kind: NodeKind::And(Vec::new()), span: Span::default() };
    let program = Program::lower(&common::ruleset(vec![everything]));
    let mut sink = Values(vec![Vec::new(); fields::all().len()]);
    replay(capture, &program, &ReplayOptions::default(), &mut NoProbe, &mut sink).unwrap();
    sink.0
}

fn key(name: &str) -> FieldArg {
    FieldArg::Key(name.as_bytes().into())
}

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

struct Conditions<'v> {
    random: Random,
    values: &'v [Vec<ConstantValue>],
}

impl Conditions<'_> {
    fn field(&mut self) -> (FieldId, FieldArg) {
        let id = self.random.below(fields::all().len() as u64);
        let name = *self.random.pick(&["name", "res", "fd", "flags", "HOME", "memory", "dst"]);
        let index = FieldArg::Index(self.random.below(4));
        let required = self.random.one_in(2);
        let arg = match fields::all()[id as usize].arg {
            ArgSpec::None => FieldArg::None,
            ArgSpec::Index { required: false } | ArgSpec::IndexOrKey { required: false } if !required => {
                FieldArg::None
            }
            ArgSpec::Key { required: false } | ArgSpec::Name { required: false } if !required => {
                FieldArg::None
            }
            ArgSpec::Index { .. } => index,
            ArgSpec::Key { .. } | ArgSpec::Name { .. } => key(name),
            ArgSpec::IndexOrKey { .. } | ArgSpec::IndexOrName { .. } if required => index,
            ArgSpec::IndexOrKey { .. } | ArgSpec::IndexOrName { .. } => key(name),
        };
        (FieldId(id as u16), arg)
    }

    fn constant(&mut self, id: FieldId) -> Constant {
        let own = &self.values[usize::from(id.0)];
        let words = ["", "a", "/etc", "bash", "<NA>", "host", "*a*", "[a-z]+"];
        let value = if own.is_empty() || self.random.one_in(8) {
            match self.random.below(4) {
                0 => ConstantValue::U64(self.random.below(5)),
                1 => ConstantValue::I64(self.random.below(5) as i64 - 2),
                _ => ConstantValue::Bytes(self.random.pick(&words).as_bytes().into()),
            }
        } else {
            match self.random.pick(own).clone() {
                // Parts of texts, for the operators that look at parts.
                ConstantValue::Bytes(text) => {
                    let cut = self.random.below(text.len() as u64 + 1) as usize;
                    match self.random.below(4) {
                        0 => ConstantValue::Bytes(text[..cut].into()),
                        1 => ConstantValue::Bytes(text[cut..].into()),
                        _ => ConstantValue::Bytes(text),
                    }
                }
                value => value,
            }
        };
        Constant { value, span: Span::default() }
    }

    fn check(&mut self) -> Check {
        let (id, arg) = self.field();
        let mut left = Operand::Field { id, arg };
        let operator = *self.random.pick(&OPERATORS);
        if operator == Operator::Exists {
            return Check { left, operator, modifier: None, right: Right::None };
        }
        if self.random.one_in(10) {
            let transform = *self.random.pick(&[Transform::ToLower, Transform::Basename, Transform::Len]);
            left = Operand::Transform { transform, args: vec![left], selector: None };
        }
        if self.random.one_in(10) {
            let (id, arg) = self.field();
            let args = vec![Operand::Field { id, arg }];
            let right =
                Right::Operand(Operand::Transform { transform: Transform::Val, args, selector: None });
            return Check { left, operator, modifier: None, right };
        }
        let modifier = match self.random.below(12) {
            0 => Some(Modifier::OneOf),
            1 => Some(Modifier::AnyOf),
            2 => Some(Modifier::AllOf),
            _ => None,
        };
        let many =
            modifier.is_some() || matches!(operator, Operator::In | Operator::Intersects | Operator::PMatch);
        let count = if many { 1 + self.random.below(4) } else { 1 };
        let right = Right::Constants((0..count).map(|_| self.constant(id)).collect());
        Check { left, operator, modifier, right }
    }

    fn node(&mut self, depth: u64) -> Node {
        let kind = match self.random.below(if depth == 0 { 3 } else { 10 }) {
            0..3 => NodeKind::Check(Box::new(self.check())),
            3..6 => NodeKind::And((0..2 + self.random.below(3)).map(|_| self.node(depth - 1)).collect()),
            6..9 => NodeKind::Or((0..2 + self.random.below(3)).map(|_| self.node(depth - 1)).collect()),
            _ => NodeKind::Not(Box::new(self.node(depth - 1))),
        };
        Node { kind, span: Span::default() }
    }

    /// Rules of which some share parts, as real ones share macros.
    fn ruleset(&mut self) -> Ruleset {
        let common: Vec<Node> = (0..3).map(|_| self.node(1)).collect();
        let fields =
            ["proc.name", "fd.name", "fd.num", "evt.cpu", "fd.directory", "evt.rawres", "proc.exepath"];
        let (field, _) = fields::resolve(self.random.pick::<&str>(&fields)).unwrap();
        let rules = (0..10).map(|_| {
            let own = self.node(2);
            let mut parts: Vec<Node> = common.iter().filter(|_| self.random.one_in(3)).cloned().collect();
            parts.push(own);
            if self.random.one_in(2) {
                parts = vec![self.comparison(field)];
            } else if self.random.one_in(2) {
                parts.push(self.comparison(field));
            }
            Node { kind: NodeKind::And(parts), span: Span::default() }
        });
        common::ruleset(rules.collect())
    }

    /// A comparison of a field that several rules compare, by which they can be looked up.
    fn comparison(&mut self, id: FieldId) -> Node {
        let check = |random: &mut Self| {
            let operator = *random.random.pick(&[Operator::Eq, Operator::In, Operator::StartsWith]);
            let count = if operator == Operator::In { 3 } else { 1 };
            let right = Right::Constants((0..count).map(|_| random.constant(id)).collect());
            let left = Operand::Field { id, arg: FieldArg::None };
            let kind = NodeKind::Check(Box::new(Check { left, operator, modifier: None, right }));
            Node { kind, span: Span::default() }
        };
        if self.random.one_in(3) {
            let either = vec![check(self), check(self)];
            return Node { kind: NodeKind::Or(either), span: Span::default() };
        }
        check(self)
    }
}

#[test]
fn of_a_thousand_random_rulesets() {
    let capture = Capture::from_bytes("made", Workload::Mixed.capture(60));
    let values = values_of(&capture);
    let mut matched = 0;
    for seed in 1..=1_000 {
        let ruleset = Conditions { random: Random::new(seed), values: &values }.ruleset();
        let faithful = Program::with_strategy(&ruleset, Strategy::Faithful);
        let shared = Program::with_strategy(&ruleset, Strategy::Shared);
        for mode in MODES {
            let expected = matches(&capture, &faithful, mode);
            assert_eq!(matches(&capture, &shared, mode), expected, "ruleset {seed}, {mode:?}");
            matched += usize::from(!expected.is_empty());
        }
    }
    assert!(matched > 1_000, "only {matched} of the rulesets match anything");
}
