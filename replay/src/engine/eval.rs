//! The hot loop.

use capture::event::EventType;
use smallvec::SmallVec;

use super::probe::{NodeId, Outcome, Probe, Site, Work};
use super::program::{CheckCode, Each, Jump, NodeCode, Program, Question, Source, Target};
use super::shared::{EventRoom, Forest};
use super::test::compare;
use super::transform;
use crate::context::EventContext;
use crate::fields::{Extract, FieldArg, FieldId, Value};
use crate::rules::RuleId;

/// How many rules one event may match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchMode {
    /// The first rule that matches ends the event, as Falco does unless told otherwise.
    #[default]
    First,
    /// Every rule is tried.
    All,
}

/// What evaluation writes to; one for each worker, for one program.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Rules that matched the last event, in order.
    pub(super) matches: SmallVec<[RuleId; 8]>,
    /// By clock: time of the event at which the field was extracted last; 0 before the first.
    pub(super) clocks: Vec<u64>,
    rule: RuleRoom,
    pub(super) event: EventRoom,
    pub(super) forest: Forest,
}

/// What is remembered during the evaluation of one rule, as far as it can be kept for the next: room.
#[derive(Debug, Default)]
struct RuleRoom {
    /// Counts evaluations of rules. What was remembered with another number is stale.
    serial: u64,
    /// By slot: the evaluation in which the value was extracted.
    extracted: Vec<u64>,
    /// By memo: the evaluation in which the check was done, and its result.
    checked: Vec<(u64, bool)>,
}

impl Scratch {
    /// For one replay: some fields look back at events before.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rules that matched the event evaluated last, in the order in which they were tried.
    pub fn matches(&self) -> &[RuleId] {
        &self.matches
    }
}

impl Program {
    /// Whether [`Program::evaluate`] would have anything to do for events of a type.
    #[inline]
    pub fn looks_at<P: Probe>(&self, ty: EventType) -> bool {
        match &self.shared {
            Some(shared) if !is_watched::<P>() => shared.looks_at(ty),
            _ => !self.index.rules(ty).is_empty(),
        }
    }

    /// Evaluates all rules that look at events of this type. The matches are in the scratch afterwards.
    ///
    /// The faithful strategy evaluates each rule on its own, in order, left to right, with extracted values shared
    /// within a rule only. This is what Falco does, so that what a rule costs here says what it costs there.
    /// Where rules or nodes are sites, or work is counted, it is the only one.
    pub fn evaluate<P: Probe>(
        &self,
        cx: &EventContext<'_>,
        mode: MatchMode,
        scratch: &mut Scratch,
        probe: &mut P,
    ) -> Outcome {
        scratch.matches.clear();
        if let (Some(shared), false) = (&self.shared, is_watched::<P>()) {
            return self.evaluate_shared(shared, cx, mode, scratch, probe);
        }
        let rules = self.index.rules(cx.event.ty);
        if rules.is_empty() {
            return Outcome::NotConsidered;
        }
        let site = Site::Event(cx.event.ty);
        let mark = probe.enter(site);
        let Scratch { matches, clocks, rule: room, .. } = scratch;
        let memory = RuleMemory { room, values: &mut [] };
        let mut run =
            Run { program: self, checks: &self.checks, jumps: &self.jumps, cx: *cx, memory, clocks, probe };
        let mut tried = rules;
        for (index, &rule) in rules.iter().enumerate() {
            if run.rule(rule) {
                matches.push(rule);
                if mode == MatchMode::First {
                    tried = &rules[..=index];
                    break;
                }
            }
        }
        let hit = !matches.is_empty();
        probe.evaluated(tried, matches);
        probe.leave(site, mark, hit);
        if hit { Outcome::Match } else { Outcome::NoMatch }
    }

    /// Evaluates one rule.
    pub(super) fn evaluate_rule<P: Probe>(
        &self,
        rule: RuleId,
        cx: &EventContext<'_>,
        scratch: &mut Scratch,
        probe: &mut P,
    ) -> bool {
        let Scratch { clocks, rule: room, .. } = scratch;
        let memory = RuleMemory { room, values: &mut [] };
        let (checks, jumps) = (&*self.checks, &*self.jumps);
        Run { program: self, checks, jumps, cx: *cx, memory, clocks, probe }.rule(rule)
    }
}

/// Whether a probe wants to see how rules are evaluated.
const fn is_watched<P: Probe>() -> bool {
    P::RULES || P::NODES || P::WORK
}

/// Where values and results are remembered during an evaluation.
pub(super) trait Memory<'a> {
    fn value(&self, slot: usize) -> Option<Value<'a>>;
    fn keep_value(&mut self, slot: usize, value: Value<'a>);
    fn result(&self, memo: usize) -> Option<bool>;
    fn keep_result(&mut self, memo: usize, hit: bool);
}

