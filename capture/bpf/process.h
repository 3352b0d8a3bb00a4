// SPDX-License-Identifier: MIT OR Apache-2.0
// Processes: exec, clone and its relatives, exit.
#pragma once

#include "path.h"

#define PF_EXITING 0x4
#define PF_KTHREAD 0x200000
#define RLIMIT_NOFILE 7
#define TASK_COMM_LEN 16

// argv[0] and the rest of a running program's arguments, together at most ARGS_LEN bytes.
INLINE void put_exe_and_args(struct event *e, struct task_struct *task)
{
	u64 start = task->mm->arg_start, end = task->mm->arg_end;
	u32 exe_len = append_user_string(e, start, ARGS_LEN);
	end_param(e, exe_len);
	u64 args_len = end - start - exe_len;
	if (NO_ARGS || end <= start + exe_len || exe_len >= ARGS_LEN) {
		put_absent(e);
		return;
	}
	if (args_len > ARGS_LEN - exe_len)
		args_len = ARGS_LEN - exe_len;
	OPAQUE(args_len);
	args_len &= 2 * ARGS_LEN - 1;
	u32 len = append_user_bytes(e, start + exe_len, args_len);
	if (len) {
		// An argument that was cut gets its NUL.
		e->end -= 1;
		append_u8(e, 0);
	}
	end_param(e, len);
}

INLINE void put_env(struct event *e, struct task_struct *task)
{
	u64 start = task->mm->env_start, end = task->mm->env_end;
	u64 env_len = end - start;
	if (NO_ENV || end <= start) {
		put_absent(e);
		return;
	}
	if (env_len > ARGS_LEN)
		env_len = ARGS_LEN;
	u32 len = append_user_bytes(e, start, env_len);
	if (len) {
		e->end -= 1;
		append_u8(e, 0);
	}
	end_param(e, len);
}

#define POINTERS_WALKED 16

// Strings of a user array of pointers, from the element `first`, at most `max` bytes together.
INLINE void put_user_strings(struct event *e, u64 array, int first, u32 max)
{
	u64 start = e->end;
	for (int i = first; i < POINTERS_WALKED; i++) {
		u64 string = 0;
		if (read_user(&string, sizeof(string), (void *)(array + 8 * i)) || !string)
			break;
		e->end = append_string((struct scratch *)e->record, e->end, string);
		if (e->end - start >= max) {
			e->end = start + max;
			break;
		}
	}
	u64 len = e->end - start;
	if (len) {
		e->end -= 1;
		append_u8(e, 0);
	}
	end_param(e, len);
}

// argv as it was passed to an exec that failed.
INLINE void put_exe_and_args_of_call(struct event *e, u64 argv)
{
	u64 exe = 0;
	u32 exe_len = 0;
	if (!argv) {
		put_empty_string(e);
		put_absent(e);
		return;
	}
	if (!read_user(&exe, sizeof(exe), (void *)argv))
		exe_len = append_user_string(e, exe, ARGS_LEN);
	end_param(e, exe_len);
	if (NO_ARGS || exe_len >= ARGS_LEN || !exe)
		put_absent(e);
	else
		put_user_strings(e, argv, 1, ARGS_LEN - exe_len);
}

// tid, pid, ptid, cwd, fdlimit, page faults, memory and comm.
INLINE void put_task(struct event *e, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	put_s64(e, task->pid);
	put_s64(e, task->tgid);
	put_s64(e, task->real_parent->pid);
	put_absent(e); // cwd: readers know it from before
	put_u64(e, task->signal->rlim[RLIMIT_NOFILE].rlim_cur);
	put_u64(e, task->maj_flt);
	put_u64(e, task->min_flt);
	put_u32(e, vm_size_kb(mm));
	put_u32(e, vm_rss_kb(mm));
	put_u32(e, vm_swap_kb(mm));
	put_kernel_string(e, task->comm, TASK_COMM_LEN);
}

// --- exec

#define SB_RDONLY 1
#define S_IMMUTABLE (1 << 3)
#define S_IFMT 0170000
#define CAP_DAC_OVERRIDE (1 << 1)
#define CAP_FOWNER (1 << 3)

