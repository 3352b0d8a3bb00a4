//! Functions of values: `tolower(...)`, `b64(...)`, `join(...)` and so on. Results live in the event's arena.

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

use crate::fields::Value;
use crate::rules::condition::Transform;

/// The transform of `args`; absent when an argument is, or when it cannot be transformed.
pub(crate) fn apply<'a>(
    transform: Transform,
    args: &[Value<'a>],
    selector: Option<&[u8]>,
    arena: &'a Bump,
) -> Value<'a> {
    if args.iter().any(|arg| !arg.is_present()) {
        return Value::Absent;
    }
    match (transform, args) {
        (Transform::ToLower, [value]) => map(*value, |text| copy_with(text, arena, u8::to_ascii_lowercase)),
        (Transform::ToUpper, [value]) => map(*value, |text| copy_with(text, arena, u8::to_ascii_uppercase)),
        (Transform::Basename, [value]) => map(*value, |text| {
            let start = memchr::memrchr(b'/', text).map_or(0, |slash| slash + 1);
            Value::Bytes(&text[start..])
        }),
        (Transform::B64, [value]) => map(*value, |text| decode_base64(text, arena)),
        (Transform::Len, [Value::List(list)]) => Value::U64(list.len() as u64),
        (Transform::Len, [Value::Bytes(text)]) => Value::U64(text.len() as u64),
        (Transform::Val, [value]) => *value,
        (Transform::Join, [Value::Bytes(separator), Value::List(list)]) => join(separator, list, arena),
        (Transform::Concat, args) => join(b"", args, arena),
        (Transform::Getopt, [Value::List(list), Value::Bytes(options)]) => {
            getopt(list, options, selector.and_then(|selector| selector.first().copied()), arena)
        }
        _ => Value::Absent,
    }
}

fn map<'a>(value: Value<'a>, of_text: impl FnOnce(&'a [u8]) -> Value<'a>) -> Value<'a> {
    match value {
        Value::Bytes(text) => of_text(text),
        _ => Value::Absent,
    }
}

fn copy_with<'a>(text: &[u8], arena: &'a Bump, change: impl Fn(&u8) -> u8) -> Value<'a> {
    Value::Bytes(arena.alloc_slice_fill_iter(text.iter().map(change)))
}

/// The elements that are text, with `separator` between them.
fn join<'a>(separator: &[u8], list: &[Value<'a>], arena: &'a Bump) -> Value<'a> {
    let mut out = BumpVec::new_in(arena);
    for (index, value) in list.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice_copy(separator);
        }
        if let Value::Bytes(text) = value {
            out.extend_from_slice_copy(text);
        }
    }
    Value::Bytes(out.into_bump_slice())
}

/// Standard alphabet. Padding is optional, anything else that is odd makes it absent, unused bits included.
fn decode_base64<'a>(text: &[u8], arena: &'a Bump) -> Value<'a> {
    if text.is_empty() {
        return Value::Bytes(b"");
    }
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let digits = &text[..text.len() - padding];
    if digits.is_empty() || digits.len() % 4 == 1 {
        return Value::Absent;
    }
    let mut out = BumpVec::with_capacity_in(digits.len() / 4 * 3 + 2, arena);
    let (mut bits, mut bit_count) = (0u32, 0u32);
    for byte in digits {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Value::Absent,
        };
        bits = (bits << 6 | u32::from(digit)) & 0xffff;
        bit_count += 6;
        if bit_count >= 8 {
            bit_count -= 8;
            out.push((bits >> bit_count) as u8);
        }
    }
    if bits & ((1 << bit_count) - 1) != 0 {
        return Value::Absent;
    }
    Value::Bytes(out.into_bump_slice())
}

