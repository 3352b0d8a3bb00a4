// SPDX-License-Identifier: MIT OR Apache-2.0
// Calls that open, name or change files.
#pragma once

#include "path.h"

#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_REMOVEDIR 0x200
#define AT_SYMLINK_FOLLOW 0x400
#define AT_NO_AUTOMOUNT 0x800
#define AT_EMPTY_PATH 0x1000

// Permissions and the file type; none means a regular file.
INLINE u32 mknod_mode(u32 mode)
{
	u32 type = 0;
	switch (mode & 0170000) {
	case 0140000:
	case 0100000:
	case 0060000:
	case 0020000:
	case 0010000: type = mode & 0170000; break;
	case 0: type = 0100000; break;
	}
	return (mode & 07777) | type;
}

// Device, inode and layer are known only for a descriptor above 0: the Falco drivers test `ret > 0`.
INLINE struct file_facts opened(struct call *call)
{
	struct file_facts facts = {};
	if (call->ret > 0)
		file_facts(&facts, call->task, call->ret);
	return facts;
}

INLINE u32 opened_flags(const struct file_facts *facts)
{
	u32 flags = facts->created ? FILE_FLAGS_O_F_CREATED : 0;
	if (facts->layer == LAYER_UPPER)
		flags |= FILE_FLAGS_FD_UPPER_LAYER;
	else if (facts->layer == LAYER_LOWER)
		flags |= FILE_FLAGS_FD_LOWER_LAYER;
	return flags;
}

// Paths that fit in here, with their end, need no copy. Longer ones are read twice.
#define SHORT_PATH 64

// Defines the program for an event with one path, whose other parameters take `size` bytes.
#define PATH_HANDLER(name, type, size)                                 \
	INLINE bool put_##name(struct call *call, struct event *e);    \
	HANDLER(name)                                                  \
	{                                                              \
		if (!begin_roomy(e, type, size, SHORT_PATH))           \
			return;                                        \
		if (!put_##name(call, e)) {                            \
			discard(e);                                    \
			if (!begin(e, type) || !put_##name(call, e))   \
				return;                                \
		}                                                      \
		submit(e);                                             \
	}                                                              \
	INLINE bool put_##name(struct call *call, struct event *e)

PATH_HANDLER(open_x, OPEN_X, 28)
{
	struct file_facts facts = opened(call);
	put_s64(e, call->ret);
	if (!put_path(e, arg(call, 0)))
		return false;
	put_u32(e, open_flags(arg(call, 1)) | opened_flags(&facts));
	put_u32(e, open_mode(arg(call, 1), arg(call, 2)));
	put_u32(e, facts.dev);
	put_u64(e, facts.ino);
	return true;
}

PATH_HANDLER(openat_2_x, OPENAT_2_X, 36)
{
	struct file_facts facts = opened(call);
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	if (!put_path(e, arg(call, 1)))
		return false;
	put_u32(e, open_flags(arg(call, 2)) | opened_flags(&facts));
	put_u32(e, open_mode(arg(call, 2), arg(call, 3)));
	put_u32(e, facts.dev);
	put_u64(e, facts.ino);
	return true;
}

PATH_HANDLER(openat2_x, OPENAT2_X, 40)
{
	struct {
		u64 flags, mode, resolve;
	} how = {}; // struct open_how
	struct file_facts facts = opened(call);
	read_user(&how, sizeof(how), (void *)arg(call, 2));
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	if (!put_path(e, arg(call, 1)))
		return false;
	put_u32(e, open_flags(how.flags) | opened_flags(&facts));
	put_u32(e, open_mode(how.flags, how.mode));
	put_u32(e, resolve_flags(how.resolve));
	put_u32(e, facts.dev);
	put_u64(e, facts.ino);
	return true;
}

PATH_HANDLER(creat_x, CREAT_X, 26)
{
	struct file_facts facts = opened(call);
	put_s64(e, call->ret);
	if (!put_path(e, arg(call, 0)))
		return false;
	put_u32(e, open_mode(O_CREAT, arg(call, 1)));
	put_u32(e, facts.dev);
	put_u64(e, facts.ino);
	put_u16(e, facts.layer == LAYER_UPPER ? CREAT_FLAGS_FD_UPPER_LAYER_CREAT :
		   facts.layer == LAYER_LOWER ? CREAT_FLAGS_FD_LOWER_LAYER_CREAT : 0);
	return true;
}

HANDLER(open_by_handle_at_x)
{
	if (!begin(e, OPEN_BY_HANDLE_AT_X))
		return;
	struct file_facts facts = opened(call);
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, open_flags(arg(call, 2)) | opened_flags(&facts));
	if (call->ret > 0)
		PUT_BY(e, append_file_path, (u64)file_of_fd(call->task, call->ret));
	else
		put_absent(e);
	put_u32(e, facts.dev);
	put_u64(e, facts.ino);
	submit(e);
}

// Calls whose event is the result and one path.
#define PATH_CALL(name, type)                     \
	PATH_HANDLER(name, type, 8)               \
	{                                         \
		put_s64(e, call->ret);            \
		return put_path(e, arg(call, 0)); \
	}

PATH_CALL(unlink_2_x, UNLINK_2_X)
PATH_CALL(rmdir_2_x, RMDIR_2_X)
PATH_CALL(chdir_x, CHDIR_X)
PATH_CALL(chroot_x, CHROOT_X)
PATH_CALL(stat_x, STAT_X)
PATH_CALL(lstat_x, LSTAT_X)

