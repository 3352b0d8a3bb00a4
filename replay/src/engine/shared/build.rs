//! Making the code of each event type.

use bumpalo::Bump;
use capture::event::schema::EVENT_COUNT;
use capture::event::{Event, EventType, Params};
use hashbrown::HashMap;
use smallvec::SmallVec;

use super::super::eval::Run;
use super::super::lower::is_evaluated;
use super::super::probe::NoProbe;
use super::super::program::{Program, Question, Source, Target};
use super::super::test::Test;
use super::estimate::{self, Estimate};
use super::expression::Expression;
use super::intern::{Interner, has_clocks};
use super::run::{EventRoom, Remembered};
use super::switch::{Case, Key, Switch};
use super::{Descriptor, Shared, Step, TypeCode, classes, constant, switch};
use crate::context::{EventContext, EventFacts};
use crate::rules::{Rule, RuleId, Ruleset};
use crate::state::State;

/// Chance of a result that is worth asking for before the rules that require it.
const REQUIRED_CHANCE_MAX: f32 = 0.75;
/// Fewer rules than this, for each of those that have a key in common, are tried one by one.
const SWITCHED_MIN: u32 = 4;
/// Fields that cost more are asked for only after checks that may spare it.
const SWITCHED_COST_MAX: f32 = 6.0;

/// A rule that may match, and what is still to be asked.
type Rest = (RuleId, Vec<Expression>);

impl Shared {
    /// Code for the enabled rules.
    pub(in super::super) fn lower(ruleset: &Ruleset) -> Shared {
        let mut interner = Interner::default();
        let rules: Vec<(&Rule, Option<Expression>)> = ruleset
            .rules
            .iter()
            .filter(|rule| is_evaluated(rule))
            .map(|rule| {
                let shared = !has_clocks(&rule.condition);
                (rule, shared.then(|| interner.expression(&rule.condition, true)))
            })
            .collect();
        let mut field = |name: &str| interner.field(name);
        let descriptor = Descriptor { name: field("fd.name"), letter: field("fd.typechar") };
        let mut shared = Shared {
            slot_count: interner.slots.len(),
            estimates: Vec::new(),
            families: interner.codes.iter().map(classes::family).collect(),
            descriptor,
            checks: interner.codes,
            jumps: Vec::new(),
            switches: Vec::new(),
            types: Vec::new(),
        };
        let estimates: Vec<Estimate> = shared.checks.iter().map(Estimate::of_check).collect();
        for ty in (0..EVENT_COUNT as u16).map(EventType) {
            let mut known = Known::new(ty, shared.checks.len());
            let (mut left, mut faithful) = (Vec::new(), Vec::new());
            for (rule, expression) in rules.iter().filter(|(rule, _)| rule.event_types.contains(ty)) {
                let Some(expression) = expression else {
                    faithful.push(rule.id);
                    continue;
                };
                match expression.fold(&mut |check| known.result(&shared, check)) {
                    Expression::Constant(false) => {}
                    expression => left.push((rule.id, expression)),
                }
            }
            let rest = left.iter().map(|(rule, expression)| match expression {
                Expression::Constant(_) => (*rule, Vec::new()),
                Expression::And(parts) => (*rule, parts.clone()),
                part => (*rule, vec![part.clone()]),
            });
            let mut steps = Vec::new();
            shared.steps(rest.collect(), &estimates, &mut steps);
            shared.types.push(TypeCode {
                rules: left.into(),
                steps: steps.into(),
                faithful: faithful.into(),
            });
        }
        Shared { estimates, ..shared }
    }

    /// Steps for rules: what most of them require is asked first, then for those without it the same again.
    fn steps(&mut self, mut rules: Vec<Rest>, estimates: &[Estimate], steps: &mut Vec<Step>) {
        while let Some(slot) = self.most_switched(&rules) {
            rules = self.switch(slot, rules, estimates, steps);
        }
        while let Some((check, want)) = most_required(&rules, estimates) {
            let is_it = |part: &Expression| matches!(part, Expression::Check { check: c, want: w } if (*c, *w) == (check, want));
            let (mut with, without): (Vec<Rest>, Vec<Rest>) =
                rules.into_iter().partition(|(_, parts)| parts.iter().any(is_it));
            for (_, parts) in &mut with {
                parts.retain(|part| !is_it(part));
            }
            let at = steps.len();
            steps.push(Step::Guard { check, want, skip: 0 });
            self.steps(with, estimates, steps);
            let skip = (steps.len() - at - 1) as u32;
            steps[at] = Step::Guard { check, want, skip };
            rules = without;
        }
        for (rule, parts) in rules {
            let entry = self.entry(parts, estimates);
            steps.push(Step::Rule { rule, entry });
        }
    }

    /// Jump code for what is left of a rule.
    fn entry(&mut self, parts: Vec<Expression>, estimates: &[Estimate]) -> Target {
        let mut rest = Expression::list(true, parts);
        rest.sort(estimates);
        rest.jumps(&mut self.jumps, Target::HIT, Target::MISS)
    }

