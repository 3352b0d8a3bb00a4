//! The replay's state as the tracker that captures need to begin in the middle of a recording.

use capture::event::Event;
use capture::record::StateTracker;
use capture::savefile::StartState;
use replay::state::State;

/// Knows what the machine looks like because it reads what is recorded.
#[derive(Default)]
pub struct ReplayTracker(State);

impl StateTracker for ReplayTracker {
    fn begin(&mut self, start: StartState) {
        self.0.reset();
        self.0.seed_machine(start.machine);
        self.0.seed_interfaces(start.interfaces);
        self.0.seed_users(start.users, start.groups);
        self.0.seed_processes(start.processes);
        for (tid, fds) in start.fds {
            self.0.seed_fds(tid, fds);
        }
    }

    fn apply(&mut self, event: &Event<'_>) {
        let applied = self.0.apply(event);
        self.0.commit(applied);
    }

    fn snapshot(&mut self) -> StartState {
        self.0.snapshot()
    }
}