/// Of one rule.
struct RuleMemory<'r, 'a> {
    room: &'r mut RuleRoom,
    /// By slot; grown when a rule with more slots comes.
    values: &'a mut [Value<'a>],
}

impl<'a> Memory<'a> for RuleMemory<'_, 'a> {
    #[inline]
    fn value(&self, slot: usize) -> Option<Value<'a>> {
        (self.room.extracted[slot] == self.room.serial).then(|| self.values[slot])
    }

    #[inline]
    fn keep_value(&mut self, slot: usize, value: Value<'a>) {
        self.values[slot] = value;
        self.room.extracted[slot] = self.room.serial;
    }

    #[inline]
    fn result(&self, memo: usize) -> Option<bool> {
        let (serial, hit) = self.room.checked[memo];
        (serial == self.room.serial).then_some(hit)
    }

    #[inline]
    fn keep_result(&mut self, memo: usize, hit: bool) {
        self.room.checked[memo] = (self.room.serial, hit);
    }
}

/// Evaluation of one event.
pub(super) struct Run<'r, 'a, P, M> {
    pub program: &'a Program,
    pub checks: &'a [CheckCode],
    pub jumps: &'a [Jump],
    pub cx: EventContext<'a>,
    pub memory: M,
    /// See [`Scratch`].
    pub clocks: &'r mut Vec<u64>,
    pub probe: &'r mut P,
}

impl<'a, P: Probe> Run<'_, 'a, P, RuleMemory<'_, 'a>> {
    fn rule(&mut self, id: RuleId) -> bool {
        let code = &self.program.rules[id.index()];
        let room = &mut *self.memory.room;
        room.serial += 1;
        if room.checked.len() < code.memo_count as usize {
            room.checked.resize(code.memo_count as usize, (0, false));
        }
        if self.memory.values.len() < code.slot_count as usize {
            self.grow(code.slot_count as usize);
        }
        let mark = P::RULES.then(|| self.probe.enter(Site::Rule(id)));
        let hit = if P::NODES && self.probe.wants_nodes() {
            code.root.is_some_and(|root| self.node(root))
        } else {
            self.jumps(code.entry)
        };
        if let Some(mark) = mark {
            self.probe.leave(Site::Rule(id), mark, hit);
        }
        hit
    }

    #[cold]
    fn grow(&mut self, slot_count: usize) {
        let memory = &mut self.memory;
        memory.values =
            self.cx.arena.alloc_slice_fill_copy(slot_count.next_power_of_two().max(16), Value::Absent);
        if memory.room.extracted.len() < memory.values.len() {
            memory.room.extracted.resize(memory.values.len(), 0);
        }
    }
}

impl<'a, P: Probe, M: Memory<'a>> Run<'_, 'a, P, M> {
    /// Runs jump code from `target` to its end.
    #[inline]
    pub fn jumps(&mut self, mut target: Target) -> bool {
        while target.0 < Target::MISS.0 {
            let jump = self.jumps[target.0 as usize];
            target = if self.check(jump.check) { jump.yes } else { jump.no };
        }
        target == Target::HIT
    }

    /// Evaluates a node with all its sites.
    fn node(&mut self, id: NodeId) -> bool {
        let mark = self.probe.enter(Site::Node(id));
        let program = self.program;
        let hit = match program.nodes[id.0 as usize] {
            NodeCode::And { start, end } => {
                program.children[start as usize..end as usize].iter().all(|child| self.node(*child))
            }
            NodeCode::Or { start, end } => {
                program.children[start as usize..end as usize].iter().any(|child| self.node(*child))
            }
            NodeCode::Not(child) => !self.node(child),
            NodeCode::Group(child) => self.node(child),
            NodeCode::Check(check) => self.check(check),
        };
        self.probe.leave(Site::Node(id), mark, hit);
        hit
    }

    pub fn check(&mut self, index: u32) -> bool {
        let check = &self.checks[index as usize];
        if let Some(hit) = check.memo.and_then(|memo| self.memory.result(memo as usize)) {
            if P::WORK {
                self.probe.work(Work::RememberedCheck, 1);
                if hit {
                    self.tell_item(check);
                }
            }
            return hit;
        }
        if P::WORK {
            self.probe.work(Work::Check, 1);
        }
        let value = self.source(&check.left);
        let hit = value.is_present()
            && match &check.question {
                Question::Constants(test) => match (check.each, value) {
                    (Each::Any, Value::List(list)) => {
                        list.iter().any(|value| test.passes_candidate(*value, self.probe))
                    }
                    (Each::All, Value::List(list)) => {
                        !list.is_empty() && list.iter().all(|value| test.passes_candidate(*value, self.probe))
                    }
                    (_, value) => test.passes(value, self.probe),
                },
                Question::Operand(operator, right) => {
                    let right = self.value(right);
                    compare(*operator, value, right, self.probe)
                }
            };
        if let Some(memo) = check.memo {
            self.memory.keep_result(memo as usize, hit);
        }
        hit
    }

