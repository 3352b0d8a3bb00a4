//! How cost grows: time against the number of events, rules, threads, list items and workers.
//!
//! Prints a table in Markdown with the exponents, which are the slopes of log time over log number by least
//! squares. With `LANNER_BLESS=1` it also draws the curves into docs/images/ and puts table and pictures into
//! docs/performance.md. `LANNER_BENCH_EVENTS` sets the size of captures.

#[path = "../support/mod.rs"]
mod support;

mod plot;

use std::fmt::Write;

use capture::savefile::Capture;
use lanner_replay::alert::Discard;
use lanner_replay::driver::{ReplayOptions, Split, iterations, replay, replay_split};
use lanner_replay::engine::{MatchMode, NoProbe, Program, Strategy};

use plot::{Line, Plot, exponent};
use support::measure::{best_cpu, best_wall};
use support::{Workload, generated_rules, loaded, page};

/// Runs of which the best counts.
const RUNS: usize = 3;

fn main() {
    let events = std::env::var("LANNER_BENCH_EVENTS").ok().and_then(|text| text.parse().ok());
    let events: u64 = events.unwrap_or(200_000);
    let plots =
        [by_events(events), by_rules(events), by_threads(events), by_items(events), by_workers(events)];
    let table = table(&plots);
    println!("{table}");
    if page::is_wanted() {
        let mut text = table;
        for plot in &plots {
            page::write_image(&plot.file(), &plot.svg());
            let _ = write!(text, "\n![{}](images/{})", plot.title, plot.file());
        }
        page::replace("growth", &text);
    }
}

fn table(plots: &[Plot]) -> String {
    let mut text = "| against | of | at | exponent |\n|---|---|---|---|\n".to_string();
    for plot in plots {
        for line in &plot.lines {
            let ends = [line.points.first(), line.points.last()].map(|point| *point.expect("a point"));
            let [first, last] = ends.map(|(x, y)| format!("{}: {}", plot::number(x), plot.value(y)));
            let _ = writeln!(
                text,
                "| {} | {} | {first}; {last} | {:.2} |",
                plot.x_label,
                line.label,
                exponent(&line.points)
            );
        }
    }
    text
}

fn program(text: String, strategy: Strategy) -> Program {
    Program::with_strategy(&loaded("generated.yaml", text), strategy)
}

fn options() -> ReplayOptions<'static> {
    ReplayOptions { mode: MatchMode::All, ..ReplayOptions::default() }
}

fn verdicts(capture: &Capture, program: &Program) -> u64 {
    replay(capture, program, &options(), &mut NoProbe, &mut Discard).expect("a replay").events
}

/// CPU time per event in ns.
fn per_event(capture: &Capture, program: &Program) -> f64 {
    let mut events = 1;
    let seconds = best_cpu(RUNS, || events = verdicts(capture, program));
    seconds * 1e9 / events as f64
}

fn made(workload: Workload, events: u64) -> Capture {
    Capture::from_bytes(workload.name(), workload.capture(events))
}

fn by_events(events: u64) -> Plot {
    let program = program(generated_rules(100), Strategy::Shared);
    let points = [8, 4, 2, 1].map(|part| events / part).into_iter().chain([2 * events, 4 * events]);
    let points = points.map(|events| {
        let capture = made(Workload::Mixed, events);
        (events as f64, best_cpu(RUNS, || verdicts(&capture, &program)) * 1e3)
    });
    Plot {
        title: "Time of a replay by number of events",
        x_label: "events",
        y_label: "ms",
        lines: vec![Line { label: "replay with 100 rules", points: points.collect() }],
    }
}

fn by_rules(events: u64) -> Plot {
    let capture = made(Workload::Mixed, events);
    let line = |label, strategy, counts: &[usize]| {
        let point =
            |&count: &usize| (count as f64, per_event(&capture, &program(generated_rules(count), strategy)));
        Line { label, points: counts.iter().map(point).collect() }
    };
    Plot {
        title: "Time per event by number of rules",
        x_label: "rules",
        y_label: "ns per event",
        lines: vec![
            line("shared strategy", Strategy::Shared, &[10, 30, 100, 300, 1_000, 3_000]),
            line("faithful strategy", Strategy::Faithful, &[10, 30, 100, 300, 1_000]),
        ],
    }
}

fn by_threads(events: u64) -> Plot {
    let program = program(generated_rules(100), Strategy::Shared);
    let points = [10, 100, 1_000, 10_000, 100_000].map(|threads| {
        // Every thread has several turns. Taking over the list of threads is left out: a difference of two
        // times, for which each needs more runs.
        let [head, whole] = [1, events.max(10 * threads)].map(|events| {
            let capture = made(Workload::Threads(threads), events);
            let mut events = 0;
            let seconds = best_cpu(4 * RUNS, || events = verdicts(&capture, &program));
            (seconds, events as f64)
        });
        (threads as f64, (whole.0 - head.0) * 1e9 / (whole.1 - head.1))
    });
    Plot {
        title: "Time per event by number of threads that take turns",
        x_label: "threads",
        y_label: "ns per event",
        lines: vec![Line { label: "replay with 100 rules", points: points.to_vec() }],
    }
}

fn by_items(events: u64) -> Plot {
    let capture = made(Workload::FileStorm, events);
    let line = |label, operator: &str| {
        let points = [10, 100, 1_000, 10_000].map(|count| {
            let items: Vec<String> = (0..count).map(|number| format!("/srv/data{number}/file")).collect();
            let condition = format!("evt.type = openat and fd.name {operator} ({})", items.join(", "));
            let text = format!(
                "- rule: Listed\n  desc: A long list\n  condition: {condition}\n  output: Seen\n  priority: DEBUG\n"
            );
            (f64::from(count), per_event(&capture, &program(text, Strategy::Faithful)))
        });
        Line { label, points: points.to_vec() }
    };
    Plot {
        title: "Time per event by length of a list",
        x_label: "list items",
        y_label: "ns per event",
        lines: vec![line("fd.name in", "in"), line("fd.name pmatch", "pmatch")],
    }
}

fn by_workers(events: u64) -> Plot {
    let capture = made(Workload::Mixed, 4 * events);
    let program = program(generated_rules(1_000), Strategy::Faithful);
    let points = |run: &dyn Fn(usize)| {
        let most = std::thread::available_parallelism().map_or(1, usize::from).clamp(2, 8);
        let point = |workers: usize| (workers as f64, best_wall(RUNS, || run(workers)) * 1e3);
        (1..=most).map(point).collect::<Vec<_>>()
    };
    let short = made(Workload::Mixed, events);
    let iterate = |workers| {
        let each = |_| Ok(verdicts(&short, &program));
        iterations(4, workers, each).expect("replays");
    };
    let split = |workers| {
        let discard = |_| Ok(());
        replay_split(&capture, &program, &options(), Split::over(workers), || Discard, discard)
            .expect("a replay");
    };
    Plot {
        title: "Elapsed time by number of workers",
        x_label: "workers",
        y_label: "ms",
        lines: vec![
            Line { label: "4 iterations", points: points(&iterate) },
            Line { label: "1 capture", points: points(&split) },
        ],
    }
}
