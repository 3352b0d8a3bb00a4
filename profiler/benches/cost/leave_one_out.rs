//! Does the total change by what the profile says, if a rule is left out?

use std::time::Duration;

use lanner_profiler::Profile;
use lanner_profiler::model::Saving;
use lanner_profiler::session::{CaptureVariants, LeaveOutOptions, Options, leave_out};
use replay::alert::{AlertFormat, AlertOptions};
use replay::engine::{MatchMode, Strategy};

use crate::common;

/// Prints times of rules by the profile and what leaving them out saves, measured twice. `seconds=N`, `rules=N` and `sample=N` among the
/// arguments replace what is usual. Machines change their speed in minutes, so each round has its part of both.
pub fn run(args: &[String]) {
    let number = |name: &str, usual: u32| {
        let value = args.iter().find_map(|arg| arg.strip_prefix(name)?.strip_prefix('='));
        value.and_then(|value| value.parse().ok()).unwrap_or(usual)
    };
    let (Some(stock), Some(mut changed)) = (common::stock(), common::stock()) else { return };
    let Some(mixed) = common::shared("captures/mixed-modern.scap") else { return };
    let capture = common::open(&mixed);
    let sample = number("sample", 8);
    let options = Options {
        iterations: 8,
        warmup: 0,
        sample,
        nodes: false,
        detail: 0,
        overhead_pairs: 0,
        ..Options::default()
    };
    let mut profile =
        common::profile(&capture, &stock, &Options { iterations: 16, warmup: 2, ..options.clone() });
    let mut dearest: Vec<usize> = (0..profile.rules.len()).collect();
    dearest.sort_by_key(|rule| std::cmp::Reverse(profile.rules[*rule].total_ns()));
    dearest.truncate(number("rules", 10) as usize);

    let format = AlertFormat::new(&stock, &AlertOptions::default()).expect("outputs that are valid");
    let mut variants = CaptureVariants {
        captures: &[&capture],
        ruleset: &mut changed,
        strategy: Strategy::Faithful,
        format: &format,
        mode: MatchMode::All,
    };
    let seconds = Duration::from_secs(u64::from(number("seconds", 170)));
    let limits = LeaveOutOptions { error: 0.01, time_max: seconds / 2, rounds_max: u32::MAX };
    let mut own = vec![Vec::new(); dearest.len()];
    let mut all_rounds = 0;
    let mut savings = [(); 2].map(|()| {
        let mut rounds = 0;
        let result = leave_out(&mut variants, &dearest, &limits, &mut profile, |progress| {
            if progress.rounds > rounds {
                rounds = progress.rounds;
                let profile = common::profile(&capture, &stock, &options);
                for (own, rule) in own.iter_mut().zip(&dearest) {
                    own.push(undisturbed_ns(&profile, *rule));
                }
            }
            true
        });
        result.expect("a capture that can be replayed");
        all_rounds += rounds;
        dearest.iter().filter_map(|rule| profile.rules[*rule].saving.take()).collect::<Vec<_>>()
    });
    println!(
        "\nmixed-modern.scap without one of its {} dearest rules, {all_rounds} rounds, sample 1/{sample}:\n\
         by the profile, saved; saved in one half of the rounds, in the other",
        dearest.len()
    );
    let [first, again] = &mut savings;
    let mut near = [0; 2];
    let mut sums = [0.0; 2];
    for (((rule, own), first), again) in dearest.iter().zip(&mut own).zip(first).zip(again) {
        own.sort_by(f64::total_cmp);
        let middle = &own[own.len() / 5..own.len() - own.len() / 5];
        let own = middle.iter().sum::<f64>() / middle.len() as f64;
        let rounds_ns = first.rounds_ns.iter().chain(&again.rounds_ns).copied().collect();
        let Some(both) = Saving::of(rounds_ns) else { continue };
        let saved = both.saved_ns as f64;
        let off = [saved / own - 1.0, again.saved_ns as f64 / first.saved_ns as f64 - 1.0];
        for (near, off) in near.iter_mut().zip(off) {
            *near += usize::from(off.abs() <= 0.15);
        }
        sums = [sums[0] + own, sums[1] + saved];
        println!(
            "{:>8.0} us, {:>8.0} us ({:+5.1} % ± {:>4.1}); {:>8.0} us, {:>8.0} us ({:+5.1} %)  {}",
            own / 1000.0,
            saved / 1000.0,
            100.0 * off[0],
            100.0 * both.half_width_ns() as f64 / own,
            first.saved_ns as f64 / 1000.0,
            again.saved_ns as f64 / 1000.0,
            100.0 * off[1],
            profile.rules[*rule].name
        );
    }
    println!(
        "within 15 %: by the profile {} of {}, their sum {:+.1} %; measured again {} of {}",
        near[0],
        dearest.len(),
        100.0 * (sums[1] / sums[0] - 1.0),
        near[1],
        dearest.len()
    );
}

/// Mean time of a rule in a replay, at the speed that the machine had in the quickest of these replays.
fn undisturbed_ns(profile: &Profile, rule: usize) -> f64 {
    let evaluate = |times: &mut dyn Iterator<Item = u64>| {
        times.fold((u64::MAX, 0.0), |(least, sum), ns| (least.min(ns), sum + ns as f64))
    };
    let (least, sum) = evaluate(&mut profile.iterations.iter().map(|i| i.stages.evaluate_ns));
    profile.rules[rule].total_ns() as f64 * least as f64 / sum
}
