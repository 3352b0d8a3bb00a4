//! Calls that make, copy and close descriptors, other than opens and sockets.

use capture::event::schema::param::*;
use capture::event::{Event, EventType};

use super::Effect;
use super::fd::{self, FdInfo, FdKind};
use super::thread::flag;
use super::update::Update;
use crate::text::Text;

/// `PPM_FCNTL_F_DUPFD`, `PPM_FCNTL_F_SETFD` and `PPM_FCNTL_F_DUPFD_CLOEXEC`.
mod fcntl_cmd {
    pub const DUPFD: u8 = 1;
    pub const SETFD: u8 = 3;
    pub const DUPFD_CLOEXEC: u8 = 26;
}

/// The kernel's `FD_CLOEXEC`, the argument of `F_SETFD`.
const FD_CLOEXEC: u64 = 1;
/// `PPM_CLOSE_RANGE_CLOEXEC`.
const CLOSE_RANGE_CLOEXEC: u32 = 1 << 2;
/// `PPM_EPOLL_CLOEXEC`.
const EPOLL_CLOEXEC: u32 = 1;

/// `close`: the descriptor goes after the event, so that rules see it.
pub(super) fn close(update: &mut Update<'_>) {
    if update.succeeded()
        && update.applied.has_fd
        && let Some(tid) = update.thread().map(|thread| thread.tid)
    {
        let fd = update.fd_num();
        update.later(Effect::CloseFd { tid, fd });
    }
}

/// `close_range`: either closes all, which rules do not see, or marks them to be closed by an exec.
pub(super) fn close_range(update: &mut Update<'_>) {
    let event = update.event;
    let (Some(index), true) = (update.thread, update.succeeded()) else { return };
    let (Some(first), Some(last)) = (event.u32_at(CLOSE_RANGE_X::first), event.u32_at(CLOSE_RANGE_X::last))
    else {
        return;
    };
    let threads = &mut update.state.threads;
    let range = i64::from(first)..=i64::from(last);
    if event.u32_at(CLOSE_RANGE_X::flags).unwrap_or(0) & CLOSE_RANGE_CLOEXEC == 0 {
        threads.change_fds(index, |fds| fds.retain(|fd, _| !range.contains(&fd)));
        return;
    }
    let unmarked = |fd, info: &FdInfo| range.contains(&fd) && info.open_flags & fd::O_CLOEXEC == 0;
    let unmarked = threads.fds(index).map(|fds| fds.numbers(unmarked));
    for fd in unmarked.unwrap_or_default() {
        if let Some(info) = threads.fd_mut(index, fd) {
            info.open_flags |= fd::O_CLOEXEC;
        }
    }
}

/// `dup`, `dup2`, `dup3`.
pub(super) fn dup(update: &mut Update<'_>) {
    let (Some(newfd), Some(copy)) = (update.result().filter(|fd| *fd >= 0), update.fd().cloned()) else {
        return;
    };
    if let Some(thread) = update.thread_mut() {
        // A guess: a shell connects a pipe this way.
        match newfd {
            0 => thread.flags |= flag::PIPE_DST,
            1 => thread.flags |= flag::PIPE_SRC,
            _ => {}
        }
    }
    let is_dup3 = update.event.ty == EventType::DUP3_X;
    let flags = if is_dup3 { update.event.u32_at(DUP3_X::flags).unwrap_or(0) } else { 0 };
    duplicate(update, newfd, copy, flags & fd::O_CLOEXEC != 0);
}

/// Whether an `fcntl` may copy or mark a descriptor.
pub(super) fn is_fcntl_change(event: &Event<'_>) -> bool {
    let cmd = event.u8_at(FCNTL_X::cmd);
    matches!(cmd, Some(fcntl_cmd::DUPFD | fcntl_cmd::SETFD | fcntl_cmd::DUPFD_CLOEXEC))
}

/// `fcntl`, as far as it copies or marks descriptors.
pub(super) fn fcntl(update: &mut Update<'_>) {
    let event = update.event;
    if !is_fcntl_change(event) {
        return;
    }
    let Some(cmd) = event.u8_at(FCNTL_X::cmd) else { return };
    let Some(result) = update.result().filter(|result| *result >= 0) else { return };
    if cmd == fcntl_cmd::SETFD {
        let on = event.u64_at(FCNTL_X::arg).unwrap_or(0) & FD_CLOEXEC != 0;
        if let Some(fd) = update.fd_mut() {
            fd.set_close_on_exec(on);
        }
    } else if let Some(copy) = update.fd().cloned() {
        duplicate(update, result, copy, cmd == fcntl_cmd::DUPFD_CLOEXEC);
    }
}

fn duplicate(update: &mut Update<'_>, newfd: i64, mut copy: FdInfo, close_on_exec: bool) {
    copy.set_close_on_exec(close_on_exec);
    update.add_duplicate(newfd, copy);
}

