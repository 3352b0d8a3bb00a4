//! `lanner merge`: profiles of several runs or machines as one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use profiler::store;

use super::{Ui, report};

/// Add up profiles of the same rules, such as those of several machines
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profiles that `lanner profile` or `lanner merge` wrote; - is standard input
    #[arg(required = true, value_name = "PROFILE.json")]
    profiles: Vec<PathBuf>,
    /// Profile to write; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let mut merged: Option<profiler::Profile> = None;
    for path in &args.profiles {
        let profile = report::read_profile(path)?;
        match &mut merged {
            None => merged = Some(profile),
            Some(merged) => merged.merge(profile).with_context(|| path.display().to_string())?,
        }
    }
    let Some(merged) = merged else { return Ok(ExitCode::SUCCESS) };
    let mut text = Vec::new();
    store::write(&merged, &mut text)?;
    report::write_output(&args.output, |out| Ok(out.write_all(&text)?))?;
    if args.output != Path::new("-") {
        ui.note(format_args!("{} replays are in {}", merged.iterations.len(), args.output.display()));
    }
    Ok(ExitCode::SUCCESS)
}
