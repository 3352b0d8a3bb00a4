//! `lanner merge`: profiles of several runs or machines as one.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use profiler::store;

use super::{Ui, report};

/// Adds up profiles of the same rules, such as those of several machines
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profiles that `lanner profile` or `lanner merge` wrote
    #[arg(required = true, value_name = "PROFILE.json")]
    profiles: Vec<PathBuf>,
    /// Profile to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let mut merged: Option<profiler::Profile> = None;
    for path in &args.profiles {
        let profile = store::read(path)?;
        match &mut merged {
            None => merged = Some(profile),
            Some(merged) => merged.merge(profile).with_context(|| path.display().to_string())?,
        }
    }
    let Some(merged) = merged else { return Ok(ExitCode::SUCCESS) };
    report::write_file(&args.output, |out| Ok(store::write(&merged, out)?))?;
    ui.note(format_args!("{} replays are in {}", merged.iterations.len(), args.output.display()));
    Ok(ExitCode::SUCCESS)
}
