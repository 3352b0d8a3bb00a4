//! `lanner info` and `lanner convert` as a user runs them.

use std::path::Path;
use std::process::Stdio;

use capture::event::{EventBuilder, EventType as E, drops};
use capture::savefile::{MachineInfo, ProcessEntry, WriteOptions, Writer, WriterProfile};
use serde_json::Value;

use crate::harness::{Scratch, lanner, run};

/// A small capture: one process in a container that opens a file, with everything that `info` shows.
fn small_capture() -> Vec<u8> {
    let options = WriteOptions { profile: WriterProfile::Schema45, ..Default::default() };
    let mut writer = Writer::new(Vec::new(), options).unwrap();
    let hostname = b"box\x1b[31m".to_vec();
    writer.machine(&MachineInfo { num_cpus: 4, hostname, ..Default::default() }).unwrap();
    let cgroups = format!("cpu=/docker/{}\0", "0123456789abcdef".repeat(4)).into_bytes();
    let process = ProcessEntry { tid: 7, pid: 7, comm: b"cat".to_vec(), cgroups, ..Default::default() };
    writer.processes(&[process]).unwrap();
    let second = 1_700_000_000_000_000_000;
    let open = EventBuilder::new(E::OPENAT_2_X, second, 7).i64(3).i64(-100).str("/etc/hosts").u32(1);
    writer.event(&open.u32(0).u32(5).u64(77).event()).unwrap();
    for number in 1..=8 {
        let close = EventBuilder::new(E::CLOSE_X, second + number * 250_000_000, 7).i64(0).i64(3);
        writer.event(&close.event()).unwrap();
    }
    writer.event(&drops::drops_event(second + 2_000_000_000, &[("buffer", 5)]).event()).unwrap();
    writer.finish().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn info(path: &Path) -> Value {
    let output = run(&["info", "--json", text(path)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn info_counts_what_is_there() {
    let scratch = Scratch::new("info");
    let path = scratch.join("small.scap");
    std::fs::write(&path, small_capture()).unwrap();
    let info = info(&path);
    assert_eq!((&info["events"], &info["threads"], &info["sections"]), (&10.into(), &1.into(), &1.into()));
    assert_eq!(info["duration_ns"], 2_000_000_000u64);
    assert_eq!(info["blocks"]["EV_V2"], 9);
    assert_eq!(info["event_types"][0]["name"], "close");
    assert_eq!(info["event_types"][0]["recorded"], 8);
    assert_eq!(info["processes"][0]["name"], "cat");
    assert_eq!(
        (&info["containers"][0]["id"], &info["containers"][0]["events"]),
        (&"0123456789ab".into(), &9.into())
    );
    assert_eq!(info["drops"]["buffer"], 5);
    assert_eq!((&info["damage"], &info["oddities"]), (&Value::Null, &Value::Array(Vec::new())));
}

#[test]
fn info_shows_recorded_text_escaped() {
    let scratch = Scratch::new("escape");
    let path = scratch.join("small.scap");
    std::fs::write(&path, small_capture()).unwrap();
    let output = run(&["info", text(&path)]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("box\\u{1b}[31m, 4 CPUs") && !shown.contains('\x1b'), "{shown}");
    assert!(shown.contains("5 buffer"), "{shown}");
}

#[test]
fn a_damaged_capture_has_its_own_exit_status() {
    let scratch = Scratch::new("damage");
    let (path, copy) = (scratch.join("cut.scap"), scratch.join("copy.scap"));
    let bytes = small_capture();
    std::fs::write(&path, &bytes[..bytes.len() - 100]).unwrap();
    for args in [&["info", text(&path)][..], &["convert", text(&path), "-o", text(&copy)]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(3), "{args:?}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains("ends inside a block (block EV_V2 at byte"), "{errors}");
    }
    assert_eq!(info(&copy)["events"], 8);
}

#[test]
fn what_is_no_capture_is_an_error() {
    let scratch = Scratch::new("none");
    let path = scratch.join("text");
    std::fs::write(&path, "this is no capture").unwrap();
    for (path, reason) in [(path, "it has no section header"), (scratch.join("absent"), "No such file")] {
        for args in [&["info", text(&path)][..], &["convert", text(&path), "-o", "/dev/null"]] {
            let output = run(args);
            assert_eq!(output.status.code(), Some(1), "{args:?}");
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(errors.contains(reason) && errors.lines().count() == 1, "{errors}");
        }
    }
}

#[test]
fn converted_captures_hold_the_same_events() {
    let scratch = Scratch::new("convert");
    let path = scratch.join("small.scap");
    std::fs::write(&path, small_capture()).unwrap();
    for (arguments, current) in [
        (&["--plain"][..], 10),
        (&["--profile", "4.5", "--gzip"], 10),
        (&["--profile", "portable", "--gzip=9", "--threads", "3"], 10),
        // The enter of openat is delivered too.
        (&["--profile", "compat"], 11),
    ] {
        let copy = scratch.join("copy.scap");
        let output = run(&[&["convert", text(&path), "-o", text(&copy)], arguments].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let copied = info(&copy);
        assert_eq!(copied["current_events"], current, "{arguments:?}");
        assert_eq!(copied["oddities"], Value::Array(Vec::new()), "{arguments:?}");
        assert_eq!(
            std::fs::read(&copy).unwrap().starts_with(b"\x1F\x8B"),
            arguments.len() > 2 || arguments[0] == "--gzip"
        );
        assert!(!scratch.join("copy.scap.partial").exists());
    }
}

#[test]
fn a_capture_can_be_converted_in_place_and_through_pipes() {
    let scratch = Scratch::new("place");
    let path = scratch.join("small.scap");
    std::fs::write(&path, small_capture()).unwrap();
    assert!(run(&["convert", text(&path), "-o", text(&path), "--gzip"]).status.success());
    assert_eq!(info(&path)["events"], 10);

    let mut from_file = lanner()
        .args(["convert", text(&path), "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdin = from_file.stdout.take().unwrap();
    let output = lanner().args(["info", "-", "--json"]).stdin(stdin).output().unwrap();
    assert!(from_file.wait().unwrap().success());
    let piped: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&piped["events"], &piped["size_bytes"]), (&10.into(), &Value::Null));
}
