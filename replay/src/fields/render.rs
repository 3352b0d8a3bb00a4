//! Text of values, as `%field` prints it.

use std::io::Write;

use capture::event::{ParamType, PrintFormat};

use super::{FieldArg, FieldId, Value, value_type_and_format};
use crate::context::EventContext;

/// Longest text of a list or buffer, in bytes; what is beyond it is cut, as in Falco.
const TEXT_LEN_MAX: usize = 1023;

/// Appends the text of a field for an event. `false`, and nothing appended, when it has no value or none that
/// can be printed.
pub fn render(cx: &EventContext<'_>, id: FieldId, arg: &FieldArg, out: &mut Vec<u8>) -> bool {
    let (ty, format) = printed_type(cx, id, arg);
    render_value(&id.def().printed_value(cx, arg), ty, format, out)
}

/// Type and format of a printed value: of `evt.rawarg` those of the event's own parameter.
pub(crate) fn printed_type(cx: &EventContext<'_>, id: FieldId, arg: &FieldArg) -> (ParamType, PrintFormat) {
    let own = match (id.def().ty, arg) {
        (ParamType::Dyn, FieldArg::Key(name)) => cx.param_index(name),
        _ => None,
    };
    match own.and_then(|index| cx.event.ty.info().params.get(index)) {
        Some(param) => (param.ty, param.format),
        None => value_type_and_format(id, arg),
    }
}

/// Appends the text of a value of type `ty`. `false`, and nothing appended, when there is none.
pub fn render_value(value: &Value<'_>, ty: ParamType, format: PrintFormat, out: &mut Vec<u8>) -> bool {
    match *value {
        Value::Absent => return false,
        Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Value::I64(number) => return render_signed(number, ty, format, out),
        Value::U64(number) => return render_unsigned(number, format, out),
        // Writing to a vector cannot fail.
        Value::F64(number) => drop(write!(out, "{number:.1}")),
        Value::Bytes(bytes) if ty == ParamType::ByteBuf => {
            let cut = &bytes[..bytes.len().min(TEXT_LEN_MAX)];
            out.extend(cut.iter().map(|&byte| printable(byte)));
        }
        Value::Bytes(bytes) => out.extend_from_slice(bytes),
        // Falco has no text for networks, and fields like fd.cnet have the type of one.
        Value::Net(..) => out.extend_from_slice(b"<IPNET>"),
        Value::Ip(_) if ty == ParamType::IpNet => out.extend_from_slice(b"<IPNET>"),
        Value::Ip(ip) => drop(write!(out, "{ip}")),
        Value::List(items) => {
            let start = out.len();
            out.push(b'(');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                render_value(item, ty, format, out);
            }
            out.push(b')');
            out.truncate(start + TEXT_LEN_MAX);
        }
    }
    true
}

/// The byte, or a dot if it is not printable ASCII.
pub(super) fn printable(byte: u8) -> u8 {
    if matches!(byte, b' '..=b'~') { byte } else { b'.' }
}

/// Appends a number in decimal; formatting through `fmt` takes several times as long.
pub(crate) fn write_decimal(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends a number in decimal, with its sign if it is negative.
pub(super) fn write_signed(number: i64, out: &mut Vec<u8>) {
    if number < 0 {
        out.push(b'-');
    }
    write_decimal(number.unsigned_abs(), out);
}

fn render_signed(number: i64, ty: ParamType, format: PrintFormat, out: &mut Vec<u8>) -> bool {
    // Hexadecimal and octal show the bits of the type's own width.
    let bits = match ty {
        ParamType::Int8 => u64::from(number as u8),
        ParamType::Int16 => u64::from(number as u16),
        ParamType::Int32 => u64::from(number as u32),
        _ => number as u64,
    };
    match format {
        PrintFormat::Dec | PrintFormat::Id => write_signed(number, out),
        PrintFormat::Padded => drop(write!(out, "{number:09}")),
        PrintFormat::Hex => drop(write!(out, "{bits:X}")),
        PrintFormat::Oct => drop(write!(out, "{bits:o}")),
        // Only wide types have a default.
        _ if matches!(ty, ParamType::Int8 | ParamType::Int16 | ParamType::Int32) => return false,
        PrintFormat::Na | PrintFormat::Dir => drop(write!(out, "{number}")),
    }
    true
}

fn render_unsigned(number: u64, format: PrintFormat, out: &mut Vec<u8>) -> bool {
    match format {
        PrintFormat::Dec | PrintFormat::Id => write_decimal(number, out),
        PrintFormat::Padded => drop(write!(out, "{number:09}")),
        PrintFormat::Hex => drop(write!(out, "{number:X}")),
        PrintFormat::Oct => drop(write!(out, "{number:o}")),
        PrintFormat::Na | PrintFormat::Dir => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::write_signed;

    #[test]
    fn numbers_in_decimal() {
        for number in [0, 1, -1, 9, 10, 99, 100, 1_234_567_890, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            write_signed(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }
}
