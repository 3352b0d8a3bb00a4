// SPDX-License-Identifier: MIT OR Apache-2.0
// Facts about the call, its task, files and sockets.
#pragma once

#include "kernel.h"
#include "maps.h"
#include "read.h"

// Whether the task is in a 32-bit system call, whose numbers mean other calls.
INLINE bool in_compat_syscall(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return task->thread_info.status & 2; // TS_COMPAT
#elif defined(__TARGET_ARCH_arm64)
	return task->thread_info.flags & (1 << 22); // TIF_32BIT
#endif
}

struct call {
	struct task_struct *task;
	struct pt_regs *regs;
	long ret;
	// All ones in a 32-bit call, which has its arguments in other registers; else 0.
	u64 compat;
};

INLINE u64 compat_mask(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	u64 mask = 0 - (u64)(in_compat_syscall(task) != 0);
	OPAQUE(mask);
	return mask;
#else
	return 0;
#endif
}

#if defined(__TARGET_ARCH_x86)
// One or the other without a branch, which the verifier would follow both ways in every handler.
#define EITHER(call, native, narrow) (((native) & ~(call)->compat) | ((u32)(narrow) & (call)->compat))
#endif

// Arguments of the system call; registers still hold them at its exit.
INLINE u64 arg(const struct call *call, int n)
{
	struct pt_regs *regs = call->regs;
#if defined(__TARGET_ARCH_x86)
	switch (n) {
	case 0: return EITHER(call, regs->di, regs->bx);
	case 1: return EITHER(call, regs->si, regs->cx);
	case 2: return regs->dx & ~(call->compat << 32);
	case 3: return EITHER(call, regs->r10, regs->si);
	case 4: return EITHER(call, regs->r8, regs->di);
	default: return EITHER(call, regs->r9, regs->bp);
	}
#elif defined(__TARGET_ARCH_arm64)
	return n == 0 ? regs->orig_x0 : regs->regs[n];
#endif
}

// The number of the call, or of the same call of a 64-bit program.
INLINE u32 call_number(const struct call *call)
{
	u32 number = syscall_number(call->regs);
	if (!call->compat)
		return number;
	struct compat_call *found = map_lookup(&compat_syscalls, &number);
	return found ? found->number : number;
}

#define NR_CLONE3 435
#if defined(__TARGET_ARCH_x86)
#define NR_CLONE 56
#elif defined(__TARGET_ARCH_arm64)
#define NR_CLONE 220
#endif

// Whether events of this process are recorded.
INLINE bool wanted_process(u32 tgid)
{
	if (tgid == RECORDER_TGID)
		return false;
	if (!FOLLOW)
		return true;
	u8 *state = map_lookup(&followed, &tgid);
	return state && *state == FOLLOWED;
}

// The same for a process that execs, which may be what its recording waits for.
INLINE bool exec_wanted(u32 tgid)
{
	if (tgid == RECORDER_TGID)
		return false;
	if (!FOLLOW)
		return true;
	u8 *state = map_lookup(&followed, &tgid);
	if (!state)
		return false;
	*state = FOLLOWED;
	return true;
}

// Device numbers of the format: minor in the low byte and from bit 20, major from bit 8.
INLINE u32 device(u32 dev)
{
	u32 major = dev >> 20, minor = dev & 0xfffff;
	return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
}

// A pointer as a number, for functions of their own.
INLINE u64 address_of(const void *pointer)
{
	u64 address = 0;
	read_kernel(&address, sizeof(address), &pointer);
	return address;
}

INLINE u64 cap_bits(const kernel_cap_t *caps)
{
	return *(const u64 *)caps;
}

// --- files

INLINE struct file *file_of_fd(struct task_struct *task, s64 fd)
{
	struct fdtable *fdt = task->files->fdt;
	if (fd < 0 || fd >= fdt->max_fds)
		return NULL;
	struct file **fds = fdt->fd;
	return READ(fds[fd]);
}

#define OVERLAYFS_MAGIC 0x794c7630

enum layer { LAYER_NONE, LAYER_UPPER, LAYER_LOWER };