/// `pipe` and `pipe2`: both ends have the same inode.
pub(super) fn pipe(update: &mut Update<'_>) {
    let event = update.event;
    if !update.succeeded() {
        return;
    }
    let (Some(fd1), Some(fd2)) = (event.i64_at(PIPE_X::fd1), event.i64_at(PIPE_X::fd2)) else { return };
    let flags = if event.ty == EventType::PIPE2_X { event.u32_at(PIPE2_X::flags) } else { None };
    let end = FdInfo {
        ino: event.u64_at(PIPE_X::ino).unwrap_or(0),
        open_flags: flags.unwrap_or(0),
        ..FdInfo::new(FdKind::Pipe)
    };
    update.add_fd(fd1, end.clone());
    update.add_fd(fd2, end);
}

/// `socketpair`.
pub(super) fn socketpair(update: &mut Update<'_>) {
    let event = update.event;
    if !update.succeeded() {
        return;
    }
    let (Some(fd1), Some(fd2)) = (event.i64_at(SOCKETPAIR_X::fd1), event.i64_at(SOCKETPAIR_X::fd2)) else {
        return;
    };
    if fd1 == fd2 {
        update.applied.has_fd = false;
        return;
    }
    let end = FdInfo::new(FdKind::Unix {
        source: event.u64_at(SOCKETPAIR_X::source).unwrap_or(0),
        destination: event.u64_at(SOCKETPAIR_X::peer).unwrap_or(0),
    });
    update.add_fd(fd1, end.clone());
    update.add_fd(fd2, end);
}

/// Calls that return one descriptor of a kind of their own.
pub(super) fn create(update: &mut Update<'_>, kind: FdKind) {
    let event = update.event;
    let Some(fd) = update.result().filter(|fd| *fd >= 0) else { return };
    let open_flags = match event.ty {
        EventType::EVENTFD2_X => event.u16_at(EVENTFD2_X::flags).map(u32::from),
        EventType::INOTIFY_INIT1_X => event.u16_at(INOTIFY_INIT1_X::flags).map(u32::from),
        EventType::SIGNALFD4_X => event.u16_at(SIGNALFD4_X::flags).map(u32::from),
        EventType::TIMERFD_CREATE_X => event.u8_at(TIMERFD_CREATE_X::flags).map(u32::from),
        EventType::EPOLL_CREATE1_X => {
            let flags = event.u32_at(EPOLL_CREATE1_X::flags).unwrap_or(0);
            Some(if flags & EPOLL_CLOEXEC != 0 { fd::O_CLOEXEC } else { 0 })
        }
        _ => None,
    };
    update.add_fd(fd, FdInfo { open_flags: open_flags.unwrap_or(0), ..FdInfo::new(kind) });
}

/// `memfd_create`. A failed one leaves an entry without a type at the error's number, as upstream does.
pub(super) fn memfd_create(update: &mut Update<'_>) {
    let Some(fd) = update.result() else { return };
    if fd < 0 {
        update.add_fd(fd, FdInfo::new(FdKind::Uninitialized));
        return;
    }
    let info = FdInfo {
        name: Text::new(update.text(MEMFD_CREATE_X::name)),
        open_flags: update.event.u32_at(MEMFD_CREATE_X::flags).unwrap_or(0),
        ..FdInfo::new(FdKind::MemFd)
    };
    update.add_fd(fd, info);
}

/// `pidfd_open`: named after the process' directory.
pub(super) fn pidfd_open(update: &mut Update<'_>) {
    let event = update.event;
    let (Some(fd), Some(pid)) = (update.result().filter(|fd| *fd >= 0), event.i64_at(PIDFD_OPEN_X::pid))
    else {
        return;
    };
    let info = FdInfo {
        name: Text::new(format!("/proc/{pid}").as_bytes()),
        open_flags: event.u32_at(PIDFD_OPEN_X::flags).unwrap_or(0),
        ..FdInfo::new(FdKind::PidFd { pid })
    };
    update.add_fd(fd, info);
}

/// `pidfd_getfd`: a copy of another process' descriptor.
pub(super) fn pidfd_getfd(update: &mut Update<'_>) {
    let event = update.event;
    let Some(FdKind::PidFd { pid }) =
        event.i64_at(PIDFD_GETFD_X::pid_fd).and_then(|fd| update.fd_at(fd)).map(|fd| &fd.kind)
    else {
        return;
    };
    let threads = &update.state.threads;
    let source = threads.index_of(*pid).and_then(|index| threads.fds(index));
    let target = event.i64_at(PIDFD_GETFD_X::target_fd).filter(|fd| *fd >= 0);
    let copy = source.zip(target).and_then(|(fds, target)| fds.get(target)).cloned();
    if let (Some(fd), Some(copy)) = (update.result(), copy) {
        duplicate(update, fd, copy, true);
    }
}
