//! The call tree: where the time of the evaluate stage goes.
//!
//! ```text
//! evaluate > source > event type > rule > macro or exception > ... > check > field
//! ```
//!
//! `and`, `or` and `not` have no frames of their own: their time is self time of what they are written in.
//!
//! Frames have a time and a cost. The time of what is inside a rule comes from replays that time every node
//! ([`Detail`](super::Detail)). Those are slower than the replays that time rules, so their times are scaled to the
//! rule's own time for the same event type. Costs are exact, and charged to whoever extracts a value first.

use std::collections::BTreeMap;

use super::{EventOutcome, Location, NodeKind, Profile, RuleEvents, RuleProfile, Tally};

/// The source of all events of a capture.
const SOURCE: &str = "syscall";

/// What a frame of the call tree stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallKind {
    Stage,
    /// Where events come from.
    Source,
    Event,
    Rule,
    Macro,
    Exception,
    Check,
    Field,
}

impl CallKind {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            CallKind::Stage => "stage",
            CallKind::Source => "source",
            CallKind::Event => "event type",
            CallKind::Rule => "rule",
            CallKind::Macro => "macro",
            CallKind::Exception => "exception",
            CallKind::Check => "check",
            CallKind::Field => "field",
        }
    }
}

/// One frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Index of the frame it was entered from; only the root has none.
    pub parent: Option<usize>,
    pub kind: CallKind,
    pub name: String,
    pub location: Option<Location>,
    /// How often it was entered. For what is inside a rule: during the replays that timed nodes, if nothing was
    /// counted.
    pub count: u64,
    /// How often it matched, was true or had a value.
    pub hits: u64,
    /// Including children.
    pub total_ns: u64,
    /// Excluding children.
    pub self_ns: u64,
    /// Cost units, including children.
    pub total_cost: u64,
    /// Cost units, excluding children.
    pub self_cost: u64,
}

/// What is known of a frame before its place is.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    hits: u64,
    total_ns: u64,
    total_cost: u64,
}

impl Call {
    fn new(
        parent: Option<usize>,
        kind: CallKind,
        name: &str,
        location: Option<&Location>,
        sums: Sums,
    ) -> Call {
        Call {
            parent,
            kind,
            name: name.to_owned(),
            location: location.cloned(),
            count: sums.count,
            hits: sums.hits,
            total_ns: sums.total_ns,
            self_ns: sums.total_ns,
            total_cost: sums.total_cost,
            self_cost: sums.total_cost,
        }
    }
}

/// Frames; a frame comes after its parent.
#[derive(Clone, Debug, PartialEq)]
pub struct CallTree {
    calls: Vec<Call>,
}

impl CallTree {
    /// The tree of a profile; with an outcome, of the events that had it.
    pub fn of(profile: &Profile, outcome: Option<EventOutcome>) -> Self {
        let wanted = |o: EventOutcome| outcome.is_none_or(|wanted| wanted == o);
        let mut tree = CallTree { calls: Vec::new() };
        let mut by_event = BTreeMap::<&str, Sums>::new();
        // Stage time outside of events is not evaluation, unless a driver says so; it would be the root's own.
        let outside_ns = if outcome.is_none() { profile.setup.evaluate_ns } else { 0 };
        let mut all = Sums { total_ns: outside_ns, ..Sums::default() };
        for row in profile.events.iter().filter(|row| wanted(row.outcome)) {
            for sums in [by_event.entry(&row.event).or_default(), &mut all] {
                sums.count += row.count;
                sums.hits += if row.outcome == EventOutcome::Match { row.count } else { 0 };
                sums.total_ns += row.stages.evaluate_ns;
                sums.total_cost += row.cost;
            }
        }
        let root = tree.push(Call::new(None, CallKind::Stage, "evaluate", None, all));
        // Captures hold no events of plugins, so one source has them all.
        let inside = Sums { total_ns: all.total_ns - outside_ns, ..all };
        let source = tree.push(Call::new(Some(root), CallKind::Source, SOURCE, None, inside));
        let mut rules_by_event = BTreeMap::<&str, Vec<(&RuleProfile, Vec<&RuleEvents>)>>::new();
        for rule in &profile.rules {
            for row in rule.events.iter().filter(|row| wanted(row.outcome)) {
                let rules = rules_by_event.entry(&row.event).or_default();
                match rules.last_mut() {
                    Some((last, rows)) if std::ptr::eq(*last, rule) => rows.push(row),
                    _ => rules.push((rule, vec![row])),
                }
            }
        }
        for (event, sums) in by_event {
            let event_call = tree.push(Call::new(Some(source), CallKind::Event, event, None, sums));
            for (rule, rows) in rules_by_event.remove(event).unwrap_or_default() {
                tree.push_rule(event_call, rule, &rows);
            }
        }
        tree.settle();
        tree
    }

