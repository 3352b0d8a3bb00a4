//! `lanner demo`: the main job on a built-in workload, with embedded rules.
//!
//! It does what a person would do with three commands, and shows them: record a workload, replay the recording
//! under the profiler, look at the outputs.

mod workload;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use clap::Parser;

use super::{Ui, private, profile};

const RULES: &str = include_str!("../../../fixtures/rules/demo.yaml");
/// The built-in workload, recorded earlier by this program.
const CAPTURE: &[u8] = include_bytes!("../../../fixtures/captures/demo.scap");

/// Do the main job on a built-in workload: record it, replay it, show which rule costs what
///
/// The workload is about files, processes and sockets, most of it ordinary and some of it suspicious. It writes
/// only to a scratch directory, talks only to itself, and takes a second or two. Where live recording is not
/// possible, a capture recorded earlier is used instead.
#[derive(clap::Args)]
pub struct Args {
    /// Directory for everything that is written
    #[arg(short, long, value_name = "DIR", default_value = "lanner-demo")]
    output: PathBuf,
    /// Replays to measure
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    iterations: u32,
    /// Use the capture recorded earlier even where live recording is possible
    #[arg(long)]
    offline: bool,
    /// Be the workload, in the current directory
    #[arg(long, hide = true)]
    workload: bool,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    if args.workload {
        workload::run()?;
        return Ok(ExitCode::SUCCESS);
    }
    fs::create_dir_all(&args.output).with_context(|| format!("cannot create {}", args.output.display()))?;
    let rules = args.output.join("demo-rules.yaml");
    write_private(&rules, RULES.as_bytes())?;
    let capture = args.output.join("demo.scap");
    let obstacle = match args.offline {
        true => Some("--offline was given".to_owned()),
        false => capture::record::probe_support(),
    };
    match obstacle {
        None => record(&capture, ui)?,
        Some(reason) => {
            ui.note(format_args!("not recording: {reason}; using a capture recorded earlier"));
            write_private(&capture, CAPTURE)?;
        }
    }
    profile(&capture, &rules, &args, ui)
}

/// The command line of the verb `profile`, to parse the line that is shown.
#[derive(clap::Parser)]
struct ProfileLine {
    #[command(flatten)]
    args: profile::Args,
}

fn profile(capture: &Path, rules: &Path, args: &Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let iterations = args.iterations.to_string();
    let line = [
        OsStr::new("profile"),
        capture.as_os_str(),
        OsStr::new("-r"),
        rules.as_os_str(),
        OsStr::new("-n"),
        OsStr::new(&iterations),
        OsStr::new("-o"),
        args.output.as_os_str(),
    ];
    ui.note(format_args!("$ lanner {}\n", line.join(OsStr::new(" ")).display()));
    profile::run(ProfileLine::try_parse_from(line)?.args, ui)
}

/// Records the workload with a clean environment in a directory of its own.
fn record(capture: &Path, ui: &Ui) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("cannot find the running program")?;
    let capture_path = std::path::absolute(capture)?;
    let scratch = Scratch::new()?;
    ui.note(format_args!("$ lanner record -o {} -- lanner demo --workload", capture.display()));
    let status = Command::new(&program)
        .args(ui.global_args())
        .arg("record")
        .arg("-o")
        .arg(&capture_path)
        .arg("--")
        .arg(&program)
        .args(["demo", "--workload"])
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .current_dir(&scratch.0)
        .status()
        .context("cannot start the recorder")?;
    if !status.success() {
        bail!("recording the workload failed ({status})");
    }
    Ok(())
}

/// Captures and what is made of them are for their owner alone.
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    private::create(path)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// An empty directory, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Scratch> {
        let path = std::env::temp_dir().join(format!("lanner-demo-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
