//! What a capture needs to begin in the middle of a recording.

use crate::event::Event;
use crate::savefile::StartState;

/// Follows the state of the machine from event to event. What events do to it is the knowledge of the crates above
/// this one, so it is given to the outputs that need it.
pub trait StateTracker: Send {
    /// Takes the state at the beginning of the recording.
    fn begin(&mut self, start: StartState);

    /// Takes the next event.
    fn apply(&mut self, event: &Event<'_>);

    /// The state after the events so far.
    fn snapshot(&mut self) -> StartState;
}
