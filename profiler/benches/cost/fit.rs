//! How well costs follow times, and which weights would follow them best.

use lanner_profiler::Profile;
use lanner_profiler::cost::{self, ClassWeights, FieldClass};
use lanner_profiler::model::{RuleProfile, WorkCounts};
use lanner_profiler::session::Options;

use crate::common;
use crate::least_squares::{r_squared, solve};

/// Rules shown of each profile, those first that the model is furthest from.
const SHOWN: usize = 4;
/// Replays of each capture.
const REPLAYS: u32 = 15;

/// Profiles by name, with the time of a clock reading.
fn profiles(timed_fields: bool) -> Vec<(&'static str, Profile)> {
    let detail = if timed_fields { 5 } else { 0 };
    let options = Options { iterations: REPLAYS, warmup: 2, detail, overhead_pairs: 0, ..Options::default() };
    let mut profiles = Vec::new();
    let demo = common::open(&common::fixture("captures/demo.scap"));
    let demo_rules = common::load(&[common::fixture("rules/demo.yaml")]);
    profiles.push(("demo, demo rules", common::profile(&demo, &demo_rules, &options)));
    let Some(stock) = common::stock() else { return profiles };
    profiles.push(("demo, stock rules", common::profile(&demo, &stock, &options)));
    let Some(mixed) = common::shared("captures/mixed-modern.scap") else { return profiles };
    let mixed = common::open(&mixed);
    profiles.push(("mixed-modern, stock rules", common::profile(&mixed, &stock, &options)));
    let Some(broad) = common::shared("rules/broad.yaml") else { return profiles };
    let broad = common::load(&[broad]);
    profiles.push(("mixed-modern, broad rules", common::profile(&mixed, &broad, &options)));
    profiles
}

/// Amounts that weights are for.
fn names() -> Vec<String> {
    let work = WorkCounts::KINDS.iter().map(|kind| format!("{kind:?}"));
    let classes = FieldClass::ALL
        .iter()
        .flat_map(|class| [format!("{class:?}"), format!("{class:?} byte"), format!("{class:?} step")]);
    std::iter::once("Evaluation".to_owned()).chain(work).chain(classes).collect()
}

/// Weights of the model in nanoseconds, in the order of [`names`].
fn model_weights() -> Vec<f64> {
    let work = WorkCounts::KINDS.iter().map(|kind| cost::of_work(*kind));
    let classes = FieldClass::ALL.iter().flat_map(|class| {
        let ClassWeights { each, byte, step } = class.weights();
        [each, byte, step]
    });
    let weights = std::iter::once(cost::EVALUATION).chain(work).chain(classes);
    weights.map(|weight| weight as f64 / 100.0).collect()
}

