//! Instructions of the hot paths, counted by valgrind, against a file in the repository: they do not depend on
//! how busy the machine is, so that CI can tell when something got slower.
//!
//! `LANNER_BLESS=1` writes the file anew, and the stages into docs/performance.md. Another compiler makes other
//! code: then nothing is compared.

mod support;

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, ExitCode};

use capture::savefile::Capture;
use lanner_replay::alert::{AlertFormat, AlertOptions, Discard, WriteAlerts};
use lanner_replay::driver::{ReplayOptions, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Program, Strategy};
use lanner_replay::rules::Ruleset;
use support::{BROAD, Workload, generated_rules, loaded, page, stock_rules};

const PATHS: [&str; 7] =
    ["decode", "state", "skimming", "shared strategy", "faithful strategy", "1000 rules", "alerts as JSON"];
const EVENTS: u64 = 20_000;
/// Largest difference, in hundredths, that is nobody's fault: processors choose among versions of memcpy.
const TOLERANCE: u64 = 2;

/// Instructions are counted while this runs.
#[inline(never)]
fn measured_path(work: &mut dyn FnMut()) {
    work();
}

fn run_path(path: &str) {
    let capture = Capture::from_bytes("made", Workload::Mixed.capture(EVENTS));
    let options = ReplayOptions { mode: MatchMode::All, ..ReplayOptions::default() };
    let verdicts = |ruleset: &Ruleset, strategy| {
        let program = Program::with_strategy(ruleset, strategy);
        measured_path(&mut || {
            replay(&capture, &program, &options, &mut NoProbe, &mut Discard).expect("a replay");
        });
    };
    let generated = |count| loaded("generated.yaml", generated_rules(count));
    match path {
        "decode" => measured_path(&mut || {
            let mut sum = 0u64;
            support::decode(&capture, |event| {
                sum = sum.wrapping_add(event.ts_ns).wrapping_add(event.i64_at(0).unwrap_or(0) as u64);
            });
            std::hint::black_box(sum);
        }),
        "state" => verdicts(&Ruleset::default(), Strategy::Shared),
        "skimming" => measured_path(&mut || _ = std::hint::black_box(support::skim(&capture))),
        "shared strategy" => verdicts(&generated(100), Strategy::Shared),
        "faithful strategy" => verdicts(&generated(100), Strategy::Faithful),
        "1000 rules" => verdicts(&generated(1_000), Strategy::Shared),
        // Not compared, as the rules are not in the repository: for looking into.
        "public rules" => verdicts(&stock_rules(true).expect("the rules"), Strategy::Shared),
        "alerts as JSON" => {
            let ruleset = loaded("broad.yaml", BROAD.to_string());
            let format = AlertFormat::new(&ruleset, &AlertOptions { json: true, ..AlertOptions::default() });
            let format = format.unwrap_or_else(|(_, error)| panic!("{error}"));
            let program = Program::with_strategy(&ruleset, Strategy::Shared);
            measured_path(&mut || {
                let mut sink = WriteAlerts::new(&format, std::io::sink());
                replay(&capture, &program, &options, &mut NoProbe, &mut sink).expect("a replay");
            });
        }
        other => panic!("no path is called {other}"),
    }
}

/// The stages of a replay: what each path counts on top of the one before it.
fn stages(counts: &[u64]) -> String {
    let of = |path: &str| {
        let at = PATHS.iter().position(|other| *other == path);
        at.map_or(0, |at| counts[at]) / 100
    };
    let [decode, state] = ["decode", "state"].map(of);
    let rules = |path| of(path).saturating_sub(state);
    let rows = [
        ("decode", decode, "blocks found, lengths checked and summed up, converters asked"),
        ("state", state - decode, "tables of threads and descriptors"),
        ("skimming, instead of state", of("skimming") - decode, "the same for a worker that only goes ahead"),
        ("100 rules, shared strategy", rules("shared strategy"), "all rules of an event type in one piece"),
        (
            "1,000 rules, shared strategy",
            rules("1000 rules"),
            "ten times the rules, hardly any of which are asked",
        ),
        ("100 rules, faithful strategy", rules("faithful strategy"), "each rule on its own, as Falco does"),
        (
            "alerts of two thirds of the events",
            rules("alerts as JSON"),
            "a rule that matches, its output as text and JSON",
        ),
    ];
    let mut text = "| stage | instructions per event | what it does |\n|---|---|---|\n".to_string();
    for (stage, count, what) in rows {
        let _ = writeln!(text, "| {stage} | {count} | {what} |");
    }
    text
}

/// Instructions of a path per event, in hundredths; `None` where valgrind is not installed.
fn count(path: &str) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*measured_path*"])
        .arg(std::env::current_exe().ok()?)
        .args(["--path", path])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "valgrind failed: {text}");
    let line = text.lines().find_map(|line| line.split_once("Collected : "));
    let instructions: u64 = line.and_then(|(_, number)| number.trim().parse().ok()).expect("a count");
    Some(100 * instructions / EVENTS)
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().expect("the compiler");
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--path") {
        run_path(&args[at + 1]);
        return ExitCode::SUCCESS;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let compiler = compiler();
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let counted_with = expected.lines().next().unwrap_or_default();
    if counted_with != compiler && !page::is_wanted() {
        println!("skipped: the counts are of {counted_with}, and this is {compiler}");
        return ExitCode::SUCCESS;
    }
    let counts: Option<Vec<u64>> = PATHS.iter().map(|path| count(path)).collect();
    let Some(counts) = counts else {
        println!("skipped: valgrind is not installed");
        return ExitCode::SUCCESS;
    };
    if page::is_wanted() {
        let mut text = format!("{compiler}\n");
        for (path, count) in PATHS.iter().zip(&counts) {
            let _ = writeln!(text, "{path}: {}.{:02} instructions per event", count / 100, count % 100);
        }
        std::fs::write(&file, text).expect("the file of counts");
        page::replace("stages", &stages(&counts));
        return ExitCode::SUCCESS;
    }
    let lines = expected.lines();
    let mut worse = false;
    for (path, count) in PATHS.iter().zip(&counts) {
        let line = lines.clone().find_map(|line| line.strip_prefix(path)?.strip_prefix(": "));
        let before: Option<f64> = line.and_then(|line| line.split(' ').next()?.parse().ok());
        let before = before.map_or(0, |before| (before * 100.0).round() as u64);
        let differs = count.abs_diff(before) * 100 > TOLERANCE * before;
        println!(
            "{path}: {}.{:02} instructions per event, before {}.{:02}{}",
            count / 100,
            count % 100,
            before / 100,
            before % 100,
            if differs { " <- differs" } else { "" }
        );
        worse |= differs;
    }
    if worse {
        println!("more than {TOLERANCE} % apart: say why and run this again with LANNER_BLESS=1");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
