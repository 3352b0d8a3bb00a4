//! Events that are recorded only when asked for: context switches and page faults.

use lanner_capture::event::EventType;
use lanner_capture::record::RecordOptions;
use lanner_capture::savefile::WriterProfile;

use super::harness::{self, Recorded, Recording};

fn record(switches: bool, page_faults: bool) -> Option<Recording> {
    if !harness::can_record() {
        return None;
    }
    if page_faults && !cfg!(target_arch = "x86_64") {
        eprintln!("skipped: page faults have tracepoints on x86-64 only");
        return None;
    }
    let options = RecordOptions { switches, page_faults, ..RecordOptions::default() };
    let recording =
        harness::record_command(&["sh", "-c", "sleep 0.02; true"], options, WriterProfile::Schema45);
    assert_eq!(recording.exit_code, 0);
    Some(recording)
}

fn of(recording: &Recording, ty: EventType) -> Vec<&Recorded> {
    recording.events.iter().filter(|event| event.ty == ty).collect()
}

#[test]
fn context_switches_are_recorded_when_asked_for() {
    let Some(recording) = record(true, false) else { return };
    let switches = of(&recording, EventType::SCHEDSWITCH_6_E);
    // Both processes wait at least once.
    let mut tids: Vec<i64> = switches.iter().map(|event| event.tid).collect();
    tids.sort_unstable();
    tids.dedup();
    assert!(tids.len() >= 2, "{tids:?}");
    for event in &switches {
        assert_ne!(event.i64_at(0), event.tid, "to another task");
        let sizes: Vec<usize> = event.params.iter().map(Vec::len).collect();
        assert_eq!(sizes, [8, 8, 8, 4, 4, 4]);
    }
    // A task that has faulted says so.
    assert!(switches.iter().any(|event| event.i64_at(2) > 0));
    assert!(of(&recording, EventType::PAGE_FAULT_E).is_empty());
}

#[test]
fn page_faults_are_recorded_when_asked_for() {
    let Some(recording) = record(false, true) else { return };
    let faults = of(&recording, EventType::PAGE_FAULT_E);
    assert!(faults.len() > 50, "{} faults", faults.len());
    for event in &faults {
        let flags = u32::from_le_bytes(event.params[2][..].try_into().unwrap());
        // Of each pair exactly one: violation or absence, write or read, user or supervisor.
        for (one, other) in [(1, 2), (4, 8), (0x10, 0x20)] {
            assert_eq!((flags & one != 0) as u8 + (flags & other != 0) as u8, 1, "{flags:#x}");
        }
        // User code runs in the lower half of the addresses, the kernel in the upper.
        assert_eq!(flags & 0x10 != 0, event.i64_at(1) > 0, "{flags:#x} at {:#x}", event.i64_at(1));
    }
    assert!(of(&recording, EventType::SCHEDSWITCH_6_E).is_empty());
}
