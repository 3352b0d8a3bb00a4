//! The end of a thread, and what is remembered of it.

use std::collections::VecDeque;

use capture::event::schema::param::PROCEXIT_1_E;
use hashbrown::HashMap;

use super::Effect;
use super::clone::STALE_NS;
use super::update::Update;

/// Marks the thread as dead; it is removed after the event.
pub(super) fn apply(update: &mut Update<'_>) {
    let Some(index) = update.thread else { return };
    update.state.threads.mark_dead(index);
    update.later(Effect::RemoveThread { tid: update.event.tid });
    if !update.state.threads.has_children(index) {
        return;
    }
    let event = update.event;
    let Some(thread) = update.thread_mut() else { return };
    if event.params.len() <= PROCEXIT_1_E::reaper_tid {
        thread.reaper_tid = -1;
    } else if let Some(reaper_tid) = event.i64_at(PROCEXIT_1_E::reaper_tid) {
        thread.reaper_tid = reaper_tid;
    }
}

/// How many exits are remembered.
const EXITS_MAX: usize = 8192;

/// Threads that exited a moment ago. The caller's event of a fork can come after all events of the child,
/// and must then not bring it back.
#[derive(Debug, Default)]
pub(super) struct RecentlyExited {
    order: VecDeque<Exit>,
    /// Times of the exits by thread and parent.
    times: HashMap<Exit, u64, foldhash::fast::FixedState>,
}

/// Thread and parent, as far as they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Exit {
    tid: u32,
    ptid: u32,
}

impl Exit {
    fn new(tid: i64, ptid: i64) -> Self {
        Exit { tid: tid as u32, ptid: ptid as u32 }
    }
}

impl RecentlyExited {
    pub fn record(&mut self, tid: i64, ptid: i64, ts_ns: u64) {
        let exit = Exit::new(tid, ptid);
        if self.times.insert(exit, ts_ns).is_some() {
            return;
        }
        if self.order.len() == EXITS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.times.remove(&oldest);
        }
        self.order.push_back(exit);
    }

    pub fn contains(&self, tid: i64, ptid: i64, ts_ns: u64) -> bool {
        let exited = self.times.get(&Exit::new(tid, ptid));
        exited.is_some_and(|exited| ts_ns.checked_sub(*exited).is_some_and(|age| age < STALE_NS))
    }
}
