//! Numbers, times and recorded text for people.

/// `1234567` as `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things.
pub fn amount(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Bytes with a binary unit.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{number} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A duration with the unit that suits it.
pub fn duration(ns: u64) -> String {
    const SECOND: u64 = 1_000_000_000;
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => format!("{:.1} us", ns as f64 / 1e3),
        1_000_000..SECOND => format!("{:.1} ms", ns as f64 / 1e6),
        _ if ns < 120 * SECOND => format!("{:.2} s", ns as f64 / 1e9),
        _ => {
            let seconds = ns / SECOND;
            format!("{}h {:02}m {:02}s", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }
    }
}

/// Nanoseconds since the epoch as a date and time in UTC.
pub fn utc(ts_ns: u64) -> String {
    let (seconds, ns) = (ts_ns / 1_000_000_000, ts_ns % 1_000_000_000);
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ns:09} UTC")
}

/// Year, month and day of a day since the epoch, in the Gregorian calendar. Years start in March here, so that
/// the leap day is the last one.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    // Days from 1 March 0000 to 1 January 1970.
    let days = days + 719_468;
    let era = days / DAYS_OF_400_YEARS;
    let day_of_era = days % DAYS_OF_400_YEARS;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// Recorded text with everything escaped that could act on a terminal.
pub fn printable(text: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|c| {
            if c.is_control() || is_invisible(c) {
                shown.extend(c.escape_unicode());
            } else {
                shown.push(c);
            }
        });
        chunk.invalid().iter().for_each(|byte| shown.push_str(&format!("\\x{byte:02x}")));
    }
    shown
}

/// Characters that change how their neighbours are shown: direction marks, joiners, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_separators_and_units() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1_023, 1_536, 3 << 30].map(bytes), ["0 B", "1023 B", "1.5 KiB", "3.0 GiB"]);
        assert_eq!([0, 1, 1_000].map(|n| amount(n, "fd", "fds")), ["0 fds", "1 fd", "1,000 fds"]);
        assert_eq!(duration(1_500), "1.5 us");
        assert_eq!(duration(3_723_000_000_000), "1h 02m 03s");
    }

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00:00.000000000 UTC");
        assert_eq!(utc(951_827_696_000_000_001), "2000-02-29 12:34:56.000000001 UTC");
        assert_eq!(utc(1_795_229_922_272_815_047), "2026-11-21 02:58:42.272815047 UTC");
    }

    #[test]
    fn recorded_text_cannot_act_on_the_terminal() {
        assert_eq!(printable(b"a\x1b[31m\n\xff\xc3\xa9"), "a\\u{1b}[31m\\u{a}\\xffé");
        assert_eq!(printable("\u{202e}x".as_bytes()), "\\u{202e}x");
    }
}
