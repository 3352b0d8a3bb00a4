//! Checks of comparisons: fields, transformers, operators and constants against each other.
//!
//! After this nothing about a condition can fail. The rules are libsinsp's (`filter.cpp`, `filter_compare.cpp`,
//! `sinsp_filtercheck.cpp`, `value_parser.cpp`), and so is the wording of messages: whether a rule may be skipped
//! depends on it.

mod constant;
mod events;
mod operand;
mod pattern;
mod port;

use std::borrow::Cow;
use std::ops::Range;

use capture::event::ParamType;

use super::condition::{self, ConstantValue, Operator, Right};
use super::diagnostic::{Diagnostic, closest, code};
use super::syntax::{self, Value, operator_name};
use super::traced::Traced;
use crate::fields::{self, FieldId, TypeGroup};

pub use events::event_types;
pub use operand::Typed;

/// Something wrong with a part of a condition.
#[derive(Debug)]
pub struct Problem {
    pub message: String,
    pub range: Range<usize>,
    pub help: Option<String>,
}

impl Problem {
    fn new(message: impl Into<String>, range: &Range<usize>) -> Self {
        Problem { message: message.into(), range: range.clone(), help: None }
    }

    fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// Checks the comparisons of one condition.
pub struct Checker<'a> {
    /// The condition; ranges are of this text.
    pub text: &'a Traced,
    /// Whether the condition is for a rule, which has to be found by event type.
    pub indexed: bool,
    /// Where errors and warnings go.
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    /// The comparison with everything resolved, or `None` after reporting what is wrong with it.
    pub fn check(&mut self, check: &syntax::Check, range: &Range<usize>) -> Option<condition::Check> {
        let left = match operand::resolve(&check.left) {
            Ok(left) => left,
            Err(problem) => return self.reject(problem),
        };
        let operator = check.operator.value;
        let modifier = check.modifier.as_ref().map(|modifier| modifier.value);
        let comparable = comparable(operator, modifier.is_some(), &left);
        if let Err(message) = comparable {
            let help = allowed_operators(&left);
            return self.reject(Problem::new(message, &check.operator.range).help(help));
        }
        let right = match &check.right {
            syntax::Right::None => Right::None,
            syntax::Right::Value(value) => self.constants(&left, operator, std::slice::from_ref(value))?,
            syntax::Right::List { values, .. } => self.constants(&left, operator, values)?,
            syntax::Right::Operand(right) => {
                let right = operand::resolve(right).and_then(|typed| {
                    operand::check_right(&left, operator, &typed, &right.range).map(|()| typed.operand)
                });
                match right {
                    Ok(right) => Right::Operand(right),
                    Err(problem) => return self.reject(problem),
                }
            }
        };
        if self.indexed
            && let Some(problem) = events::unsupported_use(&left, operator, modifier, &right, range)
        {
            return self.reject(problem);
        }
        Some(condition::Check { left: left.operand, operator, modifier, right })
    }

    fn constants(&mut self, left: &Typed, operator: Operator, values: &[Value]) -> Option<Right> {
        let mut constants = Vec::with_capacity(values.len());
        let mut complete = true;
        for value in values {
            self.warn(operator, value);
            match constant::parse(left, operator, value) {
                Ok(parsed) => {
                    constants.push(condition::Constant {
                        value: parsed,
                        span: self.text.span(value.range.clone()),
                    });
                }
                Err(problem) => {
                    self.report(problem);
                    complete = false;
                }
            }
        }
        complete.then_some(Right::Constants(constants))
    }

    fn reject<T>(&mut self, problem: Problem) -> Option<T> {
        self.report(problem);
        None
    }

    fn report(&mut self, problem: Problem) {
        let span = self.text.span(problem.range.clone());
        let mut diagnostic = Diagnostic::error(code::COMPILE_CONDITION, problem.message, span);
        diagnostic.help = problem.help;
        self.diagnostics.push(self.with_list(diagnostic, problem.range.start));
    }

    /// Adds where a list is used whose item a message is about.
    fn with_list(&self, diagnostic: Diagnostic, at: usize) -> Diagnostic {
        match self.text.via(at) {
            Some(via) => diagnostic.related(via, "an item of the list used here"),
            None => diagnostic,
        }
    }

