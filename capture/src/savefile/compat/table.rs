//! The conversion table: how each historic form of an event leads to the next.
//!
//! A form is an event type with a number of parameters; parameters were only ever appended. Source: the
//! conversion table of falcosecurity/libs (`userspace/libscap/engine/savefile/converter`), as of schema 4.5.

use crate::event::EventType as E;

/// One form of an event and what is done with it.
pub(in crate::savefile) struct Row {
    /// Event type.
    pub ty: E,
    /// Number of parameters.
    pub count: u8,
    /// What is done.
    pub action: Action,
}

/// What is done with a form of an event.
pub(in crate::savefile) enum Action {
    /// Remembered for the thread's exit.
    Store,
    /// Remembered, and delivered.
    StoreAndPass,
    /// Delivered.
    Pass,
    /// These parameters are appended.
    Add(&'static [Source]),
    /// It becomes an event of another type with these parameters.
    Change(E, &'static [Source]),
}

/// Where a parameter's value comes from.
#[derive(Clone, Copy)]
pub(in crate::savefile) enum Source {
    /// The event's own parameters `first..=last`.
    Old {
        /// First.
        first: u8,
        /// Last.
        last: u8,
    },
    /// A parameter of the stored enter.
    Enter {
        /// Which.
        index: u8,
        /// Without an enter: the type's default instead of no value.
        or_default: bool,
    },
    /// The type's default: 0, or no user or group.
    Default,
    /// No value.
    Empty,
    /// A text made of the first container event's parameters.
    ContainerJson,
}

/// The row for a form, if there is one.
pub(in crate::savefile) fn find(ty: E, count: usize) -> Option<&'static Row> {
    rows_of(ty).iter().find(|row| usize::from(row.count) == count)
}

/// The smallest number of parameters above `count` for which the event has a row.
pub(in crate::savefile) fn next_count(ty: E, count: usize) -> Option<usize> {
    rows_of(ty).iter().map(|row| usize::from(row.count)).find(|&listed| listed > count)
}

/// All rows of an event type, by number of parameters.
pub(in crate::savefile) fn rows_of(ty: E) -> &'static [Row] {
    let (first, end) = INDEX.get(usize::from(ty.0)).copied().unwrap_or_default();
    &ROWS[usize::from(first)..usize::from(end)]
}

/// First row and end of the rows of each event type.
static INDEX: [(u8, u8); crate::event::schema::EVENT_COUNT] = {
    let mut index = [(0, 0); crate::event::schema::EVENT_COUNT];
    let mut row = 0;
    while row < ROWS.len() {
        let id = ROWS[row].ty.0 as usize;
        if row == 0 || ROWS[row - 1].ty.0 as usize != id {
            index[id].0 = row as u8;
        }
        index[id].1 = row as u8 + 1;
        row += 1;
    }
    index
};

/// No value.
const NO: Source = Source::Empty;
/// Default.
const DEF: Source = Source::Default;

/// The enter's parameter, else no value.
const fn enter(index: u8) -> Source {
    Source::Enter { index, or_default: false }
}

/// The enter's parameter, else the default.
const fn enter_or_def(index: u8) -> Source {
    Source::Enter { index, or_default: true }
}

const fn old(first: u8, last: u8) -> Source {
    Source::Old { first, last }
}

const fn store(ty: E, count: u8) -> Row {
    Row { ty, count, action: Action::Store }
}

const fn store_and_pass(ty: E, count: u8) -> Row {
    Row { ty, count, action: Action::StoreAndPass }
}

const fn pass(ty: E, count: u8) -> Row {
    Row { ty, count, action: Action::Pass }
}

const fn add(ty: E, count: u8, sources: &'static [Source]) -> Row {
    Row { ty, count, action: Action::Add(sources) }
}

const fn change(ty: E, count: u8, to: E, sources: &'static [Source]) -> Row {
    Row { ty, count, action: Action::Change(to, sources) }
}

