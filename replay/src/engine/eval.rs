//! The hot loop.

use smallvec::SmallVec;

use super::probe::{NodeId, Outcome, Probe, Site, Work};
use super::program::{Each, NodeCode, Program, Question, Source, Target};
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

/// What evaluation writes to; one for each worker.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Rules that matched the last event, in order.
    matches: SmallVec<[RuleId; 8]>,
    /// Counts evaluations of rules. What was remembered with another number is stale.
    serial: u64,
    /// By slot: the evaluation in which the value was extracted.
    extracted: Vec<u64>,
    /// By clock: time of the event at which the field was extracted last; 0 before the first.
    clocks: Vec<u64>,
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
    /// Evaluates all rules that look at events of this type: each on its own, in order, left to right, with
    /// extracted values shared within a rule only. This is what Falco does, so that what a rule costs here
    /// says what it costs there. The matches are in the scratch afterwards.
    pub fn evaluate<P: Probe>(
        &self,
        cx: &EventContext<'_>,
        mode: MatchMode,
        scratch: &mut Scratch,
        probe: &mut P,
    ) -> Outcome {
        scratch.matches.clear();
        let rules = self.index.rules(cx.event.ty);
        if rules.is_empty() {
            return Outcome::NotConsidered;
        }
        let site = Site::Event(cx.event.ty);
        let mark = probe.enter(site);
        let mut run = Run { program: self, cx: *cx, values: &mut [], scratch, probe };
        for &rule in rules {
            if run.rule(rule) {
                run.scratch.matches.push(rule);
                if mode == MatchMode::First {
                    break;
                }
            }
        }
        let hit = !scratch.matches.is_empty();
        probe.leave(site, mark, hit);
        if hit { Outcome::Match } else { Outcome::NoMatch }
    }
}

/// Evaluation of one event.
struct Run<'r, 'a, P> {
    program: &'a Program,
    cx: EventContext<'a>,
    /// By slot; grown when a rule with more slots comes.
    values: &'a mut [Value<'a>],
    scratch: &'r mut Scratch,
    probe: &'r mut P,
}

impl<'a, P: Probe> Run<'_, 'a, P> {
    fn rule(&mut self, id: RuleId) -> bool {
        let code = &self.program.rules[id.index()];
        self.scratch.serial += 1;
        if self.values.len() < usize::from(code.slot_count) {
            self.grow(usize::from(code.slot_count));
        }
        if self.scratch.checked.len() < usize::from(code.memo_count) {
            self.scratch.checked.resize(usize::from(code.memo_count), (0, false));
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
        self.values =
            self.cx.arena.alloc_slice_fill_copy(slot_count.next_power_of_two().max(16), Value::Absent);
        if self.scratch.extracted.len() < self.values.len() {
            self.scratch.extracted.resize(self.values.len(), 0);
        }
    }

    /// Runs jump code from `target` to its end.
    #[inline]
    fn jumps(&mut self, mut target: Target) -> bool {
        while target.0 < Target::MISS.0 {
            let jump = self.program.jumps[target.0 as usize];
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

    fn check(&mut self, index: u32) -> bool {
        let check = &self.program.checks[index as usize];
        if let Some(memo) = check.memo {
            let (serial, hit) = self.scratch.checked[usize::from(memo)];
            if serial == self.scratch.serial {
                if P::WORK {
                    self.probe.work(Work::RememberedCheck, 1);
                }
                return hit;
            }
        }
        if P::WORK {
            self.probe.work(Work::Check, 1);
        }
        let value = self.value(&check.left);
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
            self.scratch.checked[usize::from(memo)] = (self.scratch.serial, hit);
        }
        hit
    }

    fn value(&mut self, source: &'a Source) -> Value<'a> {
        match source {
            Source::Field { id, arg, extract, slot, clock } => {
                let index = usize::from(*slot);
                if self.scratch.extracted[index] == self.scratch.serial {
                    if P::WORK {
                        self.probe.value_used(*slot);
                    }
                    return self.values[index];
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
                self.remember(index, value)
            }
            Source::Transform { transform, args, selector, slot } => {
                let slot = usize::from(*slot);
                if self.scratch.extracted[slot] == self.scratch.serial {
                    if P::WORK {
                        self.reuse(args);
                    }
                    return self.values[slot];
                }
                let args: SmallVec<[Value<'a>; 4]> = args.iter().map(|arg| self.value(arg)).collect();
                let value = transform::apply(*transform, &args, selector.as_deref(), self.cx.arena);
                if P::WORK {
                    self.probe.work(Work::Transform, 1);
                }
                self.remember(slot, value)
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
        if self.scratch.clocks.len() < self.program.clock_count as usize {
            self.scratch.clocks.resize(self.program.clock_count as usize, 0);
        }
        let last = std::mem::replace(&mut self.scratch.clocks[clock as usize], self.cx.event.ts_ns);
        let mut cx = self.cx;
        cx.facts.previous_ts_ns = last;
        extract(&cx, arg)
    }

    fn remember(&mut self, slot: usize, value: Value<'a>) -> Value<'a> {
        self.values[slot] = value;
        self.scratch.extracted[slot] = self.scratch.serial;
        value
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
