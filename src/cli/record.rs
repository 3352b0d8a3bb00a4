//! `lanner record`: a capture of this machine, live.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use capture::record::{
    Cgroup, EventFilter, HeldCommand, Limits, RecordOptions, RecordSummary, Recorder, RunningCommand, Scope,
};
use capture::savefile::{Compression, WriteOptions, Writer};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::format::{bytes, count, duration};
use super::{Ui, private};

/// Record what this machine does, or what one command does, into a savefile
///
/// With a command, its processes and their descendants are recorded until the command ends, and its exit
/// status is passed on. Without one, the whole machine is recorded until Ctrl-C or --duration.
#[derive(clap::Args)]
pub struct Args {
    /// Where to write; `-` is standard output. What was there is kept as FILE.old
    #[arg(short, long, value_name = "FILE", default_value = "lanner.scap")]
    output: PathBuf,
    /// End after this time: a number with s, m, h or ms
    #[arg(short, long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    /// End after this many events
    #[arg(long, value_name = "N")]
    max_events: Option<u64>,
    /// Record the whole machine (the default without a command)
    #[arg(short, long, conflicts_with_all = ["command", "pid"])]
    all: bool,
    /// Record these processes and their descendants
    #[arg(short, long, value_name = "PID", conflicts_with = "command", value_delimiter = ',')]
    pid: Vec<u32>,
    /// Record the processes of this control group and those below it (unified hierarchy)
    #[arg(long, value_name = "PATH", conflicts_with_all = ["command", "pid", "all"])]
    cgroup: Vec<PathBuf>,
    /// Record the processes of this running container: its id, or the beginning of it
    #[arg(long, value_name = "ID", conflicts_with_all = ["command", "pid", "all"], value_delimiter = ',')]
    container: Vec<String>,
    /// Record only these events: names of events or system calls, or the classes exec, file, io, net, process, user,
    /// signal, ipc, memory, wait, system. What they refer to is kept, but not shown
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',')]
    events: Vec<String>,
    /// Leave out these events, named in the same way
    #[arg(short = 'x', long, value_name = "NAMES", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Bytes of I/O data to keep per event
    #[arg(short, long, value_name = "BYTES", default_value_t = 80,
          value_parser = clap::value_parser!(u16).range(0..=65000))]
    snaplen: u16,
    /// Leave out environments
    #[arg(long)]
    no_env: bool,
    /// Leave out arguments of programs
    #[arg(long)]
    no_args: bool,
    /// Leave out the data that is read and written
    #[arg(long)]
    no_data: bool,
    /// Leave out the processes above the command's; rules that ask for ancestors then see fewer
    #[arg(long)]
    no_ancestors: bool,
    /// Compress with gzip, on a thread of its own
    #[arg(short = 'z', long, value_name = "LEVEL", num_args = 0..=1, default_missing_value = "1",
          require_equals = true, value_parser = clap::value_parser!(u32).range(1..=9))]
    gzip: Option<u32>,
    /// For which readers
    #[arg(long, value_enum, default_value_t)]
    profile: super::convert::Profile,
    /// Size of the ring between the kernel and the recorder, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 8, value_parser = parse_ring_size)]
    ring_size: u32,
    /// The command to record, with its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    if let Some(reason) = capture::record::probe_support() {
        bail!("cannot record here: {reason}");
    }
    let signals = Signals::catch()?;
    // The command's process exists before the recorder looks at the machine, so that it is found there, and
    // waits: nothing of it is missed.
    let held = match args.command.is_empty() {
        true => None,
        false => Some(HeldCommand::new(&args.command)?),
    };
    let scope = match &held {
        Some(held) => Scope::Command(held.pid()),
        None if !args.cgroup.is_empty() || !args.container.is_empty() => {
            let by_path = args.cgroup.iter().map(|path| Cgroup::at(path));
            let by_id = args.container.iter().map(|id| Cgroup::of_container(id));
            Scope::Cgroups(by_path.chain(by_id).collect::<Result<_, _>>()?)
        }
        None if args.pid.is_empty() => Scope::Host,
        None => Scope::Tree(args.pid.clone()),
    };
    let options = RecordOptions {
        scope,
        events: EventFilter::new(&args.events, &args.exclude)?,
        snaplen: args.snaplen,
        ring_bytes: args.ring_size << 20,
        no_env: args.no_env,
        no_args: args.no_args,
        no_data: args.no_data,
        no_ancestors: args.no_ancestors,
        limits: Limits { events: args.max_events, bytes: None },
    };
    let recorder = Recorder::start(&options).context("cannot record here")?;
    let is_stdout = args.output == Path::new("-");
    let written = Arc::new(AtomicU64::new(0));
    let (out, undo): (Box<dyn Write>, _) = match is_stdout {
        true => (Box::new(io::stdout().lock()), None),
        false => {
            let (file, undo) = create(&args.output)?;
            (Box::new(file), Some(undo))
        }
    };
    let out = Counted { out, written: written.clone() };
    let compression = match args.gzip {
        None => Compression::None,
        Some(level) => Compression::Gzip { level, threads: 1 },
    };
    let out = Writer::new(out, WriteOptions { profile: args.profile.into(), compression })?;
    // Last, so that nothing else can fail once it runs.
    let running = held.map(HeldCommand::release).transpose().inspect_err(|_| {
        undo.iter().for_each(Undo::restore);
    })?;
    let (summary, running) = record(recorder, out, running, &args, &signals, ui)?;
    report(&summary, written.load(Ordering::Relaxed), &args.output, is_stdout, ui);
    Ok(running.map_or(ExitCode::SUCCESS, |command| ExitCode::from(command.exit_code())))
}

