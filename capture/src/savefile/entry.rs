//! Rows of the metadata blocks: the state of the machine when a capture began.
//!
//! These are the current forms; older block versions are converted when they are read. Strings are bytes as
//! recorded, without their NUL.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The machine that was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineInfo {
    /// CPUs online.
    pub num_cpus: u32,
    /// Physical memory.
    pub memory_size_bytes: u64,
    /// Host name, at most 127 bytes.
    pub hostname: Vec<u8>,
    /// Boot time, nanoseconds since the epoch; 0 in old captures.
    pub boot_ts_epoch_ns: u64,
}

/// One thread when the capture began. Values that an old format lacks have the documented default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessEntry {
    /// Thread id.
    pub tid: i64,
    /// Process id (thread group).
    pub pid: i64,
    /// Parent's process id.
    pub ptid: i64,
    /// Session, or -1.
    pub sid: i64,
    /// Process group in the pid namespace, or -1.
    pub vpgid: i64,
    /// Process group, or -1.
    pub pgid: i64,
    /// Thread id in its pid namespace, or -1.
    pub vtid: i64,
    /// Process id in its pid namespace, or -1.
    pub vpid: i64,
    /// Name of the task (at most 15 bytes).
    pub comm: Vec<u8>,
    /// First argument (`argv[0]`).
    pub exe: Vec<u8>,
    /// Path of the executable.
    pub exepath: Vec<u8>,
    /// Arguments after the first, each ended by NUL.
    pub args: Vec<u8>,
    /// Environment, each variable ended by NUL.
    pub env: Vec<u8>,
    /// Control groups as `subsystem=path`, each ended by NUL.
    pub cgroups: Vec<u8>,
    /// Working directory.
    pub cwd: Vec<u8>,
    /// Root directory.
    pub root: Vec<u8>,
    /// Soft limit of open files.
    pub fdlimit: i64,
    /// `PPM_CL_*` flags.
    pub flags: u32,
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Login user, `u32::MAX` when unset.
    pub loginuid: u32,
    /// Virtual memory.
    pub vmsize_kb: u32,
    /// Resident memory.
    pub vmrss_kb: u32,
    /// Swapped memory.
    pub vmswap_kb: u32,
    /// Major page faults.
    pub pfmajor: u64,
    /// Minor page faults.
    pub pfminor: u64,
    /// Start of the pid namespace's first process, nanoseconds since the epoch.
    pub pidns_init_start_ts_ns: u64,
    /// Terminal device, 0 for none.
    pub tty: u32,
    /// The user may write to the executable.
    pub exe_writable: bool,
    /// The executable lies in an overlay's upper layer.
    pub exe_upper_layer: bool,
    /// The executable lies in an overlay's lower layer.
    pub exe_lower_layer: bool,
    /// The executable is a memfd.
    pub exe_from_memfd: bool,
    /// Inheritable capabilities.
    pub cap_inheritable: u64,
    /// Permitted capabilities.
    pub cap_permitted: u64,
    /// Effective capabilities.
    pub cap_effective: u64,
    /// Inode of the executable.
    pub exe_ino: u64,
    /// Its change time, nanoseconds since the epoch.
    pub exe_ino_ctime_ns: u64,
    /// Its modification time, nanoseconds since the epoch.
    pub exe_ino_mtime_ns: u64,
}

impl Default for ProcessEntry {
    fn default() -> Self {
        ProcessEntry {
            tid: 0,
            pid: 0,
            ptid: 0,
            sid: -1,
            vpgid: -1,
            pgid: -1,
            vtid: -1,
            vpid: -1,
            comm: Vec::new(),
            exe: Vec::new(),
            exepath: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            cgroups: Vec::new(),
            cwd: Vec::new(),
            root: Vec::new(),
            fdlimit: 0,
            flags: 0,
            uid: 0,
            gid: 0,
            loginuid: u32::MAX,
            vmsize_kb: 0,
            vmrss_kb: 0,
            vmswap_kb: 0,
            pfmajor: 0,
            pfminor: 0,
            pidns_init_start_ts_ns: 0,
            tty: 0,
            exe_writable: false,
            exe_upper_layer: false,
            exe_lower_layer: false,
            exe_from_memfd: false,
            cap_inheritable: 0,
            cap_permitted: 0,
            cap_effective: 0,
            exe_ino: 0,
            exe_ino_ctime_ns: 0,
            exe_ino_mtime_ns: 0,
        }
    }
}

