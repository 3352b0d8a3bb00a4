// SPDX-License-Identifier: MIT OR Apache-2.0
// The state when a recording begins, from the kernel's own lists: an iterator over threads and one over open files.
//
// What is read from an iterator's file are records as laid out here, which src/record/seed/iterators.rs takes
// apart. Iterators run in the recorder's own read(2), so they may take memory that is not in RAM.
#pragma once

#include "net.h"
#include "process.h"

// The format keeps 4096 bytes of arguments; the first of them is kept apart.
#define SEED_ARGS 8192
#define SEED_ENV 4096

#define SEED_CWD_DELETED 1

struct thread_record {
	u32 len; // of the whole, strings included
	u32 tid, pid, ppid;
	u64 cap_inheritable, cap_permitted, cap_effective;
	u64 minor_faults, major_faults;
	s64 vtid, vpid, vpgid;
	u32 uid, gid;
	u8 comm[TASK_COMM_LEN];
	// What follows is that of leaders only.
	u64 ended_minor_faults, ended_major_faults;
	s64 pgid, sid;
	u64 fd_limit;
	// The same number for threads that are in the same control groups.
	u64 cgroups;
	u64 namespace_start;
	u64 exe_ino, exe_ctime, exe_mtime;
	u64 args_area, env_area; // bytes in the process's memory
	u32 loginuid, terminal;
	u32 size_kb, swap_kb;
	u32 exe_flags, flags;
	u32 args_len, env_len, exe_len, cwd_len, root_len;
	u32 unused;
};

INLINE struct scratch *seed_scratch(void)
{
	u32 key = SEED_SCRATCH;
	return map_lookup(&scratches, &key);
}

// Reads from the memory of a task; nothing if any of it cannot be read.
INLINE u32 append_of_task(struct event *e, struct task_struct *task, u64 from, u64 area, u32 max)
{
	u32 len = area < max ? area : max;
	OPAQUE(len);
	len &= 2 * SEED_ARGS - 1;
	if (!len || read_task_user(here(e), len, (void *)from, task, 0))
		return 0;
	e->end += len;
	return len;
}

INLINE u32 append_dir(struct event *e, struct path *path)
{
	struct dentry *dentry = READ(path->dentry);
	u64 end = append_path((struct scratch *)e->record, e->end, (u64)dentry, (u64)READ(path->mnt));
	u32 len = end - e->end;
	e->end = end;
	return len;
}

INLINE void put_leader(struct thread_record *record, struct event *e, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	struct signal_struct *signal = task->signal;
	const struct cred *cred = task->real_cred;
	if (!mm)
		return;
	record->ended_minor_faults = signal->min_flt;
	record->ended_major_faults = signal->maj_flt;
	record->pgid = global_id(task, PID_PGID);
	record->sid = global_id(task, PID_SID);
	record->fd_limit = signal->rlim[RLIMIT_NOFILE].rlim_cur;
	record->cgroups = (u64)task->cgroups;
	record->namespace_start = namespace_start(task);
	record->loginuid = login_uid(task);
	record->terminal = terminal(task);
	record->size_kb = vm_size_kb(mm);
	record->swap_kb = vm_swap_kb(mm);

	record->args_area = mm->arg_end - mm->arg_start;
	record->args_len = append_of_task(e, task, mm->arg_start, record->args_area, SEED_ARGS);
	if (NO_ARGS && record->args_len) {
		// Only the first: what follows is written over.
		u8 *first = (u8 *)(record + 1);
		u8 *work = ((struct scratch *)e->record)->bytes + WORK_AREA;
		long len = read_kernel_string(work, ARGS_LEN, first);
		record->args_len = len > 0 ? len : 0;
		record->args_area = record->args_len;
		e->end = sizeof(*record) + record->args_len;
	}
	if (!NO_ENV) {
		record->env_area = mm->env_end - mm->env_start;
		record->env_len = append_of_task(e, task, mm->env_start, record->env_area, SEED_ENV);
	}

	struct file *exe = mm->exe_file;
	if (exe) {
		struct inode *inode = READ(exe->f_inode);
		record->exe_ino = READ(inode->i_ino);
		record->exe_ctime = change_time(inode);
		record->exe_mtime = modification_time(inode);
		record->exe_flags = exe_flags_for(exe, cred);
		u64 end = append_file_path((struct scratch *)e->record, e->end, address_of(exe));
		record->exe_len = end - e->end;
		e->end = end;
	}
	struct fs_struct *fs = task->fs;
	if (fs) {
		struct dentry *cwd = READ(fs->pwd.dentry);
		if (!READ(cwd->d_hash.pprev) && READ(cwd->d_parent) != cwd)
			record->flags |= SEED_CWD_DELETED;
		record->cwd_len = append_dir(e, &fs->pwd);
		record->root_len = append_dir(e, &fs->root);
	}
}

