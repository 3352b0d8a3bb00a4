// SPDX-License-Identifier: MIT OR Apache-2.0
// The recorder's programs and where they attach.
//
// Every system call's exit enters `sys_exit`, which filters and then jumps to the call's handler, unless it is one of the few
// that programs call most, which it has in itself; a call without one becomes a generic event here. Handlers are named
// after the event they record (OPENAT_2_X: openat_2_x), which is how the recorder finds them. Successful execs, exits
// of processes and forks come from their own tracepoints.
#include "events.gen.h"

#include "bpf.h"
#include "kernel.h"
#include "maps.h"
#include "read.h"

#include "event.h"
#include "extract.h"
#include "flags.h"

// Defines the program that records event `name` at a system call's exit.
#define HANDLER(name)                                                \
	INLINE void record_##name(struct call *call, struct event *e); \
	SEC("tp_btf/sys_exit") int name(u64 *ctx)                    \
	{                                                            \
		struct task_struct *task = current_task();           \
		struct call call = { task, (void *)ctx[0], ctx[1],   \
				     compat_mask(task) };            \
		struct event e = event_of(task);                     \
		record_##name(&call, &e);                            \
		return 0;                                            \
	}                                                            \
	INLINE void record_##name(struct call *call, struct event *e)

#include "cred.h"
#include "fd.h"
#include "file.h"
#include "io.h"
#include "ipc.h"
#include "memory.h"
#include "net.h"
#include "process.h"
#include "seed.h"
#include "system.h"
#include "tracepoints.h"

// What a system call without a handler becomes: its numbers only.
INLINE void record_generic(struct event *e, u16 code, u16 native)
{
	if (!begin_sized(e, GENERIC_X, 4))
		return;
	put_u16(e, code);
	put_u16(e, native);
	submit(e);
}

SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	struct task_struct *task = current_task();
	struct call call = { task, (void *)ctx[0], ctx[1], 0 };
	struct event e = event_of(task);
	if (!wanted_process(task->tgid))
		return 0;
	u32 number = syscall_number(call.regs);
	syscall_info info;
	bool compat = in_compat_syscall(task);
	if (compat) {
#if defined(__TARGET_ARCH_x86)
		struct compat_call *found = map_lookup(&compat_syscalls, &number);
		if (!found)
			return 0;
		info = found->info;
		number = found->number;
#else
		count_drop(DROP_COMPAT_SYSCALL, EV_GENERIC_X);
		return 0;
#endif
	} else {
		syscall_info *found = map_lookup(&syscalls, &number);
		if (!found)
			return 0;
		info = *found;
	}
	if (!(info & SYSCALL_WANTED) || !in_cgroups()) {
		if (!(info & SYSCALL_CHANGES_STATE) || (call.ret < 0 && call.ret != -EINPROGRESS))
			return 0;
	}
	if (info & SYSCALL_HANDLED) {
		// What programs call most, without the jump.
		switch (compat ? 0 : SYSCALL_EVENT(info)) {
		case EV_READ_X: record_read_x(&call, &e); return 0;
		case EV_WRITE_X: record_write_x(&call, &e); return 0;
		case EV_OPENAT_2_X: record_openat_2_x(&call, &e); return 0;
		case EV_OPEN_X: record_open_x(&call, &e); return 0;
		case EV_CLOSE_X: record_close_x(&call, &e); return 0;
		}
		tail_call(ctx, &handlers, number);
	}
	record_generic(&e, info, number);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
