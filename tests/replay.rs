//! `lanner replay` as a person or a script uses it.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};

use crate::harness::{Scratch, lanner, root, run};

fn fixture(path: &str) -> String {
    root().join("fixtures").join(path).display().to_string()
}

/// Replays the demo capture with the demo rules.
fn replay(args: &[&str]) -> Output {
    let (capture, rules) = (fixture("captures/demo.scap"), fixture("rules/demo.yaml"));
    lanner().args(["replay", &capture, "-r", &rules]).args(args).output().expect("the binary starts")
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8(output.stdout.clone()).expect("alerts are UTF-8").lines().map(str::to_string).collect()
}

/// Names of the rules that a replay with these arguments had alerts of.
fn rules_with_alerts(args: &[&str]) -> Vec<String> {
    let mut all = vec!["--json", "--matching", "all"];
    all.extend(args);
    let mut names: Vec<String> = lines(&replay(&all))
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a JSON alert"))
        .map(|alert| alert["rule"].as_str().expect("a rule").to_string())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn text_and_json_show_the_same_alerts() {
    let (text, json) = (replay(&[]), replay(&["--json", "--hostname", "somewhere"]));
    assert!(text.status.success() && json.status.success());
    let (text, json) = (lines(&text), lines(&json));
    assert!(!text.is_empty());
    assert_eq!(text.len(), json.len());
    for (text, json) in text.iter().zip(json) {
        let alert: serde_json::Value = serde_json::from_str(&json).expect("a JSON alert");
        let members: Vec<&str> = alert.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(
            members,
            ["hostname", "output", "output_fields", "priority", "rule", "source", "tags", "time"]
        );
        assert_eq!(alert["hostname"], "somewhere");
        // In text, quotes and backslashes are escaped once more than in the value.
        let output = alert["output"].to_string();
        assert_eq!(*text, output[1..output.len() - 1]);
    }
}

#[test]
fn the_same_comes_from_standard_input_and_goes_to_a_file() {
    let scratch = Scratch::new("replay-streams");
    let expected = replay(&[]);
    let file = scratch.join("alerts");
    let output = replay(&["-o", &file.display().to_string()]);
    assert!(output.stdout.is_empty());
    assert_eq!(std::fs::read(&file).expect("the file was written"), expected.stdout);
    assert_eq!(std::fs::metadata(&file).expect("its owner").permissions().mode() & 0o777, 0o600);

    let mut child = lanner()
        .args(["replay", "-", "-r", &fixture("rules/demo.yaml")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let bytes = std::fs::read(fixture("captures/demo.scap")).expect("the demo capture");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("the capture is read");
    assert_eq!(child.wait_with_output().expect("it ends").stdout, expected.stdout);
}

#[test]
fn a_cut_capture_gives_what_it_holds_and_status_3() {
    let scratch = Scratch::new("replay-cut");
    let bytes = std::fs::read(fixture("captures/demo.scap")).expect("the demo capture");
    let cut = scratch.join("cut.scap");
    std::fs::write(&cut, &bytes[..bytes.len() - bytes.len() / 3]).expect("the cut capture");
    let output = lanner()
        .args(["replay", &cut.display().to_string(), "-r", &fixture("rules/demo.yaml")])
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(3));
    let whole = replay(&[]).stdout;
    assert!(whole.starts_with(&output.stdout) && output.stdout.len() < whole.len());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cut.scap"));
}

#[test]
fn selections_count_in_the_order_given() {
    let every = rules_with_alerts(&[]);
    assert!(every.len() > 2, "{every:?}");
    let one = every[0].as_str();
    assert_eq!(rules_with_alerts(&["--disable", "*", "--enable", one]), [one]);
    assert!(rules_with_alerts(&["--enable", one, "--disable", "*"]).is_empty());
    assert_eq!(rules_with_alerts(&["--disable", one]), every[1..]);
    assert!(rules_with_alerts(&["-t", "no such tag"]).is_empty());
    assert_eq!(rules_with_alerts(&["-T", "no such tag"]), every);
    assert!(rules_with_alerts(&["--priority", "emergency"]).is_empty());
}

#[test]
fn limits_and_additions() {
    assert_eq!(lines(&replay(&["--limit", "2"])).len(), 2);
    let plain = lines(&replay(&["--no-suggested", "--limit", "1", "-p", "(event %evt.num)"]));
    assert!(plain[0].contains("(event ") && !plain[0].contains("container_id="), "{}", plain[0]);
    let both = lines(&replay(&["--limit", "1", "-p", "(%toupper(evt.type))"]));
    assert!(
        both[0].contains("container_id=") && both[0].ends_with("k8s_ns_name=<NA> (EXECVE)"),
        "{}",
        both[0]
    );
    for old_name in ["c", "container", "k", "kubernetes"] {
        let output = replay(&["--limit", "1", &format!("-p{old_name}")]);
        assert_eq!(lines(&output), lines(&replay(&["--limit", "1"])));
        assert!(String::from_utf8_lossy(&output.stderr).contains("appends nothing"));
    }
    let quiet = replay(&["-q"]);
    assert!(quiet.stderr.is_empty(), "{}", String::from_utf8_lossy(&quiet.stderr));
    let shifted = lines(&replay(&["--utc-offset", "-01:30", "--limit", "1"]));
    assert_ne!(shifted, lines(&replay(&["--limit", "1"])));
}

#[test]
fn mistakes_are_told_and_end_with_status_1() {
    for (args, expected) in [
        (&["-p", "%no.such.field"][..], "unknown filter"),
        (&["-o", "/no/such/folder/file"], "cannot create"),
    ] {
        let output = replay(args);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let no_rules =
        lanner().args(["replay", "x.scap", "-r", "/no/such/rules"]).output().expect("the binary starts");
    assert_eq!(no_rules.status.code(), Some(1));
    let no_args = lanner().args(["replay"]).output().expect("the binary starts");
    assert_eq!(no_args.status.code(), Some(2));
}

#[test]
fn captures_may_come_after_rules() {
    let (capture, rules) = (fixture("captures/demo.scap"), fixture("rules/demo.yaml"));
    let expected = replay(&[]).stdout;
    assert_eq!(run(&["replay", "-r", &rules, &capture]).stdout, expected);
    let twice = run(&["replay", "-r", &rules, "-r", &rules, &capture]);
    assert_eq!(String::from_utf8_lossy(&twice.stdout), String::from_utf8_lossy(&expected));
}

#[test]
fn alerts_before_an_error_are_written() {
    let output = run(&[
        "replay",
        &fixture("captures/demo.scap"),
        "/no/such/capture",
        "-r",
        &fixture("rules/demo.yaml"),
        "-o",
        "-",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, replay(&[]).stdout);
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let (rules, capture) = (fixture("rules/demo.yaml"), fixture("captures/demo.scap"));
    let profile = fixture("profiles/demo.json");
    let check = |args: &[&str]| {
        let mut command = lanner();
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{args:?}: {}", output.status);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(!message.contains("lanner:"), "{args:?}: {message}");
    };
    check(&["replay", "-r", &rules, &capture, "--matching", "all", "--json", "-q"]);
    for format in ["text", "html", "json", "dot", "folded", "svg", "latency"] {
        check(&["report", &profile, "-f", format, "-q"]);
    }
    check(&["report", &profile, "--csv"]);
    check(&["diff", &profile, &profile]);
    check(&["merge", &profile, &profile, "-q"]);
}

#[test]
fn an_interrupt_ends_with_whole_lines() {
    let bytes = std::fs::read(fixture("captures/demo.scap")).expect("the demo capture");
    let mut child = lanner()
        .args(["replay", "-r", &fixture("rules/demo.yaml"), "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // Half of the capture is more than a pipe holds: when it is written, the handler has long been there.
    stdin.write_all(&bytes[..bytes.len() / 2]).expect("the capture is read");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("the signal is sent");
    // The flag is looked at between events, so the replay goes on for a moment; it may end before the rest is read.
    let _ = stdin.write_all(&bytes[bytes.len() / 2..]);
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{}", output.status);
    assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted"));
    let whole = replay(&["--json"]).stdout;
    assert!(whole.starts_with(&output.stdout));
    assert!(output.stdout.is_empty() || output.stdout.ends_with(b"\n"));
}
