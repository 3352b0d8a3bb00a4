//! Recordings that keep only their end, or go over several files.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lanner_capture::event::drops::{drops_event, parse_drops};
use lanner_capture::event::{Event, EventBuilder, EventType};
use lanner_capture::record::{
    FlightRecorder, KeepLimits, Output, RawEvent, RotateLimits, RotatingWriter, StateTracker,
};
use lanner_capture::savefile::{Capture, Item, ProcessEntry, StartState, WriteOptions, Writer};

const SECOND_NS: u64 = 1_000_000_000;

/// Counts events; its state is one thread whose id is their number.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<i64>>);

impl StateTracker for Counter {
    fn begin(&mut self, _start: StartState) {}

    fn apply(&mut self, event: &Event<'_>) {
        *self.0.lock().unwrap() += i64::from(event.ty == EventType::CLOSE_X);
    }

    fn snapshot(&mut self) -> StartState {
        let tid = *self.0.lock().unwrap();
        StartState {
            processes: vec![ProcessEntry { tid, ..ProcessEntry::default() }],
            ..StartState::default()
        }
    }
}

/// Numbered closes: their time is `times`' and their descriptor the number.
fn feed(out: &mut impl Output, times: impl IntoIterator<Item = u64>) {
    for (number, ts_ns) in times.into_iter().enumerate() {
        let event = EventBuilder::new(EventType::CLOSE_X, ts_ns, 1).i64(0).i64(number as i64);
        push(out, &event);
    }
}

fn push(out: &mut impl Output, event: &EventBuilder) {
    let bytes = event.encode().unwrap();
    out.event(&RawEvent { ts_ns: event.event().ts_ns, cpu: 1, state_only: false, bytes: &bytes }).unwrap();
}

/// What a file says: the thread in its list, the numbers of its events, and the lost events it reports.
fn read(file: Vec<u8>) -> (i64, Vec<i64>, Vec<(String, u64)>) {
    let capture = Capture::from_bytes("made", file);
    let mut reader = capture.reader().unwrap();
    let (mut tid, mut numbers, mut lost) = (0, Vec::new(), Vec::new());
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Processes(list) => tid = list[0].tid,
            Item::Event(event) => match parse_drops(&event) {
                Some(drops) => lost = drops.map(|(cause, count)| (cause.to_owned(), count)).collect(),
                None => numbers.extend(event.i64_at(1)),
            },
            _ => {}
        }
    }
    (tid, numbers, lost)
}

fn stretch(recorder: &mut FlightRecorder<Counter>) -> (i64, Vec<i64>, Vec<(String, u64)>) {
    let mut out = Writer::new(Vec::new(), WriteOptions::default()).unwrap();
    recorder.stretch().write(&mut out).unwrap();
    read(out.finish().unwrap())
}

#[test]
fn a_ring_keeps_a_time_exactly() {
    let limits = KeepLimits { duration: Some(Duration::from_secs(10)), bytes: 64 << 20 };
    let check = |times: &mut dyn Iterator<Item = u64>, expected: std::ops::Range<i64>| {
        let mut recorder = FlightRecorder::new(limits, Counter::default());
        recorder.begin(StartState::default()).unwrap();
        feed(&mut recorder, times);
        let (state, numbers, _) = stretch(&mut recorder);
        assert_eq!(numbers, expected.clone().collect::<Vec<_>>());
        assert_eq!(state, expected.start, "the lists are those of the first kept event");
        assert!(!recorder.is_cut_by_bytes());
        // Asked for twice, it is the same.
        assert_eq!(stretch(&mut recorder).1, numbers);
    };
    check(&mut (0..0), 0..0);
    check(&mut (0..5).map(|at| at * SECOND_NS), 0..5);
    check(&mut (0..100).map(|at| at * SECOND_NS), 89..100);
    check(&mut (0..200_000).map(|at| at * SECOND_NS / 1000), 189_999..200_000);
    // After a pause nothing but the last event is new enough.
    check(&mut (0..100).chain([1000 * SECOND_NS]), 100..101);
}

