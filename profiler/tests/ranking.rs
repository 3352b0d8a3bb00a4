//! Does a profile name the rules that cost most, and is what it says of them true?

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use capture::savefile::Capture;
use lanner_profiler::Profile;
use lanner_profiler::model::{Iteration, Timing};
use lanner_profiler::session::{self, Inputs, Options, Replay, Replayed};
use lanner_profiler::sites::Sites;
use replay::alert::AlertSink;
use replay::context::EventContext;
use replay::driver::{Progress, ReplayOptions, replay};
use replay::engine::{MatchMode, Probe, Program};
use replay::rules::{RuleId, Ruleset};

/// A long list for every ancestor.
const LIST: &str = "(proc.aname in (names) or proc.aexepath in (names) or proc.acmdline in (names) or \
                    proc.aexe in (names))";
/// Globs that start over at every byte.
const GLOB: &str = "(proc.acmdline iglob \"*[a-z]?[a-z]?[/ -]?[0-9]?[a-z]?@*\" or \
                    proc.cmdline iglob \"*?[a-z]?[a-z]?[0-9]?@*\")";

/// The demo's rules with a bad one after them, which looks at every event.
fn planted(condition: &str) -> Ruleset {
    let demo = std::fs::read_to_string(common::fixture("rules/demo.yaml")).unwrap();
    let names: Vec<String> = (0..3000).map(|i| format!("name-{i}")).collect();
    let rule = format!(
        "- list: names\n  items: [{}]\n- rule: planted\n  desc: slow\n  condition: >\n    evt.num >= 0 and \
         {condition}\n  output: planted\n  priority: DEBUG\n",
        names.join(", ")
    );
    common::load_texts(vec![("demo.yaml".to_owned(), demo), ("planted.yaml".to_owned(), rule)])
}

/// The first events of a capture.
struct Beginning<'a> {
    capture: &'a Capture,
    program: &'a Program,
    events: u64,
}

struct NoAlerts;

impl AlertSink for NoAlerts {
    fn alert(&mut self, _rule: RuleId, _cx: &EventContext<'_>) -> std::io::Result<()> {
        Ok(())
    }
}

impl Replay for Beginning<'_> {
    type Error = replay::Error;

    fn replay<P: Probe>(&self, probe: &mut P) -> Result<Replayed, replay::Error> {
        let over = AtomicBool::new(false);
        let progress = |progress: Progress| {
            over.store(progress.events >= self.events, Ordering::Relaxed);
        };
        let options = ReplayOptions {
            mode: MatchMode::All,
            cancel: Some(&over),
            progress: Some(&progress),
            ..ReplayOptions::default()
        };
        let summary = replay(self.capture, self.program, &options, probe, &mut NoAlerts)?;
        Ok(Replayed { events: summary.events, alerts: summary.alerts })
    }
}

fn profile_beginning(ruleset: &Ruleset, events: u64, options: &Options) -> Profile {
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let program = Program::lower(ruleset);
    let inputs = Inputs {
        tool: "test".to_owned(),
        cpu: None,
        captures: vec![],
        ruleset_hash: "0".to_owned(),
        rules_files: vec![],
        matching: "all".to_owned(),
        strategy: "faithful".to_owned(),
    };
    let sites = Sites::of(ruleset, &program);
    let beginning = Beginning { capture: &capture, program: &program, events };
    session::run(&beginning, &sites, inputs, options, |_| {}).unwrap()
}

fn dearest(values: impl Iterator<Item = u64>) -> Option<usize> {
    values.enumerate().max_by_key(|(_, value)| *value).map(|(index, _)| index)
}

#[test]
fn a_planted_slow_rule_is_first_in_every_run() {
    for (kind, condition) in [("list", LIST), ("glob", GLOB)] {
        check_planted(kind, &planted(condition));
    }
}

