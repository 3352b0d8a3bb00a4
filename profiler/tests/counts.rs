//! Counts of the engine, which runs jump code with remembered values, against an evaluator that walks the tree of
//! each condition and counts as it goes; and against themselves, for other numbers of workers.

mod common;

use std::collections::BTreeMap;

use capture::savefile::Capture;
use lanner_profiler::Profile;
use lanner_profiler::model::{NodeProfile, RuleProfile, WorkCounts};
use lanner_profiler::session::Options;
use replay::alert::AlertSink;
use replay::context::EventContext;
use replay::driver::{ReplayOptions, replay};
use replay::engine::kernel::{Glob, PathPrefixes, PosixRegex};
use replay::engine::{NoProbe, Program};
use replay::fields::{ArgSpec, FieldArg, FieldId, Shape, Value};
use replay::rules::condition::{Check, Constant, ConstantValue, Node, NodeKind, Operand, Operator, Right};
use replay::rules::{EventTypeSet, Rule, RuleId, Ruleset};

/// Counts of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    evaluations: u64,
    hits: u64,
    work: WorkCounts,
    /// By field: extractions, values, uses, bytes, ancestors.
    fields: BTreeMap<String, [u64; 5]>,
}

impl Counts {
    fn of(node: &NodeProfile) -> Counts {
        let fields = node.fields.iter().map(|row| {
            let amounts = [row.extractions, row.values, row.uses, row.value_bytes, row.ancestor_steps];
            (row.field.clone(), amounts)
        });
        Counts { evaluations: node.evaluations, hits: node.hits, work: node.work, fields: fields.collect() }
    }
}

/// A condition with numbers for what is the same.
enum Tree {
    And(usize, Vec<Tree>),
    Or(usize, Vec<Tree>),
    Not(usize, Box<Tree>),
    Group(usize, Box<Tree>),
    Check(usize, Box<Leaf>),
}

struct Leaf {
    /// Equal checks of a rule have the same.
    same: usize,
    /// Equal values of a rule have the same.
    value: usize,
    field: FieldId,
    arg: FieldArg,
    operator: Operator,
    constants: Vec<ConstantValue>,
    pattern: Pattern,
}

enum Pattern {
    None,
    Glob(Glob),
    Regex(PosixRegex),
    Paths(PathPrefixes),
}

/// Numbers equal things equally.
#[derive(Default)]
struct Numbers(Vec<String>);

impl Numbers {
    fn of(&mut self, thing: String) -> usize {
        self.0.iter().position(|known| *known == thing).unwrap_or_else(|| {
            self.0.push(thing);
            self.0.len() - 1
        })
    }
}

#[derive(Default)]
struct Builder {
    nodes: usize,
    checks: Numbers,
    values: Numbers,
}

impl Builder {
    /// `None` for conditions with functions of values, modifiers or fields on the right: those are left out.
    fn tree(&mut self, node: &Node) -> Option<Tree> {
        let id = self.nodes;
        self.nodes += 1;
        Some(match &node.kind {
            NodeKind::And(nodes) => {
                Tree::And(id, nodes.iter().map(|node| self.tree(node)).collect::<Option<_>>()?)
            }
            NodeKind::Or(nodes) => {
                Tree::Or(id, nodes.iter().map(|node| self.tree(node)).collect::<Option<_>>()?)
            }
            NodeKind::Not(node) => Tree::Not(id, Box::new(self.tree(node)?)),
            NodeKind::Macro { body, .. } | NodeKind::Exception { body, .. } => {
                Tree::Group(id, Box::new(self.tree(body)?))
            }
            NodeKind::Check(check) => Tree::Check(id, Box::new(self.leaf(check)?)),
        })
    }

