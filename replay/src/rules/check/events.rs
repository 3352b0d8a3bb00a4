//! For which event types a condition can be true.
//!
//! This is the index Falco puts in front of its rules (`filter/ppm_codes.cpp`): only `evt.type` and
//! `syscall.type` with `=`, `!=` and `in`, and comparisons of `evt.num` that are always true or false, restrict the
//! set. A negation is pushed down to the comparisons, and comparisons of other fields match every type either way.

use std::ops::Range;
use std::sync::LazyLock;

use capture::event::EventType;
use capture::event::schema::EVENTS;
use capture::event::syscalls::SYSCALLS;
use hashbrown::HashMap;

use super::operand::Typed;
use super::{Problem, is_field, text_of};
use crate::rules::EventTypeSet;
use crate::rules::condition::{
    Check, Constant, ConstantValue, Modifier, Node, NodeKind, Operand, Operator, Right,
};

/// Fields that the index looks at.
const EVENT_TYPE_FIELDS: [&str; 2] = ["evt.type", "syscall.type"];

/// Names of asynchronous events of the container plugin, whose fields are built in here.
pub const ASYNC_EVENTS: [&str; 2] = ["container", "container_removed"];

/// Event types by name: a name stands for entry and exit of every version. Generic events have no name of
/// their own; they stand for the system calls that have no event.
static BY_NAME: LazyLock<HashMap<&'static str, EventTypeSet>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, EventTypeSet> = HashMap::new();
    for event in EVENTS.iter().filter(|event| event.id > EventType::GENERIC_X) {
        by_name.entry(event.name).or_default().insert(event.id);
    }
    // Every rule sees asynchronous events anyway; this is for names that are nothing else.
    let mut asynchronous = EventTypeSet::default();
    asynchronous.insert(EventType::ASYNCEVENT_E);
    for name in ASYNC_EVENTS {
        by_name.entry(name).or_insert(asynchronous);
    }
    let mut generic = EventTypeSet::default();
    generic.insert(EventType::GENERIC_E);
    generic.insert(EventType::GENERIC_X);
    for syscall in SYSCALLS {
        by_name.entry(syscall.name).or_insert(generic);
    }
    by_name
});

static ALL: LazyLock<EventTypeSet> = LazyLock::new(EventTypeSet::all);

/// The event types for which the condition can be true.
pub fn event_types(node: &Node) -> EventTypeSet {
    of_node(node, false)
}

fn of_node(node: &Node, negated: bool) -> EventTypeSet {
    match &node.kind {
        NodeKind::Macro { body, .. } | NodeKind::Exception { body, .. } => of_node(body, negated),
        NodeKind::Not(child) => of_node(child, !negated),
        NodeKind::And(children) if negated => any(children, negated),
        NodeKind::And(children) => all(children, negated),
        NodeKind::Or(children) if negated => all(children, negated),
        NodeKind::Or(children) => any(children, negated),
        NodeKind::Check(check) => match of_check(check) {
            Some(types) if negated => inverse(types),
            Some(types) => types,
            None => *ALL,
        },
    }
}

fn any(children: &[Node], negated: bool) -> EventTypeSet {
    children.iter().fold(EventTypeSet::default(), |types, child| types.union(of_node(child, negated)))
}

fn all(children: &[Node], negated: bool) -> EventTypeSet {
    children.iter().fold(*ALL, |types, child| types.intersection(of_node(child, negated)))
}

fn inverse(types: EventTypeSet) -> EventTypeSet {
    let mut inverse = EventTypeSet::default();
    ALL.iter().filter(|ty| !types.contains(*ty)).for_each(|ty| inverse.insert(ty));
    inverse
}

/// The types of a comparison that depends on the type; `None` for one that does not.
fn of_check(check: &Check) -> Option<EventTypeSet> {
    if is_field(&check.left, "evt.num") && check.modifier.is_none() {
        return of_event_number(check).map(|always| if always { *ALL } else { EventTypeSet::default() });
    }
    if !is_type_field(&check.left) {
        return None;
    }
    if check.operator == Operator::Exists {
        return Some(*ALL);
    }
    if !selects_types(check.operator, check.modifier) {
        return None;
    }
    let Right::Constants(constants) = &check.right else { return None };
    let names = constants.iter().filter_map(|constant| text_of(&constant.value));
    let types = names.filter_map(|name| BY_NAME.get(std::str::from_utf8(name).ok()?));
    let types = types.fold(EventTypeSet::default(), |all, types| all.union(*types));
    Some(if check.operator == Operator::Ne { inverse(types) } else { types })
}

/// Whether a comparison of `evt.num`, which counts from 1, is always true or always false.
fn of_event_number(check: &Check) -> Option<bool> {
    let Right::Constants(constants) = &check.right else { return None };
    let number = |constant: &Constant| match constant.value {
        ConstantValue::U64(number) => Some(number),
        _ => None,
    };
    if check.operator == Operator::In {
        return constants.iter().all(|constant| number(constant) == Some(0)).then_some(false);
    }
    let [constant] = constants.as_slice() else { return None };
    match (check.operator, number(constant)?) {
        (Operator::Eq | Operator::Le, 0) | (Operator::Lt, 0 | 1) => Some(false),
        (Operator::Ne | Operator::Gt, 0) | (Operator::Ge, 0 | 1) => Some(true),
        _ => None,
    }
}

fn is_type_field(operand: &Operand) -> bool {
    EVENT_TYPE_FIELDS.iter().any(|name| is_field(operand, name))
}

fn selects_types(operator: Operator, modifier: Option<Modifier>) -> bool {
    matches!(operator, Operator::Eq | Operator::Ne | Operator::In) && modifier.is_none()
}

/// Falco rejects transformers of `evt.type` where the index would have to see through them.
pub fn unsupported_use(
    left: &Typed,
    operator: Operator,
    modifier: Option<Modifier>,
    right: &Right,
    range: &Range<usize>,
) -> Option<Problem> {
    let selects = selects_types(operator, modifier);
    if (selects || operator == Operator::Exists) && has_transformed_type(&left.operand) {
        let message = "event code search does not support `evt.type` checks with transformers";
        return Some(Problem::new(message, range));
    }
    if selects && is_type_field(&left.operand) && matches!(right, Right::Operand(_)) {
        let message = "right-hand field comparisons on `evt.type`/`syscall.type` checks are not supported by event \
                       code search";
        return Some(Problem::new(message, range));
    }
    None
}

fn has_transformed_type(operand: &Operand) -> bool {
    match operand {
        Operand::Transform { args, .. } => {
            args.iter().any(|arg| is_type_field(arg) || has_transformed_type(arg))
        }
        Operand::ListOf(items) => items.iter().any(has_transformed_type),
        _ => false,
    }
}
