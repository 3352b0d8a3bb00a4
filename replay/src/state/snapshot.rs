//! The state as lists that a capture can begin with: the inverse of [`super::seed`].
//!
//! A capture that begins in the middle of another needs them. What the format's lists cannot say is lost, as it
//! is for a recorder that looks at the machine: when threads were cloned and executed their program, which end of
//! a connection they are once nobody listens any more, the process of a pidfd, the device of a directory.

use std::collections::BTreeSet;

use capture::savefile::{FdBody, FdEntry, FdType, ProcessEntry, StartState};

use super::State;
use super::connect::swap_v4;
use super::fd::{FdInfo, FdKind, Role};
use super::thread::{ThreadInfo, flag};
use super::threads::ThreadTable;

/// Bits that belong to the tables and not to the thread.
const OWN_FLAGS: u32 = flag::CLONE_INVERTED | flag::NAME_CHANGED | flag::CLOSED | flag::ACTIVE;

impl State {
    /// What a capture that begins now has to say before its first event. Stand-ins for threads that are not
    /// known are left out, and so are threads that have exited, but for main threads that others still need.
    pub fn snapshot(&mut self) -> StartState {
        if self.is_seeding {
            self.finish_seeding();
        }
        let mut threads: Vec<&ThreadInfo> = self.threads.iter().filter(|t| self.is_listed(t)).collect();
        // Readers attach threads to the process they know.
        threads.sort_by_key(|thread| (thread.pid, !thread.is_main(), thread.tid));
        let owners: Vec<_> =
            threads.iter().filter(|thread| thread.owns_fds() && !thread.fds.is_empty()).collect();
        let fds = owners.iter().flat_map(|thread| thread.fds.iter());
        let server_ports: BTreeSet<u16> = fds.filter_map(|(_, info)| server_port(info)).collect();
        StartState {
            machine: self.machine.clone(),
            interfaces: self.interfaces.rows().to_vec(),
            users: self.accounts.list_users(),
            groups: self.accounts.list_groups(),
            processes: threads.iter().map(|thread| process(&self.threads, thread)).collect(),
            fds: owners
                .iter()
                .map(|thread| {
                    let listed =
                        thread.fds.iter().filter_map(|(fd, info)| descriptor(fd, info, &server_ports));
                    (thread.tid, listed.collect())
                })
                .collect(),
        }
    }

    fn is_listed(&self, thread: &ThreadInfo) -> bool {
        !thread.is_placeholder() && (!thread.is_dead() || self.threads.thread_count_of(thread) > 0)
    }
}

fn process(threads: &ThreadTable, thread: &ThreadInfo) -> ProcessEntry {
    let cwd = threads.cwd_of(thread);
    let cwd = if cwd.len() > 1 { cwd.strip_suffix(b"/").unwrap_or(cwd) } else { cwd };
    ProcessEntry {
        tid: thread.tid,
        pid: thread.pid,
        ptid: thread.ptid,
        sid: thread.sid,
        vpgid: thread.vpgid,
        pgid: thread.pgid,
        vtid: thread.vtid,
        vpid: thread.vpid,
        comm: thread.comm.to_vec(),
        exe: thread.exe.to_vec(),
        exepath: thread.exepath.to_vec(),
        args: thread.args.to_vec(),
        env: thread.env.to_vec(),
        cgroups: thread.cgroups.to_vec(),
        cwd: cwd.to_vec(),
        root: thread.root.to_vec(),
        fdlimit: thread.fdlimit,
        flags: thread.flags & !OWN_FLAGS,
        uid: thread.uid,
        gid: thread.gid,
        loginuid: thread.loginuid,
        vmsize_kb: thread.vmsize_kb,
        vmrss_kb: thread.vmrss_kb,
        vmswap_kb: thread.vmswap_kb,
        pfmajor: thread.pfmajor,
        pfminor: thread.pfminor,
        pidns_init_start_ts_ns: thread.pidns_init_start_ts_ns,
        tty: thread.tty,
        exe_writable: thread.exe_writable,
        exe_upper_layer: thread.exe_upper_layer,
        exe_lower_layer: thread.exe_lower_layer,
        exe_from_memfd: thread.exe_from_memfd,
        cap_inheritable: thread.cap_inheritable,
        cap_permitted: thread.cap_permitted,
        cap_effective: thread.cap_effective,
        exe_ino: thread.exe_ino,
        exe_ino_ctime_ns: thread.exe_ino_ctime_ns,
        exe_ino_mtime_ns: thread.exe_ino_mtime_ns,
    }
}

fn server_port(info: &FdInfo) -> Option<u16> {
    match info.kind {
        FdKind::Ipv4Server { port, .. } | FdKind::Ipv6Server { port, .. } => Some(port),
        _ => None,
    }
}

/// `None` for what lists have no kind for.
fn descriptor(fd: i64, info: &FdInfo, server_ports: &BTreeSet<u16>) -> Option<FdEntry> {
    let body = match info.kind {
        FdKind::File => FdBody::File { flags: info.open_flags, name: info.name.to_vec(), dev: info.dev },
        // In lists the first end is the process's own, and readers swap the ends if somebody listens there. If
        // nobody does any more the ends are left as readers should have them.
        FdKind::Ipv4Socket(tuple) => {
            let is_swapped_back = info.role == Role::Server && server_ports.contains(&tuple.dport);
            let own = if is_swapped_back { swap_v4(tuple) } else { tuple };
            let (sip, dip, sport, dport) = (own.sip, own.dip, own.sport, own.dport);
            FdBody::Ipv4 { sip, dip, sport, dport, l4proto: own.l4proto }
        }
        FdKind::Ipv6Socket(tuple) => {
            let (sip, dip, sport, dport) = (tuple.sip, tuple.dip, tuple.sport, tuple.dport);
            FdBody::Ipv6 { sip, dip, sport, dport, l4proto: tuple.l4proto }
        }
        FdKind::Ipv4Server { ip, port, l4proto } => FdBody::Ipv4Server { ip, port, l4proto },
        FdKind::Ipv6Server { ip, port, l4proto } => FdBody::Ipv6Server { ip, port, l4proto },
        FdKind::Unix { source, destination } => {
            FdBody::Unix { source, destination, name: info.name.to_vec() }
        }
        _ => FdBody::Named { ty: listed_type(&info.kind)?, name: info.name.to_vec() },
    };
    Some(FdEntry { fd, ino: info.ino, body })
}

fn listed_type(kind: &FdKind) -> Option<FdType> {
    Some(match kind {
        FdKind::Directory => FdType::Directory,
        FdKind::Pipe => FdType::Fifo,
        FdKind::Event => FdType::Event,
        FdKind::SignalFd => FdType::SignalFd,
        FdKind::EventPoll => FdType::EventPoll,
        FdKind::Inotify => FdType::Inotify,
        FdKind::TimerFd => FdType::TimerFd,
        FdKind::Netlink => FdType::Netlink,
        FdKind::Bpf => FdType::Bpf,
        FdKind::UserFaultFd => FdType::UserFaultFd,
        FdKind::IoUring => FdType::IoUring,
        FdKind::MemFd => FdType::MemFd,
        FdKind::PidFd { .. } => FdType::PidFd,
        FdKind::Unsupported => FdType::Unsupported,
        FdKind::File
        | FdKind::Ipv4Socket(_)
        | FdKind::Ipv6Socket(_)
        | FdKind::Ipv4Server { .. }
        | FdKind::Ipv6Server { .. }
        | FdKind::Unix { .. }
        | FdKind::Unknown
        | FdKind::Uninitialized => return None,
    })
}
