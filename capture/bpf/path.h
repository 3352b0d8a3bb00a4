// SPDX-License-Identifier: MIT OR Apache-2.0
// Paths of kernel files, walked by hand: bpf_d_path is not allowed in tracepoint programs.
#pragma once

// Directories walked at most, and the buffer that is filled from its end.
#define PATH_DEPTH 96
#define PATH_MASK 4095
// The second half of the scratch space, which parameters of a valid event never reach.
#define WORK_AREA (PREFIX + 64 * 1024)

#define MEMFD_PREFIX_LEN 6

// Whether the file is a memfd; its dentry is its own root and is named "memfd:NAME".
INLINE bool is_memfd(struct file *file)
{
	struct dentry *dentry = READ(file->f_path.dentry);
	if (READ(dentry->d_parent) != dentry)
		return false;
	u64 name = 0;
	read_kernel(&name, MEMFD_PREFIX_LEN, READ(dentry->d_name.name));
	return name == 0x3a64666d656dULL; // "memfd:"
}

// A path from the root of its mount namespace. A directory tree deeper than PATH_DEPTH loses its beginning.
GLOBAL u64 append_path(struct scratch *scratch, u64 end, u64 dentry_address, u64 mount_address)
{
	struct dentry *dentry = (void *)dentry_address;
	struct vfsmount *vfsmount = (void *)mount_address;
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	// Filled from its end.
	u8 *work = scratch->bytes + WORK_AREA;
	scratch->progress = PATH_MASK;
	work[PATH_MASK] = 0;
	struct mount *mount = CONTAINER_OF(vfsmount, struct mount, mnt);
	for (int i = 0; i < PATH_DEPTH; i++) {
		struct dentry *root = READ(vfsmount->mnt_root);
		struct dentry *parent = READ(dentry->d_parent);
		if (dentry == root || dentry == parent) {
			struct mount *above = READ(mount->mnt_parent);
			if (dentry != root || above == mount)
				break;
			dentry = READ(mount->mnt_mountpoint);
			mount = above;
			vfsmount = &mount->mnt;
			continue;
		}
		u64 len = READ(dentry->d_name.len) & 0xff;
		u64 at = scratch->progress;
		if (at <= len)
			break;
		at = (at - len) & PATH_MASK;
		OPAQUE(at);
		at &= PATH_MASK;
		OPAQUE(len);
		len &= 0xff;
		read_kernel(work + at, len, READ(dentry->d_name.name));
		at = (at - 1) & PATH_MASK;
		OPAQUE(at);
		at &= PATH_MASK;
		work[at] = '/';
		scratch->progress = at;
		dentry = parent;
	}
	u64 start = scratch->progress;
	if (start == PATH_MASK) {
		start = PATH_MASK - 1;
		work[PATH_MASK - 1] = '/';
	}
	u64 len = PATH_MASK + 1 - start;
	OPAQUE(len);
	len &= 2 * PATH_MASK + 1;
	OPAQUE(start);
	start &= PATH_MASK;
	read_kernel(here(&e), len, work + start);
	return e.end + len;
}

// The path of a file; of a memfd, its name.
GLOBAL u64 append_file_path(struct scratch *scratch, u64 end, u64 address)
{
	struct file *file = (void *)address;
	if (!scratch || !file)
		return end;
	struct dentry *dentry = READ(file->f_path.dentry);
	if (is_memfd(file)) {
		struct event e = resume(scratch, end);
		append_kernel_string(&e, READ(dentry->d_name.name), 256);
		return e.end;
	}
	return append_path(scratch, end, (u64)dentry, (u64)READ(file->f_path.mnt));
}
