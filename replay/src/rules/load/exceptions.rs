//! Exceptions of rules: reading, checking, and the text they add to a condition.

use super::decode::{Context, Failure, required};
use super::items::{Entry, ExceptionItem};
use crate::rules::check;
use crate::rules::diagnostic::{Diagnostic, code};
use crate::rules::document::{Node, NodeKind};
use crate::rules::source::Span;
use crate::rules::syntax::{MODIFIERS, is_list_operator, operator_named, takes_modifier};
use crate::rules::traced::Traced;

/// Deepest nesting of values: tuples of lists.
const DEPTH_LIMIT: u32 = 4;

/// Reads the key `exceptions`. For an append, fields may be left out.
pub fn read_exceptions(
    item: &Node,
    context: &Context<'_>,
    append: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<ExceptionItem>, Failure> {
    let Some(value) = item.get("exceptions").filter(|value| !value.is_null()) else { return Ok(Vec::new()) };
    let all = context.inside("exceptions", "", value.span);
    let nodes = value.sequence().ok_or_else(|| all.invalid("Rule exceptions must be a sequence"))?;
    let mut exceptions: Vec<ExceptionItem> = Vec::new();
    for node in nodes {
        let unnamed = all.inside("exception", "", node.span);
        if node.mapping().is_none() {
            return Err(unnamed.invalid("Rule exception must be a mapping"));
        }
        let name = required(node, "name", &unnamed)?.as_str().to_string();
        let span =
            node.entry("name").map_or(node.span, |(key, value)| Span { end: value.span.end, ..key.span });
        let context = context.inside("exception", &name, span);
        if exceptions.iter().any(|other| other.name == name) {
            let message = format!("Multiple definitions of exception '{name}' in the same rule");
            diagnostics.push(context.warning(code::EXCEPTION_NAME_NOT_UNIQUE, message));
        }
        let fields = match node.get("fields") {
            Some(value) => entry(value, "fields", &context, 0)?,
            None if append => Entry::default(),
            None => return Err(context.invalid("Item has no mapping for key 'fields'")),
        };
        let comps =
            node.get("comps").map_or(Ok(Entry::default()), |value| entry(value, "comps", &context, 0))?;
        let mut values = Vec::new();
        match node.get("values") {
            Some(node) => {
                let context = context.inside("exception values", "", node.span);
                let nodes = node
                    .sequence()
                    .ok_or_else(|| context.invalid("Rule exception values must be a sequence"))?;
                for node in nodes {
                    values.push(entry(node, "", &context.inside("exception value", "", node.span), 0)?);
                }
            }
            None if append => {
                let message = "Overriding/appending exception with no values";
                diagnostics.push(context.warning(code::APPEND_NO_VALUES, message));
            }
            None => {}
        }
        exceptions.push(ExceptionItem { name, span, fields, comps, values });
    }
    Ok(exceptions)
}

fn entry(node: &Node, key: &str, context: &Context<'_>, depth: u32) -> Result<Entry, Failure> {
    let context = context.inside(if depth == 0 { "value for" } else { "exception" }, key, node.span);
    match &node.kind {
        NodeKind::Scalar(text) if text.is_empty() => Err(context.invalid("Value must be non-empty")),
        NodeKind::Scalar(text) => Ok(Entry::One(text.clone())),
        NodeKind::Sequence(_) if depth == DEPTH_LIMIT => Err(context.invalid("Value is nested too deeply")),
        NodeKind::Sequence(items) => items
            .iter()
            .map(|item| entry(item, "", &context, depth + 1))
            .collect::<Result<_, _>>()
            .map(Entry::Many),
        // Falco takes these for nothing.
        NodeKind::Null | NodeKind::Mapping(_) => Ok(Entry::default()),
    }
}

/// Checks the shape of an exception and fills in the comparisons it does not state.
pub fn validate(
    exception: &mut ExceptionItem,
    fields_are_known: bool,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let fields: Vec<&Entry> = match &exception.fields {
        Entry::Many(fields) => {
            if !exception.comps.is_given() {
                let equal = || Entry::One(Traced::made_up("=", exception.span));
                exception.comps = Entry::Many(fields.iter().map(|_| equal()).collect());
            }
            if exception.comps.many().len() != fields.len() {
                return Err(context.rejected("Fields and comps lists must have equal length"));
            }
            if let Entry::Many(comps) = &mut exception.comps {
                for comp in comps {
                    normalize(comp);
                    let text = comp.text();
                    if operator_named(text).is_none() && !is_modified_operator(text) {
                        let message = format!("'{text}' is not a supported comparison operator");
                        return Err(at(comp, context).rejected(message));
                    }
                }
            }
            fields.iter().collect()
        }
        Entry::One(_) => {
            if !exception.comps.is_given() {
                exception.comps = Entry::One(Traced::made_up("in", exception.span));
            }
            if matches!(exception.comps, Entry::Many(_)) {
                return Err(context.rejected("Fields and comps must both be strings"));
            }
            normalize(&mut exception.comps);
            let text = exception.comps.text();
            if !operator_named(text).is_some_and(is_list_operator) && !is_modified_operator(text) {
                return Err(at(&exception.comps, context).rejected(
                    "When fields is a single value, comps must be one of (in, pmatch, intersects) or a modifier \
                     operator (e.g. startswith oneof)",
                ));
            }
            vec![&exception.fields]
        }
    };
    let unknown = fields.into_iter().find(|field| fields_are_known && !check::is_left_operand(field.text()));
    match unknown {
        None => Ok(()),
        Some(field) => {
            let message = format!("'{}' is not a supported filter field", field.text());
            let mut failure = at(field, context).rejected(message);
            failure.help = check::did_you_mean_field(field.text());
            Err(failure)
        }
    }
}

/// The context, pointing at a text in the exception if that is written somewhere.
fn at<'c>(entry: &Entry, context: &Context<'c>) -> Context<'c> {
    match entry {
        Entry::One(text) if !text.is_empty() => context.at(text.span(0..text.as_str().len())),
        _ => *context,
    }
}

