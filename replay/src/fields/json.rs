//! Values in JSON outputs: typed where JSON has the type.

use std::io::Write;

use capture::event::{ParamType, PrintFormat};

use super::render::{printed_type, render_value};
use super::{FieldArg, FieldId, JsonForm, Value};
use crate::context::EventContext;

/// Appends the JSON of a field for an event; `null` when it has no value.
pub fn write_json(cx: &EventContext<'_>, id: FieldId, arg: &FieldArg, out: &mut Vec<u8>) {
    let def = id.def();
    if def.json == JsonForm::EventTime {
        drop(write!(out, "{}", cx.event.ts_ns));
        return;
    }
    let (ty, format) = printed_type(cx, id, arg);
    let format = if def.json == JsonForm::Number { PrintFormat::Dec } else { format };
    write_json_value(&def.printed_value(cx, arg), ty, format, out);
}

/// Appends the JSON of a value of type `ty`; `null` when there is none. Numbers that print as hexadecimal,
/// octal or padded are strings.
pub fn write_json_value(value: &Value<'_>, ty: ParamType, format: PrintFormat, out: &mut Vec<u8>) {
    let decimal = matches!(format, PrintFormat::Dec | PrintFormat::Id);
    match *value {
        Value::Absent => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Value::I64(number) if decimal => drop(write!(out, "{number}")),
        Value::U64(number) if decimal => drop(write!(out, "{number}")),
        // `{:?}` keeps the point of whole numbers.
        Value::F64(number) if number.is_finite() => drop(write!(out, "{number:?}")),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_json_value(item, ty, format, out);
            }
            out.push(b']');
        }
        _ => {
            let mut text = Vec::new();
            match render_value(value, ty, format, &mut text) {
                true => json_string(&text, out),
                false => out.extend_from_slice(b"null"),
            }
        }
    }
}

/// Appends `bytes` as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD.
pub fn json_string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            match byte {
                b'"' => out.extend_from_slice(b"\\\""),
                b'\\' => out.extend_from_slice(b"\\\\"),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'\r' => out.extend_from_slice(b"\\r"),
                b'\t' => out.extend_from_slice(b"\\t"),
                0x08 => out.extend_from_slice(b"\\b"),
                0x0c => out.extend_from_slice(b"\\f"),
                0..0x20 => drop(write!(out, "\\u{byte:04x}")),
                _ => out.push(byte),
            }
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}
