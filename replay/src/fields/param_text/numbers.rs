//! Numbers of parameters: decoding and text.

use bumpalo::Bump;
use capture::event::{ParamType, PrintFormat};

use crate::fields::text_buf::arena_text;
use crate::fields::time::{Date, NS_PER_SECOND};
use crate::fields::view::is_signed;

/// The number that `bytes` hold; unsigned 64-bit numbers keep their bits. `None` when their count is not that
/// of the type.
pub(in crate::fields) fn decode(ty: ParamType, bytes: &[u8]) -> Option<i64> {
    if ty.fixed_len() != Some(bytes.len()) || bytes.len() > 8 {
        return None;
    }
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let unused_bits = 64 - 8 * bytes.len() as u32;
    let number = u64::from_le_bytes(wide);
    // Shifting up and down again copies the sign.
    let signed = ((number << unused_bits) as i64) >> unused_bits;
    Some(if is_signed(ty) { signed } else { number as i64 })
}

/// A number as the C original prints it, which takes numbers of 32 bits and more as signed unless they are
/// flags.
pub(super) fn text(arena: &Bump, ty: ParamType, format: PrintFormat, number: i64) -> &[u8] {
    use ParamType as T;
    let decimal_only = matches!(
        ty,
        T::Fd
            | T::Pid
            | T::Errno
            | T::SyscallId
            | T::SigType
            | T::RelTime
            | T::Uid
            | T::Gid
            | T::Flags8
            | T::Flags16
            | T::Flags32
            | T::EnumFlags8
            | T::EnumFlags16
            | T::EnumFlags32
    );
    let number =
        if matches!(ty, T::Uint32 | T::Mode | T::Uid | T::Gid) { i64::from(number as i32) } else { number };
    let wide = matches!(ty, T::Int64 | T::Uint64);
    let bits = if wide { number as u64 } else { u64::from(number as u32) };
    match format {
        _ if decimal_only => arena_text!(arena, "{number}"),
        PrintFormat::Hex => arena_text!(arena, "{bits:X}"),
        PrintFormat::Oct if bits == 0 => b"0",
        PrintFormat::Oct => arena_text!(arena, "0{bits:o}"),
        PrintFormat::Padded => arena_text!(arena, "{number:09}"),
        _ => arena_text!(arena, "{number}"),
    }
}

/// Nanoseconds as seconds with six significant digits, such as `0.5s` or `1e-09s`.
pub(super) fn seconds_text(arena: &Bump, ns: u64) -> &[u8] {
    let seconds = ns as f64 / NS_PER_SECOND as f64;
    let scientific = bumpalo::format!(in arena, "{:.5e}", seconds);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return arena_text!(arena, "{}e{sign}{:02}s", without_zeros(mantissa), exponent.abs());
    }
    let fixed = bumpalo::format!(in arena, "{:.*}", (5 - exponent) as usize, seconds);
    arena_text!(arena, "{}s", without_zeros(&fixed))
}

/// Without zeros after the decimal point.
fn without_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// A moment as date and time, which is in UTC although nothing says so.
pub(super) fn date_text(arena: &Bump, ts_ns: u64) -> &[u8] {
    let Date { year, month, day, hour, minute, second, ns } = Date::from_ns(ts_ns);
    arena_text!(arena, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ns:09}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decoded_and_printed() {
        let check = |ty: ParamType, format: PrintFormat, bytes: &[u8], expected: Option<&str>| {
            let arena = Bump::new();
            let found = decode(ty, bytes).map(|number| text(&arena, ty, format, number));
            assert_eq!(found.map(|text| std::str::from_utf8(text).unwrap()), expected, "{ty:?} {bytes:?}");
        };
        check(ParamType::Int8, PrintFormat::Dec, &[0xff], Some("-1"));
        check(ParamType::Int8, PrintFormat::Hex, &[0xff], Some("FFFFFFFF"));
        check(ParamType::Uint8, PrintFormat::Dec, &[0xff], Some("255"));
        check(ParamType::Uint16, PrintFormat::Dec, &[0xff, 0xff], Some("65535"));
        check(ParamType::Uint32, PrintFormat::Dec, &[0xff; 4], Some("-1"));
        check(ParamType::Uint32, PrintFormat::Oct, &[0xb6, 1, 0, 0], Some("0666"));
        check(ParamType::Uint32, PrintFormat::Oct, &[0; 4], Some("0"));
        check(ParamType::Uint64, PrintFormat::Hex, &[0xff; 8], Some("FFFFFFFFFFFFFFFF"));
        check(ParamType::Flags32, PrintFormat::Hex, &[0xff; 4], Some("4294967295"));
        check(ParamType::Uint32, PrintFormat::Dec, &[0; 3], None);
    }

    #[test]
    fn durations_have_six_digits() {
        let check = |ns: u64, expected: &str| {
            assert_eq!(std::str::from_utf8(seconds_text(&Bump::new(), ns)), Ok(expected));
        };
        check(0, "0s");
        check(1, "1e-09s");
        check(100_000, "0.0001s");
        check(500_000_000, "0.5s");
        check(1_000_000_000, "1s");
        check(123_456_789_012, "123.457s");
        check(999_999_500_000_000, "1e+06s");
        check(1_234_567_000_000_000, "1.23457e+06s");
    }
}
