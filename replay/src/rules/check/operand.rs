//! Operands: fields and transformers with their types.

use std::ops::Range;

use capture::event::ParamType;

use super::{Problem, did_you_mean_field};
use crate::fields::{self, FieldDef, FieldError, Transforms, Usage, transformed_type};
use crate::rules::condition::{Operand, Operator, Transform};
use crate::rules::syntax::{self, OperandKind, transform_name};

/// An operand and what is known of its values.
pub struct Typed {
    pub operand: Operand,
    /// Type of the values (of one element, for lists).
    pub ty: ParamType,
    pub is_list: bool,
    /// The name messages use: of the innermost field, or Falco's name for what has none.
    pub name: &'static str,
    /// The innermost field, unless it is a literal or made of several operands.
    field: Option<&'static FieldDef>,
    /// Type and shape before transformers: this is what `concat` and its like look at.
    original: (ParamType, bool),
}

/// Falco's name for literals and values of several operands.
const UNNAMED: &str = "NA";

/// What Falco calls a type.
pub fn type_name(ty: ParamType) -> String {
    match ty {
        ParamType::Dyn => "DYNAMIC".to_string(),
        ty => format!("{ty:?}").to_uppercase(),
    }
}

/// Resolves fields and types of an operand.
pub fn resolve(operand: &syntax::Operand) -> Result<Typed, Problem> {
    match &operand.kind {
        OperandKind::Field { name, arg } => field(name, arg.as_deref(), &operand.range),
        OperandKind::Literal(text) => {
            Ok(unnamed(Operand::Literal(text.as_slice().into()), ParamType::CharBuf, false))
        }
        OperandKind::List(items) => list(items),
        OperandKind::Transform { transform, args, selector } => {
            transformed(*transform, args, selector.as_deref(), &operand.range)
        }
    }
}

fn unnamed(operand: Operand, ty: ParamType, is_list: bool) -> Typed {
    Typed { operand, ty, is_list, name: UNNAMED, field: None, original: (ty, is_list) }
}

fn field(name: &str, arg: Option<&[u8]>, range: &Range<usize>) -> Result<Typed, Problem> {
    let token = match arg {
        None => name.to_string(),
        Some(arg) => format!("{name}[{}]", String::from_utf8_lossy(arg)),
    };
    let (id, arg) = fields::resolve(&token).map_err(|error| {
        let help = match &error {
            FieldError::Unknown(_) => did_you_mean_field(name),
            _ => None,
        };
        let message = match error {
            FieldError::Unknown(token) => format!("filter_check called with nonexistent field {token}"),
            error => format!("filter error: {error}"),
        };
        Problem::new(message, range).help(help)
    })?;
    let def = id.def();
    let ty = fields::value_type(id, &arg);
    Ok(Typed {
        operand: Operand::Field { id, arg },
        ty,
        is_list: def.is_list,
        name: def.name,
        field: Some(def),
        original: (ty, def.is_list),
    })
}

/// A list as argument: every element becomes text.
fn list(items: &[syntax::Operand]) -> Result<Typed, Problem> {
    let items = items.iter().map(|item| Ok(resolve(item)?.operand)).collect::<Result<Vec<_>, Problem>>()?;
    let literals = items.iter().map(|item| match item {
        Operand::Literal(text) => Some(text.clone()),
        _ => None,
    });
    let operand = match literals.collect::<Option<Vec<_>>>() {
        Some(literals) => Operand::List(literals),
        None => Operand::ListOf(items),
    };
    Ok(unnamed(operand, ParamType::CharBuf, true))
}

fn transformed(
    transform: Transform,
    args: &[syntax::Operand],
    selector: Option<&[u8]>,
    range: &Range<usize>,
) -> Result<Typed, Problem> {
    let typed = args.iter().map(resolve).collect::<Result<Vec<_>, _>>()?;
    match <[Typed; 1]>::try_from(typed) {
        Ok([_]) if transform == Transform::Val && selector.is_some() => Err(no_selector("val", range)),
        Ok([value]) if transform == Transform::Val => {
            let operand = Operand::Transform { transform, args: vec![value.operand], selector: None };
            Ok(Typed { operand, ..value })
        }
        Ok([value]) => single(transform, value, selector, range),
        Err(typed) => multiple(transform, typed, selector, range),
    }
}

fn no_selector(name: &str, range: &Range<usize>) -> Problem {
    Problem::new(format!("filter error: transformer '{name}' does not support field arguments"), range)
}

