//! `profile.schema.json` describes what is written: profiles keep to it, and it names nothing that no profile has.

mod common;

use std::collections::BTreeSet;

use lanner_profiler::model::{Saving, Timing};
use lanner_profiler::session::Options;
use lanner_profiler::store;
use serde_json::Value;

/// The part of JSON Schema that the schema uses. Anything else in it is an error.
struct Validator<'a> {
    root: &'a Value,
    /// Properties that were seen, as pointers into the schema.
    seen: BTreeSet<String>,
}

impl Validator<'_> {
    fn check(&mut self, schema: &Value, at: &str, value: &Value, path: &str) {
        for (key, rule) in schema.as_object().expect("a schema is an object") {
            let holds = match key.as_str() {
                "description" | "title" | "$schema" | "$defs" | "required" | "additionalProperties" => true,
                "$ref" => {
                    let pointer = rule.as_str().and_then(|r| r.strip_prefix('#')).expect("a local reference");
                    let target = self.root.pointer(pointer).expect("a definition");
                    self.check(target, pointer, value, path);
                    true
                }
                "type" => match rule {
                    Value::Array(types) => types.iter().any(|ty| is_type(ty, value)),
                    ty => is_type(ty, value),
                },
                "enum" => rule.as_array().expect("a list").contains(value),
                "const" => rule == value,
                "minimum" => value.as_u64() >= rule.as_u64(),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, &format!("{at}/items"), item, &format!("{path}/{index}"));
                    }
                    true
                }
                "properties" => {
                    self.check_object(schema, at, value, path);
                    true
                }
                key => panic!("the schema has the unknown keyword {key}"),
            };
            assert!(holds, "{path} is {value}, but {key} has to be {rule}");
        }
    }

    fn check_object(&mut self, schema: &Value, at: &str, value: &Value, path: &str) {
        let (known, value) = (&schema["properties"], value.as_object().expect("an object"));
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{at}");
        for name in schema["required"].as_array().expect("a list") {
            assert!(value.contains_key(name.as_str().expect("a name")), "{path} has no {name}");
        }
        for (name, value) in value {
            let rule = known.get(name).unwrap_or_else(|| panic!("{path}/{name} is not in the schema"));
            let at = format!("{at}/properties/{name}");
            self.check(rule, &at, value, &format!("{path}/{name}"));
            self.seen.insert(at);
        }
    }
}

fn is_type(ty: &Value, value: &Value) -> bool {
    match ty.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => panic!("the schema has the unknown type {ty}"),
    }
}

/// Pointers to all properties.
fn properties(schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    let Some(object) = schema.as_object() else { return };
    for (key, value) in object {
        let inside = format!("{at}/{key}");
        if at.ends_with("/properties") {
            found.insert(inside.clone());
        }
        properties(value, &inside, found);
    }
}

#[test]
fn profiles_keep_to_their_schema() {
    let schema: Value = serde_json::from_str(store::SCHEMA).unwrap();
    let mut validator = Validator { root: &schema, seen: BTreeSet::new() };
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let ruleset = common::load(&[common::fixture("rules/demo.yaml")]);
    for timing in [Timing::Off, Timing::Stages, Timing::Rules, Timing::Nodes] {
        let options =
            Options { timing, iterations: 2, warmup: 0, detail: 1, overhead_pairs: 1, ..Options::default() };
        let mut profile = common::profile(&capture, &ruleset, &options);
        // The session does not look at files.
        let (hash, name) = ("0".repeat(64), "file".to_owned());
        profile.rules_files = vec![lanner_profiler::model::FileInfo { name, hash, bytes: 1 }];
        profile.rules[0].saving = Saving::of(vec![1, -1]);
        let mut text = Vec::new();
        store::write(&profile, &mut text).unwrap();
        validator.check(&schema, "", &serde_json::from_slice(&text).unwrap(), "");
    }
    let mut all = BTreeSet::new();
    properties(&schema, "", &mut all);
    let never: Vec<&String> = all.difference(&validator.seen).collect();
    assert!(never.is_empty(), "no profile has {never:?}");
}
