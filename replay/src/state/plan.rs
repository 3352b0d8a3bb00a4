//! How the thread and the descriptor of an event are found, by its type.
//!
//! This is a small table of its own because it is looked at for every event, and the event table is too large
//! to stay in the first level cache.

use capture::event::schema::{EVENT_COUNT, EVENTS, param};
use capture::event::{Direction, EventFlags, EventType};

/// What is done at the start of an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub thread: ThreadPlan,
    /// The event is about a descriptor.
    pub uses_fd: bool,
    /// Parameter with the number of that descriptor.
    pub fd_param: Option<u8>,
    /// Rules never see the event.
    pub is_state_only: bool,
    /// What it may change if rules do not look at it.
    pub changes: Changes,
}

/// What an event may change besides what is remembered of its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changes {
    /// Anything.
    Tables,
    /// Anything of its own thread and process, and nothing else.
    Own,
    /// An internet socket that is not connected is.
    Connected,
    /// If the call succeeded there is a descriptor more.
    Opened,
    /// If the call succeeded there is a descriptor less.
    Closed,
    /// Some commands copy or mark a descriptor.
    Copied,
    /// How much memory the thread has.
    Memory,
    /// What the process has used, but no descriptor.
    Usage,
    Nothing,
}

/// How the thread is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThreadPlan {
    /// The event belongs to none.
    None,
    /// By its id, and nothing about it is remembered.
    FindOnly,
    /// By its id.
    Find,
    /// By its id; a stand-in is made for one that is not known.
    Make,
}

impl Plan {
    /// The plan for a type of the schema.
    #[inline]
    pub fn of(ty: EventType) -> Plan {
        PLANS.get(usize::from(ty.0)).copied().unwrap_or(NO_PLAN)
    }
}

const NO_PLAN: Plan = Plan {
    thread: ThreadPlan::None,
    uses_fd: false,
    fd_param: None,
    is_state_only: false,
    changes: Changes::Tables,
};

static PLANS: [Plan; EVENT_COUNT] = plans();

