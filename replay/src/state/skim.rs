//! Following events whose state nobody looks at until later.
//!
//! Most descriptors are closed soon after they were opened. Of these nothing is left, so a [`Skimmer`] lets a
//! successful open wait for its close. If anything else comes that could see the descriptor or change what is
//! found under its number, the open is made up for first. Only opens wait whose outcome does not depend on when they
//! are applied: of absolute paths, under numbers that are free, by threads that have a table of their own and no
//! enter event to be paired with.

use std::fmt;

use capture::event::schema::param::*;
use capture::event::{Event, EventType, Params};

use super::fd_table::{FDS_PER_PROCESS_MAX, FdTable};
use super::plan::{Changes, Plan};
use super::thread::ThreadInfo;
use super::threads::{FDS_MAX, Handle, ThreadIndex};
use super::update::{Update, text_at};
use super::{Applied, State, descriptors, open};

/// Threads that may have an open waiting, by the lowest bits of their ids.
const WAITING_MAX: usize = 64;

/// Follows events with less work than [`State::follow`]. The state is right after [`Skimmer::settle`].
pub struct Skimmer {
    waiting: Box<[Waiting; WAITING_MAX]>,
    /// How many are.
    count: usize,
}

/// A place for an open that waits.
#[derive(Default)]
struct Waiting {
    open: Option<Open>,
    /// Its parameters. These stay, so that the next one needs no memory.
    ends: Vec<u32>,
    data: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Open {
    ty: EventType,
    tid: i64,
    /// Another thread may have the id by the time the open is made up for: an exec removes the other threads.
    thread: Handle,
    fd: i64,
}

impl Default for Skimmer {
    fn default() -> Self {
        Skimmer { waiting: Box::new(std::array::from_fn(|_| Waiting::default())), count: 0 }
    }
}

impl fmt::Debug for Skimmer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Skimmer").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Skimmer {
    /// As [`State::follow`].
    pub fn follow(&mut self, state: &mut State, event: &Event<'_>) -> bool {
        let plan = Plan::of(event.ty);
        match plan.changes {
            Changes::Opened if self.opened(state, plan, event) => return state.pass(event),
            Changes::Closed if self.count > 0 && self.closed(state, event) => {
                Update::touch(state, plan, event);
                return state.pass(event);
            }
            Changes::Copied if self.count > 0 && descriptors::is_fcntl_change(event) => {
                self.changed(state, event);
            }
            Changes::Tables if self.count > 0 => self.changed(state, event),
            _ => {}
        }
        state.follow_as(plan, event)
    }

    /// Makes up for all opens that wait.
    pub fn settle(&mut self, state: &mut State) {
        for at in 0..WAITING_MAX {
            if self.count == 0 {
                break;
            }
            self.make_up(state, at);
        }
    }

    fn make_up_of(&mut self, state: &mut State, tid: i64) {
        let at = place_of(tid);
        if self.waiting[at].open.is_some_and(|open| open.tid == tid) {
            self.make_up(state, at);
        }
    }

    fn make_up(&mut self, state: &mut State, at: usize) {
        let waiting = &mut self.waiting[at];
        let Some(Open { ty, tid, thread, .. }) = waiting.open.take() else { return };
        self.count -= 1;
        let params = Params::new(&waiting.ends, &waiting.data).unwrap_or(Params::EMPTY);
        let Some(index) = state.threads.index_of_handle(thread) else { return };
        state.open_late(index, &Event { ts_ns: 0, tid, ty, cpu: 0, state_only: true, params });
    }

    /// Lets an open wait, if it can. Otherwise it is to be followed now.
    #[inline(never)]
    fn opened(&mut self, state: &mut State, plan: Plan, event: &Event<'_>) -> bool {
        let Some(fd) = event.i64_at(0).filter(|fd| *fd >= 0) else { return false };
        let index = state.find_thread(event.tid);
        let Some(index) = index.filter(|index| state.threads.info(*index).is_some_and(ThreadInfo::owns_fds))
        else {
            self.settle(state);
            return false;
        };
        // Of this thread or of another one.
        let at = place_of(event.tid);
        self.make_up(state, at);
        if !name_of(event).starts_with(b"/") || !state.is_free_for_later(index, fd) {
            return false;
        }
        Update::touch(state, plan, event);
        state.threads.recent_mut(index).fd = fd;
        let waiting = &mut self.waiting[at];
        let thread = state.threads.handle(index);
        waiting.open = Some(Open { ty: event.ty, tid: event.tid, thread, fd });
        waiting.ends.clear();
        waiting.ends.extend_from_slice(event.params.ends());
        waiting.data.clear();
        waiting.data.extend_from_slice(event.params.data());
        self.count += 1;
        true
    }

    /// Forgets the open of a successful close, if that waits.
    #[inline(never)]
    fn closed(&mut self, state: &mut State, event: &Event<'_>) -> bool {
        if event.i64_at(0).is_none_or(|result| result < 0) {
            return false;
        }
        let waiting = &mut self.waiting[place_of(event.tid)];
        let is_there = |open: &Open| state.threads.index_of_handle(open.thread).is_some();
        if let Some(open) = waiting.open.filter(|open| open.tid == event.tid && is_there(open)) {
            let is_same = event.i64_at(CLOSE_X::fd) == Some(open.fd);
            if is_same {
                waiting.open = None;
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
    fn changed(&mut self, state: &mut State, event: &Event<'_>) {
        if sees_other_tables(event.ty) || !state.has_own_fds(event.tid) {
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

fn name_of<'e>(event: &Event<'e>) -> &'e [u8] {
    text_at(event, if event.ty == EventType::OPEN_X { OPEN_X::name } else { OPENAT_2_X::name })
}

/// Whether an event may have to do with descriptors of threads other than its own: a fork copies those of the parent, at
/// whose event it is seen or at the child's.
fn sees_other_tables(ty: EventType) -> bool {
    use EventType as T;
    matches!(ty, T::CLONE_20_X | T::CLONE3_X | T::FORK_20_X | T::VFORK_20_X | T::PIDFD_GETFD_X)
}