    /// As [`Run::value`]; values that are there already need no call.
    #[inline]
    pub fn source(&mut self, source: &'a Source) -> Value<'a> {
        match source {
            Source::Field { slot, .. } if !P::WORK => match self.memory.value(*slot as usize) {
                Some(value) => value,
                None => self.value(source),
            },
            source => self.value(source),
        }
    }

    /// Tells again which item of its list made a remembered check true: it is written in another place here.
    fn tell_item(&mut self, check: &'a CheckCode) {
        let (Source::Field { slot, .. } | Source::Transform { slot, .. }) = &check.left else { return };
        let (Question::Constants(test), Some(value)) = (&check.question, self.memory.value(*slot as usize))
        else {
            return;
        };
        match (check.each, value) {
            (Each::Any, Value::List(list)) => {
                let _ = list.iter().any(|value| test.tell_item(*value, self.probe));
            }
            (Each::All, Value::List(list)) => list.iter().for_each(|value| {
                test.tell_item(*value, self.probe);
            }),
            (_, value) => {
                test.tell_item(value, self.probe);
            }
        }
    }

    pub fn value(&mut self, source: &'a Source) -> Value<'a> {
        match source {
            Source::Field { id, arg, extract, slot, clock } => {
                if let Some(value) = self.memory.value(*slot as usize) {
                    if P::WORK {
                        self.probe.value_used(*slot);
                    }
                    return value;
                }
                let is_site = P::FIELDS && self.probe.wants_nodes();
                let mark = is_site.then(|| self.probe.enter(Site::Field(*id)));
                let value = match clock {
                    None => extract(&self.cx, arg),
                    Some(clock) => self.extract_since(*clock, *extract, arg),
                };
                if P::WORK {
                    self.count_extraction(*id, arg, value);
                }
                if let Some(mark) = mark {
                    self.probe.leave(Site::Field(*id), mark, value.is_present());
                }
                if P::WORK {
                    self.probe.value_used(*slot);
                }
                self.memory.keep_value(*slot as usize, value);
                value
            }
            Source::Transform { transform, args, selector, slot } => {
                let slot = *slot as usize;
                if let Some(value) = self.memory.value(slot) {
                    if P::WORK {
                        self.reuse(args);
                    }
                    return value;
                }
                let args: SmallVec<[Value<'a>; 4]> = args.iter().map(|arg| self.value(arg)).collect();
                let value = transform::apply(*transform, &args, selector.as_deref(), self.cx.arena);
                if P::WORK {
                    self.probe.work(Work::Transform, 1);
                }
                self.memory.keep_value(slot, value);
                value
            }
            Source::Literal(bytes) => Value::Bytes(bytes),
            Source::List(items) => {
                let items: SmallVec<[Value<'a>; 8]> = items.iter().map(|item| self.value(item)).collect();
                if items.iter().any(|item| !item.is_present()) {
                    return Value::Absent;
                }
                Value::List(self.cx.arena.alloc_slice_copy(&items))
            }
        }
    }

    /// Tells what an extraction took.
    fn count_extraction(&mut self, id: FieldId, arg: &FieldArg, value: Value<'a>) {
        self.probe.work(Work::ValueBytes, text_len(value));
        self.probe.work(Work::AncestorStep, id.def().ancestor_steps(&self.cx, arg));
    }

    /// Tells that the fields in `sources` are used once more, as parts of a value that was computed before.
    fn reuse(&mut self, sources: &'a [Source]) {
        for source in sources {
            match source {
                Source::Field { slot, .. } => self.probe.value_used(*slot),
                Source::Transform { args, .. } | Source::List(args) => self.reuse(args),
                Source::Literal(_) => {}
            }
        }
    }

    /// Extracts a field as if the event before were the one at which it was extracted last.
    #[cold]
    fn extract_since(&mut self, clock: u32, extract: Extract, arg: &'a FieldArg) -> Value<'a> {
        if self.clocks.len() < self.program.clock_count as usize {
            self.clocks.resize(self.program.clock_count as usize, 0);
        }
        let last = std::mem::replace(&mut self.clocks[clock as usize], self.cx.event.ts_ns);
        let mut cx = self.cx;
        cx.facts.previous_ts_ns = last;
        extract(&cx, arg)
    }
}

/// Bytes of text in a value.
fn text_len(value: Value<'_>) -> u64 {
    match value {
        Value::Bytes(text) => text.len() as u64,
        Value::List(list) => list.iter().map(|value| text_len(*value)).sum(),
        _ => 0,
    }
}
