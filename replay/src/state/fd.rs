//! File descriptors: what one refers to, with one enum variant per kind.

use std::net::{Ipv4Addr, Ipv6Addr};

use capture::savefile::L4Proto;

use crate::text::Text;

/// `PPM_O_DIRECTORY`.
pub(super) const O_DIRECTORY: u32 = 1 << 10;
/// `PPM_O_CLOEXEC`.
pub(super) const O_CLOEXEC: u32 = 1 << 12;
/// `PPM_O_F_CREATED`: the open created the file.
pub(super) const O_F_CREATED: u32 = 1 << 14;
/// `PPM_FD_UPPER_LAYER`.
pub(super) const FD_UPPER_LAYER: u32 = 1 << 15;
/// `PPM_FD_LOWER_LAYER`.
pub(super) const FD_LOWER_LAYER: u32 = 1 << 16;
/// `PPM_EPOLL_CLOEXEC` and `PPM_MFD_CLOEXEC`, which happen to be the same bit.
const OTHER_CLOEXEC: u32 = 1;

/// State of one file descriptor.
#[derive(Clone, Debug)]
pub struct FdInfo {
    /// What it refers to.
    pub kind: FdKind,
    /// Which end of a connection the process is. Kept when the kind changes.
    pub role: Role,
    /// A connection was made, or data was moved.
    pub connected: bool,
    /// Name that rules see (`fd.name`).
    pub name: Text,
    /// Name as given to the system call, if it is not the same; see [`FdInfo::name_raw`].
    pub(super) raw: Option<Text>,
    /// `PPM_O_*`.
    pub open_flags: u32,
    /// Device of the file system.
    pub dev: u32,
    /// Inode.
    pub ino: u64,
    /// The file lies in an overlay's upper layer.
    pub upper_layer: bool,
    /// The file lies in an overlay's lower layer.
    pub lower_layer: bool,
}

/// What a descriptor refers to. Sockets with two ends are oriented from client (source) to server
/// (destination) as far as that is known. Addresses are unspecified and ports 0 until known.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FdKind {
    File,
    Directory,
    Ipv4Socket(Ipv4Tuple),
    Ipv6Socket(Ipv6Tuple),
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
    /// With the process it stands for.
    PidFd {
        pid: i64,
    },
    Unsupported,
    Unknown,
    /// A descriptor that a failed call would have made; upstream keeps an entry without a type.
    Uninitialized,
}

/// Both ends of an IPv4 socket.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv4Tuple {
    pub sip: Ipv4Addr,
    pub dip: Ipv4Addr,
    pub sport: u16,
    pub dport: u16,
    pub l4proto: L4Proto,
}

/// Both ends of an IPv6 socket.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv6Tuple {
    pub sip: Ipv6Addr,
    pub dip: Ipv6Addr,
    pub sport: u16,
    pub dport: u16,
    pub l4proto: L4Proto,
}

/// Which end of a connection the process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Not known.
    #[default]
    None,
    /// The end that connected.
    Client,
    /// The end that listened.
    Server,
}

impl FdInfo {
    /// A descriptor of that kind with nothing else known.
    pub fn new(kind: FdKind) -> Self {
        FdInfo {
            kind,
            role: Role::None,
            connected: false,
            name: Text::EMPTY,
            raw: Some(Text::EMPTY),
            open_flags: 0,
            dev: 0,
            ino: 0,
            upper_layer: false,
            lower_layer: false,
        }
    }

    /// Name as given to the system call, not resolved (`fd.nameraw`).
    pub fn name_raw(&self) -> &Text {
        self.raw.as_ref().unwrap_or(&self.name)
    }

    /// Gives it another name; the one that was given to the call stays. Returns whether the name changed.
    pub(super) fn rename(&mut self, name: Text) -> bool {
        if self.name == name {
            return false;
        }
        let old = std::mem::replace(&mut self.name, name);
        self.raw.get_or_insert(old);
        true
    }

