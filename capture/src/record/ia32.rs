//! System calls of 32-bit x86 programs: their numbers mean other calls than those of 64-bit programs.

use crate::event::SyscallCode;
use crate::event::syscalls::{SYSCALLS, SyscallInfo};

/// From this number on calls have the same number in both tables.
const COMMON_FROM: u16 = 424;

/// Names by number (the kernel's arch/x86/entry/syscalls/syscall_32.tbl), `-` where there is none.
const NAMES: &str = "\
    restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod \
    chmod lchown break oldstat lseek getpid mount umount setuid getuid stime ptrace alarm oldfstat pause \
    utime stty gtty access nice ftime sync kill rename mkdir rmdir dup pipe times prof brk setgid getgid \
    signal geteuid getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit oldolduname umask chroot \
    ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend \
    sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups \
    select symlink oldlstat readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod \
    fchown getpriority setpriority profil statfs fstatfs ioperm socketcall syslog setitimer getitimer \
    stat lstat fstat olduname iopl vhangup idle vm86old wait4 swapoff sysinfo ipc fsync sigreturn clone \
    setdomainname uname modify_ldt adjtimex mprotect sigprocmask create_module init_module delete_module \
    get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid \
    _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall \
    munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield \
    sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid \
    getresuid vm86 query_module poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction \
    rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown \
    getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork ugetrlimit mmap2 truncate64 \
    ftruncate64 stat64 lstat64 fstat64 lchown32 getuid32 getgid32 geteuid32 getegid32 setreuid32 \
    setregid32 getgroups32 setgroups32 fchown32 setresuid32 getresuid32 setresgid32 getresgid32 chown32 \
    setuid32 setgid32 setfsuid32 setfsgid32 pivot_root mincore madvise getdents64 fcntl64 - - gettid \
    readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr \
    removexattr lremovexattr fremovexattr tkill sendfile64 futex sched_setaffinity sched_getaffinity \
    set_thread_area get_thread_area io_setup io_destroy io_getevents io_submit io_cancel fadvise64 - \
    exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages set_tid_address \
    timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime \
    clock_getres clock_nanosleep statfs64 fstatfs64 tgkill utimes fadvise64_64 vserver mbind \
    get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr \
    kexec_load waitid - add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch \
    inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat \
    linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list \
    get_robust_list splice sync_file_range tee vmsplice move_pages getcpu epoll_pwait utimensat signalfd \
    timerfd_create eventfd fallocate timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 \
    dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg fanotify_init \
    fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns \
    process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp \
    getrandom memfd_create bpf execveat socket socketpair bind connect listen accept4 getsockopt \
    setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg shutdown userfaultfd membarrier \
    mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx arch_prctl \
    io_pgetevents rseq - - - - - - semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl \
    clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 \
    timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 \
    ppoll_time64 - io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 \
    semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal \
    io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick \
    pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 \
    mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self \
    memfd_secret process_mrelease futex_waitv set_mempolicy_home_node";

/// Names of what is another call in the 64-bit table.
const ALIASES: &[(&str, &str)] = &[
    ("chown32", "chown"),
    ("fchown32", "fchown"),
    ("fcntl64", "fcntl"),
    ("fstat64", "fstat"),
    ("fstatat64", "newfstatat"),
    ("futex_time64", "futex"),
    ("getegid32", "getegid"),
    ("geteuid32", "geteuid"),
    ("getgid32", "getgid"),
    ("getgroups32", "getgroups"),
    ("getresgid32", "getresgid"),
    ("getresuid32", "getresuid"),
    ("getuid32", "getuid"),
    ("lchown32", "lchown"),
    ("lstat64", "lstat"),
    ("ppoll_time64", "ppoll"),
    ("recvmmsg_time64", "recvmmsg"),
    ("sendfile64", "sendfile"),
    ("setfsgid32", "setfsgid"),
    ("setfsuid32", "setfsuid"),
    ("setgid32", "setgid"),
    ("setgroups32", "setgroups"),
    ("setregid32", "setregid"),
    ("setresgid32", "setresgid"),
    ("setresuid32", "setresuid"),
    ("setreuid32", "setreuid"),
    ("setuid32", "setuid"),
    ("stat64", "stat"),
];

/// Calls that pass something in another form than those of 64-bit programs, such as pointers in memory or a number in two
/// registers. They become generic events.
const OTHER_FORM: &[&str] = &[
    "execve",
    "execveat",
    "getresgid",
    "getresuid",
    "getrlimit",
    "lseek",
    "mmap",
    "nanosleep",
    "ppoll",
    "pread64",
    "preadv",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "pwrite64",
    "pwritev",
    "quotactl",
    "readv",
    "recvmmsg",
    "recvmmsg_time64",
    "recvmsg",
    "select",
    "sendfile",
    "sendmmsg",
    "sendmsg",
    "setrlimit",
    "writev",
];

/// A call of the 32-bit table.
pub(super) struct CompatCall {
    pub number: u16,
    pub code: SyscallCode,
    /// The same call in the 64-bit table.
    pub call: Option<&'static SyscallInfo>,
    /// Whether it passes its arguments as that one does.
    pub same_form: bool,
}

/// All of them.
pub(super) fn calls() -> impl Iterator<Item = CompatCall> {
    let find = |name: &str| SYSCALLS.iter().find(|call| call.name == name);
    let named = (0..).zip(NAMES.split_ascii_whitespace()).take_while(|(number, _)| *number < COMMON_FROM);
    let named = named.filter(|(_, name)| *name != "-").map(move |(number, name)| {
        let alias = ALIASES.iter().find(|(own, _)| *own == name).map_or(name, |(_, other)| *other);
        let row = find(alias);
        CompatCall {
            number,
            code: row.map_or(SyscallCode(0), |call| call.code),
            call: row.filter(|call| call.x86_64.is_some()),
            same_form: !OTHER_FORM.contains(&name),
        }
    });
    let common = SYSCALLS.iter().filter_map(|call| {
        let number = call.x86_64.filter(|number| *number >= COMMON_FROM)?;
        Some(CompatCall { number, code: call.code, call: Some(call), same_form: true })
    });
    named.chain(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_find_their_calls() {
        let find = |number| calls().find(|call| call.number == number);
        let name = |number| find(number).and_then(|call| call.call).map(|call| call.name);
        let expected =
            [(1, "exit"), (5, "open"), (64, "getppid"), (199, "getuid"), (295, "openat"), (373, "shutdown")];
        for (number, expected) in expected.into_iter().chain([(425, "io_uring_setup"), (437, "openat2")]) {
            assert_eq!(name(number), Some(expected), "{number}");
        }
        assert_eq!(
            find(102).map(|call| (call.code, call.call.is_none())),
            Some((SyscallCode::SOCKETCALL, true))
        );
        assert!(find(223).is_none() && find(146).is_some_and(|call| !call.same_form));
    }

    #[test]
    fn names_of_exceptions_exist() {
        let names: Vec<&str> = NAMES.split_ascii_whitespace().collect();
        let own = ALIASES.iter().map(|(own, _)| own).chain(OTHER_FORM);
        own.for_each(|name| assert!(names.contains(name), "{name}"));
        ALIASES
            .iter()
            .for_each(|(_, other)| assert!(SYSCALLS.iter().any(|call| call.name == *other), "{other}"));
    }
}
