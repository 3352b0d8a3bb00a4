//! Processes whose events wait for their exit.
//!
//! A process waits from its fork on, as long as it has one thread and makes no other process. Until then only its own
//! events read or change what is known of it, but for few; before these it is made up for, and waits no more. Relations
//! of threads are kept at once, and so is what an exec does beyond its process. What is noted of a process is bounded, and so
//! is the sum, such that no table could have become full.

use std::num::NonZeroU32;

use capture::event::schema::param::{EXECVE_19_X, PRLIMIT_X};
use capture::event::{Event, EventType};
use capture::savefile::{Capture, Lookback};

use super::{Moment, Skimmer, is_fork, relatives};
use crate::state::State;
use crate::state::fd_table::FDS_PER_PROCESS_MAX;
use crate::state::plan::{Changes, Plan, ThreadPlan};
use crate::state::thread::{ThreadInfo, flag};
use crate::state::threads::{FDS_MAX, Handle, ThreadIndex};

/// Events of one process that may wait. Each makes at most two descriptors.
const EVENTS_PER_PROCESS: usize = FDS_PER_PROCESS_MAX / 4;
/// Events that may wait altogether.
const EVENTS_MAX: usize = 1 << 18;
const _: () = assert!(FDS_MAX / 2 + 2 * EVENTS_MAX < FDS_MAX);

#[derive(Default)]
pub(super) struct Processes {
    /// Those that wait, by the places of their threads.
    waiting: Vec<Option<Place>>,
    processes: Vec<Process>,
    free: Vec<Place>,
    /// Events that wait.
    count: usize,
    lookback: Option<Lookback>,
}

/// A place in the list of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(NonZeroU32);

impl Place {
    fn new(number: usize) -> Option<Self> {
        NonZeroU32::new(u32::try_from(number).ok()?.checked_add(1)?).map(Place)
    }

    #[inline]
    fn number(self) -> usize {
        (self.0.get() - 1) as usize
    }
}

struct Process {
    index: ThreadIndex,
    thread: Handle,
    /// Places of its events in the capture.
    events: Vec<u64>,
    /// Of the last one nothing is left after the next.
    is_passing: bool,
}

impl Processes {
    pub fn of(capture: &Capture) -> Self {
        Processes { lookback: capture.lookback(), ..Processes::default() }
    }

    #[inline(always)]
    pub fn place_of(&self, index: ThreadIndex) -> Option<Place> {
        *self.waiting.get(index.slot())?
    }

    /// Has a process wait no more. Returns its thread and its events.
    fn take(&mut self, place: Place) -> (Handle, Vec<u64>) {
        let process = &mut self.processes[place.number()];
        let events = std::mem::take(&mut process.events);
        self.count -= events.len();
        self.waiting[process.index.slot()] = None;
        (process.thread, events)
    }

    fn forget(&mut self, place: Place) {
        let (_, events) = self.take(place);
        self.give_back(place, events);
    }

    fn give_back(&mut self, place: Place, mut events: Vec<u64>) {
        events.clear();
        self.processes[place.number()].events = events;
        self.free.push(place);
    }

    /// Looks at what an event did that may have made or removed a thread; `removals` is how many were removed before.
    #[inline(never)]
    pub fn note_change(&mut self, state: &State, event: &Event<'_>, removals: u64) {
        let removed = state.threads.removals() - removals;
        let is_own = removed == 1 && event.ty == EventType::PROCEXIT_1_E;
        if removed > 0 && !(is_own && state.threads.index_of(event.tid).is_none()) {
            self.forget_removed(state);
        }
        if is_fork(event.ty) && event.i64_at(0) == Some(0) {
            self.begin(state, event.tid);
        }
    }

    fn forget_removed(&mut self, state: &State) {
        for number in 0..self.processes.len() {
            if let Some(place) = self.waiting_at(number)
                && state.threads.index_of_handle(self.processes[number].thread).is_none()
            {
                self.forget(place);
            }
        }
    }

    /// The place with that number, if its process waits.
    fn waiting_at(&self, number: usize) -> Option<Place> {
        self.place_of(self.processes[number].index).filter(|place| place.number() == number)
    }

    /// Lets a new process wait, if it can.
    fn begin(&mut self, state: &State, tid: i64) {
        let Some(index) = state.threads.index_of(tid).filter(|index| state.is_alone(*index)) else { return };
        let has_room = state.threads.fd_count() < FDS_MAX / 2 && self.count < EVENTS_MAX;
        if self.lookback.is_none() || !has_room || self.place_of(index).is_some() {
            return;
        }
        let next = self.free.pop().or_else(|| Place::new(self.processes.len()));
        let Some(place) = next else { return };
        let thread = state.threads.handle(index);
        let mut process = Process { index, thread, events: Vec::new(), is_passing: false };
        match self.processes.get_mut(place.number()) {
            Some(last) => {
                process.events = std::mem::take(&mut last.events);
                *last = process;
            }
            None => self.processes.push(process),
        }
        if self.waiting.len() <= index.slot() {
            self.waiting.resize(index.slot() + 1, None);
        }
        self.waiting[index.slot()] = Some(place);
    }

