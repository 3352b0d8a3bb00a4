//! Checks of conditions on their own, and their event types.

use lanner_replay::rules::{Diagnostic, EventTypeSet, Filter};
use serde_json::Value;

use super::common::{Tally, cases, same};
use super::shared;
use super::stock::event_set;

/// Fields that the library's tests add to its own, and fields of the same types in their place.
const MOCK_FIELDS: [(&str, &str); 5] = [
    ("c.true", "proc.name"),
    ("c.false", "proc.name"),
    ("c.buffer", "evt.buffer"),
    ("c.doublequote", "proc.name"),
    ("c.singlequote", "proc.name"),
];

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

#[test]
fn compile() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    let mut tally = Tally::new("compile");
    for case in cases(&facts, "compile") {
        let filter = text(&case["filter"]);
        tally.case(&format!("{filter:?}"), check_compile(filter, case));
    }
    tally.finish();
}

fn check_compile(filter: &str, case: &Value) -> Result<(), String> {
    let mut substituted = filter.to_string();
    if case["mock_fields"] == true {
        for (mock, real) in MOCK_FIELDS {
            substituted = substituted.replace(mock, real);
        }
    }
    let expected = case["error"].as_str();
    match Filter::new(&substituted) {
        Ok(filter) => {
            same("compiles", None, expected)?;
            let ours: Vec<&str> = filter.warnings.iter().map(|warning| warning.message.as_str()).collect();
            let theirs = case["warnings"].as_array().expect("warnings");
            same("warnings", ours, theirs.iter().map(|warning| text(&warning["msg"])).collect())?;
            let ours: Vec<String> = filter.warnings.iter().map(position).collect();
            let theirs = case["warnings"].as_array().expect("warnings");
            same("places", ours, theirs.iter().map(|warning| text(&warning["pos"]).to_string()).collect())
        }
        Err(diagnostics) => {
            // The error of the parser comes with its position, which mock fields move.
            let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error()).expect("a reason");
            let expected = expected.ok_or(format!("does not compile: {}", error.message))?;
            let message = match expected.strip_prefix("filter error at ") {
                Some(rest) if case["mock_fields"] == true => {
                    let theirs = rest.split_once(": ").map_or("", |(_, message)| message);
                    return same("error", error.message.as_str(), theirs);
                }
                Some(_) => format!("filter error at {}: {}", position(error), error.message),
                None => error.message.clone(),
            };
            same("error", message.as_str(), expected)
        }
    }
}

/// As the library prints positions; the filters have one line.
fn position(diagnostic: &Diagnostic) -> String {
    let at = diagnostic.span.start;
    format!("index {at}, line 1, column {}", at + 1)
}

#[test]
fn compile_error_text() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    let mut tally = Tally::new("compile_error_text");
    for case in cases(&facts, "compile_error_text") {
        let filter = text(&case["filter"]);
        let ours = Filter::new(filter).map(|_| ()).map_err(|diagnostics| diagnostics[0].message.clone());
        tally.case(&format!("{filter:?}"), same("error", ours, Err(text(&case["error"]).to_string())));
    }
    tally.finish();
}

#[test]
fn event_codes() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    // These have an event set, but do not compile in the library either.
    let not_compiled = ["evt.num=0x0", "evt.num=1.5", "b64(evt.num)=0"];
    let mut tally = Tally::new("event_codes");
    for case in cases(&facts, "event_codes") {
        let filter = text(&case["filter"]);
        let theirs = event_set(&case["events"], case["all_except"] == true);
        let ours = Filter::new(filter).map(|filter| filter.event_types);
        let ours = ours.map_err(|diagnostics| diagnostics[0].message.clone());
        if not_compiled.contains(&filter) {
            tally.case(filter, same("compiles", ours.is_ok(), false));
            continue;
        }
        tally.case(&format!("{filter:?}"), ours.and_then(|ours: EventTypeSet| same("events", ours, theirs)));
    }
    tally.finish();
}

#[test]
fn event_codes_allowed() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    let mut tally = Tally::new("event_codes_allowed");
    for case in cases(&facts, "event_codes_allowed") {
        let filter = text(&case["filter"]);
        let ours = Filter::new(filter);
        let reasons = ours.as_ref().err().map(|diagnostics| diagnostics[0].message.clone());
        let outcome = same("allowed", ours.is_ok(), case["ok"] == true);
        tally.case(&format!("{filter:?} {reasons:?}"), outcome);
    }
    tally.finish();
}
