//! File descriptors: one enum variant per kind, and the table of a process.

use std::net::{Ipv4Addr, Ipv6Addr};

use capture::savefile::L4Proto;
use hashbrown::HashMap;

use crate::text::Text;

/// State of one file descriptor.
#[derive(Clone, Debug)]
pub struct FdInfo {
    pub kind: FdKind,
    /// Name that rules see (`fd.name`).
    pub name: Text,
    /// Name as given to the system call, not resolved (`fd.nameraw`).
    pub name_raw: Text,
    /// `PPM_O_*`.
    pub open_flags: u32,
    pub dev: u32,
    pub ino: u64,
    /// Closed when a program is executed.
    pub close_on_exec: bool,
    /// The file was created by the open that made the descriptor.
    pub created: bool,
    pub upper_layer: bool,
    pub lower_layer: bool,
}

/// What a descriptor refers to. Addresses are oriented client to server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FdKind {
    File,
    Directory,
    Ipv4Socket {
        sip: Ipv4Addr,
        dip: Ipv4Addr,
        sport: u16,
        dport: u16,
        l4proto: L4Proto,
        role: Role,
        connected: bool,
        pending: bool,
    },
    Ipv6Socket {
        sip: Ipv6Addr,
        dip: Ipv6Addr,
        sport: u16,
        dport: u16,
        l4proto: L4Proto,
        role: Role,
        connected: bool,
        pending: bool,
    },
    Ipv4Server {
        ip: Ipv4Addr,
        port: u16,
        l4proto: L4Proto,
    },
    Ipv6Server {
        ip: Ipv6Addr,
        port: u16,
        l4proto: L4Proto,
    },
    Unix {
        source: u64,
        destination: u64,
        role: Role,
    },
    Pipe,
    Event,
    SignalFd,
    EventPoll,
    Inotify,
    TimerFd,
    Netlink,
    Bpf,
    UserFaultFd,
    IoUring,
    MemFd,
    PidFd,
    Unsupported,
    Unknown,
}

/// Which end of a connection the process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    None,
    Client,
    Server,
}

/// Descriptors of one process by number.
#[derive(Clone, Debug, Default)]
pub struct FdTable {
    fds: HashMap<i64, FdInfo, foldhash::fast::FixedState>,
}

impl FdTable {
    /// The descriptor, if known. Lookups have no side effects.
    pub fn get(&self, fd: i64) -> Option<&FdInfo> {
        self.fds.get(&fd)
    }
}
