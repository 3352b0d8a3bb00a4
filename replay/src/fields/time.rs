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
}
