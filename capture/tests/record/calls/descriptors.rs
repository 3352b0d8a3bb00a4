//! Descriptors: copying, closing, making special ones.

use lanner_capture::event::EventType as E;

use super::raw::{Calls, P, call, neg, p, pm};

pub fn make(calls: &mut Calls) {
    let file = call("open", &[p(c"/etc/passwd"), 0, 0]);
    let fd = file as u64;
    let copy = calls.call("dup", &[fd], E::DUP_1_X, &[P::Ret, P::I8(file)]);
    calls.call("dup", &[4242], E::DUP_1_X, &[P::Ret, P::I8(4242)]);
    calls.call("dup2", &[fd, copy as u64], E::DUP2_X, &[P::Ret, P::I8(file), P::I8(copy)]);
    calls.call(
        "dup3",
        &[fd, copy as u64, 0o2000000],
        E::DUP3_X,
        &[P::Ret, P::I8(file), P::I8(copy), P::U4(4096)],
    );
    let fcntl = |cmd: u8, arg: u64| [P::Ret, P::I8(file), P::U1(cmd), P::U8(arg)];
    calls.call("fcntl", &[fd, 1, 77], E::FCNTL_X, &fcntl(2, 77));
    calls.call("fcntl", &[fd, 2, 1], E::FCNTL_X, &fcntl(3, 1));
    calls.call("fcntl", &[fd, 999_999, 0], E::FCNTL_X, &fcntl(0, 0));
    let other = calls.call("fcntl", &[fd, 1030, 100], E::FCNTL_X, &fcntl(26, 100));
    calls.call(
        "ioctl",
        &[fd, 0x5401, 0x1234],
        E::IOCTL_3_X,
        &[P::Ret, P::I8(file), P::U8(0x5401), P::U8(0x1234)],
    );
    calls.call("lseek", &[fd, 5, 0], E::LSEEK_X, &[P::Ret, P::I8(file), P::U8(5), P::U1(0)]);
    calls.call("lseek", &[fd, neg(-1), 2], E::LSEEK_X, &[P::Ret, P::I8(file), P::U8(u64::MAX), P::U1(2)]);
    calls.call("close", &[copy as u64], E::CLOSE_X, &[P::Ret, P::I8(copy)]);
    calls.call("close", &[neg(-1)], E::CLOSE_X, &[P::Ret, P::I8(-1)]);
    calls.call(
        "close_range",
        &[other as u64, 200, 4],
        E::CLOSE_RANGE_X,
        &[P::Ret, P::U4(other as u32), P::U4(200), P::U4(4)],
    );
    call("close", &[fd]);
    pipes(calls);
    special(calls);
}

fn pipes(calls: &mut Calls) {
    let inode = |fd: i32| {
        let link = std::fs::read_link(format!("/proc/self/fd/{fd}")).unwrap();
        let text = link.to_str().unwrap().trim_start_matches("pipe:[").trim_end_matches(']').to_owned();
        text.parse::<u64>().unwrap()
    };
    let mut ends = [0i32; 2];
    let ret = call("pipe", &[pm(&mut ends)]);
    let fds = |ends: [i32; 2]| [P::Ret, P::I8(ends[0].into()), P::I8(ends[1].into()), P::U8(inode(ends[0]))];
    calls.expect("pipe", E::PIPE_X, ret, &fds(ends));
    let ret = call("pipe2", &[pm(&mut ends), 0o2000000 | 0o4000]);
    let mut params = fds(ends).to_vec();
    params.push(P::U4(4096 | 64));
    calls.expect("pipe2", E::PIPE2_X, ret, &params);
    calls.call("pipe2", &[8, 0], E::PIPE2_X, &[P::Ret, P::I8(-1), P::I8(-1), P::U8(0), P::U4(0)]);
}

fn special(calls: &mut Calls) {
    let (nonblock, cloexec) = (0o4000, 0o2000000);
    let event = calls.call("eventfd", &[7], E::EVENTFD_X, &[P::Ret, P::U8(7), P::U4(0)]);
    calls.call("eventfd2", &[8, nonblock | cloexec], E::EVENTFD2_X, &[P::Ret, P::U2(64 | 4096), P::U8(8)]);
    let mask = 0u64;
    calls.call("signalfd", &[neg(-1), p(&mask), 8], E::SIGNALFD_X, &[P::Ret, P::I8(-1), P::U4(0), P::U1(0)]);
    calls.call(
        "signalfd4",
        &[neg(-1), p(&mask), 8, cloexec],
        E::SIGNALFD4_X,
        &[P::Ret, P::U2(4096), P::I8(-1), P::U4(0)],
    );
    calls.call("timerfd_create", &[1, nonblock], E::TIMERFD_CREATE_X, &[P::Ret, P::U1(1), P::U1(64)]);
    calls.call("inotify_init", &[], E::INOTIFY_INIT_X, &[P::Ret, P::U1(0)]);
    calls.call("inotify_init1", &[cloexec], E::INOTIFY_INIT1_X, &[P::Ret, P::U2(4096)]);
    calls.call("epoll_create", &[3], E::EPOLL_CREATE_X, &[P::Ret, P::B(3i32.to_le_bytes().to_vec())]);
    let epoll = calls.call("epoll_create1", &[cloexec], E::EPOLL_CREATE1_X, &[P::Ret, P::U4(1)]);
    let mut events = [0u8; 64];
    calls.call("epoll_wait", &[epoll as u64, pm(&mut events), 4, 0], E::EPOLLWAIT_X, &[P::Ret, P::I8(4)]);
    calls.call("userfaultfd", &[cloexec | 1], E::USERFAULTFD_X, &[P::Ret, P::U4((cloexec | 1) as u32)]);
    let pid = std::process::id();
    let pidfd =
        calls.call("pidfd_open", &[pid.into(), 0], E::PIDFD_OPEN_X, &[P::Ret, P::I8(pid.into()), P::U4(0)]);
    calls.call(
        "pidfd_getfd",
        &[pidfd as u64, event as u64, 0],
        E::PIDFD_GETFD_X,
        &[P::Ret, P::I8(pidfd), P::I8(event), P::U4(0)],
    );
    waiting(calls, event);
}

/// Polling an eventfd, which is readable and writable.
fn waiting(calls: &mut Calls, event: i64) {
    #[repr(C)]
    struct PollFd(i32, i16, i16);
    let mut fds = [PollFd(event as i32, 1 | 4, 0), PollFd(-1, 1, 0)];
    let list = |fds: &[(i64, i16)]| {
        let mut bytes = (fds.len() as u16).to_le_bytes().to_vec();
        for (fd, events) in fds {
            bytes.extend_from_slice(&fd.to_le_bytes());
            bytes.extend_from_slice(&events.to_le_bytes());
        }
        P::B(bytes)
    };
    let seen = list(&[(event, 1 | 4), (-1, 0)]);
    calls.call("poll", &[pm(&mut fds), 2, 3], E::POLL_X, &[P::Ret, seen.clone(), P::I8(3)]);
    calls.call("poll", &[0, 0, 0], E::POLL_X, &[P::Ret, list(&[]), P::I8(0)]);
    let (time, mask) = ([1u64, 500], 0x1234u64 << 8);
    calls.call(
        "ppoll",
        &[pm(&mut fds), 2, p(&time), p(&mask), 8],
        E::PPOLL_X,
        // The time is what the kernel left of it.
        &[P::Ret, seen, P::Any, P::U4(0x12_3400)],
    );
    let none = [0u64; 2];
    calls.call("select", &[0, 0, 0, 0, p(&none)], E::SELECT_X, &[P::Ret]);
}