// Whether an id outside namespaces has a number inside.
GLOBAL u32 is_mapped(u64 address, u32 id)
{
	struct uid_gid_map *map = (void *)address;
	u32 extents = READ(map->nr_extents);
	for (int i = 0; i < 5; i++) {
		if (i >= extents)
			return false;
		u32 first = READ(map->extent[i].lower_first);
		if (id >= first && id - first < READ(map->extent[i].count))
			return true;
	}
	return false;
}

// Supplementary groups are sorted; 16 steps search 65536 of them, which is the kernel's limit. Without
// branches: the verifier would follow every way through the search.
GLOBAL u32 in_groups(u64 address, u32 gid)
{
	struct group_info *groups = (void *)address;
	u64 left = 0, right = READ(groups->ngroups), found = 0;
	for (int i = 0; i < 16; i++) {
		u64 mid = (left + right) / 2;
		u64 value = READ(groups->gid[mid & 0xffff].val);
		u64 less = (s64)(value - gid) >> 63;
		u64 inside = (s64)(left - right) >> 63;
		found |= inside & ((value ^ gid) - 1) >> 63;
		left = (left & ~less) | ((mid + 1) & less);
		right = (right & less) | (mid & ~less);
	}
	return found & 1;
}

// Whether the user may write to the program. As in the Falco drivers, an approximation of the
// kernel's check: no ACLs, no security modules.
INLINE bool exe_writable(const struct cred *cred, struct inode *inode)
{
	struct super_block *sb = READ(inode->i_sb);
	u16 mode = READ(inode->i_mode);
	u32 uid = READ(inode->i_uid.val), gid = READ(inode->i_gid.val);
	u32 type = mode & S_IFMT;
	if ((READ(sb->s_flags) & SB_RDONLY) && (type == 0100000 || type == 0040000 || type == 0120000))
		return false;
	if ((READ(inode->i_flags) & S_IMMUTABLE) || uid == -1 || gid == -1)
		return false;
	if (cred->fsuid.val == uid)
		return true;
	if (cred->fsgid.val == gid || in_groups(address_of(cred->group_info), gid))
		mode >>= 3;
	if (mode & 2)
		return true;
	struct user_namespace *ns = cred->user_ns;
	u64 caps = cap_bits(&cred->cap_effective);
	bool uid_mapped = is_mapped(address_of(&ns->uid_map), uid);
	if ((caps & CAP_DAC_OVERRIDE) && uid_mapped && is_mapped(address_of(&ns->gid_map), gid))
		return true;
	return (caps & CAP_FOWNER) && uid_mapped;
}

// Flags of a program, as these credentials may use it.
INLINE u32 exe_flags_for(struct file *exe, const struct cred *cred)
{
	struct inode *inode = READ(exe->f_inode);
	u32 flags = exe_writable(cred, inode) ? EXECVE_FLAGS_EXE_WRITABLE : 0;
	struct super_block *sb = READ(inode->i_sb);
	switch (layer_of(inode, READ(sb->s_magic))) {
	case LAYER_UPPER: flags |= EXECVE_FLAGS_EXE_UPPER_LAYER; break;
	case LAYER_LOWER: flags |= EXECVE_FLAGS_EXE_LOWER_LAYER; break;
	case LAYER_NONE: break;
	}
	return flags | (is_memfd(exe) ? EXECVE_FLAGS_EXE_FROM_MEMFD : 0);
}

// Flags of the current task's program.
GLOBAL u32 exe_flags(void)
{
	struct task_struct *task = current_task();
	return exe_flags_for(task->mm->exe_file, task->cred);
}

// Everything from tty to gid.
INLINE void put_exec_tail(struct event *e, struct task_struct *task)
{
	const struct cred *cred = task->cred;
	struct file *exe = task->mm->exe_file;
	struct inode *inode = READ(exe->f_inode);
	put_u32(e, terminal(task));
	put_s64(e, virtual_id(task, PID_PGID));
	put_u32(e, login_uid(task));
	put_u32(e, exe_flags());
	put_u64(e, cap_bits(&cred->cap_inheritable));
	put_u64(e, cap_bits(&cred->cap_permitted));
	put_u64(e, cap_bits(&cred->cap_effective));
	put_u64(e, READ(inode->i_ino));
	put_u64(e, change_time(inode));
	put_u64(e, modification_time(inode));
	put_u32(e, cred->euid.val);
	PUT_BY(e, append_file_path, address_of(exe));
	put_s64(e, global_id(task, PID_PGID));
	put_u32(e, cred->egid.val);
}

