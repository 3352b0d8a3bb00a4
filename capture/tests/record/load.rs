//! More events than the recorder can take: what is lost is counted, exactly.

use lanner_capture::event::EventType;
use lanner_capture::record::{DropCause, RecordOptions};
use lanner_capture::savefile::WriterProfile;

use super::calls::raw;
use super::harness;

/// How many calls each thread of the child makes.
const STORM: &str = "LANNER_TEST_STORM";
const THREADS: u64 = 2;

/// Not a test by itself: makes calls that nothing else makes, as fast as it can.
#[test]
#[ignore = "run by the test that records it"]
fn storm() {
    let Some(count) = std::env::var(STORM).ok().and_then(|count| count.parse::<u64>().ok()) else {
        return;
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..count).for_each(|_| assert_eq!(raw::call("munlockall", &[]), 0)));
        }
    });
}

fn record_storm(count: u64, ring_bytes: u32) -> Option<harness::Recording> {
    if !harness::can_record() {
        return None;
    }
    if !cfg!(target_arch = "x86_64") {
        eprintln!("skipped: the calls are made by x86-64 instructions");
        return None;
    }
    let program = std::env::current_exe().unwrap();
    let setting = format!("{STORM}={count}");
    let command =
        ["env", &setting, program.to_str().unwrap(), "load::storm", "--exact", "--ignored", "--quiet"];
    let options = RecordOptions { ring_bytes, ..RecordOptions::default() };
    let recording = harness::record_command(&command, options, WriterProfile::Portable);
    assert_eq!(recording.exit_code, 0);
    Some(recording)
}

fn check(count: u64, ring_bytes: u32) -> Option<u64> {
    let recording = record_storm(count, ring_bytes)?;
    let of_storm = recording.summary.drops.iter().filter(|drops| drops.event == EventType::MUNLOCKALL_X);
    let dropped: u64 =
        of_storm.inspect(|drops| assert_eq!(drops.cause, DropCause::RingFull)).map(|drops| drops.count).sum();
    let recorded = recording.count(EventType::MUNLOCKALL_X) as u64;
    assert_eq!(recorded + dropped, count * THREADS, "{recorded} recorded, {dropped} dropped");
    // The last word of the file is the same as the summary's.
    let stored = recording.events.iter().rfind(|event| event.ty == EventType::ASYNCEVENT_E);
    let count = format!("ring_full/MUNLOCKALL_X={dropped}");
    let said = stored.is_some_and(|event| {
        String::from_utf8_lossy(&event.params[2]).split_ascii_whitespace().any(|word| word == count)
    });
    assert_eq!(said, dropped > 0, "{stored:?}");
    assert!(recording.events.windows(2).all(|pair| pair[0].ts_ns <= pair[1].ts_ns));
    Some(dropped)
}

#[test]
fn what_a_small_ring_loses_is_counted() {
    if let Some(dropped) = check(200_000, 4096 * 4) {
        assert!(dropped > 0, "a ring of four pages holds everything?");
    }
}

#[test]
fn the_usual_ring_accounts_for_everything() {
    check(100_000, RecordOptions::default().ring_bytes);
}
