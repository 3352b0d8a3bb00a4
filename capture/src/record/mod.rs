//! Live recording with eBPF: from the kernel's tracepoints to a savefile.
//!
//! ```text
//! kernel programs --ring--> collect --time order--> Writer
//! (capture/bpf/)                        ^
//!        seed (iterators, /proc) --------'  before the first event
//! ```
//!
//! [`Recorder::start`] attaches first and looks at the machine then, so nothing is missed in between. What
//! happens during that look may or may not be part of what it saw. Such events are written as *state only*:
//! readers apply them, in order, to the state that was seen, and show none of them. Afterwards the state is
//! right: whatever an event touched is as the last event left it, and whatever no event touched was
//! seen as it was throughout. So the recording proper begins, without gap or repetition, when the look ends.
//!
//! The recorder never records itself: the kernel programs leave out its process.

mod cgroup;
mod command;
mod direct;
mod drops;
mod file_worker;
mod filter;
mod flight;
mod frame;
mod ia32;
mod load;
mod lost;
mod object;
mod options;
mod order;
mod output;
mod pace;
mod piece;
mod recorder;
mod ring;
mod rotate;
mod seed;
mod support;
mod tracker;
mod uncached;

pub use cgroup::Cgroup;
pub use command::{HeldCommand, RunningCommand};
pub use drops::{DropCause, Drops};
pub use filter::EventFilter;
pub use flight::{FlightRecorder, KeepLimits, Stretch};
pub use options::{CGROUPS_MAX, Limits, RecordOptions, Scope};
pub use output::{Output, RawEvent};
pub use recorder::{Progress, RecordSummary, Recorder};
pub use rotate::{RotateLimits, RotatingWriter};
pub use support::{Facts, Tried, capability, probe_support, try_programs};
pub use tracker::StateTracker;
pub use uncached::UncachedFile;