    /// The slot by whose value most rules can be looked up, if it is cheap, they are many, and few of them have a
    /// key in common.
    fn most_switched(&self, rules: &[Rest]) -> Option<u32> {
        // By slot: rules, and rules by key.
        let mut counts: HashMap<u32, (u32, HashMap<Key<'_>, u32>)> = HashMap::new();
        for (_, parts) in rules {
            let mut seen: SmallVec<[u32; 4]> = SmallVec::new();
            for (slot, _, keys) in parts.iter().filter_map(|part| self.switch_keys(part)) {
                // A rule is looked up by one of its parts.
                if !seen.contains(&slot) {
                    seen.push(slot);
                    let (count, by_key) = counts.entry(slot).or_default();
                    *count += 1;
                    keys.into_iter().for_each(|key| *by_key.entry(key).or_default() += 1);
                }
            }
        }
        let spared = counts.into_iter().filter_map(|(slot, (count, by_key))| {
            let most = by_key.into_values().max().unwrap_or(0);
            (count >= SWITCHED_MIN && count >= SWITCHED_MIN * most).then(|| (count - most, slot))
        });
        spared.max_by_key(|(spared, slot)| (*spared, std::cmp::Reverse(*slot))).map(|(_, slot)| slot)
    }

    /// The keys of a part, if its field is cheap.
    fn switch_keys(&self, part: &Expression) -> Option<(u32, u32, Vec<Key<'_>>)> {
        let found = switch::keys(part, &self.checks)?;
        let cost = estimate::of_source(&self.checks[found.1 as usize].left);
        (cost <= SWITCHED_COST_MAX).then_some(found)
    }

    /// A step that looks rules up by the value of a slot; returns the rules that this cannot be done with.
    fn switch(
        &mut self,
        slot: u32,
        rules: Vec<Rest>,
        estimates: &[Estimate],
        steps: &mut Vec<Step>,
    ) -> Vec<Rest> {
        let (mut chosen, mut others) = (Vec::new(), Vec::new());
        for (rule, mut parts) in rules {
            let is_it = |part: &Expression| self.switch_keys(part).is_some_and(|(other, ..)| other == slot);
            match parts.iter().position(is_it) {
                Some(at) => {
                    let part = parts.remove(at);
                    let entry = self.entry(parts, estimates);
                    chosen.push((Case { rule, entry }, part));
                }
                None => others.push((rule, parts)),
            }
        }
        let mut check = 0;
        let cases: Vec<_> = chosen
            .iter()
            .filter_map(|(case, part)| {
                let (_, of, keys) = self.switch_keys(part)?;
                check = of;
                Some((*case, keys))
            })
            .collect();
        let switch = Switch::new(check, cases);
        self.switches.push(switch);
        steps.push(Step::Switch { switch: self.switches.len() as u32 - 1 });
        others
    }
}

/// The result of a check that most rules require, if several do; of those the cheapest. Results that most events
/// have are left to the rules: they are asked for later there, and then seldom.
fn most_required(rules: &[Rest], estimates: &[Estimate]) -> Option<(u32, bool)> {
    let mut counts: HashMap<(u32, bool), u32> = HashMap::new();
    for (_, parts) in rules {
        for part in parts {
            if let Expression::Check { check, want } = part
                && estimates[*check as usize].wanted(*want) <= REQUIRED_CHANCE_MAX
            {
                *counts.entry((*check, *want)).or_default() += 1;
            }
        }
    }
    let several = counts.into_iter().filter(|(_, count)| *count > 1);
    // The last part makes the choice independent of the order of the map.
    let best = several.min_by_key(|((check, want), count)| {
        (std::cmp::Reverse(*count), estimates[*check as usize].cost as u32, *check, *want)
    });
    best.map(|(required, _)| required)
}

/// Results of checks that the event type alone decides.
struct Known {
    ty: EventType,
    results: Vec<Option<Option<bool>>>,
}

impl Known {
    fn new(ty: EventType, check_count: usize) -> Self {
        Known { ty, results: vec![None; check_count] }
    }

    fn result(&mut self, shared: &Shared, check: u32) -> Option<bool> {
        let ty = self.ty;
        *self.results[check as usize].get_or_insert_with(|| result_for_type(shared, check, ty))
    }
}

/// The result of a check for all events of a type, if it is the same: then it is that for an event which has
/// nothing but its type.
fn result_for_type(shared: &Shared, check: u32, ty: EventType) -> Option<bool> {
    let code = &shared.checks[check as usize];
    let Source::Field { id, arg, .. } = &code.left else { return None };
    if let ("evt.num", Question::Constants(Test::Integer { order, value: ..=0 })) =
        (id.def().name, &code.question)
    {
        // Events are numbered from 1; rules use this to say always or never.
        return Some(order.holds(&1, &0));
    }
    if !matches!(code.question, Question::Constants(_)) || !constant::is_constant(*id, arg, ty) {
        return None;
    }
    let event = Event { ts_ns: 0, tid: -1, ty, cpu: 0, state_only: false, params: Params::EMPTY };
    let (state, arena) = (State::default(), Bump::new());
    let cx = EventContext {
        event: &event,
        num: 0,
        state: &state,
        thread: None,
        fd_num: -1,
        fd: None,
        facts: EventFacts::default(),
        arena: &arena,
    };
    let program = Program::default();
    let (mut room, mut clocks) = (EventRoom::default(), Vec::new());
    let memory = Remembered::new(&mut room, shared, &arena);
    let (checks, jumps) = (&*shared.checks, &*shared.jumps);
    let mut run =
        Run { program: &program, checks, jumps, cx, memory, clocks: &mut clocks, probe: &mut NoProbe };
    Some(run.check(check))
}
