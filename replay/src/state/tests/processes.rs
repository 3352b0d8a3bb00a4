use capture::event::EventType;

use super::{AT_FDCWD, Machine, THREAD};
use crate::state::State;
use crate::state::thread::flag;

#[test]
fn both_events_of_a_fork_make_one_child() {
    for caller_first in [true, false] {
        let mut machine = Machine::new();
        machine.openat(10, 3, AT_FDCWD, "/etc/passwd", 1);
        if caller_first {
            machine.fork();
        } else {
            machine.clone(20, 0, 20, 10, 0);
            machine.clone(10, 20, 10, 1, 0);
        }
        let child = machine.thread(20);
        assert_eq!((child.pid, child.ptid, child.vtid, child.vpid), (20, 10, 20, 20), "{caller_first}");
        assert_eq!((&*child.comm, &*child.exepath), (&b"sh"[..], &b"/bin/sh"[..]));
        assert_eq!((child.sid, child.uid, child.vmswap_kb), (10, 1000, 5));
        assert_ne!(child.clone_ts_ns, 0);
        assert_eq!(machine.state.threads().cwd_of(child), b"/home/");
        assert_eq!(&**machine.state.threads().env_of(child), b"A=1\0");
        assert_eq!(machine.name(20, 3), "/etc/passwd");
        assert_eq!(machine.state.threads().len(), 3);
    }
}

#[test]
fn a_child_in_another_namespace_comes_from_its_own_event() {
    let mut machine = Machine::new();
    machine.clone(10, 2, 10, 1, flag::CHILD_IN_PIDNS);
    assert_eq!(machine.state.threads().len(), 2, "the caller knows only the id inside");
    let event = machine.clone_event(20, 0, 20, 10, flag::CHILD_IN_PIDNS, (2, 2));
    machine.run(&event);
    let child = machine.thread(20);
    assert_eq!((child.vtid, child.vpid, child.pidns_init_start_ts_ns), (2, 2, 7));
    assert!(child.is_in_pid_namespace());
}

#[test]
fn a_child_that_is_gone_does_not_come_back() {
    let mut machine = Machine::new();
    machine.clone(20, 0, 20, 10, 0);
    machine.exit(20, 0);
    machine.clone(10, 20, 10, 1, 0);
    assert!(machine.state.threads().get(20).is_none());
    machine.ts_ns += 3_000_000_000;
    machine.clone(10, 20, 10, 1, 0);
    assert!(machine.state.threads().get(20).is_some(), "the id was used again");
}

#[test]
fn a_stale_thread_is_replaced() {
    let mut machine = Machine::new();
    machine.fork();
    machine.openat(20, 9, AT_FDCWD, "/x", 1);
    machine.ts_ns += 3_000_000_000;
    machine.clone(20, 0, 20, 10, 0);
    assert_eq!(machine.name(20, 9), "-");
}

#[test]
fn threads_share_their_process() {
    let mut machine = Machine::new();
    machine.fork();
    machine.clone(20, 21, 20, 10, THREAD);
    machine.clone(21, 0, 20, 10, THREAD);
    machine.openat(21, 5, AT_FDCWD, "rel", 1);
    assert_eq!(machine.name(20, 5), "/home/rel");
    let event = machine.event(EventType::CHDIR_X, 21).i64(0).str("/tmp/../var");
    machine.run(&event);
    let threads = machine.state.threads();
    assert_eq!(threads.cwd_of(machine.thread(20)), b"/var/");
    assert_eq!(
        (threads.thread_count_of(machine.thread(20)), threads.child_thread_count_of(machine.thread(21))),
        (2, 1)
    );
    machine.exit(20, 0);
    assert_eq!(machine.name(21, 5), "/home/rel", "the main thread stays while others live");
    machine.exit(21, 0);
    assert!(machine.state.threads().get(20).is_none() && machine.state.threads().get(21).is_none());
}

#[test]
fn a_program_replaces_what_the_thread_was() {
    let mut machine = Machine::new();
    machine.fork();
    machine.clone(20, 21, 20, 10, THREAD);
    machine.openat(20, 5, AT_FDCWD, "/keep", 1);
    machine.openat(20, 6, AT_FDCWD, "/close", 1 | 1 << 12);
    machine.exec(20, "/usr/bin/prog (deleted)");
    assert_eq!(machine.fds(20), [5]);
    assert!(machine.state.threads().get(21).is_none(), "the other threads are gone");
    let thread = machine.thread(20);
    assert_eq!((&*thread.comm, &*thread.exepath), (&b"prog"[..], &b"/usr/bin/prog"[..]));
    assert_eq!((&*thread.args, &*thread.env), (&b"a\0b\0"[..], &b"B=2\0"[..]));
    assert_eq!((thread.uid, thread.gid, thread.fdlimit, thread.tty), (0, 50, 512, 0x8800));
    assert_eq!((thread.cap_inheritable, thread.cap_permitted, thread.cap_effective), (1, 3, 7));
    assert!(thread.exe_writable && thread.exe_lower_layer && !thread.exe_upper_layer);
    assert_eq!((thread.exe_ino, thread.sid, thread.ptid), (99, 10, 10));
    assert_eq!(machine.state.threads().cwd_of(thread), b"/home/");
}

