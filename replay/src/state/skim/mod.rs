//! Following events whose state nobody looks at until later.
//!
//! Most descriptors are closed soon after they were opened, and most processes exit soon after they were made. Of these
//! nothing is left, so a [`Skimmer`] lets opens wait for their close, and all events of a new process for its exit. What
//! waits is only known by its place in the capture. As soon as anything else could see what waits or change what is found
//! there, it is read again and made up for.

mod opens;
mod processes;

use std::fmt;

use capture::event::schema::param::CLONE_20_X;
use capture::event::{Event, EventType};
use capture::savefile::{Capture, Head, Reader};

use super::plan::{Changes, Plan};
use super::thread::flag;
use super::threads::ThreadIndex;
use super::update::Update;
use super::{State, descriptors};
use opens::Opens;
use processes::Processes;

/// Follows events with less work than [`State::follow`]. The state is right after [`Skimmer::settle`].
#[derive(Default)]
pub struct Skimmer {
    opens: Opens,
    processes: Processes,
}

impl fmt::Debug for Skimmer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Skimmer").finish_non_exhaustive()
    }
}

impl Skimmer {
    /// For the events of a capture. Unless that can be read again where it lies, nothing waits.
    pub fn of(capture: &Capture) -> Self {
        Skimmer { opens: Opens::of(capture), processes: Processes::of(capture) }
    }

    /// Follows the next events of a capture up to one that asks for more: [`Skimmer::follow`] is to be called with it, or, if
    /// there is none, the reader has to look closer. Reads no more than `max` events and returns how many were followed.
    /// They are like most: of a process that waits, or without consequences for other threads. Rules may see all of them.
    #[inline(always)]
    pub fn pass_usual<'r>(
        &mut self,
        state: &mut State,
        reader: &'r mut Reader,
        max: u64,
    ) -> (u64, Option<(Event<'r>, u64)>) {
        let is_under_way = state.is_under_way();
        let (mut passed, mut last_ts_ns) = (0, 0);
        let next = reader.next_usual_unless(max, |head| {
            let passes = is_under_way && self.passes(state, head);
            if passes {
                passed += 1;
                last_ts_ns = head.ts_ns();
            }
            passes
        });
        if passed > 0 {
            state.pass_until(last_ts_ns);
        }
        (passed, next)
    }

    /// Follows an event if its thread had another one lately and there is little to do. If not, nothing that matters has
    /// changed.
    #[inline(always)]
    fn passes(&mut self, state: &mut State, head: &Head<'_>) -> bool {
        let plan = Plan::of(head.ty());
        let Some(index) = state.threads.hinted(head.tid()) else { return false };
        if matches!(plan.changes, Changes::Tables | Changes::Usage) {
            return false;
        }
        if let Some(place) = self.processes.place_of(index) {
            return self.processes.note(state, place, plan, head.offset());
        }
        let event = &head.event();
        state.touch_unpaired(index, plan, event)
            && match plan.changes {
                Changes::Nothing => true,
                Changes::Connected => !state.may_connect(index),
                Changes::Opened => {
                    has_failed(event) || self.opens.opened(state, Some(index), event, Some(head.offset()))
                }
                Changes::Closed => {
                    has_failed(event) || self.opens.any_waits() && self.opens.closed(state, event)
                }
                Changes::Copied => !descriptors::is_fcntl_change(event),
                _ => false,
            }
    }

    /// As [`State::follow`]. `at` is the offset of the event's block in the capture, if
    /// [`Lookback`](capture::savefile::Lookback) can read it again.
    pub fn follow(&mut self, state: &mut State, event: &Event<'_>, at: Option<u64>) -> bool {
        let plan = Plan::of(event.ty);
        let waiting = state.threads.find(event.tid).and_then(|index| self.processes.place_of(index));
        if let Some(place) = waiting
            && self.waits(state, plan, event, at, place)
        {
            return state.pass(event);
        }
        if plan.changes == Changes::Tables {
            return self.follow_change(state, plan, event, at);
        }
        self.follow_now(state, plan, event, at)
    }

    /// Follows an event that may have to do with other processes.
    #[inline(never)]
    fn follow_change(&mut self, state: &mut State, plan: Plan, event: &Event<'_>, at: Option<u64>) -> bool {
        self.make_up_for_others(state, event);
        let removals = state.threads.removals();
        let delivered = self.follow_now(state, plan, event, at);
        self.processes.note_change(state, event, removals);
        delivered
    }

    /// Makes up for all that waits.
    pub fn settle(&mut self, state: &mut State) {
        self.make_up_all(state);
        self.opens.settle(state);
    }

    /// Follows an event of a process that does not wait.
    #[inline(never)]
    fn follow_now(&mut self, state: &mut State, plan: Plan, event: &Event<'_>, at: Option<u64>) -> bool {
        let opens = &mut self.opens;
        match plan.changes {
            Changes::Opened => {
                let index = state.threads.find(event.tid);
                if opens.opened(state, index, event, at) {
                    return state.pass(event);
                }
            }
            Changes::Closed if opens.any_waits() && opens.closed(state, event) => {
                Update::touch(state, plan, event);
                return state.pass(event);
            }
            Changes::Copied if opens.any_waits() && descriptors::is_fcntl_change(event) => {
                opens.changed(state, event);
            }
            Changes::Tables | Changes::Own if opens.any_waits() => opens.changed(state, event),
            _ => {}
        }
        state.follow_as(plan, event)
    }
}

/// Whether the call failed, where that is told by the first parameter.
#[inline(always)]
fn has_failed(event: &Event<'_>) -> bool {
    event.i64_at(0).is_none_or(|result| result < 0)
}

fn is_fork(ty: EventType) -> bool {
    use EventType as T;
    matches!(ty, T::CLONE_20_X | T::CLONE3_X | T::FORK_20_X | T::VFORK_20_X)
}

/// Threads that a fork may look at or change: its own, the main one of that or of the child, and the parent.
fn relatives(event: &Event<'_>) -> [i64; 3] {
    // All forks have the same parameters.
    let told = [CLONE_20_X::pid, CLONE_20_X::ptid].map(|at| event.i64_at(at).unwrap_or(-1));
    [event.tid, told[0], told[1]]
}

/// What an event changes besides the tables. An event that is followed late must not.
#[derive(Clone, Copy)]
struct Moment {
    last_ts_ns: u64,
    last_delivered_ts_ns: u64,
}

impl State {
    /// Notes an event that changes nothing but what is remembered of its thread. Returns false if it may have to be paired
    /// with an enter event.
    #[inline(always)]
    fn touch_unpaired(&mut self, index: ThreadIndex, plan: Plan, event: &Event<'_>) -> bool {
        let Some((thread, recent)) = self.threads.parts_mut(index) else { return false };
        if recent.enter.is_some() {
            return false;
        }
        thread.flags |= flag::ACTIVE;
        recent.fd = plan.fd_param.and_then(|at| event.i64_at(usize::from(at))).unwrap_or(-1);
        true
    }

    fn moment(&self) -> Moment {
        let &State { last_ts_ns, last_delivered_ts_ns, .. } = self;
        Moment { last_ts_ns, last_delivered_ts_ns }
    }

    fn set_moment(&mut self, moment: Moment) {
        let Moment { last_ts_ns, last_delivered_ts_ns } = moment;
        self.last_ts_ns = last_ts_ns;
        self.last_delivered_ts_ns = last_delivered_ts_ns;
    }
}