fn check_planted(kind: &str, ruleset: &Ruleset) {
    const RUNS: u32 = 100;
    // A run of the command has ten. One alone would be at the mercy of a host that takes the processor away.
    const REPLAYS: u32 = 3;
    let rule = ruleset.rules.iter().position(|rule| rule.name == "planted").unwrap();
    let iterations = RUNS * REPLAYS;
    let options = Options { iterations, warmup: 0, detail: 0, overhead_pairs: 0, ..Options::default() };
    let profile = profile_beginning(ruleset, 2000, &options);
    assert_eq!(dearest(profile.rules.iter().map(|rule| rule.cost)), Some(rule));
    let time = |run: &[Iteration], rule: usize| run.iter().map(|replay| replay.rules.total_ns[rule]).sum();
    let runs = profile.iterations.chunks(REPLAYS as usize);
    let first = runs
        .filter(|run| dearest((0..profile.rules.len()).map(|rule| time(run, rule))) == Some(rule))
        .count();
    eprintln!("the planted rule ({kind}) takes the most time in {first} of {RUNS} runs");
    assert_eq!(first, RUNS as usize);
}

/// Stages, waiting and remainder are the total; rules and the engine's own time are the evaluate stage. What is in no
/// stage is small only without debugging, so that is no limit here.
#[test]
fn parts_sum_to_the_total() {
    let ruleset = common::load(&[common::fixture("rules/demo.yaml")]);
    let options = Options { iterations: 5, warmup: 1, overhead_pairs: 0, ..Options::default() };
    for sample in [1, 8] {
        for timing in [Timing::Rules, Timing::Nodes] {
            let options = Options { timing, sample, ..options.clone() };
            let profile = profile_beginning(&ruleset, 20_000, &options);
            let sum = profile.stages().sum_ns() + profile.waited_ns() + profile.remainder_ns();
            let off = sum as f64 / profile.total_ns() as f64 - 1.0;
            assert!(off.abs() < 0.02, "{timing:?} 1/{sample}: {sum} of {}", profile.total_ns());
            let evaluate_ns = profile.stages().evaluate_ns;
            let off = (profile.rules_ns() + profile.engine_ns()) as f64 / evaluate_ns as f64 - 1.0;
            assert!(off.abs() < 0.02, "{timing:?} 1/{sample}: rules {} of {evaluate_ns}", profile.rules_ns());
            eprintln!(
                "{timing:?} 1/{sample}: stages {:.1} %, remainder {:.1} % of the time; rules {:.1} % of the evaluation",
                100.0 * profile.stages().sum_ns() as f64 / profile.busy_ns() as f64,
                100.0 * profile.remainder_ns() as f64 / profile.busy_ns() as f64,
                100.0 * profile.rules_ns() as f64 / evaluate_ns as f64,
            );
        }
    }
}

/// Rules have nothing in common but the events, so leaving one out takes its cost away, and no other.
#[test]
fn leaving_a_rule_out_changes_the_cost_by_its_own() {
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let mut ruleset = common::load(&[common::fixture("rules/demo.yaml")]);
    let options = common::count_once();
    let all = common::profile(&capture, &ruleset, &options);
    let mut rules: Vec<usize> = (0..all.rules.len()).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(all.rules[*rule].cost));
    for rule in rules.into_iter().take(10) {
        ruleset.rules[rule].enabled = false;
        let without = common::profile(&capture, &ruleset, &options);
        ruleset.rules[rule].enabled = true;
        assert_eq!(all.cost() - without.cost(), all.rules[rule].cost, "{}", all.rules[rule].name);
    }
}

/// Costs are exact, so their ranking is the same everywhere. Times depend on the machine and how it was compiled: they
/// are printed, and `cargo bench -p lanner-profiler --bench cost -- falco` prints those that count.
#[test]
fn the_ranking_carries_over_to_falco() {
    let options = Options {
        timing: Timing::Rules,
        iterations: 1,
        warmup: 0,
        detail: 0,
        overhead_pairs: 0,
        ..Options::default()
    };
    let Some(comparison) = common::falco::compare(&options) else { return };
    eprintln!("{comparison}");
    assert_eq!(comparison.rows.len(), 93);
    let spearman = comparison.spearman(|row| row.cost);
    assert!(spearman >= 0.85, "{spearman}");
    let common = comparison.dearest_in_common(|row| row.cost);
    assert!(common >= 8, "{common}");
}