// The result and two paths.
#define TWO_PATHS_CALL(name, event)        \
	HANDLER(name)                      \
	{                                  \
		if (!begin(e, event))      \
			return;            \
		put_s64(e, call->ret);     \
		put_path(e, arg(call, 0)); \
		put_path(e, arg(call, 1)); \
		submit(e);                 \
	}

TWO_PATHS_CALL(rename_x, RENAME_X)
TWO_PATHS_CALL(link_2_x, LINK_2_X)
TWO_PATHS_CALL(symlink_x, SYMLINK_X)

// Old and new directory and path: renameat, renameat2, linkat.
INLINE void put_old_and_new(struct event *e, struct call *call)
{
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_path(e, arg(call, 1));
	put_s64(e, (s32)arg(call, 2));
	put_path(e, arg(call, 3));
}

HANDLER(renameat_x)
{
	if (!begin(e, RENAMEAT_X))
		return;
	put_old_and_new(e, call);
	submit(e);
}

HANDLER(renameat2_x)
{
	if (!begin(e, RENAMEAT2_X))
		return;
	put_old_and_new(e, call);
	put_u32(e, arg(call, 4));
	submit(e);
}

HANDLER(linkat_2_x)
{
	if (!begin(e, LINKAT_2_X))
		return;
	put_old_and_new(e, call);
	put_u32(e, arg(call, 4) & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH));
	submit(e);
}

HANDLER(symlinkat_x)
{
	if (!begin(e, SYMLINKAT_X))
		return;
	put_s64(e, call->ret);
	put_path(e, arg(call, 0));
	put_s64(e, (s32)arg(call, 1));
	put_path(e, arg(call, 2));
	submit(e);
}

// The result, a directory, a path in it, and a number.
#define AT_CALL(name, type, number)                \
	PATH_HANDLER(name, type, 20)               \
	{                                          \
		put_s64(e, call->ret);             \
		put_s64(e, (s32)arg(call, 0));     \
		if (!put_path(e, arg(call, 1)))    \
			return false;              \
		put_u32(e, number);                \
		return true;                       \
	}

AT_CALL(unlinkat_2_x, UNLINKAT_2_X, arg(call, 2) & AT_REMOVEDIR)
AT_CALL(mkdirat_x, MKDIRAT_X, arg(call, 2))
AT_CALL(fchmodat_x, FCHMODAT_X, arg(call, 2) & 07777)
AT_CALL(newfstatat_x, NEWFSTATAT_X, arg(call, 3) & (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))

// The result, a path, and a number.
#define PATH_NUMBER_CALL(name, type, number)    \
	PATH_HANDLER(name, type, 12)            \
	{                                       \
		put_s64(e, call->ret);          \
		if (!put_path(e, arg(call, 0))) \
			return false;           \
		put_u32(e, number);             \
		return true;                    \
	}

PATH_NUMBER_CALL(mkdir_2_x, MKDIR_2_X, arg(call, 1))
PATH_NUMBER_CALL(chmod_x, CHMOD_X, arg(call, 1) & 07777)
PATH_NUMBER_CALL(access_x, ACCESS_X, arg(call, 1) & 7)
PATH_NUMBER_CALL(umount2_x, UMOUNT2_X, arg(call, 1) & 0xf)

HANDLER(mknod_x)
{
	if (!begin(e, MKNOD_X))
		return;
	put_s64(e, call->ret);
	put_path(e, arg(call, 0));
	put_u32(e, mknod_mode(arg(call, 1)));
	put_u32(e, arg(call, 2)); // user space encodes devices as the format does
	submit(e);
}

HANDLER(mknodat_x)
{
	if (!begin(e, MKNODAT_X))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_path(e, arg(call, 1));
	put_u32(e, mknod_mode(arg(call, 2)));
	put_u32(e, arg(call, 3));
	submit(e);
}

#define CHOWN_CALL(name, event)            \
	HANDLER(name)                      \
	{                                  \
		if (!begin(e, event))      \
			return;            \
		put_s64(e, call->ret);     \
		put_path(e, arg(call, 0)); \
		put_u32(e, arg(call, 1));  \
		put_u32(e, arg(call, 2));  \
		submit(e);                 \
	}

CHOWN_CALL(chown_x, CHOWN_X)
CHOWN_CALL(lchown_x, LCHOWN_X)

HANDLER(fchownat_x)
{
	if (!begin(e, FCHOWNAT_X))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_path(e, arg(call, 1));
	put_u32(e, arg(call, 2));
	put_u32(e, arg(call, 3));
	put_u32(e, arg(call, 4) & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH));
	submit(e);
}

HANDLER(getcwd_x)
{
	if (!begin(e, GETCWD_X))
		return;
	put_s64(e, call->ret);
	put_path(e, call->ret >= 0 ? arg(call, 0) : 0);
	submit(e);
}

#define MS_MGC_VAL 0xc0ed0000
#define MS_MGC_MASK 0xffff0000

HANDLER(mount_x)
{
	if (!begin(e, MOUNT_X))
		return;
	u32 flags = arg(call, 3);
	put_s64(e, call->ret);
	put_path(e, arg(call, 0));
	put_path(e, arg(call, 1));
	put_path(e, arg(call, 2));
	put_u32(e, (flags & MS_MGC_MASK) == MS_MGC_VAL ? flags & ~MS_MGC_MASK : flags);
	submit(e);
}

HANDLER(memfd_create_x)
{
	if (!begin(e, MEMFD_CREATE_X))
		return;
	put_s64(e, call->ret);
	put_path(e, arg(call, 0));
	put_u32(e, arg(call, 1) & 7);
	submit(e);
}
