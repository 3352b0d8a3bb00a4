//! Tables of a profile, where this program was built with them: they need polars, which takes longer to compile than
//! all the rest.

use std::io::Write;

use profiler::Profile;

/// What a row is about.
#[derive(Clone, Copy, Debug)]
pub enum Rows {
    Rules,
    Iterations,
    Nodes,
}

/// File format.
#[derive(Clone, Copy, Debug)]
pub enum As {
    Csv,
    Parquet,
}

/// Tables that `lanner profile` writes.
#[cfg(feature = "tables")]
pub const FILES: [(Rows, &str); 3] =
    [(Rows::Rules, "rules"), (Rows::Iterations, "iterations"), (Rows::Nodes, "nodes")];

#[cfg(feature = "tables")]
pub fn write(profile: &Profile, rows: Rows, format: As, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut table = match rows {
        Rows::Rules => tables::Table::rules(profile)?,
        Rows::Iterations => tables::Table::iterations(profile)?,
        Rows::Nodes => tables::Table::nodes(profile)?,
    };
    match format {
        As::Csv => table.write_csv(out)?,
        As::Parquet => table.write_parquet(out)?,
    }
    Ok(())
}

/// For each rule the standard deviation of its time over iterations as a share of the mean, if there are several.
#[cfg(feature = "tables")]
pub fn relative_spreads(profile: &Profile) -> anyhow::Result<Option<Vec<f64>>> {
    if profile.iterations.len() < 2 || profile.rules_ns() == 0 {
        return Ok(None);
    }
    let spreads = tables::spreads(profile)?;
    let relative = |spread: &tables::Spread| {
        if spread.mean_ns > 0.0 { spread.stddev_ns / spread.mean_ns } else { 0.0 }
    };
    Ok(Some(spreads.iter().map(relative).collect()))
}

#[cfg(not(feature = "tables"))]
pub const FILES: [(Rows, &str); 0] = [];

#[cfg(not(feature = "tables"))]
pub fn write(_: &Profile, rows: Rows, format: As, _: &mut dyn Write) -> anyhow::Result<()> {
    anyhow::bail!("built without tables ({rows:?} as {format:?}): cargo build --features tables")
}

#[cfg(not(feature = "tables"))]
pub fn relative_spreads(_: &Profile) -> anyhow::Result<Option<Vec<f64>>> {
    Ok(None)
}
