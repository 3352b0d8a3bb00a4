//! How times vary over iterations.

use polars::prelude::*;
use profiler::Profile;

use crate::columns;

/// Time of one rule over iterations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Mean over iterations of the rule's total.
    pub mean_ns: f64,
    /// Standard deviation over iterations; 0 with a single one.
    pub stddev_ns: f64,
    /// Quantiles over iterations of the rule's total.
    pub p05_ns: f64,
    pub median_ns: f64,
    pub p95_ns: f64,
}

fn by_rule(profile: &Profile) -> PolarsResult<LazyFrame> {
    let ns = || col("total_ns").cast(DataType::Float64);
    let quantile = |q: f64| ns().quantile(lit(q), QuantileMethod::Linear);
    Ok(columns::iterations(profile)?.lazy().group_by([col("position")]).agg([
        ns().mean().alias("iteration_mean_ns"),
        ns().std(1).fill_null(lit(0.0)).alias("iteration_stddev_ns"),
        quantile(0.05).alias("iteration_p05_ns"),
        quantile(0.5).alias("iteration_median_ns"),
        quantile(0.95).alias("iteration_p95_ns"),
    ]))
}

pub fn spreads(profile: &Profile) -> PolarsResult<Vec<Spread>> {
    let frame = by_rule(profile)?.collect()?;
    let mut spreads = vec![Spread::default(); profile.rules.len()];
    let column = |name: &str| frame.column(name)?.f64().cloned();
    let (mean, stddev) = (column("iteration_mean_ns")?, column("iteration_stddev_ns")?);
    let (p05, median, p95) =
        (column("iteration_p05_ns")?, column("iteration_median_ns")?, column("iteration_p95_ns")?);
    for (row, position) in frame.column("position")?.u32()?.iter().enumerate() {
        let Some(spread) = position.and_then(|position| spreads.get_mut(position as usize)) else { continue };
        *spread = Spread {
            mean_ns: mean.get(row).unwrap_or(0.0),
            stddev_ns: stddev.get(row).unwrap_or(0.0),
            p05_ns: p05.get(row).unwrap_or(0.0),
            median_ns: median.get(row).unwrap_or(0.0),
            p95_ns: p95.get(row).unwrap_or(0.0),
        };
    }
    Ok(spreads)
}

pub fn rules(profile: &Profile) -> PolarsResult<DataFrame> {
    let order = SortMultipleOptions::default().with_order_descending_multi([true, false]);
    columns::rules(profile)?
        .lazy()
        .join(by_rule(profile)?, [col("position")], [col("position")], JoinArgs::new(JoinType::Left))
        .sort(["total_ns", "position"], order)
        .collect()
}
