//! From cells and ticks to the profile.

use std::collections::{BTreeMap, HashMap};

use super::Replayed;
use crate::clock::Clock;
use crate::model::{
    Detail, EventOutcome, EventProfile, FieldCount, FieldTime, Iteration, IterationRules, Latency,
    NodeProfile, NodeTime, Profile, RuleEvents, RuleProfile, StageTimes, Tally, Timeline, WorkCounts,
};
use crate::probe::Recording;
use crate::sites::Sites;

/// Rules without numbers.
pub fn empty_rules(sites: &Sites) -> Vec<RuleProfile> {
    let mut rules: Vec<RuleProfile> = sites
        .rules
        .iter()
        .map(|site| RuleProfile {
            name: site.name.clone(),
            location: site.location.clone(),
            source: site.source.clone(),
            priority: site.priority.clone(),
            tags: site.tags.clone(),
            enabled: site.enabled,
            evaluations: 0,
            matches: 0,
            matched: Latency::default(),
            not_matched: Latency::default(),
            events: Vec::new(),
            nodes: Vec::new(),
        })
        .collect();
    let local = local_indices(sites);
    for node in &sites.nodes {
        if let Some(rule) = rules.get_mut(node.rule) {
            rule.nodes.push(NodeProfile {
                parent: node.parent.and_then(|p| local.get(p)).copied(),
                kind: node.kind,
                text: node.text.clone(),
                location: node.location.clone(),
                evaluations: 0,
                hits: 0,
                work: WorkCounts::default(),
                fields: Vec::new(),
            });
        }
    }
    rules
}

/// Index of each node within its rule.
fn local_indices(sites: &Sites) -> Vec<u32> {
    let mut counts = vec![0; sites.rules.len()];
    sites
        .nodes
        .iter()
        .map(|node| {
            let count = counts.get_mut(node.rule);
            count.map_or(0, |count| std::mem::replace(count, *count + 1))
        })
        .collect()
}

/// One replay's recording with what is needed to understand it.
pub struct Part<'a, C> {
    pub sites: &'a Sites,
    pub clock: &'a C,
    pub recording: &'a Recording,
}

