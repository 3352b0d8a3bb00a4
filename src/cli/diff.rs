//! `lanner diff`: what a candidate costs more, or less, than a baseline.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use profiler::store;
use report::diff;

use super::{REGRESSION, Ui};

/// Compares two profiles rule by rule
///
/// Ends with status 4 if a rule, or all rules together, take longer by more than the threshold and by more than
/// replays differ among themselves.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profile to compare with
    #[arg(value_name = "BASELINE.json")]
    baseline: PathBuf,
    /// Profile to judge
    #[arg(value_name = "CANDIDATE.json")]
    candidate: PathBuf,
    /// Changes of a rule's time that do not matter, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    threshold: f64,
    /// Rules below this share of the evaluation do not matter, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0.5)]
    share_min: f64,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let (baseline, candidate) = (store::read(&args.baseline)?, store::read(&args.candidate)?);
    let options = diff::Options { threshold: args.threshold / 100.0, share_min: args.share_min / 100.0 };
    let diff = diff::compare(&baseline, &candidate, &options);
    diff::write(&diff, ui.color_stdout, io::stdout().lock())?;
    Ok(if diff.is_regression() { ExitCode::from(REGRESSION) } else { ExitCode::SUCCESS })
}
