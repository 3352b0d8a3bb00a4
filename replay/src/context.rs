//! What extractors and the engine may see of one event.

use bumpalo::Bump;
use capture::event::Event;

use crate::state::{FdInfo, State, ThreadInfo};

/// One event with borrowed views of the state after it was applied and before its delayed removals.
#[derive(Clone, Copy)]
pub struct EventContext<'a> {
    /// The event, in the current schema.
    pub event: &'a Event<'a>,
    /// Its number (`evt.num`), from 1.
    pub num: u64,
    /// Tables, for parents, other threads, users, containers.
    pub state: &'a State,
    /// The thread that made the event.
    pub thread: Option<&'a ThreadInfo>,
    /// Number of the descriptor the event is about, or -1.
    pub fd_num: i64,
    /// The descriptor, where it is known.
    pub fd: Option<&'a FdInfo>,
    /// What applying the event found out and no table holds.
    pub facts: EventFacts,
    /// Memory for values that have to be made; reset after the event.
    pub arena: &'a Bump,
}

/// Facts about one event that are lost once it is over.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventFacts {
    /// The event gave its descriptor another name (`fd.name_changed`).
    pub fd_name_changed: bool,
    /// Time of the event before this one that rules saw, nanoseconds since the epoch; 0 at the first.
    pub previous_ts_ns: u64,
    /// Time of the first event that is not metadata; 0 until it was seen.
    pub first_ts_ns: u64,
    /// User and system time of the thread's process information before this one, in hundredths of a second.
    pub previous_cpu: Option<(u64, u64)>,
}