    /// All frames; a frame comes after its parent.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The frames on the way to a frame, root first, itself last.
    pub fn stack(&self, index: usize) -> Vec<&Call> {
        let mut stack: Vec<&Call> =
            std::iter::successors(self.calls.get(index), |call| call.parent.and_then(|p| self.calls.get(p)))
                .collect();
        stack.reverse();
        stack
    }

    fn push(&mut self, call: Call) -> usize {
        self.calls.push(call);
        self.calls.len() - 1
    }

    /// Takes children out of what frames are themselves.
    fn settle(&mut self) {
        for i in 0..self.calls.len() {
            let Call { parent, total_ns, total_cost, .. } = self.calls[i];
            if let Some(parent) = parent.and_then(|parent| self.calls.get_mut(parent)) {
                parent.self_ns = parent.self_ns.saturating_sub(total_ns);
                parent.self_cost = parent.self_cost.saturating_sub(total_cost);
            }
        }
    }

    fn push_rule(&mut self, parent: usize, rule: &RuleProfile, rows: &[&RuleEvents]) {
        let mut total = Tally::default();
        rows.iter().for_each(|row| total.add(row.total()));
        let sums = Sums {
            count: total.count,
            hits: rows.iter().map(|row| row.matched.count).sum(),
            total_ns: total.total_ns,
            total_cost: total.cost,
        };
        let location = Some(&rule.location);
        let rule_call = self.push(Call::new(Some(parent), CallKind::Rule, &rule.name, location, sums));
        let inside = Inside::of(rows);
        // Frame of each node: its own, or the one of what it is written in.
        let mut frames = vec![rule_call; rule.nodes.len()];
        for (i, node) in rule.nodes.iter().enumerate() {
            let enclosing = node.parent.and_then(|p| frames.get(p as usize)).copied().unwrap_or(rule_call);
            let kind = match node.kind {
                NodeKind::And | NodeKind::Or | NodeKind::Not => {
                    frames[i] = enclosing;
                    continue;
                }
                NodeKind::Macro => CallKind::Macro,
                NodeKind::Exception => CallKind::Exception,
                NodeKind::Check => CallKind::Check,
            };
            let Some(sums) = inside.nodes.get(&(i as u32)) else { continue };
            let sums = inside.scaled(*sums, total.total_ns);
            frames[i] = self.push(Call::new(Some(enclosing), kind, &node.text, Some(&node.location), sums));
        }
        for ((node, field), sums) in &inside.fields {
            let parent = frames.get(*node as usize).copied().unwrap_or(rule_call);
            let sums = inside.scaled(*sums, total.total_ns);
            self.push(Call::new(Some(parent), CallKind::Field, field, None, sums));
        }
    }
}

/// What is inside a rule, over all rows of an event type.
#[derive(Default)]
struct Inside<'a> {
    nodes: BTreeMap<u32, Sums>,
    fields: BTreeMap<(u32, &'a str), Sums>,
    /// Time in the rule during the replays that timed nodes.
    measured_ns: u64,
}

impl<'a> Inside<'a> {
    fn of(rows: &[&'a RuleEvents]) -> Self {
        let mut inside = Inside::default();
        let is_counted = rows.iter().any(|row| !row.node_costs.is_empty());
        for row in rows {
            for cost in &row.node_costs {
                inside.nodes.entry(cost.node).or_default().add_cost(cost.count, cost.hits, cost.cost);
            }
            for cost in &row.field_costs {
                let sums = inside.fields.entry((cost.node, &cost.field)).or_default();
                sums.add_cost(cost.count, cost.hits, cost.cost);
            }
            let Some(detail) = &row.detail else { continue };
            inside.measured_ns += detail.total_ns;
            for time in &detail.nodes {
                let sums = inside.nodes.entry(time.node).or_default();
                sums.add_time(time.count, time.hits, time.total_ns, is_counted);
            }
            for time in &detail.fields {
                let sums = inside.fields.entry((time.node, &time.field)).or_default();
                sums.add_time(time.count, time.hits, time.total_ns, is_counted);
            }
        }
        inside
    }

    /// With the time it has in the time of the rule. Rounding down keeps the parts within the whole.
    fn scaled(&self, sums: Sums, rule_ns: u64) -> Sums {
        let scaled = u128::from(sums.total_ns) * u128::from(rule_ns) / u128::from(self.measured_ns.max(1));
        Sums { total_ns: scaled as u64, ..sums }
    }
}

impl Sums {
    fn add_cost(&mut self, count: u64, hits: u64, cost: u64) {
        self.count += count;
        self.hits += hits;
        self.total_cost += cost;
    }

    fn add_time(&mut self, count: u64, hits: u64, ns: u64, is_counted: bool) {
        if !is_counted {
            self.count += count;
            self.hits += hits;
        }
        self.total_ns += ns;
    }
}
