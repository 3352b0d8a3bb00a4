//! Threads: facts about one, and the table with the relations between them.

use hashbrown::HashMap;

use super::fd::FdTable;
use crate::text::Text;

/// Facts about one thread; a process is the thread with `tid == pid`.
#[derive(Clone, Debug)]
pub struct ThreadInfo {
    pub tid: i64,
    pub pid: i64,
    /// Parent's process id, or -1.
    pub ptid: i64,
    /// Session, or -1.
    pub sid: i64,
    pub pgid: i64,
    pub vpgid: i64,
    pub vtid: i64,
    pub vpid: i64,
    /// Task name (`proc.name`).
    pub comm: Text,
    /// `argv[0]` (`proc.exe`).
    pub exe: Text,
    /// Path of the executable (`proc.exepath`).
    pub exepath: Text,
    /// Arguments after the first.
    pub args: Text,
    /// Environment, each variable ended by NUL.
    pub env: Text,
    /// `subsystem=path` entries, each ended by NUL.
    pub cgroups: Text,
    /// Working directory with a trailing `/`.
    pub cwd: Text,
    pub root: Text,
    /// `PPM_CL_*`.
    pub flags: u32,
    pub fdlimit: i64,
    pub uid: u32,
    pub gid: u32,
    /// `u32::MAX` when unset.
    pub loginuid: u32,
    pub tty: u32,
    pub vmsize_kb: u32,
    pub vmrss_kb: u32,
    pub vmswap_kb: u32,
    pub pfmajor: u64,
    pub pfminor: u64,
    pub cap_inheritable: u64,
    pub cap_permitted: u64,
    pub cap_effective: u64,
    pub exe_writable: bool,
    pub exe_upper_layer: bool,
    pub exe_lower_layer: bool,
    pub exe_from_memfd: bool,
    pub exe_ino: u64,
    pub exe_ino_ctime_ns: u64,
    pub exe_ino_mtime_ns: u64,
    pub pidns_init_start_ts_ns: u64,
    /// When the thread was cloned, nanoseconds since the epoch; 0 when not known.
    pub clone_ts_ns: u64,
    /// When it last executed a program; 0 when not known.
    pub lastexec_ts_ns: u64,
    /// Short container id; empty on the host.
    pub container_id: Text,
    /// The thread has exited and waits for its removal.
    pub dead: bool,
    /// Descriptors; threads share the table of their process, whose main thread owns it.
    pub fds: FdTable,
}

/// All threads by id.
#[derive(Debug, Default)]
pub struct ThreadTable {
    threads: HashMap<i64, ThreadInfo, foldhash::fast::FixedState>,
}

impl ThreadTable {
    /// The thread, if known. Lookups never create one.
    pub fn get(&self, tid: i64) -> Option<&ThreadInfo> {
        self.threads.get(&tid)
    }

    /// The main thread of the process a thread belongs to.
    pub fn main_of(&self, thread: &ThreadInfo) -> Option<&ThreadInfo> {
        self.get(thread.pid)
    }

    /// The main thread of the parent process.
    pub fn parent_of(&self, thread: &ThreadInfo) -> Option<&ThreadInfo> {
        let parent = self.get(thread.ptid)?;
        self.main_of(parent)
    }
}
