//! Conditions against the events for which they hold in the real library: generated ones over real captures,
//! and those of its unit tests over tiny captures.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use capture::savefile::{Capture, ReadOptions};
use lanner_replay::alert::AlertSink;
use lanner_replay::context::EventContext;
use lanner_replay::driver::{ReplayOptions, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Program};
use lanner_replay::rules::{LoadOptions, Loaded, RuleId};
use serde_json::Value;

/// Generated filters that do not agree; only ever lowered. The library's answers are of bare filters: in rules
/// Falco refuses `evt.type` in a function or against a field, and `not evt.type = fadvise64` leaves out all
/// calls without an event of their own. `proc.exe_ino.ctime_duration_*` shows memory that was never written.
const GENERATED_DIFFERENT_MAX: usize = 63;
/// Checks of the library's unit tests that do not agree; only ever lowered.
const CHECKS_DIFFERENT_MAX: usize = 7;

#[test]
fn generated_filters_hold_for_the_same_events() {
    let Some(shared) = common::shared("generated filters") else { return };
    let text = common::read(&shared.join("facts/conformance-captures/filters.json.gz"));
    let captures: Value = serde_json::from_str(&text).unwrap();
    let (mut agreeing, mut different) = (0, 0);
    for (name, cases) in captures["captures"].as_object().unwrap() {
        let cases = cases.as_array().unwrap();
        let texts: Vec<&str> = cases.iter().map(|case| case["filter"].as_str().unwrap()).collect();
        let filters = Filters::load(&texts);
        let matches = filters.run(&shared.join(format!("captures/{name}.scap")));
        for (index, case) in cases.iter().enumerate() {
            let found = filters.is_valid(index).then(|| describe(&matches[index]));
            let expected = case.get("compile_error").is_none().then(|| {
                (case["count"].as_u64().unwrap() as usize, case["sha1"].as_str().unwrap().to_string())
            });
            if found == expected {
                agreeing += 1;
            } else {
                different += 1;
                let first: Vec<u64> = matches[index].iter().take(8).map(|(num, _)| *num).collect();
                println!("{name}: {}: {found:?} {first:?}, in the library {case}", case["filter"]);
            }
        }
    }
    println!("generated filters: {agreeing} agree, {different} do not");
    assert!(different <= GENERATED_DIFFERENT_MAX, "{different} filters do not agree");
}

#[test]
fn filters_of_unit_tests_hold_for_the_same_events() {
    let Some(shared) = common::shared("filters of unit tests") else { return };
    let folder = shared.join("facts/conformance-state");
    let cases: Value = serde_json::from_str(&common::read(&folder.join("cases.json"))).unwrap();
    let (mut agreeing, mut different) = (0, 0);
    for case in cases["cases"].as_array().unwrap() {
        let checks: Vec<&Value> =
            case["checks"].as_array().unwrap().iter().filter(|check| check["kind"] == "filter").collect();
        if checks.is_empty() {
            continue;
        }
        let texts: Vec<&str> = checks.iter().map(|check| check["expr"].as_str().unwrap()).collect();
        let filters = Filters::load(&texts);
        let matches = filters.run(&folder.join("captures").join(case["capture"].as_str().unwrap()));
        for (index, check) in checks.iter().enumerate() {
            let n = check["n"].as_u64().unwrap();
            let found = filters.is_valid(index).then(|| matches[index].iter().any(|(_, at)| *at == n));
            if found == check["expect"].as_bool() {
                agreeing += 1;
            } else {
                different += 1;
                println!(
                    "{}: {} at {n}: {found:?}, in the library {}",
                    case["test"], check["expr"], check["expect"]
                );
            }
        }
    }
    println!("filters of unit tests: {agreeing} agree, {different} do not");
    assert!(different <= CHECKS_DIFFERENT_MAX, "{different} filters do not agree");
}

