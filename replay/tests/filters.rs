//! Conditions against the events for which they hold in the real library: generated ones over real captures,
//! and those of its unit tests over tiny captures.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use bumpalo::Bump;
use capture::event::{EventBuilder, EventType};
use capture::savefile::{Capture, ProcessEntry, ReadOptions};
use lanner_replay::alert::AlertSink;
use lanner_replay::context::{EventContext, EventFacts};
use lanner_replay::driver::{ReplayOptions, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Outcome, Program, Scratch};
use lanner_replay::rules::{Filter, RuleId, Ruleset};
use lanner_replay::state::State;
use serde_json::Value;

/// Fields for which Falco shows memory that was never written, where we have no value.
const UNINITIALISED: [&str; 2] =
    ["proc.exe_ino.ctime_duration_proc_start", "proc.exe_ino.ctime_duration_pidns_start"];
/// Generated filters with these fields that do not agree.
const UNINITIALISED_DIFFERENT: usize = 47;

#[test]
fn generated_filters_hold_for_the_same_events() {
    let Some(shared) = common::shared("generated filters") else { return };
    let text = common::read(&shared.join("facts/conformance-captures/filters.json.gz"));
    let captures: Value = serde_json::from_str(&text).unwrap();
    let (mut agreeing, mut different) = (0, Vec::new());
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
                let first: Vec<u64> = matches[index].iter().take(8).map(|(num, _)| *num).collect();
                different.push((texts[index], format!("{name}: {found:?} {first:?}, in the library {case}")));
            }
        }
    }
    let total = agreeing + different.len();
    different.retain(|(text, line)| {
        let on_purpose = UNINITIALISED.iter().any(|field| text.contains(field));
        if !on_purpose {
            println!("{line}");
        }
        !on_purpose
    });
    let on_purpose = total - agreeing - different.len();
    println!("generated filters: {agreeing} of {total} agree, {on_purpose} differ on purpose");
    assert_eq!(different, [], "{} filters do not agree", different.len());
    assert_eq!(on_purpose, UNINITIALISED_DIFFERENT, "filters that differ on purpose");
}

#[test]
fn filters_of_unit_tests_hold_for_the_same_events() {
    let Some(shared) = common::shared("filters of unit tests") else { return };
    let folder = shared.join("facts/conformance-state");
    let cases: Value = serde_json::from_str(&common::read(&folder.join("cases.json"))).unwrap();
    let (mut agreeing, mut different) = (0, Vec::new());
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
                different.push(format!(
                    "{}: {} at {n}: {found:?}, in the library {}",
                    case["test"], check["expr"], check["expect"]
                ));
            }
        }
    }
    println!("filters of unit tests: {agreeing} of {} agree", agreeing + different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn boolean_expressions_mean_the_same() {
    let Some(shared) = common::shared("boolean expressions") else { return };
    let facts: Value =
        serde_json::from_str(&common::read(&shared.join("facts/conformance-filters.json"))).unwrap();
    let cases = facts["boolean_evaluation"].as_array().unwrap();
    // The library's tests have fields of their own: two are always true and always false, two have a fixed text.
    let mut state = State::default();
    let quoted = ProcessEntry {
        tid: 7,
        pid: 7,
        comm: b"hello 'quoted'".to_vec(),
        exe: b"hello \"quoted\"".to_vec(),
        ..ProcessEntry::default()
    };
    state.seed_processes(vec![quoted]);
    let translate = |text: &str| {
        text.replace("c.true=1", "evt.num>0")
            .replace("c.false=1", "evt.num<0")
            .replace("c.singlequote", "proc.name")
            .replace("c.doublequote", "proc.exe")
    };
    let built = EventBuilder::new(EventType::GETCWD_X, 1, 7).i64(0).str("/");
    let (event, arena) = (built.event(), Bump::new());
    let cx = EventContext {
        event: &event,
        num: 1,
        state: &state,
        thread: state.threads().get(7),
        fd_num: -1,
        fd: None,
        facts: EventFacts::default(),
        arena: &arena,
    };
    assert!(cx.thread.is_some());
    let mut different = Vec::new();
    for case in cases {
        let text = translate(case["filter"].as_str().unwrap());
        // Two of them are no conditions at all; the library's tests count these as false.
        let found = Filter::without_index(&text).is_ok_and(|filter| {
            let program = Program::lower(&common::ruleset(vec![filter.condition]));
            program.evaluate(&cx, MatchMode::All, &mut Scratch::new(), &mut NoProbe) == Outcome::Match
        });
        if case["expect"] != found {
            different.push(format!("{text}: {found}, in the library {}", case["expect"]));
        }
    }
    println!("boolean expressions: {} of {} agree", cases.len() - different.len(), cases.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Rules that have a filter each as their condition, and see all events: the library's answers are of filters
/// without an index by event type in front of them.
struct Filters {
    ruleset: Ruleset,
    /// By filter: the rule it became, if it is valid.
    rules: Vec<Option<RuleId>>,
}

impl Filters {
    fn load(texts: &[&str]) -> Filters {
        let mut conditions = Vec::new();
        let rules = texts
            .iter()
            .map(|text| {
                let filter = Filter::without_index(text).ok()?;
                conditions.push(filter.condition);
                Some(RuleId(conditions.len() as u32 - 1))
            })
            .collect();
        Filters { ruleset: common::ruleset(conditions), rules }
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
        let program = Program::lower(&self.ruleset);
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
