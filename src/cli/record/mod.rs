//! `lanner record`: a capture of this machine, live.
//!
//! ```text
//! Args --Mode--> Target (files made, nothing recorded) --Session--> Outcome --report--> person or JSON
//! ```

mod files;
mod flight;
mod quantity;
mod report;
mod session;
mod signals;
mod target;
mod tracker;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use capture::record::{Cgroup, EventFilter, HeldCommand, KeepLimits, Limits, RecordOptions, Recorder, Scope};
use capture::savefile::{Compression, WriteOptions};

use super::{FAILURE, Ui};
use quantity::{parse_duration, parse_ring, parse_ring_size, parse_size};
use session::Session;
use signals::Signals;
use target::Target;

/// What a shell returns for a program that is not there, and for one that cannot be executed.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// Record what this machine does, or what one command does, into a savefile
///
/// With a command, its processes and their descendants are recorded until the command ends, and its exit
/// status is passed on. Without one, the whole machine is recorded until Ctrl-C or a limit. `lanner doctor`
/// tells whether that is possible here.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("rotated").args(["rotate_size", "rotate_time"]).multiple(true))]
#[command(after_help = "Examples:
  lanner record -- ./build.sh                  a command and its descendants, until it ends
  lanner record -d 30s -z                      the whole machine for half a minute, compressed
  lanner record -p 4711,4712 -o web.scap       processes that run already, with their descendants
  lanner record --ring 30s                     keep the last 30 s; SIGUSR1 and Ctrl-C write them
  lanner record --rotate-size 1GiB --keep 10   for days, in at most 10 GiB")]
pub struct Args {
    /// Where to write; `-` is standard output. What was there is kept as FILE.old
    #[arg(short, long, value_name = "FILE", default_value = "lanner.scap")]
    output: PathBuf,
    /// Compress with gzip, on a thread of its own
    #[arg(short = 'z', long, value_name = "LEVEL", num_args = 0..=1, default_missing_value = "1",
          require_equals = true, value_parser = clap::value_parser!(u32).range(1..=9))]
    gzip: Option<u32>,
    /// For which readers
    #[arg(long, value_enum, default_value_t)]
    profile: super::convert::Profile,
    /// Print the summary at the end as one JSON object, on standard error: standard output is the command's
    #[arg(long)]
    json: bool,

    /// Record the whole machine (the default without a command)
    #[arg(short, long, conflicts_with_all = ["command", "pid"], help_heading = "Whom to record")]
    all: bool,
    /// Record these processes and their descendants
    #[arg(
        short,
        long,
        value_name = "PID",
        conflicts_with = "command",
        value_delimiter = ',',
        help_heading = "Whom to record"
    )]
    pid: Vec<u32>,
    /// Record the processes of this control group and those below it (unified hierarchy)
    #[arg(long, value_name = "PATH", conflicts_with_all = ["command", "pid", "all"],
          help_heading = "Whom to record")]
    cgroup: Vec<PathBuf>,
    /// Record the processes of this running container: its id, or the beginning of it
    #[arg(long, value_name = "ID", conflicts_with_all = ["command", "pid", "all"], value_delimiter = ',',
          help_heading = "Whom to record")]
    container: Vec<String>,

    /// Record only these events: names of events or system calls, or the classes exec, file, io, net, process, user,
    /// signal, ipc, memory, wait, system. What they refer to is kept, but not shown
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',', help_heading = "What to record")]
    events: Vec<String>,
    /// Leave out these events, named in the same way
    #[arg(short = 'x', long, value_name = "NAMES", value_delimiter = ',', help_heading = "What to record")]
    exclude: Vec<String>,
    /// Also record when a CPU goes from one task to another
    #[arg(long, help_heading = "What to record")]
    switches: bool,
    /// Also record page faults (x86-64)
    #[arg(long, help_heading = "What to record")]
    page_faults: bool,
    /// Bytes of I/O data to keep per event
    #[arg(short, long, value_name = "BYTES", default_value_t = 80,
          value_parser = clap::value_parser!(u16).range(0..=65000), help_heading = "What to record")]
    snaplen: u16,
    /// Leave out environments
    #[arg(long, help_heading = "What to record")]
    no_env: bool,
    /// Leave out arguments of programs
    #[arg(long, help_heading = "What to record")]
    no_args: bool,
    /// Leave out the data that is read and written
    #[arg(long, help_heading = "What to record")]
    no_data: bool,
    /// Leave out the processes above the command's; rules that ask for ancestors then see fewer
    #[arg(long, help_heading = "What to record")]
    no_ancestors: bool,

    /// End after this time: a number with s, m, h or ms
    #[arg(short, long, value_name = "TIME", value_parser = parse_duration, help_heading = "How much")]
    duration: Option<Duration>,
    /// End after this many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "How much")]
    max_events: Option<u64>,
    /// End before there are more bytes than this: a number with KiB, MiB or GiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size, conflicts_with = "ring",
          help_heading = "How much")]
    max_size: Option<u64>,
    /// Keep the last stretch in memory: a time (30s), a size (64MiB) or both (30s,64MiB). SIGUSR1 writes it to
    /// FILE.1, FILE.2 ... and goes on; Ctrl-C, or the end of the command, writes it to FILE
    #[arg(long, value_name = "LIMIT", value_parser = parse_ring, help_heading = "How much",
          conflicts_with_all = ["rotate_size", "rotate_time"])]
    ring: Option<KeepLimits>,
    /// Write FILE.1, FILE.2 ... of this size each; every one can be read without the others
    #[arg(long, value_name = "SIZE", value_parser = parse_size, help_heading = "How much")]
    rotate_size: Option<u64>,
    /// Begin the next file after this time
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "How much")]
    rotate_time: Option<Duration>,
    /// Keep only the newest files
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "rotated",
          help_heading = "How much")]
    keep: Option<u64>,
    /// Size of the ring between the kernel and the recorder, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 8, value_parser = parse_ring_size,
          help_heading = "How much")]
    ring_size: u32,

    /// The command to record, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    if let Some(reason) = capture::record::probe_support() {
        bail!("cannot record here: {reason}; `lanner doctor` tells what to do");
    }
    let signals = Signals::catch(args.ring.is_some())?;
    // The command's process exists before the recorder looks at the machine, so that it is found there, and
    // waits: nothing of it is missed.
    let held = match args.command.is_empty() {
        true => None,
        false => Some(HeldCommand::new(&args.command)?),
    };
    let options = options(&args, held.as_ref())?;
    let target = Target::prepare(&args)?;
    let recorder = Recorder::start(&options)
        .inspect_err(|_| target.undo())
        .context("cannot record here; `lanner doctor` tells what to do")?;
    // Last, so that nothing else can fail once it runs.
    let running = match held.map(HeldCommand::release).transpose() {
        Ok(running) => running,
        Err(error) => {
            target.undo();
            let code = shell_code(&error);
            ui.error(format_args!("{:#}", anyhow::Error::new(error)));
            return Ok(ExitCode::from(code));
        }
    };
    let mut session = Session::new(recorder, running, signals, args.duration, ui);
    let outcome = match target.record(&mut session, write_options(&args)) {
        Ok(outcome) => outcome,
        Err(error) => {
            session.outlive();
            return Err(error);
        }
    };
    let code = session.exit_code();
    report::report(&outcome, args.json.then_some(code), ui);
    Ok(ExitCode::from(code))
}