#[test]
fn a_ring_never_takes_more_memory_than_allowed() {
    let limits = KeepLimits { duration: Some(Duration::from_secs(1000)), bytes: 1 << 20 };
    let mut recorder = FlightRecorder::new(limits, Counter::default());
    for number in 0..100_000u64 {
        let event = EventBuilder::new(EventType::CLOSE_X, number, 1).i64(0).i64(number as i64);
        push(&mut recorder, &event);
        assert!(recorder.len_bytes() <= limits.bytes);
    }
    assert!(recorder.is_cut_by_bytes());
    // A chunk is a sixteenth.
    assert!(recorder.len_bytes() >= limits.bytes * 14 / 16);
    let (state, numbers, _) = stretch(&mut recorder);
    assert_eq!(numbers, (state..100_000).collect::<Vec<_>>());
}

#[test]
fn a_stretch_tells_what_was_lost_in_it() {
    let limits = KeepLimits { duration: Some(Duration::from_secs(10)), bytes: 1 << 20 };
    let mut recorder = FlightRecorder::new(limits, Counter::default());
    push(&mut recorder, &drops_event(SECOND_NS, &[("full", 5), ("large", 1)]));
    feed(&mut recorder, [2 * SECOND_NS]);
    push(&mut recorder, &drops_event(3 * SECOND_NS, &[("full", 7), ("large", 1)]));
    assert_eq!(stretch(&mut recorder).2, [("full".to_owned(), 7), ("large".to_owned(), 1)]);
    feed(&mut recorder, [12 * SECOND_NS]);
    assert_eq!(stretch(&mut recorder).2, [("full".to_owned(), 2)]);
    feed(&mut recorder, [14 * SECOND_NS]);
    assert_eq!(stretch(&mut recorder).2, []);
}

/// A file in memory that is still there when its writer has ended.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Rotates; every file must hold its events after the state before the first of them. Returns their sizes.
fn rotate(limits: RotateLimits, times: impl Iterator<Item = u64>) -> Vec<(usize, usize)> {
    let files: Rc<RefCell<Vec<Shared>>> = Rc::default();
    let made = files.clone();
    let open = move |number| {
        let file = Shared::default();
        made.borrow_mut().push(file.clone());
        assert_eq!(made.borrow().len() as u64, number);
        Writer::new(file, WriteOptions::default())
    };
    let mut out = RotatingWriter::new(limits, Counter::default(), open);
    out.begin(StartState { processes: vec![ProcessEntry::default()], ..StartState::default() }).unwrap();
    feed(&mut out, times);
    let bytes = out.finish().unwrap();
    let files: Vec<Vec<u8>> = files.borrow().iter().map(|file| file.0.borrow().clone()).collect();
    assert_eq!(files.iter().map(Vec::len).sum::<usize>() as u64, bytes);
    let (mut next, mut sizes) = (0, Vec::new());
    for file in files {
        let size = file.len();
        let (state, numbers, _) = read(file);
        assert_eq!(state, next);
        assert_eq!(numbers, (next..next + numbers.len() as i64).collect::<Vec<_>>());
        next += numbers.len() as i64;
        sizes.push((size, numbers.len()));
    }
    sizes
}

#[test]
fn files_end_at_their_size() {
    let sizes = rotate(RotateLimits { bytes: Some(100_000), duration: None }, 0..10_000);
    let (last, full) = sizes.split_last().unwrap();
    assert!(last.0 <= 100_000 && full.len() > 2);
    assert!(full.iter().all(|(size, _)| (99_000..=100_000).contains(size)), "{sizes:?}");
    // Lists that take all the place leave a quarter of it to events.
    let sizes = rotate(RotateLimits { bytes: Some(400), duration: None }, 0..10);
    assert!(sizes.iter().all(|(_, events)| *events > 0 && *events < 4), "{sizes:?}");
}

#[test]
fn files_end_at_their_time() {
    let limits = RotateLimits { bytes: None, duration: Some(Duration::from_secs(10)) };
    let sizes = rotate(limits, (0..35).map(|at| at * SECOND_NS));
    assert_eq!(sizes.iter().map(|(_, events)| *events).collect::<Vec<_>>(), [10, 10, 10, 5]);
}
