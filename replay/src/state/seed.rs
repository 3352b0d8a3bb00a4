//! The state of the machine when a capture began.

use capture::savefile::{FdBody, FdEntry, FdType, L4Proto, ProcessEntry};

use super::State;
use super::address::{listed_name, mapped_v4};
use super::connect::swap_v4;
use super::fd::{FdInfo, FdKind, Ipv4Tuple, Ipv6Tuple, Role};
use super::process::directory;
use super::thread::{ThreadInfo, flag};
use crate::text::Text;

impl State {
    /// Takes over threads.
    pub fn seed_processes(&mut self, processes: Vec<ProcessEntry>) {
        self.is_seeding = true;
        for entry in processes {
            let cgroups = self.cgroups.share(&entry.cgroups).unwrap_or_default();
            self.threads.insert(ThreadInfo { cgroups, ..thread(entry) });
        }
    }

    /// Takes over the descriptors of a thread. Those of an unknown thread are skipped.
    pub fn seed_fds(&mut self, tid: i64, fds: Vec<FdEntry>) {
        self.is_seeding = true;
        let Some(index) = self.threads.index_of(tid) else { return };
        for entry in fds {
            let fd = entry.fd;
            if let Some(info) = descriptor(entry) {
                if let FdKind::Ipv4Server { port, .. } | FdKind::Ipv6Server { port, .. } = info.kind {
                    self.server_ports.insert(port);
                }
                self.threads.insert_listed_fd(index, fd, info);
            }
        }
    }

    /// Relates the threads to each other once all are known, and finds out which end listed connections are.
    pub(super) fn finish_seeding(&mut self) {
        self.is_seeding = false;
        let indices: Vec<_> = self.threads.indices().collect();
        for index in &indices {
            self.threads.relate(*index);
        }
        for index in indices {
            let Some(thread) = self.threads.info_mut(index) else { continue };
            let is_v4 = |fd: &FdInfo| matches!(fd.kind, FdKind::Ipv4Socket(_));
            for fd in thread.fds.numbers(|_, fd| is_v4(fd)) {
                if let Some(fd) = thread.fds.get_mut(fd) {
                    orient(fd, &self.server_ports);
                }
            }
            thread.container_id = self.cgroups.container_of(&thread.cgroups, &mut self.containers);
        }
        self.server_ports.clear();
    }
}

/// A listed connection starts at this machine. If its port is one that somebody here listens on, the machine
/// is the server and the ends are the other way round.
fn orient(fd: &mut FdInfo, server_ports: &std::collections::BTreeSet<u16>) {
    let FdKind::Ipv4Socket(tuple) = &mut fd.kind else { return };
    if server_ports.contains(&tuple.sport) {
        *tuple = swap_v4(*tuple);
        fd.name = listed_name(&fd.kind);
        fd.role = Role::Server;
    } else {
        fd.role = Role::Client;
    }
}

fn thread(entry: ProcessEntry) -> ThreadInfo {
    let mut thread = ThreadInfo::new(entry.tid);
    thread.pid = entry.pid;
    thread.ptid = entry.ptid;
    thread.sid = entry.sid;
    thread.vpgid = entry.vpgid;
    thread.pgid = entry.pgid;
    thread.vtid = entry.vtid;
    thread.vpid = entry.vpid;
    thread.comm = Text::new(&entry.comm);
    thread.exe = Text::new(&entry.exe);
    thread.set_exepath(&entry.exepath);
    thread.args = Text::new(&entry.args);
    // Everything listed is taken for alive and active.
    thread.flags |= entry.flags | flag::ACTIVE;
    if thread.is_main() {
        thread.env = Text::new(&entry.env);
        thread.cwd = directory(b"", &entry.cwd);
    }
    thread.root = Text::new(&entry.root);
    thread.fdlimit = entry.fdlimit;
    thread.uid = entry.uid;
    thread.gid = entry.gid;
    thread.loginuid = entry.loginuid;
    thread.vmsize_kb = entry.vmsize_kb;
    thread.vmrss_kb = entry.vmrss_kb;
    thread.vmswap_kb = entry.vmswap_kb;
    thread.pfmajor = entry.pfmajor;
    thread.pfminor = entry.pfminor;
    thread.pidns_init_start_ts_ns = entry.pidns_init_start_ts_ns;
    thread.tty = entry.tty;
    thread.exe_writable = entry.exe_writable;
    thread.exe_upper_layer = entry.exe_upper_layer;
    thread.exe_lower_layer = entry.exe_lower_layer;
    thread.exe_from_memfd = entry.exe_from_memfd;
    thread.cap_inheritable = entry.cap_inheritable;
    thread.cap_permitted = entry.cap_permitted;
    thread.cap_effective = entry.cap_effective;
    thread.exe_ino = entry.exe_ino;
    thread.exe_ino_ctime_ns = entry.exe_ino_ctime_ns;
    thread.exe_ino_mtime_ns = entry.exe_ino_mtime_ns;
    thread
}

