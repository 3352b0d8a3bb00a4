// SPDX-License-Identifier: MIT OR Apache-2.0
// Calls that work on descriptors or make special ones.
#pragma once

HANDLER(close_x)
{
	if (!begin_sized(e, CLOSE_X, 16))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	submit(e);
}

HANDLER(close_range_x)
{
	if (!begin_sized(e, CLOSE_RANGE_X, 20))
		return;
	put_s64(e, call->ret);
	put_u32(e, arg(call, 0));
	put_u32(e, arg(call, 1));
	put_u32(e, arg(call, 2) & (CLOSE_RANGE_FLAGS_CLOSE_RANGE_UNSHARE | CLOSE_RANGE_FLAGS_CLOSE_RANGE_CLOEXEC));
	submit(e);
}

HANDLER(dup_1_x)
{
	if (!begin_sized(e, DUP_1_X, 16))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	submit(e);
}

HANDLER(dup2_x)
{
	if (!begin_sized(e, DUP2_X, 24))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_s64(e, (s32)arg(call, 1));
	submit(e);
}

HANDLER(dup3_x)
{
	if (!begin_sized(e, DUP3_X, 28))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_s64(e, (s32)arg(call, 1));
	put_u32(e, MAP_BIT(arg(call, 2), O_CLOEXEC, FILE_FLAGS_O_CLOEXEC));
	submit(e);
}

HANDLER(fcntl_x)
{
	if (!begin_sized(e, FCNTL_X, 25))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u8(e, fcntl_command(arg(call, 1)));
	put_u64(e, arg(call, 2));
	submit(e);
}

HANDLER(ioctl_3_x)
{
	if (!begin_sized(e, IOCTL_3_X, 32))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u64(e, arg(call, 1));
	put_u64(e, arg(call, 2));
	submit(e);
}

HANDLER(flock_x)
{
	if (!begin_sized(e, FLOCK_X, 20))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 1) & 0xf);
	submit(e);
}

// Both ends of a new pipe and its inode.
INLINE void put_pipe(struct event *e, struct call *call)
{
	s32 fds[2];
	if (read_user(fds, sizeof(fds), (void *)arg(call, 0)))
		fds[0] = fds[1] = -1;
	put_s64(e, call->ret);
	put_s64(e, fds[0]);
	put_s64(e, fds[1]);
	put_u64(e, call->ret == 0 ? inode_of_fd(call->task, fds[0]) : 0);
}

HANDLER(pipe_x)
{
	if (!begin_sized(e, PIPE_X, 32))
		return;
	put_pipe(e, call);
	submit(e);
}

HANDLER(pipe2_x)
{
	if (!begin_sized(e, PIPE2_X, 36))
		return;
	put_pipe(e, call);
	put_u32(e, pipe_flags(arg(call, 1)));
	submit(e);
}

HANDLER(eventfd_x)
{
	if (!begin_sized(e, EVENTFD_X, 20))
		return;
	put_s64(e, call->ret);
	put_u64(e, arg(call, 0));
	put_u32(e, 0);
	submit(e);
}

HANDLER(eventfd2_x)
{
	if (!begin_sized(e, EVENTFD2_X, 18))
		return;
	put_s64(e, call->ret);
	put_u16(e, fd_flags(arg(call, 1)));
	put_u64(e, arg(call, 0));
	submit(e);
}

// The Falco drivers record no signal mask either.
HANDLER(signalfd_x)
{
	if (!begin_sized(e, SIGNALFD_X, 21))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, 0);
	put_u8(e, 0);
	submit(e);
}

HANDLER(signalfd4_x)
{
	if (!begin_sized(e, SIGNALFD4_X, 22))
		return;
	put_s64(e, call->ret);
	put_u16(e, fd_flags(arg(call, 3)));
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, 0);
	submit(e);
}

HANDLER(timerfd_create_x)
{
	if (!begin_sized(e, TIMERFD_CREATE_X, 10))
		return;
	put_s64(e, call->ret);
	put_u8(e, arg(call, 0));
	put_u8(e, fd_flags(arg(call, 1)));
	submit(e);
}

HANDLER(inotify_init_x)
{
	if (!begin_sized(e, INOTIFY_INIT_X, 9))
		return;
	put_s64(e, call->ret);
	put_u8(e, 0);
	submit(e);
}

HANDLER(inotify_init1_x)
{
	if (!begin_sized(e, INOTIFY_INIT1_X, 10))
		return;
	put_s64(e, call->ret);
	put_u16(e, fd_flags(arg(call, 0)));
	submit(e);
}

