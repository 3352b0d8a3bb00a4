//! From the text of a field (`proc.aname[2]`, `evt.arg.flags`) to its id and argument.

use std::sync::LazyLock;

use capture::event::schema::EVENTS;
use capture::event::{ParamInfo, ParamType, PrintFormat};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::def::ArgSpec;
use super::{FieldArg, FieldId, Pattern, registry};

/// Why a text is not a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    #[error("nonexistent field {0}")]
    Unknown(String),
    #[error("field {0} requires an argument")]
    MissingArgument(&'static str),
    #[error("field {0} takes no argument")]
    UnwantedArgument(&'static str),
    #[error("invalid argument '{argument}' of field {field}: {reason}")]
    InvalidArgument { field: &'static str, argument: String, reason: &'static str },
    #[error("unknown event argument {0}")]
    UnknownParam(String),
    #[error("unknown event type {0}")]
    UnknownEvent(String),
}

/// The field and argument that `token` names. Of several fields whose names it starts with, the longest
/// counts, and the rest must be an argument that field takes.
pub fn resolve(token: &str) -> Result<(FieldId, FieldArg), FieldError> {
    let unknown = || FieldError::Unknown(token.to_string());
    let id = registry::longest_match(token).ok_or_else(unknown)?;
    let def = id.def();
    let rest = &token[def.name.len()..];
    let (argument, bracketed) = match rest.as_bytes() {
        [] => return without_argument(id),
        [b'[', .., b']'] => (&rest[1..rest.len() - 1], true),
        [b'[', ..] => return Err(invalid(id, rest, "']' is missing")),
        [b'.', _, ..] => (&rest[1..], false),
        _ => return Err(unknown()),
    };
    let arg = match (def.arg, bracketed) {
        (ArgSpec::None, true) => return Err(FieldError::UnwantedArgument(def.name)),
        (ArgSpec::Index { .. } | ArgSpec::IndexOrName { .. }, true) => index(id, argument)?,
        (ArgSpec::Key { .. }, true) => FieldArg::Key(argument.as_bytes().into()),
        (ArgSpec::IndexOrKey { .. }, true) => match index(id, argument) {
            Ok(index) => index,
            Err(_) if def.name.starts_with("container.mount") => Pattern::new(argument)
                .map(FieldArg::Pattern)
                .map_err(|_| invalid(id, argument, "not a regular expression"))?,
            Err(_) => FieldArg::Key(argument.as_bytes().into()),
        },
        (ArgSpec::Name { .. } | ArgSpec::IndexOrName { .. }, false) => name(id, argument, token)?,
        _ => return Err(unknown()),
    };
    Ok((id, arg))
}

fn without_argument(id: FieldId) -> Result<(FieldId, FieldArg), FieldError> {
    match id.def().arg {
        ArgSpec::Index { required: true }
        | ArgSpec::Key { required: true }
        | ArgSpec::IndexOrKey { required: true }
        | ArgSpec::Name { required: true }
        | ArgSpec::IndexOrName { required: true } => Err(FieldError::MissingArgument(id.def().name)),
        _ => Ok((id, FieldArg::None)),
    }
}

fn invalid(id: FieldId, argument: &str, reason: &'static str) -> FieldError {
    FieldError::InvalidArgument { field: id.def().name, argument: argument.to_string(), reason }
}

fn index(id: FieldId, argument: &str) -> Result<FieldArg, FieldError> {
    let digits = argument.bytes().all(|byte| byte.is_ascii_digit());
    match argument.parse() {
        Ok(index) if digits => Ok(FieldArg::Index(index)),
        _ => Err(invalid(id, argument, "not a number")),
    }
}

/// Arguments after a dot; each field has its own kind of names.
fn name(id: FieldId, argument: &str, token: &str) -> Result<FieldArg, FieldError> {
    let key = || FieldArg::Key(argument.as_bytes().into());
    match id.def().name {
        "evt.arg" | "evt.rawarg" => match find_param(argument.as_bytes()) {
            Some(_) => Ok(key()),
            None => Err(FieldError::UnknownParam(argument.to_string())),
        },
        "evt.type.is" => match index(id, argument) {
            Ok(number) => Ok(number),
            Err(_) if EVENTS.iter().any(|event| event.name == argument) => Ok(key()),
            Err(_) => Err(FieldError::UnknownEvent(argument.to_string())),
        },
        "evt.abspath" if !matches!(argument, "src" | "dst") => Err(FieldError::Unknown(token.to_string())),
        "thread.cgroup" if !argument.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_') => {
            Err(FieldError::Unknown(token.to_string()))
        }
        _ => Ok(key()),
    }
}

/// The first parameter of the event table with this name. It decides the type `evt.rawarg` has when rules are
/// loaded, whatever the parameter of that name is in other events.
pub(super) fn find_param(name: &[u8]) -> Option<&'static ParamInfo> {
    static BY_NAME: LazyLock<HashMap<&[u8], &ParamInfo, FixedState>> = LazyLock::new(|| {
        let mut by_name = HashMap::default();
        for param in EVENTS.iter().flat_map(|event| event.params) {
            by_name.entry(param.name.as_bytes()).or_insert(param);
        }
        by_name
    });
    BY_NAME.get(name).copied()
}

/// Type of a field's value (of one element, for lists), which for `evt.rawarg` depends on the argument.
pub fn value_type(id: FieldId, arg: &FieldArg) -> ParamType {
    value_type_and_format(id, arg).0
}

/// [`value_type`], and how its numbers are printed.
pub fn value_type_and_format(id: FieldId, arg: &FieldArg) -> (ParamType, PrintFormat) {
    let def = id.def();
    match (def.ty, arg) {
        (ParamType::Dyn, FieldArg::Key(name)) => {
            find_param(name).map_or((def.ty, def.format), |param| (param.ty, param.format))
        }
        _ => (def.ty, def.format),
    }
}
