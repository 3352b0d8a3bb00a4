//! The probe.

use std::marker::PhantomData;

use capture::event::EventType;
use replay::engine::{Outcome, Probe, Site, Stage, Work};
use replay::rules::RuleId;

use super::costs::Costs;
use super::mode::Mode;
use super::recording::{CheckWork, Recording, Row, STAGES};
use super::sample::Sample;
use super::stopwatch::Stopwatch;
use super::timeline::TimeBins;
use crate::clock::Clock;
use crate::cost::FieldClass;

/// A probe that counts, and times what its [`Mode`] says. One per replay and worker.
pub struct Recorder<C, M> {
    clock: Stopwatch<C>,
    /// The last reading.
    last: u64,
    /// Something was noted since the last event was booked.
    open: bool,
    stages: [u64; STAGES],
    /// Rules that were tried, in order.
    tried: Vec<RuleId>,
    matched: Vec<RuleId>,
    /// What each took and whether it matched; empty if the event at hand is not timed.
    rule_notes: Vec<RuleNote>,
    /// Nodes and fields, in the order in which they were left.
    nodes: Vec<NodeNote>,
    costs: Costs,
    sample: Sample,
    rule_count: usize,
    node_count: usize,
    recording: Recording,
    mode: PhantomData<M>,
}

/// A rule that was left.
#[derive(Clone, Copy)]
struct RuleNote {
    hit: bool,
    ticks: u64,
    cost: u64,
}

/// A node or field that was left.
#[derive(Clone, Copy)]
struct NodeNote {
    id: NoteId,
    hit: bool,
    ticks: u64,
    cost: u64,
}

#[derive(Clone, Copy)]
enum NoteId {
    Node(u32),
    Field(u16),
}

impl<C: Clock, M: Mode> Recorder<C, M> {
    /// A recorder for a program with so many rules and nodes, and fields of these classes.
    pub fn new(
        clock: C,
        rule_count: usize,
        node_count: usize,
        classes: Vec<FieldClass>,
        sample: Sample,
    ) -> Self {
        let recording = Recording {
            latencies: vec![Default::default(); rule_count],
            timeline: TimeBins::new(rule_count),
            work: vec![CheckWork::default(); if M::WORK { node_count } else { 0 }],
            ..Default::default()
        };
        let mut clock = Stopwatch::new(clock);
        Recorder {
            last: clock.read(),
            clock,
            open: false,
            stages: [0; STAGES],
            tried: Vec::with_capacity(rule_count),
            matched: Vec::with_capacity(rule_count),
            rule_notes: Vec::with_capacity(rule_count),
            nodes: Vec::new(),
            costs: Costs::new(classes),
            sample,
            rule_count,
            node_count,
            recording,
            mode: PhantomData,
        }
    }

    /// Ends recording.
    pub fn finish(mut self) -> Recording {
        self.book_setup();
        for row in self.recording.rows.iter_mut().flatten().flatten() {
            row.end_run();
        }
        self.recording.waited = self.clock.waited();
        self.recording
    }

    /// Books stage times that turned out to belong to no event.
    fn book_setup(&mut self) {
        if self.open {
            for (sum, ticks) in self.recording.setup.iter_mut().zip(std::mem::take(&mut self.stages)) {
                *sum += ticks;
            }
            self.clear();
            self.open = false;
        }
    }

    /// Forgets what was noted of the event at hand.
    fn clear(&mut self) {
        self.tried.clear();
        self.matched.clear();
        self.rule_notes.clear();
        self.nodes.clear();
    }

    /// Ticks since `mark`, if the event at hand is timed; the reading begins the next interval.
    #[inline(always)]
    fn lap_inside(&mut self, mark: u64) -> u64 {
        if self.sample.is_chosen() { self.lap(mark) } else { 0 }
    }

    /// Ticks since `mark`; the reading begins the next interval.
    #[inline(always)]
    fn lap(&mut self, mark: u64) -> u64 {
        if !M::TIME {
            return 0;
        }
        self.last = self.clock.read();
        self.last - mark
    }
}

impl<C: Clock, M: Mode> Probe for Recorder<C, M> {
    const RULES: bool = M::RULES;
    const NODES: bool = M::NODES;
    const FIELDS: bool = M::NODES;
    const WORK: bool = M::WORK;

    /// The reading that began the interval.
    type Mark = u64;

    #[inline(always)]
    fn enter(&mut self, site: Site) -> u64 {
        if let Site::Stage(stage) = site {
            if stage == Stage::Read {
                self.book_setup();
            }
            if M::TIME && !self.open {
                self.last = self.clock.read();
            }
        }
        // What comes before the first rule is the engine's own time, not that of whichever rule happens to be first.
        if M::TIME && M::RULES && matches!(site, Site::Event(_)) && self.sample.is_chosen() {
            self.last = self.clock.read();
        }
        self.last
    }

