//! Dates of timestamps. Always UTC: alerts must not depend on the machine that replays.

/// Nanoseconds of a second.
pub(super) const NS_PER_SECOND: u64 = 1_000_000_000;

/// A moment of the calendar.
pub(super) struct Date {
    pub year: u64,
    pub month: u64,
    pub day: u64,
    pub hour: u64,
    pub minute: u64,
    pub second: u64,
    pub ns: u64,
}

impl Date {
    /// The date of a timestamp, nanoseconds since the epoch.
    pub fn from_ns(ts_ns: u64) -> Self {
        let seconds = ts_ns / NS_PER_SECOND;
        let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
        // Counting years from March puts the leap day last (the "civil from days" method). Times since the
        // epoch are never negative, and eras of 400 years have 146097 days.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Date {
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            hour: second_of_day / 3600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
            ns: ts_ns % NS_PER_SECOND,
        }
    }
}

/// The text of a moment, `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn`. Moving it within the same second only writes the
/// nanoseconds anew, as most events of a capture want it.
#[derive(Clone, Debug)]
pub(crate) struct DateText {
    second: u64,
    text: [u8; DATE_TEXT_LEN],
}

/// Length of a [`DateText`].
pub(crate) const DATE_TEXT_LEN: usize = 29;
/// Where the time of day starts in it.
pub(crate) const TIME_AT: usize = 11;
/// Where whole seconds end in it.
pub(crate) const SECONDS_END: usize = 19;

impl DateText {
    /// The text of a timestamp, nanoseconds since the epoch.
    pub fn new(ts_ns: u64) -> Self {
        let mut date = DateText { second: ts_ns / NS_PER_SECOND, text: *b"0000-00-00T00:00:00.000000000" };
        date.write_second();
        date.write_ns(ts_ns);
        date
    }

    /// The text itself.
    pub fn into_bytes(self) -> [u8; DATE_TEXT_LEN] {
        self.text
    }

    /// The text of another timestamp.
    pub fn at(&mut self, ts_ns: u64) -> &[u8; DATE_TEXT_LEN] {
        let second = ts_ns / NS_PER_SECOND;
        if second != self.second {
            self.second = second;
            self.write_second();
        }
        self.write_ns(ts_ns);
        &self.text
    }

    fn write_second(&mut self) {
        let Date { year, month, day, hour, minute, second, .. } = Date::from_ns(self.second * NS_PER_SECOND);
        let parts =
            [(year, 0..4), (month, 5..7), (day, 8..10), (hour, 11..13), (minute, 14..16), (second, 17..19)];
        for (value, place) in parts {
            write_digits(value, &mut self.text[place]);
        }
    }

    fn write_ns(&mut self, ts_ns: u64) {
        write_digits(ts_ns % NS_PER_SECOND, &mut self.text[SECONDS_END + 1..]);
    }
}

/// Writes the last digits of a number, as many as there is room for.
fn write_digits(mut number: u64, place: &mut [u8]) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_dates() {
        let check = |seconds: u64, expected: &str| {
            let Date { year, month, day, hour, minute, second, ns } =
                Date::from_ns(seconds * NS_PER_SECOND + 7);
            assert_eq!(format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"), expected);
            assert_eq!(ns, 7);
        };
        check(0, "1970-01-01 00:00:00");
        check(951_782_400, "2000-02-29 00:00:00");
        check(951_868_799, "2000-02-29 23:59:59");
        check(1_470_327_475, "2016-08-04 16:17:55");
        check(4_102_444_799, "2099-12-31 23:59:59");
        check(18_446_744_072, "2554-07-21 23:34:32");
    }

    #[test]
    fn texts_of_timestamps() {
        let mut date = DateText::new(u64::MAX);
        assert_eq!(date.text, *b"2554-07-21T23:34:33.709551615");
        for (ts_ns, expected) in [
            (0, "1970-01-01T00:00:00.000000000"),
            (1_795_229_923_259_218_806, "2026-11-21T02:58:43.259218806"),
            (1_795_229_923_000_000_001, "2026-11-21T02:58:43.000000001"),
            (1_795_229_924_000_000_001, "2026-11-21T02:58:44.000000001"),
            (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001"),
            (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999999"),
        ] {
            assert_eq!(date.at(ts_ns), expected.as_bytes());
            assert_eq!(DateText::new(ts_ns).text, expected.as_bytes());
        }
    }
}
