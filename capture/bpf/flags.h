// SPDX-License-Identifier: MIT OR Apache-2.0
// From the kernel's flag values to the format's own numbering ("PPM"), which is the same on every
// architecture. Where both agree, a helper only drops the bits that the format does not know.
//
// Source of the numbers: driver/ppm_events_public.h of falcosecurity/libs.
#pragma once

#include "bpf.h"
#include "events.gen.h"

#define MAP_BIT(flags, native, ppm) (((flags) & (native)) ? (ppm) : 0)

#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_DSYNC 010000
#define O_CLOEXEC 02000000
#define O_SYNC (04000000 | O_DSYNC)
#if defined(__TARGET_ARCH_arm64)
#define O_DIRECTORY 040000
#define O_DIRECT 0200000
#define O_LARGEFILE 0400000
#else
#define O_DIRECT 040000
#define O_LARGEFILE 0100000
#define O_DIRECTORY 0200000
#endif
#define O_TMPFILE (020000000 | O_DIRECTORY)

// O_TMPFILE and O_SYNC hold two bits each and are taken as set when either is, as the Falco drivers
// do: rules were written against that.
INLINE u32 open_flags(u32 flags)
{
	u32 ppm = FILE_FLAGS_O_NONE;
	switch (flags & 3) {
	case 0: ppm = FILE_FLAGS_O_RDONLY; break;
	case O_WRONLY: ppm = FILE_FLAGS_O_WRONLY; break;
	case O_RDWR: ppm = FILE_FLAGS_O_RDWR; break;
	}
	ppm |= MAP_BIT(flags, O_CREAT, FILE_FLAGS_O_CREAT);
	ppm |= MAP_BIT(flags, O_APPEND, FILE_FLAGS_O_APPEND);
	ppm |= MAP_BIT(flags, O_DSYNC, FILE_FLAGS_O_DSYNC);
	ppm |= MAP_BIT(flags, O_EXCL, FILE_FLAGS_O_EXCL);
	ppm |= MAP_BIT(flags, O_NONBLOCK, FILE_FLAGS_O_NONBLOCK);
	ppm |= MAP_BIT(flags, O_SYNC, FILE_FLAGS_O_SYNC);
	ppm |= MAP_BIT(flags, O_TRUNC, FILE_FLAGS_O_TRUNC);
	ppm |= MAP_BIT(flags, O_DIRECT, FILE_FLAGS_O_DIRECT);
	ppm |= MAP_BIT(flags, O_DIRECTORY, FILE_FLAGS_O_DIRECTORY);
	ppm |= MAP_BIT(flags, O_LARGEFILE, FILE_FLAGS_O_LARGEFILE);
	ppm |= MAP_BIT(flags, O_CLOEXEC, FILE_FLAGS_O_CLOEXEC);
	ppm |= MAP_BIT(flags, O_TMPFILE, FILE_FLAGS_O_TMPFILE);
	return ppm;
}

// A mode counts only when the call may create a file.
INLINE u32 open_mode(u64 flags, u64 mode)
{
	return flags & (O_CREAT | O_TMPFILE) ? mode & 07777 : 0;
}

// Flags of calls that make a descriptor.
INLINE u32 fd_flags(u64 flags)
{
	return MAP_BIT(flags, O_NONBLOCK, FILE_FLAGS_O_NONBLOCK) |
	       MAP_BIT(flags, O_CLOEXEC, FILE_FLAGS_O_CLOEXEC);
}

INLINE u32 pipe_flags(u64 flags)
{
	return fd_flags(flags) | MAP_BIT(flags, O_DIRECT, FILE_FLAGS_O_DIRECT);
}

