//! Loading of rules files: what Falco says about them, and what becomes of them.

use std::collections::HashSet;

use lanner_replay::rules::{
    self, Diagnostic, FileReport, LoadOptions, Loaded, Loader, Priority, Rule, SchemaWarning, Selection,
    Selector, Version, Violation,
};
use serde_json::{Value, json};

use super::common::{Tally, cases, same};
use super::shared;

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// Loads as Falco does: a file with an error is given up at the error.
fn options() -> LoadOptions {
    LoadOptions { stop_at_first_error: true, ..LoadOptions::default() }
}

/// Code, message and items of a message, in the form of the cases.
fn ours(diagnostic: &Diagnostic) -> Value {
    let path: Vec<Value> = diagnostic.path.iter().map(|step| json!([step.kind, step.name])).collect();
    json!({"code": diagnostic.code, "message": diagnostic.message, "path": path})
}

fn theirs(issue: &Value) -> Value {
    let locations = issue["context"]["locations"].as_array().expect("locations");
    let path: Vec<Value> = locations.iter().map(|at| json!([at["item_type"], at["item_name"]])).collect();
    json!({"code": issue["code"], "message": issue["message"], "path": path})
}

/// Cuts the words that are different on purpose: the YAML parser has its own, and where an output names no field,
/// ours say which.
fn without_own_words(mut issue: Value) -> Value {
    let message = issue["message"].as_str().unwrap_or("").to_string();
    if issue["code"] == "LOAD_ERR_YAML_PARSE" {
        issue["message"] = Value::Null;
    } else if message.starts_with("unknown filter: ") {
        issue["message"] = json!("unknown filter: ");
    }
    issue
}

/// Compares what is said about a file.
fn check_report(report: &FileReport, result: &Value) -> Result<(), String> {
    let all_ours = |issues: &[Diagnostic]| -> Vec<Value> {
        issues.iter().map(|issue| without_own_words(ours(issue))).collect()
    };
    let all_theirs = |key: &str| -> Vec<Value> {
        cases(result, key).iter().map(|issue| without_own_words(theirs(issue))).collect()
    };
    same("errors", all_ours(report.error.as_slice()), all_theirs("errors"))?;
    same("warnings", all_ours(&report.warnings), all_theirs("warnings"))?;
    same("successful", report.error.is_none(), result["successful"] == true)?;
    same("schema", report.schema.as_deref().map(<[_]>::is_empty), result["schema_valid"].as_bool())?;
    let mut ours: Vec<String> = report.schema.iter().flatten().map(schema_words).collect();
    // Falco names one key of a mapping that should not be there, we all.
    let mut mappings = HashSet::new();
    ours.retain(|line| {
        line.split_once(" constraints: ").is_none_or(|(rest, _)| mappings.insert(rest.to_string()))
    });
    ours.sort();
    // Falco goes on to tell what all is invalid because of that.
    let mut theirs: Vec<&str> =
        result["schema_warnings"].as_array().into_iter().flatten().map(text).collect();
    theirs.retain(|line| !line.contains(": Failed to validate "));
    theirs.sort();
    same("schema warnings", ours, theirs.into_iter().map(str::to_string).collect())
}

/// In the words of Falco's validator.
fn schema_words(warning: &SchemaWarning) -> String {
    let unwanted = "Object contains a property that could not be validated using 'properties' or \
                    'additionalProperties' constraints";
    let words = match &warning.violation {
        Violation::Type(_) => "Value type not permitted by 'type' constraint.".to_string(),
        Violation::Value(_) => "Failed to match against any enum values.".to_string(),
        Violation::UnknownKey(key) => format!("{unwanted}: '{key}'."),
        Violation::RepeatedKey(_) => format!("{unwanted}: ''."),
        Violation::MissingKey(key) => format!("Missing required property '{key}'."),
        Violation::Empty(_) => "Object should have at least one property.".to_string(),
    };
    format!("failed for {}: {words}", warning.path)
}

fn rule<'l>(loaded: &'l Loaded, name: &str) -> Result<&'l Rule, String> {
    loaded.ruleset.rules.iter().find(|rule| rule.name == name).ok_or(format!("no rule {name}"))
}

