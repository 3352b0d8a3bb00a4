//! Running the code of an event's type.

use bumpalo::Bump;
use smallvec::SmallVec;

use super::super::eval::{Memory, Run};
use super::super::probe::{Outcome, Probe, Site};
use super::super::program::Program;
use super::super::{MatchMode, Scratch};
use super::switch::Case;
use super::{Shared, Step};
use crate::context::EventContext;
use crate::fields::Value;
use crate::rules::RuleId;

/// What is remembered of one event, as far as it can be kept for the next: room.
#[derive(Debug, Default)]
pub(in super::super) struct EventRoom {
    /// Counts events.
    serial: u64,
    /// By slot: the event in which the value was extracted, and where it is.
    places: Vec<(u64, u32)>,
    /// By check: twice the event in which it was done, plus its result.
    results: Vec<u64>,
}

/// Values and results of one event.
pub(super) struct Remembered<'r, 'a> {
    room: &'r mut EventRoom,
    values: &'a mut [Value<'a>],
    used: usize,
    arena: &'a Bump,
}

/// Room for values at first; few events need more.
const VALUES: usize = 16;

impl<'r, 'a> Remembered<'r, 'a> {
    pub fn new(room: &'r mut EventRoom, shared: &Shared, arena: &'a Bump) -> Self {
        room.serial += 1;
        if room.results.len() < shared.checks.len() {
            room.results.resize(shared.checks.len(), 0);
            room.places.resize(shared.slot_count as usize, (0, 0));
        }
        Remembered { room, values: &mut [], used: 0, arena }
    }

    #[cold]
    fn grow(&mut self) {
        let larger = self.arena.alloc_slice_fill_copy((2 * self.values.len()).max(VALUES), Value::Absent);
        larger[..self.used].copy_from_slice(self.values);
        self.values = larger;
    }
}

impl<'a> Memory<'a> for Remembered<'_, 'a> {
    #[inline]
    fn value(&self, slot: usize) -> Option<Value<'a>> {
        let (serial, place) = self.room.places[slot];
        (serial == self.room.serial).then(|| self.values[place as usize])
    }

    #[inline]
    fn keep_value(&mut self, slot: usize, value: Value<'a>) {
        if self.used == self.values.len() {
            self.grow();
        }
        self.values[self.used] = value;
        self.room.places[slot] = (self.room.serial, self.used as u32);
        self.used += 1;
    }

    #[inline]
    fn result(&self, memo: usize) -> Option<bool> {
        let result = self.room.results[memo];
        (result >> 1 == self.room.serial).then_some(result & 1 != 0)
    }

    #[inline]
    fn keep_result(&mut self, memo: usize, hit: bool) {
        self.room.results[memo] = self.room.serial << 1 | u64::from(hit);
    }
}

impl Program {
    /// Evaluates all rules that look at events of this type together.
    pub(in super::super) fn evaluate_shared<P: Probe>(
        &self,
        shared: &Shared,
        cx: &EventContext<'_>,
        mode: MatchMode,
        scratch: &mut Scratch,
        probe: &mut P,
    ) -> Outcome {
        let Some(code) = shared.types.get(usize::from(cx.event.ty.0)) else { return Outcome::NotConsidered };
        if code.is_empty() {
            return Outcome::NotConsidered;
        }
        let site = Site::Event(cx.event.ty);
        let mark = probe.enter(site);
        let Scratch { matches, clocks, event, forest, .. } = scratch;
        let memory = Remembered::new(event, shared, cx.arena);
        let mut run = Run {
            program: self,
            checks: &shared.checks,
            jumps: &shared.jumps,
            cx: *cx,
            memory,
            clocks,
            probe,
        };
        match forest.decide(shared, mode, &mut run) {
            Some(rules) => matches.extend_from_slice(rules),
            None => {
                run.steps(shared, &code.steps, matches);
                if mode == MatchMode::First {
                    matches.truncate(1);
                }
            }
        }
        if !code.faithful.is_empty() {
            self.evaluate_faithful(&code.faithful, cx, mode, scratch, probe);
        }
        let hit = !scratch.matches.is_empty();
        probe.leave(site, mark, hit);
        if hit { Outcome::Match } else { Outcome::NoMatch }
    }

    /// Rules with clocks, each on its own; those that would not have been tried after a match are left out.
    #[cold]
    fn evaluate_faithful<P: Probe>(
        &self,
        rules: &[RuleId],
        cx: &EventContext<'_>,
        mode: MatchMode,
        scratch: &mut Scratch,
        probe: &mut P,
    ) {
        let first = scratch.matches.first().copied().filter(|_| mode == MatchMode::First);
        for &rule in rules {
            if first.is_some_and(|first| first < rule) {
                break;
            }
            if self.evaluate_rule(rule, cx, scratch, probe) {
                if mode == MatchMode::First {
                    scratch.matches.clear();
                    scratch.matches.push(rule);
                    break;
                }
                scratch.matches.push(rule);
            }
        }
        scratch.matches.sort_unstable();
    }
}

impl<'a, P: Probe, M: Memory<'a>> Run<'_, 'a, P, M> {
    /// Runs the steps of an event type; the rules that match are in order afterwards.
    fn steps(&mut self, shared: &'a Shared, steps: &[Step], matches: &mut SmallVec<[RuleId; 8]>) {
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            at += 1;
            match *step {
                Step::Guard { check, want, skip } => {
                    if self.check(check) != want {
                        at += skip as usize;
                    }
                }
                Step::Switch { switch } => {
                    let switch = &shared.switches[switch as usize];
                    let value = self.value(&shared.checks[switch.check as usize].left);
                    switch.find(value, |Case { rule, entry }| {
                        if self.jumps(entry) {
                            matches.push(rule);
                        }
                    });
                }
                Step::Rule { rule, entry } => {
                    if self.jumps(entry) {
                        matches.push(rule);
                    }
                }
            }
        }
        matches.sort_unstable();
        matches.dedup();
    }
}