    /// Notes an event. Returns false when it would be one too many.
    #[inline(always)]
    pub fn note(&mut self, state: &State, place: Place, plan: Plan, at: u64) -> bool {
        let process = &mut self.processes[place.number()];
        let has_room = process.events.len() < EVENTS_PER_PROCESS && self.count < EVENTS_MAX;
        if !has_room || state.threads.fd_count() >= FDS_MAX / 2 {
            return false;
        }
        let replaced = usize::from(process.is_passing && plan.thread == ThreadPlan::Make);
        process.events.truncate(process.events.len() - replaced);
        process.events.push(at);
        process.is_passing = plan.changes == Changes::Nothing;
        self.count = self.count + 1 - replaced;
        true
    }
}

impl Skimmer {
    /// Whether an event of a process that waits now waits, too.
    #[inline(never)]
    pub(super) fn waits(
        &mut self,
        state: &mut State,
        plan: Plan,
        event: &Event<'_>,
        at: Option<u64>,
        place: Place,
    ) -> bool {
        let index = self.processes.processes[place.number()].index;
        if let Some(at) = at
            && (plan.changes != Changes::Tables || state.is_own_exec(index, event))
            && self.processes.note(state, place, plan, at)
        {
            return true;
        }
        if event.ty == EventType::PROCEXIT_1_E {
            self.processes.forget(place);
        } else if plan.thread != ThreadPlan::None {
            self.make_up(state, place);
        }
        false
    }

    /// Makes up for processes that an event of any process may look at or change.
    #[inline(never)]
    pub(super) fn make_up_for_others(&mut self, state: &mut State, event: &Event<'_>) {
        use EventType as T;
        let tids = match event.ty {
            ty if is_fork(ty) => relatives(event),
            T::EXECVE_19_X | T::EXECVEAT_X => {
                // When a program was executed, the thread is the main one. Where a capture tells otherwise, threads may
                // be taken for those of a process that does not know of them.
                let known = state.threads.get(event.tid).map(|thread| thread.pid).filter(|pid| *pid >= 0);
                let pids = [known, event.i64_at(EXECVE_19_X::pid)];
                if pids.into_iter().flatten().any(|pid| pid != event.tid) {
                    self.make_up_all(state);
                    self.processes.lookback = None;
                }
                return;
            }
            T::PRLIMIT_X => [event.i64_at(PRLIMIT_X::pid).unwrap_or(-1); 3],
            T::PIDFD_GETFD_X => return self.make_up_all(state),
            _ => return,
        };
        for tid in tids {
            if let Some(index) = state.threads.find(tid)
                && let Some(place) = self.processes.place_of(index)
            {
                self.make_up(state, place);
            }
        }
    }

    pub(super) fn make_up_all(&mut self, state: &mut State) {
        for number in 0..self.processes.processes.len() {
            if let Some(place) = self.processes.waiting_at(number) {
                self.make_up(state, place);
            }
        }
    }

    /// Follows all that was noted of a process.
    fn make_up(&mut self, state: &mut State, place: Place) {
        let (thread, events) = self.processes.take(place);
        if state.threads.index_of_handle(thread).is_some()
            && let Some(mut lookback) = self.processes.lookback.take()
        {
            let moment: Moment = state.moment();
            for &at in &events {
                if let Some(event) = lookback.event_at(at) {
                    self.follow_now(state, Plan::of(event.ty), &event, Some(at));
                }
            }
            state.set_moment(moment);
            self.processes.lookback = Some(lookback);
        }
        self.processes.give_back(place, events);
    }
}

impl State {
    /// Whether all that is known of a thread is its own: it is its process, and has made no call that is not complete.
    fn is_alone(&self, index: ThreadIndex) -> bool {
        let recent = self.threads.recent(index);
        let owns_all = |thread: &ThreadInfo| {
            thread.owns_fds()
                && !thread.is_placeholder()
                && !thread.is_dead()
                && thread.fds.len() < FDS_PER_PROCESS_MAX / 4
        };
        let has_entered = recent.enter.is_some() || recent.stored.is_some();
        !self.is_seeding
            && !has_entered
            && self.threads.is_alone(index)
            && self.threads.info(index).is_some_and(owns_all)
    }

    /// Whether an event is an exec that changes nothing but its own process; if so, does what must be done at once.
    #[inline(never)]
    fn is_own_exec(&mut self, index: ThreadIndex, event: &Event<'_>) -> bool {
        use EXECVE_19_X as P;
        if !matches!(event.ty, EventType::EXECVE_19_X | EventType::EXECVEAT_X) {
            return false;
        }
        if event.i64_at(P::res).is_none_or(|result| result < 0) {
            return true;
        }
        let Some(thread) = self.threads.info_mut(index) else { return false };
        let list = event.bytes_at(P::cgroups);
        let is_own = event.i64_at(P::pid).is_none_or(|pid| pid == thread.tid)
            && list.is_none_or(|list| *thread.cgroups == *list)
            && self.cgroups.makes_no_container(&thread.cgroups);
        if is_own {
            // Told by who looks for someone to inherit children.
            thread.flags &= !flag::CHILD_IN_PIDNS;
            list.map(|list| self.cgroups.share(list));
        }
        is_own
    }
}
