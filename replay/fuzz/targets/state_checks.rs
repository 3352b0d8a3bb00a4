//! What must hold for the state whatever the events are.

use capture::event::schema::EVENT_COUNT;
use capture::event::{Event, EventBuilder, EventType};
use capture::savefile::{
    Capture, Compression, Item, ReadOptions, Reader, WriteOptions, Writer, WriterProfile,
};
use lanner_replay::state::{Skimmer, State};

/// Events in a compact form that is easy to mutate: type (2 bytes), thread (1), number of parameters (1; for high ones all that
/// the type has), and each parameter with its length (1) before it. What is cut off is left out.
fn events(mut bytes: &[u8]) -> impl Iterator<Item = EventBuilder> {
    let mut ts_ns = 0;
    std::iter::from_fn(move || {
        let ([a, b, tid, count], mut rest) =
            bytes.split_first_chunk::<4>().map(|(head, rest)| (*head, rest))?;
        ts_ns += 400_000_000;
        let ty = EventType(u16::from_le_bytes([a, b]) % EVENT_COUNT as u16);
        let mut event = EventBuilder::new(ty, ts_ns, i64::from(tid as i8));
        let (count, is_all) =
            if count > 192 { (ty.info().params.len(), true) } else { (usize::from(count % 33), false) };
        for _ in 0..count {
            let (param, tail) = match rest.split_first() {
                Some((len, tail)) => tail.split_at(tail.len().min(usize::from(*len))),
                None if is_all => (rest, rest),
                None => break,
            };
            event = event.param(param);
            rest = tail;
        }
        bytes = rest;
        Some(event)
    })
}

/// A capture of them, in which they can be read again.
fn capture(bytes: &[u8]) -> Capture {
    let options = WriteOptions { profile: WriterProfile::Schema45, compression: Compression::None };
    let mut writer = Writer::new(Vec::new(), options).expect("memory");
    for built in events(bytes) {
        // What no capture can hold is left out.
        let _ = writer.event(&built.event());
    }
    let options = ReadOptions { convert: false, ..ReadOptions::default() };
    Capture::from_bytes("events", writer.finish().expect("memory")).with_options(options)
}

/// Nothing panics, the tables agree with themselves after every event, and a state that only follows is the same in the end.
pub fn state(bytes: &[u8]) {
    let capture = capture(bytes);
    let mut ways = Ways {
        applied: State::default(),
        followed: State::default(),
        skimmed: State::default(),
        skimmer: Skimmer::of(&capture),
        reader: capture.reader().expect("memory"),
    };
    let mut reader = capture.reader().expect("memory");
    while let Some(item) = reader.next().expect("what was written") {
        if let Item::Event(event) = item {
            ways.take(&event);
        }
    }
    ways.compare();
}

/// The ways to keep state.
struct Ways {
    applied: State,
    followed: State,
    skimmed: State,
    skimmer: Skimmer,
    /// What is skimmed.
    reader: Reader,
}

impl Ways {
    fn take(&mut self, event: &Event<'_>) {
        let state = &mut self.applied;
        let applied = state.apply(event);
        let (thread, _) = state.subject(&applied);
        assert_eq!(thread.map(|thread| thread.tid), applied.tid);
        if let Some(thread) = thread {
            let threads = state.threads();
            assert!(threads.ancestors(thread).count() <= threads.len());
            assert!(threads.child_thread_count_of(thread) <= threads.thread_count_of(thread));
            threads.session_leader(thread);
            threads.vpgid_leader(thread);
            threads.cwd_of(thread);
            if let Some(fds) = threads.fds_of(thread) {
                assert_eq!(fds.iter().count(), fds.len());
            }
        }
        let delivered = applied.delivered;
        state.commit(applied);
        assert_eq!(self.followed.follow(event), delivered);
        assert_eq!(self.skim(), delivered);
    }

    /// Skims one event. Returns whether rules may see it.
    fn skim(&mut self) -> bool {
        let Ways { skimmed, skimmer, reader, .. } = self;
        loop {
            match skimmer.pass_usual(skimmed, reader, 1) {
                (_, Some((event, at))) => return skimmer.follow(skimmed, &event, Some(at)),
                (1, None) => return true,
                (_, None) => {}
            }
            match reader.next().expect("what was written") {
                Some(Item::Event(event)) => return skimmer.follow(skimmed, &event, None),
                item => assert!(item.is_some(), "an event is missing"),
            }
        }
    }

    fn compare(&mut self) {
        self.skimmer.settle(&mut self.skimmed);
        let shown = format!("{:?}", self.applied);
        assert!(shown == format!("{:?}", self.followed), "followed");
        assert!(shown == format!("{:?}", self.skimmed), "skimmed");
        let threads = self.applied.threads();
        let all = i64::from(i8::MIN)..=i64::from(i8::MAX);
        assert!(all.filter(|tid| threads.get(*tid).is_some()).count() <= threads.len());
    }
}
