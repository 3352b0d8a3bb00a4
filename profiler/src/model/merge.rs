//! Adding profiles up. The order in which profiles are merged does not matter, which a property test checks.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{
    Detail, EventProfile, FieldCost, FieldCount, FieldTime, NodeCost, NodeTime, Profile, RuleEvents,
    RuleProfile,
};
use crate::error::{Error, ErrorKind};

impl Profile {
    /// Adds the iterations of `other` to this profile.
    ///
    /// # Errors
    /// The profiles are of different rules, or were measured in different modes.
    pub fn merge(&mut self, other: Profile) -> Result<(), Error> {
        self.add(other)?;
        self.settle();
        Ok(())
    }

    /// As [`Profile::merge`], without computing what follows from the iterations.
    pub(crate) fn add(&mut self, other: Profile) -> Result<(), Error> {
        if self.ruleset_hash != other.ruleset_hash || self.rules.len() != other.rules.len() {
            return Err(ErrorKind::DifferentRules {
                left: self.ruleset_hash.clone(),
                right: other.ruleset_hash,
            }
            .into());
        }
        if self.timing != other.timing {
            return Err(
                ErrorKind::DifferentModes { left: self.timing.name(), right: other.timing.name() }.into()
            );
        }
        if self.cost_model != other.cost_model {
            return Err(
                ErrorKind::DifferentCostModels { left: self.cost_model, right: other.cost_model }.into()
            );
        }
        // Names of files may differ between machines although their contents do not; the smallest stands for all.
        if other.rules_files < self.rules_files {
            self.rules_files = other.rules_files;
        }
        self.origins.extend(other.origins);
        self.origins.sort();
        self.origins.dedup();
        self.iterations.extend(other.iterations);
        self.iterations.sort();
        self.detail_iterations += other.detail_iterations;
        self.setup = self.setup + other.setup;
        merge_events(&mut self.events, other.events);
        for (rule, more) in self.rules.iter_mut().zip(other.rules) {
            merge_rule(rule, more);
        }
        merge_fields(&mut self.fields, other.fields);
        for (item, more) in self.items.iter_mut().zip(other.items) {
            if more.location < item.location {
                item.location = more.location;
            }
            item.evaluations += more.evaluations;
            item.hits += more.hits;
        }
        self.timeline.merge(other.timeline);
        Ok(())
    }
}

fn merge_events(events: &mut Vec<EventProfile>, more: Vec<EventProfile>) {
    let mut sums = BTreeMap::<_, EventProfile>::new();
    for row in std::mem::take(events).into_iter().chain(more) {
        match sums.entry((row.event.clone(), row.outcome)) {
            Entry::Vacant(entry) => {
                entry.insert(row);
            }
            Entry::Occupied(mut entry) => {
                let sum = entry.get_mut();
                sum.count += row.count;
                sum.cost += row.cost;
                sum.stages = sum.stages + row.stages;
            }
        }
    }
    events.extend(sums.into_values());
}

fn merge_fields(fields: &mut Vec<FieldCount>, more: Vec<FieldCount>) {
    let mut sums = BTreeMap::<String, FieldCount>::new();
    for row in std::mem::take(fields).into_iter().chain(more) {
        match sums.entry(row.field.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(row);
            }
            Entry::Occupied(mut entry) => {
                let sum = entry.get_mut();
                sum.extractions += row.extractions;
                sum.values += row.values;
                sum.uses += row.uses;
                sum.value_bytes += row.value_bytes;
                sum.ancestor_steps += row.ancestor_steps;
                sum.cost += row.cost;
            }
        }
    }
    fields.extend(sums.into_values());
}

fn merge_rule(rule: &mut RuleProfile, more: RuleProfile) {
    if more.location < rule.location {
        rule.location = more.location;
    }
    rule.evaluations += more.evaluations;
    rule.matches += more.matches;
    rule.shadowed += more.shadowed;
    rule.cost += more.cost;
    rule.matched = rule.matched.merged(&more.matched);
    rule.not_matched = rule.not_matched.merged(&more.not_matched);
    rule.saving = match (rule.saving.take(), more.saving) {
        (Some(saving), Some(more)) => saving.merge(more),
        (saving, more) => saving.or(more),
    };
    for (node, more) in rule.nodes.iter_mut().zip(more.nodes) {
        if more.location < node.location {
            node.location = more.location;
        }
        node.evaluations += more.evaluations;
        node.hits += more.hits;
        node.cost += more.cost;
        node.shared_cost += more.shared_cost;
        node.work = node.work + more.work;
        merge_fields(&mut node.fields, more.fields);
    }
    let mut sums = BTreeMap::<_, RuleEvents>::new();
    for row in std::mem::take(&mut rule.events).into_iter().chain(more.events) {
        match sums.entry((row.event.clone(), row.outcome)) {
            Entry::Vacant(entry) => {
                entry.insert(row);
            }
            Entry::Occupied(mut entry) => entry.get_mut().merge(row),
        }
    }
    rule.events.extend(sums.into_values());
}