    fn leaf(&mut self, check: &Check) -> Option<Leaf> {
        let Operand::Field { id, arg } = &check.left else { return None };
        let constants: &[Constant] = match &check.right {
            Right::None => &[],
            Right::Constants(constants) => constants,
            Right::Operand(_) => return None,
        };
        if check.modifier.is_some() || id.def().shape == Shape::AtMost {
            return None;
        }
        let constants: Vec<ConstantValue> = constants.iter().map(|constant| constant.value.clone()).collect();
        let bytes = |value: &ConstantValue| match value {
            ConstantValue::Bytes(bytes) => bytes.to_vec(),
            _ => vec![],
        };
        let pattern = match check.operator {
            Operator::Glob => Pattern::Glob(Glob::new(&bytes(constants.first()?), false)),
            Operator::IGlob => Pattern::Glob(Glob::new(&bytes(constants.first()?), true)),
            Operator::Regex => Pattern::Regex(PosixRegex::new(&bytes(constants.first()?)).ok()?),
            Operator::PMatch => {
                let prefixes: Vec<Vec<u8>> = constants.iter().map(bytes).collect();
                Pattern::Paths(PathPrefixes::new(prefixes.iter().map(Vec::as_slice)))
            }
            _ => Pattern::None,
        };
        Some(Leaf {
            same: self.checks.of(format!("{:?} {:?} {constants:?}", check.left, check.operator)),
            value: self.values.of(format!("{:?}", check.left)),
            field: *id,
            arg: arg.clone(),
            operator: check.operator,
            constants,
            pattern,
        })
    }
}

/// One evaluation of one rule.
struct Evaluation<'e, 'a> {
    cx: &'e EventContext<'a>,
    counts: &'e mut [Counts],
    values: Vec<Option<Value<'a>>>,
    results: Vec<Option<bool>>,
}

impl<'a> Evaluation<'_, 'a> {
    fn node(&mut self, tree: &Tree) -> bool {
        let (id, hit) = match tree {
            Tree::And(id, trees) => (*id, trees.iter().all(|tree| self.node(tree))),
            Tree::Or(id, trees) => (*id, trees.iter().any(|tree| self.node(tree))),
            Tree::Not(id, tree) => (*id, !self.node(tree)),
            Tree::Group(id, tree) => (*id, self.node(tree)),
            Tree::Check(id, leaf) => (*id, self.check(*id, leaf)),
        };
        self.counts[id].evaluations += 1;
        self.counts[id].hits += u64::from(hit);
        hit
    }

    fn check(&mut self, id: usize, leaf: &Leaf) -> bool {
        if let Some(hit) = self.results[leaf.same] {
            self.counts[id].work.remembered_checks += 1;
            return hit;
        }
        let def = leaf.field.def();
        let field = self.counts[id].fields.entry(def.name.to_owned()).or_default();
        field[2] += 1;
        let value = match self.values[leaf.value] {
            Some(value) => value,
            None => {
                let value = (def.extract)(self.cx, &leaf.arg);
                field[0] += 1;
                field[1] += u64::from(value != Value::Absent);
                field[3] += text_len(value);
                field[4] += def.ancestor_steps(self.cx, &leaf.arg);
                self.values[leaf.value] = Some(value);
                value
            }
        };
        let work = &mut self.counts[id].work;
        work.checks += 1;
        let hit = value != Value::Absent && holds(leaf, value, work);
        self.results[leaf.same] = Some(hit);
        hit
    }
}

fn text_len(value: Value<'_>) -> u64 {
    match value {
        Value::Bytes(text) => text.len() as u64,
        Value::List(list) => list.iter().map(|value| text_len(*value)).sum(),
        _ => 0,
    }
}

/// Whether a check holds for a value that is there.
fn holds(leaf: &Leaf, value: Value<'_>, work: &mut WorkCounts) -> bool {
    let def = leaf.field.def();
    let several = match def.shape {
        Shape::AnyOf => {
            matches!(
                (&leaf.arg, def.arg),
                (FieldArg::None, _) | (FieldArg::Index(_), ArgSpec::IndexOrKey { .. })
            )
        }
        shape => shape == Shape::EitherEnd && leaf.operator != Operator::Exists,
    };
    let mut one = |value: Value<'_>| {
        work.candidates += 1;
        passes(leaf, value, work)
    };
    match value {
        Value::List(list) if several && def.shape == Shape::EitherEnd && leaf.operator == Operator::Ne => {
            !list.is_empty() && list.iter().all(|value| one(*value))
        }
        Value::List(list) if several => list.iter().any(|value| one(*value)),
        Value::List(list) if def.is_list && leaf.operator == Operator::In => {
            list.iter().all(|value| one(*value))
        }
        Value::List(list) if def.is_list && leaf.operator == Operator::Intersects => {
            list.iter().any(|value| one(*value))
        }
        value => passes(leaf, value, work),
    }
}

