//! The event table: every event type of schema 4.5.1 with its names, category, flags and parameters.
//!
//! This is the one place that lists event types. The constants of [`EventType`], the parameter indices in
//! [`param`], the C header of the eBPF programs and the documentation come from it.
//!
//! Source: `driver/event_table.c` of falcosecurity/libs at 0.25+ (event ids are append-only since 2014).

use super::flags::*;
use super::types::{
    Category, Detail, DynamicTable, EventFlags, EventInfo, EventSource, EventType, ParamInfo, ParamType,
    PrintFormat,
};

/// Number of event types; ids run from 0 to one less.
pub const EVENT_COUNT: usize = EVENTS.len();

macro_rules! detail {
    () => {
        Detail::None
    };
    (flags $table:ident) => {
        Detail::Flags(&$table)
    };
    (dynamic $table:ident) => {
        Detail::Dynamic(DynamicTable::$table)
    };
    (dirfd $index:literal) => {
        Detail::DirFd($index)
    };
}

macro_rules! events {
    ($($id:literal $symbol:ident $name:literal $category:ident $source:ident [$($flag:ident)*]
       { $($param:ident : $ty:ident $format:ident $(($($detail:tt)*))?),* };)*) => {
        impl EventType {
            $(#[doc = concat!("`", $name, "`, id ", stringify!($id), ".")]
              pub const $symbol: EventType = EventType($id);)*
        }

        /// Parameter indices by event and name, such as `param::OPENAT_2_X::dirfd`.
        #[allow(non_snake_case, non_upper_case_globals, missing_docs)]
        pub mod param {
            $(pub mod $symbol {
                #[allow(dead_code, non_camel_case_types, clippy::upper_case_acronyms)]
                enum Index { $($param,)* }
                $(pub const $param: usize = Index::$param as usize;)*
            })*
        }

        /// The table, indexed by event id.
        pub static EVENTS: [EventInfo; [$($id),*].len()] = [
            $(EventInfo {
                id: EventType($id),
                symbol: stringify!($symbol),
                name: $name,
                category: Category::$category,
                source: EventSource::$source,
                flags: EventFlags(0 $(| EventFlags::$flag.0)*),
                params: &[$(ParamInfo {
                    name: super::types::without_raw_prefix(stringify!($param)),
                    ty: ParamType::$ty,
                    format: PrintFormat::$format,
                    detail: detail!($($($detail)*)?),
                },)*],
            },)*
        ];
    };
}

