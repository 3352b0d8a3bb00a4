//! Values of keys, with Falco's complaints about them.

use std::collections::BTreeSet;

use crate::rules::diagnostic::{Diagnostic, Step, code};
use crate::rules::document::{Node, NodeKind};
use crate::rules::source::Span;
use crate::rules::traced::Traced;

/// An error that ends the reading of an item. Boxed: it is rare and large.
pub type Failure = Box<Diagnostic>;

/// A part of a file that is being looked at, for messages. Contexts are made for everything and needed for errors
/// only, so they borrow.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    parent: Option<&'c Context<'c>>,
    kind: &'static str,
    pub name: &'c str,
    /// Where a message about the whole of it points.
    pub span: Span,
}

impl<'c> Context<'c> {
    /// A whole file.
    pub fn file(span: Span) -> Self {
        Context { parent: None, kind: "rules content", name: "", span }
    }

    /// A part of this.
    pub fn inside<'i>(&'i self, kind: &'static str, name: &'i str, span: Span) -> Context<'i> {
        Context { parent: Some(self), kind, name, span }
    }

    /// The same, pointing elsewhere.
    pub fn at(self, span: Span) -> Self {
        Context { span, ..self }
    }

    /// All items from the file to this one.
    pub fn path(&self) -> Vec<Step> {
        let mut path = self.parent.map_or_else(Vec::new, Context::path);
        path.push(Step::new(self.kind, self.name));
        path
    }

    pub fn invalid(&self, message: impl Into<String>) -> Failure {
        Box::new(Diagnostic::error(code::YAML_VALIDATE, message, self.span).within(self.path()))
    }

    pub fn rejected(&self, message: impl Into<String>) -> Failure {
        Box::new(Diagnostic::error(code::VALIDATE, message, self.span).within(self.path()))
    }

    pub fn warning(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, message, self.span).within(self.path())
    }
}

/// Text that must be there.
pub fn required<'n>(item: &'n Node, key: &str, context: &Context<'_>) -> Result<&'n Traced, Failure> {
    match item.entry(key) {
        Some((key_node, value)) => scalar(key, key_node.span, value, context),
        None => Err(context.invalid(format!("Item has no mapping for key '{key}'"))),
    }
}

/// Text that may be absent, but not empty.
pub fn optional<'n>(item: &'n Node, key: &str, context: &Context<'_>) -> Result<Option<&'n Traced>, Failure> {
    item.entry(key).map(|(key_node, value)| scalar(key, key_node.span, value, context)).transpose()
}

/// Text that may be absent or empty.
pub fn optional_empty<'n>(
    item: &'n Node,
    key: &str,
    context: &Context<'_>,
) -> Result<Option<&'n Traced>, Failure> {
    match item.get(key) {
        Some(value) if value.is_null() || value.scalar().is_some_and(Traced::is_empty) => Ok(None),
        _ => optional(item, key, context),
    }
}

fn scalar<'n>(
    key: &str,
    key_span: Span,
    value: &'n Node,
    context: &Context<'_>,
) -> Result<&'n Traced, Failure> {
    match &value.kind {
        NodeKind::Null => Err(context.at(key_span).invalid(format!("Mapping for key '{key}' is empty"))),
        NodeKind::Scalar(text) if text.is_empty() => {
            Err(context.inside("value for", key, value.span).invalid("Value must be non-empty"))
        }
        NodeKind::Scalar(text) => Ok(text),
        _ => Err(context.inside("value for", key, value.span).invalid("Value is not a scalar value")),
    }
}

/// `true` or `false` in one of the spellings of YAML 1.1.
pub fn boolean(item: &Node, key: &str, context: &Context<'_>) -> Result<Option<bool>, Failure> {
    parsed(item, key, context, parse_bool, "true or false")
}

/// A number that is not negative.
pub fn number(item: &Node, key: &str, context: &Context<'_>) -> Result<Option<u32>, Failure> {
    parsed(item, key, context, parse_u32, "a whole number")
}

fn parsed<T>(
    item: &Node,
    key: &str,
    context: &Context<'_>,
    parse: fn(&str) -> Option<T>,
    wanted: &str,
) -> Result<Option<T>, Failure> {
    let Some(text) = optional(item, key, context)? else { return Ok(None) };
    let span = item.get(key).map_or(context.span, |value| value.span);
    match parse(text.as_str()) {
        Some(value) => Ok(Some(value)),
        None => {
            let mut failure =
                context.inside("value for", key, span).invalid("Can't decode YAML scalar value");
            failure.help = Some(format!("`{key}` is {wanted}"));
            Err(failure)
        }
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    let lower = text.to_ascii_lowercase();
    // All lower case, all upper case, or capitalised.
    let spelled = text == lower
        || text == text.to_ascii_uppercase()
        || (text.get(1..) == lower.get(1..) && text.starts_with(|c: char| c.is_ascii_uppercase()));
    match lower.as_str() {
        "y" | "yes" | "true" | "on" if spelled => Some(true),
        "n" | "no" | "false" | "off" if spelled => Some(false),
        _ => None,
    }
}

/// Decimal, hexadecimal (`0x`) or octal (`0`).
pub fn parse_u32(text: &str) -> Option<u32> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    if text.starts_with(['+', '-']) {
        return None;
    }
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

/// A sequence of texts; `None` where the key is absent.
pub fn texts(item: &Node, key: &str, context: &Context<'_>) -> Result<Option<Vec<Traced>>, Failure> {
    let Some(value) = item.get(key) else { return Ok(None) };
    let context = context.inside("value for", key, value.span);
    let items = value.sequence().ok_or_else(|| {
        let mut failure = context.invalid("Value is not a sequence");
        let example = value.scalar().map(|text| text.as_str()).filter(|text| !text.contains(['\n', ',']));
        failure.help = Some(format!("write a list: `{key}: [{}]`", example.unwrap_or("one, another")));
        failure
    })?;
    items
        .iter()
        .map(|item| match &item.kind {
            NodeKind::Scalar(text) => Ok(text.clone()),
            _ => Err(context.inside("list item", "", item.span).invalid("sequence value is not scalar")),
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The tags of a rule.
pub fn tags(item: &Node, context: &Context<'_>) -> Result<BTreeSet<String>, Failure> {
    let tags = texts(item, "tags", context)?.unwrap_or_default();
    Ok(tags.iter().map(|tag| tag.as_str().to_string()).collect())
}
