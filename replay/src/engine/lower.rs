//! From a ruleset to a program. Nothing here can fail: rules were checked when they were loaded.

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::probe::NodeId;
use super::program::{
    CheckCode, Each, EventIndex, Jump, NodeCode, NodeInfo, NodeKind, Program, Question, RuleCode, Source,
    Strategy, Target,
};
use super::shared::Shared;
use super::test::Test;
use crate::fields::{ArgSpec, FieldArg, FieldDef, Shape};
use crate::rules::condition::{
    self, Check, Constant, ConstantValue, Node, Operand, Operator, Right, Transform,
};
use crate::rules::{Rule, RuleId, Ruleset};

/// Event source of captures.
const SOURCE: &str = "syscall";

impl Program {
    /// Lowers the enabled rules for a strategy.
    pub fn with_strategy(ruleset: &Ruleset, strategy: Strategy) -> Program {
        let mut program = Program::lower(ruleset);
        if strategy == Strategy::Shared {
            program.shared = Some(Shared::lower(ruleset));
        }
        program
    }

    /// Lowers the enabled rules for the faithful strategy.
    pub fn lower(ruleset: &Ruleset) -> Program {
        let mut program = Program::default();
        for rule in &ruleset.rules {
            let code = if is_evaluated(rule) {
                RuleLowering {
                    program: &mut program,
                    ruleset,
                    rule: rule.id,
                    slots: Slots::default(),
                    seen: Vec::new(),
                    memo_count: 0,
                }
                .lower(&rule.condition)
            } else {
                RuleCode::default()
            };
            program.rules.push(code);
        }
        program.index = EventIndex::new(capture::event::schema::EVENT_COUNT, |ty| {
            let rules =
                ruleset.rules.iter().filter(|rule| is_evaluated(rule) && rule.event_types.contains(ty));
            rules.map(|rule| rule.id).collect()
        });
        program
    }
}

pub(super) fn is_evaluated(rule: &Rule) -> bool {
    rule.enabled && rule.source == SOURCE
}

/// Lowering of one rule.
struct RuleLowering<'a> {
    program: &'a mut Program,
    ruleset: &'a Ruleset,
    rule: RuleId,
    slots: Slots,
    /// Checks of this rule so far, with their index in the program.
    seen: Vec<(&'a Check, u32)>,
    memo_count: u32,
}

impl<'a> RuleLowering<'a> {
    fn lower(mut self, condition: &'a Node) -> RuleCode {
        let root = self.node(condition, None);
        let first_jump = self.program.jumps.len();
        let entry = self.jumps(root, Target::HIT, Target::MISS);
        // Made back to front; evaluation should walk forward through memory.
        let last = (first_jump + self.program.jumps.len()).saturating_sub(1) as u32;
        let turn = |target: Target| if target.0 >= Target::MISS.0 { target } else { Target(last - target.0) };
        let jumps = &mut self.program.jumps[first_jump..];
        jumps.reverse();
        for jump in jumps {
            (jump.yes, jump.no) = (turn(jump.yes), turn(jump.no));
        }
        RuleCode {
            root: Some(root),
            entry: turn(entry),
            slot_count: self.slots.len(),
            memo_count: self.memo_count,
        }
    }

    fn node(&mut self, node: &'a Node, parent: Option<NodeId>) -> NodeId {
        let id = NodeId(self.program.nodes.len() as u32);
        let (kind, field) = match &node.kind {
            condition::NodeKind::And(_) => (NodeKind::And, None),
            condition::NodeKind::Or(_) => (NodeKind::Or, None),
            condition::NodeKind::Not(_) => (NodeKind::Not, None),
            condition::NodeKind::Macro { .. } => (NodeKind::Macro, None),
            condition::NodeKind::Exception { .. } => (NodeKind::Exception, None),
            condition::NodeKind::Check(check) => (NodeKind::Check, field_of(&check.left)),
        };
        let text = match &node.kind {
            condition::NodeKind::Macro { id, .. } => self
                .ruleset
                .macros
                .get(id.index())
                .map_or_else(String::new, |definition| definition.name.clone()),
            condition::NodeKind::Exception { name, .. } => name.clone(),
            _ if self.ruleset.sources.files().is_empty() => String::new(),
            _ => self.ruleset.sources.text(node.span).split_whitespace().collect::<Vec<_>>().join(" "),
        };
        self.program.info.push(NodeInfo { kind, rule: self.rule, parent, span: node.span, text, field });
        // Children come after their parent, so the place is taken first.
        self.program.nodes.push(NodeCode::Group(id));
        let code = match &node.kind {
            condition::NodeKind::And(nodes) => {
                let (start, end) = self.list(nodes, id);
                NodeCode::And { start, end }
            }
            condition::NodeKind::Or(nodes) => {
                let (start, end) = self.list(nodes, id);
                NodeCode::Or { start, end }
            }
            condition::NodeKind::Not(node) => NodeCode::Not(self.node(node, Some(id))),
            condition::NodeKind::Macro { body, .. } | condition::NodeKind::Exception { body, .. } => {
                NodeCode::Group(self.node(body, Some(id)))
            }
            condition::NodeKind::Check(check) => NodeCode::Check(self.check(check)),
        };
        self.program.nodes[id.0 as usize] = code;
        id
    }

