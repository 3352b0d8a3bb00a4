use capture::event::EventType;

use super::{AT_FDCWD, Machine};
use crate::state::FdKind;

const O_DIRECTORY: u32 = 1 << 10;

#[test]
fn names_are_resolved() {
    let check = |dirfd, name: &str, expected: &str| {
        let mut machine = Machine::new();
        machine.openat(10, 7, AT_FDCWD, "/srv/data", O_DIRECTORY);
        machine.openat(10, 3, dirfd, name, 1);
        assert_eq!(machine.name(10, 3), expected, "{dirfd} {name}");
        assert_eq!(&**machine.fd(10, 3).unwrap().name_raw(), name.as_bytes());
    };
    check(AT_FDCWD, "/etc//passwd", "/etc/passwd");
    check(AT_FDCWD, "a/./b", "/home/a/b");
    check(7, "../x", "/srv/x");
    check(99, "/abs", "/abs");
    check(99, "rel", "<UNKNOWN>rel");
}

#[test]
fn opens_tell_kind_and_layer() {
    let mut machine = Machine::new();
    machine.openat(10, 3, AT_FDCWD, "/d", O_DIRECTORY | 1 << 15);
    let fd = machine.fd(10, 3).unwrap();
    assert_eq!((&fd.kind, fd.upper_layer, fd.lower_layer), (&FdKind::Directory, true, false));
    assert_eq!((fd.dev, fd.ino), (0xfe00, 1234));
    machine.openat(10, -2, AT_FDCWD, "/missing", 1);
    assert_eq!(machine.fds(10), [3]);
}

#[test]
fn an_open_believes_its_enter_event() {
    let mut machine = Machine::new();
    let entered = machine.event(EventType::OPEN_E, 10).str("/asked").u32(1).u32(0);
    machine.run(&entered);
    let event = machine.event(EventType::OPEN_X, 10).i64(3).str("/changed").u32(2 | 1 << 14).u32(0);
    machine.run(&event);
    let fd = machine.fd(10, 3).unwrap();
    assert_eq!((&*fd.name, fd.open_flags), (&b"/asked"[..], 1 | 1 << 14));
    let event = machine.event(EventType::OPEN_X, 10).i64(4).str("/alone").u32(2).u32(0);
    machine.run(&event);
    assert_eq!(machine.name(10, 4), "/alone", "the enter event is used once");
}

#[test]
fn a_close_is_seen_before_the_descriptor_goes() {
    let mut machine = Machine::new();
    machine.openat(10, 3, AT_FDCWD, "/x", 1);
    let event = machine.event(EventType::CLOSE_X, 10).i64(0).i64(3);
    let applied = machine.apply(&event);
    assert_eq!(applied.fd_num, 3);
    assert_eq!(machine.state.subject(&applied).1.map(|fd| fd.name.to_vec()), Some(b"/x".to_vec()));
    machine.state.commit(applied);
    assert_eq!(machine.fds(10), [] as [i64; 0]);
}

#[test]
fn a_fork_copies_descriptors() {
    let mut machine = Machine::new();
    machine.openat(10, 3, AT_FDCWD, "/x", 1);
    machine.fork();
    machine.close(10, 3);
    machine.openat(20, 4, AT_FDCWD, "/y", 1);
    assert_eq!((machine.fds(10), machine.fds(20)), (vec![], vec![3, 4]));
}

#[test]
fn duplicates_are_independent() {
    let mut machine = Machine::new();
    machine.openat(10, 3, AT_FDCWD, "/x", 2 | 1 << 12);
    machine.openat(10, 0, AT_FDCWD, "/old", 1);
    let event = machine.event(EventType::DUP2_X, 10).i64(0).i64(3).i64(0);
    let applied = machine.apply(&event);
    assert_eq!((applied.fd_num, applied.facts.fd_name_changed), (0, false));
    machine.state.commit(applied);
    let event = machine.event(EventType::DUP3_X, 10).i64(8).i64(3).i64(8).u32(1 << 12);
    machine.run(&event);
    let event = machine.event(EventType::FCNTL_X, 10).i64(9).i64(3).u8(26).u64(0);
    machine.run(&event);
    let on_exec = |fd| machine.fd(10, fd).unwrap().is_close_on_exec();
    assert_eq!([3, 0, 8, 9].map(on_exec), [true, false, true, true]);
    machine.close(10, 3);
    assert_eq!((machine.name(10, 0), machine.name(10, 8)), ("/x".into(), "/x".into()));
}

