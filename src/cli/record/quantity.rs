//! Times and sizes on the command line.

use std::time::Duration;

use anyhow::{anyhow, bail};
use capture::record::KeepLimits;

/// Memory for a ring of which only the time is given.
const RING_BYTES: u64 = 256 << 20;
/// Less would hold hardly anything.
const RING_BYTES_MIN: u64 = 1 << 20;

/// `1.5s`, `250ms`, `2m`, `1h`; without a unit it is seconds.
pub fn parse_duration(text: &str) -> anyhow::Result<Duration> {
    let (number, unit) = split(text).ok_or_else(|| anyhow!("not a time: {text:?}"))?;
    let seconds = match unit {
        "" | "s" => number,
        "ms" => number / 1e3,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => bail!("unknown unit {unit:?}: use ms, s, m or h"),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| anyhow!("not a time: {text:?}"))
}

/// `64MiB`, `1.5GB`, `100k`; without a unit it is bytes.
pub fn parse_size(text: &str) -> anyhow::Result<u64> {
    let (number, unit) = split(text).ok_or_else(|| anyhow!("not a size: {text:?}"))?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => bail!("unknown unit {unit:?}: use KiB, MiB or GiB"),
    };
    let bytes = number * factor;
    if !(1.0..=1e18).contains(&bytes) {
        bail!("not a size that can be: {text:?}");
    }
    Ok(bytes as u64)
}

/// `30s`, `64MiB`, or both with a comma between them.
pub fn parse_ring(text: &str) -> anyhow::Result<KeepLimits> {
    let (mut duration, mut bytes) = (None, None);
    for part in text.split(',') {
        match (parse_duration(part), parse_size(part)) {
            // A bare number is neither.
            (Ok(time), Err(_)) if duration.is_none() => duration = Some(time),
            (Err(_), Ok(size)) if bytes.is_none() => bytes = Some(size),
            _ => bail!("give a time with its unit, a size with its unit, or both: 30s, 64MiB or 30s,64MiB"),
        }
    }
    let bytes = bytes.unwrap_or(RING_BYTES);
    if bytes < RING_BYTES_MIN {
        bail!("less than 1 MiB holds hardly anything");
    }
    Ok(KeepLimits { duration, bytes: usize::try_from(bytes).unwrap_or(usize::MAX) })
}

/// The size of the kernel's ring in MiB.
pub fn parse_ring_size(text: &str) -> anyhow::Result<u32> {
    let size: u32 = text.parse()?;
    if !size.is_power_of_two() || size > 1024 {
        bail!("must be a power of two, 1024 at most");
    }
    Ok(size)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let check = |text: &str, ms: Option<u128>| {
            assert_eq!(parse_duration(text).ok().map(|time| time.as_millis()), ms, "{text}");
        };
        check("5", Some(5000));
        check("1.5s", Some(1500));
        check("250ms", Some(250));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
        check("", None);
        check("s", None);
        check("3 days", None);
    }

    #[test]
    fn sizes_have_units() {
        let check = |text: &str, size: Option<u64>| assert_eq!(parse_size(text).ok(), size, "{text}");
        check("5", Some(5));
        check("64MiB", Some(64 << 20));
        check("1.5k", Some(1536));
        check("2GB", Some(2_000_000_000));
        check("0", None);
        check("-1", None);
        check("12 apples", None);
        check("99999999999g", None);
    }

    #[test]
    fn a_ring_has_a_time_or_a_size_or_both() {
        let check = |text: &str, expected: Option<(Option<u64>, usize)>| {
            let found = parse_ring(text).ok().map(|l| (l.duration.map(|time| time.as_secs()), l.bytes));
            assert_eq!(found, expected, "{text}");
        };
        check("30s", Some((Some(30), 256 << 20)));
        check("64MiB", Some((None, 64 << 20)));
        check("30s,64MiB", Some((Some(30), 64 << 20)));
        check("2MiB,1h", Some((Some(3600), 2 << 20)));
        // Minutes or MiB?
        check("5m", None);
        check("5min", Some((Some(300), 256 << 20)));
        check("30", None);
        check("1s,2s", None);
        check("10k", None);
        check("", None);
    }
}