    /// Whether executing a program closes it.
    pub fn is_close_on_exec(&self) -> bool {
        self.open_flags & O_CLOEXEC != 0
            || matches!(self.kind, FdKind::EventPoll | FdKind::MemFd) && self.open_flags & OTHER_CLOEXEC != 0
    }

    /// Whether the open that made it also created the file.
    pub fn is_created(&self) -> bool {
        self.open_flags & O_F_CREATED != 0
    }

    /// Sets or clears close-on-exec.
    pub(super) fn set_close_on_exec(&mut self, on: bool) {
        // Upstream clears the bits of epoll and memfd flags whatever the kind is, which for a file is
        // PPM_O_RDONLY: a duplicate of a descriptor opened for reading loses that flag.
        self.open_flags &= !(O_CLOEXEC | OTHER_CLOEXEC);
        if on {
            self.open_flags |= O_CLOEXEC;
        }
    }

    /// Transport protocol of an internet socket, [`L4Proto::NotApplicable`] otherwise. A socket whose role
    /// is not known has none either, except raw ones.
    pub fn l4proto(&self) -> L4Proto {
        let l4proto = match &self.kind {
            FdKind::Ipv4Socket(tuple) => tuple.l4proto,
            FdKind::Ipv6Socket(tuple) => tuple.l4proto,
            FdKind::Ipv4Server { l4proto, .. } | FdKind::Ipv6Server { l4proto, .. } => return *l4proto,
            _ => return L4Proto::NotApplicable,
        };
        if self.role == Role::None && l4proto != L4Proto::Raw { L4Proto::NotApplicable } else { l4proto }
    }
}

impl FdKind {
    /// One letter for the kind (`fd.typechar`).
    pub fn type_char(&self) -> char {
        match self {
            FdKind::File => 'f',
            FdKind::Directory => 'd',
            FdKind::Ipv4Socket(_) | FdKind::Ipv4Server { .. } => '4',
            FdKind::Ipv6Socket(_) | FdKind::Ipv6Server { .. } => '6',
            FdKind::Unix { .. } => 'u',
            FdKind::Pipe => 'p',
            FdKind::Event => 'e',
            FdKind::SignalFd => 's',
            FdKind::EventPoll => 'l',
            FdKind::Inotify => 'i',
            FdKind::TimerFd => 't',
            FdKind::Netlink => 'n',
            FdKind::Bpf => 'b',
            FdKind::UserFaultFd => 'u',
            FdKind::IoUring => 'r',
            FdKind::MemFd => 'm',
            FdKind::PidFd { .. } => 'P',
            FdKind::Unsupported => 'X',
            FdKind::Unknown => 'o',
            FdKind::Uninitialized => '?',
        }
    }

    /// Name of the kind (`fd.type`); `<NA>` for those without one.
    pub fn type_name(&self) -> &'static str {
        match self {
            FdKind::File => "file",
            FdKind::Directory => "directory",
            FdKind::Ipv4Socket(_) | FdKind::Ipv4Server { .. } => "ipv4",
            FdKind::Ipv6Socket(_) | FdKind::Ipv6Server { .. } => "ipv6",
            FdKind::Unix { .. } => "unix",
            FdKind::Pipe => "pipe",
            FdKind::Event => "event",
            FdKind::SignalFd => "signalfd",
            FdKind::EventPoll => "eventpoll",
            FdKind::Inotify => "inotify",
            FdKind::TimerFd => "timerfd",
            FdKind::Netlink => "netlink",
            FdKind::Bpf => "bpf",
            FdKind::UserFaultFd => "userfaultfd",
            FdKind::IoUring => "io_uring",
            FdKind::MemFd => "memfd",
            FdKind::PidFd { .. } => "pidfd",
            FdKind::Unsupported | FdKind::Unknown | FdKind::Uninitialized => "<NA>",
        }
    }

    /// Whether it is a TCP socket over IPv4, the only case in which data transfers never change a name.
    pub(super) fn is_tcp_v4(&self) -> bool {
        matches!(self, FdKind::Ipv4Socket(tuple) if tuple.l4proto == L4Proto::Tcp)
    }
}
