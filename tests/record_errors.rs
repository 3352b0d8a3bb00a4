//! What `lanner record` says when it cannot do its job.

use crate::harness::{Scratch, lanner};

/// Records `true` into `output`; `None` where recording is not possible.
fn record(output: &str, command: &str) -> Option<(Option<i32>, String)> {
    if let Some(reason) = capture::record::probe_support() {
        eprintln!("skipped: {reason}");
        return None;
    }
    let scratch = Scratch::new("record-errors");
    let output = lanner()
        .current_dir(scratch.join(""))
        .args(["record", "-o", output, "--", command])
        .output()
        .expect("the binary starts");
    Some((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn an_output_that_cannot_be_made_ends_the_held_command_too() {
    // The command's process waits for the recorder; it must not wait for ever.
    let Some((code, message)) = record("/nonexistent/x.scap", "true") else { return };
    assert_eq!(code, Some(1));
    assert!(message.contains("/nonexistent/x.scap"), "{message}");
}

#[test]
fn a_command_that_does_not_exist() {
    let Some((code, message)) = record("x.scap", "/nonexistent/command") else { return };
    assert_ne!(code, Some(0));
    assert!(message.contains("/nonexistent/command"), "{message}");
}

#[test]
fn a_full_disk() {
    let Some((code, message)) = record("/dev/full", "true") else { return };
    assert_eq!(code, Some(1), "{message}");
    assert!(message.contains("No space left"), "{message}");
}

#[test]
fn the_status_of_the_command_is_passed_on() {
    let Some((code, message)) = record("x.scap", "false") else { return };
    assert_eq!(code, Some(1));
    assert!(message.contains("no drops"), "{message}");
}