#[test]
fn boolean_expressions_mean_the_same() {
    let Some(shared) = common::shared("boolean expressions") else { return };
    let cases: Value =
        serde_json::from_str(&common::read(&shared.join("facts/conformance-filters.json"))).unwrap();
    let cases: Vec<&Value> = cases["boolean_evaluation"].as_array().unwrap().iter().collect();
    // The library's tests have fields for this that are always true and always false.
    let translate = |case: &&Value| {
        let filter = case["filter"].as_str().unwrap();
        filter.replace("c.true=1", "evt.num>0").replace("c.false=1", "evt.num<0")
    };
    let known: Vec<(&&Value, String)> =
        cases.iter().map(|case| (case, translate(case))).filter(|(_, text)| !text.contains("c.")).collect();
    let texts: Vec<&str> = known.iter().map(|(_, text)| text.as_str()).collect();
    let filters = Filters::load(&texts);
    let matches = filters.run(&shared.join("captures/cat_write.scap"));
    for (index, (case, text)) in known.iter().enumerate() {
        assert!(filters.is_valid(index), "{text} is valid");
        assert_eq!(!matches[index].is_empty(), case["expect"] == true, "{text}");
    }
    println!("boolean expressions: {} of {} agree", known.len(), cases.len());
}

/// Rules that have a filter each as their condition.
struct Filters {
    loaded: Loaded,
    /// By filter: the rule it became, if it is valid.
    rules: Vec<Option<RuleId>>,
}

impl Filters {
    fn load(texts: &[&str]) -> Filters {
        let mut yaml = String::new();
        for (index, text) in texts.iter().enumerate() {
            let text = Value::String(text.to_string());
            yaml.push_str(&format!(
                "- rule: filter {index}\n  desc: d\n  condition: {text}\n  output: o\n  priority: debug\n"
            ));
        }
        let loaded = lanner_replay::rules::load(vec![("filters".into(), yaml)], &LoadOptions::default());
        let ids: BTreeMap<&str, RuleId> =
            loaded.ruleset.rules.iter().map(|rule| (rule.name.as_str(), rule.id)).collect();
        let rules = (0..texts.len()).map(|index| ids.get(&*format!("filter {index}")).copied()).collect();
        Filters { loaded, rules }
    }

    fn is_valid(&self, index: usize) -> bool {
        self.rules[index].is_some()
    }

    /// By filter: number of the events that match, and their position among those delivered, from 1.
    fn run(&self, capture: &Path) -> Vec<Vec<(u64, u64)>> {
        struct Matches(Vec<Vec<u64>>);
        impl AlertSink for Matches {
            fn alert(&mut self, rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
                self.0[rule.index()].push(cx.num);
                Ok(())
            }
        }
        let program = Program::lower(&self.loaded.ruleset);
        let mut matches = Matches(vec![Vec::new(); program.rule_count()]);
        let options = ReplayOptions { mode: MatchMode::All, ..ReplayOptions::default() };
        let source = Capture::open(capture, ReadOptions::default()).unwrap();
        replay(&source, &program, &options, &mut NoProbe, &mut matches).unwrap();
        let mut positions = BTreeMap::new();
        common::for_each_event(capture, |n, cx| {
            positions.insert(cx.num, n);
        });
        let of_rule =
            |rule: &RuleId| matches.0[rule.index()].iter().map(|num| (*num, positions[num])).collect();
        self.rules.iter().map(|rule| rule.as_ref().map(of_rule).unwrap_or_default()).collect()
    }
}

/// Number of matches, and the start of the SHA-1 of their event numbers.
fn describe(matches: &[(u64, u64)]) -> (usize, String) {
    let text = matches.iter().map(|(num, _)| num.to_string()).collect::<Vec<_>>().join(",");
    (matches.len(), sha1(text.as_bytes())[..16].to_string())
}

/// SHA-1 in hexadecimal, by FIPS 180-4.
fn sha1(bytes: &[u8]) -> String {
    let mut state = [0x67452301u32, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        let mut words: Vec<u32> =
            block.chunks_exact(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect();
        for i in 16..80 {
            words.push((words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (i, word) in words.iter().enumerate() {
            let (f, k) = match i / 20 {
                0 => (b & c | !b & d, 0x5a827999),
                1 => (b ^ c ^ d, 0x6ed9eba1),
                2 => (b & c | b & d | c & d, 0x8f1bbcdc),
                _ => (b ^ c ^ d, 0xca62c1d6),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
        for (total, value) in state.iter_mut().zip([a, b, c, d, e]) {
            *total = total.wrapping_add(value);
        }
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}
