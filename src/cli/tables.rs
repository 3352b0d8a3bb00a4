//! Tables of a profile, where this program was built with them: they need polars, which takes longer to compile than
//! all the rest.

use std::io::Write;

use profiler::Profile;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Rows {
    Rules,
    /// Rules of every iteration
    Iterations,
    /// Nodes of all conditions
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
pub const FILES: &[(Rows, &str)] =
    &[(Rows::Rules, "rules"), (Rows::Iterations, "iterations"), (Rows::Nodes, "nodes")];

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

#[cfg(not(feature = "tables"))]
pub const FILES: &[(Rows, &str)] = &[];

#[cfg(not(feature = "tables"))]
pub fn write(_: &Profile, rows: Rows, format: As, _: &mut dyn Write) -> anyhow::Result<()> {
    anyhow::bail!("built without tables ({rows:?} as {format:?}): cargo build --features tables")
}
