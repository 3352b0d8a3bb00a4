//! What measuring costs, in every mode.

use lanner_profiler::model::Timing;
use lanner_profiler::session::Options;

use crate::common;

/// Pairs of replays for a figure.
const PAIRS: u32 = 15;

pub fn run() {
    let Some(stock) = common::stock() else { return };
    let Some(mixed) = common::shared("captures/mixed-modern.scap") else { return };
    let capture = common::open(&mixed);
    println!("\noverhead on mixed-modern.scap, stock rules, {PAIRS} pairs of replays, processor time:");
    for (name, timing, sample) in [
        ("--timing off", Timing::Off, 1),
        ("--timing rules", Timing::Rules, 1),
        ("--timing rules --sample 1/8", Timing::Rules, 8),
        ("--timing nodes --sample 1/8", Timing::Nodes, 8),
        ("--timing nodes", Timing::Nodes, 1),
    ] {
        let options = Options {
            timing,
            sample,
            overhead_pairs: PAIRS,
            iterations: 1,
            nodes: false,
            detail: 0,
            ..Options::default()
        };
        let profile = common::profile(&capture, &stock, &options);
        let overhead = profile.origins[0].overhead.as_ref();
        let Some((median, least, most)) = overhead.and_then(|overhead| overhead.share()) else { continue };
        let least_ns = |times: &[u64]| times.iter().min().copied().unwrap_or(0) as f64;
        let of_least = overhead.map_or(0.0, |o| least_ns(&o.measured_ns) / least_ns(&o.plain_ns) - 1.0);
        println!(
            "{name:28} median {:>6.1} %, from {:.1} % to {:.1} %; of the least times {:.1} % of {:.1} ms",
            100.0 * median,
            100.0 * least,
            100.0 * most,
            100.0 * of_least,
            overhead.map_or(0.0, |o| least_ns(&o.plain_ns)) / 1e6
        );
    }
}