impl RuleEvents {
    /// Adds `other`, which is of the same rule, event type and outcome.
    pub(crate) fn merge(&mut self, other: RuleEvents) {
        self.matched.add(other.matched);
        self.not_matched.add(other.not_matched);
        if let Some(detail) = other.detail {
            self.detail.get_or_insert_default().merge(detail);
        }
        let mut nodes = BTreeMap::<u32, NodeCost>::new();
        for row in self.node_costs.drain(..).chain(other.node_costs) {
            let sum =
                nodes.entry(row.node).or_insert(NodeCost { node: row.node, count: 0, hits: 0, cost: 0 });
            sum.count += row.count;
            sum.hits += row.hits;
            sum.cost += row.cost;
        }
        self.node_costs.extend(nodes.into_values());
        let mut fields = BTreeMap::<(u32, String), (u64, u64, u64)>::new();
        for row in self.field_costs.drain(..).chain(other.field_costs) {
            let sum = fields.entry((row.node, row.field)).or_default();
            *sum = (sum.0 + row.count, sum.1 + row.hits, sum.2 + row.cost);
        }
        self.field_costs.extend(fields.into_iter().map(|((node, field), (count, hits, cost))| FieldCost {
            node,
            field,
            count,
            hits,
            cost,
        }));
    }
}

impl Detail {
    /// Adds `other`, which is of the same rule.
    pub(crate) fn merge(&mut self, other: Detail) {
        self.total_ns += other.total_ns;
        let mut nodes = BTreeMap::<u32, NodeTime>::new();
        for row in self.nodes.drain(..).chain(other.nodes) {
            let sum =
                nodes.entry(row.node).or_insert(NodeTime { node: row.node, count: 0, hits: 0, total_ns: 0 });
            sum.count += row.count;
            sum.hits += row.hits;
            sum.total_ns += row.total_ns;
        }
        self.nodes.extend(nodes.into_values());
        let mut fields = BTreeMap::<(u32, String), (u64, u64, u64)>::new();
        for row in self.fields.drain(..).chain(other.fields) {
            let sum = fields.entry((row.node, row.field)).or_default();
            sum.0 += row.count;
            sum.1 += row.hits;
            sum.2 += row.total_ns;
        }
        self.fields.extend(fields.into_iter().map(|((node, field), (count, hits, total_ns))| FieldTime {
            node,
            field,
            count,
            hits,
            total_ns,
        }));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cost::FieldClass;
    use crate::histogram::Histogram;
    use crate::model::{
        ClockInfo, EventOutcome, FORMAT, ItemProfile, Iteration, IterationRules, Latency, Location, NodeKind,
        NodeProfile, Origin, Overhead, RuleTimeline, RunOptions, Saving, StageTimes, Tally, Timeline, Timing,
        VERSION, WorkCounts,
    };

    fn outcome() -> impl Strategy<Value = EventOutcome> {
        proptest::sample::select(EventOutcome::ALL.to_vec())
    }

    fn event() -> impl Strategy<Value = String> {
        proptest::sample::select(vec!["open", "close", "execve"]).prop_map(str::to_owned)
    }

    fn number() -> std::ops::Range<u64> {
        0..1 << 40
    }

    fn stages() -> impl Strategy<Value = StageTimes> {
        (number(), number()).prop_map(|(read_ns, evaluate_ns)| StageTimes {
            read_ns,
            evaluate_ns,
            ..Default::default()
        })
    }

    fn latency() -> impl Strategy<Value = Latency> {
        proptest::collection::vec(number(), 0..5).prop_map(|values| {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.record(*value));
            Latency::new(&histogram, values.iter().sum())
        })
    }

    fn tally() -> impl Strategy<Value = Tally> {
        (number(), number(), number()).prop_map(|(count, total_ns, cost)| Tally { count, total_ns, cost })
    }

    fn detail() -> impl Strategy<Value = Detail> {
        (number(), 0u32..2, tally()).prop_map(|(total_ns, node, tally)| Detail {
            total_ns,
            nodes: vec![NodeTime { node, count: tally.count, hits: 0, total_ns: tally.total_ns }],
            fields: vec![FieldTime {
                node,
                field: "proc.name".into(),
                count: 1,
                hits: 1,
                total_ns: tally.total_ns,
            }],
        })
    }

