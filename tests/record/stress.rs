//! What goes wrong around a recording: the file stays readable, and the recorder says what happened.

use std::process::{Command, Stdio};
use std::time::Duration;

use capture::event::EventType;
use rustix::process::Signal;

use super::parts::{signal, wait_for, wait_for_line, waiting};
use super::reading::read;
use super::{record, stderr};
use crate::harness::{Scratch, lanner, run};

/// How many descriptors the process of [`many_descriptors`] opens.
const DESCRIPTORS: &str = "LANNER_TEST_DESCRIPTORS";

#[test]
fn a_killed_recorder_leaves_what_it_had_flushed() {
    if capture::record::probe_support().is_some() {
        return;
    }
    let scratch = Scratch::new("record-killed");
    for compressed in [&[][..], &["-z"]] {
        let file = scratch.join("out.scap");
        let _ = std::fs::remove_file(&file);
        let mut child = lanner().args(["record", "-o"]).arg(&file).args(compressed).spawn().unwrap();
        // Flushed at the beginning and every second.
        wait_for(&file);
        std::thread::sleep(Duration::from_millis(1200));
        signal(&child, Signal::KILL);
        child.wait().unwrap();
        let output = run(&["info", file.to_str().unwrap(), "--json"]);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{}", stderr(&output));
        let info: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(info["events"].as_u64().unwrap() > 10 && info["threads"].as_u64().unwrap() > 0, "{info:#}");
    }
}

#[test]
fn signals_end_a_recording_properly() {
    if capture::record::probe_support().is_some() {
        return;
    }
    let scratch = Scratch::new("record-hangup");
    for (number, sent) in [Signal::HUP, Signal::TERM, Signal::INT].into_iter().enumerate() {
        let file = scratch.join(&format!("{number}.scap"));
        let child = lanner().args(["record", "-o"]).arg(&file).stderr(Stdio::piped()).spawn().unwrap();
        wait_for(&file);
        std::thread::sleep(Duration::from_millis(50));
        signal(&child, sent);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{sent:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(" events, "), "{sent:?}: {}", stderr(&output));
        assert!(!read(&file).events.is_empty());
    }
}

#[test]
fn a_command_that_dies_is_recorded_to_its_end() {
    let scratch = Scratch::new("record-dying");
    let Some(output) = record(&scratch, &["--", "sh", "-c", "sleep 60 >/dev/null 2>&1 & kill -SEGV $$"])
    else {
        return;
    };
    assert_eq!(output.status.code(), Some(128 + 11), "{}", stderr(&output));
    let contents = read(&scratch.join("out.scap"));
    contents.assert_self_contained();
    let shell = contents.events[0].1;
    assert!(contents.events.iter().any(|(ty, tid, _)| *ty == EventType::PROCEXIT_1_E && *tid == shell));
    // What it left behind.
    for (ty, tid, child) in &contents.events {
        if *ty == EventType::CLONE_20_X && *tid == shell && *child > 0 {
            let _ = Command::new("kill").arg(child.to_string()).status();
        }
    }
}

#[test]
fn twenty_thousand_processes_are_all_accounted_for() {
    let scratch = Scratch::new("record-forks");
    let script = "many() { i=0; while [ $i -lt 5000 ]; do ( : ); i=$((i+1)); done; }; \
                  many & many & many & many & wait";
    let Some(output) = record(&scratch, &["-e", "process", "--", "sh", "-c", script]) else { return };
    assert!(output.status.success(), "{}", stderr(&output));
    let contents = read(&scratch.join("out.scap"));
    let ended = contents.count(EventType::PROCEXIT_1_E) as u64 + contents.lost_of(EventType::PROCEXIT_1_E);
    assert_eq!(ended, 20_000 + 4 + 1, "{}", stderr(&output));
}

#[test]
fn arguments_of_64_kib_are_cut() {
    let scratch = Scratch::new("record-arguments");
    let long = "x".repeat(64 << 10);
    let Some(output) = record(&scratch, &["--", "true", &long, "last"]) else { return };
    assert!(output.status.success(), "{}", stderr(&output));
    let capture = std::fs::read(scratch.join("out.scap")).unwrap();
    let contents = read(&scratch.join("out.scap"));
    assert_eq!(contents.count(EventType::EXECVE_19_X), 1);
    // The executed program's arguments end at 4096 bytes, and so do those of the recorder in the list of processes.
    assert!(capture.windows(4000).any(|bytes| bytes.iter().all(|byte| *byte == b'x')));
    assert!(!capture.windows(4097).any(|bytes| bytes.iter().all(|byte| *byte == b'x')));
}

/// Not a test by itself: opens files, says so, and waits.
#[test]
#[ignore = "run by the test that records it"]
fn many_descriptors() {
    let Some(count) = std::env::var(DESCRIPTORS).ok().and_then(|count| count.parse().ok()) else { return };
    let files: Vec<_> = (0..count).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
    println!("\nready");
    let _ = std::io::read_to_string(std::io::stdin());
    drop(files);
}

#[test]
fn ten_thousand_descriptors_are_listed_as_far_as_readers_keep_them() {
    if capture::record::probe_support().is_some() {
        return;
    }
    let scratch = Scratch::new("record-descriptors");
    let file = scratch.join("out.scap");
    let program = std::env::current_exe().unwrap();
    let test = "record::stress::many_descriptors";
    let script = format!("ulimit -n 10100 && exec \"$0\" {test} --exact --ignored --nocapture --quiet");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(program).env(DESCRIPTORS, "10000");
    let mut child = waiting(&mut command);
    while child.stdout.is_some() {
        wait_for_line(&mut child);
        let descriptors = std::fs::read_dir(format!("/proc/{}/fd", child.id())).map_or(0, Iterator::count);
        if descriptors >= 10_000 {
            break;
        }
    }
    let mut recorder =
        lanner().args(["record", "-o"]).arg(&file).args(["--pid", &child.id().to_string()]).spawn().unwrap();
    wait_for(&file);
    drop(child.stdin.take());
    child.wait().unwrap();
    signal(&recorder, Signal::INT);
    assert!(recorder.wait().unwrap().success());
    let contents = read(&file);
    let listed = contents.start.fds.iter().find(|(tid, _)| *tid == i64::from(child.id())).unwrap();
    assert_eq!(listed.1.len(), 4096);
    let closed = contents.count(EventType::CLOSE_X) as u64 + contents.lost_of(EventType::CLOSE_X);
    assert!(closed >= 10_000, "{closed}");
}

#[test]
fn files_may_be_renamed_while_they_are_open() {
    let scratch = Scratch::new("record-renamed");
    let directory = scratch.join("");
    let script = format!(
        "cd {}; echo one >a; exec 3<>a; mv a b; echo two >&3; mv b c; rm c; echo three >&3; exec 3>&-",
        directory.display()
    );
    let Some(output) = record(&scratch, &["--", "sh", "-c", &script]) else { return };
    assert!(output.status.success(), "{}", stderr(&output));
    let contents = read(&scratch.join("out.scap"));
    contents.assert_self_contained();
    let renames = contents.count(EventType::RENAMEAT2_X) + contents.count(EventType::RENAME_X);
    assert_eq!(renames, 2);
    assert!(contents.written.iter().any(|data| data == b"three\n"));

    // The recording's own file may be renamed too.
    let script = format!("mv {0}/out.scap {0}/moved.scap; echo afterwards", directory.display());
    record(&scratch, &["--", "sh", "-c", &script]);
    let contents = read(&scratch.join("moved.scap"));
    assert!(contents.written.iter().any(|data| data == b"afterwards\n"));
}