#[test]
fn engine_cases() {
    let Some(facts) = shared::json("facts/conformance-rules.json") else { return };
    let mut tally = Tally::new("engine_cases");
    for case in cases(&facts, "engine_cases") {
        let mut loader = Loader::new(options());
        let report = loader.add("rules0.yaml".to_string(), text(&case["yaml"]).to_string());
        let loaded = loader.finish();
        tally.case(text(&case["test"]), check_engine_case(&report, &loaded, case));
    }
    tally.finish();
}

fn check_engine_case(report: &FileReport, loaded: &Loaded, case: &Value) -> Result<(), String> {
    check_report(report, &case["actual"]["result"])?;
    let extended = case["file"] == "test_extra_output.cpp";
    let Some(rules) = case["actual"]["rules"].as_array() else { return Ok(()) };
    for theirs in rules {
        let ours = rule(loaded, text(&theirs["rule"]))?;
        same("condition", ours.expanded.as_str(), text(&theirs["condition_compiled"]))?;
        let output = text(&theirs["output_compiled"]);
        // What the configuration appends to outputs is not the loader's business.
        if !extended || !output.contains("evt.hostname=") {
            same("output", ours.output.as_str(), output)?;
        }
        let info = &theirs["info"];
        same("priority", ours.priority.name(), text(&info["priority"]))?;
        same("source", ours.source.as_str(), text(&info["source"]))?;
        same("description", ours.description.as_str(), text(&info["description"]))?;
        same("enabled", json!(ours.enabled), info["enabled"].clone())?;
        same("capture", json!(ours.capture), info["capture"].clone())?;
        same("duration", json!(ours.capture_duration_ms), info["capture_duration"].clone())?;
        let tags: Vec<&str> = ours.tags.iter().map(String::as_str).collect();
        same("tags", json!(tags), info["tags"].clone())?;
    }
    same("count of rules", loaded.ruleset.rules.len(), rules.len())
}

#[test]
fn probe_cases() {
    let Some(facts) = shared::json("facts/conformance-rules.json") else { return };
    let mut tally = Tally::new("probe_cases");
    for case in cases(&facts, "probe_cases") {
        let mut loader = Loader::new(options());
        let inputs = case["rules"].as_array().expect("files");
        let reports: Vec<FileReport> = inputs
            .iter()
            .enumerate()
            .map(|(i, yaml)| loader.add(format!("r{i}.yaml"), text(yaml).to_string()))
            .collect();
        let loaded = loader.finish();
        tally.case(text(&case["name"]), check_probe_case(&reports, &loaded, case));
    }
    tally.finish();
}

fn check_probe_case(reports: &[FileReport], loaded: &Loaded, case: &Value) -> Result<(), String> {
    for (report, result) in reports.iter().zip(cases(case, "loads")) {
        check_report(report, result)?;
    }
    if reports.iter().any(|report| report.error.is_some()) {
        return Ok(());
    }
    for theirs in cases(case, "compiled") {
        let ours = rule(loaded, text(&theirs["rule"]))?;
        same("condition", ours.expanded.as_str(), text(&theirs["condition"]))?;
        same("output", ours.output.as_str(), text(&theirs["output"]))?;
        same("priority", ours.priority.name(), text(&theirs["priority"]))?;
        same("enabled", json!(ours.enabled), theirs["enabled"].clone())?;
    }
    same("count of rules", loaded.ruleset.rules.len(), cases(case, "compiled").len())
}

#[test]
fn end_to_end_loads() {
    let Some(facts) = shared::json("facts/conformance-rules.json") else { return };
    let mut tally = Tally::new("end-to-end loads");
    for case in cases(&facts, "e2e_cases").iter().filter(|case| case["actual_head"].is_object()) {
        let files = if cases(case, "validate").is_empty() { "rules" } else { "validate" };
        let mut loader = Loader::new(options());
        let mut outcome = Ok(());
        for (key, load) in cases(case, files).iter().zip(cases(&case["actual_head"], "loads")) {
            let file = &facts["e2e_rules"][text(key)];
            let report = loader.add(text(&file["file"]).to_string(), text(&file["yaml"]).to_string());
            outcome = outcome.and_then(|()| check_report(&report, &load["result"]));
        }
        tally.case(text(&case["test"]), outcome);
    }
    tally.finish();
}

