//! The command line: one file per verb, from raw arguments to library calls.
//!
//! Exit codes: 0 success, 1 failure, 2 wrong usage, 3 a capture was damaged and everything up to the damage
//! was processed, 4 `diff` found a regression. `record -- COMMAND` passes on the command's status.

mod check;
mod convert;
mod demo;
mod diagnostics;
mod diff;
mod doctor;
mod fields;
mod format;
mod info;
mod input;
mod leave_out;
mod lookups;
mod merge;
mod private;
mod profile;
mod record;
mod replay;
mod report;
mod rule_args;
mod tables;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use ui::Ui;

/// Something went wrong; the message on standard error says what.
pub const FAILURE: u8 = 1;
/// The command line contradicts itself.
pub const USAGE: u8 = 2;
/// A capture was damaged; everything up to the damage was processed.
pub const DAMAGED: u8 = 3;
/// A candidate is slower than its baseline.
pub const REGRESSION: u8 = 4;

/// Options that do not go together, where the parser of the command line cannot know.
#[derive(Debug)]
pub struct UsageError(pub &'static str);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for UsageError {}

/// Record Falco captures, replay them through rules, and see what each rule costs.
#[derive(Parser)]
#[command(name = "lanner", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// Print nothing but results and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: ui::ColorChoice,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Demo(demo::Args),
    Profile(profile::Args),
    Report(report::Args),
    Merge(merge::Args),
    Diff(diff::Args),
    Record(record::Args),
    Doctor(doctor::Args),
    Replay(replay::Args),
    Check(check::Args),
    Fields(fields::Args),
    Info(info::Args),
    Convert(convert::Args),
}

/// Parses the command line and runs the verb.
pub fn run() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let ui = Ui::new(cli.quiet, cli.color);
    match cli.verb {
        Verb::Demo(args) => demo::run(args, &ui),
        Verb::Profile(args) => profile::run(args, &ui),
        Verb::Report(args) => report::run(args, &ui),
        Verb::Merge(args) => merge::run(args, &ui),
        Verb::Diff(args) => diff::run(args, &ui),
        Verb::Record(args) => record::run(args, &ui),
        Verb::Doctor(args) => doctor::run(args, &ui),
        Verb::Replay(args) => replay::run(args, &ui),
        Verb::Check(args) => check::run(args, &ui),
        Verb::Fields(args) => fields::run(args, &ui),
        Verb::Info(args) => info::run(args, &ui),
        Verb::Convert(args) => convert::run(args, &ui),
    }
}
