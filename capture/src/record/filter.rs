//! Which events to record: by class, or by the names of system calls and events.
//!
//! What is not chosen is dropped in the kernel, unless readers need it to follow what later events refer to:
//! then it is recorded as *state only* when it succeeds.

use crate::error::{Error, ErrorKind, Result};
use crate::event::syscalls::{SYSCALLS, SyscallInfo};
use crate::event::{Category, EventFlags, EventType, SyscallCode};

/// Events that no system call makes.
const TRACEPOINTS: &[EventType] = &[EventType::PROCEXIT_1_E, EventType::SIGNALDELIVER_E];

/// A group of events under one name.
struct Class {
    name: &'static str,
    categories: &'static [Category],
    /// Members by name, beside those of the categories: most calls that have only the generic event, and
    /// calls that the schema puts elsewhere.
    names: &'static [&'static str],
}

const CLASSES: &[Class] = &[
    Class {
        name: "exec",
        categories: &[],
        names: &["execve", "execveat", "clone", "clone3", "fork", "vfork", "procexit"],
    },
    Class {
        name: "file",
        categories: &[Category::File],
        names: &[
            "close",
            "close_range",
            "mknod",
            "mknodat",
            "readlink",
            "readlinkat",
            "truncate",
            "ftruncate",
            "fallocate",
            "statx",
            "statfs",
            "fstatfs",
            "faccessat",
            "faccessat2",
            "fchmodat2",
            "utime",
            "utimes",
            "futimesat",
            "utimensat",
            "setxattr",
            "lsetxattr",
            "fsetxattr",
            "getxattr",
            "lgetxattr",
            "fgetxattr",
            "removexattr",
            "lremovexattr",
            "fremovexattr",
            "sync",
            "fsync",
            "fdatasync",
            "syncfs",
            "pivot_root",
            "move_mount",
            "open_tree",
        ],
    },
    Class {
        name: "io",
        categories: &[Category::IoRead, Category::IoWrite, Category::IoOther],
        names: &["preadv2", "pwritev2", "tee", "vmsplice", "copy_file_range"],
    },
    Class {
        name: "net",
        categories: &[Category::Net],
        names: &["sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "socketpair"],
    },
    Class {
        name: "process",
        categories: &[Category::Process],
        names: &["exit", "exit_group", "wait4", "waitid", "setns", "setpriority", "personality"],
    },
    Class {
        name: "user",
        categories: &[Category::User],
        names: &["setfsuid", "setfsgid", "setgroups", "capget"],
    },
    Class {
        name: "signal",
        categories: &[Category::Signal],
        names: &["rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "rt_sigaction"],
    },
    Class { name: "ipc", categories: &[Category::Ipc], names: &["msgsnd", "msgrcv", "shmget", "shmat"] },
    Class { name: "memory", categories: &[Category::Memory], names: &["mremap", "madvise", "msync"] },
    Class {
        name: "wait",
        categories: &[Category::Wait, Category::Sleep],
        names: &["pselect6", "epoll_pwait"],
    },
    Class {
        name: "system",
        categories: &[Category::System, Category::Other],
        names: &["kexec_load", "kexec_file_load", "reboot", "sethostname", "settimeofday", "perf_event_open"],
    },
];

/// Which events to record. The default is all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// By position in [`SYSCALLS`].
    calls: Vec<bool>,
    /// By position in [`TRACEPOINTS`].
    tracepoints: Vec<bool>,
}

impl Default for EventFilter {
    fn default() -> Self {
        EventFilter::of(true)
    }
}

impl EventFilter {
    /// Everything that `include` names, everything at all if it is empty, without what `exclude` names. A name is
    /// that of a class ([`EventFilter::classes`]), a system call or an event.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a name that means nothing.
    pub fn new(include: &[String], exclude: &[String]) -> Result<EventFilter> {
        let mut filter = EventFilter::of(include.is_empty());
        for name in include {
            filter.set(name, true)?;
        }
        for name in exclude {
            filter.set(name, false)?;
        }
        Ok(filter)
    }

    /// Names of the classes.
    pub fn classes() -> impl Iterator<Item = &'static str> {
        CLASSES.iter().map(|class| class.name)
    }

    fn of(value: bool) -> EventFilter {
        EventFilter { calls: vec![value; SYSCALLS.len()], tracepoints: vec![value; TRACEPOINTS.len()] }
    }

    fn set(&mut self, name: &str, value: bool) -> Result<()> {
        let mut known = false;
        let class = CLASSES.iter().find(|class| class.name == name);
        let means = |event_name: &str, category: Option<Category>| match class {
            Some(class) => {
                category.is_some_and(|category| class.categories.contains(&category))
                    || class.names.contains(&event_name)
            }
            None => event_name == name,
        };
        for (call, chosen) in SYSCALLS.iter().zip(&mut self.calls) {
            // A generic event says nothing about what its call is for.
            let own = call.exit.filter(|&event| event != EventType::GENERIC_X);
            if means(call.name, own.map(|event| event.info().category)) {
                (*chosen, known) = (value, true);
            }
        }
        for (event, chosen) in TRACEPOINTS.iter().zip(&mut self.tracepoints) {
            if means(event.info().name, Some(event.info().category)) {
                (*chosen, known) = (value, true);
            }
        }
        if known {
            return Ok(());
        }
        let classes: Vec<&str> = EventFilter::classes().collect();
        let message =
            format!("{name:?} is no event, system call or class; the classes are {}", classes.join(", "));
        Err(Error::new(ErrorKind::InvalidInput, message))
    }

    /// Whether the events of a system call are shown.
    pub(super) fn shows_call(&self, code: SyscallCode) -> bool {
        SYSCALLS.binary_search_by_key(&code, |call| call.code).is_ok_and(|at| self.calls[at])
    }

    /// Whether events of this type are shown. For generic events the kernel has decided already.
    pub(super) fn shows(&self, ty: EventType) -> bool {
        let tracepoint = TRACEPOINTS.iter().position(|&event| event == ty).map(|at| self.tracepoints[at]);
        tracepoint.unwrap_or_else(|| {
            let mut calls =
                SYSCALLS.iter().zip(&self.calls).filter(|(call, _)| call.exit == Some(ty)).peekable();
            calls.peek().is_none() || calls.any(|(_, &chosen)| chosen)
        })
    }
}