/// Cases without an answer of the real engine: their captures cannot be had, or they ask the program for something
/// else than to load rules. What can be run of them is that their rules load as their authors expect.
#[test]
fn end_to_end_cases_without_answers() {
    let Some(facts) = shared::json("facts/conformance-rules.json") else { return };
    let all = cases(&facts, "e2e_cases");
    let rest: Vec<&Value> = all.iter().filter(|case| !case["actual_head"].is_object()).collect();
    let mut tally = Tally::new("end-to-end loads without captures");
    let mut commands = Vec::new();
    for case in &rest {
        let Some(_) = case["capture"].as_str() else {
            commands.push(text(&case["test"]));
            continue;
        };
        let mut loader = Loader::new(options());
        for key in cases(case, "rules") {
            let file = &facts["e2e_rules"][text(key)];
            loader.add(text(&file["file"]).to_string(), text(&file["yaml"]).to_string());
        }
        let expected = cases(&case["expect"], "errors").is_empty();
        tally.case(text(&case["test"]), same("loads", !loader.finish().has_errors(), expected));
    }
    eprintln!("end-to-end cases: {} of {} have an answer", all.len() - rest.len(), all.len());
    assert_eq!(
        commands,
        ["TestFalco_Cmd_ListPlugins", "TestFalco_Cmd_PluginInfo", "TestFalco_Print_IgnoredEvents"]
    );
    assert_eq!(rest.len(), 36);
    tally.finish();
}

#[test]
fn requirement_cases() {
    let Some(facts) = shared::json("facts/conformance-rules.json") else { return };
    let mut tally = Tally::new("requirement_cases");
    for case in cases(&facts, "requirement_cases") {
        let plugin = |plugin: &Value| {
            let version = Version::parse(text(&plugin["version"])).expect("a version");
            (text(&plugin["name"]).to_string(), version)
        };
        let plugins = cases(case, "plugins").iter().map(plugin).collect();
        let options = LoadOptions { plugins, ..LoadOptions::default() };
        let yaml = text(&case["yaml"]).to_string();
        let loaded = rules::load(vec![("rules.yaml".to_string(), yaml.clone())], &options);
        tally.case(&yaml, same("satisfied", !loaded.has_errors(), case["ok"] == true));
    }
    tally.finish();
}

#[test]
fn enable_sequences() {
    let Some(facts) = shared::json("facts/conformance-rules.json") else { return };
    let mut tally = Tally::new("enable_sequences");
    for case in cases(&facts, "enable_sequences") {
        let outcome = match text(&case["test"]) {
            // These two have counts but not the calls between them.
            "enable_disable_rules_using_names" => run_calls(case, &CALLS_BY_NAME),
            "enable_disable_rules_using_tags" => run_calls(case, &CALLS_BY_TAG),
            _ => run_sequence(case),
        };
        tally.case(text(&case["test"]), outcome);
    }
    tally.finish();
}

