//! The figures that this project promises, as a table in Markdown: on captures made from a seed, next to
//! sysdig reading the same events in the same run, and next to the bound of merely summing the bytes.
//!
//! `LANNER_BENCH_EVENTS` sets the size of captures, `LANNER_BENCH_ONLY` picks rows by a part of their name,
//! `LANNER_BLESS=1` puts the table into docs/performance.md.

#[path = "../support/mod.rs"]
mod support;

mod gzip;
mod peer;
mod recorded;
mod workers;

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use capture::savefile::{BlockKind, Capture, Compression, ReadOptions, WriteOptions, WriterProfile};
use lanner_replay::alert::{AlertFormat, AlertOptions, Discard, WriteAlerts};
use lanner_replay::driver::{Progress, ReplayOptions, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Program, Strategy};
use lanner_replay::rules::Ruleset;
use profiler::clock::CpuClock;
use profiler::probe::{Recorder, Sample, TimeRules};

use support::measure::{anonymous_kb, best_cpu};
use support::{BROAD, Workload, generated_rules, loaded, page, stock_rules};

/// Runs of which the best counts.
const RUNS: usize = 5;

struct Bench {
    folder: PathBuf,
    events: u64,
    only: Option<String>,
    /// Events per second of sysdig's bare read.
    peer: Option<f64>,
    /// Events per second at the speed of summing the bytes.
    bound: f64,
    /// What was printed.
    text: RefCell<String>,
}

impl Bench {
    fn wants(&self, what: &str) -> bool {
        self.only.as_ref().is_none_or(|only| what.contains(only.as_str()))
    }

    fn print(&self, line: &str) {
        println!("{line}");
        self.text.borrow_mut().extend([line, "\n"]);
    }

    /// One row: events per second next to target, peer and bound.
    fn row(&self, what: &str, target: &str, rate: f64) {
        let peer = self.peer.map_or("-".to_string(), |peer| format!("{:.1}", rate / peer));
        self.print(&format!(
            "| {what} | {target} | {:.2} M/s | {peer} | {:.3} |",
            rate / 1e6,
            rate / self.bound
        ));
    }

    /// One row that is not a rate of events.
    fn other(&self, what: &str, target: &str, figure: &str) {
        self.print(&format!("| {what} | {target} | {figure} | - | - |"));
    }

    fn make(&self, workload: Workload, events: u64, options: WriteOptions) -> Capture {
        let path = self.folder.join(format!("{}-{events}", workload.name()));
        let file = std::io::BufWriter::new(File::create(&path).expect("a file"));
        workload.write(events, options, file).expect("a capture");
        open(&path)
    }
}

fn plain() -> WriteOptions {
    WriteOptions { profile: WriterProfile::Schema45, compression: Compression::None }
}

fn open(path: &Path) -> Capture {
    Capture::open(path, ReadOptions::default()).expect("a capture")
}

fn options() -> ReplayOptions<'static> {
    ReplayOptions { mode: MatchMode::All, ..ReplayOptions::default() }
}

fn shared(ruleset: &Ruleset) -> Program {
    Program::with_strategy(ruleset, Strategy::Shared)
}

/// Events of a replay that throws its alerts away.
fn verdicts(capture: &Capture, program: &Program, options: &ReplayOptions<'_>) -> u64 {
    replay(capture, program, options, &mut NoProbe, &mut Discard).expect("a replay").events
}

fn decode(capture: &Capture) -> u64 {
    let (mut events, mut sum) = (0, 0u64);
    support::decode(capture, |event| {
        events += 1;
        sum = sum.wrapping_add(event.ts_ns).wrapping_add(event.i64_at(0).unwrap_or(0) as u64);
    });
    std::hint::black_box(sum);
    events
}

/// Event blocks of a capture, those that are absorbed when it is read included.
fn decode_blocks(path: &Path) -> u64 {
    let capture = open(path);
    let mut reader = capture.reader().expect("a capture");
    let (blocks, _) = reader.parts();
    let mut count = 0;
    while let Some(block) = blocks.next_block().expect("no damage") {
        count += u64::from(matches!(block.ty.kind(), BlockKind::Event { .. }));
    }
    count
}

