//! The public rules: they load, and their conditions and event types are those of the real engine.

use std::fs;

use lanner_replay::rules::{self, EventTypeSet, LoadOptions, Loaded};
use serde_json::Value;

use super::common::{Tally, cases, same};
use super::shared;

/// Rule sets of the cases, with their files.
pub const FILES: [(&str, &str); 3] = [
    ("stable", "falco_rules.yaml"),
    ("incubating", "falco-incubating_rules.yaml"),
    ("sandbox", "falco-sandbox_rules.yaml"),
];

pub fn load(paths: &[&str]) -> Option<Loaded> {
    let mut inputs = Vec::new();
    for path in paths {
        let path = shared::path(&format!("rules/{path}"))?;
        inputs.push((path.display().to_string(), fs::read_to_string(&path).expect("readable")));
    }
    Some(rules::load(inputs, &LoadOptions::default()))
}

fn errors(loaded: &Loaded) -> Vec<String> {
    let errors = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    errors
        .map(|error| {
            let (line, column) = loaded.ruleset.sources.position(error.span);
            format!("{line}:{column}: {} ({:?})", error.message, error.path)
        })
        .collect()
}

#[test]
fn public_rules_load_without_errors() {
    for (_, file) in FILES {
        let Some(loaded) = load(&[&format!("stock/{file}")]) else { return };
        assert_eq!(errors(&loaded), Vec::<String>::new(), "{file}");
    }
    let Some(all) = load(&FILES.map(|(_, file)| format!("stock/{file}")).each_ref().map(String::as_str))
    else {
        return;
    };
    assert_eq!(errors(&all), Vec::<String>::new());
    assert_eq!(all.ruleset.rules.len(), 93);
    let Some(broad) = load(&["broad.yaml"]) else { return };
    assert_eq!(errors(&broad), Vec::<String>::new());
    assert_eq!(broad.ruleset.rules.len(), 53);
}

#[test]
fn stock_rules() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    let mut tally = Tally::new("stock_rules");
    for (set, file) in FILES {
        let Some(loaded) = load(&[&format!("stock/{file}")]) else { return };
        for case in cases(&facts, "stock_rules").iter().filter(|case| case["ruleset"] == set) {
            let name = case["rule"].as_str().expect("a name");
            let rule = loaded.ruleset.rules.iter().find(|rule| rule.name == name);
            let outcome = rule.ok_or("not loaded".to_string()).and_then(|rule| {
                same("condition", rule.expanded.as_str(), case["expanded_condition"].as_str().unwrap_or(""))?;
                let mut theirs = event_set(&case["events"], false);
                theirs.insert(capture::event::EventType::ASYNCEVENT_E);
                same("events", rule.event_types, theirs)
            });
            tally.case(name, outcome);
        }
    }
    tally.finish();
}

/// A set of events given by their names, or of all others.
pub fn event_set(names: &Value, all_except: bool) -> EventTypeSet {
    let names: Vec<&str> =
        names.as_array().expect("names").iter().map(|name| name.as_str().expect("a name")).collect();
    let symbol = |name: &str| {
        ["PPME_SYSCALL_", "PPME_SOCKET_", "PPME_"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .map(str::to_string)
            .unwrap_or_default()
    };
    let named: Vec<String> = names.iter().map(|name| symbol(name)).collect();
    let mut set = EventTypeSet::default();
    for event in &capture::event::schema::EVENTS {
        if named.iter().any(|name| name == event.symbol) != all_except {
            set.insert(event.id);
        }
    }
    set
}