    /// Constants that may not be meant as such, and expressions that need no regular expression.
    fn warn(&mut self, operator: Operator, value: &Value) {
        let Ok(text) = std::str::from_utf8(&value.bytes) else { return };
        if operator == Operator::Regex && pattern::is_simple(text) {
            let message = format!(
                "regex check with '{text}' may be optimized with simpler operators such as '=', 'contains', \
                 'startswith', 'endswith'"
            );
            self.warn_about(value, message, None);
        }
        // Blanks do not count.
        let bare = match text.contains(is_space) {
            true => Cow::Owned(text.replace(is_space, "")),
            false => Cow::Borrowed(text),
        };
        if bare.contains('.') && fields::resolve(&bare).is_ok() {
            let message = format!("'{text}' may be a valid field misused as a const string value");
            let help = format!("to compare with the field, write `val({bare})`");
            self.warn_about(value, message, Some(help));
        }
        let called = bare.strip_suffix(')').and_then(|call| call.split_once('('));
        if called.is_some_and(|(name, _)| name == "val" || syntax::TRANSFORMS.iter().any(|(n, _)| *n == name))
        {
            let message =
                format!("'{text}' may be a valid field transformer misused as a const string value");
            let help = "remove the quotes to apply the transformer".to_string();
            self.warn_about(value, message, Some(help));
        }
    }

    fn warn_about(&mut self, value: &Value, message: String, help: Option<String>) {
        let span = self.text.span(value.range.clone());
        let mut diagnostic = Diagnostic::warning(code::CONDITION_WARNING, message, span);
        diagnostic.help = help;
        self.diagnostics.push(self.with_list(diagnostic, value.range.start));
    }
}

/// Whether values of this type can be compared this way.
fn comparable(operator: Operator, modified: bool, left: &Typed) -> Result<(), String> {
    let group = TypeGroup::of(left.ty);
    let name = operator_name(operator);
    if operator == Operator::Exists {
        return Ok(());
    }
    if left.is_list {
        let listable = matches!(
            left.ty,
            ParamType::CharBuf
                | ParamType::Uint64
                | ParamType::RelTime
                | ParamType::AbsTime
                | ParamType::Bool
                | ParamType::IpAddr
                | ParamType::IpNet
        );
        if !listable {
            return Err(format!(
                "filter error: list filters are not supported for type '{}'",
                operand::type_name(left.ty)
            ));
        }
        return match operator {
            Operator::In | Operator::Intersects => Ok(()),
            _ => Err(format!("filter error: '{name}' operator not supported list filters")),
        };
    }
    if group.allows(operator, false) {
        return Ok(());
    }
    Err(match group {
        TypeGroup::Number | TypeGroup::Bool => {
            format!("filter error: '{name}' operator not supported for numeric filters")
        }
        TypeGroup::Text => format!("filter error: '{name}' operator not supported for string filters"),
        TypeGroup::Buffer => format!("filter error: '{name}' operator not supported for buffer filters"),
        TypeGroup::Address if modified => {
            format!("filter error: '{name}' with modifier not supported for ip address and network filters")
        }
        TypeGroup::Address => {
            format!("filter error: '{name}' operator not supported for ip address and network filters")
        }
        TypeGroup::Other => {
            let ty = operand::type_name(left.ty);
            format!("filter error: '{name}' operator not supported for type '{ty}'")
        }
    })
}

fn allowed_operators(left: &Typed) -> Option<String> {
    let group = TypeGroup::of(left.ty);
    let allowed: Vec<&str> = syntax::OPERATORS
        .iter()
        .filter(|(name, operator)| *name != "==" && group.allows(*operator, left.is_list))
        .map(|(name, _)| *name)
        .collect();
    Some(format!("`{}` can be compared with {}", left.name, allowed.join(", ")))
}

/// Whether `text` can stand on the left of an operator, as exceptions need it.
pub fn is_left_operand(text: &str) -> bool {
    if !text.contains('(') {
        return fields::resolve(text).is_ok();
    }
    match syntax::parse_left(text, syntax::Limits::RULES) {
        Ok((operand, length)) => length == text.len() && operand::resolve(&operand).is_ok(),
        Err(_) => false,
    }
}

/// A field with nearly this name.
pub fn did_you_mean_field(name: &str) -> Option<String> {
    let bare = name.split('[').next().unwrap_or(name);
    let names = fields::all().iter().filter(|field| !field.hidden).map(|field| field.name);
    closest(bare, names).map(|close| format!("did you mean `{close}`?"))
}

/// Whether an operand is the plain field with this name.
fn is_field(operand: &condition::Operand, name: &str) -> bool {
    matches!(operand, condition::Operand::Field { id, .. } if field_name(*id) == name)
}

fn field_name(id: FieldId) -> &'static str {
    id.def().name
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\x0b'
}

/// The bytes of a constant that is text.
fn text_of(value: &ConstantValue) -> Option<&[u8]> {
    match value {
        ConstantValue::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}
