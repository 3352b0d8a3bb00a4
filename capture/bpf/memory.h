// SPDX-License-Identifier: MIT OR Apache-2.0
// Memory: the process's sizes after the call are part of most events.
#pragma once

INLINE void put_vm(struct event *e)
{
	struct mm_struct *mm = current_task()->mm;
	put_u32(e, vm_size_kb(mm));
	put_u32(e, vm_rss_kb(mm));
	put_u32(e, vm_swap_kb(mm));
}

HANDLER(brk_4_x)
{
	if (!begin_sized(e, BRK_4_X, 28))
		return;
	put_u64(e, call->ret);
	put_vm(e);
	put_u64(e, arg(call, 0));
	submit(e);
}

HANDLER(mmap_x)
{
	if (!begin_sized(e, MMAP_X, 60))
		return;
	put_s64(e, call->ret);
	put_vm(e);
	put_u64(e, arg(call, 0));
	put_u64(e, arg(call, 1));
	put_u32(e, prot_flags(arg(call, 2)));
	put_u32(e, mmap_flags(arg(call, 3)));
	put_s64(e, (s32)arg(call, 4));
	put_u64(e, arg(call, 5));
	submit(e);
}

HANDLER(munmap_x)
{
	if (!begin_sized(e, MUNMAP_X, 36))
		return;
	put_s64(e, call->ret);
	put_vm(e);
	put_u64(e, arg(call, 0));
	put_u64(e, arg(call, 1));
	submit(e);
}

HANDLER(mprotect_x)
{
	if (!begin_sized(e, MPROTECT_X, 28))
		return;
	put_s64(e, call->ret);
	put_u64(e, arg(call, 0));
	put_u64(e, arg(call, 1));
	put_u32(e, prot_flags(arg(call, 2)));
	submit(e);
}

#define RANGE_CALL(name, event)                 \
	HANDLER(name)                           \
	{                                       \
		if (!begin_sized(e, event, 24)) \
			return;                 \
		put_s64(e, call->ret);          \
		put_u64(e, arg(call, 0));       \
		put_u64(e, arg(call, 1));       \
		submit(e);                      \
	}

RANGE_CALL(mlock_x, MLOCK_X)
RANGE_CALL(munlock_x, MUNLOCK_X)

HANDLER(mlock2_x)
{
	if (!begin_sized(e, MLOCK2_X, 28))
		return;
	put_s64(e, call->ret);
	put_u64(e, arg(call, 0));
	put_u64(e, arg(call, 1));
	put_u32(e, arg(call, 2) & MLOCK2_FLAGS_MLOCK_ONFAULT);
	submit(e);
}

HANDLER(mlockall_x)
{
	if (!begin_sized(e, MLOCKALL_X, 12))
		return;
	put_s64(e, call->ret);
	put_u32(e, arg(call, 0) & 7);
	submit(e);
}

HANDLER(munlockall_x)
{
	if (!begin_sized(e, MUNLOCKALL_X, 8))
		return;
	put_s64(e, call->ret);
	submit(e);
}
