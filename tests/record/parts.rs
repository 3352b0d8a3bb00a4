//! Recordings of a part: the last stretch, files that rotate, limits. Each file must describe its own beginning.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use capture::event::EventType;
use rustix::process::{Pid, Signal, kill_process};

use super::reading::read;
use super::{record, stderr};
use crate::harness::{Scratch, lanner};

/// Numbered lines, each from processes of their own, for more than two seconds.
const NUMBERED: &str =
    "i=10; while [ $i -lt 34 ]; do echo line-$i | cat >/dev/null; sleep 0.1; i=$((i+1)); done";

/// Numbers of the lines that a file has.
fn lines(written: &[Vec<u8>]) -> Vec<u32> {
    let number = |data: &Vec<u8>| std::str::from_utf8(data).ok()?.strip_prefix("line-")?.trim().parse().ok();
    let mut lines: Vec<u32> = written.iter().filter_map(number).collect();
    lines.dedup();
    lines
}

#[test]
fn a_ring_is_written_at_the_end() {
    let scratch = Scratch::new("record-ring");
    let Some(output) = record(&scratch, &["--ring", "1s", "--", "sh", "-c", NUMBERED]) else { return };
    assert!(output.status.success() && stderr(&output).contains("the last "), "{}", stderr(&output));
    let contents = read(&scratch.join("out.scap"));
    contents.assert_self_contained();
    let lines = lines(&contents.written);
    assert!(lines.len() < 15 && lines.last() == Some(&33), "{lines:?}");
    // The shell's program was executed long before, and its lists say so.
    let shell = contents.start.processes.iter().find(|process| process.comm == b"sh").unwrap();
    assert!(shell.exepath.ends_with(b"sh") && shell.args.ends_with(b"done\0"), "{shell:?}");
    assert!(contents.start.fds.iter().any(|(tid, fds)| *tid == shell.tid && fds.len() >= 3));
}

#[test]
fn a_signal_writes_the_ring_and_the_recording_goes_on() {
    if capture::record::probe_support().is_some() {
        return;
    }
    let scratch = Scratch::new("record-signal");
    let file = scratch.join("out.scap");
    let script = format!("echo ready; {NUMBERED}");
    let mut child = lanner()
        .args(["record", "--json", "--ring", "10s,64MiB", "-o"])
        .arg(&file)
        .args(["--", "sh", "-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_line(&mut child);
    for number in 1..=2 {
        std::thread::sleep(Duration::from_millis(400));
        signal(&child, Signal::USR1);
        wait_for(&scratch.join(&format!("out.scap.{number}")));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let mut before = 0;
    for name in ["out.scap.1", "out.scap.2", "out.scap"] {
        let contents = read(&scratch.join(name));
        contents.assert_self_contained();
        let lines = lines(&contents.written);
        assert!(lines.first() == Some(&10) && lines.len() > before, "{name}: {lines:?}");
        before = lines.len();
    }
    assert_eq!(before, 24);
    let text = stderr(&output);
    let json: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(json["files"].as_array().unwrap().len(), 3, "{text}");
    assert_eq!((&json["exit_code"], &json["dropped"]), (&0.into(), &0.into()), "{text}");
}

#[test]
fn rotated_files_can_be_read_alone() {
    let scratch = Scratch::new("record-rotate");
    let (file, path) = (scratch.join("out.scap"), |n: u32| scratch.join(&format!("out.scap.{n}")));
    let storm = "i=0; while [ $i -lt 400 ]; do (echo line-$i | cat >/dev/null); i=$((i+1)); done";
    let args = ["--rotate-size", "200KiB", "--keep", "3", "--", "sh", "-c", storm];
    let Some(output) = record(&scratch, &args) else { return };
    assert!(output.status.success(), "{}", stderr(&output));
    let names = std::fs::read_dir(scratch.join("")).unwrap().map(|entry| entry.unwrap().file_name());
    let number = |name: std::ffi::OsString| name.to_str()?.strip_prefix("out.scap.")?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = names.filter_map(number).collect();
    numbers.sort_unstable();
    let newest = *numbers.last().unwrap();
    assert!(newest > 3 && numbers == [newest - 2, newest - 1, newest] && !file.exists(), "{numbers:?}");
    let mut next = None;
    for number in newest - 2..=newest {
        assert!(std::fs::metadata(path(number)).unwrap().len() <= 200 << 10);
        let contents = read(&path(number));
        contents.assert_self_contained();
        assert!(!contents.start.users.is_empty() || !contents.start.processes.is_empty());
        for line in lines(&contents.written) {
            // A line is written by the shell, and once more by the program that reads it.
            assert!(next.is_none_or(|next| next == line || next == line + 1), "line {line} before {next:?}");
            next = Some(line + 1);
        }
    }
    assert_eq!(next, Some(400));
}

#[test]
fn limits_hold() {
    let scratch = Scratch::new("record-limits");
    let path = scratch.join("out.scap");
    let busy = "exec >/dev/null 2>&1; while :; do cat /dev/null; done";
    let check = |limit: &[&str], kept: &dyn Fn(&Path) -> bool| {
        let args = [limit, &["--", "timeout", "4", "sh", "-c", busy]].concat();
        let Some(output) = record(&scratch, &args) else { return };
        assert!(output.status.success(), "{limit:?}: {}", stderr(&output));
        assert!(kept(&path), "{limit:?}: {}", stderr(&output));
    };
    check(&["--max-events", "1234", "--profile", "4.5"], &|path| read(path).events.len() == 1234);
    check(&["--max-size", "300KiB"], &|path| {
        (200 << 10..=300 << 10).contains(&std::fs::metadata(path).unwrap().len())
    });
    check(&["--duration", "1500ms"], &|path| read(path).count(EventType::CLOSE_X) > 0);
}

#[test]
fn what_cannot_be_is_told_before_anything_runs() {
    for (args, reason) in [
        (&["--ring", "5m"][..], "a time with its unit"),
        (&["--ring", "30s", "--rotate-size", "1MiB"], "cannot be used with"),
        (&["--keep", "3"], "--rotate-size"),
        (&["--ring", "30s", "-o", "-"], "--ring needs a file"),
        (&["--rotate-time", "1s", "-o", "-"], "standard output"),
        (&["--ring", "30s", "-o", "/nonexistent/x"], "/nonexistent/x"),
        (&["--pid", "4194305"], "there is no process 4194305"),
    ] {
        if capture::record::probe_support().is_some() {
            return;
        }
        let output = lanner().arg("record").args(args).output().unwrap();
        assert!(
            !output.status.success() && stderr(&output).contains(reason),
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

pub fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits until a file is there and not empty.
#[track_caller]
pub fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0) {
        assert!(Instant::now() < deadline, "{path:?} does not appear");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a recorded command has printed its first line.
pub fn wait_for_line(child: &mut Child) {
    let mut byte = [0];
    let out = child.stdout.as_mut().unwrap();
    while std::io::Read::read(out, &mut byte).unwrap() == 1 && byte[0] != b'\n' {}
}

/// A program that runs until its input ends.
pub fn waiting(command: &mut Command) -> Child {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    wait_for_line(&mut child);
    child
}
