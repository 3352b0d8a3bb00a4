//! `lanner diff`: what a candidate costs more, or less, than a baseline.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use report::{Weight, diff};

use super::report::{By, read_profile};
use super::{REGRESSION, Ui};

/// Compare two profiles rule by rule
///
/// Ends with status 4 if a rule, or all rules together, became dearer by more than the threshold. Judged are cost units,
/// which do not depend on the machine, or time, where a change also has to be larger than replays differ among themselves.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profile to compare with; - is standard input
    #[arg(value_name = "BASELINE.json")]
    baseline: PathBuf,
    /// Profile to judge; - is standard input
    #[arg(value_name = "CANDIDATE.json")]
    candidate: PathBuf,
    /// What to judge by; cost units if not given and both profiles have them, of the same model
    #[arg(long, value_enum, value_name = "WEIGHT")]
    by: Option<By>,
    /// Changes of a rule that do not matter, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    threshold: f64,
    /// Rules below this share of the evaluation do not matter, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0.5)]
    share_min: f64,
    /// Write JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Write Markdown, for a comment on a change
    #[arg(long)]
    markdown: bool,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let (baseline, candidate) = (read_profile(&args.baseline)?, read_profile(&args.candidate)?);
    for (profile, path) in [(&baseline, &args.baseline), (&candidate, &args.candidate)] {
        if !profile.knows_rules() {
            bail!("{} knows nothing of single rules: it was made with --strategy shared", path.display());
        }
    }
    let options = diff::Options {
        by: args.by.map(Weight::from),
        threshold: args.threshold / 100.0,
        share_min: args.share_min / 100.0,
    };
    let diff = diff::compare(&baseline, &candidate, &options);
    let mut text = Vec::new();
    match () {
        () if args.json => diff::write_json(&diff, &mut text)?,
        () if args.markdown => diff::write_markdown(&diff, &mut text)?,
        () => diff::write_text(&diff, ui.color_stdout, &mut text)?,
    }
    io::stdout().lock().write_all(&text)?;
    Ok(if diff.is_regression() { ExitCode::from(REGRESSION) } else { ExitCode::SUCCESS })
}
