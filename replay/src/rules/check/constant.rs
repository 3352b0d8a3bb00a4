//! Constants, parsed for the type they are compared with.
//!
//! Numbers are read as `scanf` reads them: a sign is allowed even for unsigned types, too many digits saturate at
//! 64 bits, and what then does not fit the type is cut off.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use capture::event::ParamType;
use capture::event::schema::EVENTS;
use capture::event::syscalls::SYSCALLS;
use hashbrown::HashSet;

use super::events::ASYNC_EVENTS;
use super::operand::Typed;
use super::{Problem, pattern, port};
use crate::fields::TypeGroup;
use crate::rules::condition::{ConstantValue, Operator};
use crate::rules::diagnostic::closest;
use crate::rules::syntax::Value;

/// Longest constant. libsinsp keeps them in buffers of 256 bytes.
const LENGTH_LIMIT: usize = 255;

/// Names that `evt.type` can have.
static EVENT_NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let events = EVENTS.iter().map(|event| event.name);
    events.chain(SYSCALLS.iter().map(|syscall| syscall.name)).chain(ASYNC_EVENTS).collect()
});

/// The value as a constant to be compared with `left`.
pub fn parse(left: &Typed, operator: Operator, value: &Value) -> Result<ConstantValue, Problem> {
    let problem = |message: String| Problem::new(message, &value.range);
    let bytes = value.bytes.as_slice();
    if matches!(operator, Operator::BContains | Operator::BStartsWith) {
        let decoded = unhex(bytes).ok_or_else(|| {
            problem("filter error: bcontains and bstartswith operator support hex strings only".to_string())
        })?;
        if decoded.len() > LENGTH_LIMIT {
            return Err(problem("filter parameter too long (byte buf)".to_string()));
        }
        return Ok(ConstantValue::Bytes(decoded.into()));
    }
    if left.ty == ParamType::ByteBuf {
        if bytes.len() > LENGTH_LIMIT {
            return Err(problem("filter parameter too long (byte buf)".to_string()));
        }
        return Ok(ConstantValue::Bytes(bytes.into()));
    }
    if bytes.contains(&0) {
        return Err(problem("filter error: filter value cannot contain a NUL byte (\\x00)".to_string()));
    }
    let parsed = typed(left.ty, bytes).map_err(|message| problem(message).help(expected(left)))?;
    if left.name == "evt.type" {
        check_event_name(value)?;
    }
    if operator == Operator::Regex {
        pattern::check(bytes).map_err(|reason| problem(format!("invalid regex pattern: {reason}")))?;
    }
    Ok(parsed)
}

/// Every constant compared with `evt.type` must be a name it can have, even one to be contained in it or in a
/// function of it.
fn check_event_name(value: &Value) -> Result<(), Problem> {
    let text = String::from_utf8_lossy(&value.bytes);
    if EVENT_NAMES.contains(&*text) {
        return Ok(());
    }
    let close = closest(&text, EVENT_NAMES.iter().copied());
    Err(Problem::new(format!("unknown event type {text}"), &value.range)
        .help(close.map(|close| format!("did you mean `{close}`?"))))
}

/// What a constant for this has to be.
fn expected(left: &Typed) -> Option<String> {
    let wanted = match left.ty {
        ParamType::Port => "a port: a number, or the name of a common service such as https",
        ParamType::Bool => "true or false",
        ParamType::IpAddr => "an address such as 10.0.0.1 or ::1",
        ParamType::IpNet => "a network such as 10.0.0.0/8",
        ty if TypeGroup::of(ty) == TypeGroup::Number => "a whole number",
        _ => return None,
    };
    Some(format!("`{}` is compared with {wanted}", left.name))
}