fn single(
    transform: Transform,
    value: Typed,
    selector: Option<&[u8]>,
    range: &Range<usize>,
) -> Result<Typed, Problem> {
    let name = transform_name(transform);
    if selector.is_some() {
        return Err(no_selector(name, range));
    }
    if value.field.is_some_and(refuses_transforms) {
        return Err(Problem::new(format!("field '{}' does not support transformers", value.name), range));
    }
    if matches!(transform, Transform::Join | Transform::Concat | Transform::Getopt) {
        return Err(Problem::new(format!("unknown field transfomer '{name}'"), range)
            .help(Some(format!("`{name}` takes two arguments"))));
    }
    let Some((ty, is_list)) = transformed_type(transform, value.ty, value.is_list, false) else {
        return Err(Problem::new(
            format!(
                "can't add field transformer: type '{}' is not supported by '{name}' transformer applied on {}field \
                 '{}'",
                type_name(value.ty),
                if value.is_list { "list " } else { "" },
                value.name
            ),
            range,
        ));
    };
    let operand = Operand::Transform { transform, args: vec![value.operand], selector: None };
    Ok(Typed { operand, ty, is_list, ..value })
}

/// Whether Falco's field is marked to have no transformers, whatever its type.
fn refuses_transforms(def: &FieldDef) -> bool {
    def.transforms != Transforms::ByType || def.usage == Usage::Filter || def.ty == ParamType::Dyn
}

/// Whether Falco's field is marked to be compared with constants only.
fn refuses_right(typed: &Typed) -> bool {
    typed.field.is_some_and(|def| !def.rhs)
}

fn multiple(
    transform: Transform,
    args: Vec<Typed>,
    selector: Option<&[u8]>,
    range: &Range<usize>,
) -> Result<Typed, Problem> {
    let problem = |message: &str| Err(Problem::new(message, range));
    let is_text = |arg: &Typed| arg.original.0 == ParamType::CharBuf;
    let is_list = |arg: &Typed| arg.original.1;
    match (transform, args.as_slice()) {
        (Transform::Join, [separator, list]) => {
            if is_list(separator) {
                return problem("join() first argument (separator) must be a single value, not a list");
            }
            if !is_list(list) {
                return problem("join() second argument must be a list");
            }
        }
        (Transform::Join, _) => return problem("join() requires exactly 2 arguments: separator and list"),
        (Transform::Concat, args) => {
            if args.iter().any(|arg| !is_text(arg) || is_list(arg)) {
                return problem("concat() arguments must be strings");
            }
        }
        (Transform::Getopt, [list, options]) => {
            if !is_list(list) {
                return problem("getopt() first argument must be a list");
            }
            if is_list(options) {
                return problem("getopt() second argument (optstring) must be a single value");
            }
            if !is_text(list) || !is_text(options) {
                return problem("getopt() arguments must be strings");
            }
            if selector.is_some_and(|selector| selector.len() != 1) {
                return problem("getopt() field argument must be a single option character");
            }
        }
        (Transform::Getopt, _) => {
            return problem("getopt() requires exactly 2 arguments: args list and optstring");
        }
        _ => {
            return Err(Problem::new("unknown multivalue transformer", range)
                .help(Some(format!("`{}` takes one argument", transform_name(transform)))));
        }
    }
    if selector.is_some() && transform != Transform::Getopt {
        return Err(Problem::new(
            format!("transformer '{}' does not support field arguments", transform_name(transform)),
            range,
        ));
    }
    let makes_list = transform == Transform::Getopt && selector.is_none();
    let operand = Operand::Transform {
        transform,
        args: args.into_iter().map(|arg| arg.operand).collect(),
        selector: selector.map(Into::into),
    };
    // What is applied to the result sees text, not the list.
    Ok(Typed { original: (ParamType::CharBuf, false), ..unnamed(operand, ParamType::CharBuf, makes_list) })
}

/// Whether `left` can be compared with the operand `right`.
pub fn check_right(
    left: &Typed,
    operator: Operator,
    right: &Typed,
    range: &Range<usize>,
) -> Result<(), Problem> {
    let message = if matches!(operator, Operator::PMatch | Operator::Regex) {
        let name = if operator == Operator::Regex { "REGEX" } else { "PMATCH" };
        format!("operator '{name}' doesn't support right-hand side fields")
    } else if matches!(left.ty, ParamType::IpNet | ParamType::Ipv4Net | ParamType::Ipv6Net) {
        "field type 'IPNET' doesn't support right-hand side fields".to_string()
    } else if refuses_right(left) {
        format!("field '{}' doesn't support right-hand side fields", left.name)
    } else if refuses_right(right) {
        format!("field '{}' can't be used as a right-hand side field", right.name)
    } else if (left.ty, left.is_list) != (right.ty, right.is_list) {
        let list = |typed: &Typed| if typed.is_list { " (list)" } else { "" };
        format!(
            "field '{}' has type '{}'{} while the right-hand side field '{}' has incompatible type '{}'{}",
            left.name,
            type_name(left.ty),
            list(left),
            right.name,
            type_name(right.ty),
            list(right)
        )
    } else {
        return Ok(());
    };
    Err(Problem::new(message, range))
}