fn sum_words(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().fold(0, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}

fn main() -> ExitCode {
    if let Some(path) = workers::replayed_by_child() {
        return workers::run_as_child(&path);
    }
    let folder = std::env::temp_dir().join(format!("lanner-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let events = std::env::var("LANNER_BENCH_EVENTS").ok().and_then(|text| text.parse().ok());
    let events = events.unwrap_or(1_000_000);
    let only = std::env::var("LANNER_BENCH_ONLY").ok();
    let mut bench = Bench { folder, events, only, peer: None, bound: 1.0, text: RefCell::default() };
    run(&mut bench);
    let _ = std::fs::remove_dir_all(&bench.folder);
    // Some rows are not the table.
    if page::is_wanted() && bench.only.is_none() {
        page::replace("table", &bench.text.borrow());
    }
    ExitCode::SUCCESS
}

fn run(bench: &mut Bench) {
    let path = bench.folder.join(format!("mixed-{}", bench.events));
    let capture = bench.make(Workload::Mixed, bench.events, plain());
    let bytes = std::fs::read(&path).expect("the capture");
    let events = decode(&capture);
    bench.bound = events as f64 / best_cpu(RUNS, || sum_words(std::hint::black_box(&bytes)));
    let each = bytes.len() as f64 / events as f64;
    bench.print(&format!("{events} events of {each:.1} bytes, mixed workload\n"));
    if bench.wants("sysdig") || bench.only.is_none() {
        bench.peer = peer::sysdig(&bench.folder, bench.events);
    }
    bench.print("| what | target | figure | times sysdig | part of the bound |\n|---|---|---|---|---|");
    if let Some(peer) = bench.peer {
        bench.row("sysdig, a filter that never matches", "-", peer);
    }
    bench.row("summing the bytes", "-", bench.bound);
    memory(bench);
    stages(bench, &capture, events);
    let programs = rules(bench, &capture, events);
    alerts(bench, &capture);
    if let Some(every) = &programs {
        profiled(bench, &capture, every, events);
        workers::rows(bench, &path, &capture, every, events);
        workloads(bench, every);
        recorded::row(bench, every);
    }
    if let Some(every) = &programs {
        gzip::row(bench, bytes.len(), &capture, every);
    }
    load(bench);
}

fn stages(bench: &Bench, capture: &Capture, events: u64) {
    if bench.wants("decode") {
        let seconds = best_cpu(RUNS, || decode(capture));
        bench.row("decode", ">= 30 M/s, 1/3 of the bound", events as f64 / seconds);
    }
    if bench.wants("decode and state") {
        let nothing = Program::lower(&Ruleset::default());
        let seconds = best_cpu(RUNS, || verdicts(capture, &nothing, &options()));
        bench.row("decode and state", ">= 15 M/s", events as f64 / seconds);
    }
    if bench.wants("skimming") {
        let seconds = best_cpu(RUNS, || _ = std::hint::black_box(support::skim(capture)));
        bench.row("decode and skimming, for another worker to come that far", "-", events as f64 / seconds);
    }
}

/// Verdicts with rulesets of growing size; returns the largest of the public ones.
fn rules(bench: &Bench, capture: &Capture, events: u64) -> Option<Program> {
    let verdict_row = |what: &str, target: &str, program: &Program| {
        if bench.wants(what) {
            let seconds = best_cpu(RUNS, || verdicts(capture, program, &options()));
            bench.row(what, target, events as f64 / seconds);
        }
    };
    let stock = [false, true].map(|every| stock_rules(every).map(|ruleset| shared(&ruleset)));
    let [stable, every] = stock;
    match &stable {
        Some(program) => verdict_row("25 public rules, verdicts", ">= 12 M/s, 3x sysdig", program),
        None => bench.other("public rules", "-", "not beside the repository"),
    }
    if let Some(program) = &every {
        verdict_row("93 public rules, verdicts", ">= 9 M/s", program);
    }
    for (count, target) in [(10, "-"), (100, "-"), (1_000, ">= 3 M/s")] {
        let program = shared(&loaded("generated.yaml", generated_rules(count)));
        verdict_row(&format!("{count} generated rules, verdicts"), target, &program);
    }
    every
}

fn alerts(bench: &Bench, capture: &Capture) {
    if !bench.wants("alerts") {
        return;
    }
    let ruleset = loaded("broad.yaml", BROAD.to_string());
    let format = AlertFormat::new(&ruleset, &AlertOptions { json: true, ..AlertOptions::default() })
        .unwrap_or_else(|(_, error)| panic!("{error}"));
    let program = shared(&ruleset);
    let mut count = 0;
    let seconds = best_cpu(RUNS, || {
        let file = File::create(bench.folder.join("alerts.json")).expect("a file");
        let mut sink = WriteAlerts::new(&format, file);
        count = replay(capture, &program, &options(), &mut NoProbe, &mut sink).expect("a replay").alerts;
        sink.finish().expect("a file")
    });
    let rate = count as f64 / seconds;
    let figure = format!("{:.2} M alerts/s of {count}, events without alerts included", rate / 1e6);
    bench.other("alerts to a JSON file", ">= 1 M alerts/s", &figure);
}

fn profiled(bench: &Bench, capture: &Capture, program: &Program, events: u64) {
    if bench.wants("profiled") {
        let (rules, nodes) = (program.rule_count(), program.nodes().len());
        let seconds = best_cpu(RUNS, || {
            let mut probe =
                Recorder::<_, TimeRules>::new(CpuClock::new(), rules, nodes, Vec::new(), Sample::new(1, 0));
            replay(capture, program, &options(), &mut probe, &mut Discard).expect("a replay");
            probe.finish()
        });
        bench.row("93 public rules, profiled", ">= 1.5 M/s", events as f64 / seconds);
    }
}

/// All public rules on other captures.
fn workloads(bench: &Bench, program: &Program) {
    for workload in &Workload::ALL[1..] {
        let what = format!("93 public rules, {}", workload.name());
        if bench.wants(&what) {
            let capture = bench.make(*workload, bench.events / 2, plain());
            let events = decode(&capture);
            let seconds = best_cpu(3, || verdicts(&capture, program, &options()));
            bench.row(&what, "-", events as f64 / seconds);
        }
    }
}

fn load(bench: &Bench) {
    if bench.wants("load") && stock_rules(true).is_some() {
        let seconds = best_cpu(RUNS, || stock_rules(true).map(|ruleset| shared(&ruleset)));
        bench.other("load all public rules", "<= 30 ms", &format!("{:.1} ms", seconds * 1e3));
    }
}

/// The most memory that is not the mapped file, on a capture and on one four times as long. Comes first, as what
/// is freed later would be used again.
fn memory(bench: &Bench) {
    if !bench.wants("memory") {
        return;
    }
    let program = shared(&loaded("generated.yaml", generated_rules(100)));
    let [short, long] = [2, 8].map(|factor| {
        let capture = bench.make(Workload::Threads(10_000), factor * bench.events, plain());
        let before = anonymous_kb();
        let most = std::sync::atomic::AtomicU64::new(0);
        let look = |at: Progress| {
            if at.events.is_multiple_of(1 << 18) {
                most.fetch_max(anonymous_kb(), std::sync::atomic::Ordering::Relaxed);
            }
        };
        verdicts(&capture, &program, &ReplayOptions { progress: Some(&look), ..options() });
        most.into_inner().saturating_sub(before) as f64 / 1024.0
    });
    let what = format!("memory, {} events of 10,000 threads", 8 * bench.events);
    let figure = format!("{long:.1} MB; {short:.1} MB for a quarter of the events");
    bench.other(&what, "<= 150 MB", &figure);
}
