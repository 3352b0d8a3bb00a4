//! The C library's own conversion cases, step by step.

use std::path::Path;

use serde_json::Value;

use super::convert::{Converter, Verdict};
use crate::event::{Event, MAX_PARAMS, encoded};
use crate::savefile::stats::Oddities;

/// One step: an operation, the event it is given and what must come of it.
struct Case<'a> {
    step: &'a Value,
    input: Event<'a>,
}

impl Case<'_> {
    fn text(&self, key: &str) -> &str {
        self.step[key].as_str().unwrap_or_default()
    }

    /// The event that conversion gave must be the one recorded from the C library.
    fn check_output(&self, converter: &Converter, verdict: Verdict, context: &str) {
        let event = match verdict {
            Verdict::Current { count } => Event { params: self.input.params.truncated(count), ..self.input },
            Verdict::Converted(ty) => Event { ty, params: converter.params(), ..self.input },
            other => panic!("{context}: {other:?}"),
        };
        let mut bytes = Vec::new();
        assert!(encoded::encode(&event, &mut bytes));
        assert_eq!(hex(&bytes), self.text("out"), "{context}");
    }
}

#[test]
fn conversion_steps_equal_the_c_library() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/facts/conformance-converter.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let mut steps = 0;
    for test in cases["tests"].as_array().unwrap() {
        let mut converter = Converter::default();
        for step in test["steps"].as_array().unwrap() {
            let bytes = unhex(step["in"].as_str().unwrap());
            let mut ends = [0; MAX_PARAMS];
            let input = encoded::decode(0, &bytes, &mut ends).unwrap();
            check(&mut converter, &Case { step, input }, &format!("{} {steps}", test["test"]));
            steps += 1;
        }
    }
    assert_eq!(steps, 601);
}

fn check(converter: &mut Converter, case: &Case<'_>, context: &str) {
    let mut odd = Oddities::default();
    let Event { ty, tid, params, .. } = case.input;
    match case.text("op") {
        "single" => {
            let (verdict, done) = converter.convert_once(ty, tid, params, &mut odd);
            assert_eq!(if done { "pass" } else { "continue" }, case.text("result"), "{context}");
            case.check_output(converter, verdict, context);
        }
        "full" => {
            let verdict = converter.convert(ty, tid, params, &mut odd);
            case.check_output(converter, verdict, context);
        }
        "pass" => {
            let verdict = converter.convert(ty, tid, params, &mut odd);
            assert_eq!(verdict, Verdict::Current { count: params.len() }, "{context}");
        }
        "drop" => {
            let verdict = converter.convert(ty, tid, params, &mut odd);
            assert!(matches!(verdict, Verdict::Stored | Verdict::Dropped), "{context}: {verdict:?}");
        }
        "not_convertible" => {
            let verdict = converter.convert(ty, tid, params, &mut odd);
            assert_eq!(verdict, Verdict::Dropped, "{context}");
        }
        // A current event that the C library's converter, called all the same, has no row for.
        "error" => {
            let verdict = converter.convert(ty, tid, params, &mut odd);
            assert_eq!(verdict, Verdict::Current { count: params.len() }, "{context}");
        }
        "stored" => {
            let (stored_ty, stored) = converter.stored(tid).unwrap_or_else(|| panic!("{context}"));
            assert_eq!((stored_ty, stored), (ty, params), "{context}");
        }
        "not_stored" => assert_ne!(converter.stored(tid), Some((ty, params)), "{context}"),
        op => panic!("{context}: unknown operation {op}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
