//! Two workers, next to two processes that have nothing to do with each other: what the machine can give.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use capture::savefile::Capture;
use lanner_replay::alert::Discard;
use lanner_replay::driver::{Split, iterations, replay_split};
use lanner_replay::engine::Program;

use super::support::measure::best_wall;
use super::support::{Workload, stock_rules};
use super::{Bench, RUNS, open, options, plain, shared, verdicts};

const CHILD: &str = "--replay";
const REPLAYS: usize = 4;
const ROUNDS: usize = 25;
/// Only a capture that takes long is worth splitting; this is how often as long as the others it is.
const LARGE: u64 = 4;

pub fn rows(bench: &Bench, path: &Path, capture: &Capture, program: &Program, events: u64) {
    if !bench.wants("workers") {
        return;
    }
    let processes = |count| (0..RUNS).filter_map(|_| children(path, count)).fold(f64::MAX, f64::min);
    let gain = 2.0 * processes(1) / processes(2);
    let what = "two processes at once, each replaying the capture, for comparison with 2 workers";
    bench.other(what, "-", &format!("{gain:.2} times"));
    let gain = gained(|workers| {
        let each = |_| Ok(verdicts(capture, program, &options()));
        best_wall(1, || iterations(REPLAYS, workers, each).expect("replays"))
    });
    bench.other("4 iterations on 2 workers", ">= 1.9 times 1 worker", &format!("{gain:.2} times"));
    let large = bench.make(Workload::Mixed, LARGE * events, plain());
    let replay_on = |workers| {
        let split = Split::over(workers);
        replay_split(&large, program, &options(), split, || Discard, |_| Ok(())).expect("a replay");
    };
    let mut beside = Vec::new();
    let gain = gained(|workers| {
        let took = best_wall(1, || replay_on(workers));
        if workers == 2 {
            beside.push(best_wall(1, || two_at_once(|| replay_on(1))) / took);
        }
        took
    });
    let what = format!("1 capture of {} events on 2 workers", LARGE * events);
    bench.other(&what, ">= 1.6 times 1 worker", &format!("{gain:.2} times"));
    let what = "the same, compared with 1 worker while another one is as busy";
    bench.other(what, "-", &format!("{:.2} times in the median of rounds", median(beside)));
}

fn two_at_once(work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        scope.spawn(&work);
        work();
    });
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How much quicker work is done on two workers: least times of runs that take turns, as a host that takes processors away
/// does so for longer than a run.
fn gained(mut seconds: impl FnMut(usize) -> f64) -> f64 {
    let mut least = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        for (workers, least) in (1usize..).zip(&mut least) {
            *least = least.min(seconds(workers));
        }
    }
    least[0] / least[1]
}

/// The longest time that one of `count` processes, started together, took for its replays.
fn children(path: &Path, count: usize) -> Option<f64> {
    let start = || {
        let program = std::env::current_exe().ok()?;
        Command::new(program).arg(CHILD).arg(path).stdout(Stdio::piped()).spawn().ok()
    };
    let started: Vec<_> = (0..count).filter_map(|_| start()).collect();
    let seconds = started.into_iter().map(|child| {
        let output = child.wait_with_output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().ok()
    });
    let seconds: Option<Vec<f64>> = seconds.collect();
    seconds.map(|seconds| seconds.into_iter().fold(0.0, f64::max))
}

/// The capture that this process was started to replay.
pub fn replayed_by_child() -> Option<PathBuf> {
    let mut args = std::env::args_os().skip_while(|arg| arg != CHILD);
    args.nth(1).map(PathBuf::from)
}

/// Tells the seconds that the replays took.
pub fn run_as_child(path: &Path) -> ExitCode {
    let Some(program) = stock_rules(true).map(|ruleset| shared(&ruleset)) else { return ExitCode::FAILURE };
    let capture = open(path);
    verdicts(&capture, &program, &options());
    let start = Instant::now();
    for _ in 0..REPLAYS {
        verdicts(&capture, &program, &options());
    }
    println!("{}", start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