// A successful exec, whichever call made it.
SEC("tp_btf/sched_process_exec")
int process_exec(u64 *ctx)
{
	struct task_struct *task = current_task();
	struct linux_binprm *bprm = (void *)ctx[2];
	struct event e = event_of(task);
	if (!exec_wanted(task->tgid) || !begin(&e, EXECVE_19_X))
		return 0;
	put_s64(&e, 0);
	put_exe_and_args(&e, task);
	put_task(&e, task);
	PUT_BY(&e, append_cgroups);
	put_env(&e, task);
	put_exec_tail(&e, task);
	put_kernel_string(&e, bprm->filename, PATH_LEN);
	submit(&e);
	return 0;
}

HANDLER(execve_19_x)
{
	struct task_struct *task = call->task;
	if (call->ret == 0 || !begin(e, EXECVE_19_X))
		return;
	put_s64(e, call->ret);
	put_exe_and_args_of_call(e, arg(call, 1));
	put_task(e, task);
	PUT_BY(e, append_cgroups);
	if (NO_ENV)
		put_absent(e);
	else
		put_user_strings(e, arg(call, 2), 0, ARGS_LEN);
	put_exec_tail(e, task);
	put_path(e, arg(call, 0));
	submit(e);
}

HANDLER(execveat_x)
{
	struct task_struct *task = call->task;
	if (call->ret == 0 || !begin(e, EXECVEAT_X))
		return;
	put_s64(e, call->ret);
	put_exe_and_args_of_call(e, arg(call, 2));
	put_task(e, task);
	PUT_BY(e, append_cgroups);
	if (NO_ENV)
		put_absent(e);
	else
		put_user_strings(e, arg(call, 3), 0, ARGS_LEN);
	put_exec_tail(e, task);
	submit(e);
}

// --- clone and its relatives

INLINE u32 clone_flags_of(struct task_struct *task, u64 native)
{
	u32 flags = clone_flags(native);
	struct pid_namespace *ns = namespace_of(task->thread_pid);
	// Inside a namespace every child is; outside, a child is when the task made one for its children.
	if (READ(ns->level) || task->nsproxy->pid_ns_for_children != ns)
		flags |= CLONE_FLAGS_CLONE_CHILD_IN_PIDNS;
	return flags;
}

INLINE void put_clone(struct event *e, struct task_struct *task, s64 ret, u64 flags)
{
	const struct cred *cred = task->cred;
	put_s64(e, ret);
	if (ret >= 0) {
		put_exe_and_args(e, task);
	} else {
		put_absent(e);
		put_absent(e);
	}
	put_task(e, task);
	PUT_BY(e, append_cgroups);
	put_u32(e, clone_flags_of(task, flags));
	put_u32(e, cred->euid.val);
	put_u32(e, cred->egid.val);
	put_s64(e, virtual_id(task, PID_THREAD));
	put_s64(e, virtual_id(task, PID_TGID));
	put_u64(e, ret == 0 ? namespace_start(task) : 0);
	submit(e);
}

// The flags that a call passes: in the first argument or, for clone3, behind it.
GLOBAL u64 clone_call_flags(u64 number, u64 argument)
{
	u64 flags = 0;
	switch (number) {
	case NR_CLONE: return argument;
	case NR_CLONE3: read_user(&flags, sizeof(flags), (void *)argument);
	}
	return flags;
}

// All four calls. Their events have the same parameters (src/record/load.rs maps all of them here).
HANDLER(clone_20_x)
{
	u32 number = call_number(call);
	syscall_info *info = map_lookup(&syscalls, &number);
	if (info && begin_(e, SYSCALL_EVENT(*info), EV_CLONE_20_X_NPARAMS))
		put_clone(e, call->task, call->ret, clone_call_flags(number, arg(call, 0)));
}

