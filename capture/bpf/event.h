// SPDX-License-Identifier: MIT OR Apache-2.0
// Assembling an event in the layout of a savefile: header, 16-bit lengths, parameters back to back.
//
// An event whose size is known is written straight into the ring (`begin_sized`), and so is one with little of what
// varies (`begin_roomy`); others are assembled in the CPU's scratch space and copied (`begin`). Everything is inlined, so
// that positions and the number of parameters are constants wherever the sizes before them are.
#pragma once

#include "events.gen.h"
#include "kernel.h"
#include "maps.h"

// A ring record starts with the CPU (u16), flags (u16) and 4 unused bytes, which keep the event aligned.
#define PREFIX 8
#define OUTSIDE (1 << 16)
#define HEADER 26
// Blocks of the savefile hold at most 65536 bytes, of which 6 are not the event's.
#define EVENT_MAX 65530
#define POSITION_MASK 0xffff
// Limits of the format's readers and of the Falco drivers.
#define PATH_LEN 4096
#define ARGS_LEN 4096

struct event {
	u8 *record;
	u64 time;
	u64 tid;
	u64 end; // of the data, from the event's start
	u32 param; // parameters stored so far
	u32 type;
	u32 count; // parameters of the type
	u32 room; // for what varies, in the ring
	bool in_ring;
};

INLINE struct event event_of(struct task_struct *task)
{
	struct event e = { .tid = task->pid };
	return e;
}

// Continues an event of the scratch space in a function of its own: `end` is where it stopped.
INLINE struct event resume(struct scratch *scratch, u64 end)
{
	struct event e = { .record = scratch->bytes, .end = end };
	return e;
}

