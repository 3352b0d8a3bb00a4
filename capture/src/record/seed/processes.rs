//! Processes and their threads, from /proc.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::StatVfsMountFlags;
use rustix::process::{Pid, Resource};

use super::{number, split_bytes};
use crate::savefile::ProcessEntry;

/// `PPM_CL_CLONE_FILES | PPM_CL_CLONE_THREAD`: what a thread shares with its process.
pub(super) const THREAD_FLAGS: u32 = 1 | 1 << 13;
/// Readers refuse longer arguments, environments and control groups.
const LONG_MAX: usize = 4096;
const CAP_DAC_OVERRIDE: u64 = 1 << 1;
const CAP_FOWNER: u64 = 1 << 3;

/// What may be recorded of a process.
pub(super) struct Wanted {
    pub env: bool,
    pub args: bool,
}

/// All processes of the machine, without the recorder.
pub(super) fn all() -> Vec<u32> {
    let own = std::process::id();
    ids(Path::new("/proc")).into_iter().filter(|&pid| pid != own).collect()
}

/// Processes below some roots, and those above.
pub(super) struct Tree {
    /// The roots and their descendants.
    pub members: Vec<u32>,
    /// Parents of the roots up to the first process.
    pub ancestors: Vec<u32>,
}

impl Tree {
    /// The tree as it is now.
    pub fn of(roots: &[u32]) -> Tree {
        let parents: HashMap<u32, u32> =
            ids(Path::new("/proc")).into_iter().filter_map(|pid| Some((pid, parent(pid)?))).collect();
        let mut members: Vec<u32> = roots.to_vec();
        let mut seen: HashSet<u32> = roots.iter().copied().collect();
        let mut at = 0;
        while let Some(&pid) = members.get(at) {
            let children = parents.iter().filter(|&(_, &parent)| parent == pid).map(|(&child, _)| child);
            members.extend(children.filter(|&child| seen.insert(child)));
            at += 1;
        }
        let mut ancestors = Vec::new();
        for root in roots {
            let mut pid = *root;
            while let Some(&parent) = parents.get(&pid) {
                if parent == 0 || !seen.insert(parent) {
                    break;
                }
                ancestors.push(parent);
                pid = parent;
            }
        }
        Tree { members, ancestors }
    }
}

fn ids(directory: &Path) -> Vec<u32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn parent(pid: u32) -> Option<u32> {
    Stat::read(Path::new(&format!("/proc/{pid}/stat"))).map(|stat| stat.ppid as u32)
}

/// Appends the process's threads, leader first. Nothing is appended for a kernel thread or a process that
/// has ended.
pub(super) fn read(pid: u32, wanted: &Wanted, boot_epoch_ns: u64, out: &mut Vec<ProcessEntry>) {
    let directory = PathBuf::from(format!("/proc/{pid}"));
    let Some(leader) = read_leader(&directory, pid, wanted, boot_epoch_ns) else {
        return;
    };
    for tid in ids(&directory.join("task")) {
        if i64::from(tid) != leader.pid {
            out.extend(read_thread(&directory.join(format!("task/{tid}")), &leader));
        }
    }
    let at = out.len();
    out.push(leader);
    // Leader first: readers attach threads to the process they know.
    let first = out.iter().rposition(|entry| entry.pid != i64::from(pid)).map_or(0, |last| last + 1);
    out[first..=at].rotate_right(1);
}

fn read_leader(directory: &Path, pid: u32, wanted: &Wanted, boot_epoch_ns: u64) -> Option<ProcessEntry> {
    let exe_link = fs::read_link(directory.join("exe"));
    let cmdline = fs::read(directory.join("cmdline")).ok()?;
    if cmdline.is_empty() && exe_link.is_err() {
        return None;
    }
    let mut entry = ProcessEntry::default();
    Status::read(&directory.join("status"))?.apply(&mut entry);
    Stat::read(&directory.join("stat"))?.apply(&mut entry);
    set_command_line(&mut entry, &cmdline, wanted.args);
    if wanted.env {
        entry.env = environment(pid);
    }
    entry.cwd = link(&directory.join("cwd"));
    entry.root = link(&directory.join("root"));
    entry.cgroups = control_groups_of(pid);
    entry.fdlimit = fd_limit(pid);
    entry.loginuid = fs::read_to_string(directory.join("loginuid"))
        .ok()
        .and_then(|text| number(&text))
        .unwrap_or(u32::MAX);
    // The first process's start, as the time its /proc directory got: the same source as Falco's.
    entry.pidns_init_start_ts_ns = fs::metadata(directory.join("root/proc/1/cmdline"))
        .map_or(boot_epoch_ns, |metadata| change_time(&metadata));
    if let Ok(target) = exe_link {
        let path = target.into_os_string().into_vec();
        entry.exe_from_memfd = path.starts_with(b"/memfd:");
        entry.exepath = path.strip_suffix(b" (deleted)").unwrap_or(&path).to_vec();
        let link = directory.join("exe");
        if let Ok(metadata) = fs::metadata(&link) {
            entry.exe_ino = metadata.ino();
            entry.exe_ino_ctime_ns = change_time(&metadata);
            entry.exe_ino_mtime_ns =
                u64::try_from(metadata.mtime() * 1_000_000_000 + metadata.mtime_nsec()).unwrap_or(0);
            entry.exe_writable = is_writable(&link, &metadata, &entry);
        }
    }
    Some(entry)
}