fn passes(leaf: &Leaf, value: Value<'_>, work: &mut WorkCounts) -> bool {
    let name = leaf.field.def().name;
    let is_set = matches!(leaf.operator, Operator::In | Operator::Intersects);
    if is_set && name != "fd.net" {
        if name == "fd.ip" {
            return false;
        }
        if leaf.constants.iter().all(|constant| matches!(constant, ConstantValue::Bytes(_))) {
            let Value::Bytes(text) = value else { return false };
            let hashed = leaf.constants.iter().any(|constant| match constant {
                ConstantValue::Bytes(bytes) => bytes.len().min(63) == text.len().min(63),
                _ => false,
            });
            work.set_probes += u64::from(hashed);
            return leaf.constants.iter().any(|constant| *constant == ConstantValue::Bytes(text.into()));
        }
        if leaf.constants.iter().all(|c| matches!(c, ConstantValue::I64(_) | ConstantValue::U64(_))) {
            work.set_probes += 1;
        }
        return leaf.constants.iter().any(|constant| compare(Operator::Eq, value, constant, work));
    }
    let operator = if is_set { Operator::Eq } else { leaf.operator };
    match (&leaf.pattern, value, leaf.constants.first()) {
        (_, _, None) => leaf.operator == Operator::Exists,
        (Pattern::None, value, Some(constant)) => compare(operator, value, constant, work),
        (Pattern::Glob(glob), Value::Bytes(text), _) => {
            work.searches += 1;
            let (hit, steps) = glob.matches_counted(text);
            work.glob_steps += steps.comparisons;
            work.glob_search_bytes += steps.searched_bytes;
            hit
        }
        (Pattern::Regex(regex), Value::Bytes(text), _) => {
            work.searches += 1;
            work.regex_steps += text.len() as u64;
            regex.matches(text)
        }
        (Pattern::Paths(paths), Value::Bytes(text), _) => {
            work.searches += 1;
            let (hit, steps) = paths.matches_counted(text);
            work.set_probes += steps.lookups;
            work.glob_steps += steps.globs.comparisons;
            work.glob_search_bytes += steps.globs.searched_bytes;
            hit
        }
        _ => false,
    }
}

fn compare(operator: Operator, value: Value<'_>, constant: &ConstantValue, work: &mut WorkCounts) -> bool {
    let ordered = |ordering: std::cmp::Ordering| match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        _ => false,
    };
    let integer = |right: i128| match value {
        Value::I64(left) => ordered(i128::from(left).cmp(&right)),
        Value::U64(left) => ordered(i128::from(left).cmp(&right)),
        _ => false,
    };
    match (constant, value) {
        (ConstantValue::Bool(right), Value::Bool(left)) => ordered(left.cmp(right)),
        (ConstantValue::I64(right), _) => integer(i128::from(*right)),
        (ConstantValue::U64(right), _) => integer(i128::from(*right)),
        (ConstantValue::Ip(right), Value::Ip(left)) => ordered(left.cmp(right)),
        (ConstantValue::Net(address, len), Value::Ip(ip)) => {
            let inside = replay::engine::kernel::address::contains(*address, *len, ip);
            inside == (operator == Operator::Eq)
        }
        (ConstantValue::Bytes(right), Value::Bytes(left)) => {
            let (left_len, right_len) = (left.len() as u64, right.len() as u64);
            match operator {
                Operator::Contains | Operator::BContains | Operator::IContains => {
                    work.searches += 1;
                    work.search_bytes += left_len;
                    let (left, right) = if operator == Operator::IContains {
                        (left.to_ascii_lowercase(), right.to_ascii_lowercase())
                    } else {
                        (left.to_vec(), right.to_vec())
                    };
                    right.is_empty() || left.windows(right.len()).any(|window| *window == *right)
                }
                Operator::StartsWith | Operator::BStartsWith => {
                    work.bytes += left_len.min(right_len);
                    left.starts_with(right)
                }
                Operator::EndsWith => {
                    work.bytes += left_len.min(right_len);
                    left.ends_with(right)
                }
                Operator::Eq => {
                    work.bytes += if left_len == right_len { left_len } else { 1 };
                    *left == **right
                }
                _ => {
                    work.bytes += left_len.min(right_len);
                    ordered(left.cmp(&**right))
                }
            }
        }
        _ => false,
    }
}