#[test]
fn setfd_marks_and_unmarks() {
    let mut machine = Machine::new();
    machine.openat(10, 3, AT_FDCWD, "/x", 2);
    for (arg, expected) in [(1, true), (0, false)] {
        let event = machine.event(EventType::FCNTL_X, 10).i64(0).i64(3).u8(3).u64(arg);
        machine.run(&event);
        assert_eq!(machine.fd(10, 3).unwrap().is_close_on_exec(), expected);
    }
}

#[test]
fn ranges_are_closed_or_marked() {
    let mut machine = Machine::new();
    for fd in 3..8 {
        machine.openat(10, fd, AT_FDCWD, "/x", 2);
    }
    let event = machine.event(EventType::CLOSE_RANGE_X, 10).i64(0).u32(6).u32(u32::MAX).u32(4);
    machine.run(&event);
    assert_eq!([5, 6, 7].map(|fd| machine.fd(10, fd).unwrap().is_close_on_exec()), [false, true, true]);
    let event = machine.event(EventType::CLOSE_RANGE_X, 10).i64(0).u32(4).u32(6).u32(0);
    machine.run(&event);
    assert_eq!(machine.fds(10), [3, 7]);
}

#[test]
fn pairs_have_two_descriptors() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::PIPE2_X, 10).i64(0).i64(3).i64(4).u64(55).u32(1 << 12);
    assert_eq!(machine.apply(&event).fd_num, 4);
    let event = machine.event(EventType::SOCKETPAIR_X, 10).i64(0).i64(5).i64(6).u64(1).u64(2);
    machine.run(&event);
    assert_eq!(machine.fd(10, 3).map(|fd| (fd.kind.clone(), fd.ino)), Some((FdKind::Pipe, 55)));
    assert_eq!(machine.fd(10, 6).unwrap().kind, FdKind::Unix { source: 1, destination: 2 });
}

#[test]
fn calls_make_their_kind() {
    let cases = [
        (EventType::EVENTFD_X, FdKind::Event),
        (EventType::SIGNALFD_X, FdKind::SignalFd),
        (EventType::TIMERFD_CREATE_X, FdKind::TimerFd),
        (EventType::INOTIFY_INIT_X, FdKind::Inotify),
        (EventType::EPOLL_CREATE_X, FdKind::EventPoll),
        (EventType::BPF_2_X, FdKind::Bpf),
        (EventType::USERFAULTFD_X, FdKind::UserFaultFd),
        (EventType::IO_URING_SETUP_X, FdKind::IoUring),
    ];
    for (ty, kind) in cases {
        let mut machine = Machine::new();
        let event = machine.event(ty, 10).i64(5);
        machine.run(&event);
        assert_eq!(machine.fd(10, 5).map(|fd| &fd.kind), Some(&kind), "{ty:?}");
    }
    let mut machine = Machine::new();
    let event = machine.event(EventType::MEMFD_CREATE_X, 10).i64(5).str("shm").u32(1);
    machine.run(&event);
    let fd = machine.fd(10, 5).unwrap();
    assert_eq!((&fd.kind, &*fd.name, fd.is_close_on_exec()), (&FdKind::MemFd, &b"shm"[..], true));
}

#[test]
fn descriptors_of_others_can_be_fetched() {
    let mut machine = Machine::new();
    machine.fork();
    machine.openat(20, 6, AT_FDCWD, "/secret", 2);
    let event = machine.event(EventType::PIDFD_OPEN_X, 10).i64(3).i64(20).u32(0);
    machine.run(&event);
    assert_eq!(machine.name(10, 3), "/proc/20");
    let event = machine.event(EventType::PIDFD_GETFD_X, 10).i64(4).i64(3).i64(6).u32(0);
    machine.run(&event);
    assert_eq!(machine.name(10, 4), "/secret");
}

#[test]
fn the_count_of_descriptors_is_kept() {
    let mut machine = Machine::new();
    for fd in 3..20 {
        machine.openat(10, fd, AT_FDCWD, "/x", 2);
    }
    machine.fork();
    machine.close(20, 5);
    machine.exec(20, "/bin/x");
    let threads = &machine.state.threads;
    assert_eq!(threads.fd_count(), 17 + 16);
    machine.exit(20, 0);
    assert_eq!(machine.state.threads.fd_count(), 17);
}