/// The memory of a process that holds its arguments, or what it has put there since.
pub(super) fn command_line(pid: u32) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}

/// The environment that a process was started with.
pub(super) fn environment(pid: u32) -> Vec<u8> {
    strings(&fs::read(format!("/proc/{pid}/environ")).unwrap_or_default())
}

/// The control groups of a process in the format's form.
pub(super) fn control_groups_of(pid: u32) -> Vec<u8> {
    control_groups(&fs::read(format!("/proc/{pid}/cgroup")).unwrap_or_default())
}

/// Resident memory. The kernel sums it up exactly here, which its programs cannot. Pages are taken to have 4 KiB, as there.
pub(super) fn resident_kb(pid: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    u32::try_from(pages * 4).ok()
}

/// The first argument, and the rest if that is wanted.
pub(super) fn set_command_line(entry: &mut ProcessEntry, memory: &[u8], with_args: bool) {
    let (exe, args) = split_bytes(memory, 0).unwrap_or((memory, &[]));
    entry.exe = exe.to_vec();
    if with_args {
        entry.args = strings(args);
    }
}

/// A thread that is not the leader: what it shares comes from there.
fn read_thread(directory: &Path, leader: &ProcessEntry) -> Option<ProcessEntry> {
    let mut entry = leader.clone();
    Status::read(&directory.join("status"))?.apply(&mut entry);
    entry.flags = THREAD_FLAGS;
    Some(entry)
}

/// As the eBPF programs judge an exec: owner, mode bits and the two capabilities; no ACLs.
fn is_writable(path: &Path, metadata: &fs::Metadata, entry: &ProcessEntry) -> bool {
    let read_only = rustix::fs::statvfs(path).is_ok_and(|fs| fs.f_flag.contains(StatVfsMountFlags::RDONLY));
    let mode = metadata.mode();
    !read_only
        && (metadata.uid() == entry.uid
            || (metadata.gid() == entry.gid && mode & 0o020 != 0)
            || (metadata.gid() != entry.gid && mode & 0o002 != 0)
            || entry.cap_effective & (CAP_DAC_OVERRIDE | CAP_FOWNER) != 0)
}

fn change_time(metadata: &fs::Metadata) -> u64 {
    u64::try_from(metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec()).unwrap_or(0)
}

fn link(path: &Path) -> Vec<u8> {
    fs::read_link(path).map(|target| target.into_os_string().into_vec()).unwrap_or_default()
}

/// Strings that each end with NUL, cut to what readers accept.
pub(super) fn strings(bytes: &[u8]) -> Vec<u8> {
    let mut kept = bytes[..bytes.len().min(LONG_MAX)].to_vec();
    if kept.last().is_some_and(|&last| last != 0) {
        kept.truncate(LONG_MAX - 1);
        kept.push(0);
    }
    kept
}

/// `subsystem=path` per controller. In a unified hierarchy every controller has the one path.
fn control_groups(text: &[u8]) -> Vec<u8> {
    let mut groups = Vec::new();
    let mut add = |name: &[u8], path: &[u8]| {
        if groups.len() + name.len() + path.len() + 2 <= LONG_MAX {
            groups.extend_from_slice(name);
            groups.push(b'=');
            groups.extend_from_slice(path);
            groups.push(0);
        }
    };
    let lines = || text.split(|&byte| byte == b'\n').filter_map(|line| split_bytes(line, b':'));
    let is_mixed = lines().count() > 1;
    for (_, rest) in lines() {
        let Some((controllers, path)) = split_bytes(rest, b':') else {
            continue;
        };
        match controllers {
            b"" if is_mixed => {}
            b"" => [&b"cpuset"[..], b"cpu", b"io", b"memory"].iter().for_each(|name| add(name, path)),
            _ => controllers.split(|&byte| byte == b',').for_each(|name| add(name, path)),
        }
    }
    groups
}

/// Soft limit of open files.
fn fd_limit(pid: u32) -> i64 {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return 0;
    };
    let text = fs::read_to_string(format!("/proc/{}/limits", pid.as_raw_nonzero())).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"));
    match line.and_then(|line| line.split_ascii_whitespace().next()) {
        Some("unlimited") => i64::MAX,
        Some(limit) => limit.parse().unwrap_or(0),
        None => rustix::process::getrlimit(Resource::Nofile).current.map_or(i64::MAX, |limit| limit as i64),
    }
}

/// A name as the kernel has it: in `status` files line feeds and backslashes are escaped.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.iter().copied();
    let next = |bytes: &mut dyn Iterator<Item = u8>| match bytes.next()? {
        b'\\' => bytes.next().map(|byte| if byte == b'n' { b'\n' } else { byte }),
        byte => Some(byte),
    };
    std::iter::from_fn(|| next(&mut bytes)).collect()
}

