//! Alerts for real captures against those of the real engine.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use capture::savefile::{Capture, ReadOptions};
use lanner_replay::alert::{AlertFormat, AlertOptions, AlertSink, Collect};
use lanner_replay::context::EventContext;
use lanner_replay::driver::{ReplayOptions, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Program};
use lanner_replay::rules::{LoadOptions, Loaded, RuleId, Selection, Selector};
use serde_json::Value;

const CAPTURES: [&str; 11] = [
    "cat_write",
    "connect_localhost",
    "curl_google",
    "curl_google_comments",
    "empty",
    "mixed-modern",
    "open-multiple-files",
    "ping_sendto",
    "run_as_user_65534_container",
    "syscall",
    "write_tmp_test",
];

const STOCK: [&str; 3] = [
    "rules/stock/falco_rules.yaml",
    "rules/stock/falco-incubating_rules.yaml",
    "rules/stock/falco-sandbox_rules.yaml",
];

/// What agrees between us and the real engine.
#[derive(Default)]
struct Tally {
    matched: usize,
    missing: usize,
    extra: usize,
    /// Full alerts that are equal, and that are not.
    equal: usize,
    different: usize,
}

#[test]
fn stock_rules_first_match() {
    let Some(shared) = common::shared("oracle, stock rules as shipped") else { return };
    check(&shared, "stock-first.jsonl", &STOCK, MatchMode::First, false);
}

#[test]
fn every_stock_rule_all_matches() {
    let Some(shared) = common::shared("oracle, every stock rule") else { return };
    check(&shared, "stock-every-rule-all.jsonl", &STOCK, MatchMode::All, true);
}

#[test]
fn broad_rules_all_matches() {
    let Some(shared) = common::shared("oracle, broad rules") else { return };
    let rules = ["rules/broad.yaml"];
    check(&shared, "broad-all.jsonl.gz", &rules, MatchMode::All, false);
}

fn check(shared: &Path, expected: &str, rules: &[&str], mode: MatchMode, every_rule: bool) {
    let loaded = load(shared, rules, every_rule);
    let program = Program::lower(&loaded.ruleset);
    let options = AlertOptions {
        json: true,
        iso_time: true,
        suggested: false,
        hostname: Some("host".into()),
        ..AlertOptions::default()
    };
    let format = AlertFormat::new(&loaded.ruleset, &options).unwrap();
    let mut total = Tally::default();
    for name in CAPTURES {
        let expected = Expected::read(&shared.join("oracle").join(format!("{name}.{expected}")));
        let capture = shared.join("captures").join(format!("{name}.scap"));
        let capture = Capture::open(&capture, ReadOptions::default()).unwrap();
        let mut sink = Comparison {
            loaded: &loaded,
            expected: &expected,
            full: Collect::new(&format),
            seen: BTreeSet::new(),
        };
        let options = ReplayOptions { mode, ..ReplayOptions::default() };
        replay(&capture, &program, &options, &mut NoProbe, &mut sink).unwrap();
        let tally = sink.compare(name);
        println!(
            "{name}: {} matched, {} missing, {} extra; {} full alerts equal, {} different",
            tally.matched, tally.missing, tally.extra, tally.equal, tally.different
        );
        total.matched += tally.matched;
        total.missing += tally.missing;
        total.extra += tally.extra;
        total.equal += tally.equal;
        total.different += tally.different;
    }
    println!(
        "total: {} matched, {} missing, {} extra; {} equal, {} different",
        total.matched, total.missing, total.extra, total.equal, total.different
    );
    assert_eq!(
        (total.missing, total.extra),
        (0, 0),
        "alerts that are missing, and that the real engine has not"
    );
    assert_eq!(total.different, 0, "full alerts that differ");
}

fn load(shared: &Path, rules: &[&str], every_rule: bool) -> Loaded {
    let inputs = rules.iter().map(|path| (path.to_string(), common::read(&shared.join(path)))).collect();
    let mut options = LoadOptions::default();
    if every_rule {
        options.selections.push(Selection { enable: true, rules: Selector::Name("*".into()) });
    }
    let loaded = lanner_replay::rules::load(inputs, &options);
    let errors: Vec<_> = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    loaded
}

/// Alerts of the real engine: event number and rule, the full alert for some.
struct Expected(BTreeMap<(u64, String), Option<Value>>);

impl Expected {
    /// No file: no alerts.
    fn read(path: &Path) -> Self {
        let text = if path.exists() { common::read(path) } else { String::new() };
        let alert = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let key = (line["num"].as_u64().unwrap(), line["rule"].as_str().unwrap().to_string());
            (key, line.get("alert").cloned())
        };
        Expected(text.lines().map(alert).collect())
    }
}

struct Comparison<'a> {
    loaded: &'a Loaded,
    expected: &'a Expected,
    /// Alerts of which the real engine's text is known.
    full: Collect<'a>,
    seen: BTreeSet<(u64, String)>,
}

impl AlertSink for Comparison<'_> {
    fn alert(&mut self, rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
        let key = (cx.num, self.loaded.ruleset.rules[rule.index()].name.clone());
        if matches!(self.expected.0.get(&key), Some(Some(_))) {
            self.full.alert(rule, cx)?;
        }
        self.seen.insert(key);
        Ok(())
    }
}

impl Comparison<'_> {
    fn compare(&self, name: &str) -> Tally {
        let mut tally = Tally::default();
        let mut shown = Shown::default();
        for key in self.expected.0.keys() {
            if self.seen.contains(key) {
                tally.matched += 1;
            } else {
                tally.missing += 1;
                shown.show(&key.1, || format!("{name}: missing {key:?}"));
            }
        }
        for key in self.seen.iter().filter(|key| !self.expected.0.contains_key(key)) {
            tally.extra += 1;
            shown.show(&key.1, || format!("{name}: extra {key:?}"));
        }
        for alert in &self.full.alerts {
            let rule = &self.loaded.ruleset.rules[alert.rule.index()].name;
            let key = (alert.event_num, rule.clone());
            let ours: Value = serde_json::from_str(&alert.line).unwrap();
            let theirs = self.expected.0[&key].as_ref().unwrap();
            let differences = differences(theirs, &ours);
            if differences.is_empty() {
                tally.equal += 1;
            } else {
                tally.different += 1;
                shown.show(rule, || format!("{name}: {key:?} {}", differences.join(", ")));
            }
        }
        tally
    }
}

/// Prints a few examples for each rule.
#[derive(Default)]
struct Shown(BTreeMap<String, usize>);

impl Shown {
    fn show(&mut self, rule: &str, text: impl FnOnce() -> String) {
        let count = self.0.entry(rule.to_string()).or_default();
        *count += 1;
        if *count <= 3 {
            println!("{}", text());
        }
    }
}

/// Members that differ, those of `output_fields` by themselves; the output only if no field says why.
fn differences(theirs: &Value, ours: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |theirs: &Value, ours: &Value| {
        let names: BTreeSet<&String> = [theirs, ours]
            .iter()
            .filter_map(|value| value.as_object())
            .flat_map(|object| object.keys())
            .collect();
        for name in names {
            if !matches!(name.as_str(), "output" | "output_fields") && theirs[name] != ours[name] {
                found.push(format!("{name}: {} is {}", theirs[name], ours[name]));
            }
        }
    };
    compare(theirs, ours);
    compare(&theirs["output_fields"], &ours["output_fields"]);
    if found.is_empty() && theirs["output"] != ours["output"] {
        found.push(format!("output: {} is {}", theirs["output"], ours["output"]));
    }
    found
}