INLINE u32 resolve_flags(u64 flags)
{
	return MAP_BIT(flags, 0x01, OPENAT2_FLAGS_RESOLVE_NO_XDEV) |
	       MAP_BIT(flags, 0x02, OPENAT2_FLAGS_RESOLVE_NO_MAGICLINKS) |
	       MAP_BIT(flags, 0x04, OPENAT2_FLAGS_RESOLVE_NO_SYMLINKS) |
	       MAP_BIT(flags, 0x08, OPENAT2_FLAGS_RESOLVE_BENEATH) |
	       MAP_BIT(flags, 0x10, OPENAT2_FLAGS_RESOLVE_IN_ROOT) |
	       MAP_BIT(flags, 0x20, OPENAT2_FLAGS_RESOLVE_CACHED);
}

INLINE u32 clone_flags(u64 flags)
{
	return MAP_BIT(flags, 0x00000400, CLONE_FLAGS_CLONE_FILES) |
	       MAP_BIT(flags, 0x00000200, CLONE_FLAGS_CLONE_FS) |
	       MAP_BIT(flags, 0x80000000, CLONE_FLAGS_CLONE_IO) |
	       MAP_BIT(flags, 0x08000000, CLONE_FLAGS_CLONE_NEWIPC) |
	       MAP_BIT(flags, 0x40000000, CLONE_FLAGS_CLONE_NEWNET) |
	       MAP_BIT(flags, 0x00020000, CLONE_FLAGS_CLONE_NEWNS) |
	       MAP_BIT(flags, 0x20000000, CLONE_FLAGS_CLONE_NEWPID) |
	       MAP_BIT(flags, 0x04000000, CLONE_FLAGS_CLONE_NEWUTS) |
	       MAP_BIT(flags, 0x00008000, CLONE_FLAGS_CLONE_PARENT) |
	       MAP_BIT(flags, 0x00100000, CLONE_FLAGS_CLONE_PARENT_SETTID) |
	       MAP_BIT(flags, 0x00002000, CLONE_FLAGS_CLONE_PTRACE) |
	       MAP_BIT(flags, 0x00000800, CLONE_FLAGS_CLONE_SIGHAND) |
	       MAP_BIT(flags, 0x00040000, CLONE_FLAGS_CLONE_SYSVSEM) |
	       MAP_BIT(flags, 0x00010000, CLONE_FLAGS_CLONE_THREAD) |
	       MAP_BIT(flags, 0x00800000, CLONE_FLAGS_CLONE_UNTRACED) |
	       MAP_BIT(flags, 0x00000100, CLONE_FLAGS_CLONE_VM) |
	       MAP_BIT(flags, 0x10000000, CLONE_FLAGS_CLONE_NEWUSER) |
	       MAP_BIT(flags, 0x00200000, CLONE_FLAGS_CLONE_CHILD_CLEARTID) |
	       MAP_BIT(flags, 0x01000000, CLONE_FLAGS_CLONE_CHILD_SETTID) |
	       MAP_BIT(flags, 0x00080000, CLONE_FLAGS_CLONE_SETTLS) |
	       MAP_BIT(flags, 0x00004000, CLONE_FLAGS_CLONE_VFORK) |
	       MAP_BIT(flags, 0x02000000, CLONE_FLAGS_CLONE_NEWCGROUP);
}

INLINE u32 prot_flags(u64 prot)
{
	return (prot & 0xf) |
	       MAP_BIT(prot, 0x01000000, PROT_FLAGS_PROT_GROWSDOWN) |
	       MAP_BIT(prot, 0x02000000, PROT_FLAGS_PROT_GROWSUP);
}

INLINE u32 mmap_flags(u64 flags)
{
	return (flags & 3) | // SHARED, PRIVATE
	       MAP_BIT(flags, 0x00010, MMAP_FLAGS_MAP_FIXED) |
	       MAP_BIT(flags, 0x00020, MMAP_FLAGS_MAP_ANONYMOUS) |
	       MAP_BIT(flags, 0x00040, MMAP_FLAGS_MAP_32BIT) |
	       MAP_BIT(flags, 0x04000, MMAP_FLAGS_MAP_NORESERVE) |
	       MAP_BIT(flags, 0x08000, MMAP_FLAGS_MAP_POPULATE) |
	       MAP_BIT(flags, 0x10000, MMAP_FLAGS_MAP_NONBLOCK) |
	       MAP_BIT(flags, 0x00100, MMAP_FLAGS_MAP_GROWSDOWN) |
	       MAP_BIT(flags, 0x00800, MMAP_FLAGS_MAP_DENYWRITE) |
	       MAP_BIT(flags, 0x01000, MMAP_FLAGS_MAP_EXECUTABLE) |
	       MAP_BIT(flags, 0x02000, MMAP_FLAGS_MAP_LOCKED);
}

