//! Tables of threads, descriptors, users, interfaces and containers, kept up to date event by event.
//!
//! [`State::apply`] updates the tables and returns what must happen after evaluation (at a `close` or an exit
//! the descriptor or thread is still visible to rules); [`State::commit`] does that.

mod fd;
mod thread;

use capture::event::Event;
use capture::savefile::{FdEntry, GroupEntry, Interface, MachineInfo, ProcessEntry, UserEntry};

pub use fd::{FdInfo, FdKind, FdTable, Role};
pub use thread::{ThreadInfo, ThreadTable};

use crate::context::EventFacts;

/// Everything that is known about the recorded machine at one moment of a capture.
#[derive(Debug, Default)]
pub struct State {
    threads: ThreadTable,
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
    pub effects: Vec<Effect>,
}

/// A change that waits until an event was evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    RemoveThread { tid: i64 },
    CloseFd { tid: i64, fd: i64 },
}

impl State {
    /// Forgets everything: a new section starts.
    pub fn reset(&mut self) {
        *self = State::default();
    }

    pub fn seed_machine(&mut self, _machine: MachineInfo) {}
    pub fn seed_interfaces(&mut self, _interfaces: Vec<Interface>) {}
    pub fn seed_users(&mut self, _users: Vec<UserEntry>, _groups: Vec<GroupEntry>) {}
    pub fn seed_processes(&mut self, _processes: Vec<ProcessEntry>) {}
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
}
