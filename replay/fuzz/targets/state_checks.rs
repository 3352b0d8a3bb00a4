//! What must hold for the state whatever the events are.

use capture::event::schema::EVENT_COUNT;
use capture::event::{EventBuilder, EventType};
use lanner_replay::state::{Skimmer, State};

/// Events in a compact form that is easy to mutate: type (2 bytes), thread (1), number of parameters (1), and
/// each parameter with its length (1) before it. What is cut off is left out.
fn events(mut bytes: &[u8]) -> impl Iterator<Item = EventBuilder> {
    let mut ts_ns = 0;
    std::iter::from_fn(move || {
        let ([a, b, tid, count], mut rest) =
            bytes.split_first_chunk::<4>().map(|(head, rest)| (*head, rest))?;
        ts_ns += 400_000_000;
        let ty = EventType(u16::from_le_bytes([a, b]) % EVENT_COUNT as u16);
        let mut event = EventBuilder::new(ty, ts_ns, i64::from(tid as i8));
        for _ in 0..count % 33 {
            let Some((len, tail)) = rest.split_first() else { break };
            let (param, tail) = tail.split_at(tail.len().min(usize::from(*len)));
            event = event.param(param);
            rest = tail;
        }
        bytes = rest;
        Some(event)
    })
}

/// Nothing panics, the tables agree with themselves after every event, and a state that only follows is the same in the end.
pub fn state(bytes: &[u8]) {
    let mut state = State::default();
    let (mut followed, mut skimmed, mut skimmer) = (State::default(), State::default(), Skimmer::default());
    for built in events(bytes) {
        let applied = state.apply(&built.event());
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
        assert_eq!(followed.follow(&built.event()), delivered);
        assert_eq!(skimmer.follow(&mut skimmed, &built.event()), delivered);
    }
    skimmer.settle(&mut skimmed);
    let shown = format!("{state:?}");
    assert!(shown == format!("{followed:?}"), "followed");
    assert!(shown == format!("{skimmed:?}"), "skimmed");
    let threads = state.threads();
    let all = i64::from(i8::MIN)..=i64::from(i8::MAX);
    assert!(all.filter(|tid| threads.get(*tid).is_some()).count() <= threads.len());
}
