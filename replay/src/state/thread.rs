//! Facts about one thread. Relations between threads are in [`super::threads`].

use super::fd_table::FdTable;
use crate::text::Text;

/// `PPM_CL_*` bits that state uses.
pub(super) mod flag {
    pub const CLONE_FILES: u32 = 1 << 0;
    pub const CLONE_NEWPID: u32 = 1 << 6;
    pub const CLONE_PARENT: u32 = 1 << 8;
    pub const CLONE_THREAD: u32 = 1 << 13;
    /// The child's event came before the caller's.
    pub const CLONE_INVERTED: u32 = 1 << 16;
    pub const NAME_CHANGED: u32 = 1 << 17;
    pub const CLOSED: u32 = 1 << 18;
    pub const ACTIVE: u32 = 1 << 19;
    pub const CLONE_NEWUSER: u32 = 1 << 20;
    pub const PIPE_SRC: u32 = 1 << 21;
    pub const PIPE_DST: u32 = 1 << 22;
    pub const CLONE_VFORK: u32 = 1 << 27;
    pub const CHILD_IN_PIDNS: u32 = 1 << 29;
    pub const IS_MAIN_THREAD: u32 = 1 << 30;
}

/// Facts about one thread; a process is the thread with `tid == pid`.
// What every event looks at comes first and stays together: with many threads that is what the cache holds.
#[repr(C)]
#[derive(Clone, Debug)]
pub struct ThreadInfo {
    /// Thread id.
    pub tid: i64,
    /// `PPM_CL_*`.
    pub flags: u32,
    /// Effective user, `u32::MAX` when not known.
    pub uid: u32,
    /// The thread's own descriptors. Which table holds those of a thread is told by
    /// [`super::ThreadTable::fds_of`].
    pub(super) fds: FdTable,
    /// Process id, or -1.
    pub pid: i64,
    /// Parent's process id, 0 when it is not known, or -1.
    pub ptid: i64,
    /// Session, or -1.
    pub sid: i64,
    /// Process group, or -1.
    pub pgid: i64,
    /// Process group in the thread's pid namespace, or -1.
    pub vpgid: i64,
    /// Thread id in its pid namespace, or -1.
    pub vtid: i64,
    /// Process id in its pid namespace, or -1.
    pub vpid: i64,
    /// Task name (`proc.name`).
    pub comm: Text,
    /// `argv[0]` (`proc.exe`).
    pub exe: Text,
    /// Path of the executable (`proc.exepath`), without ` (deleted)`.
    pub exepath: Text,
    /// Arguments after the first, each ended by NUL.
    pub args: Text,
    /// Environment, each variable ended by NUL. Only a main thread has it, see
    /// [`super::ThreadTable::env_of`].
    pub env: Text,
    /// `subsystem=path` entries as recorded, each ended by NUL.
    pub cgroups: Text,
    /// Working directory with a trailing `/`. Only a main thread has it, see
    /// [`super::ThreadTable::cwd_of`].
    pub cwd: Text,
    /// Root directory.
    pub root: Text,
    /// Soft limit of open files, or -1.
    pub fdlimit: i64,
    /// Effective group, `u32::MAX` when not known.
    pub gid: u32,
    /// Login user, `u32::MAX` when unset.
    pub loginuid: u32,
    /// Terminal device, 0 for none.
    pub tty: u32,
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
    /// Inheritable capabilities.
    pub cap_inheritable: u64,
    /// Permitted capabilities.
    pub cap_permitted: u64,
    /// Effective capabilities.
    pub cap_effective: u64,
    /// The user may write to the executable.
    pub exe_writable: bool,
    /// The executable lies in an overlay's upper layer.
    pub exe_upper_layer: bool,
    /// The executable lies in an overlay's lower layer.
    pub exe_lower_layer: bool,
    /// The executable is a memfd.
    pub exe_from_memfd: bool,
    /// Inode of the executable.
    pub exe_ino: u64,
    /// Its change time, nanoseconds since the epoch.
    pub exe_ino_ctime_ns: u64,
    /// Its modification time, nanoseconds since the epoch.
    pub exe_ino_mtime_ns: u64,
    /// Time from the executable's change to the thread's clone, taken when the program was executed; wraps
    /// around when the clone was earlier.
    pub exe_ino_ctime_duration_clone_ns: u64,
    /// Time from the start of the pid namespace to the executable's change, taken when the program was
    /// executed; 0 when the change was earlier.
    pub exe_ino_ctime_duration_pidns_start_ns: u64,
    /// Start of the pid namespace's first process, nanoseconds since the epoch; 0 when not known.
    pub pidns_init_start_ts_ns: u64,
    /// When the thread was cloned, nanoseconds since the epoch; 0 when not known.
    pub clone_ts_ns: u64,
    /// When it last executed a program; 0 when not known.
    pub lastexec_ts_ns: u64,
    /// Short container id; empty on the host.
    pub container_id: Text,
    /// Who inherits the children, from the exit event; -1 when not known.
    pub(super) reaper_tid: i64,
}

