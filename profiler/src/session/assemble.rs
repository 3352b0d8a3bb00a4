//! From cells and ticks to the profile.

use std::collections::{BTreeMap, HashMap};

use super::Replayed;
use super::shares::Shares;
use crate::clock::Clock;
use crate::cost::FieldClass;
use crate::model::{
    Detail, EventOutcome, EventProfile, FieldCost, FieldCount, FieldTime, ItemProfile, Iteration,
    IterationRules, Latency, NodeCost, NodeProfile, NodeTime, Profile, RuleEvents, RuleProfile, StageTimes,
    Tally, Timeline, WorkCounts,
};
use crate::probe::{Recording, Row};
use crate::sites::{ItemSite, Sites};

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
            ..RuleProfile::default()
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
                ..NodeProfile::default()
            });
        }
    }
    rules
}

/// Items of lists without numbers.
pub fn empty_items(sites: &Sites) -> Vec<ItemProfile> {
    let item = |site: &ItemSite| ItemProfile {
        text: String::from_utf8_lossy(&site.value).into_owned(),
        location: site.location.clone(),
        ..ItemProfile::default()
    };
    sites.items.iter().map(item).collect()
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
        let mut by_node = BTreeMap::<(u32, u16), FieldCount>::new();
        let count = |field: u16| {
            let name = self.field(field);
            FieldCount { class: FieldClass::of(&name), field: name, ..FieldCount::default() }
        };
        for (ty, by_outcome) in self.recording.rows.iter().enumerate() {
            for (i, (row, outcome)) in by_outcome.iter().zip(EventOutcome::ALL).enumerate() {
                let Some(row) = row else { continue };
                for ((node, field), cell) in &row.fields {
                    let sum = by_node.entry((*node, *field)).or_insert_with(|| count(*field));
                    sum.extractions += cell.count * times;
                    sum.values += cell.hits * times;
                    sum.cost += cell.cost * times;
                }
                self.add_row_counts(&mut more, &local, times, (ty, outcome), row);
                let cell = &self.recording.events[ty][i];
                more.events.push(EventProfile {
                    event: self.event(ty),
                    outcome,
                    cost: cell.cost * times,
                    ..EventProfile::default()
                });
            }
        }
        for (id, work) in self.recording.work.iter().enumerate() {
            let Some(node) = self.node(&mut more, &local, id) else { continue };
            let amounts = WorkCounts::KINDS.map(|kind| work.amounts[kind as usize] * times);
            node.work = WorkCounts::from_amounts(amounts);
            node.shared_cost = work.shared_cost * times + node.work.cost();
            for (field, work) in &work.fields {
                let sum = by_node.entry((id as u32, *field)).or_insert_with(|| count(*field));
                sum.uses += work.uses * times;
                sum.value_bytes += work.value_bytes * times;
                sum.ancestor_steps += work.ancestor_steps * times;
            }
        }
        for (id, work) in self.recording.work.iter().enumerate() {
            let Some(evaluations) = self.node(&mut more, &local, id).map(|node| node.evaluations) else {
                continue;
            };
            for &item in self.sites.items_of.get(id).into_iter().flatten() {
                let hits = work.items.get(&self.sites.items[item].value).copied().unwrap_or(0);
                more.items[item].evaluations += evaluations;
                more.items[item].hits += hits * times;
            }
        }
        let mut fields = BTreeMap::<u16, FieldCount>::new();
        for ((id, field), row) in by_node {
            let sum = fields.entry(field).or_insert_with(|| count(field));
            sum.extractions += row.extractions;
            sum.values += row.values;
            sum.uses += row.uses;
            sum.value_bytes += row.value_bytes;
            sum.ancestor_steps += row.ancestor_steps;
            sum.cost += row.cost;
            if let Some(node) = self.node(&mut more, &local, id as usize) {
                node.fields.push(row);
            }
        }
        more.fields = fields.into_values().collect();
        for rule in &mut more.rules {
            // Children come after their parents.
            for i in (0..rule.nodes.len()).rev() {
                if let Some(parent) = rule.nodes[i].parent {
                    let shared_cost = rule.nodes[i].shared_cost;
                    rule.nodes[parent as usize].shared_cost += shared_cost;
                }
            }
        }
        more.timeline = self.recording.timeline.timeline(self.clock).counts(times);
        // Same rules and mode by construction.
        let _ = profile.add(more);
    }

    /// Adds counts and costs of nodes for events of one type with one outcome.
    fn add_row_counts(
        &self,
        profile: &mut Profile,
        local: &[u32],
        times: u64,
        (ty, outcome): (usize, EventOutcome),
        row: &Row,
    ) {
        let mut costs: Vec<u64> = row.nodes.iter().map(|cell| cell.cost).collect();
        for ((node, _), cell) in &row.fields {
            costs[*node as usize] += cell.cost;
        }
        // Children come after their parents.
        for id in (0..costs.len()).rev() {
            if let Some(parent) = self.sites.nodes[id].parent {
                costs[parent] += costs[id];
            }
        }
        for (id, rule) in profile.rules.iter_mut().enumerate() {
            let Some(cell) = row.rules.get(id).filter(|cell| cell.tried > 0) else { continue };
            let tally = |hit: usize| Tally { cost: cell.costs[hit] * times, ..Tally::default() };
            rule.cost += (cell.costs[0] + cell.costs[1]) * times;
            rule.events.push(RuleEvents {
                event: self.event(ty),
                outcome,
                matched: tally(1),
                not_matched: tally(0),
                ..RuleEvents::default()
            });
        }
        for (id, cell) in row.nodes.iter().enumerate().filter(|(_, cell)| cell.count > 0) {
            let Some(rule) = profile.rules.get_mut(self.sites.nodes[id].rule) else { continue };
            let cost = NodeCost {
                node: local[id],
                count: cell.count * times,
                hits: cell.hits * times,
                cost: costs[id] * times,
            };
            if let Some(node) = rule.nodes.get_mut(local[id] as usize) {
                node.evaluations += cost.count;
                node.hits += cost.hits;
                node.cost += cost.cost;
            }
            if let Some(row) = rule.events.last_mut() {
                row.node_costs.push(cost);
            }
        }
        for ((id, field), cell) in &row.fields {
            let Some(rule) = profile.rules.get_mut(self.sites.nodes[*id as usize].rule) else { continue };
            if let Some(row) = rule.events.last_mut() {
                row.field_costs.push(FieldCost {
                    node: local[*id as usize],
                    field: self.field(*field),
                    count: cell.count * times,
                    hits: cell.hits * times,
                    cost: cell.cost * times,
                });
            }
        }
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
        let whole = self.recording.whole();
        for (ty, by_outcome) in self.recording.events.iter().enumerate() {
            for (cell, outcome) in by_outcome.iter().zip(EventOutcome::ALL) {
                if cell.count > 0 {
                    let row = self.stage_times(cell.all_stages(&whole));
                    stages = stages + row;
                    more.events.push(EventProfile {
                        event: self.event(ty),
                        outcome,
                        count: cell.count,
                        stages: row,
                        cost: 0,
                    });
                }
            }
        }
        more.timeline = self.recording.timeline.timeline(self.clock).times();
        for (ty, by_outcome) in self.recording.events.iter().enumerate() {
            let considered = |outcome: &EventOutcome| *outcome != EventOutcome::NotConsidered;
            let events = by_outcome.iter().zip(EventOutcome::ALL).filter(|(_, outcome)| considered(outcome));
            let count: u64 = events.map(|(cell, _)| cell.count).sum();
            let rules = self.sites.rules_by_event.get(ty).filter(|_| profile.knows_rules());
            for &id in rules.into_iter().flatten() {
                let tried = |row: &Row| row.rules.get(id).map_or(0, |cell| cell.tried);
                let tried: u64 = self.recording.rows[ty].iter().flatten().map(|row| tried(row)).sum();
                more.rules[id].shadowed += count.saturating_sub(tried);
            }
        }
        let shares = Shares::of(self.recording);
        let mut columns = IterationRules::default();
        for (id, rule) in more.rules.iter_mut().enumerate() {
            self.fill_rule(rule, id, &shares);
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
        let _ = profile.add(more);
    }

    /// Adds node times.
    pub fn add_detail(&self, profile: &mut Profile) {
        let local = local_indices(self.sites);
        for (ty, by_outcome) in self.recording.rows.iter().enumerate() {
            for (row, outcome) in by_outcome.iter().zip(EventOutcome::ALL) {
                let Some(row) = row else { continue };
                let mut details = HashMap::<usize, Detail>::new();
                for (id, cell) in row.rules.iter().enumerate().filter(|(_, cell)| cell.tried > 0) {
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

    fn fill_rule(&self, rule: &mut RuleProfile, id: usize, shares: &Shares) {
        let mut totals = [0; 2];
        for (ty, by_outcome) in self.recording.rows.iter().enumerate() {
            let events = &self.recording.events[ty];
            for (i, (row, outcome)) in by_outcome.iter().zip(EventOutcome::ALL).enumerate() {
                let Some(cell) = row.as_ref().and_then(|row| row.rules.get(id)) else { continue };
                if cell.tried == 0 {
                    continue;
                }
                let tally = |hit: usize| Tally {
                    count: cell.counts()[hit],
                    total_ns: self.clock.nanoseconds(shares.ticks(cell, hit, &events[i], ty, i)),
                    cost: 0,
                };
                let (not_matched, matched) = (tally(0), tally(1));
                rule.evaluations += not_matched.count + matched.count;
                rule.matches += matched.count;
                totals[0] += not_matched.total_ns;
                totals[1] += matched.total_ns;
                let event = self.event(ty);
                rule.events.push(RuleEvents {
                    event,
                    outcome,
                    matched,
                    not_matched,
                    ..RuleEvents::default()
                });
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
    for item in &mut empty.items {
        (item.evaluations, item.hits) = (0, 0);
    }
    empty.timeline = Timeline::default();
    for rule in &mut empty.rules {
        (rule.evaluations, rule.matches) = (0, 0);
        (rule.shadowed, rule.cost) = (0, 0);
        rule.saving = None;
        (rule.matched, rule.not_matched) = Default::default();
        rule.events.clear();
        for node in &mut rule.nodes {
            (node.evaluations, node.hits) = (0, 0);
            (node.cost, node.shared_cost) = (0, 0);
            node.work = WorkCounts::default();
            node.fields.clear();
        }
    }
    empty
}
