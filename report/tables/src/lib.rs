//! Profiles as tables: per rule and iteration, per rule, per node; grouped and sorted by polars, written as CSV or
//! Parquet.
//!
//! The only crate that names polars: it is two thirds of a cold build. Its API is plain structs and [`Table`],
//! and `polars-io` writes the files because polars' own `csv` and `parquet` features bring an HTTP client.

mod columns;
mod spread;

use std::io::Write;

use polars::prelude::{DataFrame, PolarsError};
use polars_io::SerWriter;
use polars_io::prelude::{CsvWriter, ParquetWriter};
use profiler::Profile;

/// A table could not be made or written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ErrorKind);

/// Causes of an [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The query or the writer failed.
    #[error("cannot make the table: {0}")]
    Table(PolarsError),
    /// The output failed.
    #[error("cannot write the table: {0}")]
    Io(std::io::Error),
}

impl Error {
    /// The cause.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl From<PolarsError> for Error {
    fn from(error: PolarsError) -> Self {
        match error {
            PolarsError::IO { error, .. } => {
                Error(ErrorKind::Io(std::io::Error::new(error.kind(), error.to_string())))
            }
            error => Error(ErrorKind::Table(error)),
        }
    }
}

/// Rows and named columns.
pub struct Table(DataFrame);

impl Table {
    /// One row for each rule and iteration: counts and time.
    ///
    /// # Errors
    /// polars refuses the columns.
    pub fn iterations(profile: &Profile) -> Result<Self, Error> {
        Ok(Table(columns::iterations(profile)?))
    }

    /// One row for each rule, costliest first: counts, cost units, latencies, shares, and how its time varies over
    /// iterations.
    ///
    /// # Errors
    /// polars refuses the query.
    pub fn rules(profile: &Profile) -> Result<Self, Error> {
        Ok(Table(spread::rules(profile)?))
    }

    /// One row for each node of each rule's condition: counts, cost units, and time where nodes were timed.
    ///
    /// # Errors
    /// polars refuses the columns.
    pub fn nodes(profile: &Profile) -> Result<Self, Error> {
        Ok(Table(columns::nodes(profile)?))
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.0.height()
    }

    /// Names of the columns.
    pub fn column_names(&self) -> Vec<&str> {
        self.0.get_column_names().into_iter().map(|name| name.as_str()).collect()
    }

    /// Writes comma-separated values with a header line.
    ///
    /// # Errors
    /// `out` fails.
    pub fn write_csv(&mut self, out: impl Write) -> Result<(), Error> {
        Ok(CsvWriter::new(out).finish(&mut self.0)?)
    }

    /// Writes a Parquet file.
    ///
    /// # Errors
    /// `out` fails.
    pub fn write_parquet(&mut self, out: impl Write) -> Result<(), Error> {
        ParquetWriter::new(out).finish(&mut self.0)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