INLINE u8 fcntl_command(u64 cmd)
{
	switch (cmd) {
	case 0: return FCNTL_COMMANDS_F_DUPFD;
	case 1: return FCNTL_COMMANDS_F_GETFD;
	case 2: return FCNTL_COMMANDS_F_SETFD;
	case 3: return FCNTL_COMMANDS_F_GETFL;
	case 4: return FCNTL_COMMANDS_F_SETFL;
	case 5: return FCNTL_COMMANDS_F_GETLK;
	case 6: return FCNTL_COMMANDS_F_SETLK;
	case 7: return FCNTL_COMMANDS_F_SETLKW;
	case 8: return FCNTL_COMMANDS_F_SETOWN;
	case 9: return FCNTL_COMMANDS_F_GETOWN;
	case 10: return FCNTL_COMMANDS_F_SETSIG;
	case 11: return FCNTL_COMMANDS_F_GETSIG;
	case 15: return FCNTL_COMMANDS_F_SETOWN_EX;
	case 16: return FCNTL_COMMANDS_F_GETOWN_EX;
	case 1024: return FCNTL_COMMANDS_F_SETLEASE;
	case 1025: return FCNTL_COMMANDS_F_GETLEASE;
	case 1029: return FCNTL_COMMANDS_F_CANCELLK;
	case 1030: return FCNTL_COMMANDS_F_DUPFD_CLOEXEC;
	case 1026: return FCNTL_COMMANDS_F_NOTIFY;
	case 1031: return FCNTL_COMMANDS_F_SETPIPE_SZ;
	case 1032: return FCNTL_COMMANDS_F_GETPIPE_SZ;
	case 36: return FCNTL_COMMANDS_F_OFD_GETLK;
	case 37: return FCNTL_COMMANDS_F_OFD_SETLK;
	case 38: return FCNTL_COMMANDS_F_OFD_SETLKW;
	default: return FCNTL_COMMANDS_UNKNOWN;
	}
}

#define SOL_SOCKET 1

INLINE u8 socket_level(u32 level)
{
	switch (level) {
	case SOL_SOCKET: return 1;
	case 6: return 2; // TCP
	default: return 0;
	}
}

INLINE u16 poll_events(u16 events)
{
	return (events & 0x0007) | // IN, PRI, OUT
	       MAP_BIT(events, 0x2000, 1 << 3) | // RDHUP
	       MAP_BIT(events, 0x0008, 1 << 4) | // ERR
	       MAP_BIT(events, 0x0010, 1 << 5) | // HUP
	       MAP_BIT(events, 0x0020, 1 << 6) | // NVAL
	       MAP_BIT(events, 0x0040, 1 << 7) | // RDNORM
	       MAP_BIT(events, 0x0080, 1 << 8) | // RDBAND
	       MAP_BIT(events, 0x0100, 1 << 9) | // WRNORM
	       MAP_BIT(events, 0x0200, 1 << 10); // WRBAND
}

INLINE u16 futex_operation(u64 op)
{
	u16 command = op & 127;
	return (command <= 12 ? command : 0) | (op & (128 | 256));
}

INLINE u16 semop_flags(u16 flags)
{
	return MAP_BIT(flags, 04000, SEMOP_FLAGS_IPC_NOWAIT) | MAP_BIT(flags, 010000, SEMOP_FLAGS_SEM_UNDO);
}

