//! Values in JSON outputs: typed where JSON has the type.

use std::io::Write;

use capture::event::{ParamType, PrintFormat};

use super::render::{printed_type, render_value};
use super::render::{write_decimal, write_signed};
use super::{FieldArg, FieldId, JsonForm, Value};
use crate::context::EventContext;

/// Appends the JSON of a field for an event; `null` when it has no value.
pub fn write_json(cx: &EventContext<'_>, id: FieldId, arg: &FieldArg, out: &mut Vec<u8>) {
    let def = id.def();
    if def.json == JsonForm::EventTime {
        write_decimal(cx.event.ts_ns, out);
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
        Value::I64(number) if decimal => write_signed(number, out),
        Value::U64(number) if decimal => write_decimal(number, out),
        Value::Bytes(bytes) if ty != ParamType::ByteBuf => json_string(bytes, out),
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
        Value::Bytes(_) => {
            let mut text = Vec::new();
            render_value(value, ty, format, &mut text);
            json_string(&text, out);
        }
        // What is left are digits, addresses and the like, which need no escapes.
        _ => {
            let start = out.len();
            out.push(b'"');
            if render_value(value, ty, format, out) {
                out.push(b'"');
            } else {
                out.truncate(start);
                out.extend_from_slice(b"null");
            }
        }
    }
}

/// Appends `bytes` as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD.
pub fn json_string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    json_escape(bytes, out);
    out.push(b'"');
}

/// Appends what stands for `bytes` inside a JSON string.
pub fn json_escape(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    if escape_utf8(bytes, out) {
        return;
    }
    out.truncate(start);
    for chunk in bytes.utf8_chunks() {
        escape_valid(chunk.valid().as_bytes(), out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Appends what stands for UTF-8 inside a JSON string. `false`, with a part of it appended, if it is no UTF-8.
pub(crate) fn escape_utf8(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    // Nearly everything is plain ASCII.
    let plain = run_len::<true>(bytes);
    out.extend_from_slice(&bytes[..plain]);
    let rest = &bytes[plain..];
    if rest.is_empty() {
        return true;
    }
    let valid = std::str::from_utf8(rest).is_ok();
    if valid {
        escape_valid(rest, out);
    }
    valid
}

/// Appends UTF-8, copied in runs between the few bytes that have to be escaped.
fn escape_valid(mut bytes: &[u8], out: &mut Vec<u8>) {
    loop {
        let run = run_len::<false>(bytes);
        out.extend_from_slice(&bytes[..run]);
        let Some(&byte) = bytes.get(run) else { return };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => drop(write!(out, "\\u{byte:04x}")),
        }
        bytes = &bytes[run + 1..];
    }
}

/// Length of the part in front of the first byte that has to be escaped or, if asked for, is not ASCII. Looks at
/// eight bytes at a time.
fn run_len<const ASCII: bool>(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    // The high bit of each byte that is less than `limit`, which is at most 128; bytes after the first such
    // byte may be wrong, but whether there is one is right.
    let less = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGH;
    let mut chunks = bytes.chunks_exact(8);
    let mut len = 0;
    for chunk in &mut chunks {
        let Ok(chunk) = <[u8; 8]>::try_from(chunk) else { break };
        let word = u64::from_le_bytes(chunk);
        let quote = less(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = less(word ^ (ONES * u64::from(b'\\')), 1);
        let foreign = if ASCII { word & HIGH } else { 0 };
        let special = less(word, 0x20) | quote | backslash | foreign;
        if special != 0 {
            // The lowest bit set is that of the first byte, which is right.
            return len + special.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    let rest = chunks.remainder();
    let special = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\') || (ASCII && !byte.is_ascii());
    len + rest.iter().position(special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::json_string;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let mut out = Vec::new();
        json_string(bytes, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn strings_are_escaped() {
        check(b"", r#""""#);
        check(b"plain text, longer than a word", r#""plain text, longer than a word""#);
        check(b"a \"q\" \\ b", r#""a \"q\" \\ b""#);
        check(b"\n\r\t\x08\x0c\x00\x1f\x7f", "\"\\n\\r\\t\\b\\f\\u0000\\u001f\x7f\"");
        check("\u{e4}\u{1f600}".as_bytes(), "\"\u{e4}\u{1f600}\"");
        check(b"a\xff\xe2\x82b", "\"a\u{fffd}\u{fffd}b\"");
    }

    #[test]
    fn every_byte_at_every_place_is_seen() {
        for special in [0u8, 0x1f, b'"', b'\\', 0x80, 0xff] {
            for place in 0..20 {
                for neighbour in [b' ', b'!', b'#', b'[', b']', 0x7f] {
                    let mut bytes = vec![neighbour; 20];
                    bytes[place] = special;
                    assert_eq!(super::run_len::<true>(&bytes), place, "{special} after {neighbour}");
                    let escaped = if special.is_ascii() { place } else { 20 };
                    assert_eq!(super::run_len::<false>(&bytes), escaped, "{special} after {neighbour}");
                }
            }
        }
    }
}
