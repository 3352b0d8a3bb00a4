//! Tables of threads, descriptors, users, interfaces and containers, kept up to date event by event.
//!
//! [`State::apply`] updates the tables and returns what must happen after evaluation (at a `close` or an exit
//! the descriptor or thread is still visible to rules); [`State::commit`] does that.

mod containers;
mod fd;
mod fd_table;
mod net;
mod thread;
mod threads;
mod users;

use capture::event::Event;
use capture::savefile::{FdEntry, GroupEntry, Interface, MachineInfo, ProcessEntry, UserEntry};
use smallvec::SmallVec;

pub use containers::{Container, ContainerTable, HealthProbe, Limits, Mount, PortMapping};
pub use fd::{FdInfo, FdKind, Ipv4Tuple, Ipv6Tuple, Role};
pub use fd_table::{FDS_PER_PROCESS_MAX, FdTable};
pub use net::Interfaces;
pub use thread::ThreadInfo;
pub use threads::{ANCESTORS_MAX, Ancestors, THREADS_MAX, ThreadTable};
pub use users::{ACCOUNTS_MAX, Accounts, Group, User};

use crate::context::EventFacts;

/// Everything that is known about the recorded machine at one moment of a capture.
#[derive(Debug, Default)]
pub struct State {
    threads: ThreadTable,
    accounts: Accounts,
    containers: ContainerTable,
    interfaces: Interfaces,
    machine: MachineInfo,
}

/// What applying an event found, and what is left to do after it was evaluated.
#[derive(Debug, Default)]
pub struct Applied {
    /// Thread the event belongs to.
    pub tid: Option<i64>,
    /// Number of the descriptor the event is about, or -1.
    pub fd_num: i64,
    /// Whether rules see the event. Enter events and consumed metadata only update state.
    pub delivered: bool,
    /// Facts no table holds.
    pub facts: EventFacts,
    /// Changes to be committed after evaluation, in order.
    pub effects: Effects,
}

/// Changes that wait until an event was evaluated.
pub type Effects = SmallVec<[Effect; 1]>;

/// A change that waits until an event was evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The thread exited.
    RemoveThread { tid: i64 },
    /// The descriptor was closed.
    CloseFd { tid: i64, fd: i64 },
}

impl State {
    /// Forgets everything: a new section starts.
    pub fn reset(&mut self) {
        *self = State::default();
    }

    /// Takes over the machine information of a capture.
    pub fn seed_machine(&mut self, machine: MachineInfo) {
        self.machine = machine;
    }

    /// Takes over the interfaces.
    pub fn seed_interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = interfaces.into();
    }

    /// Takes over users and groups.
    pub fn seed_users(&mut self, _users: Vec<UserEntry>, _groups: Vec<GroupEntry>) {}

    /// Takes over threads.
    pub fn seed_processes(&mut self, _processes: Vec<ProcessEntry>) {}

    /// Takes over the descriptors of a thread.
    pub fn seed_fds(&mut self, _tid: i64, _fds: Vec<FdEntry>) {}

    /// Updates the tables for one event of the current schema.
    pub fn apply(&mut self, event: &Event<'_>) -> Applied {
        Applied { tid: Some(event.tid), fd_num: -1, delivered: true, ..Applied::default() }
    }

    /// Carries out what [`State::apply`] left for after the evaluation.
    pub fn commit(&mut self, _applied: Applied) {}

    /// The threads.
    pub fn threads(&self) -> &ThreadTable {
        &self.threads
    }

    /// Users and groups.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Containers.
    pub fn containers(&self) -> &ContainerTable {
        &self.containers
    }

    /// Interfaces of the recorded machine.
    pub fn interfaces(&self) -> &Interfaces {
        &self.interfaces
    }

    /// The recorded machine.
    pub fn machine(&self) -> &MachineInfo {
        &self.machine
    }

    /// The thread and the descriptor an event is about, after it was applied and before it is committed.
    pub fn subject(&self, applied: &Applied) -> (Option<&ThreadInfo>, Option<&FdInfo>) {
        let thread = applied.tid.and_then(|tid| self.threads.get(tid));
        let fd = thread.filter(|_| applied.fd_num != -1);
        (thread, fd.and_then(|thread| self.threads.fd_of(thread, applied.fd_num)))
    }
}