const fn plans() -> [Plan; EVENT_COUNT] {
    let mut plans = [NO_PLAN; EVENT_COUNT];
    let mut id = 0;
    while id < EVENT_COUNT {
        let flags = EVENTS[id].flags;
        if !flags.intersects(EventFlags::SKIPPARSERESET) {
            plans[id].thread = ThreadPlan::Make;
        }
        plans[id].uses_fd = flags.intersects(EventFlags::USES_FD);
        let is_enter = matches!(EventType(id as u16).direction(), Direction::Enter);
        if plans[id].uses_fd && is_enter {
            plans[id].fd_param = Some(0);
        }
        if !is_enter && matches!(plans[id].thread, ThreadPlan::Make) {
            plans[id].changes = Changes::Own;
        }
        id += 1;
    }
    macro_rules! threads {
        ($plan:ident: $($ty:ident)*) => {
            $(plans[EventType::$ty.0 as usize].thread = ThreadPlan::$plan;)*
        };
    }
    threads! { None: CONTAINER_JSON_2_E USER_ADDED_E USER_DELETED_E GROUP_ADDED_E GROUP_DELETED_E PLUGINEVENT_E
    ASYNCEVENT_E }
    threads! { FindOnly: PROCINFO_E SCHEDSWITCH_6_E }
    threads! { Find: CLONE_20_X CLONE3_X FORK_20_X VFORK_20_X PROCEXIT_1_E }
    macro_rules! state_only {
        ($($ty:ident)*) => {
            $(plans[EventType::$ty.0 as usize].is_state_only = true;)*
        };
    }
    macro_rules! changes {
        ($changes:ident: $($ty:ident)*) => {
            $(plans[EventType::$ty.0 as usize].changes = Changes::$changes;)*
        };
    }
    changes! { Tables: CLONE_20_X CLONE3_X FORK_20_X VFORK_20_X EXECVE_19_X EXECVEAT_X CHROOT_X PIDFD_GETFD_X
    PRCTL_X PRLIMIT_X }
    // Only frequent ones are worth a way of their own.
    changes! { Connected: READ_X READV_X PREAD_X PREADV_X WRITE_X WRITEV_X PWRITE_X PWRITEV_X }
    changes! { Opened: OPEN_X OPENAT_2_X OPENAT2_X }
    changes! { Closed: CLOSE_X }
    changes! { Copied: FCNTL_X }
    changes! { Memory: BRK_4_X MMAP_X MMAP2_X MUNMAP_X }
    changes! { Usage: SCHEDSWITCH_6_E PROCINFO_E }
    changes! { Nothing: GENERIC_X NEWFSTATAT_X STAT_X LSTAT_X FSTAT_X ACCESS_X IOCTL_3_X LSEEK_X GETDENTS_X
    GETDENTS64_X FUTEX_X POLL_X PPOLL_X MPROTECT_X }
    // Enter events that are kept for their exit.
    state_only! { OPEN_E OPENAT_2_E OPENAT2_E CREAT_E CONNECT_E EXECVE_19_E EXECVEAT_E }
    macro_rules! fds {
        ($($ty:ident.$param:ident)*) => {
            $(plans[EventType::$ty.0 as usize].fd_param = Some(param::$ty::$param as u8);)*
        };
    }
    fds! {
        SETNS_X.fd LISTEN_X.fd SHUTDOWN_X.fd FCHDIR_X.fd LSEEK_X.fd LLSEEK_X.fd IOCTL_3_X.fd FSTAT_X.fd
        CLOSE_X.fd GETDENTS_X.fd GETDENTS64_X.fd FLOCK_X.fd COPY_FILE_RANGE_X.fdout FCNTL_X.fd
        DUP_1_X.oldfd DUP2_X.oldfd DUP3_X.oldfd NEWFSTATAT_X.dirfd FCHOWNAT_X.dirfd FCHMODAT_X.dirfd
        MKDIRAT_X.dirfd UNLINKAT_2_X.dirfd MKNODAT_X.dirfd SENDMMSG_X.fd RECVMMSG_X.fd
        IO_URING_REGISTER_X.fd IO_URING_ENTER_X.fd SETSOCKOPT_X.fd GETSOCKOPT_X.fd FSCONFIG_X.fd
        FINIT_MODULE_X.fd FCHMOD_X.fd FCHOWN_X.fd
        READ_X.fd PREAD_X.fd BIND_X.fd WRITE_X.fd PWRITE_X.fd RECV_X.fd SEND_X.fd SENDTO_X.fd SENDMSG_X.fd
        SENDFILE_X.out_fd SPLICE_X.fd_out WRITEV_X.fd PWRITEV_X.fd CONNECT_X.fd SYMLINKAT_X.linkdirfd
        RECVFROM_X.fd READV_X.fd PREADV_X.fd RECVMSG_X.fd MMAP_X.fd MMAP2_X.fd
    }
    plans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_events_about_a_descriptor_have_a_parameter_for_it() {
        for (id, plan) in PLANS.iter().enumerate() {
            let info = EventType(id as u16).info();
            assert!(plan.uses_fd || plan.fd_param.is_none(), "{}", info.symbol);
            // The ways of their own find and make threads.
            let is_applied = matches!(plan.changes, Changes::Tables | Changes::Own | Changes::Usage);
            assert!(is_applied || plan.thread == ThreadPlan::Make, "{}", info.symbol);
            // The first parameter of the enter events of old captures need not be one.
            if let Some(at) = plan.fd_param.filter(|_| info.id.direction() == Direction::Exit)
                && let Some(param) = info.params.get(usize::from(at))
            {
                assert_eq!(param.ty, capture::event::ParamType::Fd, "{}.{}", info.symbol, param.name);
            }
        }
        assert_eq!(size_of::<Plan>(), 6);
    }
}
