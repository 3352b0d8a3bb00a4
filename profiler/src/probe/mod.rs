//! Probes: what the engine and the drivers notify while they work.
//!
//! [`Recorder`] is one probe for all timing modes; the [`Mode`] decides at compile time what it does. During an
//! event it only notes ids and clock readings in buffers; counters and histograms are updated when the event is
//! over and no stage is running, so that keeping the books is not charged to what is measured.
//!
//! ```text
//!               enter(Read)                                                                       event()
//! time ------------+--------+----------+---------+---+--------+--------+------+----------+------------+-------->
//! stages           |  read  |  decode  |  state  |           evaluate         |  output  |            | remainder
//! rules                                              | rule 1 | rule 2 |
//! clock readings   R        R          R         R   R        R        R      R          R
//! ```
//!
//! Every reading ends one interval and begins the next: one reading for a rule instead of two. The time before the
//! first rule and between the last one and the end of the stage is the engine's own. Nodes and fields are intervals of the same chain
//! inside a rule.
//!
//! With a [`Sample`] only some events have readings inside the evaluate stage.
//!
//! A thread that has to wait for a processor would charge milliseconds to whatever rule it was in. Therefore, when
//! two readings lie suspiciously far apart, the recorder asks the kernel how long the thread really ran, and takes
//! the waiting out of the interval ([`Recording`] keeps the sum): it is reported, but as nobody's cost.

mod costs;
mod mode;
mod recorder;
mod recording;
mod sample;
mod stopwatch;
mod timeline;

pub use mode::{CountNodes, CountRules, Mode, TimeNodes, TimeRules, TimeStages};
pub use recorder::Recorder;
pub use recording::Recording;
pub(crate) use recording::{EventCell, OUTCOMES, Row, RuleCell};
pub use sample::Sample;
