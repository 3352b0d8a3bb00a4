//! Real captures from 2013 to 2026 must be read to their ends with the documented counts.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use lanner_capture::savefile::{Capture, Item, ReadOptions, ReadStats};
use support::shared;

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    processes: usize,
    fds: usize,
    events: u64,
    delivered: u64,
}

fn read(path: &Path) -> (Counts, ReadStats) {
    let capture = Capture::open(path, ReadOptions::default()).unwrap();
    let mut reader = capture.reader().unwrap();
    let mut counts = Counts::default();
    while let Some(item) = reader.next().unwrap_or_else(|error| panic!("{}: {error:?}", path.display())) {
        match item {
            Item::Processes(entries) => counts.processes += entries.len(),
            Item::Fds { fds, .. } => counts.fds += fds.len(),
            Item::Event(_) => counts.delivered += 1,
            _ => {}
        }
    }
    let stats = reader.stats();
    counts.events = stats.events;
    assert_eq!(counts.delivered, stats.delivered);
    assert_eq!(stats.events, stats.delivered + stats.absorbed);
    (counts, stats)
}

/// Name, processes, descriptors, events, events after conversion: appendix 3 of the format's description.
const CAPTURES: &[(&str, usize, usize, u64, u64)] = &[
    ("cat_write", 73, 384, 345, 307),
    ("connect_localhost", 184, 690, 374, 371),
    ("curl_google", 54, 316, 1536, 991),
    ("curl_google_comments", 54, 316, 1536, 991),
    ("empty", 103, 373, 83, 83),
    ("open-multiple-files", 128, 685, 1272, 1243),
    ("ping_sendto", 136, 674, 1526, 1516),
    ("run_as_user_65534_container", 126, 700, 241, 241),
    ("syscall", 229, 773, 368, 366),
    ("write_tmp_test", 124, 693, 229, 229),
];

#[test]
fn old_captures_have_the_documented_counts() {
    let Some(folder) = shared("captures") else { return };
    for &(name, processes, fds, events, delivered) in CAPTURES {
        let (counts, stats) = read(&folder.join(name).with_extension("scap"));
        assert_eq!(counts, Counts { processes, fds, events, delivered }, "{name}");
        assert_eq!((stats.skipped_blocks, stats.skipped_events), (0, 0), "{name}");
    }
}

#[test]
fn modern_captures_need_no_conversion() {
    let Some(folder) = shared("captures") else { return };
    for (name, events) in [("modern-46k", 46_000), ("mixed-modern", 136_984)] {
        let (counts, stats) = read(&folder.join(name).with_extension("scap"));
        assert_eq!((counts.events, counts.delivered), (events, events), "{name}");
        assert_eq!(stats.oddities.total(), 0, "{name}");
    }
}

#[test]
fn all_small_captures_are_read_to_the_end() {
    let Some(folder) = shared("facts/conformance-state/captures") else { return };
    let mut totals = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (counts, _) = read(&path);
        assert!(counts.events > 0, "{}", path.display());
        *totals.entry("files").or_insert(0) += 1;
    }
    assert_eq!(totals["files"], 305);
}