impl ThreadInfo {
    /// A thread of which only the id is known.
    pub fn new(tid: i64) -> Self {
        ThreadInfo {
            tid,
            pid: -1,
            ptid: -1,
            sid: -1,
            pgid: -1,
            vpgid: -1,
            vtid: -1,
            vpid: -1,
            comm: Text::EMPTY,
            exe: Text::EMPTY,
            exepath: Text::EMPTY,
            args: Text::EMPTY,
            env: Text::EMPTY,
            cgroups: Text::EMPTY,
            cwd: Text::EMPTY,
            root: Text::EMPTY,
            flags: flag::NAME_CHANGED,
            fdlimit: -1,
            uid: u32::MAX,
            gid: u32::MAX,
            loginuid: u32::MAX,
            tty: 0,
            vmsize_kb: 0,
            vmrss_kb: 0,
            vmswap_kb: 0,
            pfmajor: 0,
            pfminor: 0,
            cap_inheritable: 0,
            cap_permitted: 0,
            cap_effective: 0,
            exe_writable: false,
            exe_upper_layer: false,
            exe_lower_layer: false,
            exe_from_memfd: false,
            exe_ino: 0,
            exe_ino_ctime_ns: 0,
            exe_ino_mtime_ns: 0,
            exe_ino_ctime_duration_clone_ns: 0,
            exe_ino_ctime_duration_pidns_start_ns: 0,
            pidns_init_start_ts_ns: 0,
            clone_ts_ns: 0,
            lastexec_ts_ns: 0,
            container_id: Text::EMPTY,
            fds: FdTable::default(),
            reaper_tid: -1,
        }
    }

    /// A stand-in for a thread that made an event but was never seen before.
    pub(super) fn placeholder(tid: i64) -> Self {
        ThreadInfo { comm: "<NA>".into(), exe: "<NA>".into(), ..ThreadInfo::new(tid) }
    }

    /// Whether it is the main thread of its process.
    #[inline]
    pub fn is_main(&self) -> bool {
        self.tid == self.pid || self.flags & flag::IS_MAIN_THREAD != 0
    }

    /// Whether it is only a stand-in: the process and the parent are not known, and it has no relations.
    #[inline]
    pub fn is_placeholder(&self) -> bool {
        self.tid < 0 || self.pid < 0 || self.ptid < 0
    }

    /// Whether it has exited and waits for its removal.
    pub fn is_dead(&self) -> bool {
        self.flags & flag::CLOSED != 0
    }

    /// Whether it lives in a pid namespace other than the host's.
    pub fn is_in_pid_namespace(&self) -> bool {
        self.flags & flag::CHILD_IN_PIDNS != 0 || (self.tid != self.vtid && self.vtid >= 0)
    }

    /// Whether the thread's descriptors are in its own table.
    #[inline]
    pub(super) fn owns_fds(&self) -> bool {
        self.flags & flag::CLONE_FILES == 0
    }

    /// Sets the path of the executable, cutting the mark of a deleted file.
    pub(super) fn set_exepath(&mut self, path: &[u8]) {
        let mark = b" (deleted)";
        // Nothing but the mark is a name.
        let path = if path.len() > mark.len() { path.strip_suffix(mark).unwrap_or(path) } else { path };
        self.exepath = Text::new(path);
    }
}