/// What a call enables or disables, by rule name unless it says how, and the number of its ruleset.
type Call = (bool, fn(String) -> Selector, &'static str, usize);

/// Calls over the rules `rule_A`, `rule_B` and `rule_C`, as the test makes them between its counts.
const CALLS_BY_NAME: [Call; 11] = [
    (true, exact, "rule_A", 0),
    (false, exact, "rule_A", 1),
    (false, exact, "<NA>", 2),
    (true, Selector::NamePart, "rule_", 0),
    (false, exact, "rule_", 0),
    (false, Selector::NamePart, "rule_", 0),
    (true, Selector::NamePart, "_C", 2),
    (false, Selector::NamePart, "_C", 2),
    (true, Selector::Name, "*", 0),
    (false, Selector::Name, "*C*", 0),
    (false, Selector::Name, "*_*", 0),
];

/// Calls over two rules with a tag in common and two of their own each.
const CALLS_BY_TAG: [Call; 6] = [
    (true, Selector::Tag, "first_rule_A_tag", 0),
    (false, Selector::Tag, "first_rule_A_tag", 1),
    (true, Selector::Tag, "<NA_tag>", 0),
    (true, Selector::Tag, "common_tag", 2),
    (false, Selector::Tag, "second_rule_A_tag", 0),
    (false, Selector::Tag, "common_tag", 2),
];

/// A pattern without stars names one rule.
fn exact(name: String) -> Selector {
    Selector::Name(name)
}

/// Compares how many rules are enabled in each of three rulesets after each call.
fn run_calls(case: &Value, calls: &[Call]) -> Result<(), String> {
    let by_tag = calls.len() == CALLS_BY_TAG.len();
    let rules = if by_tag { &["A", "B"][..] } else { &["A", "B", "C"] };
    let mut yaml = String::new();
    for rule in rules {
        yaml += &format!(
            "- rule: rule_{rule}\n  desc: d\n  output: o\n  priority: INFO\n  condition: evt.type = open\n  \
             tags: [first_rule_{rule}_tag, second_rule_{rule}_tag, common_tag]\n"
        );
    }
    let steps = cases(case, "steps");
    same("steps", steps.len(), 3 * calls.len())?;
    let mut selections = Vec::new();
    for (call, (enable, selector, name, ruleset)) in calls.iter().enumerate() {
        let selection = Selection { enable: *enable, rules: selector(name.to_string()) };
        selections.push((format!("RULESET_{ruleset}"), selection));
        for (ruleset, step) in steps[3 * call..][..3].iter().enumerate() {
            let count = count_enabled(&yaml, &format!("RULESET_{ruleset}"), &selections);
            same(&format!("call {call}"), format!("(RULESET_{ruleset}), {count})"), {
                let step = text(step);
                step[step.rfind("(RULESET").unwrap_or(0)..].to_string()
            })?;
        }
    }
    Ok(())
}

/// Rulesets are sets of enabled rules over the same rules; all but the first start empty.
fn run_sequence(case: &Value) -> Result<(), String> {
    let mut yaml = "";
    let mut selections: Vec<(String, Selection)> = Vec::new();
    for step in cases(case, "steps") {
        let (call, rest) = text(step).split_once('(').ok_or("no call")?;
        let args: Vec<&str> = rest.trim_end_matches(')').split(", ").collect();
        let ruleset = |name: Option<&&str>| match name {
            Some(name) => name.trim_end_matches("_id").to_string(),
            None => "default_ruleset".to_string(),
        };
        let name = args[0].trim_matches('"').to_string();
        let part = Selector::NamePart(name.clone());
        let rules = match call {
            "load_rules" => {
                yaml = text(&case["strings"][args[0]]);
                continue;
            }
            "EXPECT_EQ" => {
                let (_, inner) = text(step).split_once("num_rules_for_ruleset(").ok_or("no ruleset")?;
                let wanted = ruleset(Some(&inner.trim_end_matches(')')));
                let count = count_enabled(yaml, &wanted, &selections);
                same(text(step), count.to_string().as_str(), args[0])?;
                continue;
            }
            "enable_rule" => vec![part],
            "enable_rule_exact" if name.is_empty() => vec![part],
            "enable_rule_exact" | "enable_rule_wildcard" => vec![Selector::Name(name)],
            "enable_rule_by_tag" => {
                cases(&case["tags"], args[0]).iter().map(|tag| Selector::Tag(text(tag).to_string())).collect()
            }
            other => return Err(format!("unknown call {other}")),
        };
        let enable = args[1] == "true";
        selections.extend(rules.into_iter().map(|rules| (ruleset(args.get(2)), Selection { enable, rules })));
    }
    Ok(())
}

fn count_enabled(yaml: &str, ruleset: &str, selections: &[(String, Selection)]) -> usize {
    let none = Selection { enable: false, rules: Selector::NamePart(String::new()) };
    let start = (ruleset != "default_ruleset").then_some(none);
    let own = selections.iter().filter(|(name, _)| name == ruleset).map(|(_, selection)| selection.clone());
    let options =
        LoadOptions { selections: start.into_iter().chain(own).collect(), ..LoadOptions::default() };
    let loaded = rules::load(vec![("rules.yaml".to_string(), yaml.to_string())], &options);
    loaded.ruleset.rules.iter().filter(|rule| rule.enabled).count()
}

#[test]
fn less_urgent_rules_do_not_run() {
    let yaml = "- rule: a\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: NOTICE\n";
    for (min_priority, enabled) in [(Priority::Notice, true), (Priority::Warning, false)] {
        let options = LoadOptions { min_priority, ..LoadOptions::default() };
        let loaded = rules::load(vec![("rules.yaml".to_string(), yaml.to_string())], &options);
        assert_eq!(loaded.ruleset.rules[0].enabled, enabled);
    }
}
