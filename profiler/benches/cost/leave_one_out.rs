//! Does the total change by what the profile says, if a rule is left out?

use lanner_profiler::session::Options;

use crate::common;

/// Rules that are left out, one after the other.
const RULES: usize = 10;
/// Replays with and without, in turn.
const PAIRS: u32 = 200;

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
    let mut layout = Layout(1);
    for rule in dearest.into_iter().take(RULES) {
        let (mut with, mut without, mut own) = (vec![], vec![], vec![]);
        for pair in 0..PAIRS {
            // Who comes first takes turns, too.
            for turn in 0..2 {
                let enabled = (pair + turn) % 2 == 0;
                let column = if enabled { &mut with } else { &mut without };
                stock.rules[rule].enabled = enabled;
                let _ballast = layout.shuffle();
                let profile = common::profile(&capture, &stock, &options);
                column.push(profile.stages().evaluate_ns as f64);
                if enabled {
                    own.push(profile.rules[rule].total_ns() as f64);
                }
            }
        }
        stock.rules[rule].enabled = true;
        let (own, change) = (undisturbed(&mut own), undisturbed(&mut with) - undisturbed(&mut without));
        println!(
            "{:>8.0} us by the profile, {:>8.0} us less without it ({:+.1} %)  {}",
            own / 1000.0,
            change / 1000.0,
            100.0 * (change / own - 1.0),
            stock.rules[rule].name
        );
    }
}

/// Lets each session find another heap. Where things lie by chance makes a few per cent of difference, as much as a rule
/// (Mytkowicz et al., Producing Wrong Data Without Doing Anything Obviously Wrong, ASPLOS 2009).
struct Layout(u64);

impl Layout {
    /// Memory in pieces of many sizes, with holes between them.
    fn shuffle(&mut self) -> Vec<Vec<u8>> {
        let pieces: Vec<Vec<u8>> = (0..4000).map(|_| Vec::with_capacity(16 + self.below(2000))).collect();
        pieces.into_iter().filter(|_| self.below(2) == 0).collect()
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }
}

/// The mean of what was not disturbed: of everything up to a tenth above a low quantile. Disturbances last longer than
/// a pair of replays and make some replays half as long again.
fn undisturbed(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let bound = 1.1 * times[times.len() / 10];
    let kept = &times[..times.partition_point(|time| *time <= bound)];
    kept.iter().sum::<f64>() / kept.len() as f64
}