fn normalize(comp: &mut Entry) {
    if let Entry::One(text) = comp {
        *text = text.trimmed();
    }
}

/// Whether `text` is an operator and a modifier with one blank between them.
fn is_modified_operator(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(operator, modifier)| {
        operator_named(operator).is_some_and(takes_modifier)
            && MODIFIERS.iter().any(|(name, _)| *name == modifier)
    })
}

/// Appends to `condition` what the exceptions exclude. As in Falco this is text: values may name lists and take
/// whatever the grammar allows.
pub fn apply(
    condition: &Traced,
    exceptions: &[ExceptionItem],
    context: &Context<'_>,
) -> Result<Traced, Failure> {
    if exceptions.is_empty() {
        return Ok(condition.clone());
    }
    let whole = condition.span(0..condition.as_str().len());
    let mut text = Traced::made_up("(", whole);
    text.push(condition);
    text.push_made_up(")", whole);
    for exception in exceptions {
        let context = context.inside("exception", &exception.name, exception.span);
        let mut added = Traced::made_up(" and not ", exception.span);
        match &exception.fields {
            Entry::One(field) => one_field(&mut added, field, exception, &context)?,
            Entry::Many(fields) => tuples(&mut added, fields, exception, &context)?,
        }
        if !exception.values.is_empty() {
            text.push(&added);
        }
    }
    Ok(text)
}

/// `(field operator (value, value))`
fn one_field(
    text: &mut Traced,
    field: &Traced,
    exception: &ExceptionItem,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let about = exception.span;
    text.push_made_up("(", about);
    text.push(field);
    text.push_made_up(" ", about);
    if let Entry::One(comp) = &exception.comps {
        text.push(comp);
    }
    text.push_made_up(" (", about);
    for (i, value) in exception.values.iter().enumerate() {
        let Entry::One(value) = value else {
            return Err(context.rejected("Expected values array to contain a list of strings"));
        };
        if i > 0 {
            text.push_made_up(", ", about);
        }
        push_quoted(text, value);
    }
    text.push_made_up("))", about);
    Ok(())
}

/// `((field operator value and field operator value) or (...))`
fn tuples(
    text: &mut Traced,
    fields: &[Entry],
    exception: &ExceptionItem,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let about = exception.span;
    text.push_made_up("(", about);
    for (i, tuple) in exception.values.iter().enumerate() {
        if tuple.many().len() != fields.len() {
            let failure = at_tuple(tuple, context).rejected("Fields and values lists must have equal length");
            return Err(Box::new(failure.help(format!(
                "each value of this exception is a list of {}: {}",
                fields.len(),
                fields.iter().map(Entry::text).collect::<Vec<_>>().join(", ")
            ))));
        }
        text.push_made_up(if i > 0 { " or (" } else { "(" }, about);
        for (k, ((field, comp), value)) in
            fields.iter().zip(exception.comps.many()).zip(tuple.many()).enumerate()
        {
            text.push_made_up(if k > 0 { " and  " } else { " " }, about);
            push_entry(text, field);
            text.push_made_up(" ", about);
            push_entry(text, comp);
            text.push_made_up(" ", about);
            match value {
                Entry::Many(values) => {
                    text.push_made_up("(", about);
                    for (j, value) in values.iter().enumerate() {
                        text.push_made_up(if j > 0 { ", " } else { "" }, about);
                        if let Entry::One(value) = value {
                            push_quoted(text, value);
                        }
                    }
                    text.push_made_up(")", about);
                }
                Entry::One(value) if takes_list(comp.text()) => {
                    let open = value.as_str().starts_with('(');
                    text.push_made_up(if open { "" } else { "(" }, about);
                    text.push(value);
                    text.push_made_up(if open { "" } else { ")" }, about);
                }
                Entry::One(value) => push_quoted(text, value),
            }
        }
        text.push_made_up(")", about);
    }
    text.push_made_up(")", about);
    Ok(())
}

fn at_tuple<'c>(tuple: &Entry, context: &Context<'c>) -> Context<'c> {
    let mut first = tuple;
    while let Some(inner) = first.many().first() {
        first = inner;
    }
    at(first, context)
}

fn push_entry(text: &mut Traced, entry: &Entry) {
    if let Entry::One(entry) = entry {
        text.push(entry);
    }
}

fn takes_list(comp: &str) -> bool {
    operator_named(comp).is_some_and(is_list_operator) || is_modified_operator(comp)
}

/// Appends a value; in quotes if it has a blank and does not start with a quote.
pub fn push_quoted(text: &mut Traced, value: &Traced) {
    let bare = value.as_str();
    if bare.contains(' ') && !bare.starts_with(['"', '\'']) {
        let place = value.span(0..bare.len());
        text.push_made_up("\"", place);
        text.push(value);
        text.push_made_up("\"", place);
    } else {
        text.push(value);
    }
}
