//! Numbers as people read them. The one place where units are chosen.

/// Thousands apart: `1,234,567`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and what is counted: `1 replay`, `2,000 replays`.
pub fn counted(value: u64, one: &str) -> String {
    format!("{} {one}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A time with three to four significant digits: `87 ns`, `1.234 ms`, `12.34 s`.
pub fn duration(ns: u64) -> String {
    let (value, unit) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => (ns as f64 / 1e3, "µs"),
        1_000_000..1_000_000_000 => (ns as f64 / 1e6, "ms"),
        _ => (ns as f64 / 1e9, "s"),
    };
    format!("{} {unit}", significant(value))
}

/// Four digits of a value from 1 to 1000.
fn significant(value: f64) -> String {
    // The limits are where rounding adds a digit.
    let decimals = match value {
        v if v < 9.9995 => 3,
        v if v < 99.995 => 2,
        v if v < 999.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// A round time, for an axis: `0`, `50 ns`, `2.5 ms`, `10 s`.
pub fn round_duration(ns: f64) -> String {
    let (value, unit) = match ns {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    // Three decimals at most, and none that says nothing.
    let digits = format!("{value:.3}");
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    if ns == 0.0 { "0".to_owned() } else { format!("{digits} {unit}") }
}

/// Cost units with three to four significant digits: `870`, `12.35 k`, `1.234 M`.
pub fn cost(units: u64) -> String {
    let (value, unit) = match units {
        0..10_000 => return count(units),
        10_000..1_000_000 => (units as f64 / 1e3, "k"),
        1_000_000..1_000_000_000 => (units as f64 / 1e6, "M"),
        _ => (units as f64 / 1e9, "G"),
    };
    format!("{} {unit}", significant(value))
}

/// Nanoseconds of one of many: `87`, `3.2`, `12,345`.
pub fn nanoseconds(ns: f64) -> String {
    if ns < 10.0 { format!("{ns:.1}") } else { count(ns.round() as u64) }
}

/// A share of a whole in percent: `12.3`, `0.04`; `0` only for nothing at all.
pub fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0".to_owned();
    }
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        p if p >= 0.995 => format!("{p:.1}"),
        p if p >= 0.01 => format!("{p:.2}"),
        _ => "<0.01".to_owned(),
    }
}

/// Bytes: `512 B`, `1.2 MiB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        let durations = [0, 999, 1000, 12_345, 999_999, 1_000_000, 123_456_789, 12_345_678_901];
        assert_eq!(
            durations.map(duration),
            ["0 ns", "999 ns", "1.000 µs", "12.35 µs", "1000 µs", "1.000 ms", "123.5 ms", "12.35 s"]
        );
        assert_eq!(
            [0.0, 50.0, 2.5e6, 1e10, 999.9996e3].map(round_duration),
            ["0", "50 ns", "2.5 ms", "10 s", "1000 µs"]
        );
        assert_eq!(
            [870, 12_345, 1_234_567, 98_765_432_100].map(cost),
            ["870", "12.35 k", "1.235 M", "98.77 G"]
        );
        assert_eq!([3.21, 86.6, 12_345.4].map(nanoseconds), ["3.2", "87", "12,345"]);
        let shares = [(0, 5), (1, 3), (1, 1000), (1, 1_000_000), (5, 5), (1, 0)];
        assert_eq!(
            shares.map(|(part, whole)| percent(part, whole)),
            ["0", "33.3", "0.10", "<0.01", "100.0", "0"]
        );
        assert_eq!([5, 2048, 5_000_000].map(bytes), ["5 B", "2.0 KiB", "4.8 MiB"]);
    }
}