/// Calls `each` for every event that rules may see.
fn for_each_event(capture: &Capture, each: impl FnMut(&EventContext<'_>)) {
    struct Visit<F>(F);
    impl<F: FnMut(&EventContext<'_>)> AlertSink for Visit<F> {
        fn alert(&mut self, _rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
            (self.0)(cx);
            Ok(())
        }
    }
    let text = "- {rule: all, desc: all, condition: evt.num >= 0, output: all, priority: DEBUG}";
    let mut all = common::load_texts(vec![("all.yaml".to_owned(), text.to_owned())]);
    all.rules[0].event_types = EventTypeSet::all();
    let program = Program::lower(&all);
    replay(capture, &program, &ReplayOptions::default(), &mut NoProbe, &mut Visit(each)).unwrap();
}

/// Counts of every rule that the naive evaluator knows, by node.
fn naive(capture: &Capture, ruleset: &Ruleset) -> Vec<Option<Vec<Counts>>> {
    let mut rules: Vec<(&Rule, Builder, Option<Tree>, Vec<Counts>)> = ruleset
        .rules
        .iter()
        .map(|rule| {
            let mut builder = Builder::default();
            let tree = builder.tree(&rule.condition);
            let counts = vec![Counts::default(); builder.nodes];
            (rule, builder, tree, counts)
        })
        .collect();
    for_each_event(capture, |cx| {
        for (rule, builder, tree, counts) in &mut rules {
            let Some(tree) = tree else { continue };
            if rule.event_types.contains(cx.event.ty) {
                let values = vec![None; builder.values.0.len()];
                let results = vec![None; builder.checks.0.len()];
                Evaluation { cx, counts, values, results }.node(tree);
            }
        }
    });
    rules.into_iter().map(|(_, _, tree, counts)| tree.map(|_| counts)).collect()
}

/// Compares rule by rule and node by node; at least so many rules have to be comparable.
fn check_counts(ruleset: &Ruleset, rules_min: usize) {
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let profile = common::profile(&capture, ruleset, &common::count_once());
    let mut compared = 0;
    for (rule, expected) in profile.rules.iter().zip(naive(&capture, ruleset)) {
        let Some(expected) = expected else { continue };
        compared += 1;
        assert_eq!(rule.nodes.len(), expected.len(), "{}", rule.name);
        for (node, expected) in rule.nodes.iter().zip(expected) {
            assert_eq!(Counts::of(node), expected, "{}: {} at {}", rule.name, node.text, node.location);
        }
    }
    assert!(compared >= rules_min, "only {compared} of {} rules", profile.rules.len());
    eprintln!("counts of {compared} of {} rules are those of the naive evaluator", profile.rules.len());
}

#[test]
fn counts_are_those_of_a_naive_evaluator() {
    check_counts(&common::load(&[common::fixture("rules/demo.yaml")]), 30);
}

#[test]
fn counts_of_public_rules_are_those_of_a_naive_evaluator() {
    let Some(stock) = common::stock() else { return };
    check_counts(&stock, 90);
}

/// What does not depend on time, as JSON.
fn counted(profile: &Profile) -> String {
    let mut profile = profile.clone();
    profile.origins.clear();
    profile.iterations.clear();
    assert!(profile.cost() > 0);
    serde_json::to_string(&profile).unwrap()
}

#[test]
fn counts_and_costs_do_not_depend_on_workers() {
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let ruleset = common::load(&[common::fixture("rules/demo.yaml")]);
    let with = |workers| {
        common::profile(&capture, &ruleset, &Options { iterations: 4, workers, ..common::count_once() })
    };
    let one = counted(&with(1));
    for workers in [2, 4] {
        assert!(one == counted(&with(workers)), "{workers} workers");
    }
    // The other way round is only another order of iterations.
    let runs: Vec<Profile> =
        (0..4).map(|_| common::profile(&capture, &ruleset, &common::count_once())).collect();
    let merged = |runs: &mut dyn Iterator<Item = &Profile>| {
        let first = runs.next().unwrap().clone();
        runs.fold(first, |mut sum, run| {
            sum.merge(run.clone()).unwrap();
            sum
        })
    };
    assert!(counted(&merged(&mut runs.iter())) == one);
    assert!(counted(&merged(&mut runs.iter().rev())) == one);
}

#[test]
fn items_of_lists_are_found_where_they_are_written() {
    let rules = "- list: cats\n  items:\n    - cat\n    - tiger\n    - sh\n- rule: r\n  desc: d\n  output: o\n  priority: DEBUG\n  condition: evt.type in (openat, execve) and proc.name in (cats)\n";
    let ruleset = common::load_texts(vec![("rules.yaml".to_owned(), rules.to_owned())]);
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let profile = common::profile(&capture, &ruleset, &common::count_once());
    let found: Vec<_> =
        profile.items.iter().map(|item| (&*item.text, item.location.line, item.hits > 0)).collect();
    assert_eq!(
        found,
        [("openat", 10, true), ("execve", 10, true), ("cat", 3, true), ("tiger", 4, false), ("sh", 5, true)]
    );
    let checks: Vec<&NodeProfile> =
        profile.rules[0].nodes.iter().filter(|node| node.work.checks > 0).collect();
    let hits = |range: std::ops::Range<usize>| profile.items[range].iter().map(|item| item.hits).sum::<u64>();
    assert_eq!((hits(0..2), hits(2..5)), (checks[0].hits, checks[1].hits));
    assert_eq!(profile.items[3].evaluations, checks[1].evaluations);
}

/// Of two checks that are the same the second is remembered; its items were found all the same.
#[test]
fn items_of_remembered_checks_are_found() {
    let rules = "- rule: r\n  desc: d\n  output: o\n  priority: DEBUG\n  condition: >\n    (evt.type in (openat, execve) and evt.num < 0) or\n    (evt.type in (openat, execve) and proc.name in (sh))\n";
    let ruleset = common::load_texts(vec![("rules.yaml".to_owned(), rules.to_owned())]);
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let profile = common::profile(&capture, &ruleset, &common::count_once());
    let found: Vec<_> =
        profile.items.iter().map(|item| (&*item.text, item.location.line, item.hits)).collect();
    let types = &found[..2];
    assert!(types[0].2 > 0 && types[1].2 > 0, "{found:?}");
    let again = types.iter().map(|(text, line, hits)| (*text, line + 1, *hits));
    assert_eq!(found[2..4], again.collect::<Vec<_>>()[..]);
    assert_eq!(found[4], ("sh", 7, profile.rules[0].matches));
}

/// Costs fit together: a rule's are its evaluations and its root, an event type's are its rules, charged and shared
/// costs of a rule are the same sum.
#[test]
fn costs_add_up() {
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let ruleset = common::load(&[common::fixture("rules/demo.yaml")]);
    let profile = common::profile(&capture, &ruleset, &common::count_once());
    for rule in &profile.rules {
        let root = rule.nodes.first().map_or((0, 0), |root| (root.cost, root.shared_cost));
        assert_eq!(root.0, root.1, "{}", rule.name);
        assert_eq!(rule.cost, root.0 + lanner_profiler::cost::EVALUATION * rule.evaluations, "{}", rule.name);
        assert_eq!(rule.cost, rule.events.iter().map(|row| row.total().cost).sum::<u64>(), "{}", rule.name);
        let own = |rule: &RuleProfile| -> u64 {
            let fields = |node: &NodeProfile| node.fields.iter().map(|field| field.cost).sum::<u64>();
            rule.nodes.iter().map(|node| node.work.cost() + fields(node)).sum()
        };
        assert_eq!(own(rule), root.0, "{}", rule.name);
    }
    assert_eq!(profile.cost(), profile.events.iter().map(|row| row.cost).sum::<u64>());
}