SEC("iter.s/task")
int seed_threads(u64 *ctx)
{
	struct bpf_iter_meta *meta = (void *)ctx[0];
	struct task_struct *task = (void *)ctx[1];
	struct scratch *scratch = seed_scratch();
	if (!task || !scratch || !task->mm || (task->flags & PF_KTHREAD) || task->tgid == RECORDER_TGID)
		return 0;
	struct event e = resume(scratch, sizeof(struct thread_record));
	struct thread_record *record = (void *)(scratch->bytes + PREFIX);
	const struct cred *cred = task->real_cred;
	__builtin_memset(record, 0, sizeof(*record));
	record->tid = task->pid;
	record->pid = task->tgid;
	record->ppid = task->real_parent->tgid;
	record->cap_inheritable = cap_bits(&cred->cap_inheritable);
	record->cap_permitted = cap_bits(&cred->cap_permitted);
	record->cap_effective = cap_bits(&cred->cap_effective);
	record->minor_faults = task->min_flt;
	record->major_faults = task->maj_flt;
	record->vtid = virtual_id(task, PID_THREAD);
	record->vpid = virtual_id(task, PID_TGID);
	record->vpgid = virtual_id(task, PID_PGID);
	record->uid = cred->euid.val;
	record->gid = cred->egid.val;
	read_kernel_string(record->comm, TASK_COMM_LEN, task->comm);
	if (task->pid == task->tgid)
		put_leader(record, &e, task);
	u64 len = e.end;
	OPAQUE(len);
	len &= 2 * SEED_ARGS * 2 - 1;
	record->len = len;
	seq_write(meta->seq, record, len);
	return 0;
}

struct file_record {
	u32 len; // of the whole, path included
	u32 pid, fd;
	u32 dev;
	u64 ino;
	u32 mode, flags;
	// Of sockets only.
	u64 socket;
	u16 family, type, protocol, state;
	u16 local_port, remote_port;
	u16 path_len; // or that of the name of a UNIX socket
	u16 unused;
	u8 local[16], remote[16];
};

INLINE u32 put_socket(struct file_record *record, struct scratch *scratch, struct file *file)
{
	struct socket *socket = READ(file->private_data);
	struct sock *sk = socket ? READ(socket->sk) : NULL;
	if (!sk)
		return 0;
	record->socket = (u64)sk;
	record->family = READ(sk->__sk_common.skc_family);
	record->state = READ(sk->__sk_common.skc_state);
	record->type = READ(sk->sk_type);
	record->protocol = READ(sk->sk_protocol);
	switch (record->family) {
	case AF_INET:
		*(u32 *)record->local = READ(sk->__sk_common.skc_rcv_saddr);
		*(u32 *)record->remote = READ(sk->__sk_common.skc_daddr);
		break;
	case AF_INET6:
		*(struct in6_addr *)record->local = READ(sk->__sk_common.skc_v6_rcv_saddr);
		*(struct in6_addr *)record->remote = READ(sk->__sk_common.skc_v6_daddr);
		break;
	case AF_UNIX: {
		struct unix_sock *unix_sk = (void *)sk;
		struct unix_address *address = READ(unix_sk->addr);
		if (!address)
			return 0;
		u32 len = READ(address->len);
		if (len < 2 || len > sizeof(struct sockaddr_un))
			return 0;
		len -= 2;
		OPAQUE(len);
		len &= 127;
		struct sockaddr_un *name = &address->name[0];
		return read_kernel(record + 1, len, (u8 *)name + 2) ? 0 : len;
	}
	default: return 0;
	}
	record->local_port = READ(sk->__sk_common.skc_num);
	record->remote_port = swap16(READ(sk->__sk_common.skc_dport));
	return 0;
}

SEC("iter/task_file")
int seed_files(u64 *ctx)
{
	struct bpf_iter_meta *meta = (void *)ctx[0];
	struct task_struct *task = (void *)ctx[1];
	u32 fd = ctx[2];
	struct file *file = (void *)ctx[3];
	struct scratch *scratch = seed_scratch();
	// Descriptors of a thread that shares them are its leader's; the format has no place for others.
	if (!task || !file || !scratch || task->pid != task->tgid || !task->mm || task->tgid == RECORDER_TGID)
		return 0;
	struct file_record *record = (void *)(scratch->bytes + PREFIX);
	__builtin_memset(record, 0, sizeof(*record));
	struct inode *inode = file->f_inode;
	struct super_block *sb = inode->i_sb;
	record->pid = task->tgid;
	record->fd = fd;
	record->ino = inode->i_ino;
	record->mode = inode->i_mode;
	record->dev = device(sb->s_dev);
	record->flags = file->f_flags & ~O_CLOEXEC;
	unsigned long *words = task->files->fdt->close_on_exec, word = 0;
	read_kernel(&word, sizeof(word), &words[fd / 64]);
	if (word >> (fd % 64) & 1)
		record->flags |= O_CLOEXEC;
	u64 len;
	if ((record->mode & S_IFMT) == 0140000) {
		len = put_socket(record, scratch, file);
	} else {
		long path_len = d_path(&file->f_path, record + 1, PATH_LEN);
		len = path_len > 0 ? path_len - 1 : 0;
	}
	OPAQUE(len);
	len &= 2 * PATH_LEN - 1;
	record->path_len = len;
	record->len = sizeof(*record) + len;
	seq_write(meta->seq, record, sizeof(*record) + len);
	return 0;
}
