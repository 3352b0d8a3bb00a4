//! Where ticks stand, and what they say.

use crate::units;

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Count,
    Nanoseconds,
}

impl Unit {
    /// A value of an axis.
    pub fn tick(self, value: f64) -> String {
        match self {
            Unit::Count => units::count(value.round() as u64),
            Unit::Nanoseconds => units::round_duration(value),
        }
    }

    /// A value of the data.
    pub fn value(self, value: f64) -> String {
        match self {
            Unit::Count => units::count(value.round() as u64),
            Unit::Nanoseconds => units::duration(value.round() as u64),
        }
    }
}

/// From 0 over round values to one that is not smaller than `max`.
pub fn linear(max: f64) -> Vec<f64> {
    let rough = max / 6.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power).max(1.0);
    let count = (max / step).ceil().clamp(1.0, 10.0) as u32;
    (0..=count).map(|i| f64::from(i) * step).collect()
}

/// Powers of ten from one that is not larger than `min` to one that is not smaller than `max`.
pub fn decades(min: f64, max: f64) -> Vec<f64> {
    let (from, to) = (min.max(1.0).log10().floor() as i32, max.max(1.0).log10().ceil() as i32);
    (from..=to.max(from + 1)).map(|power| 10f64.powi(power)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach() {
        assert_eq!(linear(1.0), [0.0, 1.0]);
        assert_eq!(linear(55.0), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!(linear(1_000_000.0).last(), Some(&1_000_000.0));
        assert_eq!(decades(30.0, 4e5), [1e1, 1e2, 1e3, 1e4, 1e5, 1e6]);
        assert_eq!(decades(0.0, 0.0), [1.0, 10.0]);
    }
}