/// Transport protocol of a socket, as stored in fd lists.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum L4Proto {
    #[default]
    Unknown,
    NotApplicable,
    Tcp,
    Udp,
    Icmp,
    Raw,
}

impl L4Proto {
    /// The protocol with this id of the format; unknown ids are [`L4Proto::Unknown`].
    pub fn from_number(number: u8) -> L4Proto {
        match number {
            1 => L4Proto::NotApplicable,
            2 => L4Proto::Tcp,
            3 => L4Proto::Udp,
            4 => L4Proto::Icmp,
            5 => L4Proto::Raw,
            _ => L4Proto::Unknown,
        }
    }
}

/// Kind of a file descriptor, as stored in fd lists. The discriminants are the ids of the format.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum FdType {
    Unknown = 0,
    File = 1,
    Directory = 2,
    Ipv4Sock = 3,
    Ipv6Sock = 4,
    Ipv4ServSock = 5,
    Ipv6ServSock = 6,
    Fifo = 7,
    UnixSock = 8,
    Event = 9,
    Unsupported = 10,
    SignalFd = 11,
    EventPoll = 12,
    Inotify = 13,
    TimerFd = 14,
    Netlink = 15,
    FileV2 = 16,
    Bpf = 17,
    UserFaultFd = 18,
    IoUring = 19,
    MemFd = 20,
    PidFd = 21,
}

impl FdType {
    const ALL: [FdType; 22] = {
        use FdType::*;
        [
            Unknown,
            File,
            Directory,
            Ipv4Sock,
            Ipv6Sock,
            Ipv4ServSock,
            Ipv6ServSock,
            Fifo,
            UnixSock,
            Event,
            Unsupported,
            SignalFd,
            EventPoll,
            Inotify,
            TimerFd,
            Netlink,
            FileV2,
            Bpf,
            UserFaultFd,
            IoUring,
            MemFd,
            PidFd,
        ]
    };

    /// The kind with this id.
    pub fn from_number(number: u8) -> Option<FdType> {
        FdType::ALL.get(usize::from(number)).copied()
    }

    /// Whether entries of this kind hold nothing but a name.
    pub fn is_named(self) -> bool {
        use FdType::*;
        !matches!(self, Unknown | Ipv4Sock | Ipv6Sock | Ipv4ServSock | Ipv6ServSock | UnixSock | FileV2)
    }
}

/// One open file descriptor when the capture began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FdEntry {
    /// Number of the descriptor.
    pub fd: i64,
    /// Inode.
    pub ino: u64,
    /// What it refers to.
    pub body: FdBody,
}

/// What a file descriptor refers to. Ports are in host order.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FdBody {
    Unknown,
    Ipv4 {
        sip: Ipv4Addr,
        dip: Ipv4Addr,
        sport: u16,
        dport: u16,
        l4proto: L4Proto,
    },
    Ipv6 {
        sip: Ipv6Addr,
        dip: Ipv6Addr,
        sport: u16,
        dport: u16,
        l4proto: L4Proto,
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
        name: Vec<u8>,
    },
    /// A regular file with its `PPM_O_*` flags and device.
    File {
        flags: u32,
        name: Vec<u8>,
        dev: u32,
    },
    /// Everything else that has only a name.
    Named {
        ty: FdType,
        name: Vec<u8>,
    },
}

/// A network interface's address. Addresses decide which end of a connection is local.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interface {
    Ipv4 { name: Vec<u8>, addr: Ipv4Addr, netmask: Ipv4Addr, broadcast: Ipv4Addr, link_speed: u64 },
    Ipv6 { name: Vec<u8>, addr: Ipv6Addr, netmask: Ipv6Addr, broadcast: Ipv6Addr, link_speed: u64 },
}

/// A user of the recorded machine.
#[allow(missing_docs)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserEntry {
    pub uid: u32,
    pub gid: u32,
    pub name: Vec<u8>,
    pub home: Vec<u8>,
    pub shell: Vec<u8>,
}

/// A group of the recorded machine.
#[allow(missing_docs)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupEntry {
    pub gid: u32,
    pub name: Vec<u8>,
}