/// Short options of an argument list by `getopt(3)`'s rules. With a selector the last argument of that option,
/// or its letter if it takes none; without, letters and arguments in order.
fn getopt<'a>(list: &[Value<'a>], options: &[u8], selector: Option<u8>, arena: &'a Bump) -> Value<'a> {
    let mut found = BumpVec::new_in(arena);
    let mut selected = None;
    let mut args = list.iter().map_while(|value| match value {
        Value::Bytes(text) => Some(*text),
        _ => None,
    });
    while let Some(arg) = args.next() {
        match arg {
            b"--" => break,
            // A long option.
            [b'-', b'-', ..] => continue,
            [b'-', _, ..] => {}
            _ => break,
        }
        for (index, &letter) in arg.iter().enumerate().skip(1) {
            let known = options.iter().position(|option| *option == letter).filter(|_| letter != b':');
            let Some(position) = known else {
                if selector.is_none() {
                    found.push(Value::Bytes(b"?"));
                }
                continue;
            };
            let wanted = selector.is_none_or(|selector| selector == letter);
            let name = &arg[index..=index];
            if options.get(position + 1) != Some(&b':') {
                if wanted {
                    found.push(Value::Bytes(name));
                    selected = Some(name);
                }
                continue;
            }
            let argument = if index + 1 < arg.len() { Some(&arg[index + 1..]) } else { args.next() };
            if wanted {
                match argument {
                    Some(argument) => found.extend([Value::Bytes(name), Value::Bytes(argument)]),
                    None => found.push(Value::Bytes(b"")),
                }
                selected = Some(argument.unwrap_or(b""));
            }
            break;
        }
    }
    match selector {
        Some(_) => selected.map_or(Value::Absent, Value::Bytes),
        None => Value::List(found.into_bump_slice()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(transform: Transform, args: &[Value<'_>], selector: Option<&[u8]>, expected: Value<'_>) {
        let arena = Bump::new();
        assert_eq!(apply(transform, args, selector, &arena), expected, "{transform:?} {args:?}");
    }

    const fn text(text: &str) -> Value<'_> {
        Value::Bytes(text.as_bytes())
    }

    #[test]
    fn of_one_value() {
        check(Transform::ToLower, &[text("AbC\u{c4}")], None, text("abc\u{c4}"));
        check(Transform::ToUpper, &[text("aB1")], None, text("AB1"));
        check(Transform::Basename, &[text("/a/b")], None, text("b"));
        check(Transform::Basename, &[text("/a/")], None, text(""));
        check(Transform::Basename, &[text("a")], None, text("a"));
        check(Transform::Len, &[text("abc")], None, Value::U64(3));
        check(Transform::Len, &[Value::List(&[text("a"), text("b")])], None, Value::U64(2));
        check(Transform::Len, &[Value::Absent], None, Value::Absent);
        for (input, expected) in [
            ("aGVsbG8=", Some("hello")),
            ("aGVsbG8", Some("hello")),
            ("aGk=", Some("hi")),
            ("aGl=", None),
            ("a", None),
            ("a$==", None),
            ("", Some("")),
            ("==", None),
        ] {
            check(Transform::B64, &[text(input)], None, expected.map_or(Value::Absent, text));
        }
    }

    #[test]
    fn of_several_values() {
        check(Transform::Join, &[text("->"), Value::List(&[text("a"), text("b")])], None, text("a->b"));
        check(Transform::Join, &[text("->"), Value::List(&[])], None, text(""));
        check(Transform::Concat, &[text("a"), text("b"), text("c")], None, text("abc"));
        check(Transform::Concat, &[text("a"), Value::Absent], None, Value::Absent);
        let args = ["-ab", "one", "-c", "--long", "-btwo", "rest", "-c"].map(text);
        let list = Value::List(&args);
        check(Transform::Getopt, &[list, text("ab:c")], Some(b"b"), text("two"));
        check(Transform::Getopt, &[list, text("ab:c")], Some(b"a"), text("a"));
        check(Transform::Getopt, &[list, text("ab:c")], Some(b"d"), Value::Absent);
        let all = ["a", "b", "one", "c", "b", "two"].map(text);
        check(Transform::Getopt, &[list, text("ab:c")], None, Value::List(&all));
        check(Transform::Getopt, &[Value::List(&[text("-x")]), text("a")], None, Value::List(&[text("?")]));
        check(Transform::Getopt, &[Value::List(&[text("-a")]), text("a:")], Some(b"a"), text(""));
    }
}
