//! The comparison for other programs. Values are means of one replay; times are nanoseconds.

use std::io::Write;

use super::{Diff, PerReplay, Row};
use crate::error::Error;
use crate::escape;
use crate::weight::Weight;

/// Writes an object with a row for every rule, whether it changed or not.
///
/// # Errors
/// `out` fails.
pub fn write(diff: &Diff, mut out: impl Write) -> Result<(), Error> {
    let by = match diff.by {
        Weight::Time => "time",
        Weight::Cost => "cost",
    };
    let warnings: Vec<String> = diff.warnings.iter().map(|warning| escape::json(warning)).collect();
    let rows: Vec<String> = diff.rows.iter().skip(1).map(row).collect();
    writeln!(
        out,
        "{{\n\"format\": \"lanner-diff\",\n\"version\": 1,\n\"by\": \"{by}\",\n\"regression\": {},\n\"warnings\": [{}],\n\
         \"all\": {},\n\"rules\": [\n{}\n]\n}}",
        diff.is_regression(),
        warnings.join(", "),
        diff.rows.first().map_or_else(|| "null".to_owned(), row),
        rows.join(",\n"),
    )?;
    Ok(())
}

fn row(row: &Row) -> String {
    format!(
        "{{\"name\": {}, \"verdict\": \"{}\", \"time_verdict\": \"{}\", \"cost_change\": {}, \"time_change\": {}, \
         \"baseline\": {}, \"candidate\": {}}}",
        escape::json(&row.name),
        row.verdict.name(),
        row.time_verdict.name(),
        number(row.change(Weight::Cost)),
        number(row.change(Weight::Time)),
        side(row.baseline),
        side(row.candidate),
    )
}

fn side(side: Option<PerReplay>) -> String {
    let Some(PerReplay { evaluations, matches, cost, mean_ns, error_ns }) = side else {
        return "null".to_owned();
    };
    let [evaluations, matches, cost, mean_ns, error_ns] =
        [evaluations, matches, cost, mean_ns, error_ns].map(|value| number(Some(value)));
    format!(
        "{{\"evaluations\": {evaluations}, \"matches\": {matches}, \"cost\": {cost}, \"mean_ns\": {mean_ns}, \
         \"error_ns\": {error_ns}}}"
    )
}

/// JSON has no infinities.
fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| "null".to_owned(), |value| value.to_string())
}