// Follows children. The child has not run yet.
SEC("tp_btf/sched_process_fork")
int process_fork(u64 *ctx)
{
	struct task_struct *parent = (void *)ctx[0], *child = (void *)ctx[1];
	u32 parent_tgid = parent->tgid, child_tgid = child->tgid;
	if (!FOLLOW || parent_tgid == child_tgid)
		return 0;
	u8 *state = map_lookup(&followed, &parent_tgid);
	if (state) {
		u8 copy = *state;
		map_update(&followed, &child_tgid, &copy, 0);
	}
	return 0;
}

// --- exit

#define THREADS_WALKED 30
#define ANCESTORS_WALKED 60

#define READ_BIT(pointer, field)                                                                       \
	({                                                                                             \
		u64 bits_ = 0;                                                                         \
		read_kernel(&bits_, __builtin_preserve_field_info((pointer)->field, 1),                \
			    (u8 *)(pointer) + __builtin_preserve_field_info((pointer)->field, 0));     \
		bits_ <<= __builtin_preserve_field_info((pointer)->field, 4);                          \
		bits_ >> __builtin_preserve_field_info((pointer)->field, 5);                           \
	})

// A thread of the process that is not exiting; 0 for none, -1 when there are too many to look at.
GLOBAL s64 live_thread(u64 address)
{
	struct task_struct *task = (void *)address;
	struct signal_struct *signal = READ(task->signal);
	struct list_head *head = &signal->thread_head;
	struct list_head *next = READ(head->next);
	for (int i = 0; i < THREADS_WALKED; i++) {
		if (next == head)
			return 0;
		struct task_struct *thread = CONTAINER_OF(next, struct task_struct, thread_node);
		if (!(READ(thread->flags) & PF_EXITING))
			return READ(thread->pid);
		next = READ(thread->thread_node.next);
	}
	return -1;
}

// Who inherits the children of the current task, which exits, as the kernel will choose (kernel/exit.c).
GLOBAL s64 new_reaper(void)
{
	struct task_struct *task = current_task();
	s64 thread = live_thread(address_of(task));
	if (thread)
		return thread;
	struct pid *pid = task->thread_pid;
	struct pid_namespace *ns = namespace_of(pid);
	struct task_struct *init = READ(ns->child_reaper);
	s64 init_pid = READ(init->pid);
	if (init == task)
		return 0;
	struct signal_struct *signal = task->signal;
	if (!READ_BIT(signal, has_child_subreaper))
		return init_pid;
	u32 level = READ(pid->level);
	struct task_struct *ancestor = task->real_parent;
	for (int i = 0; i < ANCESTORS_WALKED; i++) {
		struct pid *ancestor_pid = READ(ancestor->thread_pid);
		if (READ(ancestor_pid->level) != level || ancestor == init)
			return init_pid;
		signal = READ(ancestor->signal);
		if (READ_BIT(signal, is_child_subreaper)) {
			thread = live_thread(address_of(ancestor));
			if (thread)
				return thread;
		}
		ancestor = READ(ancestor->real_parent);
	}
	return -1;
}

SEC("tp_btf/sched_process_exit")
int process_exit(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct event e = event_of(task);
	u32 tgid = task->tgid;
	if (!wanted_process(tgid))
		return 0;
	if (FOLLOW && task->signal->live.counter == 0)
		map_delete(&followed, &tgid);
	s32 code = task->exit_code;
	// Not children.next == &children: the verifier does not know the field's address as a pointer.
	u64 head = (u64)task + __builtin_preserve_field_info(task->children, 0);
	s64 reaper = (u64)task->children.next == head ? 0 : new_reaper();
	if (!begin_sized(&e, PROCEXIT_1_E, 26))
		return 0;
	u8 signal = code & 0x7f;
	put_s64(&e, code);
	put_s64(&e, (code >> 8) & 0xff);
	put_u8(&e, signal == 0x7f ? 0 : signal);
	put_u8(&e, (code & 0x80) != 0);
	put_s64(&e, reaper);
	submit(&e);
	return 0;
}
