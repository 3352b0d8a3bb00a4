//! `lanner record` as it is used. What it records is tested where the recorder is (capture/tests/record).

mod parts;
mod privileges;
mod reading;
mod stress;

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::harness::{Scratch, lanner};

/// Runs `lanner record` with some arguments; `None`, with a printed reason, where nothing can be recorded.
fn record(scratch: &Scratch, args: &[&str]) -> Option<Output> {
    if let Some(reason) = capture::record::probe_support() {
        eprintln!("skipped: {reason}");
        return None;
    }
    let mut command = lanner();
    command.arg("record");
    if args.first() != Some(&"-o") {
        command.arg("-o").arg(scratch.join("out.scap"));
    }
    Some(command.args(args).output().unwrap())
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_exit_status_is_passed_on() {
    let scratch = Scratch::new("record-status");
    for (script, expected) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 128 + 9)] {
        let Some(output) = record(&scratch, &["--", "sh", "-c", script]) else { return };
        assert_eq!(output.status.code(), Some(expected), "{script}: {}", stderr(&output));
        let line = stderr(&output);
        assert!(
            line.contains(" events, ") && line.contains("out.scap") && line.contains("no drops"),
            "{line}"
        );
    }
}

#[test]
fn the_file_is_private_and_the_one_before_is_kept() {
    let scratch = Scratch::new("record-old");
    let (file, old) = (scratch.join("out.scap"), scratch.join("out.scap.old"));
    std::fs::write(&file, "the one before").unwrap();
    // A command that cannot be started leaves everything as it was.
    let Some(output) = record(&scratch, &["--", "/no/such/program"]) else { return };
    assert_eq!(output.status.code(), Some(127), "as a shell says it");
    assert!(stderr(&output).contains("cannot start /no/such/program"), "{}", stderr(&output));
    assert!(!old.exists() && std::fs::read(&file).unwrap() == b"the one before");

    record(&scratch, &["--", "true"]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read(&old).unwrap(), b"the one before");
}

#[test]
fn an_output_that_cannot_be_made_ends_the_held_command_too() {
    // The command's process waits for the recorder; it must not wait for ever.
    let scratch = Scratch::new("record-nowhere");
    let Some(output) = record(&scratch, &["-o", "/nonexistent/x.scap", "--", "true"]) else { return };
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/nonexistent/x.scap"), "{}", stderr(&output));
}

#[test]
fn a_full_disk_is_an_error() {
    let scratch = Scratch::new("record-full");
    let Some(output) = record(&scratch, &["-o", "/dev/full", "--", "true"]) else { return };
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("No space left"), "{}", stderr(&output));
}

#[test]
fn standard_output_takes_a_compressed_capture() {
    if capture::record::probe_support().is_some() {
        return;
    }
    let output = lanner().args(["record", "-o", "-", "--gzip", "--", "true"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let capture = capture::savefile::Capture::from_bytes("standard output", output.stdout);
    let mut reader = capture.reader().unwrap();
    let mut events = 0;
    while let Some(item) = reader.next().unwrap() {
        events += usize::from(matches!(item, capture::savefile::Item::Event(_)));
    }
    assert!(events > 10, "{events}");
}

#[test]
fn the_host_is_recorded_until_told_to_end() {
    let scratch = Scratch::new("record-host");
    let Some(output) = record(&scratch, &["--duration", "300ms"]) else { return };
    assert!(output.status.success(), "{}", stderr(&output));
    let info = lanner().arg("info").arg(scratch.join("out.scap")).output().unwrap();
    assert!(info.status.success());
}
