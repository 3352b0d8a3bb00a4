//! Recorded plus dropped is what happened: all calls of a mixed workload, type by type, against a counter of their
//! own in the kernel.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::time::Instant;

use lanner_capture::event::EventType;
use lanner_capture::event::syscalls::{SYSCALLS, SyscallInfo};
use lanner_capture::record::RecordOptions;
use lanner_capture::savefile::WriterProfile;

use super::calls::raw;
use super::counter::Counter;
use super::group::Group;
use super::harness;

/// A bit of everything: a compiler, a server with threads and its clients, shells and pipes, file trees, execs.
/// What is not installed is left out by the shell.
const WORK: &str = r#"
d=$(mktemp -d); cd "$d"
printf '#include <stdio.h>\nint main(void) { return puts("x") < 0; }\n' >a.c
cc -O1 -o a a.c 2>/dev/null && ./a >/dev/null
python3 -c '
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def serve():
    for _ in range(40):
        peer, _ = server.accept()
        peer.sendall(peer.recv(100) * 3)
        peer.close()
def ask():
    for _ in range(10):
        with socket.create_connection(server.getsockname()) as s:
            s.sendall(b"hello")
            while s.recv(100): pass
threads = [threading.Thread(target=f) for f in (serve, ask, ask, ask, ask)]
for t in threads: t.start()
for t in threads: t.join()
' 2>/dev/null
for i in 1 2 3 4 5 6 7 8; do mkdir -p x/$i/y; echo $i | cat >x/$i/y/z; (exit $i); done
find / -xdev -maxdepth 3 >/dev/null 2>&1
i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done
cd /; rm -rf "$d"; true
"#;

/// Under which event type a call is compared. Successful execs of both kinds are one type.
fn compared_as(ty: EventType) -> EventType {
    if ty == EventType::EXECVEAT_X { EventType::EXECVE_19_X } else { ty }
}

fn native_number(call: &SyscallInfo) -> Option<usize> {
    if cfg!(target_arch = "x86_64") { call.x86_64.map(usize::from) } else { call.aarch64.map(usize::from) }
}

fn check(name: &str, ring_bytes: u32) -> Option<u64> {
    if !harness::can_record() {
        return None;
    }
    let group = Group::new(name)?;
    let id = (std::fs::metadata(&group.path).unwrap().ino(), 2);
    let counter = Counter::attach(Some(id)).expect("the counter can be attached");
    let options = RecordOptions { ring_bytes, ..RecordOptions::default() };
    let enter = |pid: u32| std::fs::write(group.path.join("cgroup.procs"), pid.to_string()).unwrap();
    let command = ["/bin/sh", "-c", WORK];
    let recording = harness::record_prepared(&command, options, WriterProfile::Schema45, enter);
    assert_eq!(recording.exit_code, 0);
    let counts = counter.counts().unwrap();

    let mut seen: BTreeMap<u16, u64> = BTreeMap::new();
    for call in SYSCALLS {
        if let (Some(number), Some(event)) = (native_number(call), call.exit) {
            *seen.entry(compared_as(event).0).or_default() += counts[number];
        }
    }
    // Before its exec, from which on it is recorded, the process reads that it may go on.
    *seen.entry(EventType::READ_X.0).or_default() -= 1;
    let dropped = recording.summary.drop_count();
    let mut found: BTreeMap<u16, u64> = BTreeMap::new();
    for event in &recording.events {
        *found.entry(compared_as(event.ty).0).or_default() += 1;
    }
    for drops in recording.summary.drops.iter().filter(|drops| drops.cause.is_loss()) {
        *found.entry(compared_as(drops.event).0).or_default() += drops.count;
    }
    for (ty, count) in &seen {
        let symbol = EventType(*ty).info().symbol;
        assert_eq!(
            found.get(ty).copied().unwrap_or(0),
            *count,
            "{symbol}: recorded and dropped, against seen"
        );
    }
    let total: u64 = seen.values().sum();
    assert!(total > 10_000, "only {total} calls");
    println!("{total} calls seen, {dropped} of them dropped");
    Some(dropped)
}

#[test]
fn every_call_of_a_mixed_workload_is_recorded_or_counted_as_lost() {
    check("mixed", RecordOptions::default().ring_bytes);
}

#[test]
fn what_a_mixed_workload_overflows_is_counted_type_by_type() {
    if let Some(dropped) = check("overflow", 4 * 4096) {
        assert!(dropped > 0, "a ring of four pages holds everything?");
    }
}

/// Calls per second of all threads together, and for how long.
const RATE: u64 = 200_000;
const SECONDS: u64 = 5;
const PACED: &str = "LANNER_TEST_PACED";

/// Not a test by itself: makes calls at a steady rate.
#[test]
#[ignore = "run by the test that records it"]
fn paced_calls() {
    if std::env::var_os(PACED).is_none() {
        return;
    }
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for made in 0..RATE * SECONDS / 2 {
                    assert_eq!(raw::call("munlockall", &[]), 0);
                    // In small bursts, as sleeping is coarse.
                    let due = std::time::Duration::from_nanos(made * 2_000_000_000 / RATE);
                    if made % 512 == 0 && start.elapsed() < due {
                        std::thread::sleep(due - start.elapsed());
                    }
                }
            });
        }
    });
    println!("{} calls per second", RATE * SECONDS * 1000 / start.elapsed().as_millis() as u64);
}

#[test]
#[ignore = "for a quiet machine: cargo test -p lanner-capture --test record sustained -- --ignored --nocapture"]
fn a_sustained_rate_loses_nothing() {
    if !harness::can_record() {
        return;
    }
    let program = std::env::current_exe().unwrap();
    let command = [
        "env",
        &format!("{PACED}=1"),
        program.to_str().unwrap(),
        "honest::paced_calls",
        "--exact",
        "--ignored",
        "--nocapture",
    ];
    let recording = harness::record_command(&command, RecordOptions::default(), WriterProfile::Portable);
    let recorded = recording.count(EventType::MUNLOCKALL_X) as u64;
    println!("{recorded} recorded, {} dropped", recording.summary.drop_count());
    assert_eq!((recorded, recording.summary.drop_count()), (RATE * SECONDS, 0));
}
