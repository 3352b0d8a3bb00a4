//! Latencies: sums, extremes and a histogram.

use serde::{Deserialize, Serialize};

use crate::histogram::{Histogram, bucket_of, upper_bound};

/// Times of many evaluations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Latency {
    /// Of those that were timed.
    pub count: u64,
    /// Of all, timed or not.
    pub total_ns: u64,
    /// The shortest and the longest, exactly; 0 without evaluations.
    pub min_ns: u64,
    pub max_ns: u64,
    /// Smallest value and count of every log-linear bucket that is not empty, ascending.
    buckets: Vec<(u64, u64)>,
}

impl Latency {
    /// From a histogram and the sum of the same values.
    pub fn new(histogram: &Histogram, total_ns: u64) -> Self {
        Latency {
            count: histogram.count(),
            total_ns,
            min_ns: histogram.min(),
            max_ns: histogram.max(),
            buckets: histogram.buckets().collect(),
        }
    }

    /// The value below which a share `quantile` (0 to 1) of the evaluations lies, at most 3 % too large. `None`
    /// without evaluations.
    pub fn quantile_ns(&self, quantile: f64) -> Option<u64> {
        let counted: u64 = self.buckets.iter().map(|(_, count)| count).sum();
        let rank = ((quantile * counted as f64).ceil() as u64).clamp(1, counted.max(1));
        let mut seen = 0;
        for (low, count) in &self.buckets {
            seen += count;
            if seen >= rank {
                return Some(upper_bound(bucket_of(*low)).clamp(self.min_ns, self.max_ns));
            }
        }
        None
    }

    /// Smallest value and count of every bucket that is not empty, ascending.
    pub fn buckets(&self) -> &[(u64, u64)] {
        &self.buckets
    }

    /// Both together.
    pub fn merged(&self, other: &Latency) -> Latency {
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { other.clone() } else { self.clone() };
        }
        let (mut left, mut right) = (self.buckets.iter().peekable(), other.buckets.iter().peekable());
        let mut buckets = Vec::with_capacity(self.buckets.len().max(other.buckets.len()));
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.0.cmp(&b.0) {
                std::cmp::Ordering::Less => buckets.extend(left.next().copied()),
                std::cmp::Ordering::Greater => buckets.extend(right.next().copied()),
                std::cmp::Ordering::Equal => {
                    buckets.push((a.0, a.1 + b.1));
                    left.next();
                    right.next();
                }
            }
        }
        buckets.extend(left.chain(right).copied());
        Latency {
            count: self.count + other.count,
            total_ns: self.total_ns + other.total_ns,
            min_ns: self.min_ns.min(other.min_ns),
            max_ns: self.max_ns.max(other.max_ns),
            buckets,
        }
    }
}

/// What is written: the percentiles too, for readers that are not this program. They are not read back.
#[derive(Serialize, Deserialize)]
struct Stored {
    count: u64,
    total_ns: u64,
    min_ns: u64,
    #[serde(skip_deserializing)]
    p50_ns: u64,
    #[serde(skip_deserializing)]
    p90_ns: u64,
    #[serde(skip_deserializing)]
    p99_ns: u64,
    #[serde(skip_deserializing)]
    p999_ns: u64,
    max_ns: u64,
    buckets: Vec<(u64, u64)>,
}

impl From<Latency> for Stored {
    fn from(latency: Latency) -> Self {
        let quantile = |q| latency.quantile_ns(q).unwrap_or(0);
        Stored {
            count: latency.count,
            total_ns: latency.total_ns,
            min_ns: latency.min_ns,
            p50_ns: quantile(0.5),
            p90_ns: quantile(0.9),
            p99_ns: quantile(0.99),
            p999_ns: quantile(0.999),
            max_ns: latency.max_ns,
            buckets: latency.buckets,
        }
    }
}

impl From<Stored> for Latency {
    fn from(stored: Stored) -> Self {
        Latency {
            count: stored.count,
            total_ns: stored.total_ns,
            min_ns: stored.min_ns,
            max_ns: stored.max_ns,
            buckets: stored.buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn latency(values: &[u64]) -> Latency {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.record(*value));
        Latency::new(&histogram, values.iter().sum())
    }

    #[test]
    fn quantiles_of_few_values() {
        let three = latency(&[10, 20, 30]);
        assert_eq!(three.quantile_ns(0.0), Some(10));
        assert_eq!(three.quantile_ns(0.5), Some(20));
        assert_eq!(three.quantile_ns(1.0), Some(30));
        assert_eq!(latency(&[]).quantile_ns(0.5), None);
        assert_eq!(latency(&[1_000_003]).quantile_ns(0.5), Some(1_000_003));
    }

    proptest! {
        #[test]
        fn quantiles_are_close_to_the_true_ones(
            mut values in proptest::collection::vec(0u64..1 << 40, 1..200),
            quantile in 0.0f64..1.0,
        ) {
            let found = latency(&values).quantile_ns(quantile).unwrap();
            values.sort_unstable();
            let rank = ((quantile * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1];
            prop_assert!(found >= exact && found as f64 <= exact as f64 * (1.0 + 1.0 / 32.0) + 1.0);
        }

        #[test]
        fn merging_is_recording_both(
            a in proptest::collection::vec(0u64..1 << 40, 0..60),
            b in proptest::collection::vec(0u64..1 << 40, 0..60),
        ) {
            let both: Vec<u64> = a.iter().chain(&b).copied().collect();
            prop_assert_eq!(latency(&a).merged(&latency(&b)), latency(&both));
        }

        #[test]
        fn survives_storing(values in proptest::collection::vec(0u64..1 << 40, 0..60)) {
            let text = serde_json::to_string(&latency(&values)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Latency>(&text).unwrap(), latency(&values));
        }
    }
}
