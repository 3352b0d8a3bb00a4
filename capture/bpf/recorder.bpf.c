// SPDX-License-Identifier: MIT OR Apache-2.0
// The recorder's programs and where they attach.
//
// Every system call's exit enters `sys_exit`, which filters and then jumps to the call's handler; a call
// without one becomes a generic event here. Handlers are named after the event they record (OPENAT_2_X:
// openat_2_x), which is how the recorder finds them. Successful execs, exits of processes and forks
// come from their own tracepoints.
#include "events.gen.h"

#include "bpf.h"
#include "kernel.h"
#include "maps.h"

#include "event.h"
#include "extract.h"
#include "flags.h"

// Defines the program that records event `name` at a system call's exit.
#define HANDLER(name)                                                \
	INLINE void record_##name(struct call *call, struct event *e); \
	SEC("tp_btf/sys_exit") int name(u64 *ctx)                    \
	{                                                            \
		struct call call = { (void *)ctx[0], ctx[1], compat_mask() }; \
		struct event e;                                      \
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
INLINE void record_generic(u16 code, u16 native)
{
	struct event e;
	if (!begin_sized(&e, GENERIC_X, 4))
		return;
	put_u16(&e, code);
	put_u16(&e, native);
	submit(&e);
}

SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	struct pt_regs *regs = (void *)ctx[0];
	if (!wanted_process(current_pid_tgid() >> 32))
		return 0;
	u32 number = syscall_number(regs);
	syscall_info info;
	if (in_compat_syscall(current_task())) {
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
		s64 ret = ctx[1];
		if (!(info & SYSCALL_CHANGES_STATE) || (ret < 0 && ret != -EINPROGRESS))
			return 0;
	}
	if (info & SYSCALL_HANDLED)
		tail_call(ctx, &handlers, number);
	record_generic(info, number);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
