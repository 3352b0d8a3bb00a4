// SPDX-License-Identifier: MIT OR Apache-2.0
// What a BPF program needs from its environment: integer types, sections, maps, helper functions.
//
// Helper numbers are kernel ABI (include/uapi/linux/bpf.h); only those in use are named.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL ((void *)0)

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
// A function that the verifier checks once, on its own, instead of along every path that leads to it.
#define GLOBAL __attribute__((noinline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

// Members of an anonymous struct in section ".maps"; the loader reads them as BTF.
#define UINT(name, value) int(*name)[value]
#define TYPE(name, value) typeof(value) *name
#define ARRAY(name, value) typeof(value) *name[]

enum map_type {
	MAP_HASH = 1,
	MAP_ARRAY = 2,
	MAP_PROG_ARRAY = 3,
	MAP_PERCPU_ARRAY = 6,
	MAP_RINGBUF = 27,
};

#define MAP_NO_PREALLOC 1

// A record becomes visible to the reader without waking it: a wake-up per event costs four times
// the event itself in a virtual machine, and the reader polls anyway (docs/recording.md).
#define RINGBUF_NO_WAKEUP 1

static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*map_delete)(void *map, const void *key) = (void *)3;
static u32 (*current_cpu)(void) = (void *)8;
static long (*tail_call)(void *ctx, void *programs, u32 index) = (void *)12;
static u64 (*current_pid_tgid)(void) = (void *)14;
static long (*read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*read_user_string)(void *to, u32 size, const void *from) = (void *)114;
static long (*read_kernel_string)(void *to, u32 size, const void *from) = (void *)115;
static u64 (*ancestor_cgroup_id)(int level) = (void *)123;
static u64 (*boot_time_ns)(void) = (void *)125;
static long (*seq_write)(void *seq, const void *data, u32 len) = (void *)127;
static long (*ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static void *(*ringbuf_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*ringbuf_submit)(void *data, u64 flags) = (void *)132;
static void (*ringbuf_discard)(void *data, u64 flags) = (void *)133;
static long (*d_path)(const void *path, void *to, u32 size) = (void *)147;
static struct task_struct *(*current_task)(void) = (void *)158;
static long (*read_task_user)(void *to, u32 size, const void *from, struct task_struct *task, u64 flags) = (void *)191;

// CO-RE: questions that the loader answers from the running kernel's types.
#define field_exists(field) __builtin_preserve_field_info(field, 2)
#define type_exists(type) __builtin_preserve_type_info(*(type *)0, 0)
#define type_size(type) __builtin_preserve_type_info(*(type *)0, 1)
#define enum_exists(type, value) __builtin_preserve_enum_value(*(type *)value, 0)
#define enum_value(type, value) __builtin_preserve_enum_value(*(type *)value, 1)

// The struct that holds `field` at `pointer`; the result is read with READ only.
#define CONTAINER_OF(pointer, type, field) \
	((type *)((u8 *)(pointer) - __builtin_preserve_field_info(((type *)0)->field, 0)))

// Keeps the compiler from reasoning about `x`, so that a bounds check next to a use stays there.
#define OPAQUE(x) asm volatile("" : "+r"(x))

INLINE u16 swap16(u16 x)
{
	return __builtin_bswap16(x);
}