// Runs `function(scratch, end, ...)`, which appends to the event and returns the new end, and ends the
// parameter.
#define PUT_BY(e, function, ...)                                                                  \
	do {                                                                                      \
		u64 end_ = function((struct scratch *)(e)->record, (e)->end, ##__VA_ARGS__);      \
		u64 len_ = end_ - (e)->end;                                                       \
		(e)->end = end_;                                                                  \
		end_param(e, len_);                                                               \
	} while (0)

INLINE u64 event_time(void)
{
	return BOOT_EPOCH_NS + boot_time_ns();
}

// Whether the current task is in one of the control groups that are recorded.
INLINE bool in_cgroups(void)
{
	if (!CGROUPS)
		return true;
	for (u32 i = 0; i < CGROUPS_MAX; i++) {
		if (i < CGROUPS && ancestor_cgroup_id(CGROUP_LEVELS[i]) == CGROUP_IDS[i])
			return true;
	}
	return false;
}

GLOBAL u64 header_flags(void)
{
	return in_cgroups() ? 0 : OUTSIDE;
}

INLINE void put_header(struct event *e, u64 len)
{
	u8 *at = e->record;
	*(u64 *)at = current_cpu() | (CGROUPS ? header_flags() : 0);
	at += PREFIX;
	*(u64 *)at = e->time;
	*(u64 *)(at + 8) = e->tid;
	*(u32 *)(at + 16) = len;
	*(u16 *)(at + 20) = e->type;
	*(u32 *)(at + 22) = e->count;
}

// Begins an event whose parameters take exactly `size` bytes, or up to `room` more. The reader of the ring goes by the
// length in the header, so nobody sees what is left of the room.
INLINE bool begin_in_ring(struct event *e, u32 type, u32 count, u32 size, u32 room)
{
	e->time = event_time();
	e->record = ringbuf_reserve(&ring, PREFIX + HEADER + 2 * count + size + room, 0);
	if (!e->record) {
		count_drop(DROP_RING_FULL, type);
		return false;
	}
	e->end = HEADER + 2 * count;
	e->param = 0;
	e->type = type;
	e->count = count;
	e->room = room;
	e->in_ring = true;
	return true;
}

// Begins an event in the scratch space.
INLINE bool begin_(struct event *e, u32 type, u32 count)
{
	u32 cpu = current_cpu();
	struct scratch *scratch = map_lookup(&scratches, &cpu);
	if (!scratch) {
		count_drop(DROP_NO_SCRATCH, type);
		return false;
	}
	scratch->type = type;
	e->time = event_time();
	e->record = scratch->bytes;
	e->end = HEADER + 2 * count;
	e->param = 0;
	e->type = type;
	e->count = count;
	e->room = 0;
	e->in_ring = false;
	return true;
}

#define begin(e, name) begin_(e, EV_##name, EV_##name##_NPARAMS)
#define begin_sized(e, name, size) begin_roomy(e, name, size, 0)
#define begin_roomy(e, name, size, room) begin_in_ring(e, EV_##name, EV_##name##_NPARAMS, size, room)

INLINE void submit(struct event *e)
{
	u64 end = e->end;
	if (e->in_ring) {
		put_header(e, end);
		ringbuf_submit(e->record, RINGBUF_NO_WAKEUP);
		return;
	}
	OPAQUE(end);
	if (end > EVENT_MAX) {
		count_drop(DROP_TOO_LARGE, e->type);
		return;
	}
	put_header(e, end);
	if (ringbuf_output(&ring, e->record, PREFIX + end, RINGBUF_NO_WAKEUP))
		count_drop(DROP_RING_FULL, e->type);
}

// Gives up an event in the ring.
INLINE void discard(struct event *e)
{
	ringbuf_discard(e->record, RINGBUF_NO_WAKEUP);
}

// Where the next byte goes.
INLINE u8 *here(struct event *e)
{
	u64 end = e->end;
	if (!e->in_ring) {
		OPAQUE(end);
		end &= POSITION_MASK;
	}
	return e->record + PREFIX + end;
}

// Ends a parameter of `len` bytes whose bytes are already in place and counted.
INLINE void end_param(struct event *e, u16 len)
{
	*(u16 *)(e->record + PREFIX + HEADER + 2 * e->param) = len;
	e->param += 1;
}

#define APPENDER(name, type)                            \
	INLINE void append_##name(struct event *e, type v) \
	{                                               \
		*(type *)here(e) = v;                   \
		e->end += sizeof(v);                    \
	}                                               \
	INLINE void put_##name(struct event *e, type v) \
	{                                               \
		append_##name(e, v);                    \
		end_param(e, sizeof(v));                \
	}

APPENDER(u8, u8)
APPENDER(u16, u16)
APPENDER(s16, s16)
APPENDER(u32, u32)
APPENDER(s32, s32)
APPENDER(u64, u64)
APPENDER(s64, s64)

INLINE void append_in6(struct event *e, const struct in6_addr *addr)
{
	const u64 *halves = (const void *)addr;
	append_u64(e, halves[0]);
	append_u64(e, halves[1]);
}

// A parameter whose value cannot be had.
INLINE void put_absent(struct event *e)
{
	end_param(e, 0);
}

// Counts a parameter of the event in the scratch space that is left out because its memory cannot be read: it is
// not there, or not in RAM at this moment.
GLOBAL u32 count_unreadable(void)
{
	u32 cpu = current_cpu();
	struct scratch *scratch = map_lookup(&scratches, &cpu);
	if (scratch)
		count_drop(UNREADABLE, scratch->type);
	return 0;
}

// A string of user memory with its NUL, cut at `max` bytes; absent when it cannot be read.
INLINE u32 append_user_string(struct event *e, u64 from, u32 max)
{
	if (!from)
		return 0;
	long len = read_user_string(here(e), max, (const void *)from);
	if (len <= 0) {
		count_unreadable();
		return 0;
	}
	e->end += len;
	return len;
}

INLINE u32 append_kernel_string(struct event *e, const void *from, u32 max)
{
	if (!from)
		return 0;
	long len = read_kernel_string(here(e), max, from);
	if (len <= 0)
		return 0;
	e->end += len;
	return len;
}

// Counts a parameter of an event in the ring that is left out for the same reason.
GLOBAL u32 count_unreadable_of(u32 type)
{
	count_drop(UNREADABLE, type);
	return 0;
}

// A string of user memory in the room of an event in the ring; false when it does not fit in.
INLINE bool put_short_string(struct event *e, u64 from)
{
	if (!from) {
		put_absent(e);
		return true;
	}
	long len = read_user_string(here(e), e->room, (const void *)from);
	OPAQUE(len);
	if (len <= 0) {
		count_unreadable_of(e->type);
		put_absent(e);
		return true;
	}
	if (len >= e->room) // perhaps cut
		return false;
	e->end += len;
	end_param(e, len);
	return true;
}

// A path as the program passed it. Readers resolve it.
INLINE bool put_path(struct event *e, u64 from)
{
	if (e->in_ring)
		return put_short_string(e, from);
	end_param(e, append_user_string(e, from, PATH_LEN));
	return true;
}

INLINE void put_kernel_string(struct event *e, const void *from, u32 max)
{
	end_param(e, append_kernel_string(e, from, max));
}

INLINE void put_empty_string(struct event *e)
{
	put_u8(e, 0);
}

// Bytes of user memory; absent when they cannot be read.
INLINE u32 append_user_bytes(struct event *e, u64 from, u64 len)
{
	if (!from || !len)
		return 0;
	OPAQUE(len);
	if (!e->in_ring)
		len &= POSITION_MASK;
	else if (len > e->room)
		return 0;
	if (read_user(here(e), len, (const void *)from)) {
		if (e->in_ring)
			count_unreadable_of(e->type);
		else
			count_unreadable();
		return 0;
	}
	e->end += len;
	return len;
}

// The two above for loops: as functions of their own they are verified once, not in each turn, which took seconds.

GLOBAL u64 append_string(struct scratch *scratch, u64 end, u64 from)
{
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	append_user_string(&e, from, ARGS_LEN);
	return e.end;
}

GLOBAL u64 append_buffer(struct scratch *scratch, u64 end, u64 from, u64 len)
{
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	append_user_bytes(&e, from, len);
	return e.end;
}
