//! Opens that wait for their close.
//!
//! Only opens wait whose outcome does not depend on when they are applied: of absolute paths, under numbers that are
//! free, by threads that have a table of their own and no enter event to be paired with.

use capture::event::schema::param::*;
use capture::event::{Event, EventType};
use capture::savefile::{Capture, Lookback};

use super::{has_failed, is_fork, relatives};
use crate::state::fd_table::{FDS_PER_PROCESS_MAX, FdTable};
use crate::state::thread::{ThreadInfo, flag};
use crate::state::threads::{FDS_MAX, Handle, ThreadIndex};
use crate::state::update::Update;
use crate::state::{Applied, State, open};

/// Threads that may have an open waiting, by the lowest bits of their ids.
const WAITING_MAX: usize = 64;

pub(super) struct Opens {
    waiting: [Option<Waiting>; WAITING_MAX],
    /// How many are.
    count: usize,
    lookback: Option<Lookback>,
}

#[derive(Clone, Copy)]
struct Waiting {
    tid: i64,
    /// Another thread may have the id by the time the open is made up for: an exec removes the other threads.
    thread: Handle,
    fd: i64,
    /// Place in the capture.
    at: u64,
}

impl Default for Opens {
    fn default() -> Self {
        Opens { waiting: [None; WAITING_MAX], count: 0, lookback: None }
    }
}

impl Opens {
    pub fn of(capture: &Capture) -> Self {
        Opens { lookback: capture.lookback(), ..Opens::default() }
    }

    #[inline]
    pub fn any_waits(&self) -> bool {
        self.count > 0
    }

    /// Makes up for all opens that wait.
    pub fn settle(&mut self, state: &mut State) {
        for place in 0..WAITING_MAX {
            if self.count == 0 {
                break;
            }
            self.make_up(state, place);
        }
    }

    fn make_up_of(&mut self, state: &mut State, tid: i64) {
        let place = place_of(tid);
        if self.waiting[place].is_some_and(|open| open.tid == tid) {
            self.make_up(state, place);
        }
    }

    fn make_up(&mut self, state: &mut State, place: usize) {
        let Some(Waiting { thread, at, .. }) = self.waiting[place].take() else { return };
        self.count -= 1;
        let event = self.lookback.as_mut().and_then(|lookback| lookback.event_at(at));
        if let (Some(index), Some(event)) = (state.threads.index_of_handle(thread), event) {
            state.open_late(index, &event);
        }
    }

    /// Lets an open wait, if it can. Otherwise it is to be followed now.
    #[inline(never)]
    pub fn opened(
        &mut self,
        state: &mut State,
        index: Option<ThreadIndex>,
        event: &Event<'_>,
        at: Option<u64>,
    ) -> bool {
        let Some(fd) = event.i64_at(0).filter(|fd| *fd >= 0) else { return false };
        let Some(index) = index.filter(|index| state.threads.info(*index).is_some_and(ThreadInfo::owns_fds))
        else {
            self.settle(state);
            return false;
        };
        // Of this thread or of another one.
        let place = place_of(event.tid);
        self.make_up(state, place);
        let Some(at) = at.filter(|_| self.lookback.is_some()) else { return false };
        if !is_absolute(event) || !state.is_free_for_later(index, fd) {
            return false;
        }
        let Some((info, recent)) = state.threads.parts_mut(index) else { return false };
        info.flags |= flag::ACTIVE;
        recent.fd = fd;
        let thread = state.threads.handle(index);
        self.waiting[place] = Some(Waiting { tid: event.tid, thread, fd, at });
        self.count += 1;
        true
    }

    /// Forgets the open of a successful close, if that waits.
    #[inline(never)]
    pub fn closed(&mut self, state: &mut State, event: &Event<'_>) -> bool {
        if has_failed(event) {
            return false;
        }
        let waiting = &mut self.waiting[place_of(event.tid)];
        let is_there = |open: &Waiting| state.threads.index_of_handle(open.thread).is_some();
        if let Some(open) = waiting.filter(|open| open.tid == event.tid && is_there(open)) {
            let is_same = event.i64_at(CLOSE_X::fd) == Some(open.fd);
            if is_same {
                *waiting = None;
                self.count -= 1;
            }
            return is_same;
        }
        if !state.has_own_fds(event.tid) {
            self.settle(state);
        }
        false
    }

    /// Makes up for the opens that an event may have to do with.
    #[inline(never)]
    pub fn changed(&mut self, state: &mut State, event: &Event<'_>) {
        if is_fork(event.ty) {
            // It copies the descriptors of the parent, at whose event it is seen or at the child's.
            for tid in relatives(event) {
                let index = state.threads.index_of(tid).and_then(|index| state.threads.fds_index_of(index));
                if let Some(owner) = index.and_then(|index| state.threads.info(index)) {
                    self.make_up_of(state, owner.tid);
                }
            }
        } else if event.ty == EventType::PIDFD_GETFD_X || !state.has_own_fds(event.tid) {
            self.settle(state);
        } else {
            self.make_up_of(state, event.tid);
        }
    }
}

impl State {
    /// Whether the thread is known and does not use the descriptors of its main thread.
    fn has_own_fds(&self, tid: i64) -> bool {
        self.threads.get(tid).is_some_and(ThreadInfo::owns_fds)
    }

    /// Whether opening a descriptor does the same now and later, as long as its number stays free.
    fn is_free_for_later(&self, index: ThreadIndex, fd: i64) -> bool {
        let recent = self.threads.recent(index);
        let has_entered = recent.enter.is_some() || recent.stored.is_some();
        let is_free = |fds: &FdTable| fds.len() < FDS_PER_PROCESS_MAX / 2 && fds.get(fd).is_none();
        !self.is_seeding
            && !has_entered
            && self.threads.fd_count() < FDS_MAX / 2
            && self.threads.fds(index).is_some_and(is_free)
    }

    /// Applies an open without making it the thread's last event.
    fn open_late(&mut self, index: ThreadIndex, event: &Event<'_>) {
        let fd = self.threads.recent(index).fd;
        let mut applied = Applied::default();
        let mut update = Update::new(self, event, &mut applied);
        update.thread = Some(index);
        open::apply(&mut update);
        self.threads.recent_mut(index).fd = fd;
    }
}

fn place_of(tid: i64) -> usize {
    tid as usize % WAITING_MAX
}

fn is_absolute(event: &Event<'_>) -> bool {
    let name = if event.ty == EventType::OPEN_X { OPEN_X::name } else { OPENAT_2_X::name };
    event.bytes_at(name).is_some_and(|name| name[0] == b'/')
}