// Which layer of an overlay a file comes from, if its file system, told by its magic number, is one. An overlay's inode
// is followed in memory by the pointer to its upper dentry (struct ovl_inode).
INLINE enum layer layer_of(struct inode *inode, u64 magic)
{
	if (magic != OVERLAYFS_MAGIC)
		return LAYER_NONE;
	struct dentry **upper_at = (void *)((u8 *)inode + type_size(struct inode));
	struct dentry *upper = READ(*upper_at);
	if (!upper)
		return LAYER_LOWER;
	struct inode *upper_inode = READ(upper->d_inode);
	return READ(upper_inode->i_ino) ? LAYER_UPPER : LAYER_LOWER;
}

struct file_facts {
	u64 ino;
	u32 dev;
	u32 created;
	enum layer layer;
};

#define FMODE_CREATED 0x100000

INLINE void file_facts(struct file_facts *facts, struct task_struct *task, s64 fd)
{
	struct file *file = file_of_fd(task, fd);
	if (!file)
		return;
	struct inode *inode = READ(file->f_inode);
	struct super_block *sb = READ(inode->i_sb);
	facts->ino = READ(inode->i_ino);
	facts->dev = device(READ(sb->s_dev));
	facts->created = READ(file->f_mode) & FMODE_CREATED;
	facts->layer = layer_of(inode, READ(sb->s_magic));
}

INLINE u64 inode_of_fd(struct task_struct *task, s64 fd)
{
	struct file *file = file_of_fd(task, fd);
	if (!file)
		return 0;
	struct inode *inode = READ(file->f_inode);
	return READ(inode->i_ino);
}

// Since Linux 6.13 the top bit of a change time's nanoseconds says that somebody has looked at it.
#define NSEC_MASK 0x7fffffff

INLINE u64 epoch_ns(s64 sec, u64 nsec)
{
	return sec < 0 ? 0 : sec * 1000000000ULL + (nsec & NSEC_MASK);
}

INLINE u64 change_time(struct inode *inode)
{
	struct inode___6_6 *before_6_11 = (void *)inode;
	struct inode___old *before_6_6 = (void *)inode;
	if (field_exists(inode->i_ctime_sec))
		return epoch_ns(READ(inode->i_ctime_sec), READ(inode->i_ctime_nsec));
	if (field_exists(before_6_11->__i_ctime))
		return epoch_ns(READ(before_6_11->__i_ctime.tv_sec), READ(before_6_11->__i_ctime.tv_nsec));
	return epoch_ns(READ(before_6_6->i_ctime.tv_sec), READ(before_6_6->i_ctime.tv_nsec));
}

INLINE u64 modification_time(struct inode *inode)
{
	struct inode___6_7 *before_6_11 = (void *)inode;
	struct inode___old *before_6_7 = (void *)inode;
	if (field_exists(inode->i_mtime_sec))
		return epoch_ns(READ(inode->i_mtime_sec), READ(inode->i_mtime_nsec));
	if (field_exists(before_6_11->__i_mtime))
		return epoch_ns(READ(before_6_11->__i_mtime.tv_sec), READ(before_6_11->__i_mtime.tv_nsec));
	return epoch_ns(READ(before_6_7->i_mtime.tv_sec), READ(before_6_7->i_mtime.tv_nsec));
}

// --- memory

// A macro, as the index must be a constant for its offset to be relocated.
#define RSS_PAGES(mm, kind)                                                              \
	(type_exists(struct mm_rss_stat) ?                                               \
		 READ(((struct mm_struct___6_1 *)(mm))->rss_stat.count[kind].counter) : \
		 READ((mm)->rss_stat[kind].count))
#define RSS_FILE 0
#define RSS_ANON 1
#define RSS_SWAP 2
#define RSS_SHMEM 3

// Pages to KiB: both architectures are taken to have 4 KiB pages, as the Falco drivers do.
INLINE u32 pages_kb(u64 pages)
{
	return pages << 2;
}

INLINE u32 vm_size_kb(struct mm_struct *mm)
{
	return mm ? pages_kb(READ(mm->total_vm)) : 0;
}

INLINE u32 vm_rss_kb(struct mm_struct *mm)
{
	return mm ? pages_kb(RSS_PAGES(mm, RSS_FILE) + RSS_PAGES(mm, RSS_ANON) + RSS_PAGES(mm, RSS_SHMEM)) : 0;
}

INLINE u32 vm_swap_kb(struct mm_struct *mm)
{
	return mm ? pages_kb(RSS_PAGES(mm, RSS_SWAP)) : 0;
}

