//! Rules and captures of Falco's own end-to-end tests, against what the real engine found.

mod common;

use std::collections::BTreeMap;

use capture::savefile::{Capture, ReadOptions};
use lanner_replay::alert::{Alert, AlertFormat, AlertOptions, Collect, JsonMembers};
use lanner_replay::driver::{ReplayOptions, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Program};
use lanner_replay::rules::{LoadOptions, Priority, Ruleset, Selection, Selector};
use serde_json::{Value, json};

#[test]
fn the_same_rules_match_the_same_captures() {
    let Some(shared) = common::shared("end to end") else { return };
    let facts: Value =
        serde_json::from_str(&common::read(&shared.join("facts/conformance-rules.json"))).unwrap();
    let mut failed = Vec::new();
    let mut count = 0;
    for case in facts["e2e_cases"].as_array().unwrap() {
        let expected = &case["actual_head"];
        if expected["counts"].is_null() || case["capture"].is_null() {
            continue;
        }
        count += 1;
        let capture = facts["about"]["captures"][case["capture"].as_str().unwrap()].as_str().unwrap();
        let texts: Vec<&str> = strings(&case["rules"])
            .iter()
            .map(|key| facts["e2e_rules"][key]["yaml"].as_str().unwrap())
            .collect();
        let arguments = strings(&case["args"]);
        let has = |argument: &str| arguments.contains(&argument);
        let options = AlertOptions {
            json: case["json"] == true,
            members: JsonMembers {
                output: !has("json_include_output_property=false"),
                tags: !has("json_include_tags_property=false"),
                ..JsonMembers::default()
            },
            iso_time: has("time_format_iso_8601=true"),
            hostname: Some("host".into()),
            ..AlertOptions::default()
        };
        let alerts = run(&shared.join(capture), &texts, &load_options(case), &options);
        if let Err(difference) = compare(&alerts, expected) {
            failed.push(format!("{}: {difference}", case["test"]));
        }
    }
    for case in facts["probe_cases"].as_array().unwrap() {
        let Some(capture) = case["options"]["scap"].as_str() else { continue };
        count += 1;
        let options = AlertOptions {
            json: case["options"]["json_output"] == true,
            members: JsonMembers {
                message: case["options"]["include_message"] == true,
                ..JsonMembers::default()
            },
            suggested: false,
            hostname: Some("host".into()),
            ..AlertOptions::default()
        };
        let alerts = run(&shared.join(capture), &strings(&case["rules"]), &LoadOptions::default(), &options);
        if let Err(difference) = compare(&alerts, case) {
            failed.push(format!("probe {}: {difference}", case["name"]));
        }
    }
    println!("end to end: {} of {count} agree\n{}", count - failed.len(), failed.join("\n"));
    assert!(failed.is_empty(), "{} cases differ", failed.len());
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn load_options(case: &Value) -> LoadOptions {
    let mut options = LoadOptions { stop_at_first_error: true, ..LoadOptions::default() };
    let tags = strings(&case["enabled_tags"]);
    if !tags.is_empty() {
        options.selections.push(Selection { enable: false, rules: Selector::Name("*".into()) });
    }
    let select = |enable, rules| Selection { enable, rules };
    options.selections.extend(tags.iter().map(|tag| select(true, Selector::Tag(tag.to_string()))));
    options.selections.extend(
        strings(&case["disabled_tags"]).iter().map(|tag| select(false, Selector::Tag(tag.to_string()))),
    );
    options.selections.extend(
        strings(&case["disabled_rules"])
            .iter()
            .map(|part| select(false, Selector::NamePart(part.to_string()))),
    );
    options.min_priority = match case["min_priority"].as_str() {
        Some("ERROR") => Priority::Error,
        Some("WARNING") => Priority::Warning,
        Some(other) => panic!("another priority: {other}"),
        None => Priority::Debug,
    };
    options
}

/// Alerts with the names of their rules.
fn run(
    capture: &std::path::Path,
    texts: &[&str],
    load: &LoadOptions,
    options: &AlertOptions,
) -> Vec<(String, Alert)> {
    let inputs = texts
        .iter()
        .enumerate()
        .map(|(index, text)| (format!("rules{index}.yaml"), text.to_string()))
        .collect();
    let loaded = lanner_replay::rules::load(inputs, load);
    // Where loading fails, Falco runs nothing.
    let ruleset = if loaded.has_errors() { Ruleset::default() } else { loaded.ruleset };
    let format = AlertFormat::new(&ruleset, options).unwrap();
    let mut sink = Collect::new(&format);
    let capture = Capture::open(capture, ReadOptions::default()).unwrap();
    let options = ReplayOptions { mode: MatchMode::First, ..ReplayOptions::default() };
    replay(&capture, &Program::lower(&ruleset), &options, &mut NoProbe, &mut sink).unwrap();
    sink.alerts.into_iter().map(|alert| (ruleset.rules[alert.rule.index()].name.clone(), alert)).collect()
}

fn compare(alerts: &[(String, Alert)], expected: &Value) -> Result<(), String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (rule, _) in alerts {
        *counts.entry(rule).or_default() += 1;
    }
    if json!(counts) != expected["counts"] {
        return Err(format!("{counts:?} instead of {}", expected["counts"]));
    }
    for (index, expected) in expected["alerts"].as_array().unwrap().iter().enumerate() {
        let Some((_, alert)) = alerts.get(index) else { return Err("an alert is missing".into()) };
        if json!(alert.event_num) != expected["num"] || json!(alert.line) != expected["out"] {
            return Err(format!(
                "{} {}\ninstead of {} {}",
                alert.event_num, alert.line, expected["num"], expected["out"]
            ));
        }
    }
    Ok(())
}
