//! Does the total change by what the profile says, if a rule is left out?

use lanner_profiler::session::Options;

use crate::common;

/// Rules that are left out, one after the other.
const RULES: usize = 10;
/// Replays with and without, in turn.
const PAIRS: u32 = 120;

pub fn run() {
    let Some(mut stock) = common::stock() else { return };
    let Some(mixed) = common::shared("captures/mixed-modern.scap") else { return };
    let capture = common::open(&mixed);
    let options = Options {
        iterations: 1,
        warmup: 0,
        nodes: false,
        detail: 0,
        overhead_pairs: 0,
        ..Options::default()
    };
    let many = Options { iterations: PAIRS, warmup: 2, ..options.clone() };
    let times = common::least_ns(&common::profile(&capture, &stock, &many));
    let mut dearest: Vec<usize> = (0..times.len()).collect();
    dearest.sort_by(|a, b| times[*b].total_cmp(&times[*a]));
    println!(
        "\nevaluation of mixed-modern.scap without one of its {RULES} dearest rules, {PAIRS} replays each way:"
    );
    for rule in dearest.into_iter().take(RULES) {
        let (mut with, mut without, mut own) = (vec![], vec![], vec![]);
        for pair in 0..PAIRS {
            // Who comes first takes turns, too.
            for turn in 0..2 {
                let enabled = (pair + turn) % 2 == 0;
                let column = if enabled { &mut with } else { &mut without };
                stock.rules[rule].enabled = enabled;
                let profile = common::profile(&capture, &stock, &options);
                column.push(profile.stages().evaluate_ns as f64);
                if enabled {
                    own.push(profile.rules[rule].total_ns() as f64);
                }
            }
        }
        stock.rules[rule].enabled = true;
        let (own, change) = (low(&mut own), low(&mut with) - low(&mut without));
        println!(
            "{:>8.0} us by the profile, {:>8.0} us less without it ({:+.1} %)  {}",
            own / 1000.0,
            change / 1000.0,
            100.0 * (change / own - 1.0),
            stock.rules[rule].name
        );
    }
}

/// A low quantile: what is above it was disturbed. Medians of differences of pairs were tried on a busy machine and are
/// worse: disturbances last longer than a pair.
fn low(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 10]
}
