//! Output templates against what the real library prints for events of tiny captures.

mod common;

use capture::event::EventType;
use lanner_replay::alert::OutputTemplate;
use serde_json::Value;

#[test]
fn formats_print_as_in_falco() {
    let Some(shared) = common::shared("formats") else { return };
    let folder = shared.join("facts/conformance-state");
    let cases: Value = serde_json::from_str(&common::read(&folder.join("cases.json"))).unwrap();
    let cases = cases["format_cases"].as_array().unwrap();
    let failed: Vec<String> = cases.iter().filter_map(|case| check(&folder, case).err()).collect();
    let agreeing = cases.len() - failed.len();
    println!("formats: {agreeing} of {} agree\n{}", cases.len(), failed.join("\n"));
    assert!(failed.is_empty(), "{} formats differ", failed.len());
}

fn check(folder: &std::path::Path, case: &Value) -> Result<(), String> {
    let format = case["format"].as_str().unwrap();
    let describe = |what: String| Err(format!("{format:?}: {what}"));
    let template = match (OutputTemplate::parse(format), case["load_error"] == true) {
        (Err(_), true) => return Ok(()),
        (Ok(_), true) => return describe("must be refused".into()),
        (Err(error), false) => return describe(error.to_string()),
        (Ok(template), false) => template,
    };
    let capture = folder.join("captures").join(case["capture"].as_str().unwrap());
    let mut found = None;
    // The clones that some cases begin with do not count.
    let mut n = 0;
    common::for_each_event(&capture, |_, cx| {
        n += u64::from(cx.event.ty != EventType::CLONE_20_X);
        if found.is_some() || n != case["n"].as_u64().unwrap() {
            return;
        }
        let mut out = Vec::new();
        let complete = match case["json"] == true {
            true => template.write_json(cx, case["resolve_transformers"] == true, &mut out),
            false => template.render(cx, &mut out),
        };
        found = Some((String::from_utf8_lossy(&out).into_owned(), complete));
    });
    let expected = (case["output"].as_str().unwrap().to_string(), case["all_resolved"] == true);
    match found {
        Some(found) if found == expected => Ok(()),
        found => describe(format!("{found:?} instead of {expected:?}")),
    }
}
