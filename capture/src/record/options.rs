//! What to record and how.

use super::cgroup::Cgroup;
use super::filter::EventFilter;

/// Which processes to record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Every process of the machine but the recorder.
    #[default]
    Host,
    /// These processes and their descendants.
    Tree(Vec<u32>),
    /// The process of a [`HeldCommand`](super::HeldCommand), from its exec on, and its descendants.
    Command(u32),
    /// Processes in these control groups, at most [`CGROUPS_MAX`]. What others do is recorded as *state only* where
    /// it could matter if they came in.
    Cgroups(Vec<Cgroup>),
}

/// How many control groups can be told apart (capture/bpf/maps.h).
pub const CGROUPS_MAX: usize = 8;

impl Scope {
    /// The processes that it follows, unless it looks at every process.
    pub(super) fn roots(&self) -> Option<&[u32]> {
        match self {
            Scope::Host | Scope::Cgroups(_) => None,
            Scope::Tree(pids) => Some(pids),
            Scope::Command(pid) => Some(std::slice::from_ref(pid)),
        }
    }
}

/// How much to record at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Events that readers show.
    pub events: Option<u64>,
    /// Bytes of the output, before what a report of lost events may add.
    pub bytes: Option<u64>,
}

impl Limits {
    /// Whether there is no place after so many events for one with which the output would have `bytes`.
    pub(super) fn is_reached(&self, events: u64, bytes: impl Fn() -> u64) -> bool {
        self.events.is_some_and(|limit| events >= limit) || self.bytes.is_some_and(|limit| bytes() > limit)
    }
}

/// What to record and how.
#[derive(Clone, Debug)]
pub struct RecordOptions {
    /// Which processes.
    pub scope: Scope,
    /// Which events.
    pub events: EventFilter,
    /// Also record when a CPU goes from one task to another.
    pub switches: bool,
    /// Also record page faults, where the kernel has tracepoints for them (x86-64).
    pub page_faults: bool,
    /// Bytes of I/O data kept per event.
    pub snaplen: u16,
    /// Size of the ring between kernel and recorder: a power of two, and whole pages.
    pub ring_bytes: u32,
    /// Leave out environments.
    pub no_env: bool,
    /// Leave out arguments after the program's name.
    pub no_args: bool,
    /// Leave out the data that is read and written.
    pub no_data: bool,
    /// Leave out the processes above those that are recorded.
    pub no_ancestors: bool,
    /// When there is enough.
    pub limits: Limits,
}

impl Default for RecordOptions {
    fn default() -> Self {
        RecordOptions {
            scope: Scope::Host,
            events: EventFilter::default(),
            switches: false,
            page_faults: false,
            // As Falco and sysdig keep.
            snaplen: 80,
            ring_bytes: 8 << 20,
            no_env: false,
            no_args: false,
            no_data: false,
            no_ancestors: false,
            limits: Limits::default(),
        }
    }
}
