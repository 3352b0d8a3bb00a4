//! Whole recordings, compared with what others saw.

use std::collections::HashMap;
use std::process::Command;

use lanner_capture::event::EventType;
use lanner_capture::record::RecordOptions;
use lanner_capture::savefile::WriterProfile;

use super::harness::{self, Recording};

/// Calls that strace saw, by name, with the processes that ended.
fn strace(command: &[&str]) -> Option<HashMap<String, usize>> {
    let tid = rustix::thread::gettid().as_raw_nonzero();
    let log = std::env::temp_dir().join(format!("lanner-strace-{tid}"));
    let output = Command::new("strace").args(["-f", "-q", "-o"]).arg(&log).args(command).output();
    if output.is_err() {
        eprintln!("skipped: strace is not installed");
        return None;
    }
    let text = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    let _ = std::fs::remove_file(&log);
    let mut counts: HashMap<String, usize> = HashMap::new();
    for line in text.lines() {
        let Some((_, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if rest.starts_with("+++ exited") {
            *counts.entry("exited".to_owned()).or_default() += 1;
        } else if !rest.starts_with("<...")
            && let Some((name, _)) = rest.split_once('(')
        {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    Some(counts)
}

fn check_against_strace(command: &[&str]) {
    if !harness::can_record() {
        return;
    }
    let Some(seen) = strace(command) else { return };
    let recording = harness::record_command(command, RecordOptions::default(), WriterProfile::Portable);
    assert_eq!((recording.exit_code, recording.summary.drop_count()), (0, 0));
    for (call, event) in [
        ("execve", EventType::EXECVE_19_X),
        ("openat", EventType::OPENAT_2_X),
        ("close", EventType::CLOSE_X),
        ("exited", EventType::PROCEXIT_1_E),
        ("getdents64", EventType::GETDENTS64_X),
        ("newfstatat", EventType::NEWFSTATAT_X),
    ] {
        let expected = seen.get(call).copied().unwrap_or(0);
        assert_eq!(recording.count(event), expected, "{call} of {command:?}");
    }
}

#[test]
fn a_file_tree_gives_the_calls_that_strace_sees() {
    check_against_strace(&["find", "/usr/share/doc", "-type", "f", "-fprint", "/dev/null"]);
}

#[test]
fn shells_and_pipes_give_the_calls_that_strace_sees() {
    check_against_strace(&[
        "sh",
        "-c",
        "for i in 1 2 3; do ls /etc | cat | wc -l >/dev/null; done; (exit 0)",
    ]);
}

#[test]
fn sysdig_opens_and_lists_every_profile() {
    if !harness::can_record() {
        return;
    }
    if Command::new("sysdig").arg("--version").output().is_err() {
        eprintln!("skipped: sysdig is not installed");
        return;
    }
    for profile in [WriterProfile::Portable, WriterProfile::Compat] {
        let command = ["sh", "-c", "ls /etc | sort >/dev/null; cat /etc/hostname >/dev/null"];
        let recording = harness::record_command(&command, RecordOptions::default(), profile);
        let path = std::env::temp_dir().join(format!("lanner-sysdig-{}.scap", std::process::id()));
        std::fs::write(&path, &recording.file).unwrap();
        let output = Command::new("sysdig")
            .args(["-r", path.to_str().unwrap(), "-p", "*%evt.num %proc.name %evt.dir %evt.type"])
            .output()
            .unwrap();
        let _ = std::fs::remove_file(&path);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{profile:?}: {output:?}");
        let known = |event: &&harness::Recorded| event.ty.0 < 336 && event.ty != EventType::PROCEXIT_1_E;
        let at_least = recording.events.iter().filter(known).count();
        assert!(text.lines().count() >= at_least, "{profile:?}: {} of {at_least}", text.lines().count());
        for (name, call) in [("sort", "execve"), ("ls", "openat"), ("cat", "read")] {
            let listed = text.lines().any(|line| line.contains(&format!(" {name} < {call}")));
            assert!(listed, "{profile:?}: no {call} of {name}");
        }
    }
}

/// Events are in order, and the process list has the tree and its ancestors only.
#[test]
fn a_recording_of_a_command_has_only_its_tree() {
    if !harness::can_record() {
        return;
    }
    let command = ["sh", "-c", "sleep 0.05 & /bin/true; wait"];
    let recording = harness::record_command(&command, RecordOptions::default(), WriterProfile::Schema45);
    assert!(recording.events.windows(2).all(|pair| pair[0].ts_ns <= pair[1].ts_ns));
    assert_eq!(recording.count(EventType::EXECVE_19_X), 3);
    let first = &recording.events[0];
    assert_eq!(
        (first.ty, first.i64_at(0)),
        (EventType::EXECVE_19_X, 0),
        "the first event is the command's exec"
    );
    let own = i64::from(std::process::id());
    let child =
        recording.processes.iter().find(|process| process.tid == first.tid).expect("the child is listed");
    assert_eq!(child.ptid, own);
    assert!(!child.env.is_empty());
    let ancestors: Vec<_> = recording.processes.iter().filter(|process| process.pid != child.pid).collect();
    assert!(ancestors.iter().any(|process| process.pid == own));
    assert!(
        ancestors.iter().all(|process| process.env.is_empty()),
        "an ancestor's environment is nobody's business"
    );
    assert!(recording.fds.iter().all(|(tid, _)| *tid == child.tid));
    let tids = tree(&recording);
    assert!(recording.events.iter().all(|event| tids.contains(&event.tid)));
}

/// Threads of the command, by the events that make them.
fn tree(recording: &Recording) -> Vec<i64> {
    let mut tids = vec![recording.events[0].tid];
    for event in &recording.events {
        let is_clone = matches!(
            event.ty,
            EventType::CLONE_20_X | EventType::CLONE3_X | EventType::FORK_20_X | EventType::VFORK_20_X
        );
        if is_clone && tids.contains(&event.tid) && event.i64_at(0) > 0 {
            tids.push(event.i64_at(0));
        }
        if is_clone && event.i64_at(0) == 0 {
            tids.push(event.tid);
        }
    }
    tids
}

#[test]
fn what_should_be_left_out_is() {
    if !harness::can_record() {
        return;
    }
    let command = ["sh", "-c", "echo secret-data | cat", "secret-arg"];
    let options = RecordOptions { no_env: true, no_args: true, no_data: true, ..RecordOptions::default() };
    let recording = harness::record_command(&command, options, WriterProfile::Schema45);
    assert!(recording.count(EventType::WRITE_X) > 0 && recording.count(EventType::EXECVE_19_X) > 1);
    let contains = |needle: &[u8]| recording.file.windows(needle.len()).any(|at| at == needle);
    assert!(!contains(b"secret-data") && !contains(b"secret-arg") && !contains(b"PATH="));
    let with = harness::record_command(&command, RecordOptions::default(), WriterProfile::Schema45);
    assert!(with.file.windows(11).any(|at| at == b"secret-data"));
}

#[test]
fn the_host_is_recorded_without_the_recorder() {
    if !harness::can_record() {
        return;
    }
    let mut pid = 0;
    let recording = harness::record_host(RecordOptions::default(), || {
        let mut child = Command::new("/bin/ls").arg("/").stdout(std::process::Stdio::null()).spawn().unwrap();
        pid = i64::from(child.id());
        child.wait().unwrap();
    });
    let own = i64::from(std::process::id());
    assert!(recording.events.iter().any(|event| event.tid == pid && event.ty == EventType::EXECVE_19_X));
    assert!(recording.processes.iter().all(|process| process.pid != own));
    assert!(recording.processes.iter().any(|process| process.pid == 1));
    // Whatever happened while the machine was looked at completes the state and comes first.
    let shown = recording.events.iter().position(|event| !event.state_only).unwrap();
    assert!(recording.events[shown..].iter().all(|event| !event.state_only));
}