// --- ids

enum pid_type { PID_THREAD, PID_TGID, PID_PGID, PID_SID };

INLINE struct pid *pid_of(struct task_struct *task, enum pid_type type)
{
	return type == PID_THREAD ? task->thread_pid : task->signal->pids[type];
}

INLINE struct pid_namespace *namespace_of(struct pid *pid)
{
	u32 level = READ(pid->level);
	return READ(pid->numbers[level & 31].ns);
}

// The number as the task's own pid namespace sees it.
INLINE s64 virtual_id(struct task_struct *task, enum pid_type type)
{
	struct pid_namespace *ns = namespace_of(pid_of(task, PID_THREAD));
	struct pid *pid = pid_of(task, type);
	u32 level = READ(ns->level);
	if (level > READ(pid->level) || READ(pid->numbers[level & 31].ns) != ns)
		return 0;
	return READ(pid->numbers[level & 31].nr);
}

INLINE s64 global_id(struct task_struct *task, enum pid_type type)
{
	struct pid *pid = pid_of(task, type);
	return READ(pid->numbers[0].nr);
}

INLINE u64 namespace_start(struct task_struct *task)
{
	struct pid_namespace *ns = namespace_of(pid_of(task, PID_THREAD));
	struct task_struct *reaper = READ(ns->child_reaper);
	return READ(reaper->start_time);
}

INLINE u32 terminal(struct task_struct *task)
{
	struct tty_struct *tty = task->signal->tty;
	if (!tty)
		return 0;
	struct tty_driver *driver = READ(tty->driver);
	if (!driver)
		return 0;
	return device(((u32)READ(driver->major) << 20 | READ(driver->minor_start)) + READ(tty->index));
}

INLINE u32 login_uid(struct task_struct *task)
{
	return field_exists(task->loginuid) ? task->loginuid.val : -1;
}

// --- control groups

#define CGROUP_DEPTH 6

// Appends `name=/path`.
INLINE void append_cgroup(struct event *e, struct cgroup_subsys_state *state)
{
	const char *names[CGROUP_DEPTH];
	struct cgroup_subsys *ss = READ(state->ss);
	struct cgroup *cgroup = READ(state->cgroup);
	struct kernfs_node *node = READ(cgroup->kn);
	u32 depth = 0;

	if (!append_kernel_string(e, READ(ss->name), 32))
		return;
	e->end -= 1;
	append_u8(e, '=');
	for (u32 i = 0; i < CGROUP_DEPTH; i++) {
		names[i] = node ? READ(node->name) : NULL;
		if (!node)
			continue;
		depth += 1;
		struct kernfs_node___old *before_6_15 = (void *)node;
		if (field_exists(node->__parent))
			node = READ(node->__parent);
		else
			node = READ(before_6_15->parent);
	}
	// The root's name is empty: it becomes the leading slash. A path that is cut gets one too.
	if (node)
		append_u8(e, '/');
	for (u32 i = 0; i < CGROUP_DEPTH; i++) {
		const char *name = names[CGROUP_DEPTH - 1 - i];
		if (name && append_kernel_string(e, name, 256)) {
			e->end -= 1;
			append_u8(e, '/');
		}
	}
	if (depth > 1)
		e->end -= 1;
	append_u8(e, 0);
}

#define SUBSYSTEM(name) \
	(enum_exists(enum cgroup_subsys_id, name) ? enum_value(enum cgroup_subsys_id, name) : -1)

// The control groups that container runtimes name containers by, of the current task.
GLOBAL u64 append_cgroups(struct scratch *scratch, u64 end)
{
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	struct css_set *set = current_task()->cgroups;
	s32 ids[] = {
		SUBSYSTEM(cpuset_cgrp_id), SUBSYSTEM(cpu_cgrp_id),    SUBSYSTEM(cpuacct_cgrp_id),
		SUBSYSTEM(io_cgrp_id),	   SUBSYSTEM(memory_cgrp_id),
	};
	for (u32 i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct cgroup_subsys_state *state = NULL;
		if (ids[i] >= 0)
			read_kernel(&state, sizeof(state), &set->subsys[ids[i] & 15]);
		if (state)
			append_cgroup(&e, state);
	}
	return e.end;
}
