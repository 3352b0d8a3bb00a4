//! Threads and open files from iterators over the kernel's lists (capture/bpf/seed.h).
//!
//! What the kernel programs cannot tell exactly comes from /proc: resident memory, the names of control groups (once for
//! each set of them), and arguments or an environment that could not be read there or that the process has moved.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, ErrorKind, Read};

use super::{Tasks, fds, processes, sockets};
use crate::record::options::RecordOptions;
use crate::savefile::{FdBody, FdEntry, FdType, L4Proto, ProcessEntry};

/// Files that run the iterators when they are read.
pub(in crate::record) struct Iterators {
    pub threads: File,
    pub files: File,
}

/// `SEED_CWD_DELETED`
const CWD_DELETED: u32 = 1;
/// `EXECVE_FLAGS_*`: writable, upper layer, memfd, lower layer.
const EXE_FLAGS: [u32; 4] = [1, 2, 4, 8];
/// `SEED_ARGS`
const ARGS_MAX: u64 = 8192;
const AF_UNIX: u16 = 1;
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const AF_NETLINK: u16 = 16;
const SOCK_RAW: u16 = 3;
const TCP_CLOSE: u16 = 7;

/// Threads, leaders first, and descriptors.
pub(super) fn read(iterators: Iterators, options: &RecordOptions, boot_epoch_ns: u64) -> io::Result<Tasks> {
    let threads = read_all(iterators.threads)?;
    let files = read_all(iterators.files)?;
    let mut by_process: BTreeMap<i64, (Option<ProcessEntry>, Vec<Thread>)> = BTreeMap::new();
    let mut groups = HashMap::new();
    for record in records(&threads) {
        let thread = record.and_then(|mut words| Thread::parse(&mut words)).ok_or(ErrorKind::InvalidData)?;
        let process = by_process.entry(i64::from(thread.pid)).or_default();
        if thread.tid == thread.pid {
            let entry = thread.leader(options, boot_epoch_ns, &mut groups);
            process.0 = Some(entry.ok_or(ErrorKind::InvalidData)?);
        }
        process.1.push(thread);
    }
    let mut fds_of: HashMap<i64, Vec<FdEntry>> = HashMap::new();
    for record in records(&files) {
        let (pid, fd) = record.and_then(|mut words| file(&mut words)).ok_or(ErrorKind::InvalidData)?;
        let fds = fds_of.entry(pid).or_default();
        if fds.len() < fds::FDS_MAX {
            fds.extend(fd);
        }
    }
    let mut found: BTreeMap<i64, (Vec<ProcessEntry>, Vec<FdEntry>)> = BTreeMap::new();
    for (pid, (leader, threads)) in by_process {
        let Some(mut leader) = leader else { continue };
        // As /proc counts them: for the process.
        leader.pfminor += threads.iter().map(|thread| thread.faults.0).sum::<u64>();
        leader.pfmajor += threads.iter().map(|thread| thread.faults.1).sum::<u64>();
        let others = threads.iter().filter(|thread| thread.tid != thread.pid);
        let mut entries: Vec<ProcessEntry> = others.map(|thread| thread.beside(&leader)).collect();
        entries.insert(0, leader);
        found.insert(pid, (entries, fds_of.remove(&pid).unwrap_or_default()));
    }
    add_hidden(&mut found, options, boot_epoch_ns);
    let (mut entries, mut fds) = (Vec::new(), Vec::new());
    for (pid, (threads, descriptors)) in found {
        entries.extend(threads);
        fds.push((pid, descriptors));
    }
    Ok((entries, fds))
}

/// Some kernels hide processes from iterators, as sandboxes do with their first one, that /proc shows.
fn add_hidden(
    found: &mut BTreeMap<i64, (Vec<ProcessEntry>, Vec<FdEntry>)>,
    options: &RecordOptions,
    boot_epoch_ns: u64,
) {
    let mut sockets = sockets::Tables::default();
    let wanted = processes::Wanted { env: !options.no_env, args: !options.no_args };
    for pid in processes::all() {
        if found.contains_key(&i64::from(pid)) {
            continue;
        }
        let mut entries = Vec::new();
        processes::read(pid, &wanted, boot_epoch_ns, &mut entries);
        if !entries.is_empty() {
            found.insert(i64::from(pid), (entries, fds::read(pid, &mut sockets)));
        }
    }
}

/// Like `read_to_end`; an iterator that has looked at very many things in vain wants to be asked again.
fn read_all(mut file: File) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        match file.read_to_end(&mut all) {
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            result => return result.map(|_| all),
        }
    }
}

