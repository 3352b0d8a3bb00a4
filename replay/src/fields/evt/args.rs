//! Parameters: as text, typed, and as raw bytes.

use capture::event::ParamType;

use crate::context::EventContext;
use crate::fields::param_text::{all_params_text, decode_number, param_text};
use crate::fields::resolve::find_param;
use crate::fields::view::{is_signed, text_param};
use crate::fields::{FieldArg, TypeGroup, Value};

/// Index of the parameter an argument names.
fn index_of(cx: &EventContext<'_>, arg: &FieldArg) -> Option<usize> {
    match arg {
        FieldArg::Index(index) => usize::try_from(*index).ok(),
        FieldArg::Key(name) => cx.param_index(name),
        FieldArg::None | FieldArg::Pattern(_) => None,
    }
}

pub(super) fn arg<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    index_of(cx, arg).and_then(|index| param_text(cx, index)).map(|text| text.best()).into()
}

pub(super) fn args<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(all_params_text(cx))
}

/// The bytes of the parameter `data`.
pub(super) fn buffer<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cx.param_index(b"data").and_then(|index| cx.event.param(index)).into()
}

/// The same for printing: a missing buffer shows as `NULL`, and data that is no buffer as its text.
pub(super) fn printed_buffer<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Some(index) = cx.param_index(b"data") else { return Value::Absent };
    match cx.event.bytes_at(index) {
        Some(bytes) if cx.event.ty.info().params[index].ty == ParamType::ByteBuf => Value::Bytes(bytes),
        _ => param_text(cx, index).map(|text| text.raw).into(),
    }
}

/// A parameter in its own type; nothing when the recorder had no value, except for text. Constants were read for
/// the type of the first parameter of this name: one that was read as signed is compared by its bits.
pub(super) fn raw_arg<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    let FieldArg::Key(name) = arg else { return Value::Absent };
    let value = cx.param_index(name).and_then(|index| raw(cx, index));
    match value {
        Some(Value::U64(number)) if find_param(name).is_some_and(|param| is_signed(param.ty)) => {
            Value::I64(number as i64)
        }
        value => value.unwrap_or_default(),
    }
}

/// The same for printing: numbers have their own sign, and a missing one shows as 0.
pub(super) fn printed_raw_arg<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    let Some(index) = index_of(cx, arg) else { return Value::Absent };
    let ty = cx.event.ty.info().params[index].ty;
    raw(cx, index).unwrap_or(match TypeGroup::of(ty) {
        TypeGroup::Number if is_signed(ty) => Value::I64(0),
        TypeGroup::Number => Value::U64(0),
        TypeGroup::Bool => Value::Bool(false),
        _ => Value::Absent,
    })
}

fn raw<'a>(cx: &EventContext<'a>, index: usize) -> Option<Value<'a>> {
    let ty = cx.event.ty.info().params[index].ty;
    let bytes = cx.event.param(index)?;
    Some(match TypeGroup::of(ty) {
        TypeGroup::Text => Value::Bytes(text_param(cx.event, index)),
        _ if bytes.is_empty() => return None,
        TypeGroup::Buffer => Value::Bytes(bytes),
        TypeGroup::Bool => Value::Bool(cx.event.u32_at(index)? != 0),
        TypeGroup::Number if ty == ParamType::Double => {
            Value::F64(f64::from_bits(u64::from_le_bytes(bytes.try_into().ok()?)))
        }
        TypeGroup::Number => {
            let number = decode_number(ty, bytes)?;
            if is_signed(ty) { Value::I64(number) } else { Value::U64(number as u64) }
        }
        TypeGroup::Address | TypeGroup::Other => return None,
    })
}
