//! `lanner check`: every mistake at its place, as people and as programs see it.

use crate::golden;
use crate::harness::{lanner, root};

const CASES: &str = "tests/check";

/// Output of `lanner check` with colour off, run at the root of the checkout.
fn check(args: &[&str]) -> (String, Option<i32>) {
    let output = lanner().current_dir(root()).args(["--color", "never", "check"]).args(args).output();
    let output = output.expect("the binary starts");
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
}

/// Compares with a golden file beside the cases.
fn compare(name: &str, actual: &str) {
    golden::check(&format!("{CASES}/{name}"), actual);
}

#[test]
fn mistakes_are_all_shown_at_their_places() {
    let file = format!("{CASES}/mistakes.yaml");
    let (text, status) = check(&[&file]);
    assert_eq!(status, Some(1));
    compare("mistakes.txt", &text);
    let (json, status) = check(&["--json", &file]);
    assert_eq!(status, Some(1));
    compare("mistakes.json", &json);
}

#[test]
fn mistakes_are_found_through_blocks_lists_and_macros() {
    let (text, status) = check(&[&format!("{CASES}/hidden.yaml")]);
    assert_eq!(status, Some(1));
    compare("hidden.txt", &text);
}

#[test]
fn the_schema_only_advises() {
    let file = format!("{CASES}/schema.yaml");
    let (text, status) = check(&["--deny-warnings", &file]);
    assert_eq!(status, Some(0));
    compare("schema.txt", &text);
    let (json, status) = check(&["--json", &file]);
    assert_eq!(status, Some(0));
    compare("schema.json", &json);
}

#[test]
fn warnings_fail_only_on_request() {
    let file = format!("{CASES}/warnings.yaml");
    let (text, status) = check(&[&file]);
    assert_eq!(status, Some(0));
    compare("warnings.txt", &text);
    assert_eq!(check(&["--deny-warnings", &file]).1, Some(1));
}

#[test]
fn folders_and_several_files_are_loaded_in_order() {
    // The second file changes and uses what the first defines.
    let (text, status) = check(&[&format!("{CASES}/folder")]);
    assert_eq!((text.as_str(), status), ("", Some(0)));
    let (text, status) = check(&[&format!("{CASES}/folder/20-second.yaml")]);
    assert_eq!(status, Some(1));
    assert!(text.contains("LOAD_ERR_VALIDATE"), "{text}");
}

#[test]
fn a_missing_file_is_an_error() {
    let output = lanner().args(["check", "no/such/file.yaml"]).output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/file.yaml"));
}