fn options(args: &Args, held: Option<&HeldCommand>) -> anyhow::Result<RecordOptions> {
    let scope = match held {
        Some(held) => Scope::Command(held.pid()),
        None if !args.cgroup.is_empty() || !args.container.is_empty() => {
            let by_path = args.cgroup.iter().map(|path| Cgroup::at(path));
            let by_id = args.container.iter().map(|id| Cgroup::of_container(id));
            Scope::Cgroups(by_path.chain(by_id).collect::<Result<_, _>>()?)
        }
        None if args.pid.is_empty() => Scope::Host,
        None => Scope::Tree(existing(&args.pid)?),
    };
    Ok(RecordOptions {
        scope,
        events: EventFilter::new(&args.events, &args.exclude)?,
        switches: args.switches,
        page_faults: args.page_faults,
        snaplen: args.snaplen,
        ring_bytes: args.ring_size << 20,
        no_env: args.no_env,
        no_args: args.no_args,
        no_data: args.no_data,
        no_ancestors: args.no_ancestors,
        limits: Limits { events: args.max_events, bytes: args.max_size },
    })
}

/// The processes, if they are there: a recording of nothing would wait for ever.
fn existing(pids: &[u32]) -> anyhow::Result<Vec<u32>> {
    let is_absent = |pid: &&u32| !std::path::Path::new(&format!("/proc/{pid}")).exists();
    if let Some(pid) = pids.iter().find(is_absent) {
        bail!("there is no process {pid}");
    }
    Ok(pids.to_vec())
}

fn write_options(args: &Args) -> WriteOptions {
    let compression = match args.gzip {
        None => Compression::None,
        Some(level) => Compression::Gzip { level, threads: 1 },
    };
    WriteOptions { profile: args.profile.into(), compression }
}

/// The status for a command that cannot be started.
fn shell_code(error: &capture::Error) -> u8 {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    match source.map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => NOT_FOUND,
        Some(io::ErrorKind::PermissionDenied) => NOT_EXECUTABLE,
        _ => FAILURE,
    }
}
