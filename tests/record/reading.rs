//! Reading what was recorded.

use std::collections::HashSet;
use std::path::Path;

use capture::event::EventType;
use capture::event::drops::parse_drops;
use capture::savefile::{Capture, Item, ProcessEntry, ReadOptions, StartState};

/// What a file says.
#[derive(Default)]
pub struct Contents {
    pub start: StartState,
    /// Types, threads and results or first parameters.
    pub events: Vec<(EventType, i64, i64)>,
    /// Data of writes.
    pub written: Vec<Vec<u8>>,
    /// The last word on lost events.
    pub lost: Vec<(String, u64)>,
}

impl Contents {
    pub fn count(&self, ty: EventType) -> usize {
        self.events.iter().filter(|(of, ..)| *of == ty).count()
    }

    /// Events of a type that were lost.
    pub fn lost_of(&self, ty: EventType) -> u64 {
        let suffix = format!("/{}", ty.info().symbol);
        self.lost.iter().filter(|(cause, _)| cause.ends_with(&suffix)).map(|(_, count)| count).sum()
    }

    pub fn process(&self, tid: i64) -> Option<&ProcessEntry> {
        self.start.processes.iter().find(|process| process.tid == tid)
    }

    /// Whether every thread with an event is listed or was made before by another one.
    #[track_caller]
    pub fn assert_self_contained(&self) {
        let mut known: HashSet<i64> = self.start.processes.iter().map(|process| process.tid).collect();
        for (number, (ty, tid, result)) in self.events.iter().enumerate() {
            let makes = matches!(
                *ty,
                EventType::CLONE_20_X | EventType::CLONE3_X | EventType::FORK_20_X | EventType::VFORK_20_X
            );
            match (makes, *result) {
                // A child's half may come before its parent's.
                (true, 0) => drop(known.insert(*tid)),
                (true, child) if child > 0 => drop(known.insert(child)),
                _ => {}
            }
            assert!(known.contains(tid) || *tid < 0, "event {number}, {ty:?}: nobody knows thread {tid}");
        }
    }
}

/// Reads a file to its end, which must be a proper one.
#[track_caller]
pub fn read(path: &Path) -> Contents {
    let capture = Capture::open(path, ReadOptions::default()).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    let mut reader = capture.reader().unwrap();
    let mut contents = Contents::default();
    while let Some(item) = reader.next().unwrap_or_else(|e| panic!("{path:?}: {e}")) {
        match item {
            Item::Processes(list) => contents.start.processes.extend(list),
            Item::Fds { tid, fds } => contents.start.fds.push((tid, fds)),
            Item::Event(event) => {
                if let Some(lost) = parse_drops(&event) {
                    contents.lost = lost.map(|(cause, count)| (cause.to_owned(), count)).collect();
                    continue;
                }
                if event.ty == EventType::WRITE_X {
                    contents.written.extend(event.param(1).map(<[u8]>::to_vec));
                }
                contents.events.push((event.ty, event.tid, event.i64_at(0).unwrap_or(-1)));
            }
            _ => {}
        }
    }
    contents
}
