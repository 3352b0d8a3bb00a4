// SPDX-License-Identifier: MIT OR Apache-2.0
// Counts system calls and does nothing else: what the recorder's cost and its accounting are compared with
// (benches/record, tests/record/honest.rs).
#include "bpf.h"
#include "kernel.h"

// Calls by native number, per CPU; numbers beyond the array are counted in its last place.
#define NUMBERS 512

struct {
	UINT(type, MAP_PERCPU_ARRAY);
	TYPE(key, u32);
	TYPE(value, u64);
	UINT(max_entries, NUMBERS);
} counts SEC(".maps");

// Calls of this process do not count, nor those of processes outside this control group, if there is one.
const volatile u32 RECORDER_TGID = 0;
const volatile u64 CGROUP_ID = 0;
const volatile u32 CGROUP_LEVEL = 0;

SEC("tp_btf/sys_exit")
int count_calls(u64 *ctx)
{
	struct pt_regs *regs = (void *)ctx[0];
	if (current_pid_tgid() >> 32 == RECORDER_TGID)
		return 0;
	if (CGROUP_ID && ancestor_cgroup_id(CGROUP_LEVEL) != CGROUP_ID)
		return 0;
	u32 number = syscall_number(regs);
	if (number >= NUMBERS)
		number = NUMBERS - 1;
	u64 *count = map_lookup(&counts, &number);
	if (count)
		*count += 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
