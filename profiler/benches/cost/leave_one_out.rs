//! Does the total change by what the profile says, if a rule is left out?

use lanner_profiler::model::Timing;
use lanner_profiler::session::Options;

use crate::common;

/// Rules that are left out, one after the other.
const RULES: usize = 10;

pub fn run() {
    let Some(mut stock) = common::stock() else { return };
    let Some(mixed) = common::shared("captures/mixed-modern.scap") else { return };
    let capture = common::open(&mixed);
    let options = Options {
        timing: Timing::Rules,
        iterations: 15,
        warmup: 1,
        nodes: false,
        detail: 0,
        overhead_pairs: 0,
        ..Options::default()
    };
    // The least time of the evaluate stage, and of each rule.
    let measure = |ruleset: &_| {
        let profile = common::profile(&capture, ruleset, &options);
        let evaluate = profile.iterations.iter().map(|i| i.stages.evaluate_ns).min().unwrap_or(0);
        (evaluate as f64, common::least_ns(&profile))
    };
    let (_, times) = measure(&stock);
    let mut dearest: Vec<usize> = (0..times.len()).collect();
    dearest.sort_by(|a, b| times[*b].total_cmp(&times[*a]));
    println!(
        "\nevaluation of mixed-modern.scap without one of its {RULES} dearest rules, least of 15 replays:"
    );
    for rule in dearest.into_iter().take(RULES) {
        let (with, times) = measure(&stock);
        stock.rules[rule].enabled = false;
        let (without, _) = measure(&stock);
        stock.rules[rule].enabled = true;
        println!(
            "{:>8.0} us by the profile, {:>8.0} us less without it ({:+.1} %)  {}",
            times[rule] / 1000.0,
            (with - without) / 1000.0,
            100.0 * ((with - without) / times[rule] - 1.0),
            stock.rules[rule].name
        );
    }
}