/// What is taken from a `status` file.
#[derive(Default)]
struct Status {
    text: Vec<u8>,
}

impl Status {
    fn read(path: &Path) -> Option<Status> {
        Some(Status { text: fs::read(path).ok()? })
    }

    fn apply(&self, entry: &mut ProcessEntry) {
        for line in self.text.split(|&byte| byte == b'\n') {
            let Some((key, value)) = split_bytes(line, b':') else {
                continue;
            };
            if key == b"Name" {
                entry.comm = unescaped(value.strip_prefix(b"\t").unwrap_or(value));
                continue;
            }
            let Ok(value) = std::str::from_utf8(value) else {
                continue;
            };
            let nth = |n: usize| value.split_ascii_whitespace().nth(n);
            // Ids in the process's own namespace are last.
            let inner = || value.split_ascii_whitespace().last().and_then(|id| id.parse().ok()).unwrap_or(-1);
            let kb = || nth(0).and_then(|kb| kb.parse().ok()).unwrap_or(0);
            let bits = || nth(0).and_then(|bits| u64::from_str_radix(bits, 16).ok()).unwrap_or(0);
            match key {
                b"Pid" => entry.tid = number(value).unwrap_or(0),
                b"Tgid" => entry.pid = number(value).unwrap_or(0),
                b"PPid" => entry.ptid = number(value).unwrap_or(0),
                b"Uid" => entry.uid = nth(1).and_then(|id| id.parse().ok()).unwrap_or(u32::MAX),
                b"Gid" => entry.gid = nth(1).and_then(|id| id.parse().ok()).unwrap_or(u32::MAX),
                b"NSpid" => entry.vtid = inner(),
                b"NStgid" => entry.vpid = inner(),
                b"NSpgid" => entry.vpgid = inner(),
                b"VmSize" => entry.vmsize_kb = kb(),
                b"VmRSS" => entry.vmrss_kb = kb(),
                b"VmSwap" => entry.vmswap_kb = kb(),
                b"CapInh" => entry.cap_inheritable = bits(),
                b"CapPrm" => entry.cap_permitted = bits(),
                b"CapEff" => entry.cap_effective = bits(),
                _ => {}
            }
        }
    }
}

/// What is taken from a `stat` file.
struct Stat {
    ppid: i64,
    pgid: i64,
    sid: i64,
    tty: i64,
    minor_faults: u64,
    major_faults: u64,
}

impl Stat {
    fn read(path: &Path) -> Option<Stat> {
        Stat::parse(&fs::read(path).ok()?)
    }

    /// The name in parentheses may hold anything, so fields are counted from its last parenthesis.
    fn parse(text: &[u8]) -> Option<Stat> {
        let after = text.iter().rposition(|&byte| byte == b')')? + 1;
        let fields: Vec<&str> = std::str::from_utf8(&text[after..]).ok()?.split_ascii_whitespace().collect();
        let signed = |at: usize| fields.get(at).and_then(|field| field.parse::<i64>().ok());
        Some(Stat {
            ppid: signed(1)?,
            pgid: signed(2)?,
            sid: signed(3)?,
            tty: signed(4)?,
            minor_faults: signed(7)? as u64,
            major_faults: signed(9)? as u64,
        })
    }

    fn apply(&self, entry: &mut ProcessEntry) {
        entry.pgid = self.pgid;
        entry.sid = self.sid;
        entry.tty = self.tty as u32;
        entry.pfminor = self.minor_faults;
        entry.pfmajor = self.major_faults;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_parentheses() {
        let stat = Stat::parse(b"7 (a) b) R 1 2 3 34816 5 6 77 8 9 10").unwrap();
        assert_eq!((stat.ppid, stat.pgid, stat.sid, stat.tty), (1, 2, 3, 34816));
        assert_eq!((stat.minor_faults, stat.major_faults), (77, 9));
    }

    #[test]
    fn strings_are_cut_and_ended() {
        assert_eq!(strings(b""), b"");
        assert_eq!(strings(b"a\0b"), b"a\0b\0");
        let long = strings(&[b'x'; 5000]);
        assert_eq!((long.len(), long.last()), (LONG_MAX, Some(&0)));
    }

    #[test]
    fn control_groups_of_both_hierarchies() {
        assert_eq!(control_groups(b"3:cpu,cpuacct:/a\n0::/b\n"), b"cpu=/a\0cpuacct=/a\0");
        assert!(control_groups(b"0::/x.slice\n").starts_with(b"cpuset=/x.slice\0cpu=/x.slice\0"));
    }

    #[test]
    fn the_own_process_is_read() {
        let mut entries = Vec::new();
        read(std::process::id(), &Wanted { env: true, args: true }, 0, &mut entries);
        let leader = &entries[0];
        assert_eq!(leader.tid, i64::from(std::process::id()));
        assert!(leader.exepath.starts_with(b"/") && !leader.comm.is_empty() && leader.flags == 0);
        assert!(entries[1..].iter().all(|thread| thread.flags == THREAD_FLAGS && thread.pid == leader.pid));
    }
}
