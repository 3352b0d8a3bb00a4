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
use capture::savefile::Capture;

use super::plan::{Changes, Plan};
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

    /// As [`State::follow`]. `at` is the offset of the event's block in the capture, if
    /// [`Lookback`](capture::savefile::Lookback) can read it again.
    // Apart, so that an event that waits does not pay for what the others need.
    #[inline(always)]
    pub fn follow(&mut self, state: &mut State, event: &Event<'_>, at: Option<u64>) -> bool {
        let plan = Plan::of(event.ty);
        if self.processes.any_waits() && self.waits(state, plan, event, at) {
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
            Changes::Opened if opens.opened(state, event, at) => return state.pass(event),
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
    last_thread: Option<ThreadIndex>,
    last_ts_ns: u64,
    last_delivered_ts_ns: u64,
}

impl State {
    fn moment(&self) -> Moment {
        let &State { last_thread, last_ts_ns, last_delivered_ts_ns, .. } = self;
        Moment { last_thread, last_ts_ns, last_delivered_ts_ns }
    }

    fn set_moment(&mut self, moment: Moment) {
        let Moment { last_thread, last_ts_ns, last_delivered_ts_ns } = moment;
        self.last_thread = last_thread;
        self.last_ts_ns = last_ts_ns;
        self.last_delivered_ts_ns = last_delivered_ts_ns;
    }
}
