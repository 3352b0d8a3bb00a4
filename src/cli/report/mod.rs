//! `lanner report`: any output of a profile again, from the stored profile alone.

mod files;
mod formats;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use profiler::{Profile, store};

use super::{Ui, UsageError};

pub use files::{make_folder, write_folder, write_output};
pub use formats::{By, Contents, PrintArgs, TextArgs};

use formats::{Format, GraphArgs};

/// Make any report of a stored profile
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profile that `lanner profile` wrote; - is standard input
    #[arg(value_name = "PROFILE.json")]
    profile: PathBuf,
    /// What to make
    #[arg(short, long, value_enum, default_value_t)]
    format: Format,
    /// Make plots as PNG instead of SVG; files that are named so are PNG anyway
    #[arg(long)]
    png: bool,
    /// File to write instead of standard output, which is -; for plots and all, the folder
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Rules files to show with their costs, if they are no longer where they were profiled
    #[arg(short, long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    #[command(flatten)]
    print: PrintArgs,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    graph: GraphArgs,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let profile = read_profile(&args.profile)?;
    let format = args.print.format().unwrap_or(args.format);
    let output = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let contents = || Contents::of(&profile, &args.rules, ui);
    match (format, output) {
        (Format::All, Some(folder)) => {
            let count = write_folder(&contents()?, folder)?;
            ui.note(format_args!("{count} files are in {}", folder.display()));
        }
        (Format::Plots, Some(folder)) => {
            make_folder(folder)?;
            let count = files::write_plots(&profile, folder)?;
            ui.note(format_args!("{count} plots are in {}", folder.display()));
        }
        (Format::All | Format::Plots, None) => {
            return Err(UsageError("several files need a folder: --output FOLDER").into());
        }
        (format, output) => {
            let contents = match format.needs_sources() {
                true => contents()?,
                false => Contents { profile: &profile, sources: Vec::new() },
            };
            let png = args.png || output.is_some_and(|path| path.extension().is_some_and(|e| e == "png"));
            let color = ui.color_stdout && output.is_none();
            write_output(output.unwrap_or(Path::new("-")), |out| {
                formats::write(&contents, format, &args.text, &args.graph, png, color, out)
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a stored profile; - is standard input.
pub fn read_profile(path: &Path) -> anyhow::Result<Profile> {
    if path != Path::new("-") {
        return Ok(store::read(path)?);
    }
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text).context("cannot read standard input")?;
    Ok(store::parse(&text, Path::new("standard input"))?)
}

/// What `lanner profile` prints: the tables for people, or what was asked for instead.
pub fn print(
    contents: &Contents<'_>,
    print: &PrintArgs,
    text: &TextArgs,
    ui: &Ui,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let format = print.format().unwrap_or_default();
    if format == Format::Annotated {
        formats::write(contents, Format::Text, text, &GraphArgs::default(), false, ui.color_stdout, out)?;
    }
    formats::write(contents, format, text, &GraphArgs::default(), false, ui.color_stdout, out)
}