/// Amounts of a rule, in the order of [`names`], in one replay.
fn amounts(rule: &RuleProfile, replays: f64) -> Vec<f64> {
    let mut work = WorkCounts::default();
    let mut classes = vec![[0u64; 3]; FieldClass::ALL.len()];
    for node in &rule.nodes {
        work = work + node.work;
        for field in &node.fields {
            let sums = &mut classes[field.class as usize];
            let more = [field.extractions, field.value_bytes, field.ancestor_steps];
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }
    let amounts =
        std::iter::once(rule.evaluations).chain(work.amounts()).chain(classes.into_iter().flatten());
    amounts.map(|amount| amount as f64 / replays).collect()
}

pub fn run(show_weights: bool, show_fields: bool) {
    let profiles = profiles(show_fields);
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    println!("cost units against least times of {REPLAYS} replays, rule by rule:");
    println!(
        "{:28} {:>6} {:>8} {:>9} {:>13} {:>12}",
        "", "rules", "R2", "Spearman", "units per ns", "typical error"
    );
    for (name, profile) in &profiles {
        let (times, costs) = (common::least_ns(profile), common::costs(profile));
        let kept: Vec<usize> =
            (0..times.len()).filter(|i| profile.rules[*i].evaluations > 0 && times[*i] > 0.0).collect();
        let (times, costs): (Vec<f64>, Vec<f64>) = kept.iter().map(|i| (times[*i], costs[*i])).unzip();
        // One factor for all rules of a profile: how fast the machine is.
        let factor = times.iter().sum::<f64>() / costs.iter().sum::<f64>();
        let estimates: Vec<f64> = costs.iter().map(|cost| cost * factor).collect();
        let mut errors: Vec<f64> =
            times.iter().zip(&estimates).map(|(time, estimate)| (estimate / time - 1.0).abs()).collect();
        errors.sort_by(f64::total_cmp);
        println!(
            "{name:28} {:>6} {:>8.4} {:>9.3} {:>13.1} {:>11.1} %",
            times.len(),
            r_squared(&times, &estimates),
            common::spearman(&times, &costs),
            1.0 / factor,
            100.0 * errors[errors.len() / 2],
        );
        let mut worst: Vec<usize> = (0..times.len()).collect();
        worst.sort_by(|a, b| (estimates[*b] - times[*b]).abs().total_cmp(&(estimates[*a] - times[*a]).abs()));
        for i in worst.into_iter().take(SHOWN) {
            println!(
                "    {:>9.0} ns, {:>9.0} ns by its cost  {}",
                times[i], estimates[i], profile.rules[kept[i]].name
            );
        }
        let replays = profile.iterations.len() as f64;
        rows.extend(kept.iter().map(|i| amounts(&profile.rules[*i], replays)));
        values.extend(times);
    }
    if show_weights {
        let weights = weights(&rows, &values);
        println!("\nwith these weights instead:");
        for (name, profile) in &profiles {
            let replays = profile.iterations.len() as f64;
            let costs: Vec<f64> = profile
                .rules
                .iter()
                .map(|rule| amounts(rule, replays).iter().zip(&weights).map(|(x, w)| x * w).sum())
                .collect();
            let times = common::least_ns(profile);
            println!(
                "{name:28} R2 {:.4}, Spearman {:.3}",
                r_squared(&times, &costs),
                common::spearman(&times, &costs)
            );
            if let Some(comparison) =
                common::falco::with_costs(profile, &costs).filter(|_| name.contains("mixed-modern, stock"))
            {
                println!(
                    "beside Falco: {:.3}, {} of 10",
                    comparison.spearman(|row| row.cost),
                    comparison.dearest_in_common(|row| row.cost)
                );
            }
        }
    }
    if show_fields {
        fields(&profiles);
    }
}

/// Prints the weights that fit best, in hundredths of a nanosecond.
fn weights(rows: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
    let known = model_weights();
    let weights = solve(rows, values, &known);
    let estimates: Vec<f64> =
        rows.iter().map(|row| row.iter().zip(&weights).map(|(x, w)| x * w).sum()).collect();
    println!(
        "\nweights that fit these times best (R2 {:.4}), in hundredths of a nanosecond:",
        r_squared(values, &estimates)
    );
    let total: f64 = values.iter().sum();
    for (i, name) in names().iter().enumerate() {
        let amount: f64 = rows.iter().map(|row| row[i]).sum();
        if amount > 0.0 {
            let share = 100.0 * amount * weights[i] / total;
            println!(
                "{name:24} {:>10.1}   {share:>5.1} % of the time, {amount:>12.0} times",
                100.0 * weights[i]
            );
        }
    }
    weights
}

/// Prints what extractions of each field take when they are timed one by one.
fn fields(profiles: &[(&str, Profile)]) {
    println!("\nextractions timed one by one, the clock's own time taken out:");
    let mut sums = std::collections::BTreeMap::<&str, (u64, f64)>::new();
    for (_, profile) in profiles {
        let read_ns = profile.origins[0].clock.read_ps as f64 / 1000.0;
        for rule in &profile.rules {
            for field in rule.events.iter().filter_map(|row| row.detail.as_ref()).flat_map(|d| &d.fields) {
                let sum = sums.entry(&field.field).or_default();
                sum.0 += field.count;
                sum.1 += field.total_ns as f64 - read_ns * field.count as f64;
            }
        }
    }
    let mut rows: Vec<_> = sums.into_iter().collect();
    rows.sort_by(|a, b| (b.1.1 / b.1.0 as f64).total_cmp(&(a.1.1 / a.1.0 as f64)));
    for (field, (count, ns)) in rows {
        println!(
            "{field:32} {:12} {:>8.1} ns {count:>10} times",
            FieldClass::of(field).name(),
            ns / count as f64
        );
    }
}
