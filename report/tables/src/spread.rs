//! How times vary over iterations.

use polars::prelude::*;
use profiler::Profile;

use crate::columns;

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

pub fn rules(profile: &Profile) -> PolarsResult<DataFrame> {
    let order = SortMultipleOptions::default().with_order_descending_multi([true, false]);
    columns::rules(profile)?
        .lazy()
        .join(by_rule(profile)?, [col("position")], [col("position")], JoinArgs::new(JoinType::Left))
        .sort(["total_ns", "position"], order)
        .collect()
}