/// The records, each behind its length. `None` for what is cut.
fn records(mut bytes: &[u8]) -> impl Iterator<Item = Option<Words<'_>>> {
    std::iter::from_fn(move || {
        let len = bytes.first_chunk::<4>().map(|len| u32::from_ne_bytes(*len) as usize);
        if bytes.is_empty() {
            return None;
        }
        let split = len.filter(|&len| len >= 4).and_then(|len| bytes.split_at_checked(len));
        bytes = split.map_or(&[], |(_, rest)| rest);
        Some(split.map(|(record, _)| Words(&record[4..])))
    })
}

/// A record's members, one after the other, in the machine's byte order.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.0.split_off(..N)?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_ne_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_ne_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_ne_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_ne_bytes)
    }

    fn bytes(&mut self, len: u32) -> Option<&'a [u8]> {
        self.0.split_off(..len as usize)
    }
}

/// `struct thread_record`, as far as it is every thread's.
struct Thread<'a> {
    tid: u32,
    pid: u32,
    /// Minor and major page faults of this thread.
    faults: (u64, u64),
    /// With what is the thread's own.
    entry: ProcessEntry,
    /// Of a leader: what follows.
    rest: &'a [u8],
}

impl<'a> Thread<'a> {
    fn parse(words: &mut Words<'a>) -> Option<Thread<'a>> {
        let (tid, pid, ppid) = (words.u32()?, words.u32()?, words.u32()?);
        let mut entry = ProcessEntry {
            tid: i64::from(tid),
            pid: i64::from(pid),
            ptid: i64::from(ppid),
            cap_inheritable: words.u64()?,
            cap_permitted: words.u64()?,
            cap_effective: words.u64()?,
            ..ProcessEntry::default()
        };
        let faults = (words.u64()?, words.u64()?);
        entry.vtid = words.i64()?;
        entry.vpid = words.i64()?;
        entry.vpgid = words.i64()?;
        entry.uid = words.u32()?;
        entry.gid = words.u32()?;
        entry.comm = before_nul(&words.array::<16>()?).to_vec();
        Some(Thread { tid, pid, faults, entry, rest: words.0 })
    }

    /// The entry of a leader.
    fn leader(
        &self,
        options: &RecordOptions,
        boot_epoch_ns: u64,
        groups: &mut HashMap<u64, Vec<u8>>,
    ) -> Option<ProcessEntry> {
        let mut words = Words(self.rest);
        let mut entry = self.entry.clone();
        entry.pfminor = words.u64()?;
        entry.pfmajor = words.u64()?;
        entry.pgid = words.i64()?;
        entry.sid = words.i64()?;
        entry.fdlimit = i64::try_from(words.u64()?).unwrap_or(i64::MAX);
        entry.cgroups =
            groups.entry(words.u64()?).or_insert_with(|| processes::control_groups_of(self.pid)).clone();
        entry.pidns_init_start_ts_ns = boot_epoch_ns + words.u64()?;
        entry.exe_ino = words.u64()?;
        entry.exe_ino_ctime_ns = words.u64()?;
        entry.exe_ino_mtime_ns = words.u64()?;
        let (args_area, env_area) = (words.u64()?, words.u64()?);
        entry.loginuid = words.u32()?;
        entry.tty = words.u32()?;
        entry.vmsize_kb = words.u32()?;
        entry.vmswap_kb = words.u32()?;
        entry.vmrss_kb = processes::resident_kb(self.pid).unwrap_or(0);
        let (exe_flags, flags) = (words.u32()?, words.u32()?);
        let [args, env, exe, cwd, root] =
            [words.u32()?, words.u32()?, words.u32()?, words.u32()?, words.u32()?];
        words.u32()?;
        let (args, env) = (words.bytes(args)?, words.bytes(env)?);

        // A process that gives itself another title may go on behind its arguments. /proc knows how to read that.
        let is_moved = args_area > 0 && (args.is_empty() || (args_area <= ARGS_MAX && !args.ends_with(&[0])));
        let with_args = !options.no_args;
        if is_moved {
            processes::set_command_line(&mut entry, &processes::command_line(self.pid), with_args);
        } else {
            processes::set_command_line(&mut entry, args, with_args);
        }
        if env_area > 0 && !options.no_env {
            entry.env =
                if env.is_empty() { processes::environment(self.pid) } else { processes::strings(env) };
        }
        [entry.exe_writable, entry.exe_upper_layer, entry.exe_from_memfd, entry.exe_lower_layer] =
            EXE_FLAGS.map(|flag| exe_flags & flag != 0);
        let exe = before_nul(words.bytes(exe)?);
        // As /proc names it.
        let slash: &[u8] = if entry.exe_from_memfd { b"/" } else { b"" };
        entry.exepath = [slash, exe].concat();
        entry.cwd = before_nul(words.bytes(cwd)?).to_vec();
        if flags & CWD_DELETED != 0 {
            entry.cwd.extend_from_slice(b" (deleted)");
        }
        entry.root = before_nul(words.bytes(root)?).to_vec();
        Some(entry)
    }

    /// The entry of a thread that is not the leader.
    fn beside(&self, leader: &ProcessEntry) -> ProcessEntry {
        let own = self.entry.clone();
        ProcessEntry {
            tid: own.tid,
            ptid: own.ptid,
            vtid: own.vtid,
            vpid: own.vpid,
            vpgid: own.vpgid,
            comm: own.comm,
            uid: own.uid,
            gid: own.gid,
            cap_inheritable: own.cap_inheritable,
            cap_permitted: own.cap_permitted,
            cap_effective: own.cap_effective,
            flags: processes::THREAD_FLAGS,
            ..leader.clone()
        }
    }
}

fn before_nul(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// `struct file_record`: its process and, unless it is of a kind without a place in the format, the descriptor.
fn file(words: &mut Words<'_>) -> Option<(i64, Option<FdEntry>)> {
    let (pid, fd, dev, ino) = (words.u32()?, words.u32()?, words.u32()?, words.u64()?);
    let (mode, flags) = (words.u32()?, words.u32()?);
    let socket = Socket::parse(words)?;
    let path = words.0;
    let body = if fds::is_socket(mode) {
        socket.body(path)
    } else {
        Some(fds::body(mode, dev, path.to_vec(), || fds::ppm_open_flags(flags)))
    };
    Some((i64::from(pid), body.map(|body| FdEntry { fd: i64::from(fd), ino, body })))
}

/// The part of `struct file_record` that is about sockets.
struct Socket {
    address: u64,
    family: u16,
    ty: u16,
    protocol: u16,
    state: u16,
    local_port: u16,
    remote_port: u16,
    local: [u8; 16],
    remote: [u8; 16],
}

impl Socket {
    fn parse(words: &mut Words<'_>) -> Option<Socket> {
        let address = words.u64()?;
        let [family, ty, protocol, state, local_port, remote_port, _path_len, _] = [
            words.u16()?,
            words.u16()?,
            words.u16()?,
            words.u16()?,
            words.u16()?,
            words.u16()?,
            words.u16()?,
            words.u16()?,
        ];
        let (local, remote) = (words.array()?, words.array()?);
        Some(Socket { address, family, ty, protocol, state, local_port, remote_port, local, remote })
    }

    fn l4proto(&self) -> Option<L4Proto> {
        match (self.ty, self.protocol) {
            (SOCK_RAW, _) => Some(L4Proto::Raw),
            (_, 6) => Some(L4Proto::Tcp),
            (_, 17) => Some(L4Proto::Udp),
            (_, 1 | 58) => Some(L4Proto::Icmp),
            _ => None,
        }
    }

    /// One that is neither bound nor connected is like one that was just made: it has no addresses.
    fn body(&self, name: &[u8]) -> Option<FdBody> {
        let is_new = self.local_port == 0 && (self.protocol != 6 || self.state == TCP_CLOSE);
        match self.family {
            AF_INET => {
                let l4proto = self.l4proto()?;
                let ip = |bytes: &[u8; 16]| [bytes[0], bytes[1], bytes[2], bytes[3]].into();
                let (sip, dip) = (ip(&self.local), ip(&self.remote));
                let (sport, dport) = (self.local_port, self.remote_port);
                if is_new {
                    return Some(FdBody::Ipv4 { sip, dip, sport, dport, l4proto });
                }
                Some(sockets::ipv4_body((sip, sport), (dip, dport), l4proto))
            }
            AF_INET6 => {
                let l4proto = self.l4proto()?;
                let (sip, dip) = (self.local.into(), self.remote.into());
                let (sport, dport) = (self.local_port, self.remote_port);
                if is_new {
                    return Some(FdBody::Ipv6 { sip, dip, sport, dport, l4proto });
                }
                Some(sockets::ipv6_body((sip, sport), (dip, dport), l4proto))
            }
            AF_UNIX => Some(FdBody::Unix { source: self.address, destination: 0, name: unix_name(name) }),
            AF_NETLINK => Some(FdBody::Named { ty: FdType::Netlink, name: Vec::new() }),
            _ => None,
        }
    }
}

/// As /proc/net/unix has it: an abstract name, which begins with a NUL, may hold more of them and is not ended by one.
fn unix_name(name: &[u8]) -> Vec<u8> {
    let mut name = match name.split_first() {
        Some((0, rest)) => rest.iter().map(|&byte| if byte == 0 { b'@' } else { byte }).collect(),
        _ => before_nul(name).to_vec(),
    };
    name.truncate(fds::NAME_MAX);
    name
}
