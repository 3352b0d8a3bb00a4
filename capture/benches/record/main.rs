//! What recording costs: CPU time that each system call takes longer, time of the recorder per event, drops.
//!
//! Needs root. `cargo bench -p lanner-capture --bench record` prints a table; an argument is the number of rounds, further
//! ones are the ways of recording to measure, instead of all.
//! Every round measures all ways of recording one after another, and of all rounds the least counts, since
//! whatever else the machine does can only add to it. CPU time is that of the calling thread, not wall time.

#[path = "../../tests/counter/mod.rs"]
mod counter;
mod storm;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lanner_capture::record::{RecordOptions, Recorder, UncachedFile, probe_support};
use lanner_capture::savefile::{Compression, WriteOptions, Writer, WriterProfile};
use rustix::time::{ClockId, clock_gettime};

use counter::Counter;
use storm::Storm;

/// Ways to watch system calls, from nothing to everything.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Nothing,
    Count,
    Plain,
    Gzip,
    Strace,
}

const WAYS: &[(Way, &str)] = &[
    (Way::Nothing, "not recorded"),
    (Way::Count, "count only"),
    (Way::Plain, "lanner"),
    (Way::Gzip, "lanner -z"),
    (Way::Strace, "strace -f"),
];
const ROUNDS: usize = 5;
/// strace is some hundred times slower.
const STRACE_SHARE: u64 = 50;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let Some(result) = storm::run_as_child(&args) {
        return result;
    }
    if let Some(reason) = probe_support() {
        println!("skipped: {reason}");
        return Ok(());
    }
    let rounds = args.first().map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    let chosen = args.get(1..).unwrap_or_default();
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|way| way == name);
    let mut table = Table::default();
    for round in 0..rounds {
        for (way, name) in WAYS.iter().filter(|(_, name)| is_chosen(name)) {
            eprintln!("round {} of {rounds}: {name}", round + 1);
            table.add(*way, measure(*way)?);
        }
    }
    table.print();
    Ok(())
}

/// What one run of all storms and of the compile job gave.
#[derive(Default)]
struct Run {
    /// CPU time per call in ns, by storm; wall time for strace, which does its work in another process.
    per_call: Vec<f64>,
    compile_wall: Option<Duration>,
    compile_cpu: Option<Duration>,
    recorder: Option<Consumer>,
}

/// What the recorder did meanwhile.
#[derive(Clone, Copy)]
struct Consumer {
    events: u64,
    drops: u64,
    /// Of the thread that empties the ring and writes.
    thread: Duration,
    /// Of the whole recorder, threads that compress included.
    process: Duration,
}

fn measure(way: Way) -> Result<Run> {
    match way {
        Way::Nothing | Way::Strace => work(way),
        Way::Count => {
            let counter = Counter::attach(None)?;
            let run = work(way)?;
            drop(counter);
            Ok(run)
        }
        Way::Plain => recorded(way, Compression::None),
        Way::Gzip => recorded(way, Compression::Gzip { level: 1, threads: 1 }),
    }
}

/// Does the work while the host is recorded into a file.
fn recorded(way: Way, compression: Compression) -> Result<Run> {
    let path = Scratch(std::env::temp_dir().join(format!("lanner-bench-{}.scap", std::process::id())));
    let out = UncachedFile::new(std::fs::File::create(&path.0)?);
    let (ended, process) = (AtomicBool::new(false), cpu_time(ClockId::ProcessCPUTime));
    let options = WriteOptions { profile: WriterProfile::Portable, compression };
    std::thread::scope(|scope| {
        let recording = scope.spawn(|| -> std::result::Result<Consumer, String> {
            let text = |e: lanner_capture::Error| e.to_string();
            let mut recorder = Recorder::start(&RecordOptions::default()).map_err(text)?;
            let mut out = Writer::new(out, options).map_err(text)?;
            let thread = cpu_time(ClockId::ThreadCPUTime);
            STARTED.store(true, Ordering::Release);
            recorder.run(&mut out, |_, _| ended.load(Ordering::Acquire)).map_err(text)?;
            let summary = recorder.stop(&mut out).map_err(text)?;
            out.finish().map_err(text)?.flush().map_err(|e| e.to_string())?;
            let thread = cpu_time(ClockId::ThreadCPUTime) - thread;
            Ok(Consumer {
                events: summary.events,
                drops: summary.drop_count(),
                thread,
                process: Duration::ZERO,
            })
        });
        while !STARTED.swap(false, Ordering::Acquire) && !recording.is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let started = cpu_time(ClockId::ProcessCPUTime).max(process);
        let run = work(way);
        ended.store(true, Ordering::Release);
        let consumer = recording.join().map_err(|_| "the recorder panicked")??;
        let process = cpu_time(ClockId::ProcessCPUTime) - started;
        Ok(Run { recorder: Some(Consumer { process, ..consumer }), ..run? })
    })
}

static STARTED: AtomicBool = AtomicBool::new(false);