    fn list(&mut self, nodes: &'a [Node], parent: NodeId) -> (u32, u32) {
        let children: SmallVec<[NodeId; 16]> =
            nodes.iter().map(|node| self.node(node, Some(parent))).collect();
        let start = self.program.children.len() as u32;
        self.program.children.extend(children);
        (start, self.program.children.len() as u32)
    }

    fn check(&mut self, check: &'a Check) -> u32 {
        let memo = self.memo(check);
        let code = self.slots.check(check, memo, &mut self.program.clock_count);
        self.program.checks.push(code);
        let index = self.program.checks.len() as u32 - 1;
        self.seen.push((check, index));
        index
    }

    /// The memo this check shares with an equal one before it.
    fn memo(&mut self, check: &Check) -> Option<u32> {
        let (_, index) = *self.seen.iter().find(|(seen, _)| same_check(seen, check))?;
        let first = &mut self.program.checks[index as usize].memo;
        if first.is_none() {
            *first = Some(self.memo_count);
            self.memo_count = self.memo_count.checked_add(1)?;
        }
        *first
    }

    /// Jump code of a node, back to front: returns where it starts.
    fn jumps(&mut self, id: NodeId, yes: Target, no: Target) -> Target {
        match self.program.nodes[id.0 as usize] {
            NodeCode::And { start, end } => (start..end)
                .rev()
                .fold(yes, |next, child| self.jumps(self.program.children[child as usize], next, no)),
            NodeCode::Or { start, end } => (start..end)
                .rev()
                .fold(no, |next, child| self.jumps(self.program.children[child as usize], yes, next)),
            NodeCode::Not(child) => self.jumps(child, no, yes),
            NodeCode::Group(child) => self.jumps(child, yes, no),
            NodeCode::Check(check) => {
                self.program.jumps.push(Jump { check, yes, no });
                Target(self.program.jumps.len() as u32 - 1)
            }
        }
    }
}

/// Slots of the operands of checks that share values.
#[derive(Default)]
pub(super) struct Slots {
    /// By operand, and whether its printed value is meant.
    slots: HashMap<(Operand, bool), u32>,
    /// Clocks by slot.
    clocks: HashMap<u32, u32>,
}

impl Slots {
    pub fn len(&self) -> u32 {
        self.slots.len() as u32
    }

    /// A check as it is evaluated. Clocks it needs are added to `clock_count`.
    pub fn check(&mut self, check: &Check, memo: Option<u32>, clock_count: &mut u32) -> CheckCode {
        let left = self.source(&check.left, false, clock_count);
        let (each, question) = match &check.right {
            Right::None => (each_of(check), Question::Constants(Test::Exists)),
            Right::Operand(operand) => {
                let right = self.source(operand, true, clock_count);
                (Each::Whole, Question::Operand(check.operator, right))
            }
            Right::Constants(constants) => (each_of(check), Question::Constants(test_of(check, constants))),
        };
        CheckCode { left, each, question, memo }
    }

    /// `printed`: what a transform or a right-hand side sees of a field.
    pub fn source(&mut self, operand: &Operand, printed: bool, clock_count: &mut u32) -> Source {
        match operand {
            Operand::Field { id, arg } => {
                let def = id.def();
                let extract = if printed { def.print.unwrap_or(def.extract) } else { def.extract };
                let slot = self.slot(operand, printed && def.print.is_some());
                let clock = self.clock(def, slot, clock_count);
                Source::Field { id: *id, arg: arg.clone(), extract, slot, clock }
            }
            Operand::Transform { transform, args, selector } => Source::Transform {
                transform: *transform,
                args: args.iter().map(|arg| self.source(arg, true, clock_count)).collect(),
                selector: selector.clone(),
                slot: self.slot(operand, true),
            },
            Operand::Literal(bytes) => Source::Literal(bytes.clone()),
            Operand::List(items) => {
                Source::List(items.iter().map(|item| Source::Literal(item.clone())).collect())
            }
            Operand::ListOf(items) => {
                Source::List(items.iter().map(|item| self.source(item, true, clock_count)).collect())
            }
        }
    }

