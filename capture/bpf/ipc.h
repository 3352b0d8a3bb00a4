// SPDX-License-Identifier: MIT OR Apache-2.0
// Signals, tracing of processes, semaphores, waiting.
#pragma once

HANDLER(kill_x)
{
	if (!begin_sized(e, KILL_X, 17))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u8(e, arg(call, 1));
	submit(e);
}

HANDLER(tkill_x)
{
	if (!begin_sized(e, TKILL_X, 17))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u8(e, arg(call, 1));
	submit(e);
}

HANDLER(tgkill_x)
{
	if (!begin_sized(e, TGKILL_X, 25))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_s64(e, (s32)arg(call, 1));
	put_u8(e, arg(call, 2));
	submit(e);
}

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGKILL 9
#define SIGTERM 15
#define SIGCHLD 17
#define SIGTSTP 20
#define SIGRTMIN 32
#define SIGRTMAX 64
#define SI_CODE_AT 8
#define SI_PID_AT 16

// Who sent a signal that a process sent; 0 for one of the kernel's. The fields read have the same
// place in siginfo_t on all 64-bit architectures, and where there is a pid it is the same for all kinds.
INLINE s64 sender(u32 signal, const u8 *info)
{
	s32 code = 0, pid = 0;
	read_kernel(&code, sizeof(code), info + SI_CODE_AT);
	read_kernel(&pid, sizeof(pid), info + SI_PID_AT);
	switch (signal) {
	case SIGKILL:
	case SIGCHLD: return pid;
	case SIGTERM:
	case SIGHUP:
	case SIGINT:
	case SIGTSTP:
	case SIGQUIT: return code <= 0 ? pid : 0;
	}
	return signal >= SIGRTMIN && signal <= SIGRTMAX ? pid : 0;
}

SEC("tp_btf/signal_deliver")
int signal_deliver(u64 *ctx)
{
	struct task_struct *task = current_task();
	struct event e = event_of(task);
	if (!wanted_process(task->tgid) || !begin_sized(&e, SIGNALDELIVER_E, 17))
		return 0;
	put_s64(&e, sender(ctx[0], (const u8 *)ctx[1]));
	put_s64(&e, task->pid);
	put_u8(&e, ctx[0]);
	submit(&e);
	return 0;
}

#define PTRACE_AS_NUMBER 0
#define PTRACE_AS_SIGNAL 1

HANDLER(ptrace_x)
{
	if (!begin(e, PTRACE_X))
		return;
	u16 request = ptrace_request(arg(call, 0));
	u64 data = arg(call, 3);
	bool failed = call->ret < 0;
	u64 start;
	put_s64(e, call->ret);

	append_u8(e, PTRACE_AS_NUMBER);
	append_u64(e, failed ? 0 : arg(call, 2));
	end_param(e, 9);

	start = e->end;
	switch (failed ? 0 : request) {
	case PTRACE_REQUESTS_PTRACE_CONT:
	case PTRACE_REQUESTS_PTRACE_SINGLESTEP:
	case PTRACE_REQUESTS_PTRACE_DETACH:
	case PTRACE_REQUESTS_PTRACE_SYSCALL:
		append_u8(e, PTRACE_AS_SIGNAL);
		append_u8(e, data);
		break;
	case PTRACE_REQUESTS_PTRACE_PEEKTEXT:
	case PTRACE_REQUESTS_PTRACE_PEEKDATA:
	case PTRACE_REQUESTS_PTRACE_PEEKUSR: {
		// The call stored what it read there.
		u64 value = 0;
		read_user(&value, sizeof(value), (void *)data);
		append_u8(e, PTRACE_AS_NUMBER);
		append_u64(e, value);
		break;
	}
	default:
		append_u8(e, PTRACE_AS_NUMBER);
		append_u64(e, failed ? 0 : data);
	}
	end_param(e, e->end - start);

	put_u16(e, request);
	put_s64(e, (s32)arg(call, 1));
	submit(e);
}

struct sembuf {
	u16 num;
	s16 op;
	u16 flags;
};

// The first two operations.
HANDLER(semop_x)
{
	if (!begin_sized(e, SEMOP_X, 28))
		return;
	struct sembuf ops[2] = {};
	u32 count = arg(call, 2);
	if (call->ret == 0 && count == 1)
		read_user(ops, sizeof(ops[0]), (void *)arg(call, 1));
	else if (call->ret == 0 && count > 1)
		read_user(ops, sizeof(ops), (void *)arg(call, 1));
	put_s64(e, call->ret);
	put_u32(e, count);
	put_u16(e, ops[0].num);
	put_s16(e, ops[0].op);
	put_u16(e, semop_flags(ops[0].flags));
	put_u16(e, ops[1].num);
	put_s16(e, ops[1].op);
	put_u16(e, semop_flags(ops[1].flags));
	put_s32(e, arg(call, 0));
	submit(e);
}

#define SETVAL 16

HANDLER(semctl_x)
{
	if (!begin_sized(e, SEMCTL_X, 22))
		return;
	u16 command = arg(call, 2);
	put_s64(e, call->ret);
	put_s32(e, arg(call, 0));
	put_s32(e, arg(call, 1));
	put_u16(e, semctl_command(command));
	put_s32(e, command == SETVAL ? arg(call, 3) : 0);
	submit(e);
}

HANDLER(semget_x)
{
	if (!begin_sized(e, SEMGET_X, 20))
		return;
	put_s64(e, call->ret);
	put_s32(e, arg(call, 0));
	put_s32(e, arg(call, 1));
	put_u32(e, semget_flags(arg(call, 2)));
	submit(e);
}

HANDLER(futex_x)
{
	if (!begin_sized(e, FUTEX_X, 26))
		return;
	put_s64(e, call->ret);
	put_u64(e, arg(call, 0));
	put_u16(e, futex_operation(arg(call, 1)));
	put_u64(e, (u32)arg(call, 2));
	submit(e);
}

HANDLER(nanosleep_x)
{
	if (!begin_sized(e, NANOSLEEP_X, 16))
		return;
	put_s64(e, call->ret);
	put_u64(e, user_timespec_ns(arg(call, 0)));
	submit(e);
}
