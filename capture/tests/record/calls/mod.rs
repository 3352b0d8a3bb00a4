//! Every recorded parameter equals what was passed.
//!
//! The test binary runs itself as the command to record: the child makes the calls of all topics and writes
//! down, for each, which event with which parameters it expects. The parent looks for exactly that, in order.
//! Parameters that nobody can know beforehand (memory sizes) are left open.

mod credentials;
mod descriptors;
mod files;
mod io;
mod ipc;
mod processes;
pub mod raw;
mod sockets;
mod system;

use std::collections::BTreeMap;

use lanner_capture::event::EventType;
use lanner_capture::record::RecordOptions;
use lanner_capture::savefile::WriterProfile;

use super::harness::{self, Recorded};
use raw::Calls;

/// Where the child writes what it expects.
const EXPECTATIONS: &str = "LANNER_TEST_EXPECTATIONS";

/// Not a test by itself: what the recorded process does.
#[test]
#[ignore = "run by the test that records it"]
fn child() {
    let Some(path) = std::env::var_os(EXPECTATIONS) else {
        return;
    };
    let mut calls = Calls::default();
    files::make(&mut calls);
    descriptors::make(&mut calls);
    io::make(&mut calls);
    sockets::make(&mut calls);
    processes::make(&mut calls);
    ipc::make(&mut calls);
    system::make(&mut calls);
    credentials::make(&mut calls);
    std::fs::write(path, calls.expectations()).unwrap();
}

#[test]
fn every_parameter_is_what_was_passed() {
    if !harness::can_record() {
        return;
    }
    if !cfg!(target_arch = "x86_64") {
        eprintln!("skipped: the calls are made by x86-64 instructions");
        return;
    }
    let path = std::env::temp_dir().join(format!("lanner-calls-{}", std::process::id()));
    let program = std::env::current_exe().unwrap();
    let command = [
        "env",
        &format!("{EXPECTATIONS}={}", path.display()),
        program.to_str().unwrap(),
        "calls::child",
        "--exact",
        "--ignored",
    ];
    let recording = harness::record_command(&command, RecordOptions::default(), WriterProfile::Schema45);
    let text = std::fs::read_to_string(&path).expect("the child wrote what it expects");
    let _ = std::fs::remove_file(&path);
    assert_eq!(recording.exit_code, 0, "the child failed");
    assert_eq!(recording.summary.drop_count(), 0);

    let mut failures = String::new();
    let mut covered: BTreeMap<&str, usize> = BTreeMap::new();
    let mut at = 0;
    for line in text.lines() {
        let expected = Expected::parse(line);
        match expected.find(&recording.events[at..]) {
            Some(found) => at += found + 1,
            None => failures += &expected.explain(&recording.events[at..]),
        }
        *covered.entry(expected.call).or_default() += 1;
    }
    eprintln!("{} system calls in {} cases", covered.len(), text.lines().count());
    assert!(failures.is_empty(), "\n{failures}");
    assert!(covered.len() >= 120, "only {} system calls are covered", covered.len());
}

/// A line of expectations: call, thread, event, parameters in hex, `*` for any.
struct Expected<'a> {
    call: &'a str,
    tid: i64,
    event: EventType,
    params: Vec<&'a str>,
}

impl<'a> Expected<'a> {
    fn parse(line: &'a str) -> Self {
        let mut fields = line.split(' ');
        let mut next = || fields.next().expect("four fields");
        let (call, tid, event) = (next(), next().parse().unwrap(), EventType(next().parse().unwrap()));
        let params = next();
        let params = if params.is_empty() { Vec::new() } else { params.split(',').collect() };
        Expected { call, tid, event, params }
    }

    fn find(&self, events: &[Recorded]) -> Option<usize> {
        events.iter().position(|event| self.is_met_by(event))
    }

    fn is_met_by(&self, event: &Recorded) -> bool {
        event.ty == self.event
            && (self.tid == event.tid || self.tid == 0)
            && event.params.len() == self.params.len()
            && self.params.iter().zip(&event.params).all(|(hex, value)| *hex == "*" || *hex == to_hex(value))
    }

    /// What was expected beside the closest events of the type.
    fn explain(&self, events: &[Recorded]) -> String {
        let info = self.event.info();
        let mut text =
            format!("{} {}: no such event\n  expected {:?}\n", self.call, info.symbol, self.params);
        let agreeing = |event: &&Recorded| {
            self.params
                .iter()
                .zip(&event.params)
                .filter(|(hex, value)| **hex == "*" || **hex == to_hex(value))
                .count()
        };
        let mut close: Vec<&Recorded> =
            events.iter().filter(|event| event.ty == self.event && event.tid == self.tid).collect();
        close.sort_by_key(|event| std::cmp::Reverse(agreeing(event)));
        for event in close.iter().take(2) {
            let values: Vec<String> = event.params.iter().map(|value| to_hex(value)).collect();
            text += &format!("  recorded {values:?}\n");
        }
        text
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
