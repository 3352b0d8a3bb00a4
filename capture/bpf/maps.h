// SPDX-License-Identifier: MIT OR Apache-2.0
// Maps and settings, both filled by the recorder before anything is attached (src/record/load.rs).
#pragma once

#include "bpf.h"

// Settings: constants to the verifier, which drops the branches that they rule out.

// Epoch time of boot; event times are this plus the time since boot, suspends included.
const volatile u64 BOOT_EPOCH_NS = 0;
// The recorder itself, never recorded.
const volatile u32 RECORDER_TGID = 0;
// A type that begins with a number of 64 bits, by its number in the kernel's BTF; 0 where the kernel lets nobody read
// its memory directly (before Linux 6.2).
const volatile u32 WORD_TYPE = 0;
// Place of the iterators' scratch space, behind those of the CPUs.
const volatile u32 SEED_SCRATCH = 0;
// What to record: everything, or only the processes in `followed`.
const volatile u32 FOLLOW = 0;
// Whose control groups are recorded, by id and depth in the unified hierarchy; none: all. Of processes
// outside only what changes the state is recorded, marked OUTSIDE, as they may come in later.
#define CGROUPS_MAX 8
const volatile u32 CGROUPS = 0;
const volatile u64 CGROUP_IDS[CGROUPS_MAX] = {};
const volatile u32 CGROUP_LEVELS[CGROUPS_MAX] = {};
// Bytes of I/O data kept per event.
const volatile u32 SNAPLEN = 80;
// Leave out the environment, arguments after the first, and I/O data.
const volatile u32 NO_ENV = 0;
const volatile u32 NO_ARGS = 0;
const volatile u32 NO_DATA = 0;

// All CPUs share one ring: on few CPUs it nearly keeps the order of events (docs/recording.md).
struct {
	UINT(type, MAP_RINGBUF);
	UINT(max_entries, 8 << 20);
} ring SEC(".maps");

// Handlers by native system call number; a call without one becomes a generic event.
struct {
	UINT(type, MAP_PROG_ARRAY);
	UINT(key_size, 4);
	UINT(value_size, 4);
	UINT(max_entries, 512);
} handlers SEC(".maps");

#define SYSCALL_WANTED (1 << 16)
#define SYSCALL_HANDLED (1 << 17)
// Readers need it to follow what later calls refer to, when it succeeds.
#define SYSCALL_CHANGES_STATE (1 << 18)

// Bits 0 to 15: code independent of the architecture (SC_*); then flags; from bit 20: the event type.
typedef u32 syscall_info;
#define SYSCALL_EVENT(info) ((info) >> 20)

struct {
	UINT(type, MAP_ARRAY);
	TYPE(key, u32);
	TYPE(value, syscall_info);
	UINT(max_entries, 512);
} syscalls SEC(".maps");

// What calls of 32-bit programs are, by their own numbers.
struct compat_call {
	syscall_info info;
	// The same call in the table above, if it is there; else its own.
	u32 number;
};

struct {
	UINT(type, MAP_ARRAY);
	TYPE(key, u32);
	TYPE(value, struct compat_call);
	UINT(max_entries, 512);
} compat_syscalls SEC(".maps");

enum followed {
	FOLLOWED = 1,
	// To be recorded from its next exec on: the recorder's child before it becomes the command.
	FOLLOWED_FROM_EXEC = 2,
};

// Process ids that are recorded when FOLLOW is set.
struct {
	UINT(type, MAP_HASH);
	TYPE(key, u32);
	TYPE(value, u8);
	UINT(max_entries, 1 << 20);
	UINT(map_flags, MAP_NO_PREALLOC);
} followed SEC(".maps");

// Why events were not recorded. The reader names them in the same order (src/record/drops.rs).
enum drop_cause {
	DROP_RING_FULL,
	DROP_TOO_LARGE,
	DROP_COMPAT_SYSCALL,
	DROP_NO_SCRATCH,
	// Not lost: recorded without a parameter, whose user memory could not be read.
	UNREADABLE,
	DROP_CAUSES,
};

// Lost events by cause and type, with the sum in place of the last type, which does not exist;
// touched only when something is lost.
struct {
	UINT(type, MAP_PERCPU_ARRAY);
	TYPE(key, u32);
	TYPE(value, u64);
	UINT(max_entries, DROP_CAUSES * 512);
} drops SEC(".maps");

// Parameters are assembled here when their size is not known beforehand. Any masked position plus
// the largest parameter stays inside: 64 KiB + 64 KiB.
#define SCRATCH_BYTES (128 * 1024 + 64)

struct scratch {
	u8 bytes[SCRATCH_BYTES];
	// Type of the event that is assembled.
	u32 type;
	// What loops carry on. In memory its value is unknown to the verifier, so that one look at the
	// loop's body does for all its turns.
	u64 progress;
};

// One per CPU, and one for the iterators. Not a per-CPU map: their values are limited to 32 KiB. Programs that use it
// run in task context with preemption off, so they cannot interrupt one another; iterators may sleep.
struct {
	UINT(type, MAP_ARRAY);
	TYPE(key, u32);
	TYPE(value, struct scratch);
	UINT(max_entries, 1);
} scratches SEC(".maps");

INLINE void count_drop(enum drop_cause cause, u32 type)
{
	u32 key = cause * 512 + (type & 511);
	u32 sum_key = cause * 512 + 511;
	u64 *count = map_lookup(&drops, &key), *sum = map_lookup(&drops, &sum_key);
	if (count && sum) {
		*count += 1;
		*sum += 1;
	}
}