/// Records until something ends it.
fn record<W: Write>(
    mut recorder: Recorder,
    mut out: Writer<W>,
    mut running: Option<RunningCommand>,
    args: &Args,
    signals: &Signals,
    ui: &Ui,
) -> anyhow::Result<(RecordSummary, Option<RunningCommand>)> {
    let mut line = ui.progress();
    recorder.run(&mut out, |progress, _| {
        line.update(|| {
            let time = duration(progress.elapsed.as_nanos() as u64);
            let dropped = match progress.dropped {
                0 => String::new(),
                dropped => format!(", {} dropped", count(dropped)),
            };
            format!("recording: {} events, {time}{dropped}", count(progress.events))
        });
        let ended = running.as_mut().is_some_and(RunningCommand::has_ended);
        ended
            // Ctrl-C reaches the command too, which may handle it: then it decides when to end.
            || signals.asked_to_end(running.is_some())
            || args.duration.is_some_and(|limit| progress.elapsed >= limit)
    })?;
    drop(line);
    let summary = recorder.stop(&mut out)?;
    out.finish()?;
    Ok((summary, running))
}

/// One line about the recording, and one about what was lost.
fn report(summary: &RecordSummary, written: u64, output: &Path, is_stdout: bool, ui: &Ui) {
    let name = if is_stdout { "standard output".into() } else { output.display().to_string() };
    let (events, time) = (count(summary.events), duration(summary.duration.as_nanos() as u64));
    let drops = match summary.drop_count() {
        0 => "no drops".to_owned(),
        dropped => format!("{} dropped", count(dropped)),
    };
    ui.note(format_args!("{events} events, {} in {name}, {time}, {drops}", bytes(written)));
    if summary.drop_count() == 0 {
        return;
    }
    let mut causes: Vec<(&str, u64)> = Vec::new();
    for drops in &summary.drops {
        match causes.iter_mut().find(|(cause, _)| *cause == drops.cause.describe()) {
            Some((_, sum)) => *sum += drops.count,
            None => causes.push((drops.cause.describe(), drops.count)),
        }
    }
    let causes: Vec<String> = causes.iter().map(|(cause, sum)| format!("{cause}: {}", count(*sum))).collect();
    ui.warn(format_args!("not everything was recorded ({})", causes.join(", ")));
}

/// Signals that end a recording. The file is closed properly then.
struct Signals {
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
}

impl Signals {
    fn catch() -> anyhow::Result<Signals> {
        let (interrupt, terminate) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let register = |signal, flag: &Arc<AtomicBool>| {
            signal_hook::flag::register(signal, flag.clone()).context("cannot catch signals")
        };
        register(SIGINT, &interrupt)?;
        register(SIGTERM, &terminate)?;
        register(SIGHUP, &terminate)?;
        Ok(Signals { interrupt, terminate })
    }

    fn asked_to_end(&self, has_command: bool) -> bool {
        self.terminate.load(Ordering::Relaxed) || (!has_command && self.interrupt.load(Ordering::Relaxed))
    }
}

/// Creates the output for its owner alone; what a machine does is nobody else's business. An earlier file is
/// kept, as perf does.
fn create(path: &Path) -> anyhow::Result<(File, Undo)> {
    let mut old = None;
    if path.is_file() {
        let mut name = path.as_os_str().to_owned();
        name.push(".old");
        fs::rename(path, &name).with_context(|| format!("cannot move {} away", path.display()))?;
        old = Some(PathBuf::from(name));
    }
    let file = private::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok((file, Undo { path: path.to_owned(), old }))
}

/// What creating the output changed, in case nothing comes of the recording.
struct Undo {
    path: PathBuf,
    old: Option<PathBuf>,
}

impl Undo {
    /// Puts everything back as far as that is possible; the error that led here is the one to tell.
    fn restore(&self) {
        if self.path.is_file() {
            let _ = fs::remove_file(&self.path);
        }
        if let Some(old) = &self.old {
            let _ = fs::rename(old, &self.path);
        }
    }
}

/// Counts what is written.
struct Counted<W> {
    out: W,
    written: Arc<AtomicU64>,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes)?;
        self.written.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn parse_duration(text: &str) -> anyhow::Result<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| anyhow!("not a time: {text:?}"))?;
    let seconds = match unit {
        "" | "s" => number,
        "ms" => number / 1e3,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => bail!("unknown unit {unit:?}: use ms, s, m or h"),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| anyhow!("not a time: {text:?}"))
}

fn parse_ring_size(text: &str) -> anyhow::Result<u32> {
    let size: u32 = text.parse()?;
    if !size.is_power_of_two() || size > 1024 {
        bail!("must be a power of two, 1024 at most");
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let check = |text: &str, ms: Option<u128>| {
            assert_eq!(parse_duration(text).ok().map(|time| time.as_millis()), ms, "{text}");
        };
        check("5", Some(5000));
        check("1.5s", Some(1500));
        check("250ms", Some(250));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
        check("", None);
        check("s", None);
        check("3 days", None);
    }
}