impl<C: Clock> Part<'_, C> {
    /// Adds what a replay that counts nodes, fields and work found, as if every iteration had.
    pub fn add_counts(&self, profile: &mut Profile) {
        let times = profile.iterations.len() as u64;
        let local = local_indices(self.sites);
        let mut more = empty_like(profile);
        let mut fields = BTreeMap::<u16, FieldCount>::new();
        let mut by_node = BTreeMap::<(u32, u16), FieldCount>::new();
        let count = |field: u16| FieldCount { field: self.field(field), extractions: 0, values: 0 };
        for row in self.recording.rows.iter().flatten().flatten() {
            for (id, cell) in row.nodes.iter().enumerate().filter(|(_, cell)| cell.count > 0) {
                if let Some(node) = self.node(&mut more, &local, id) {
                    node.evaluations += cell.count * times;
                    node.hits += cell.hits * times;
                }
            }
            for ((node, field), cell) in &row.fields {
                let of_node = by_node.entry((*node, *field)).or_insert_with(|| count(*field));
                let of_all = fields.entry(*field).or_insert_with(|| count(*field));
                for sum in [of_node, of_all] {
                    sum.extractions += cell.count * times;
                    sum.values += cell.hits * times;
                }
            }
        }
        for ((id, _), field) in by_node {
            if let Some(node) = self.node(&mut more, &local, id as usize) {
                node.fields.push(field);
            }
        }
        for (id, amounts) in self.recording.work.iter().enumerate() {
            if let Some(node) = self.node(&mut more, &local, id) {
                node.work = WorkCounts::from_amounts(amounts.map(|amount| amount * times));
            }
        }
        more.fields = fields.into_values().collect();
        // Same rules and mode by construction.
        let _ = profile.merge(more);
    }

    /// A node by its id among all nodes.
    fn node<'p>(&self, profile: &'p mut Profile, local: &[u32], id: usize) -> Option<&'p mut NodeProfile> {
        let rule = profile.rules.get_mut(self.sites.nodes.get(id)?.rule)?;
        rule.nodes.get_mut(*local.get(id)? as usize)
    }

    /// Adds everything but what is inside rules.
    pub fn add_iteration(
        &self,
        profile: &mut Profile,
        index: u32,
        worker: u32,
        replayed: Replayed,
        ticks: u64,
    ) {
        let setup = self.stage_times(self.recording.setup);
        let mut stages = setup;
        profile.setup = profile.setup + setup;
        let mut more = Profile { events: Vec::new(), ..empty_like(profile) };
        for (ty, by_outcome) in self.recording.events.iter().enumerate() {
            for (cell, outcome) in by_outcome.iter().zip(EventOutcome::ALL) {
                if cell.count > 0 {
                    let row = self.stage_times(cell.stages);
                    stages = stages + row;
                    more.events.push(EventProfile {
                        event: self.event(ty),
                        outcome,
                        count: cell.count,
                        stages: row,
                    });
                }
            }
        }
        more.timeline = self.recording.timeline.timeline(self.clock);
        let mut columns = IterationRules::default();
        for (id, rule) in more.rules.iter_mut().enumerate() {
            self.fill_rule(rule, id);
            columns.evaluations.push(rule.evaluations);
            columns.matches.push(rule.matches);
            columns.total_ns.push(rule.total_ns());
        }
        more.iterations.push(Iteration {
            index,
            worker,
            events: replayed.events,
            alerts: replayed.alerts,
            total_ns: self.clock.nanoseconds(ticks),
            waited_ns: self.clock.nanoseconds(self.recording.waited),
            stages,
            rules: columns,
        });
        // Same rules and mode by construction.
        let _ = profile.merge(more);
    }

    /// Adds node times.
    pub fn add_detail(&self, profile: &mut Profile) {
        let local = local_indices(self.sites);
        for (ty, by_outcome) in self.recording.rows.iter().enumerate() {
            for (row, outcome) in by_outcome.iter().zip(EventOutcome::ALL) {
                let Some(row) = row else { continue };
                let mut details = HashMap::<usize, Detail>::new();
                for (id, cell) in row.rules.iter().enumerate().filter(|(_, cell)| cell.counts != [0, 0]) {
                    let ticks = cell.ticks[0] + cell.ticks[1];
                    details.entry(id).or_default().total_ns = self.clock.nanoseconds(ticks);
                }
                for (id, cell) in row.nodes.iter().enumerate().filter(|(_, cell)| cell.count > 0) {
                    let Some(detail) = details.get_mut(&self.sites.nodes[id].rule) else { continue };
                    detail.nodes.push(NodeTime {
                        node: local[id],
                        count: cell.count,
                        hits: cell.hits,
                        total_ns: self.clock.nanoseconds(cell.ticks),
                    });
                }
                for ((node, field), cell) in &row.fields {
                    let Some(site) = self.sites.nodes.get(*node as usize) else { continue };
                    let Some(detail) = details.get_mut(&site.rule) else { continue };
                    detail.fields.push(FieldTime {
                        node: local[*node as usize],
                        field: self.field(*field),
                        count: cell.count,
                        hits: cell.hits,
                        total_ns: self.clock.nanoseconds(cell.ticks),
                    });
                }
                let event = self.event(ty);
                for (id, detail) in details {
                    let Some(rule) = profile.rules.get_mut(id) else { continue };
                    let row = rule.events.iter_mut().find(|row| row.event == event && row.outcome == outcome);
                    // Replays are deterministic: what was evaluated now was evaluated before.
                    let Some(row) = row else { continue };
                    row.detail.get_or_insert_default().merge(detail);
                }
            }
        }
    }

    fn fill_rule(&self, rule: &mut RuleProfile, id: usize) {
        let mut totals = [0; 2];
        for (ty, by_outcome) in self.recording.rows.iter().enumerate() {
            for (row, outcome) in by_outcome.iter().zip(EventOutcome::ALL) {
                let Some(cell) = row.as_ref().and_then(|row| row.rules.get(id)) else { continue };
                if cell.counts == [0, 0] {
                    continue;
                }
                let tally = |hit: usize| Tally {
                    count: cell.counts[hit],
                    total_ns: self.clock.nanoseconds(cell.ticks[hit]),
                };
                let (not_matched, matched) = (tally(0), tally(1));
                rule.evaluations += not_matched.count + matched.count;
                rule.matches += matched.count;
                totals[0] += not_matched.total_ns;
                totals[1] += matched.total_ns;
                let event = self.event(ty);
                rule.events.push(RuleEvents { event, outcome, matched, not_matched, detail: None });
            }
        }
        if let Some([not_matched, matched]) = self.recording.latencies.get(id) {
            rule.not_matched = Latency::new(not_matched, totals[0]);
            rule.matched = Latency::new(matched, totals[1]);
        }
    }

    fn stage_times(&self, ticks: [u64; 5]) -> StageTimes {
        let [read_ns, decode_ns, state_ns, evaluate_ns, output_ns] = ticks.map(|t| self.clock.nanoseconds(t));
        StageTimes { read_ns, decode_ns, state_ns, evaluate_ns, output_ns }
    }

    fn event(&self, ty: usize) -> String {
        self.sites.events.get(ty).cloned().unwrap_or_else(|| format!("event {ty}"))
    }

    fn field(&self, id: u16) -> String {
        self.sites.fields.get(usize::from(id)).cloned().unwrap_or_else(|| format!("field {id}"))
    }
}

/// A profile with the same head and rules, and no numbers.
fn empty_like(profile: &Profile) -> Profile {
    let mut empty = profile.clone();
    empty.iterations.clear();
    empty.detail_iterations = 0;
    empty.setup = StageTimes::default();
    empty.events.clear();
    empty.fields.clear();
    empty.timeline = Timeline::default();
    for rule in &mut empty.rules {
        (rule.evaluations, rule.matches) = (0, 0);
        (rule.matched, rule.not_matched) = Default::default();
        rule.events.clear();
        for node in &mut rule.nodes {
            (node.evaluations, node.hits) = (0, 0);
            node.work = WorkCounts::default();
            node.fields.clear();
        }
    }
    empty
}