/// Whether readers need a successful call to follow what later ones refer to.
pub(super) fn changes_state(call: &SyscallInfo) -> bool {
    const FLAGS: EventFlags =
        EventFlags(EventFlags::CREATES_FD.0 | EventFlags::DESTROYS_FD.0 | EventFlags::MODIFIES_STATE.0);
    // Not flagged in the schema, but readers take namespaces, limits and groups from them.
    const OTHERS: &[EventType] =
        &[EventType::UNSHARE_X, EventType::SETNS_X, EventType::SETRLIMIT_X, EventType::PRLIMIT_X];
    call.exit.is_some_and(|event| event.info().flags.intersects(FLAGS) || OTHERS.contains(&event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &str, exclude: &str) -> Result<EventFilter> {
        let words = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
        EventFilter::new(&words(include), &words(exclude))
    }

    fn check(include: &str, exclude: &str, shown: &[EventType], hidden: &[EventType]) {
        let filter = filter(include, exclude).unwrap();
        shown.iter().for_each(|&ty| assert!(filter.shows(ty), "{} hides {}", include, ty.info().symbol));
        hidden.iter().for_each(|&ty| assert!(!filter.shows(ty), "{} shows {}", include, ty.info().symbol));
    }

    #[test]
    fn events_are_chosen_by_class_and_name() {
        use EventType as T;
        check("", "", &[T::OPENAT_2_X, T::PROCEXIT_1_E, T::SIGNALDELIVER_E, T::GENERIC_X], &[]);
        check("exec", "", &[T::EXECVE_19_X, T::CLONE3_X, T::PROCEXIT_1_E], &[T::OPENAT_2_X, T::SETNS_X]);
        check(
            "file net",
            "stat",
            &[T::OPENAT_2_X, T::CLOSE_X, T::CONNECT_X, T::SENDTO_X],
            &[T::STAT_X, T::READ_X],
        );
        check("signal", "", &[T::SIGNALDELIVER_E, T::KILL_X], &[T::PROCEXIT_1_E]);
        check("", "io memory", &[T::OPENAT_2_X], &[T::READ_X, T::MMAP_X, T::CLOSE_X]);
        check("", "procexit", &[T::EXECVE_19_X], &[T::PROCEXIT_1_E]);
        // Not made by the kernel: never hidden.
        check("exec", "", &[T::ASYNCEVENT_E], &[]);
    }

    #[test]
    fn generic_events_are_chosen_by_their_call() {
        let filter = filter("getppid", "").unwrap();
        assert!(filter.shows_call(SyscallCode::GETPPID) && !filter.shows_call(SyscallCode::GETPGRP));
        assert!(filter.shows(EventType::GENERIC_X));
    }

    #[test]
    fn unknown_names_are_refused() {
        let error = filter("exec opena", "").unwrap_err();
        assert!(error.to_string().contains("\"opena\" is no event, system call or class"), "{error}");
    }

    #[test]
    fn members_of_classes_exist() {
        for name in CLASSES.iter().flat_map(|class| class.names) {
            let is_event = TRACEPOINTS.iter().any(|event| event.info().name == *name);
            assert!(is_event || SYSCALLS.iter().any(|call| call.name == *name), "{name}");
        }
    }

    #[test]
    fn what_makes_or_ends_a_descriptor_or_process_changes_the_state() {
        let changing = |name: &str| changes_state(SYSCALLS.iter().find(|call| call.name == name).unwrap());
        for name in
            ["openat", "close", "dup", "accept4", "clone3", "execve", "chdir", "setuid", "connect", "setns"]
        {
            assert!(changing(name), "{name}");
        }
        for name in ["read", "getppid", "fstat", "mmap", "unlink"] {
            assert!(!changing(name), "{name}");
        }
    }
}