    #[inline(always)]
    fn leave(&mut self, site: Site, mark: u64, hit: bool) {
        match site {
            // Only chosen events tell decode from state, as each reading is a few per cent of an event.
            Site::Stage(Stage::Decode) if hit && !self.sample.is_chosen() => self.open = true,
            Site::Stage(stage) => {
                self.open = true;
                self.stages[stage as usize] += self.lap(mark);
            }
            Site::Event(_) => {}
            Site::Rule(_) => {
                if !self.sample.is_chosen() {
                    return;
                }
                let ticks = self.lap(mark);
                let cost = if M::WORK { self.costs.leave_rule(&mut self.recording.work) } else { 0 };
                self.rule_notes.push(RuleNote { hit, ticks, cost });
            }
            Site::Node(node) => {
                let ticks = self.lap_inside(mark);
                // Checks do all the work and have no nodes inside, so what was done since is theirs.
                let cost = match self.recording.work.get_mut(node.0 as usize) {
                    Some(sums) if M::WORK => self.costs.leave_node(node.0, sums),
                    _ => 0,
                };
                self.nodes.push(NodeNote { id: NoteId::Node(node.0), hit, ticks, cost });
            }
            Site::Field(field) => {
                let ticks = self.lap_inside(mark);
                let cost = if M::WORK { self.costs.leave_field(field.0) } else { 0 };
                self.nodes.push(NodeNote { id: NoteId::Field(field.0), hit, ticks, cost });
            }
        }
    }

    #[inline(always)]
    fn wants_nodes(&self) -> bool {
        self.sample.is_chosen()
    }

    #[inline(always)]
    fn work(&mut self, work: Work, amount: u64) {
        self.costs.work(work, amount);
    }

    #[inline(always)]
    fn value_used(&mut self, slot: u32) {
        self.costs.value_used(slot);
    }

    fn item_found(&mut self, value: &[u8]) {
        self.costs.item_found(value);
    }

    #[inline]
    fn evaluated(&mut self, tried: &[RuleId], matched: &[RuleId]) {
        self.tried.extend_from_slice(tried);
        self.matched.extend_from_slice(matched);
    }

    fn event(&mut self, ty: EventType, ts_ns: u64, outcome: Outcome) {
        let (ty, outcome) = (usize::from(ty.0), outcome as usize);
        if ty >= self.recording.events.len() {
            self.recording.events.resize_with(ty + 1, Default::default);
            self.recording.rows.resize_with(ty + 1, Default::default);
        }
        let cell = &mut self.recording.events[ty][outcome];
        cell.count += 1;
        if M::TIME {
            if self.sample.is_chosen() {
                cell.timed += 1;
                cell.timed_evaluate += self.stages[Stage::Evaluate as usize];
            } else {
                cell.joined += std::mem::take(&mut self.stages[Stage::State as usize]);
            }
            for (sum, ticks) in cell.stages.iter_mut().zip(std::mem::take(&mut self.stages)) {
                *sum += ticks;
            }
        }
        self.open = false;
        let weight = self.sample.weight();
        self.sample.advance();
        let bins = &mut self.recording.timeline;
        if M::WORK {
            bins.count_event(ts_ns);
        }
        if self.tried.is_empty() {
            return;
        }
        let (rule_count, node_count) = (self.rule_count, if M::NODES { self.node_count } else { 0 });
        let row = self.recording.rows[ty][outcome]
            .get_or_insert_with(|| Box::new(Row::new(rule_count, node_count)));
        row.count(&self.tried, &self.matched);
        if M::RULES && !self.rule_notes.is_empty() {
            let mut bin = bins.bin(ts_ns);
            for (rule, note) in self.tried.iter().zip(&self.rule_notes) {
                let (rule, hit) = (rule.index(), usize::from(note.hit));
                let (Some(sums), Some(latencies)) =
                    (row.rules.get_mut(rule), self.recording.latencies.get_mut(rule))
                else {
                    continue;
                };
                if M::TIME {
                    sums.timed[hit] += 1;
                    sums.ticks[hit] += note.ticks;
                    latencies[hit].record(self.clock.nanoseconds(note.ticks));
                    bin.time(rule, note.ticks * weight);
                }
                if M::WORK {
                    sums.costs[hit] += note.cost;
                    cell.cost += note.cost;
                    bin.count(rule, note.hit);
                }
            }
        }
        if M::NODES {
            // A check is left right after the fields it extracted.
            let mut pending = 0;
            for i in 0..self.nodes.len() {
                let note = self.nodes[i];
                let NoteId::Node(node) = note.id else {
                    pending += 1;
                    continue;
                };
                for field in &self.nodes[i - pending..i] {
                    if let NoteId::Field(id) = field.id {
                        let cell = row.fields.entry((node, id)).or_default();
                        cell.count += 1;
                        cell.hits += u64::from(field.hit);
                        cell.ticks += field.ticks;
                        cell.cost += field.cost;
                    }
                }
                pending = 0;
                if let Some(cell) = row.nodes.get_mut(node as usize) {
                    cell.count += 1;
                    cell.hits += u64::from(note.hit);
                    cell.ticks += note.ticks;
                    cell.cost += note.cost;
                }
            }
        }
        self.clear();
    }
}
