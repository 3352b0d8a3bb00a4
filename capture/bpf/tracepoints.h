// SPDX-License-Identifier: MIT OR Apache-2.0
// Events of the kernel itself that are recorded only when asked for: they outnumber system calls.
#pragma once

// The CPU goes from the current task to another.
SEC("tp_btf/sched_switch")
int sched_switch(u64 *ctx)
{
	struct task_struct *task = current_task(), *next = (void *)ctx[2];
	struct event e = event_of(task);
	if (!wanted_process(task->tgid) || !in_cgroups() || !begin_sized(&e, SCHEDSWITCH_6_E, 36))
		return 0;
	put_s64(&e, next->pid);
	put_u64(&e, task->maj_flt);
	put_u64(&e, task->min_flt);
	put_vm(&e);
	submit(&e);
	return 0;
}

#define ERROR_PRESENT (1 << 0)
#define ERROR_WRITE (1 << 1)
#define ERROR_USER (1 << 2)
#define ERROR_RESERVED (1 << 3)
#define ERROR_FETCH (1 << 4)

INLINE u32 fault_flags(u64 error)
{
	u32 flags = error & ERROR_PRESENT ? PF_FLAGS_PROTECTION_VIOLATION : PF_FLAGS_PAGE_NOT_PRESENT;
	flags |= error & ERROR_WRITE ? PF_FLAGS_WRITE_ACCESS : PF_FLAGS_READ_ACCESS;
	flags |= error & ERROR_USER ? PF_FLAGS_USER_FAULT : PF_FLAGS_SUPERVISOR_FAULT;
	return flags | MAP_BIT(error, ERROR_RESERVED, PF_FLAGS_RESERVED_PAGE) |
	       MAP_BIT(error, ERROR_FETCH, PF_FLAGS_INSTRUCTION_FETCH);
}

INLINE int page_fault(u64 *ctx)
{
	struct pt_regs *regs = (void *)ctx[1];
	struct task_struct *task = current_task();
	struct event e = event_of(task);
	if (!wanted_process(task->tgid) || !in_cgroups() || !begin_sized(&e, PAGE_FAULT_E, 20))
		return 0;
	put_u64(&e, ctx[0]);
	put_u64(&e, instruction_pointer(regs));
	put_u32(&e, fault_flags(ctx[2]));
	submit(&e);
	return 0;
}

// Two tracepoints, one program each. Only x86 has them.
SEC("tp_btf/page_fault_user")
int page_fault_user(u64 *ctx)
{
	return page_fault(ctx);
}

SEC("tp_btf/page_fault_kernel")
int page_fault_kernel(u64 *ctx)
{
	return page_fault(ctx);
}