HANDLER(epoll_create_x)
{
	if (!begin_sized(e, EPOLL_CREATE_X, 12))
		return;
	put_s64(e, call->ret);
	put_s32(e, arg(call, 0));
	submit(e);
}

HANDLER(epoll_create1_x)
{
	if (!begin_sized(e, EPOLL_CREATE1_X, 12))
		return;
	put_s64(e, call->ret);
	put_u32(e, MAP_BIT(arg(call, 0), O_CLOEXEC, EPOLL_CREATE1_FLAGS_EPOLL_CLOEXEC));
	submit(e);
}

HANDLER(epollwait_x)
{
	if (!begin_sized(e, EPOLLWAIT_X, 16))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 2));
	submit(e);
}

HANDLER(userfaultfd_x)
{
	if (!begin_sized(e, USERFAULTFD_X, 12))
		return;
	put_s64(e, call->ret);
	put_u32(e, arg(call, 0));
	submit(e);
}

HANDLER(pidfd_open_x)
{
	if (!begin_sized(e, PIDFD_OPEN_X, 20))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, MAP_BIT(arg(call, 1), O_NONBLOCK, PIDFD_OPEN_FLAGS_PIDFD_NONBLOCK));
	submit(e);
}

HANDLER(pidfd_getfd_x)
{
	if (!begin_sized(e, PIDFD_GETFD_X, 28))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_s64(e, (s32)arg(call, 1));
	put_u32(e, arg(call, 2));
	submit(e);
}

// The result and a descriptor.
#define FD_CALL(name, event)                     \
	HANDLER(name)                            \
	{                                        \
		if (!begin_sized(e, event, 16))  \
			return;                  \
		put_s64(e, call->ret);           \
		put_s64(e, (s32)arg(call, 0));   \
		submit(e);                       \
	}

FD_CALL(fchdir_x, FCHDIR_X)
FD_CALL(fstat_x, FSTAT_X)
FD_CALL(getdents_x, GETDENTS_X)
FD_CALL(getdents64_x, GETDENTS64_X)

HANDLER(fchmod_x)
{
	if (!begin_sized(e, FCHMOD_X, 20))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 1) & 07777);
	submit(e);
}

HANDLER(fchown_x)
{
	if (!begin_sized(e, FCHOWN_X, 24))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 1));
	put_u32(e, arg(call, 2));
	submit(e);
}

HANDLER(lseek_x)
{
	if (!begin_sized(e, LSEEK_X, 25))
		return;
	u64 whence = arg(call, 2);
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u64(e, arg(call, 1));
	put_u8(e, whence <= 2 ? whence : 0);
	submit(e);
}

HANDLER(select_x)
{
	if (!begin_sized(e, SELECT_X, 8))
		return;
	put_s64(e, call->ret);
	submit(e);
}

#define POLLFDS_KEPT 16

struct pollfd {
	s32 fd;
	u16 events, revents;
};

// Descriptors with what happened to them: a count, then (i64 fd, i16 events) each.
GLOBAL u64 append_pollfds(struct scratch *scratch, u64 end, u64 from, u32 count)
{
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	struct pollfd fds[POLLFDS_KEPT];
	if (count > POLLFDS_KEPT)
		count = POLLFDS_KEPT;
	u32 bytes = count * sizeof(struct pollfd);
	OPAQUE(bytes);
	bytes &= sizeof(fds) - 1 | sizeof(fds);
	if (bytes > sizeof(fds) || read_user(fds, bytes, (void *)from))
		count = 0;
	append_u16(&e, count);
	for (u32 i = 0; i < POLLFDS_KEPT; i++) {
		if (i >= count)
			break;
		append_s64(&e, fds[i].fd);
		append_u16(&e, poll_events(fds[i].revents));
	}
	return e.end;
}

HANDLER(poll_x)
{
	if (!begin(e, POLL_X))
		return;
	put_s64(e, call->ret);
	PUT_BY(e, append_pollfds, arg(call, 0), arg(call, 1));
	put_s64(e, (u32)arg(call, 2));
	submit(e);
}

struct timespec {
	u64 sec, nsec;
};

INLINE u64 user_timespec_ns(u64 from)
{
	struct timespec time = {};
	read_user(&time, sizeof(time), (void *)from);
	return time.sec * 1000000000ULL + time.nsec;
}

HANDLER(ppoll_x)
{
	if (!begin(e, PPOLL_X))
		return;
	u64 mask = 0;
	read_user(&mask, sizeof(mask), (void *)arg(call, 3));
	put_s64(e, call->ret);
	PUT_BY(e, append_pollfds, arg(call, 0), arg(call, 1));
	put_u64(e, user_timespec_ns(arg(call, 2)));
	put_u32(e, mask);
	submit(e);
}