INLINE u32 semget_flags(u32 flags)
{
	return (flags & 0777) |
	       MAP_BIT(flags, 01000, SEMGET_FLAGS_IPC_CREAT) |
	       MAP_BIT(flags, 02000, SEMGET_FLAGS_IPC_EXCL);
}

INLINE u16 semctl_command(u32 cmd)
{
	switch (cmd) {
	case 2: return SEMCTL_COMMANDS_IPC_STAT;
	case 1: return SEMCTL_COMMANDS_IPC_SET;
	case 0: return SEMCTL_COMMANDS_IPC_RMID;
	case 3: return SEMCTL_COMMANDS_IPC_INFO;
	case 19: return SEMCTL_COMMANDS_SEM_INFO;
	case 18: return SEMCTL_COMMANDS_SEM_STAT;
	case 13: return SEMCTL_COMMANDS_GETALL;
	case 14: return SEMCTL_COMMANDS_GETNCNT;
	case 11: return SEMCTL_COMMANDS_GETPID;
	case 12: return SEMCTL_COMMANDS_GETVAL;
	case 15: return SEMCTL_COMMANDS_GETZCNT;
	case 17: return SEMCTL_COMMANDS_SETALL;
	case 16: return SEMCTL_COMMANDS_SETVAL;
	default: return 0;
	}
}

INLINE u16 ptrace_request(u64 request)
{
	if (request <= 9)
		return request + 1;
	if (request >= 0x4200 && request <= 0x420b)
		return request - 0x4200 + 14;
	switch (request) {
	case 16: return PTRACE_REQUESTS_PTRACE_ATTACH;
	case 17: return PTRACE_REQUESTS_PTRACE_DETACH;
	case 24: return PTRACE_REQUESTS_PTRACE_SYSCALL;
	case 12: return PTRACE_REQUESTS_PTRACE_GETREGS;
	case 13: return PTRACE_REQUESTS_PTRACE_SETREGS;
	case 14: return PTRACE_REQUESTS_PTRACE_GETFPREGS;
	case 15: return PTRACE_REQUESTS_PTRACE_SETFPREGS;
	case 18: return PTRACE_REQUESTS_PTRACE_GETFPXREGS;
	case 19: return PTRACE_REQUESTS_PTRACE_SETFPXREGS;
	case 21: return PTRACE_REQUESTS_PTRACE_OLDSETOPTIONS;
	case 25: return PTRACE_REQUESTS_PTRACE_GET_THREAD_AREA;
	case 26: return PTRACE_REQUESTS_PTRACE_SET_THREAD_AREA;
	case 30: return PTRACE_REQUESTS_PTRACE_ARCH_PRCTL;
	case 31: return PTRACE_REQUESTS_PTRACE_SYSEMU;
	case 32: return PTRACE_REQUESTS_PTRACE_SYSEMU_SINGLESTEP;
	case 33: return PTRACE_REQUESTS_PTRACE_SINGLEBLOCK;
	default: return PTRACE_REQUESTS_PTRACE_UNKNOWN;
	}
}

INLINE u32 io_uring_setup_flags(u32 flags)
{
	// SQ_NEED_WAKEUP has IOPOLL's bit, so both names are set for it, as the Falco drivers do.
	return (flags & 3) |
	       MAP_BIT(flags, 1, IO_URING_SETUP_FLAGS_IORING_SQ_NEED_WAKEUP) |
	       MAP_BIT(flags, 1 << 2, IO_URING_SETUP_FLAGS_IORING_SETUP_SQ_AFF) |
	       MAP_BIT(flags, 1 << 3, IO_URING_SETUP_FLAGS_IORING_SETUP_CQSIZE) |
	       MAP_BIT(flags, 1 << 4, IO_URING_SETUP_FLAGS_IORING_SETUP_CLAMP) |
	       MAP_BIT(flags, 1 << 5, IO_URING_SETUP_FLAGS_IORING_SETUP_ATTACH_RW) |
	       MAP_BIT(flags, 1 << 6, IO_URING_SETUP_FLAGS_IORING_SETUP_R_DISABLED);
}
