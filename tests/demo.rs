//! The demo, its capture and its rules.

use std::fs;
use std::io::Read;

use crate::golden;
use crate::harness::{Scratch, lanner, root, run};

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/captures/demo.scap");
const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rules/demo.yaml");

#[test]
fn rules_load_without_a_complaint() {
    let output = run(&["check", RULES]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn alerts_of_the_capture() {
    for (mode, name) in
        [("first", "fixtures/expected/demo.first.alerts"), ("all", "fixtures/expected/demo.all.alerts")]
    {
        let output = run(&["-q", "replay", CAPTURE, "-r", RULES, "--matching", mode]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        golden::check(name, &String::from_utf8_lossy(&output.stdout));
    }
}

/// What the demo promises to write, whether it records or not.
fn check_outputs(directory: &std::path::Path) {
    let files = [
        "demo.scap",
        "demo-rules.yaml",
        "profile.json",
        "calls.dot",
        "calls.folded",
        "flamegraph.svg",
        "evaluations.svg",
        "latency.svg",
        "cost.svg",
    ];
    for file in files {
        let length = fs::metadata(directory.join(file)).map(|metadata| metadata.len());
        assert!(length.as_ref().is_ok_and(|length| *length > 500), "{file}: {length:?}");
    }
    let folded = fs::read_to_string(directory.join("calls.folded")).expect("folded stacks");
    assert!(folded.contains("Secret file read"), "{folded}");
}

#[test]
fn offline_demo() {
    let scratch = Scratch::new("demo-offline");
    let output = lanner()
        .args(["demo", "--offline", "-n", "2", "-o"])
        .arg(scratch.join("out"))
        .output()
        .expect("the binary starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("using a capture recorded earlier"), "{stderr}");
    assert!(stdout.contains("evaluate") && stdout.contains("Secret file read"), "{stdout}");
    check_outputs(&scratch.join("out"));
}

#[test]
fn live_demo() {
    if let Some(reason) = capture::record::probe_support() {
        eprintln!("skipped: {reason}");
        return;
    }
    let scratch = Scratch::new("demo-live");
    let output = lanner()
        .args(["demo", "-n", "1", "-o"])
        .arg(scratch.join("out"))
        .output()
        .expect("the binary starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert!(!stderr.contains("recorded earlier"), "{stderr}");
    for rule in ["Fileless execution", "Secret file read", "Input redirected to socket", "Set user id bit"] {
        let row = stdout.lines().find(|line| line.contains(rule)).unwrap_or_default();
        let matches: u64 = row.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        assert!(matches > 0, "{rule} did not match: {row}\n{stdout}");
    }
    check_outputs(&scratch.join("out"));
}

#[test]
fn the_capture_says_nothing_of_the_machine_it_was_recorded_on() {
    let mut bytes = Vec::new();
    let file = fs::File::open(CAPTURE).expect("the fixture");
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).expect("it is compressed");
    let text = String::from_utf8_lossy(&bytes);
    for foreign in ["/home/", "/mnt/", "/target/", ".cargo", "SSH_", "USER=", "LOGNAME", "TOKEN", "KEY="] {
        assert!(!text.contains(foreign), "{foreign}");
    }
    assert!(root().join("fixtures/record-demo").exists());
}
