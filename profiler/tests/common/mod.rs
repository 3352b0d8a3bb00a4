//! Profiles of captures and rules, for tests and benches.

// Each of them uses a part.
#![allow(dead_code)]

pub mod falco;

use std::path::{Path, PathBuf};

use capture::savefile::{Capture, ReadOptions};
use lanner_profiler::model::Timing;
use lanner_profiler::session::{self, CaptureReplay, Inputs, Options};
use lanner_profiler::sites::Sites;
use lanner_profiler::{Profile, cost};
use replay::alert::{AlertFormat, AlertOptions};
use replay::engine::{MatchMode, Program};
use replay::rules::{self, LoadOptions, Ruleset, Selection, Selector};

/// The public rules, in the order in which they are loaded.
pub const STOCK: [&str; 3] = ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];

/// A file that comes with the project.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name)
}

/// A file that lies beside the checkout, or `None` and a message when it is not there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not here", path.display());
    None
}

/// Rules from files, all of them enabled.
pub fn load(paths: &[PathBuf]) -> Ruleset {
    let inputs = paths.iter().map(|path| {
        (path.display().to_string(), std::fs::read_to_string(path).expect("a readable rules file"))
    });
    load_texts(inputs.collect())
}

/// Rules from texts with names, all of them enabled.
pub fn load_texts(inputs: Vec<(String, String)>) -> Ruleset {
    let all = Selection { enable: true, rules: Selector::Name("*".to_owned()) };
    let loaded = rules::load(inputs, &LoadOptions { selections: vec![all], ..LoadOptions::default() });
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.ruleset
}

/// The public rules.
pub fn stock() -> Option<Ruleset> {
    let paths = STOCK.map(|file| shared(&format!("rules/stock/{file}")));
    Some(load(&paths.into_iter().collect::<Option<Vec<_>>>()?))
}

pub fn open(path: &Path) -> Capture {
    Capture::open(path, ReadOptions::default()).expect("a readable capture")
}

/// One replay that counts, and reads no clock.
pub fn count_once() -> Options {
    Options {
        timing: Timing::Off,
        iterations: 1,
        warmup: 0,
        detail: 0,
        overhead_pairs: 0,
        ..Options::default()
    }
}

/// A profile of every rule on its own: all matches count.
pub fn profile(capture: &Capture, ruleset: &Ruleset, options: &Options) -> Profile {
    profile_matching(capture, ruleset, MatchMode::All, options)
}

pub fn profile_matching(capture: &Capture, ruleset: &Ruleset, mode: MatchMode, options: &Options) -> Profile {
    let program = Program::lower(ruleset);
    let format = AlertFormat::new(ruleset, &AlertOptions::default()).expect("outputs that are valid");
    let captures = [capture];
    let replay = CaptureReplay::new(&captures, &program, &format, mode);
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
    session::run(&replay, &sites, inputs, options, |_| {}).expect("a capture that can be replayed")
}

/// Least time of each rule in one replay, in nanoseconds.
pub fn least_ns(profile: &Profile) -> Vec<f64> {
    let of = |rule: usize| profile.iterations.iter().map(|i| i.rules.total_ns[rule]).min().unwrap_or(0);
    (0..profile.rules.len()).map(|rule| of(rule) as f64).collect()
}

/// Cost units of each rule in one replay.
pub fn costs(profile: &Profile) -> Vec<f64> {
    assert_eq!(profile.cost_model, cost::VERSION);
    let replays = profile.iterations.len() as u64;
    profile.rules.iter().map(|rule| (rule.cost / replays) as f64).collect()
}

/// Rank correlation; equal values share their ranks.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    fn ranks(values: &[f64]) -> Vec<f64> {
        let rank = |value: f64| {
            let (below, equal) = values.iter().fold((0.0, 0.0), |(below, equal), other| {
                (below + f64::from(*other < value), equal + f64::from(*other == value))
            });
            below + (equal - 1.0) / 2.0
        };
        values.iter().map(|value| rank(*value)).collect()
    }
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt()
}
