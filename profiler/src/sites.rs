//! Descriptions of the places that probes count: what the ids of a program stand for.

use std::collections::HashMap;

use capture::event::EventType;
use replay::engine::{NodeKind as ProgramNodeKind, Program};
use replay::rules::condition::{Check, ConstantValue, Node, NodeKind as ConditionKind, Operator, Right};
use replay::rules::{Ruleset, Span};

use crate::model::{Location, NodeKind};

/// Everything a profile says about rules besides numbers.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    /// By rule id.
    pub rules: Vec<RuleSite>,
    /// By node id, of all rules; a node comes after its parent.
    pub nodes: Vec<NodeSite>,
    /// Names, by field id.
    pub fields: Vec<String>,
    /// Names, by event type.
    pub events: Vec<String>,
    /// Indices of the rules that look at events of a type, by type.
    pub rules_by_event: Vec<Vec<usize>>,
    /// Items of lists, each place once.
    pub items: Vec<ItemSite>,
    /// Items that a check looks for, by node id; indices into `items`.
    pub items_of: Vec<Vec<usize>>,
}

impl Sites {
    /// The sites of a program, which is of these rules.
    pub fn of(ruleset: &Ruleset, program: &Program) -> Self {
        let location = |span: Span| {
            let (line, column) = ruleset.sources.position(span);
            Location {
                file: ruleset.sources.file(span.file).name.clone(),
                line: line as u32,
                column: column as u32,
            }
        };
        let rules = ruleset.rules.iter().map(|rule| RuleSite {
            name: rule.name.clone(),
            location: location(rule.span),
            source: rule.source.clone(),
            priority: rule.priority.name().to_owned(),
            tags: rule.tags.iter().cloned().collect(),
            enabled: rule.enabled,
        });
        let nodes = program.nodes().iter().map(|node| NodeSite {
            rule: node.rule.index(),
            parent: node.parent.map(|parent| parent.0 as usize),
            kind: match node.kind {
                ProgramNodeKind::And => NodeKind::And,
                ProgramNodeKind::Or => NodeKind::Or,
                ProgramNodeKind::Not => NodeKind::Not,
                ProgramNodeKind::Macro => NodeKind::Macro,
                ProgramNodeKind::Exception => NodeKind::Exception,
                ProgramNodeKind::Check => NodeKind::Check,
            },
            text: one_line(&node.text),
            location: location(node.span),
        });
        let (items, items_of) = items(ruleset, program, location);
        Sites {
            items,
            items_of,
            rules: rules.collect(),
            nodes: nodes.collect(),
            fields: replay::fields::all().iter().map(|field| field.name.to_owned()).collect(),
            events: event_names(),
            rules_by_event: (0..capture::event::schema::EVENT_COUNT)
                .map(|ty| program.rules_for(EventType(ty as u16)).iter().map(|rule| rule.index()).collect())
                .collect(),
        }
    }
}

/// An item of a list.
#[derive(Clone, Debug)]
pub struct ItemSite {
    /// As it is compared.
    pub value: Box<[u8]>,
    pub location: Location,
}

/// Items of all lists that checks look values up in, and which of them each node looks for.
fn items(
    ruleset: &Ruleset,
    program: &Program,
    location: impl Fn(Span) -> Location,
) -> (Vec<ItemSite>, Vec<Vec<usize>>) {
    let mut known = HashMap::<(Span, Box<[u8]>), usize>::new();
    let (mut items, mut items_of) = (Vec::new(), Vec::new());
    let evaluated = ruleset.rules.iter().filter(|rule| program.root(rule.id).is_some());
    // Nodes of a program are those of its rules, parents before children, in order.
    let mut pending: Vec<&Node> = Vec::new();
    for rule in evaluated {
        pending.push(&rule.condition);
        while let Some(node) = pending.pop() {
            let mut of_node = Vec::new();
            match &node.kind {
                ConditionKind::And(nodes) | ConditionKind::Or(nodes) => pending.extend(nodes.iter().rev()),
                ConditionKind::Not(node) => pending.push(node),
                ConditionKind::Macro { body, .. } | ConditionKind::Exception { body, .. } => {
                    pending.push(body);
                }
                ConditionKind::Check(check) => {
                    for (span, value) in looked_up(check) {
                        let index = *known.entry((span, value.clone())).or_insert_with(|| {
                            items.push(ItemSite { value, location: location(span) });
                            items.len() - 1
                        });
                        of_node.push(index);
                    }
                }
            }
            items_of.push(of_node);
        }
    }
    (items, items_of)
}

/// The constants of a check that looks its value up among several.
fn looked_up(check: &Check) -> Vec<(Span, Box<[u8]>)> {
    let Right::Constants(constants) = &check.right else { return Vec::new() };
    if !matches!(check.operator, Operator::In | Operator::Intersects) {
        return Vec::new();
    }
    let value = |value: &ConstantValue| -> Option<Box<[u8]>> {
        match value {
            ConstantValue::Bytes(bytes) => Some(bytes.clone()),
            ConstantValue::I64(number) => Some(number.to_string().into_bytes().into()),
            ConstantValue::U64(number) => Some(number.to_string().into_bytes().into()),
            _ => None,
        }
    };
    // Lists with anything else in them are not looked up, but compared one by one.
    let values: Option<Vec<_>> =
        constants.iter().map(|constant| Some((constant.span, value(&constant.value)?))).collect();
    values.unwrap_or_default()
}

/// A rule.
#[derive(Clone, Debug)]
pub struct RuleSite {
    pub name: String,
    pub location: Location,
    pub source: String,
    pub priority: String,
    pub tags: Vec<String>,
    pub enabled: bool,
}

/// A node of a condition.
#[derive(Clone, Debug)]
pub struct NodeSite {
    /// Index of its rule.
    pub rule: usize,
    /// Index of the node it is part of, among all nodes.
    pub parent: Option<usize>,
    pub kind: NodeKind,
    /// Name of a macro or exception, source text of a check.
    pub text: String,
    pub location: Location,
}

/// Longest text of a node that goes into a profile, in characters.
const TEXT_LEN_MAX: usize = 160;

/// `text` in one line, and shortened if it is long.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(TEXT_LEN_MAX) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

/// Names of all event types of the schema. Enter events, which no rule sees, are told from exit events.
fn event_names() -> Vec<String> {
    let events = &capture::event::schema::EVENTS;
    let len = events.iter().map(|event| usize::from(event.id.0) + 1).max().unwrap_or(0);
    let mut names = vec![String::new(); len];
    for event in events {
        let enter = event.id.direction() == capture::event::Direction::Enter;
        names[usize::from(event.id.0)] =
            if enter { format!("{} (enter)", event.name) } else { event.name.to_owned() };
    }
    names
}