fn typed(ty: ParamType, bytes: &[u8]) -> Result<ConstantValue, String> {
    use ParamType as T;
    if matches!(ty, T::CharBuf | T::FsPath | T::FsRelPath) && bytes.len() <= LENGTH_LIMIT {
        return Ok(ConstantValue::Bytes(bytes.into()));
    }
    let text = String::from_utf8_lossy(bytes);
    let signed = |bits: u32| {
        let number = parse_i64(&text).ok_or_else(|| format!("{text} is not a valid number"))?;
        Ok(ConstantValue::I64(number << (64 - bits) >> (64 - bits)))
    };
    let unsigned = |bits: u32| {
        let number = parse_u64(&text).ok_or_else(|| format!("{text} is not a valid number"))?;
        Ok(ConstantValue::U64(number << (64 - bits) >> (64 - bits)))
    };
    match ty {
        T::Int8 => signed(8),
        T::Int16 => signed(16),
        T::Int32 | T::Fd32 | T::Pid32 => signed(32),
        T::Int64 | T::Fd | T::Errno | T::Pid => signed(64),
        T::Uint8 | T::L4Proto | T::Flags8 | T::EnumFlags8 => unsigned(8),
        T::Uint16 | T::Flags16 | T::EnumFlags16 => unsigned(16),
        T::Uint32 | T::Flags32 | T::EnumFlags32 | T::Mode | T::Uid | T::Gid => unsigned(32),
        T::Uint64 | T::RelTime | T::AbsTime => unsigned(64),
        T::Port => port::parse(&text).map(|port| ConstantValue::U64(port.into())),
        T::Double => match signed(32)? {
            ConstantValue::I64(number) => Ok(ConstantValue::F64(number as f64)),
            other => Ok(other),
        },
        T::Bool => match &*text {
            "true" => Ok(ConstantValue::Bool(true)),
            "false" => Ok(ConstantValue::Bool(false)),
            _ => Err(format!("filter error: unrecognized boolean value {text}")),
        },
        T::IpAddr | T::Ipv4Addr | T::Ipv6Addr => address(&text).map(ConstantValue::Ip),
        T::IpNet | T::Ipv4Net | T::Ipv6Net => network(&text),
        T::CharBuf | T::FsPath | T::FsRelPath => {
            Err(format!("filter parameter too long (used={}, available=256):{text}", bytes.len() + 1))
        }
        _ => Err(format!("wrong parameter type {}", ty as u8)),
    }
}

/// An address with a point in it is of version 4.
fn address(text: &str) -> Result<IpAddr, String> {
    if text.contains('.') {
        let address: Result<Ipv4Addr, _> = text.parse();
        address.map(IpAddr::V4).map_err(|_| format!("unrecognized IPv4 address {text}"))
    } else {
        let address: Result<Ipv6Addr, _> = text.parse();
        address.map(IpAddr::V6).map_err(|_| format!("unrecognized IPv6 address {text}"))
    }
}

fn network(text: &str) -> Result<ConstantValue, String> {
    let Some((ip, mask)) = text.split_once('/') else {
        return Err(format!("unrecognized IP network {text}"));
    };
    let ip = address(ip).map_err(|_| format!("unrecognized IP address {text}"))?;
    let bits = parse_u64(mask).ok_or_else(|| format!("{mask} is not a valid number"))? as u8;
    let most = if ip.is_ipv4() { 32 } else { 128 };
    if bits > most {
        return Err(format!("invalid netmask {mask}"));
    }
    Ok(ConstantValue::Net(ip, bits))
}

/// Like `scanf("%llu")` on the whole text: a minus wraps around.
pub fn parse_u64(text: &str) -> Option<u64> {
    let (negative, digits) = number_parts(text)?;
    match digits.parse::<u64>() {
        Ok(number) if negative => Some(number.wrapping_neg()),
        Ok(number) => Some(number),
        Err(_) => Some(u64::MAX),
    }
}

/// Like `scanf("%lld")` on the whole text.
fn parse_i64(text: &str) -> Option<i64> {
    let (negative, digits) = number_parts(text)?;
    let number = digits.parse::<u64>().unwrap_or(u64::MAX);
    if negative {
        Some(0i64.checked_sub_unsigned(number).unwrap_or(i64::MIN))
    } else {
        Some(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

fn number_parts(text: &str) -> Option<(bool, &str)> {
    let text = text.trim_start();
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some((negative, digits))
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    text.chunks_exact(2).map(|pair| Some(digit(&pair[0])? << 4 | digit(&pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_scanf_does() {
        assert_eq!(parse_u64("+5"), Some(5));
        assert_eq!(parse_u64("-1"), Some(u64::MAX));
        assert_eq!(parse_u64("99999999999999999999"), Some(u64::MAX));
        assert_eq!(parse_u64("1.0"), None);
        assert_eq!(parse_u64("0x10"), None);
        assert_eq!(parse_u64(""), None);
        assert_eq!(parse_i64("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse_i64("-99999999999999999999"), Some(i64::MIN));
        assert_eq!(typed(ParamType::Uint8, b"256"), Ok(ConstantValue::U64(0)));
        assert_eq!(typed(ParamType::Int32, b"4294967295"), Ok(ConstantValue::I64(-1)));
    }

    #[test]
    fn addresses_and_networks() {
        let net = typed(ParamType::IpNet, b"10.0.0.0/8");
        assert_eq!(net, Ok(ConstantValue::Net(Ipv4Addr::new(10, 0, 0, 0).into(), 8)));
        assert!(typed(ParamType::IpNet, b"10.0.0.0").is_err());
        assert!(typed(ParamType::IpNet, b"10.0.0.0/33").is_err());
        assert!(typed(ParamType::IpAddr, b"1.2.3").is_err());
        assert_eq!(typed(ParamType::IpAddr, b"::1"), Ok(ConstantValue::Ip(Ipv6Addr::LOCALHOST.into())));
        assert!(typed(ParamType::IpAddr, b"::ffff:1.2.3.4").is_err());
    }
}