/// All storms, each in a process of its own, then the compile job.
fn work(way: Way) -> Result<Run> {
    let mut run = Run::default();
    let own = std::env::current_exe()?;
    for storm in Storm::ALL {
        let count = if way == Way::Strace { storm.calls() / STRACE_SHARE } else { storm.calls() };
        let mut command = match way {
            Way::Strace => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-o", "/dev/null"]).arg(&own);
                strace
            }
            _ => Command::new(&own),
        };
        command.args([storm::CHILD, storm.name(), &count.to_string()]).stderr(Stdio::null());
        let Ok(output) = command.output() else {
            run.per_call.push(f64::NAN);
            continue;
        };
        let text = String::from_utf8(output.stdout)?;
        let times: Vec<f64> = text.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [cpu, wall] = times[..] else { return Err(format!("the storm said {text:?}").into()) };
        run.per_call.push(if way == Way::Strace { wall } else { cpu });
    }
    if way != Way::Strace
        && let Some((wall, cpu)) = compile()?
    {
        (run.compile_wall, run.compile_cpu) = (Some(wall), Some(cpu));
    }
    Ok(run)
}

/// Compiles a few dozen small programs. `None` where there is no compiler.
fn compile() -> Result<Option<(Duration, Duration)>> {
    let directory = Scratch(std::env::temp_dir().join(format!("lanner-compile-{}", std::process::id())));
    std::fs::create_dir_all(&directory.0)?;
    let source = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/socket.h>\n\
                  int main(int n, char **v) { for (int i = 0; i < n; i++) printf(\"%s %zu\\n\", v[i], strlen(v[i])); }\n";
    std::fs::write(directory.0.join("a.c"), source)?;
    let script = "for i in $(seq 24); do cc -O1 -o a$i a.c || exit 3; ./a$i x y >/dev/null; done; times";
    let start = Instant::now();
    let output = Command::new("sh").args(["-c", script]).current_dir(&directory.0).output()?;
    let wall = start.elapsed();
    if !output.status.success() {
        return Ok(None);
    }
    // The second line of `times` is about the children: minutes and seconds in user and kernel mode.
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().nth(1).unwrap_or_default();
    let seconds = |word: &str| -> Option<f64> {
        let (minutes, seconds) = word.trim_end_matches('s').split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let cpu: f64 = line.split_ascii_whitespace().filter_map(seconds).sum();
    Ok(Some((wall, Duration::from_secs_f64(cpu))))
}

fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A file or directory that is gone afterwards.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The least of all rounds.
#[derive(Default)]
struct Table(Vec<(Way, Run)>);

impl Table {
    fn add(&mut self, way: Way, run: Run) {
        self.0.push((way, run));
    }

    fn least(&self, way: Way, value: impl Fn(&Run) -> Option<f64>) -> f64 {
        let values = self.0.iter().filter(|(of, _)| *of == way).filter_map(|(_, run)| value(run));
        values.fold(f64::NAN, f64::min)
    }

    fn print(&self) {
        println!("CPU ns per call; in brackets what is added (strace: wall ns per call)");
        print!("{:14}", "");
        Storm::ALL.iter().for_each(|storm| print!("{:>18}", storm.name()));
        println!("{:>20}{:>16}", "compile wall", "compile CPU");
        for (way, name) in WAYS {
            print!("{name:14}");
            for at in 0..Storm::ALL.len() {
                let of = |way| self.least(way, |run| run.per_call.get(at).copied());
                let (value, base) = (of(*way), of(Way::Nothing));
                let text = match way {
                    Way::Nothing => format!("{value:.0}"),
                    _ => format!("{value:.0} (+{:.0})", value - base),
                };
                print!("{text:>18}");
            }
            for (width, get) in [
                (20, (|run: &Run| run.compile_wall) as fn(&Run) -> Option<Duration>),
                (16, |run: &Run| run.compile_cpu),
            ] {
                let of = |way| self.least(way, |run| get(run).map(|time| time.as_secs_f64()));
                let (value, base) = (of(*way), of(Way::Nothing));
                let text = match way {
                    Way::Strace => String::new(),
                    Way::Nothing => format!("{value:.3} s"),
                    _ => format!("{value:.3} s ({:+.1} %)", (value / base - 1.0) * 100.0),
                };
                print!("{text:>width$}");
            }
            println!();
        }
        for (way, name) in [(Way::Plain, "lanner"), (Way::Gzip, "lanner -z")] {
            let per_event = |get: fn(&Consumer) -> Duration| {
                self.least(way, |run| {
                    run.recorder.map(|done| get(&done).as_nanos() as f64 / done.events.max(1) as f64)
                })
            };
            let runs = self.0.iter().filter(|(of, _)| *of == way).filter_map(|(_, run)| run.recorder);
            let (events, drops) = runs.fold((0, 0), |(e, d), done| (e + done.events, d + done.drops));
            println!(
                "{name}: {:.0} ns per event on the thread that writes, {:.0} on all; {events} events, {drops} dropped",
                per_event(|done| done.thread),
                per_event(|done| done.process)
            );
        }
    }
}
