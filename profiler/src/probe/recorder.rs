//! The probe.

use std::marker::PhantomData;

use capture::event::EventType;
use replay::engine::{Outcome, Probe, Site, Stage, Work};

use super::mode::Mode;
use super::recording::{Recording, Row, STAGES, WORKS};
use super::stopwatch::Stopwatch;
use super::timeline::TimeBins;
use crate::clock::Clock;

/// A probe that counts, and times what its [`Mode`] says. One per replay and worker.
pub struct Recorder<C, M> {
    clock: Stopwatch<C>,
    /// The last reading.
    last: u64,
    /// Something was noted since the last event was booked.
    open: bool,
    stages: [u64; STAGES],
    /// Rule, ticks and hit, in the order of evaluation.
    rules: Vec<(u32, u64, bool)>,
    /// Nodes and fields, in the order in which they were left.
    nodes: Vec<NodeNote>,
    /// Work since a node was left.
    work: [u64; WORKS],
    rule_count: usize,
    node_count: usize,
    recording: Recording,
    mode: PhantomData<M>,
}

/// A node or field that was left.
#[derive(Clone, Copy)]
struct NodeNote {
    id: NoteId,
    hit: bool,
    ticks: u64,
}

#[derive(Clone, Copy)]
enum NoteId {
    Node(u32),
    Field(u16),
}

impl<C: Clock, M: Mode> Recorder<C, M> {
    /// A recorder for a program with so many rules and nodes.
    pub fn new(clock: C, rule_count: usize, node_count: usize) -> Self {
        let recording = Recording {
            latencies: vec![Default::default(); rule_count],
            timeline: TimeBins::new(rule_count),
            work: vec![[0; WORKS]; if M::WORK { node_count } else { 0 }],
            ..Default::default()
        };
        let mut clock = Stopwatch::new(clock);
        Recorder {
            last: clock.read(),
            clock,
            open: false,
            stages: [0; STAGES],
            rules: Vec::with_capacity(rule_count),
            nodes: Vec::new(),
            work: [0; WORKS],
            rule_count,
            node_count,
            recording,
            mode: PhantomData,
        }
    }

    /// Ends recording.
    pub fn finish(mut self) -> Recording {
        self.book_setup();
        self.recording.waited = self.clock.waited();
        self.recording
    }

    /// Books stage times that turned out to belong to no event.
    fn book_setup(&mut self) {
        if self.open {
            for (sum, ticks) in self.recording.setup.iter_mut().zip(std::mem::take(&mut self.stages)) {
                *sum += ticks;
            }
            self.rules.clear();
            self.nodes.clear();
            self.work = [0; WORKS];
            self.open = false;
        }
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
    const RULES: bool = true;
    const NODES: bool = M::NODES;
    const FIELDS: bool = M::NODES;
    const WORK: bool = M::WORK;

    /// The reading that began the interval.
    type Mark = u64;

    #[inline(always)]
    fn enter(&mut self, site: Site) -> u64 {
        if let Site::Stage(Stage::Read) = site {
            self.book_setup();
            if M::TIME {
                self.last = self.clock.read();
            }
        }
        self.last
    }

    #[inline(always)]
    fn leave(&mut self, site: Site, mark: u64, hit: bool) {
        match site {
            Site::Stage(stage) => {
                self.open = true;
                self.stages[stage as usize] += self.lap(mark);
            }
            Site::Event(_) => {}
            Site::Rule(rule) => {
                let ticks = self.lap(mark);
                self.rules.push((rule.0, ticks, hit));
            }
            Site::Node(node) => {
                let ticks = self.lap(mark);
                self.nodes.push(NodeNote { id: NoteId::Node(node.0), hit, ticks });
                // Checks do all the work and have no nodes inside, so what was done since is theirs.
                if M::WORK
                    && let Some(sums) = self.recording.work.get_mut(node.0 as usize)
                {
                    for (sum, amount) in sums.iter_mut().zip(std::mem::take(&mut self.work)) {
                        *sum += amount;
                    }
                }
            }
            Site::Field(field) => {
                let ticks = self.lap(mark);
                self.nodes.push(NodeNote { id: NoteId::Field(field.0), hit, ticks });
            }
        }
    }

    #[inline(always)]
    fn work(&mut self, work: Work, amount: u64) {
        self.work[work as usize] += amount;
    }

    fn event(&mut self, ty: EventType, ts_ns: u64, outcome: Outcome) {
        let (ty, outcome) = (usize::from(ty.0), outcome as usize);
        if ty >= self.recording.events.len() {
            self.recording.events.resize_with(ty + 1, Default::default);
            self.recording.rows.resize_with(ty + 1, Default::default);
        }
        let cell = &mut self.recording.events[ty][outcome];
        cell.count += 1;
        for (sum, ticks) in cell.stages.iter_mut().zip(std::mem::take(&mut self.stages)) {
            *sum += ticks;
        }
        self.open = false;
        let mut bin = self.recording.timeline.event(ts_ns);
        if self.rules.is_empty() {
            return;
        }
        let (rule_count, node_count) = (self.rule_count, self.node_count);
        let row = self.recording.rows[ty][outcome].get_or_insert_with(|| {
            Box::new(Row {
                rules: vec![Default::default(); rule_count],
                nodes: vec![Default::default(); if M::NODES { node_count } else { 0 }],
                fields: Default::default(),
            })
        });
        for (rule, ticks, hit) in self.rules.drain(..) {
            let (rule, hit) = (rule as usize, usize::from(hit));
            let Some(cell) = row.rules.get_mut(rule) else { continue };
            cell.counts[hit] += 1;
            bin.rule(rule, ticks, hit == 1);
            if M::TIME {
                cell.ticks[hit] += ticks;
                self.recording.latencies[rule][hit].record(self.clock.nanoseconds(ticks));
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
                    }
                }
                pending = 0;
                if let Some(cell) = row.nodes.get_mut(node as usize) {
                    cell.count += 1;
                    cell.hits += u64::from(note.hit);
                    cell.ticks += note.ticks;
                }
            }
            self.nodes.clear();
        }
    }
}