    fn rule() -> impl Strategy<Value = RuleProfile> {
        let row = (event(), outcome(), tally(), tally(), proptest::option::of(detail()));
        // A profile has one row for an event type and outcome.
        let rows = proptest::collection::vec(row, 0..4).prop_map(|mut rows| {
            rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            rows.dedup_by(|a, b| (&a.0, a.1) == (&b.0, b.1));
            rows
        });
        let rounds = proptest::collection::vec(-1_000_000i64..1_000_000, 0..4);
        (number(), latency(), latency(), rows, 0u32..3, rounds).prop_map(
            |(count, matched, not_matched, rows, line, rounds_ns)| {
                let location = Location { file: "rules.yaml".into(), line, column: 1 };
                RuleProfile {
                    name: "rule".into(),
                    location: location.clone(),
                    source: "syscall".into(),
                    priority: "Notice".into(),
                    tags: vec![],
                    enabled: true,
                    evaluations: count,
                    matches: count / 2,
                    shadowed: count / 9,
                    cost: count / 3,
                    interval: None,
                    saving: Saving::of(rounds_ns),
                    matched,
                    not_matched,
                    events: rows
                        .into_iter()
                        .map(|(event, outcome, matched, not_matched, detail)| RuleEvents {
                            event,
                            outcome,
                            matched,
                            not_matched,
                            detail,
                            node_costs: vec![NodeCost { node: 1, count, hits: 1, cost: matched.cost }],
                            field_costs: vec![FieldCost {
                                node: 1,
                                field: "proc.name".into(),
                                count: 1,
                                hits: 0,
                                cost: not_matched.cost,
                            }],
                        })
                        .collect(),
                    nodes: vec![
                        NodeProfile {
                            parent: None,
                            kind: NodeKind::Check,
                            text: "proc.name = sh".into(),
                            location,
                            evaluations: count,
                            hits: count / 3,
                            cost: count / 5,
                            shared_cost: count / 7,
                            work: WorkCounts { checks: count, bytes: 7, ..Default::default() },
                            fields: vec![FieldCount {
                                field: "proc.name".into(),
                                class: FieldClass::Process,
                                extractions: count,
                                values: 1,
                                uses: 2,
                                value_bytes: count / 4,
                                ancestor_steps: 5,
                                cost: count,
                            }],
                        };
                        2
                    ],
                }
            },
        )
    }

    fn timeline() -> impl Strategy<Value = Timeline> {
        let column = || proptest::collection::vec(1..1u64 << 40, 0..9);
        (0u32..4, column(), column()).prop_map(|(doublings, events, evaluations)| Timeline {
            bin_ns: 1000 << doublings,
            events,
            rules: vec![RuleTimeline { evaluations, ..Default::default() }],
        })
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let events = proptest::collection::btree_map((event(), outcome()), (number(), stages()), 0..4);
        let fields = proptest::collection::btree_map("[ab]", number(), 0..3);
        (rule(), events, fields, stages(), timeline(), 0u32..3, number()).prop_map(
            |(rule, events, fields, setup, timeline, index, ns)| Profile {
                format: FORMAT.into(),
                version: VERSION,
                origins: vec![Origin {
                    tool: "lanner".into(),
                    cpu: None,
                    captures: vec![],
                    options: RunOptions {
                        iterations: index,
                        warmup: 0,
                        workers: 1,
                        matching: "all".into(),
                        strategy: "faithful".into(),
                        sample: 1 + index,
                    },
                    clock: ClockInfo { read_ps: 0, resolution_ns: 0 },
                    overhead: (index > 0).then(|| Overhead { plain_ns: vec![1], measured_ns: vec![ns] }),
                }],
                ruleset_hash: "0".into(),
                rules_files: vec![],
                timing: Timing::Rules,
                cost_model: 1,
                iterations: vec![Iteration {
                    index,
                    worker: 0,
                    events: ns,
                    alerts: 0,
                    total_ns: ns,
                    waited_ns: 0,
                    stages: setup,
                    rules: IterationRules { evaluations: vec![ns], matches: vec![0], total_ns: vec![ns] },
                }],
                detail_iterations: u64::from(index),
                setup,
                events: events
                    .into_iter()
                    .map(|((event, outcome), (count, stages))| EventProfile {
                        event,
                        outcome,
                        count,
                        stages,
                        cost: count / 2,
                    })
                    .collect(),
                rules: vec![rule],
                fields: fields
                    .into_iter()
                    .map(|(name, n)| FieldCount {
                        field: name,
                        class: FieldClass::Event,
                        extractions: n,
                        values: n / 2,
                        uses: n,
                        cost: 2 * n,
                        ..FieldCount::default()
                    })
                    .collect(),
                timeline,
                items: vec![ItemProfile {
                    text: "sh".into(),
                    location: Location { file: "rules.yaml".into(), line: index, column: 1 },
                    evaluations: ns,
                    hits: ns / 3,
                }],
            },
        )
    }

    fn merged(left: &Profile, right: &Profile) -> Profile {
        let mut sum = left.clone();
        sum.merge(right.clone()).unwrap();
        sum
    }

    proptest! {
        #[test]
        fn order_does_not_matter(a in profile(), b in profile(), c in profile()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        }

        #[test]
        fn profiles_survive_storing(profile in profile()) {
            let mut text = Vec::new();
            crate::store::write(&profile, &mut text).unwrap();
            prop_assert_eq!(crate::store::parse(&text, "p.json".as_ref()).unwrap(), profile);
        }
    }
}