#[test]
fn a_failed_program_changes_nothing() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::EXECVE_19_X, 10).i64(-2).str("x").param(b"");
    machine.run(&event);
    assert_eq!(&*machine.thread(10).comm, b"sh");
}

#[test]
fn an_exit_is_seen_before_the_thread_goes() {
    let mut machine = Machine::new();
    machine.fork();
    machine.clone(20, 30, 20, 10, 0);
    let event = machine.exit_event(20, 1);
    let applied = machine.apply(&event);
    assert!(machine.thread(20).is_dead());
    assert_eq!(machine.thread(30).ptid, 20);
    machine.state.commit(applied);
    assert!(machine.state.threads().get(20).is_none());
    assert_eq!(machine.thread(30).ptid, 1);
}

#[test]
fn orphans_go_to_the_closest_subreaper() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::PRCTL_X, 10).i64(0).u32(36).str("").i64(1);
    machine.run(&event);
    machine.fork();
    machine.clone(20, 30, 20, 10, 0);
    machine.exit(20, -1);
    assert_eq!(machine.thread(30).ptid, 10);
    machine.exit(10, 0);
    assert_eq!(machine.thread(30).ptid, 1, "init gets it next");
}

#[test]
fn ancestors_are_processes() {
    let mut machine = Machine::new();
    machine.fork();
    machine.clone(20, 21, 20, 10, THREAD);
    let threads = machine.state.threads();
    let thread = machine.thread(21);
    assert_eq!(threads.ancestor(thread, 0).map(|t| t.tid), Some(20));
    assert_eq!(threads.parent_of(thread).map(|t| t.tid), Some(10));
    assert_eq!(threads.ancestor(thread, 3).map(|t| t.tid), None);
    assert_eq!(threads.ancestors(thread).map(|t| t.tid).collect::<Vec<_>>(), [10, 1]);
    assert_eq!(threads.session_leader(thread).map(|t| t.tid), Some(10));
}

#[test]
fn unknown_threads_get_a_stand_in() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::READ_X, 77).i64(1).param(b"x").i64(3).u32(1);
    let applied = machine.apply(&event);
    assert_eq!((applied.tid, applied.fd_num), (Some(77), 3));
    assert!(machine.state.subject(&applied).1.is_none());
    let thread = machine.thread(77);
    assert!(thread.is_placeholder());
    assert_eq!((&*thread.comm, thread.uid), (&b"<NA>"[..], u32::MAX));
    let event = machine.exit_event(78, 0);
    assert_eq!(machine.apply(&event).tid, None, "an exit does not make one");
    machine.exec(77, "/bin/x");
    assert_eq!((machine.thread(77).ptid, machine.thread(77).pid), (10, 77));
}

#[test]
fn credentials_follow_the_calls() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::SETRESUID_X, 10).i64(0).u32(1).u32(2).u32(3);
    machine.run(&event);
    let event = machine.event(EventType::SETGID_X, 10).i64(0).u32(9);
    machine.run(&event);
    let event = machine.event(EventType::SETUID_X, 10).i64(-1).u32(0);
    machine.run(&event);
    let event = machine.event(EventType::SETSID_X, 10).i64(44);
    machine.run(&event);
    let event = machine.event(EventType::UNSHARE_X, 10).i64(0).u32(flag::CLONE_NEWUSER);
    machine.run(&event);
    let thread = machine.thread(10);
    assert_eq!((thread.uid, thread.gid, thread.sid), (2, 9, 44));
    assert_eq!(thread.cap_effective, (1 << 41) - 1);
    let event = machine.event(EventType::CAPSET_X, 10).i64(0).u64(1).u64(2).u64(3);
    machine.run(&event);
    assert_eq!(machine.thread(10).cap_effective, 3);
}

#[test]
fn a_thread_is_not_its_own_parent() {
    let mut machine = Machine::new();
    machine.clone(20, 0, 20, 20, 0);
    assert_eq!(machine.thread(20).ptid, 0);
    machine.exit(20, 20);
    assert!(machine.state.threads().get(20).is_none());
}

#[test]
fn an_old_execve_takes_its_path_from_the_enter_event() {
    let mut machine = Machine::new();
    let entered = machine.event(EventType::EXECVE_19_E, 10).str("../bin/tool");
    let applied = machine.apply(&entered);
    assert!(!applied.delivered);
    machine.state.commit(applied);
    let event =
        machine.event(EventType::EXECVE_19_X, 10).i64(0).str("tool").param(b"").i64(10).i64(10).i64(1);
    machine.run(&event);
    assert_eq!(&*machine.thread(10).exepath, b"/bin/tool");
    assert_eq!(&*machine.thread(10).comm, b"tool");
}

#[test]
fn a_new_section_starts_from_nothing() {
    let mut machine = Machine::new();
    machine.fork();
    machine.state.reset();
    assert!(machine.state.threads().is_empty());
    assert_eq!(State::default().threads().dropped(), machine.state.threads().dropped());
}