/// A listed descriptor; `None` for kinds that upstream leaves out.
fn descriptor(entry: FdEntry) -> Option<FdInfo> {
    let mut info = match entry.body {
        FdBody::Unknown => return None,
        FdBody::Ipv4 { sip, dip, sport, dport, l4proto } => {
            socket(FdKind::Ipv4Socket(Ipv4Tuple { sip, dip, sport, dport, l4proto }), l4proto)
        }
        FdBody::Ipv6 { sip, dip, sport, dport, l4proto } => {
            let kind = match (mapped_v4(sip), mapped_v4(dip)) {
                (Some(sip), Some(dip)) => FdKind::Ipv4Socket(Ipv4Tuple { sip, dip, sport, dport, l4proto }),
                _ => FdKind::Ipv6Socket(Ipv6Tuple { sip, dip, sport, dport, l4proto }),
            };
            socket(kind, l4proto)
        }
        FdBody::Ipv4Server { ip, port, l4proto } => named(FdKind::Ipv4Server { ip, port, l4proto }, None),
        FdBody::Ipv6Server { ip, port, l4proto } => named(FdKind::Ipv6Server { ip, port, l4proto }, None),
        FdBody::Unix { source, destination, name } => FdInfo {
            role: if name.is_empty() { Role::Client } else { Role::Server },
            ..named(FdKind::Unix { source, destination }, Some(&name))
        },
        FdBody::File { flags, name, dev } => {
            FdInfo { open_flags: flags, dev, ..named(FdKind::File, Some(&name)) }
        }
        FdBody::Named { ty, name } => named(kind_of(ty)?, Some(&name)),
    };
    info.ino = entry.ino;
    Some(info)
}

fn socket(kind: FdKind, l4proto: L4Proto) -> FdInfo {
    FdInfo { connected: l4proto == L4Proto::Tcp, ..named(kind, None) }
}

fn named(kind: FdKind, name: Option<&[u8]>) -> FdInfo {
    let name = name.map_or_else(|| listed_name(&kind), Text::new);
    FdInfo { name, ..FdInfo::new(kind) }
}

fn kind_of(ty: FdType) -> Option<FdKind> {
    Some(match ty {
        FdType::File | FdType::FileV2 => FdKind::File,
        FdType::Directory => FdKind::Directory,
        FdType::Fifo => FdKind::Pipe,
        FdType::Event => FdKind::Event,
        FdType::Unsupported => FdKind::Unsupported,
        FdType::SignalFd => FdKind::SignalFd,
        FdType::EventPoll => FdKind::EventPoll,
        FdType::Inotify => FdKind::Inotify,
        FdType::TimerFd => FdKind::TimerFd,
        FdType::Netlink => FdKind::Netlink,
        FdType::Bpf => FdKind::Bpf,
        FdType::UserFaultFd => FdKind::UserFaultFd,
        FdType::IoUring => FdKind::IoUring,
        FdType::MemFd => FdKind::MemFd,
        // The list does not tell which process.
        FdType::PidFd => FdKind::PidFd { pid: 0 },
        FdType::Unknown
        | FdType::Ipv4Sock
        | FdType::Ipv6Sock
        | FdType::Ipv4ServSock
        | FdType::Ipv6ServSock
        | FdType::UnixSock => return None,
    })
}