// Ordered by event id, then by number of parameters.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    store(E::GENERIC_E, 2),
    add(E::GENERIC_X, 1, &[enter(1)]),
    add(E::OPEN_E, 0, &[NO, NO, NO]),
    pass(E::OPEN_E, 3),
    add(E::OPEN_X, 4, &[NO]),
    add(E::OPEN_X, 5, &[NO]),
    store(E::CLOSE_E, 1),
    add(E::CLOSE_X, 1, &[enter_or_def(0)]),
    store(E::READ_E, 2),
    add(E::READ_X, 2, &[enter_or_def(0), enter_or_def(1)]),
    store(E::WRITE_E, 2),
    add(E::WRITE_X, 2, &[enter_or_def(0), enter_or_def(1)]),
    store(E::BRK_1_E, 1),
    change(E::BRK_1_X, 1, E::BRK_4_X, &[old(0, 0), enter(0), NO, NO, NO]),
    change(E::EXECVE_8_E, 0, E::EXECVE_13_E, &[]),
    change(E::EXECVE_8_X, 8, E::EXECVE_13_X, &[old(0, 7), NO, NO, NO, NO, NO]),
    change(E::CLONE_11_X, 11, E::CLONE_16_X, &[old(0, 7), NO, NO, NO, NO, NO, old(8, 10)]),
    change(E::PROCEXIT_E, 0, E::PROCEXIT_1_E, &[NO, NO, NO, NO, NO]),
    store(E::SOCKET_E, 3),
    add(E::SOCKET_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    add(E::SOCKET_X, 4, &[DEF]),
    store(E::BIND_E, 1),
    add(E::BIND_X, 2, &[enter_or_def(0)]),
    add(E::CONNECT_E, 1, &[DEF]),
    store_and_pass(E::CONNECT_E, 2),
    add(E::CONNECT_X, 2, &[enter_or_def(0)]),
    add(E::CONNECT_X, 3, &[enter_or_def(1)]),
    store(E::LISTEN_E, 2),
    add(E::LISTEN_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    change(E::ACCEPT_X, 3, E::ACCEPT_5_X, &[old(0, 2), DEF, DEF]),
    store(E::SEND_E, 2),
    add(E::SEND_X, 2, &[enter_or_def(0), enter_or_def(1), DEF]),
    store(E::SENDTO_E, 3),
    add(E::SENDTO_X, 2, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::RECV_E, 2),
    add(E::RECV_X, 2, &[enter_or_def(0), enter_or_def(1), DEF]),
    store(E::RECVFROM_E, 2),
    add(E::RECVFROM_X, 3, &[enter_or_def(0), enter_or_def(1)]),
    store(E::SHUTDOWN_E, 2),
    add(E::SHUTDOWN_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    store(E::SOCKETPAIR_E, 3),
    add(E::SOCKETPAIR_X, 5, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::SENDMSG_E, 3),
    add(E::SENDMSG_X, 2, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    add(E::SENDMMSG_X, 0, &[DEF, NO, NO, NO, NO]),
    store(E::RECVMSG_E, 1),
    add(E::RECVMSG_X, 4, &[DEF]),
    add(E::RECVMSG_X, 5, &[enter_or_def(0)]),
    add(E::RECVMMSG_X, 0, &[DEF, NO, NO, NO, NO, NO]),
    store(E::ACCEPT4_E, 1),
    change(E::ACCEPT4_X, 3, E::ACCEPT4_6_X, &[old(0, 2), DEF, DEF, enter_or_def(0)]),
    add(E::CREAT_E, 0, &[NO, NO]),
    pass(E::CREAT_E, 2),
    add(E::CREAT_X, 3, &[NO]),
    add(E::CREAT_X, 4, &[NO]),
    add(E::CREAT_X, 5, &[NO]),
    store(E::EVENTFD_E, 2),
    add(E::EVENTFD_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    store(E::FUTEX_E, 3),
    add(E::FUTEX_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::FSTAT_E, 1),
    add(E::FSTAT_X, 1, &[enter_or_def(0)]),
    store(E::EPOLLWAIT_E, 1),
    add(E::EPOLLWAIT_X, 1, &[enter_or_def(0)]),
    store(E::POLL_E, 2),
    add(E::POLL_X, 2, &[enter_or_def(1)]),
    change(E::NEWSELECT_X, 1, E::SELECT_X, &[old(0, 0)]),
    store(E::LSEEK_E, 3),
    add(E::LSEEK_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::LLSEEK_E, 3),
    add(E::LLSEEK_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::IOCTL_2_E, 2),
    change(E::IOCTL_2_X, 1, E::IOCTL_3_X, &[old(0, 0), enter(0), enter(1), NO]),
    store(E::FCHDIR_E, 1),
    add(E::FCHDIR_X, 1, &[enter(0)]),
    store(E::MKDIR_E, 2),
    change(E::MKDIR_X, 1, E::MKDIR_2_X, &[old(0, 0), enter(0), enter(1)]),
    store(E::RMDIR_E, 1),
    change(E::RMDIR_X, 1, E::RMDIR_2_X, &[old(0, 0), enter(0)]),
    store(E::OPENAT_E, 4),
    change(E::OPENAT_X, 1, E::OPENAT_2_X, &[old(0, 0), enter(0), enter(1), enter(2), enter(3), NO, NO]),
    store(E::LINK_E, 2),
    change(E::LINK_X, 1, E::LINK_2_X, &[old(0, 0), enter(0), enter(1)]),
    store(E::LINKAT_E, 4),
    change(E::LINKAT_X, 1, E::LINKAT_2_X, &[old(0, 0), enter(0), enter(1), enter(2), enter(3), NO]),
    store(E::UNLINK_E, 1),
    change(E::UNLINK_X, 1, E::UNLINK_2_X, &[old(0, 0), enter(0)]),
    store(E::UNLINKAT_E, 2),
    change(E::UNLINKAT_X, 1, E::UNLINKAT_2_X, &[old(0, 0), enter(0), enter(1), NO]),
    store(E::PREAD_E, 3),
    add(E::PREAD_X, 2, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::PWRITE_E, 3),
    add(E::PWRITE_X, 2, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::READV_E, 1),
    add(E::READV_X, 3, &[enter_or_def(0)]),
    store(E::WRITEV_E, 2),
    add(E::WRITEV_X, 2, &[enter_or_def(0), enter_or_def(1)]),
    store(E::PREADV_E, 2),
    add(E::PREADV_X, 3, &[enter_or_def(0), enter_or_def(1)]),
    store(E::PWRITEV_E, 3),
    add(E::PWRITEV_X, 2, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::DUP_E, 1),
    change(E::DUP_X, 1, E::DUP_1_X, &[old(0, 0), enter(0)]),
    store(E::SIGNALFD_E, 3),
    add(E::SIGNALFD_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::KILL_E, 2),
    add(E::KILL_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    store(E::TKILL_E, 2),
    add(E::TKILL_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    store(E::TGKILL_E, 3),
    add(E::TGKILL_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::NANOSLEEP_E, 1),
    add(E::NANOSLEEP_X, 1, &[enter_or_def(0)]),
    store(E::TIMERFD_CREATE_E, 2),
    add(E::TIMERFD_CREATE_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    store(E::INOTIFY_INIT_E, 1),
    add(E::INOTIFY_INIT_X, 1, &[enter_or_def(0)]),
    store(E::GETRLIMIT_E, 1),
    add(E::GETRLIMIT_X, 3, &[enter_or_def(0)]),
    store(E::SETRLIMIT_E, 1),
    add(E::SETRLIMIT_X, 3, &[enter_or_def(0)]),
    store(E::PRLIMIT_E, 2),
    add(E::PRLIMIT_X, 5, &[enter(0), enter(1)]),
    change(E::SCHEDSWITCH_1_E, 1, E::SCHEDSWITCH_6_E, &[old(0, 0), NO, NO, NO, NO, NO]),
    store(E::FCNTL_E, 2),
    add(E::FCNTL_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    add(E::FCNTL_X, 3, &[DEF]),
    change(E::EXECVE_13_E, 0, E::EXECVE_14_E, &[]),
    change(E::EXECVE_13_X, 13, E::EXECVE_14_X, &[old(0, 12), NO]),
    change(E::CLONE_16_X, 16, E::CLONE_17_X, &[old(0, 12), NO, old(13, 15)]),
    store(E::BRK_4_E, 1),
    add(E::BRK_4_X, 4, &[enter(0)]),
    store(E::MMAP_E, 6),
    add(E::MMAP_X, 4, &[enter_or_def(0), enter_or_def(1), enter_or_def(2), enter_or_def(3), enter_or_def(4), enter_or_def(5)]),
    store(E::MMAP2_E, 6),
    add(E::MMAP2_X, 4, &[enter_or_def(0), enter_or_def(1), enter_or_def(2), enter_or_def(3), enter_or_def(4), enter_or_def(5)]),
    store(E::MUNMAP_E, 2),
    add(E::MUNMAP_X, 4, &[enter_or_def(0), enter_or_def(1)]),
    store(E::SPLICE_E, 4),
    add(E::SPLICE_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2), enter_or_def(3)]),
    store(E::PTRACE_E, 2),
    add(E::PTRACE_X, 0, &[NO, NO, NO]),
    add(E::PTRACE_X, 3, &[enter(0), enter(1)]),
    store(E::IOCTL_3_E, 3),
    add(E::IOCTL_3_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    change(E::EXECVE_14_E, 0, E::EXECVE_15_E, &[]),
    change(E::EXECVE_14_X, 14, E::EXECVE_15_X, &[old(0, 12), NO, old(13, 13)]),
    change(E::FORK_X, 16, E::FORK_17_X, &[old(0, 12), NO, old(13, 15)]),
    change(E::VFORK_X, 16, E::VFORK_17_X, &[old(0, 12), NO, old(13, 15)]),
    store(E::SENDFILE_E, 4),
    add(E::SENDFILE_X, 2, &[enter_or_def(0), enter_or_def(1), enter_or_def(3)]),
    store(E::QUOTACTL_E, 4),
    add(E::QUOTACTL_X, 14, &[enter_or_def(0), enter_or_def(1), enter_or_def(2), enter_or_def(3)]),
    store(E::SETRESUID_E, 3),
    add(E::SETRESUID_X, 1, &[enter(0), enter(1), enter(2)]),
    store(E::SETRESGID_E, 3),
    add(E::SETRESGID_X, 1, &[enter(0), enter(1), enter(2)]),
    store(E::SETUID_E, 1),
    add(E::SETUID_X, 1, &[enter(0)]),
    store(E::SETGID_E, 1),
    add(E::SETGID_X, 1, &[enter(0)]),
    change(E::EXECVE_15_E, 0, E::EXECVE_16_E, &[]),
    change(E::EXECVE_15_X, 15, E::EXECVE_16_X, &[old(0, 13), NO, old(14, 14)]),
    change(E::CLONE_17_X, 17, E::CLONE_20_X, &[old(0, 13), NO, old(14, 16), NO, NO]),
    change(E::FORK_17_X, 17, E::FORK_20_X, &[old(0, 13), NO, old(14, 16), NO, NO]),
    change(E::VFORK_17_X, 17, E::VFORK_20_X, &[old(0, 13), NO, old(14, 16), NO, NO]),
    add(E::CLONE_20_X, 20, &[NO]),
    add(E::FORK_20_X, 20, &[NO]),
    add(E::VFORK_20_X, 20, &[NO]),
    change(E::CONTAINER_E, 4, E::CONTAINER_JSON_E, &[Source::ContainerJson]),
    change(E::EXECVE_16_E, 0, E::EXECVE_17_E, &[]),
    change(E::EXECVE_16_X, 16, E::EXECVE_17_X, &[old(0, 15), NO]),
    store(E::GETDENTS_E, 1),
    add(E::GETDENTS_X, 1, &[enter_or_def(0)]),
    store(E::GETDENTS64_E, 1),
    add(E::GETDENTS64_X, 1, &[enter_or_def(0)]),
    store(E::SETNS_E, 2),
    add(E::SETNS_X, 1, &[enter(0), enter(1)]),
    store(E::FLOCK_E, 2),
    add(E::FLOCK_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    store(E::ACCEPT4_5_E, 1),
    change(E::ACCEPT4_5_X, 5, E::ACCEPT4_6_X, &[old(0, 4), enter_or_def(0)]),
    store(E::SEMOP_E, 1),
    add(E::SEMOP_X, 8, &[enter_or_def(0)]),
    store(E::SEMCTL_E, 4),
    add(E::SEMCTL_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2), enter_or_def(3)]),
    store(E::PPOLL_E, 3),
    add(E::PPOLL_X, 2, &[enter_or_def(1), enter_or_def(2)]),
    store(E::MOUNT_E, 1),
    add(E::MOUNT_X, 4, &[enter_or_def(0)]),
    change(E::UMOUNT_X, 2, E::UMOUNT_1_X, &[old(0, 1)]),
    store(E::SEMGET_E, 3),
    add(E::SEMGET_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    store(E::ACCESS_E, 1),
    add(E::ACCESS_X, 2, &[enter_or_def(0)]),
    change(E::CONTAINER_JSON_E, 1, E::CONTAINER_JSON_2_E, &[old(0, 0)]),
    store(E::MKDIR_2_E, 1),
    add(E::MKDIR_2_X, 2, &[enter(0)]),
    change(E::EXECVE_17_E, 0, E::EXECVE_18_E, &[NO]),
    change(E::EXECVE_17_X, 17, E::EXECVE_18_X, &[old(0, 16)]),
    store(E::UNSHARE_E, 1),
    add(E::UNSHARE_X, 1, &[enter_or_def(0)]),
    change(E::EXECVE_18_E, 1, E::EXECVE_19_E, &[old(0, 0)]),
    change(E::EXECVE_18_X, 17, E::EXECVE_19_X, &[old(0, 16), NO]),
    store_and_pass(E::EXECVE_19_E, 1),
    add(E::EXECVE_19_X, 18, &[NO]),
    add(E::EXECVE_19_X, 19, &[NO]),
    add(E::EXECVE_19_X, 20, &[NO, NO, NO]),
    add(E::EXECVE_19_X, 23, &[NO, NO, NO]),
    add(E::EXECVE_19_X, 26, &[NO]),
    add(E::EXECVE_19_X, 27, &[NO]),
    add(E::EXECVE_19_X, 28, &[NO]),
    add(E::EXECVE_19_X, 29, &[NO]),
    add(E::EXECVE_19_X, 30, &[enter(0)]),
    store(E::SETPGID_E, 2),
    add(E::SETPGID_X, 1, &[enter(0), enter(1)]),
    store(E::BPF_E, 1),
    change(E::BPF_X, 1, E::BPF_2_X, &[old(0, 0), enter(0)]),
    add(E::SECCOMP_E, 1, &[DEF]),
    store(E::SECCOMP_E, 2),
    add(E::SECCOMP_X, 1, &[enter_or_def(0), enter_or_def(1)]),
    add(E::OPENAT_2_E, 0, &[NO, NO, NO, NO]),
    pass(E::OPENAT_2_E, 4),
    add(E::OPENAT_2_X, 5, &[NO]),
    add(E::OPENAT_2_X, 6, &[NO]),
    add(E::OPENAT2_E, 0, &[NO, NO, NO, NO, NO]),
    pass(E::OPENAT2_E, 5),
    add(E::OPENAT2_X, 6, &[NO, NO]),
    store(E::MPROTECT_E, 3),
    add(E::MPROTECT_X, 1, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    pass(E::EXECVEAT_E, 3),
    add(E::EXECVEAT_X, 19, &[NO]),
    add(E::EXECVEAT_X, 20, &[NO, NO, NO]),
    add(E::EXECVEAT_X, 23, &[NO, NO, NO]),
    add(E::EXECVEAT_X, 26, &[NO]),
    add(E::EXECVEAT_X, 27, &[NO]),
    add(E::EXECVEAT_X, 28, &[NO]),
    add(E::EXECVEAT_X, 29, &[NO]),
    store(E::COPY_FILE_RANGE_E, 3),
    add(E::COPY_FILE_RANGE_X, 3, &[enter_or_def(0), enter_or_def(1), enter_or_def(2)]),
    add(E::CLONE3_X, 20, &[NO]),
    store(E::EPOLL_CREATE_E, 1),
    add(E::EPOLL_CREATE_X, 1, &[enter_or_def(0)]),
    store(E::EPOLL_CREATE1_E, 1),
    add(E::EPOLL_CREATE1_X, 1, &[enter_or_def(0)]),
    store(E::ACCEPT4_6_E, 1),
    add(E::ACCEPT4_6_X, 5, &[enter_or_def(0)]),
    store(E::UMOUNT2_E, 1),
    add(E::UMOUNT2_X, 2, &[enter_or_def(0)]),
    store(E::EVENTFD2_E, 1),
    add(E::EVENTFD2_X, 2, &[enter_or_def(0)]),
    store(E::SIGNALFD4_E, 2),
    add(E::SIGNALFD4_X, 2, &[enter_or_def(0), enter_or_def(1)]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::schema::EVENTS;
    use crate::event::{Direction, EventFlags};

    #[test]
    fn rows_are_in_order_and_unique() {
        assert!(ROWS.is_sorted_by_key(|row| (row.ty, row.count)));
        for pair in ROWS.windows(2) {
            assert!((pair[0].ty, pair[0].count) < (pair[1].ty, pair[1].count), "{:?}", pair[0].ty);
        }
        assert_eq!(ROWS.len(), 253);
        assert!(find(E::OPENAT_X, 1).is_some() && find(E::OPENAT_X, 2).is_none());
        assert_eq!(next_count(E::OPEN_X, 2), Some(4));
    }

    /// Every old event is either in the table or an enter that is dropped, and every row ends at a current event.
    #[test]
    fn the_table_is_complete() {
        let mut dropped = 0;
        for event in EVENTS.iter().filter(|event| event.flags.intersects(EventFlags::OLD_VERSION)) {
            if event.flags.intersects(EventFlags::CONVERTER_MANAGED) {
                assert!(!rows_of(event.id).is_empty(), "{}", event.symbol);
            } else {
                assert_eq!(event.id.direction(), Direction::Enter, "{}", event.symbol);
                dropped += 1;
            }
        }
        assert_eq!(dropped, 92);
        for row in ROWS {
            let (to, kept, sources) = match row.action {
                Action::Add(sources) => (row.ty, row.count, sources),
                Action::Change(to, sources) => (to, 0, sources),
                _ => continue,
            };
            let made: usize = sources
                .iter()
                .map(|source| match source {
                    Source::Old { first, last } => usize::from(last - first) + 1,
                    _ => 1,
                })
                .sum();
            assert!(usize::from(kept) + made <= to.info().params.len(), "{:?}", row.ty);
        }
    }
}
