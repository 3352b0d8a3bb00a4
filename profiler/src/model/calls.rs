//! The call tree: where the time of the evaluate stage goes.
//!
//! ```text
//! evaluate > event type > rule > macro or exception > ... > check > field
//! ```
//!
//! `and`, `or` and `not` have no frames of their own: their time is self time of what they are written in.
//!
//! What is inside a rule comes from replays that time every node ([`Detail`](super::Detail)). Those are slower than
//! the replays that time rules, so their times are scaled to the rule's own time for the same event type.

use std::collections::BTreeMap;

use super::{EventOutcome, FieldTime, Location, NodeKind, NodeTime, Profile, RuleEvents, RuleProfile};

/// What a frame of the call tree stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallKind {
    Stage,
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
    /// How often it was entered. For what is inside a rule: during the replays that timed nodes.
    pub count: u64,
    /// How often it matched, was true or had a value.
    pub hits: u64,
    /// Including children.
    pub total_ns: u64,
    /// Excluding children.
    pub self_ns: u64,
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
        let mut by_event = BTreeMap::<&str, (u64, u64, u64)>::new();
        for row in profile.events.iter().filter(|row| wanted(row.outcome)) {
            let sum = by_event.entry(&row.event).or_default();
            sum.0 += row.count;
            sum.1 += if row.outcome == EventOutcome::Match { row.count } else { 0 };
            sum.2 += row.stages.evaluate_ns;
        }
        let sums =
            by_event.values().fold((0, 0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1, sum.2 + row.2));
        // Stage time outside of events is not evaluation, unless a driver says so; it would be the root's own.
        let outside_ns = if outcome.is_none() { profile.setup.evaluate_ns } else { 0 };
        let root = tree.push(Call {
            parent: None,
            kind: CallKind::Stage,
            name: "evaluate".to_owned(),
            location: None,
            count: sums.0,
            hits: sums.1,
            total_ns: sums.2 + outside_ns,
            self_ns: 0,
        });
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
        for (event, (count, hits, total_ns)) in by_event {
            let event_call = tree.push(Call {
                parent: Some(root),
                kind: CallKind::Event,
                name: event.to_owned(),
                location: None,
                count,
                hits,
                total_ns,
                self_ns: 0,
            });
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

    /// Computes the self times.
    fn settle(&mut self) {
        for call in &mut self.calls {
            call.self_ns = call.total_ns;
        }
        for i in 0..self.calls.len() {
            let total_ns = self.calls[i].total_ns;
            if let Some(parent) = self.calls[i].parent {
                let parent = &mut self.calls[parent];
                parent.self_ns = parent.self_ns.saturating_sub(total_ns);
            }
        }
    }

    fn push_rule(&mut self, parent: usize, rule: &RuleProfile, rows: &[&RuleEvents]) {
        let total = |tally: fn(&RuleEvents) -> u64| rows.iter().map(|row| tally(row)).sum::<u64>();
        let total_ns = total(|row| row.total().total_ns);
        let rule_call = self.push(Call {
            parent: Some(parent),
            kind: CallKind::Rule,
            name: rule.name.clone(),
            location: Some(rule.location.clone()),
            count: total(|row| row.total().count),
            hits: total(|row| row.matched.count),
            total_ns,
            self_ns: 0,
        });
        let mut nodes = BTreeMap::<u32, NodeTime>::new();
        let mut fields = BTreeMap::<(u32, &str), (u64, u64, u64)>::new();
        let mut measured_ns = 0;
        for detail in rows.iter().filter_map(|row| row.detail.as_ref()) {
            measured_ns += detail.total_ns;
            for row in &detail.nodes {
                let sum = nodes.entry(row.node).or_insert(NodeTime {
                    node: row.node,
                    count: 0,
                    hits: 0,
                    total_ns: 0,
                });
                (sum.count, sum.hits) = (sum.count + row.count, sum.hits + row.hits);
                sum.total_ns += row.total_ns;
            }
            for FieldTime { node, field, count, hits, total_ns } in &detail.fields {
                let sum = fields.entry((*node, field)).or_default();
                *sum = (sum.0 + count, sum.1 + hits, sum.2 + total_ns);
            }
        }
        // Rounding down keeps the parts within the whole.
        let scale = |ns: u64| {
            if measured_ns == 0 {
                0
            } else {
                (u128::from(ns) * u128::from(total_ns) / u128::from(measured_ns)) as u64
            }
        };
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
            let Some(time) = nodes.get(&(i as u32)) else { continue };
            frames[i] = self.push(Call {
                parent: Some(enclosing),
                kind,
                name: node.text.clone(),
                location: Some(node.location.clone()),
                count: time.count,
                hits: time.hits,
                total_ns: scale(time.total_ns),
                self_ns: 0,
            });
        }
        for ((node, field), (count, hits, ns)) in fields {
            let parent = frames.get(node as usize).copied().unwrap_or(rule_call);
            self.push(Call {
                parent: Some(parent),
                kind: CallKind::Field,
                name: field.to_owned(),
                location: None,
                count,
                hits,
                total_ns: scale(ns),
                self_ns: 0,
            });
        }
    }
}