// id, symbol, name, category, source, [flags], { parameters }. The symbol is the upstream enum without its
// PPME_, PPME_SYSCALL_ or PPME_SOCKET_ prefix; even ids are enter-like, odd ids exit-like.
events! {
    0 GENERIC_E "syscall" Other Syscall [OLD_VERSION CONVERTER_MANAGED] { ID: SyscallId Dec, nativeID: Uint16 Dec };
    1 GENERIC_X "syscall" Other Syscall [CONVERTER_MANAGED] { ID: SyscallId Dec, nativeID: Uint16 Dec };
    2 OPEN_E "open" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { name: FsPath Na, flags: Flags32 Hex (flags FILE_FLAGS), mode: Uint32 Oct };
    3 OPEN_X "open" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { fd: Fd Dec, name: FsPath Na, flags: Flags32 Hex (flags FILE_FLAGS), mode: Uint32 Oct, dev: Uint32 Hex, ino: Uint64 Dec };
    4 CLOSE_E "close" IoOther Syscall [DESTROYS_FD USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec };
    5 CLOSE_X "close" IoOther Syscall [DESTROYS_FD USES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec };
    6 READ_E "read" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec };
    7 READ_X "read" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec };
    8 WRITE_E "write" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec };
    9 WRITE_X "write" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec };
    10 BRK_1_E "brk" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] { size: Uint32 Dec };
    11 BRK_1_X "brk" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] { res: Uint64 Hex };
    12 EXECVE_8_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] {};
    13 EXECVE_8_X "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec };
    14 CLONE_11_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    15 CLONE_11_X "clone" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec };
    16 PROCEXIT_E "procexit" Process Tracepoint [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] {};
    17 PROCEXIT_X "NA" Unknown None [UNUSED] {};
    18 SOCKET_E "socket" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { domain: EnumFlags32 Dec (flags SOCKET_FAMILIES), r#type: Uint32 Dec, proto: Uint32 Dec };
    19 SOCKET_X "socket" Net Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { fd: Fd Dec, domain: EnumFlags32 Dec (flags SOCKET_FAMILIES), r#type: Uint32 Dec, proto: Uint32 Dec, flags: Flags32 Hex (flags FILE_FLAGS) };
    20 BIND_E "bind" Net Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec };
    21 BIND_X "bind" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, addr: SockAddr Na, fd: Fd Dec };
    22 CONNECT_E "connect" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] { fd: Fd Dec, addr: SockAddr Na };
    23 CONNECT_X "connect" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, tuple: SockTuple Na, fd: Fd Dec, addr: SockAddr Na };
    24 LISTEN_E "listen" Net Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, backlog: Int32 Dec };
    25 LISTEN_X "listen" Net Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec, backlog: Int32 Dec };
    26 ACCEPT_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    27 ACCEPT_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, tuple: SockTuple Na, queuepct: Uint8 Dec };
    28 SEND_E "send" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec };
    29 SEND_X "send" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec, tuple: SockTuple Na };
    30 SENDTO_E "sendto" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec, tuple: SockTuple Na };
    31 SENDTO_X "sendto" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec, tuple: SockTuple Na };
    32 RECV_E "recv" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec };
    33 RECV_X "recv" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec, tuple: SockTuple Na };
    34 RECVFROM_E "recvfrom" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec };
    35 RECVFROM_X "recvfrom" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, tuple: SockTuple Na, fd: Fd Dec, size: Uint32 Dec };
    36 SHUTDOWN_E "shutdown" Net Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, how: EnumFlags8 Hex (flags SHUTDOWN_HOW) };
    37 SHUTDOWN_X "shutdown" Net Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec, how: EnumFlags8 Hex (flags SHUTDOWN_HOW) };
    38 GETSOCKNAME_E "getsockname" Net Syscall [OLD_VERSION] {};
    39 GETSOCKNAME_X "getsockname" Net Syscall [] {};
    40 GETPEERNAME_E "getpeername" Net Syscall [OLD_VERSION] {};
    41 GETPEERNAME_X "getpeername" Net Syscall [] {};
    42 SOCKETPAIR_E "socketpair" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { domain: EnumFlags32 Dec (flags SOCKET_FAMILIES), r#type: Uint32 Dec, proto: Uint32 Dec };
    43 SOCKETPAIR_X "socketpair" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, fd1: Fd Dec, fd2: Fd Dec, source: Uint64 Hex, peer: Uint64 Hex, domain: EnumFlags32 Dec (flags SOCKET_FAMILIES), r#type: Uint32 Dec, proto: Uint32 Dec };
    44 SETSOCKOPT_E "setsockopt" Net Syscall [OLD_VERSION] {};
    45 SETSOCKOPT_X "setsockopt" Net Syscall [USES_FD] { res: Errno Dec, fd: Fd Dec, level: EnumFlags8 Dec (flags SOCKOPT_LEVELS), optname: EnumFlags8 Dec (flags SOCKOPT_OPTIONS), val: Dyn Dec (dynamic Sockopt), optlen: Uint32 Dec };
    46 GETSOCKOPT_E "getsockopt" Net Syscall [MODIFIES_STATE OLD_VERSION] {};
    47 GETSOCKOPT_X "getsockopt" Net Syscall [USES_FD MODIFIES_STATE] { res: Errno Dec, fd: Fd Dec, level: EnumFlags8 Dec (flags SOCKOPT_LEVELS), optname: EnumFlags8 Dec (flags SOCKOPT_OPTIONS), val: Dyn Dec (dynamic Sockopt), optlen: Uint32 Dec };
    48 SENDMSG_E "sendmsg" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec, tuple: SockTuple Na };
    49 SENDMSG_X "sendmsg" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec, tuple: SockTuple Na };
    50 SENDMMSG_E "sendmmsg" IoWrite Syscall [OLD_VERSION] {};
    51 SENDMMSG_X "sendmmsg" IoWrite Syscall [USES_FD WRITES_TO_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec, size: Uint32 Dec, data: ByteBuf Na, tuple: SockTuple Na };
    52 RECVMSG_E "recvmsg" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec };
    53 RECVMSG_X "recvmsg" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, size: Uint32 Dec, data: ByteBuf Na, tuple: SockTuple Na, msgcontrol: ByteBuf Na, fd: Fd Dec };
    54 RECVMMSG_E "recvmmsg" IoRead Syscall [OLD_VERSION] {};
    55 RECVMMSG_X "recvmmsg" IoRead Syscall [USES_FD READS_FROM_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec, size: Uint32 Dec, data: ByteBuf Na, tuple: SockTuple Na, msgcontrol: ByteBuf Na };
    56 ACCEPT4_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { flags: Int32 Hex };
    57 ACCEPT4_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, tuple: SockTuple Na, queuepct: Uint8 Dec };
    58 CREAT_E "creat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { name: FsPath Na, mode: Uint32 Oct };
    59 CREAT_X "creat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { fd: Fd Dec, name: FsPath Na, mode: Uint32 Oct, dev: Uint32 Hex, ino: Uint64 Dec, creat_flags: Flags16 Hex (flags CREAT_FLAGS) };
    60 PIPE_E "pipe" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    61 PIPE_X "pipe" Ipc Syscall [CREATES_FD MODIFIES_STATE] { res: Errno Dec, fd1: Fd Dec, fd2: Fd Dec, ino: Uint64 Dec };
    62 EVENTFD_E "eventfd" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { initval: Uint64 Dec, flags: Uint32 Hex };
    63 EVENTFD_X "eventfd" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Fd Dec, initval: Uint64 Dec, flags: Uint32 Hex };
    64 FUTEX_E "futex" Ipc Syscall [OLD_VERSION CONVERTER_MANAGED] { addr: Uint64 Hex, op: Flags16 Hex (flags FUTEX_OPERATIONS), val: Uint64 Dec };
    65 FUTEX_X "futex" Ipc Syscall [CONVERTER_MANAGED] { res: Errno Dec, addr: Uint64 Hex, op: Flags16 Hex (flags FUTEX_OPERATIONS), val: Uint64 Dec };
    66 STAT_E "stat" File Syscall [OLD_VERSION] {};
    67 STAT_X "stat" File Syscall [] { res: Errno Dec, path: FsPath Na };
    68 LSTAT_E "lstat" File Syscall [OLD_VERSION] {};
    69 LSTAT_X "lstat" File Syscall [] { res: Errno Dec, path: FsPath Na };
    70 FSTAT_E "fstat" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Na };
    71 FSTAT_X "fstat" File Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Na };
    72 STAT64_E "stat64" File Syscall [OLD_VERSION] {};
    73 STAT64_X "stat64" File Syscall [] { res: Errno Dec, path: FsPath Na };
    74 LSTAT64_E "lstat64" File Syscall [OLD_VERSION] {};
    75 LSTAT64_X "lstat64" File Syscall [] { res: Errno Dec, path: FsPath Na };
    76 FSTAT64_E "fstat64" File Syscall [USES_FD OLD_VERSION] { fd: Fd Na };
    77 FSTAT64_X "fstat64" File Syscall [] { res: Errno Dec };
    78 EPOLLWAIT_E "epoll_wait" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] { maxevents: Errno Dec };
    79 EPOLLWAIT_X "epoll_wait" Wait Syscall [WAITS CONVERTER_MANAGED] { res: Errno Dec, maxevents: Errno Dec };
    80 POLL_E "poll" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] { fds: FdList Dec, timeout: Int64 Dec };
    81 POLL_X "poll" Wait Syscall [WAITS CONVERTER_MANAGED] { res: Errno Dec, fds: FdList Dec, timeout: Int64 Dec };
    82 SELECT_E "select" Wait Syscall [WAITS OLD_VERSION] {};
    83 SELECT_X "select" Wait Syscall [WAITS] { res: Errno Dec };
    84 NEWSELECT_E "select" Wait Syscall [WAITS OLD_VERSION] {};
    85 NEWSELECT_X "select" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    86 LSEEK_E "lseek" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, offset: Uint64 Dec, whence: EnumFlags8 Dec (flags LSEEK_WHENCE) };
    87 LSEEK_X "lseek" File Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec, offset: Uint64 Dec, whence: EnumFlags8 Dec (flags LSEEK_WHENCE) };
    88 LLSEEK_E "llseek" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, offset: Uint64 Dec, whence: EnumFlags8 Dec (flags LSEEK_WHENCE) };
    89 LLSEEK_X "llseek" File Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec, offset: Uint64 Dec, whence: EnumFlags8 Dec (flags LSEEK_WHENCE) };
    90 IOCTL_2_E "ioctl" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, request: Uint64 Hex };
    91 IOCTL_2_X "ioctl" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    92 GETCWD_E "getcwd" File Syscall [OLD_VERSION] {};
    93 GETCWD_X "getcwd" File Syscall [] { res: Errno Dec, path: CharBuf Na };
    94 CHDIR_E "chdir" File Syscall [MODIFIES_STATE OLD_VERSION] {};
    95 CHDIR_X "chdir" File Syscall [MODIFIES_STATE] { res: Errno Dec, path: CharBuf Na };
    96 FCHDIR_E "fchdir" File Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Na };
    97 FCHDIR_X "fchdir" File Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Na };
    98 MKDIR_E "mkdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] { path: FsPath Na, mode: Uint32 Hex };
    99 MKDIR_X "mkdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    100 RMDIR_E "rmdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] { path: FsPath Na };
    101 RMDIR_X "rmdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    102 OPENAT_E "openat" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { dirfd: Fd Dec, name: CharBuf Na, flags: Flags32 Hex (flags FILE_FLAGS), mode: Uint32 Oct };
    103 OPENAT_X "openat" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec };
    104 LINK_E "link" File Syscall [OLD_VERSION CONVERTER_MANAGED] { oldpath: FsPath Na, newpath: FsPath Na };
    105 LINK_X "link" File Syscall [OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    106 LINKAT_E "linkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] { olddir: Fd Dec, oldpath: CharBuf Na, newdir: Fd Dec, newpath: CharBuf Na };
    107 LINKAT_X "linkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    108 UNLINK_E "unlink" File Syscall [OLD_VERSION CONVERTER_MANAGED] { path: FsPath Na };
    109 UNLINK_X "unlink" File Syscall [OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    110 UNLINKAT_E "unlinkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] { dirfd: Fd Dec, name: CharBuf Na };
    111 UNLINKAT_X "unlinkat" File Syscall [OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec };
    112 PREAD_E "pread" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec, pos: Uint64 Dec };
    113 PREAD_X "pread" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec, pos: Uint64 Dec };
    114 PWRITE_E "pwrite" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec, pos: Uint64 Dec };
    115 PWRITE_X "pwrite" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec, pos: Uint64 Dec };
    116 READV_E "readv" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec };
    117 READV_X "readv" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] { res: Errno Dec, size: Uint32 Dec, data: ByteBuf Na, fd: Fd Dec };
    118 WRITEV_E "writev" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec };
    119 WRITEV_X "writev" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec };
    120 PREADV_E "preadv" IoRead Syscall [USES_FD READS_FROM_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, pos: Uint64 Dec };
    121 PREADV_X "preadv" IoRead Syscall [USES_FD READS_FROM_FD CONVERTER_MANAGED] { res: Errno Dec, size: Uint32 Dec, data: ByteBuf Na, fd: Fd Dec, pos: Uint64 Dec };
    122 PWRITEV_E "pwritev" IoWrite Syscall [USES_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, size: Uint32 Dec, pos: Uint64 Dec };
    123 PWRITEV_X "pwritev" IoWrite Syscall [USES_FD WRITES_TO_FD CONVERTER_MANAGED] { res: Errno Dec, data: ByteBuf Na, fd: Fd Dec, size: Uint32 Dec, pos: Uint64 Dec };
    124 DUP_E "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec };
    125 DUP_X "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Fd Dec };
    126 SIGNALFD_E "signalfd" Signal Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, mask: Uint32 Hex, flags: Uint8 Hex };
    127 SIGNALFD_X "signalfd" Signal Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Fd Dec, fd: Fd Dec, mask: Uint32 Hex, flags: Uint8 Hex };
    128 KILL_E "kill" Signal Syscall [OLD_VERSION CONVERTER_MANAGED] { pid: Pid Dec, sig: SigType Dec };
    129 KILL_X "kill" Signal Syscall [CONVERTER_MANAGED] { res: Errno Dec, pid: Pid Dec, sig: SigType Dec };
    130 TKILL_E "tkill" Signal Syscall [OLD_VERSION CONVERTER_MANAGED] { tid: Pid Dec, sig: SigType Dec };
    131 TKILL_X "tkill" Signal Syscall [CONVERTER_MANAGED] { res: Errno Dec, tid: Pid Dec, sig: SigType Dec };
    132 TGKILL_E "tgkill" Signal Syscall [OLD_VERSION CONVERTER_MANAGED] { pid: Pid Dec, tid: Pid Dec, sig: SigType Dec };
    133 TGKILL_X "tgkill" Signal Syscall [CONVERTER_MANAGED] { res: Errno Dec, pid: Pid Dec, tid: Pid Dec, sig: SigType Dec };
    134 NANOSLEEP_E "nanosleep" Sleep Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] { interval: RelTime Dec };
    135 NANOSLEEP_X "nanosleep" Sleep Syscall [WAITS CONVERTER_MANAGED] { res: Errno Dec, interval: RelTime Dec };
    136 TIMERFD_CREATE_E "timerfd_create" Time Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { clockid: Uint8 Dec, flags: Uint8 Hex };
    137 TIMERFD_CREATE_X "timerfd_create" Time Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Fd Dec, clockid: Uint8 Dec, flags: Uint8 Hex };
    138 INOTIFY_INIT_E "inotify_init" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { flags: Uint8 Hex };
    139 INOTIFY_INIT_X "inotify_init" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Fd Dec, flags: Uint8 Hex };
    140 GETRLIMIT_E "getrlimit" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { resource: EnumFlags8 Dec (flags RLIMIT_RESOURCES) };
    141 GETRLIMIT_X "getrlimit" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, cur: Int64 Dec, max: Int64 Dec, resource: EnumFlags8 Dec (flags RLIMIT_RESOURCES) };
    142 SETRLIMIT_E "setrlimit" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { resource: EnumFlags8 Dec (flags RLIMIT_RESOURCES) };
    143 SETRLIMIT_X "setrlimit" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, cur: Int64 Dec, max: Int64 Dec, resource: EnumFlags8 Dec (flags RLIMIT_RESOURCES) };
    144 PRLIMIT_E "prlimit" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { pid: Pid Dec, resource: EnumFlags8 Dec (flags RLIMIT_RESOURCES) };
    145 PRLIMIT_X "prlimit" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, newcur: Int64 Dec, newmax: Int64 Dec, oldcur: Int64 Dec, oldmax: Int64 Dec, pid: Int64 Dec, resource: EnumFlags8 Dec (flags RLIMIT_RESOURCES) };
    146 SCHEDSWITCH_1_E "switch" Scheduler Tracepoint [SKIPPARSERESET OLD_VERSION CONVERTER_MANAGED] { next: Pid Dec };
    147 SCHEDSWITCH_1_X "NA" Unknown None [UNUSED] {};
    148 DROP_E "drop" Internal Meta [SKIPPARSERESET] { ratio: Uint32 Dec };
    149 DROP_X "drop" Internal Meta [SKIPPARSERESET] { ratio: Uint32 Dec };
    150 FCNTL_E "fcntl" IoOther Syscall [USES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, cmd: EnumFlags8 Dec (flags FCNTL_COMMANDS) };
    151 FCNTL_X "fcntl" IoOther Syscall [USES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Fd Dec, fd: Fd Dec, cmd: EnumFlags8 Dec (flags FCNTL_COMMANDS), arg: Uint64 Hex };
    152 SCHEDSWITCH_6_E "switch" Scheduler Tracepoint [] { next: Pid Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec };
    153 SCHEDSWITCH_6_X "NA" Unknown None [UNUSED] {};
    154 EXECVE_13_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] {};
    155 EXECVE_13_X "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec };
    156 CLONE_16_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    157 CLONE_16_X "clone" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec };
    158 BRK_4_E "brk" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] { addr: Uint64 Hex };
    159 BRK_4_X "brk" Memory Syscall [CONVERTER_MANAGED] { res: Uint64 Hex, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, addr: Uint64 Hex };
    160 MMAP_E "mmap" Memory Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { addr: Uint64 Hex, length: Uint64 Dec, prot: Flags32 Hex (flags PROT_FLAGS), flags: Flags32 Hex (flags MMAP_FLAGS), fd: Fd Dec, offset: Uint64 Dec };
    161 MMAP_X "mmap" Memory Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Hex, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, addr: Uint64 Hex, length: Uint64 Dec, prot: Flags32 Hex (flags PROT_FLAGS), flags: Flags32 Hex (flags MMAP_FLAGS), fd: Fd Dec, offset: Uint64 Dec };
    162 MMAP2_E "mmap2" Memory Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { addr: Uint64 Hex, length: Uint64 Dec, prot: Flags32 Hex (flags PROT_FLAGS), flags: Flags32 Hex (flags MMAP_FLAGS), fd: Fd Dec, pgoffset: Uint64 Dec };
    163 MMAP2_X "mmap2" Memory Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Hex, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, addr: Uint64 Hex, length: Uint64 Dec, prot: Flags32 Hex (flags PROT_FLAGS), flags: Flags32 Hex (flags MMAP_FLAGS), fd: Fd Dec, pgoffset: Uint64 Dec };
    164 MUNMAP_E "munmap" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] { addr: Uint64 Hex, length: Uint64 Dec };
    165 MUNMAP_X "munmap" Memory Syscall [CONVERTER_MANAGED] { res: Errno Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, addr: Uint64 Hex, length: Uint64 Dec };
    166 SPLICE_E "splice" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd_in: Fd Dec, fd_out: Fd Dec, size: Uint64 Dec, flags: Flags32 Hex (flags SPLICE_FLAGS) };
    167 SPLICE_X "splice" IoOther Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd_in: Fd Dec, fd_out: Fd Dec, size: Uint64 Dec, flags: Flags32 Hex (flags SPLICE_FLAGS) };
    168 PTRACE_E "ptrace" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { request: EnumFlags16 Dec (flags PTRACE_REQUESTS), pid: Pid Dec };
    169 PTRACE_X "ptrace" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, addr: Dyn Hex (dynamic Ptrace), data: Dyn Hex (dynamic Ptrace), request: EnumFlags16 Dec (flags PTRACE_REQUESTS), pid: Pid Dec };
    170 IOCTL_3_E "ioctl" IoOther Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, request: Uint64 Hex, argument: Uint64 Hex };
    171 IOCTL_3_X "ioctl" IoOther Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Dec, request: Uint64 Hex, argument: Uint64 Hex };
    172 EXECVE_14_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] {};
    173 EXECVE_14_X "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, env: ByteBuf Na };
    174 RENAME_E "rename" File Syscall [OLD_VERSION] {};
    175 RENAME_X "rename" File Syscall [] { res: Errno Dec, oldpath: FsPath Na, newpath: FsPath Na };
    176 RENAMEAT_E "renameat" File Syscall [OLD_VERSION] {};
    177 RENAMEAT_X "renameat" File Syscall [] { res: Errno Dec, olddirfd: Fd Dec, oldpath: FsRelPath Na (dirfd 1), newdirfd: Fd Dec, newpath: FsRelPath Na (dirfd 3) };
    178 SYMLINK_E "symlink" File Syscall [OLD_VERSION] {};
    179 SYMLINK_X "symlink" File Syscall [] { res: Errno Dec, target: CharBuf Na, linkpath: FsPath Na };
    180 SYMLINKAT_E "symlinkat" File Syscall [OLD_VERSION] {};
    181 SYMLINKAT_X "symlinkat" File Syscall [USES_FD] { res: Errno Dec, target: CharBuf Na, linkdirfd: Fd Dec, linkpath: FsRelPath Na (dirfd 2) };
    182 FORK_E "fork" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    183 FORK_X "fork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec };
    184 VFORK_E "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    185 VFORK_X "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec };
    186 PROCEXIT_1_E "procexit" Process Tracepoint [MODIFIES_STATE] { status: Errno Dec, ret: Errno Dec, sig: SigType Dec, core: Uint8 Dec, reaper_tid: Pid Dec };
    187 PROCEXIT_1_X "NA" Unknown None [UNUSED] {};
    188 SENDFILE_E "sendfile" IoWrite Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { out_fd: Fd Dec, in_fd: Fd Dec, offset: Uint64 Dec, size: Uint64 Dec };
    189 SENDFILE_X "sendfile" IoWrite Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, offset: Uint64 Dec, out_fd: Fd Dec, in_fd: Fd Dec, size: Uint64 Dec };
    190 QUOTACTL_E "quotactl" User Syscall [OLD_VERSION CONVERTER_MANAGED] { cmd: Flags16 Dec (flags QUOTACTL_CMDS), r#type: Flags8 Dec (flags QUOTACTL_TYPES), id: Uint32 Dec, quota_fmt: Flags8 Dec (flags QUOTACTL_QUOTA_FMTS) };
    191 QUOTACTL_X "quotactl" User Syscall [CONVERTER_MANAGED] { res: Errno Dec, special: CharBuf Na, quotafilepath: CharBuf Na, dqb_bhardlimit: Uint64 Dec, dqb_bsoftlimit: Uint64 Dec, dqb_curspace: Uint64 Dec, dqb_ihardlimit: Uint64 Dec, dqb_isoftlimit: Uint64 Dec, dqb_btime: RelTime Dec, dqb_itime: RelTime Dec, dqi_bgrace: RelTime Dec, dqi_igrace: RelTime Dec, dqi_flags: Flags8 Dec (flags QUOTACTL_DQI_FLAGS), quota_fmt_out: Flags8 Dec (flags QUOTACTL_QUOTA_FMTS), cmd: Flags16 Dec (flags QUOTACTL_CMDS), r#type: Flags8 Dec (flags QUOTACTL_TYPES), id: Uint32 Dec, quota_fmt: Flags8 Dec (flags QUOTACTL_QUOTA_FMTS) };
    192 SETRESUID_E "setresuid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { ruid: Uid Dec, euid: Uid Dec, suid: Uid Dec };
    193 SETRESUID_X "setresuid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, ruid: Uid Dec, euid: Uid Dec, suid: Uid Dec };
    194 SETRESGID_E "setresgid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { rgid: Gid Dec, egid: Gid Dec, sgid: Gid Dec };
    195 SETRESGID_X "setresgid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, rgid: Gid Dec, egid: Gid Dec, sgid: Gid Dec };
    196 SCAPEVENT_E "scapevent" Internal Meta [SKIPPARSERESET] { event_type: Uint32 Dec, event_data: Uint64 Dec };
    197 SCAPEVENT_X "NA" Unknown None [UNUSED] {};
    198 SETUID_E "setuid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { uid: Uid Dec };
    199 SETUID_X "setuid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, uid: Uid Dec };
    200 SETGID_E "setgid" User Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { gid: Gid Dec };
    201 SETGID_X "setgid" User Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, gid: Gid Dec };
    202 GETUID_E "getuid" User Syscall [OLD_VERSION] {};
    203 GETUID_X "getuid" User Syscall [] { uid: Uid Dec };
    204 GETEUID_E "geteuid" User Syscall [OLD_VERSION] {};
    205 GETEUID_X "geteuid" User Syscall [] { euid: Uid Dec };
    206 GETGID_E "getgid" User Syscall [OLD_VERSION] {};
    207 GETGID_X "getgid" User Syscall [] { gid: Gid Dec };
    208 GETEGID_E "getegid" User Syscall [OLD_VERSION] {};
    209 GETEGID_X "getegid" User Syscall [] { egid: Gid Dec };
    210 GETRESUID_E "getresuid" User Syscall [OLD_VERSION] {};
    211 GETRESUID_X "getresuid" User Syscall [] { res: Errno Dec, ruid: Uid Dec, euid: Uid Dec, suid: Uid Dec };
    212 GETRESGID_E "getresgid" User Syscall [OLD_VERSION] {};
    213 GETRESGID_X "getresgid" User Syscall [] { res: Errno Dec, rgid: Gid Dec, egid: Gid Dec, sgid: Gid Dec };
    214 EXECVE_15_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] {};
    215 EXECVE_15_X "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, env: ByteBuf Na };
    216 CLONE_17_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    217 CLONE_17_X "clone" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec };
    218 FORK_17_E "fork" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    219 FORK_17_X "fork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec };
    220 VFORK_17_E "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    221 VFORK_17_X "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec };
    222 CLONE_20_E "clone" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    223 CLONE_20_X "clone" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec, vtid: Pid Dec, vpid: Pid Dec, pidns_init_start_ts: Uint64 Dec };
    224 FORK_20_E "fork" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    225 FORK_20_X "fork" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec, vtid: Pid Dec, vpid: Pid Dec, pidns_init_start_ts: Uint64 Dec };
    226 VFORK_20_E "vfork" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    227 VFORK_20_X "vfork" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec, vtid: Pid Dec, vpid: Pid Dec, pidns_init_start_ts: Uint64 Dec };
    228 CONTAINER_E "container" Internal Meta [MODIFIES_STATE SKIPPARSERESET OLD_VERSION CONVERTER_MANAGED] { id: CharBuf Na, r#type: Uint32 Dec, name: CharBuf Na, image: CharBuf Na };
    229 CONTAINER_X "NA" Unknown None [UNUSED] {};
    230 EXECVE_16_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] {};
    231 EXECVE_16_X "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, env: ByteBuf Na };
    232 SIGNALDELIVER_E "signaldeliver" Signal Tracepoint [] { spid: Pid Dec, dpid: Pid Dec, sig: SigType Dec };
    233 SIGNALDELIVER_X "NA" Unknown None [UNUSED] {};
    234 PROCINFO_E "procinfo" Internal Meta [SKIPPARSERESET] { cpu_usr: Uint64 Dec, cpu_sys: Uint64 Dec };
    235 PROCINFO_X "NA" Unknown None [UNUSED] {};
    236 GETDENTS_E "getdents" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Na };
    237 GETDENTS_X "getdents" File Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Na };
    238 GETDENTS64_E "getdents64" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Na };
    239 GETDENTS64_X "getdents64" File Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Na };
    240 SETNS_E "setns" Process Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Na, nstype: Flags32 Hex (flags CLONE_FLAGS) };
    241 SETNS_X "setns" Process Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Na, nstype: Flags32 Hex (flags CLONE_FLAGS) };
    242 FLOCK_E "flock" File Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] { fd: Fd Na, operation: Flags32 Hex (flags FLOCK_FLAGS) };
    243 FLOCK_X "flock" File Syscall [USES_FD CONVERTER_MANAGED] { res: Errno Dec, fd: Fd Na, operation: Flags32 Hex (flags FLOCK_FLAGS) };
    244 CPU_HOTPLUG_E "cpu_hotplug" System Meta [MODIFIES_STATE SKIPPARSERESET] { cpu: Uint32 Dec, action: Uint32 Dec };
    245 CPU_HOTPLUG_X "NA" Unknown None [UNUSED] {};
    246 ACCEPT_5_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    247 ACCEPT_5_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE] { fd: Fd Dec, tuple: SockTuple Na, queuepct: Uint8 Dec, queuelen: Uint32 Dec, queuemax: Uint32 Dec };
    248 ACCEPT4_5_E "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { flags: Int32 Hex };
    249 ACCEPT4_5_X "accept" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, tuple: SockTuple Na, queuepct: Uint8 Dec, queuelen: Uint32 Dec, queuemax: Uint32 Dec };
    250 SEMOP_E "semop" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { semid: Int32 Dec };
    251 SEMOP_X "semop" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, nsops: Uint32 Dec, sem_num_0: Uint16 Dec, sem_op_0: Int16 Dec, sem_flg_0: Flags16 Hex (flags SEMOP_FLAGS), sem_num_1: Uint16 Dec, sem_op_1: Int16 Dec, sem_flg_1: Flags16 Hex (flags SEMOP_FLAGS), semid: Int32 Dec };
    252 SEMCTL_E "semctl" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { semid: Int32 Dec, semnum: Int32 Dec, cmd: Flags16 Hex (flags SEMCTL_COMMANDS), val: Int32 Dec };
    253 SEMCTL_X "semctl" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, semid: Int32 Dec, semnum: Int32 Dec, cmd: Flags16 Hex (flags SEMCTL_COMMANDS), val: Int32 Dec };
    254 PPOLL_E "ppoll" Wait Syscall [WAITS OLD_VERSION CONVERTER_MANAGED] { fds: FdList Dec, timeout: RelTime Dec, sigmask: SigSet Dec };
    255 PPOLL_X "ppoll" Wait Syscall [WAITS CONVERTER_MANAGED] { res: Errno Dec, fds: FdList Dec, timeout: RelTime Dec, sigmask: SigSet Dec };
    256 MOUNT_E "mount" File Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { flags: Flags32 Hex (flags MOUNT_FLAGS) };
    257 MOUNT_X "mount" File Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, dev: CharBuf Na, dir: FsPath Na, r#type: CharBuf Na, flags: Flags32 Hex (flags MOUNT_FLAGS) };
    258 UMOUNT_E "umount" File Syscall [MODIFIES_STATE OLD_VERSION] { flags: Flags32 Hex (flags UMOUNT_FLAGS) };
    259 UMOUNT_X "umount" File Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, name: FsPath Na };
    260 K8S_E "k8s" Internal Meta [MODIFIES_STATE SKIPPARSERESET OLD_VERSION] { json: CharBuf Na };
    261 K8S_X "NA" Unknown None [UNUSED] {};
    262 SEMGET_E "semget" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { key: Int32 Hex, nsems: Int32 Dec, semflg: Flags32 Hex (flags SEMGET_FLAGS) };
    263 SEMGET_X "semget" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, key: Int32 Hex, nsems: Int32 Dec, semflg: Flags32 Hex (flags SEMGET_FLAGS) };
    264 ACCESS_E "access" File Syscall [OLD_VERSION CONVERTER_MANAGED] { mode: Flags32 Hex (flags ACCESS_FLAGS) };
    265 ACCESS_X "access" File Syscall [CONVERTER_MANAGED] { res: Errno Dec, name: FsPath Na, mode: Flags32 Hex (flags ACCESS_FLAGS) };
    266 CHROOT_E "chroot" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    267 CHROOT_X "chroot" Process Syscall [MODIFIES_STATE] { res: Errno Dec, path: FsPath Na };
    268 TRACER_E "tracer" Other Meta [OLD_VERSION] { id: Int64 Dec, tags: CharBufArray Na, args: CharBufPairArray Na };
    269 TRACER_X "NA" Unknown None [UNUSED] { id: Int64 Dec, tags: CharBufArray Na, args: CharBufPairArray Na };
    270 MESOS_E "mesos" Internal Meta [MODIFIES_STATE SKIPPARSERESET OLD_VERSION] { json: CharBuf Na };
    271 MESOS_X "NA" Unknown None [UNUSED] {};
    272 CONTAINER_JSON_E "container" Process Meta [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { json: CharBuf Na };
    273 CONTAINER_JSON_X "NA" Unknown None [UNUSED] {};
    274 SETSID_E "setsid" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    275 SETSID_X "setsid" Process Syscall [MODIFIES_STATE] { res: Pid Dec };
    276 MKDIR_2_E "mkdir" File Syscall [OLD_VERSION CONVERTER_MANAGED] { mode: Uint32 Hex };
    277 MKDIR_2_X "mkdir" File Syscall [CONVERTER_MANAGED] { res: Errno Dec, path: FsPath Na, mode: Uint32 Hex };
    278 RMDIR_2_E "rmdir" File Syscall [OLD_VERSION] {};
    279 RMDIR_2_X "rmdir" File Syscall [] { res: Errno Dec, path: FsPath Na };
    280 NOTIFICATION_E "notification" Other Meta [SKIPPARSERESET] { id: CharBuf Dec, desc: CharBuf Na };
    281 NOTIFICATION_X "NA" Unknown None [UNUSED] {};
    282 EXECVE_17_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] {};
    283 EXECVE_17_X "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, env: ByteBuf Na, tty: Int32 Dec };
    284 UNSHARE_E "unshare" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { flags: Flags32 Hex (flags CLONE_FLAGS) };
    285 UNSHARE_X "unshare" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, flags: Flags32 Hex (flags CLONE_FLAGS) };
    286 INFRASTRUCTURE_EVENT_E "infra" Internal Meta [SKIPPARSERESET] { source: CharBuf Dec, name: CharBuf Na, description: CharBuf Na, scope: CharBuf Na };
    287 INFRASTRUCTURE_EVENT_X "NA" Unknown None [UNUSED] {};
    288 EXECVE_18_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { filename: FsPath Na };
    289 EXECVE_18_X "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, env: ByteBuf Na, tty: Int32 Dec };
    290 PAGE_FAULT_E "page_fault" Other Tracepoint [SKIPPARSERESET] { addr: Uint64 Hex, ip: Uint64 Hex, error: Flags32 Hex (flags PF_FLAGS) };
    291 PAGE_FAULT_X "NA" Unknown None [UNUSED] {};
    292 EXECVE_19_E "execve" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { filename: FsPath Na };
    293 EXECVE_19_X "execve" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, env: ByteBuf Na, tty: Uint32 Dec, vpgid: Pid Dec, loginuid: Uid Dec, flags: Flags32 Hex (flags EXECVE_FLAGS), cap_inheritable: Uint64 Hex, cap_permitted: Uint64 Hex, cap_effective: Uint64 Hex, exe_ino: Uint64 Dec, exe_ino_ctime: AbsTime Dec, exe_ino_mtime: AbsTime Dec, uid: Uid Dec, trusted_exepath: FsPath Na, pgid: Pid Na, gid: Gid Dec, filename: FsPath Na };
    294 SETPGID_E "setpgid" Process Syscall [OLD_VERSION CONVERTER_MANAGED] { pid: Pid Dec, pgid: Pid Dec };
    295 SETPGID_X "setpgid" Process Syscall [CONVERTER_MANAGED] { res: Errno Dec, pid: Pid Dec, pgid: Pid Dec };
    296 BPF_E "bpf" Other Syscall [CREATES_FD OLD_VERSION CONVERTER_MANAGED] { cmd: Int64 Dec };
    297 BPF_X "bpf" Other Syscall [CREATES_FD OLD_VERSION CONVERTER_MANAGED] { res_or_fd: Dyn Dec (dynamic Bpf) };
    298 SECCOMP_E "seccomp" Other Syscall [OLD_VERSION CONVERTER_MANAGED] { op: Uint64 Dec, flags: Uint64 Hex };
    299 SECCOMP_X "seccomp" Other Syscall [CONVERTER_MANAGED] { res: Errno Dec, op: Uint64 Dec, flags: Uint64 Hex };
    300 UNLINK_2_E "unlink" File Syscall [OLD_VERSION] {};
    301 UNLINK_2_X "unlink" File Syscall [] { res: Errno Dec, path: FsPath Na };
    302 UNLINKAT_2_E "unlinkat" File Syscall [OLD_VERSION] {};
    303 UNLINKAT_2_X "unlinkat" File Syscall [USES_FD] { res: Errno Dec, dirfd: Fd Dec, name: FsRelPath Na (dirfd 1), flags: Flags32 Hex (flags UNLINKAT_FLAGS) };
    304 MKDIRAT_E "mkdirat" File Syscall [OLD_VERSION] {};
    305 MKDIRAT_X "mkdirat" File Syscall [USES_FD] { res: Errno Dec, dirfd: Fd Dec, path: FsRelPath Na (dirfd 1), mode: Uint32 Hex };
    306 OPENAT_2_E "openat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { dirfd: Fd Dec, name: FsRelPath Na (dirfd 0), flags: Flags32 Hex (flags FILE_FLAGS), mode: Uint32 Oct };
    307 OPENAT_2_X "openat" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { fd: Fd Dec, dirfd: Fd Dec, name: FsRelPath Na (dirfd 1), flags: Flags32 Hex (flags FILE_FLAGS), mode: Uint32 Oct, dev: Uint32 Hex, ino: Uint64 Dec };
    308 LINK_2_E "link" File Syscall [OLD_VERSION] {};
    309 LINK_2_X "link" File Syscall [] { res: Errno Dec, oldpath: FsPath Na, newpath: FsPath Na };
    310 LINKAT_2_E "linkat" File Syscall [OLD_VERSION] {};
    311 LINKAT_2_X "linkat" File Syscall [] { res: Errno Dec, olddir: Fd Dec, oldpath: FsRelPath Na (dirfd 1), newdir: Fd Dec, newpath: FsRelPath Na (dirfd 3), flags: Flags32 Hex (flags LINKAT_FLAGS) };
    312 FCHMODAT_E "fchmodat" File Syscall [OLD_VERSION] {};
    313 FCHMODAT_X "fchmodat" File Syscall [USES_FD] { res: Errno Dec, dirfd: Fd Dec, filename: FsRelPath Na (dirfd 1), mode: Mode Oct (flags CHMOD_MODE) };
    314 CHMOD_E "chmod" File Syscall [OLD_VERSION] {};
    315 CHMOD_X "chmod" File Syscall [] { res: Errno Dec, filename: FsPath Na, mode: Mode Oct (flags CHMOD_MODE) };
    316 FCHMOD_E "fchmod" File Syscall [OLD_VERSION] {};
    317 FCHMOD_X "fchmod" File Syscall [USES_FD] { res: Errno Dec, fd: Fd Dec, mode: Mode Oct (flags CHMOD_MODE) };
    318 RENAMEAT2_E "renameat2" File Syscall [OLD_VERSION] {};
    319 RENAMEAT2_X "renameat2" File Syscall [] { res: Errno Dec, olddirfd: Fd Dec, oldpath: FsRelPath Na (dirfd 1), newdirfd: Fd Dec, newpath: FsRelPath Na (dirfd 3), flags: Flags32 Hex (flags RENAMEAT2_FLAGS) };
    320 USERFAULTFD_E "userfaultfd" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    321 USERFAULTFD_X "userfaultfd" File Syscall [CREATES_FD MODIFIES_STATE] { res: Errno Dec, flags: Flags32 Hex (flags FILE_FLAGS) };
    322 PLUGINEVENT_E "pluginevent" Other Plugin [LARGE_PAYLOAD] { plugin_id: Uint32 Dec, event_data: ByteBuf Na };
    323 PLUGINEVENT_X "NA" Unknown None [UNUSED] {};
    324 CONTAINER_JSON_2_E "container" Process Meta [MODIFIES_STATE LARGE_PAYLOAD] { json: CharBuf Na };
    325 CONTAINER_JSON_2_X "NA" Unknown None [UNUSED] {};
    326 OPENAT2_E "openat2" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { dirfd: Fd Dec, name: FsRelPath Na (dirfd 0), flags: Flags32 Hex (flags FILE_FLAGS), mode: Uint32 Oct, resolve: Flags32 Hex (flags OPENAT2_FLAGS) };
    327 OPENAT2_X "openat2" File Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { fd: Fd Dec, dirfd: Fd Dec, name: FsRelPath Na (dirfd 1), flags: Flags32 Hex (flags FILE_FLAGS), mode: Uint32 Oct, resolve: Flags32 Hex (flags OPENAT2_FLAGS), dev: Uint32 Hex, ino: Uint64 Dec };
    328 MPROTECT_E "mprotect" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] { addr: Uint64 Hex, length: Uint64 Dec, prot: Flags32 Hex (flags PROT_FLAGS) };
    329 MPROTECT_X "mprotect" Memory Syscall [CONVERTER_MANAGED] { res: Errno Dec, addr: Uint64 Hex, length: Uint64 Dec, prot: Flags32 Hex (flags PROT_FLAGS) };
    330 EXECVEAT_E "execveat" Process Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { dirfd: Fd Dec, pathname: FsRelPath Na (dirfd 0), flags: Flags32 Hex (flags EXECVEAT_FLAGS) };
    331 EXECVEAT_X "execveat" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Uint64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, env: ByteBuf Na, tty: Uint32 Dec, vpgid: Pid Dec, loginuid: Uid Dec, flags: Flags32 Hex (flags EXECVE_FLAGS), cap_inheritable: Uint64 Hex, cap_permitted: Uint64 Hex, cap_effective: Uint64 Hex, exe_ino: Uint64 Dec, exe_ino_ctime: AbsTime Dec, exe_ino_mtime: AbsTime Dec, uid: Uid Dec, trusted_exepath: FsPath Na, pgid: Pid Na, gid: Gid Dec };
    332 COPY_FILE_RANGE_E "copy_file_range" File Syscall [USES_FD READS_FROM_FD WRITES_TO_FD OLD_VERSION CONVERTER_MANAGED] { fdin: Fd Dec, offin: Uint64 Dec, len: Uint64 Dec };
    333 COPY_FILE_RANGE_X "copy_file_range" File Syscall [USES_FD READS_FROM_FD WRITES_TO_FD CONVERTER_MANAGED] { res: Errno Dec, fdout: Fd Dec, offout: Uint64 Dec, fdin: Fd Dec, offin: Uint64 Dec, len: Uint64 Dec };
    334 CLONE3_E "clone3" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    335 CLONE3_X "clone3" Process Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Pid Dec, exe: CharBuf Na, args: ByteBuf Na, tid: Pid Dec, pid: Pid Dec, ptid: Pid Dec, cwd: CharBuf Na, fdlimit: Int64 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, comm: CharBuf Na, cgroups: ByteBuf Na, flags: Flags32 Hex (flags CLONE_FLAGS), uid: Uint32 Dec, gid: Uint32 Dec, vtid: Pid Dec, vpid: Pid Dec, pidns_init_start_ts: Uint64 Dec };
    336 OPEN_BY_HANDLE_AT_E "open_by_handle_at" File Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    337 OPEN_BY_HANDLE_AT_X "open_by_handle_at" File Syscall [CREATES_FD MODIFIES_STATE] { fd: Fd Dec, mountfd: Fd Dec, flags: Flags32 Hex (flags FILE_FLAGS), path: FsPath Na, dev: Uint32 Hex, ino: Uint64 Dec };
    338 IO_URING_SETUP_E "io_uring_setup" IoOther Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    339 IO_URING_SETUP_X "io_uring_setup" IoOther Syscall [CREATES_FD MODIFIES_STATE] { res: Errno Dec, entries: Uint32 Dec, sq_entries: Uint32 Dec, cq_entries: Uint32 Dec, flags: Flags32 Hex (flags IO_URING_SETUP_FLAGS), sq_thread_cpu: Uint32 Dec, sq_thread_idle: Uint32 Dec, features: Flags32 Hex (flags IO_URING_SETUP_FEATS) };
    340 IO_URING_ENTER_E "io_uring_enter" IoOther Syscall [OLD_VERSION] {};
    341 IO_URING_ENTER_X "io_uring_enter" IoOther Syscall [USES_FD] { res: Errno Dec, fd: Fd Dec, to_submit: Uint32 Dec, min_complete: Uint32 Dec, flags: Flags32 Hex (flags IO_URING_ENTER_FLAGS), sig: SigSet Dec };
    342 IO_URING_REGISTER_E "io_uring_register" IoOther Syscall [OLD_VERSION] {};
    343 IO_URING_REGISTER_X "io_uring_register" IoOther Syscall [USES_FD] { res: Errno Dec, fd: Fd Dec, opcode: EnumFlags16 Dec (flags IO_URING_REGISTER_OPCODES), arg: Uint64 Hex, nr_args: Uint32 Dec };
    344 MLOCK_E "mlock" Memory Syscall [OLD_VERSION] {};
    345 MLOCK_X "mlock" Memory Syscall [] { res: Errno Dec, addr: Uint64 Hex, len: Uint64 Dec };
    346 MUNLOCK_E "munlock" Memory Syscall [OLD_VERSION] {};
    347 MUNLOCK_X "munlock" Memory Syscall [] { res: Errno Dec, addr: Uint64 Hex, len: Uint64 Dec };
    348 MLOCKALL_E "mlockall" Memory Syscall [OLD_VERSION] {};
    349 MLOCKALL_X "mlockall" Memory Syscall [] { res: Errno Dec, flags: Flags32 Hex (flags MLOCKALL_FLAGS) };
    350 MUNLOCKALL_E "munlockall" Memory Syscall [OLD_VERSION] {};
    351 MUNLOCKALL_X "munlockall" Memory Syscall [] { res: Errno Dec };
    352 CAPSET_E "capset" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    353 CAPSET_X "capset" Process Syscall [MODIFIES_STATE] { res: Errno Dec, cap_inheritable: Uint64 Hex, cap_permitted: Uint64 Hex, cap_effective: Uint64 Hex };
    354 USER_ADDED_E "useradded" Process Meta [MODIFIES_STATE] { uid: Uint32 Dec, gid: Uint32 Dec, name: CharBuf Na, home: CharBuf Na, shell: CharBuf Na, container_id: CharBuf Na };
    355 USER_ADDED_X "NA" Unknown None [UNUSED] {};
    356 USER_DELETED_E "userdeleted" Process Meta [MODIFIES_STATE] { uid: Uint32 Dec, gid: Uint32 Dec, name: CharBuf Na, home: CharBuf Na, shell: CharBuf Na, container_id: CharBuf Na };
    357 USER_DELETED_X "NA" Unknown None [UNUSED] {};
    358 GROUP_ADDED_E "groupadded" Process Meta [MODIFIES_STATE] { gid: Uint32 Dec, name: CharBuf Na, container_id: CharBuf Na };
    359 GROUP_ADDED_X "NA" Unknown None [UNUSED] {};
    360 GROUP_DELETED_E "groupdeleted" Process Meta [MODIFIES_STATE] { gid: Uint32 Dec, name: CharBuf Na, container_id: CharBuf Na };
    361 GROUP_DELETED_X "NA" Unknown None [UNUSED] {};
    362 DUP2_E "dup2" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION] { fd: Fd Dec };
    363 DUP2_X "dup2" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE] { res: Fd Dec, oldfd: Fd Dec, newfd: Fd Dec };
    364 DUP3_E "dup3" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION] { fd: Fd Dec };
    365 DUP3_X "dup3" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE] { res: Fd Dec, oldfd: Fd Dec, newfd: Fd Dec, flags: Flags32 Hex (flags FILE_FLAGS) };
    366 DUP_1_E "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE OLD_VERSION] { fd: Fd Dec };
    367 DUP_1_X "dup" IoOther Syscall [CREATES_FD USES_FD MODIFIES_STATE] { res: Fd Dec, oldfd: Fd Dec };
    368 BPF_2_E "bpf" Other Syscall [CREATES_FD OLD_VERSION] { cmd: Int64 Dec };
    369 BPF_2_X "bpf" Other Syscall [CREATES_FD] { fd: Fd Dec, cmd: EnumFlags32 Dec (flags BPF_COMMANDS) };
    370 MLOCK2_E "mlock2" Memory Syscall [OLD_VERSION] {};
    371 MLOCK2_X "mlock2" Memory Syscall [] { res: Errno Dec, addr: Uint64 Hex, len: Uint64 Dec, flags: Flags32 Hex (flags MLOCK2_FLAGS) };
    372 FSCONFIG_E "fsconfig" System Syscall [OLD_VERSION] {};
    373 FSCONFIG_X "fsconfig" System Syscall [USES_FD] { res: Errno Dec, fd: Fd Dec, cmd: EnumFlags32 Dec (flags FSCONFIG_CMDS), key: CharBuf Na, value_bytebuf: ByteBuf Na, value_charbuf: CharBuf Na, aux: Int32 Dec };
    374 EPOLL_CREATE_E "epoll_create" Wait Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { size: Int32 Dec };
    375 EPOLL_CREATE_X "epoll_create" Wait Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, size: Int32 Dec };
    376 EPOLL_CREATE1_E "epoll_create1" Wait Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { flags: Flags32 Hex (flags EPOLL_CREATE1_FLAGS) };
    377 EPOLL_CREATE1_X "epoll_create1" Wait Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, flags: Flags32 Hex (flags EPOLL_CREATE1_FLAGS) };
    378 CHOWN_E "chown" File Syscall [OLD_VERSION] {};
    379 CHOWN_X "chown" File Syscall [] { res: Errno Dec, path: FsPath Na, uid: Uint32 Dec, gid: Uint32 Dec };
    380 LCHOWN_E "lchown" File Syscall [OLD_VERSION] {};
    381 LCHOWN_X "lchown" File Syscall [] { res: Errno Dec, path: FsPath Na, uid: Uint32 Dec, gid: Uint32 Dec };
    382 FCHOWN_E "fchown" File Syscall [OLD_VERSION] {};
    383 FCHOWN_X "fchown" File Syscall [USES_FD] { res: Errno Dec, fd: Fd Dec, uid: Uint32 Dec, gid: Uint32 Dec };
    384 FCHOWNAT_E "fchownat" File Syscall [OLD_VERSION] {};
    385 FCHOWNAT_X "fchownat" File Syscall [USES_FD] { res: Errno Dec, dirfd: Fd Dec, pathname: FsRelPath Na (dirfd 1), uid: Uint32 Dec, gid: Uint32 Dec, flags: Flags32 Hex (flags FCHOWNAT_FLAGS) };
    386 UMOUNT_1_E "umount" File Syscall [MODIFIES_STATE OLD_VERSION] {};
    387 UMOUNT_1_X "umount" File Syscall [MODIFIES_STATE] { res: Errno Dec, name: FsPath Na };
    388 ACCEPT4_6_E "accept4" Net Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { flags: Int32 Hex };
    389 ACCEPT4_6_X "accept4" Net Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { fd: Fd Dec, tuple: SockTuple Na, queuepct: Uint8 Dec, queuelen: Uint32 Dec, queuemax: Uint32 Dec, flags: Int32 Hex };
    390 UMOUNT2_E "umount2" File Syscall [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { flags: Flags32 Hex (flags UMOUNT_FLAGS) };
    391 UMOUNT2_X "umount2" File Syscall [MODIFIES_STATE CONVERTER_MANAGED] { res: Errno Dec, name: FsPath Na, flags: Flags32 Hex (flags UMOUNT_FLAGS) };
    392 PIPE2_E "pipe2" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    393 PIPE2_X "pipe2" Ipc Syscall [CREATES_FD MODIFIES_STATE] { res: Errno Dec, fd1: Fd Dec, fd2: Fd Dec, ino: Uint64 Dec, flags: Flags32 Hex (flags FILE_FLAGS) };
    394 INOTIFY_INIT1_E "inotify_init1" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    395 INOTIFY_INIT1_X "inotify_init1" Ipc Syscall [CREATES_FD MODIFIES_STATE] { res: Fd Dec, flags: Flags16 Hex (flags FILE_FLAGS) };
    396 EVENTFD2_E "eventfd2" Ipc Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { initval: Uint64 Dec };
    397 EVENTFD2_X "eventfd2" Ipc Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Fd Dec, flags: Flags16 Hex (flags FILE_FLAGS), initval: Uint64 Dec };
    398 SIGNALFD4_E "signalfd4" Signal Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] { fd: Fd Dec, mask: Uint32 Hex };
    399 SIGNALFD4_X "signalfd4" Signal Syscall [CREATES_FD MODIFIES_STATE CONVERTER_MANAGED] { res: Fd Dec, flags: Flags16 Hex (flags FILE_FLAGS), fd: Fd Dec, mask: Uint32 Hex };
    400 PRCTL_E "prctl" Process Syscall [MODIFIES_STATE OLD_VERSION] {};
    401 PRCTL_X "prctl" Process Syscall [MODIFIES_STATE] { res: Errno Dec, option: EnumFlags32 Dec (flags PRCTL_OPTIONS), arg2_str: CharBuf Na, arg2_int: Int64 Dec };
    402 ASYNCEVENT_E "asyncevent" Other Meta [LARGE_PAYLOAD] { plugin_id: Uint32 Dec, name: CharBuf Na, data: ByteBuf Na };
    403 ASYNCEVENT_X "NA" Unknown None [UNUSED] {};
    404 MEMFD_CREATE_E "memfd_create" Memory Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    405 MEMFD_CREATE_X "memfd_create" Memory Syscall [CREATES_FD MODIFIES_STATE] { fd: Fd Dec, name: CharBuf Na, flags: Flags32 Hex (flags MEMFD_CREATE_FLAGS) };
    406 PIDFD_GETFD_E "pidfd_getfd" Process Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    407 PIDFD_GETFD_X "pidfd_getfd" Process Syscall [CREATES_FD MODIFIES_STATE] { fd: Fd Dec, pid_fd: Fd Dec, target_fd: Fd Dec, flags: Uint32 Hex };
    408 PIDFD_OPEN_E "pidfd_open" Process Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] {};
    409 PIDFD_OPEN_X "pidfd_open" Process Syscall [CREATES_FD MODIFIES_STATE] { fd: Fd Dec, pid: Pid Dec, flags: Flags32 Hex (flags PIDFD_OPEN_FLAGS) };
    410 INIT_MODULE_E "init_module" Other Syscall [OLD_VERSION] {};
    411 INIT_MODULE_X "init_module" Other Syscall [] { res: Errno Dec, img: ByteBuf Na, length: Uint64 Dec, uargs: CharBuf Na };
    412 FINIT_MODULE_E "finit_module" Other Syscall [OLD_VERSION] {};
    413 FINIT_MODULE_X "finit_module" Other Syscall [USES_FD READS_FROM_FD] { res: Errno Dec, fd: Fd Dec, uargs: CharBuf Na, flags: Flags32 Hex (flags FINIT_MODULE_FLAGS) };
    414 MKNOD_E "mknod" Other Syscall [OLD_VERSION] {};
    415 MKNOD_X "mknod" Other Syscall [] { res: Errno Dec, path: FsPath Na, mode: Mode Oct (flags MKNOD_MODE), dev: Uint32 Dec };
    416 MKNODAT_E "mknodat" Other Syscall [OLD_VERSION] {};
    417 MKNODAT_X "mknodat" Other Syscall [USES_FD] { res: Errno Dec, dirfd: Fd Dec, path: FsRelPath Na (dirfd 1), mode: Mode Oct (flags MKNOD_MODE), dev: Uint32 Dec };
    418 NEWFSTATAT_E "newfstatat" File Syscall [OLD_VERSION] {};
    419 NEWFSTATAT_X "newfstatat" File Syscall [USES_FD] { res: Errno Dec, dirfd: Fd Dec, path: FsRelPath Na (dirfd 1), flags: Flags32 Hex (flags NEWFSTATAT_FLAGS) };
    420 PROCESS_VM_READV_E "process_vm_readv" Ipc Syscall [OLD_VERSION] {};
    421 PROCESS_VM_READV_X "process_vm_readv" Ipc Syscall [] { res: Int64 Dec, pid: Pid Dec, data: ByteBuf Na };
    422 PROCESS_VM_WRITEV_E "process_vm_writev" Ipc Syscall [OLD_VERSION] {};
    423 PROCESS_VM_WRITEV_X "process_vm_writev" Ipc Syscall [] { res: Int64 Dec, pid: Pid Dec, data: ByteBuf Na };
    424 DELETE_MODULE_E "delete_module" Other Syscall [OLD_VERSION] {};
    425 DELETE_MODULE_X "delete_module" Other Syscall [] { res: Errno Dec, name: CharBuf Na, flags: Flags32 Hex (flags DELETE_MODULE_FLAGS) };
    426 SETREUID_E "setreuid" User Syscall [MODIFIES_STATE OLD_VERSION] {};
    427 SETREUID_X "setreuid" User Syscall [MODIFIES_STATE] { res: Errno Dec, ruid: Uid Dec, euid: Uid Dec };
    428 SETREGID_E "setregid" User Syscall [OLD_VERSION] {};
    429 SETREGID_X "setregid" User Syscall [MODIFIES_STATE] { res: Errno Dec, rgid: Uid Dec, egid: Uid Dec };
    430 ITER_TASK_E "task" Process Iterator [MODIFIES_STATE] { ppid: Pid32 Dec, pgid: Pid32 Dec, vpgid: Pid32 Dec, sid: Pid32 Dec, comm: CharBuf Na, argv: CharBufArray Na, exepath: FsPath Na, flags: Flags32 Hex (flags EXECVE_FLAGS), env: CharBufArray Na, cwd: CharBuf Na, fdlimit: Uint64 Dec, euid: Uid Dec, egid: Gid Dec, cap_permitted: Uint64 Hex, cap_effective: Uint64 Hex, cap_inheritable: Uint64 Hex, exe_ino_num: Uint64 Dec, exe_ino_ctime: AbsTime Dec, exe_ino_mtime: AbsTime Dec, vm_size: Uint32 Dec, vm_rss: Uint32 Dec, vm_swap: Uint32 Dec, pgft_maj: Uint64 Dec, pgft_min: Uint64 Dec, vtgid: Pid32 Dec, vpid: Pid32 Dec, pidns_init_start_ts: Uint64 Dec, cgroups: CharBufArray Na, root: FsPath Na, start_time: AbsTime Dec, tty: Uint32 Dec, loginuid: Uid Dec };
    431 ITER_TASK_X "NA" Unknown None [UNUSED] {};
    432 ITER_TASK_FILE_PIPE_E "task_file_pipe" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, path: FsPath Na, ino_num: Uint64 Dec };
    433 ITER_TASK_FILE_PIPE_X "NA" Unknown None [UNUSED] {};
    434 ITER_TASK_FILE_MEMFD_E "task_file_memfd" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, path: FsPath Na, ino_num: Uint64 Dec };
    435 ITER_TASK_FILE_MEMFD_X "NA" Unknown None [UNUSED] {};
    436 ITER_TASK_FILE_REGULAR_E "task_file_regular" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, path: FsPath Na, flags: Flags32 Hex (flags FILE_FLAGS), mnt_id: Uint32 Dec, ino_num: Uint64 Dec };
    437 ITER_TASK_FILE_REGULAR_X "NA" Unknown None [UNUSED] {};
    438 ITER_TASK_FILE_DIRECTORY_E "task_file_directory" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, path: FsPath Na, ino_num: Uint64 Dec };
    439 ITER_TASK_FILE_DIRECTORY_X "NA" Unknown None [UNUSED] {};
    440 ITER_TASK_FILE_SOCKET_INET_E "task_file_socket_inet" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, sk_type: Uint16 Dec, sk_proto: Uint16 Dec, local_ip: Ipv4Addr Hex, local_port: Port Hex, remote_ip: Ipv4Addr Hex, remote_port: Port Hex, ino_num: Uint64 Dec };
    441 ITER_TASK_FILE_SOCKET_INET_X "NA" Unknown None [UNUSED] {};
    442 ITER_TASK_FILE_SOCKET_INET6_E "task_file_socket_inet6" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, sk_type: Uint16 Dec, sk_proto: Uint16 Dec, local_ip: Ipv6Addr Hex, local_port: Port Hex, remote_ip: Ipv6Addr Hex, remote_port: Port Hex, ino_num: Uint64 Dec };
    443 ITER_TASK_FILE_SOCKET_INET6_X "NA" Unknown None [UNUSED] {};
    444 ITER_TASK_FILE_SOCKET_UNIX_E "task_file_socket_unix" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, sk_type: Uint16 Dec, sk_proto: Uint16 Dec, sk_pointer: Uint64 Na, sun_path: FsPath Na, ino_num: Uint64 Dec };
    445 ITER_TASK_FILE_SOCKET_UNIX_X "NA" Unknown None [UNUSED] {};
    446 ITER_TASK_FILE_SOCKET_NETLINK_E "task_file_socket_netlink" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, sk_type: Uint16 Dec, sk_proto: Uint16 Dec, ino_num: Uint64 Dec };
    447 ITER_TASK_FILE_SOCKET_NETLINK_X "NA" Unknown None [UNUSED] {};
    448 ITER_TASK_FILE_ANON_INODE_E "task_file_anon_inode" File Iterator [MODIFIES_STATE] { fd: Fd32 Dec, fd_type: Flags8 Dec (flags ANON_INODE_FD_TYPES), path: FsPath Na, ino_num: Uint64 Dec };
    449 ITER_TASK_FILE_ANON_INODE_X "NA" Unknown None [UNUSED] {};
    450 CLOSE_RANGE_E "NA" Unknown None [UNUSED] {};
    451 CLOSE_RANGE_X "close_range" IoOther Syscall [MODIFIES_STATE] { res: Errno Dec, first: Uint32 Dec, last: Uint32 Dec, flags: Flags32 Hex (flags CLOSE_RANGE_FLAGS) };
    452 KEYCTL_E "NA" Unknown None [UNUSED] {};
    453 KEYCTL_X "keyctl" Other Syscall [] { res: Errno Dec, operation: EnumFlags32 Dec (flags KEYCTL_OPERATIONS), arg2: Dyn Dec (dynamic Keyctl), arg3: Dyn Dec (dynamic Keyctl), arg4: Dyn Dec (dynamic Keyctl), arg5: Dyn Dec (dynamic Keyctl) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_positions() {
        for (i, event) in EVENTS.iter().enumerate() {
            assert_eq!(usize::from(event.id.0), i, "{}", event.symbol);
            assert!(event.params.len() <= crate::event::MAX_PARAMS, "{}", event.symbol);
        }
        assert_eq!(EVENT_COUNT, 454);
    }

    #[test]
    fn indices_and_names_agree() {
        assert_eq!(EventType::OPENAT_2_X.info().params[param::OPENAT_2_X::dirfd].name, "dirfd");
        assert_eq!(EventType::SOCKET_X.info().params[param::SOCKET_X::r#type].name, "type");
    }
}
