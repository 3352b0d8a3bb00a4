//! Everything a capture says before its first event.

use std::io::Write;

use super::{FdEntry, GroupEntry, Interface, MachineInfo, ProcessEntry, UserEntry, Writer};
use crate::error::Result;

/// The machine, its accounts, threads and descriptors at the moment a capture begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartState {
    /// The machine.
    pub machine: MachineInfo,
    /// Its network interfaces.
    pub interfaces: Vec<Interface>,
    /// Users.
    pub users: Vec<UserEntry>,
    /// Groups.
    pub groups: Vec<GroupEntry>,
    /// Threads, each process's leader before its others.
    pub processes: Vec<ProcessEntry>,
    /// Descriptors by the thread that owns them.
    pub fds: Vec<(i64, Vec<FdEntry>)>,
}

impl StartState {
    /// Writes all of it.
    ///
    /// # Errors
    /// See [`Writer::machine`].
    pub fn write<W: Write>(&self, out: &mut Writer<W>) -> Result<()> {
        out.machine(&self.machine)?;
        out.interfaces(&self.interfaces)?;
        out.users(&self.users, &self.groups)?;
        out.processes(&self.processes)?;
        for (tid, fds) in &self.fds {
            out.fds(*tid, fds)?;
        }
        Ok(())
    }
}