    /// The clock of a field that looks back at the event at which it was extracted last. In Falco every check
    /// keeps that time by itself; checks of a rule share values, so here every slot does.
    fn clock(&mut self, def: &FieldDef, slot: u32, clock_count: &mut u32) -> Option<u32> {
        if !has_clock(def) {
            return None;
        }
        let clock = *self.clocks.entry(slot).or_insert(*clock_count);
        *clock_count = (*clock_count).max(clock + 1);
        Some(clock)
    }

    fn slot(&mut self, operand: &Operand, printed: bool) -> u32 {
        let next = self.len();
        *self.slots.entry((operand.clone(), printed)).or_insert(next)
    }
}

/// Whether the field looks back at the event at which it was extracted last.
pub(super) fn has_clock(def: &FieldDef) -> bool {
    def.name.starts_with("evt.deltatime")
}

fn field_of(operand: &Operand) -> Option<crate::fields::FieldId> {
    match operand {
        Operand::Field { id, .. } => Some(*id),
        Operand::Transform { args, .. } | Operand::ListOf(args) => args.iter().find_map(field_of),
        Operand::Literal(_) | Operand::List(_) => None,
    }
}

/// The field, if the operand is one that is compared candidate by candidate.
fn candidates(operand: &Operand) -> Option<&'static FieldDef> {
    let Operand::Field { id, arg } = operand else { return None };
    let def = id.def();
    match def.shape {
        Shape::Plain | Shape::AtMost => None,
        // A position asks for one ancestor, except of the environment: all are compared unless a variable is
        // named.
        Shape::AnyOf => match (arg, def.arg) {
            (FieldArg::None, _) | (FieldArg::Index(_), ArgSpec::IndexOrKey { .. }) => Some(def),
            _ => None,
        },
        Shape::EitherEnd => Some(def),
    }
}

fn each_of(check: &Check) -> Each {
    match candidates(&check.left).map(|def| def.shape) {
        // An empty list of ends means that the descriptor has none, but is known.
        Some(Shape::EitherEnd) if check.operator == Operator::Exists => Each::Whole,
        Some(Shape::EitherEnd) if check.operator == Operator::Ne => Each::All,
        Some(_) => Each::Any,
        None => Each::Whole,
    }
}

/// The test of a check with constants, Falco's own ways included.
fn test_of(check: &Check, constants: &[Constant]) -> Test {
    let field = match &check.left {
        Operand::Field { id, .. } => Some(id.def()),
        _ => None,
    };
    if field.is_some_and(|def| def.shape == Shape::AtMost) && check.operator == Operator::Eq {
        return Test::new(Operator::Le, None, constants, false);
    }
    let set_operator = matches!(check.operator, Operator::In | Operator::Intersects);
    let raw_argument = field.is_some_and(|def| def.name == "evt.rawarg");
    if candidates(&check.left).is_some() || raw_argument {
        let textual = matches!(constants.first(), Some(Constant { value: ConstantValue::Bytes(_), .. }));
        // Falco looks these up in the set without their length, so that only strings are ever found. Ports
        // are the exception; `intersects` on addresses stops Falco, and works here.
        let lost = match field.map(|def| def.name) {
            Some("fd.ip") => check.operator == Operator::In,
            Some("proc.apid" | "evt.rawarg") => set_operator && !textual,
            _ => false,
        };
        if lost {
            return Test::Never;
        }
        // Only the first network counts, and modifiers have no effect: the first constant is taken.
        let first_only = check.modifier.is_some() || field.is_some_and(|def| def.name == "fd.net");
        if first_only {
            let operator = if set_operator { Operator::Eq } else { check.operator };
            return Test::new(operator, None, &constants[..constants.len().min(1)], false);
        }
    }
    Test::new(check.operator, check.modifier, constants, is_list(&check.left))
}

/// Whether the operand yields a list to plain comparisons.
fn is_list(operand: &Operand) -> bool {
    match operand {
        Operand::Field { id, .. } => id.def().is_list,
        Operand::Transform { transform: Transform::Getopt, selector, .. } => selector.is_none(),
        Operand::Transform { transform: Transform::Val, args, .. } => args.first().is_some_and(is_list),
        Operand::Transform { .. } | Operand::Literal(_) => false,
        Operand::List(_) | Operand::ListOf(_) => true,
    }
}

/// Whether two checks ask the same of the same value; spans do not count.
pub(super) fn same_check(left: &Check, right: &Check) -> bool {
    left.operator == right.operator
        && left.modifier == right.modifier
        && left.left == right.left
        && match (&left.right, &right.right) {
            (Right::None, Right::None) => true,
            (Right::Operand(left), Right::Operand(right)) => left == right,
            (Right::Constants(left), Right::Constants(right)) => {
                left.iter().map(|constant| &constant.value).eq(right.iter().map(|constant| &constant.value))
            }
            _ => false,
        }
}
