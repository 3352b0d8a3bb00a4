// SPDX-License-Identifier: MIT OR Apache-2.0
// From the kernel's flag values to the format's own numbering ("PPM"), which is the same on every
// architecture. Where both agree, a helper only drops the bits that the format does not know.
//
// Source of the numbers: driver/ppm_events_public.h of falcosecurity/libs.
#pragma once

#include "bpf.h"

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

#define PPM_O_NONBLOCK (1 << 6)
#define PPM_O_DIRECT (1 << 9)
#define PPM_O_CLOEXEC (1 << 12)
#define PPM_O_F_CREATED (1 << 14)
#define PPM_FD_UPPER_LAYER (1 << 15)
#define PPM_FD_LOWER_LAYER (1 << 16)

// O_TMPFILE and O_SYNC hold two bits each and are taken as set when either is, as the Falco drivers
// do: rules were written against that.
INLINE u32 open_flags(u32 flags)
{
	u32 ppm = 0;
	switch (flags & 3) {
	case 0: ppm = 1; break;
	case O_WRONLY: ppm = 2; break;
	case O_RDWR: ppm = 3; break;
	}
	ppm |= MAP_BIT(flags, O_CREAT, 1 << 2);
	ppm |= MAP_BIT(flags, O_APPEND, 1 << 3);
	ppm |= MAP_BIT(flags, O_DSYNC, 1 << 4);
	ppm |= MAP_BIT(flags, O_EXCL, 1 << 5);
	ppm |= MAP_BIT(flags, O_NONBLOCK, PPM_O_NONBLOCK);
	ppm |= MAP_BIT(flags, O_SYNC, 1 << 7);
	ppm |= MAP_BIT(flags, O_TRUNC, 1 << 8);
	ppm |= MAP_BIT(flags, O_DIRECT, PPM_O_DIRECT);
	ppm |= MAP_BIT(flags, O_DIRECTORY, 1 << 10);
	ppm |= MAP_BIT(flags, O_LARGEFILE, 1 << 11);
	ppm |= MAP_BIT(flags, O_CLOEXEC, PPM_O_CLOEXEC);
	ppm |= MAP_BIT(flags, O_TMPFILE, 1 << 13);
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
	return MAP_BIT(flags, O_NONBLOCK, PPM_O_NONBLOCK) | MAP_BIT(flags, O_CLOEXEC, PPM_O_CLOEXEC);
}

INLINE u32 pipe_flags(u64 flags)
{
	return fd_flags(flags) | MAP_BIT(flags, O_DIRECT, PPM_O_DIRECT);
}

INLINE u32 resolve_flags(u64 flags)
{
	return MAP_BIT(flags, 0x01, 1 << 4) | MAP_BIT(flags, 0x02, 1 << 2) | MAP_BIT(flags, 0x04, 1 << 3) |
	       MAP_BIT(flags, 0x08, 1 << 0) | MAP_BIT(flags, 0x10, 1 << 1) | MAP_BIT(flags, 0x20, 1 << 5);
}

#define PPM_CL_CLONE_THREAD (1 << 13)
#define PPM_CL_CHILD_IN_PIDNS (1 << 29)

INLINE u32 clone_flags(u64 flags)
{
	return MAP_BIT(flags, 0x00000400, 1 << 0) | // FILES
	       MAP_BIT(flags, 0x00000200, 1 << 1) | // FS
	       MAP_BIT(flags, 0x80000000, 1 << 2) | // IO
	       MAP_BIT(flags, 0x08000000, 1 << 3) | // NEWIPC
	       MAP_BIT(flags, 0x40000000, 1 << 4) | // NEWNET
	       MAP_BIT(flags, 0x00020000, 1 << 5) | // NEWNS
	       MAP_BIT(flags, 0x20000000, 1 << 6) | // NEWPID
	       MAP_BIT(flags, 0x04000000, 1 << 7) | // NEWUTS
	       MAP_BIT(flags, 0x00008000, 1 << 8) | // PARENT
	       MAP_BIT(flags, 0x00100000, 1 << 9) | // PARENT_SETTID
	       MAP_BIT(flags, 0x00002000, 1 << 10) | // PTRACE
	       MAP_BIT(flags, 0x00000800, 1 << 11) | // SIGHAND
	       MAP_BIT(flags, 0x00040000, 1 << 12) | // SYSVSEM
	       MAP_BIT(flags, 0x00010000, PPM_CL_CLONE_THREAD) |
	       MAP_BIT(flags, 0x00800000, 1 << 14) | // UNTRACED
	       MAP_BIT(flags, 0x00000100, 1 << 15) | // VM
	       MAP_BIT(flags, 0x10000000, 1 << 20) | // NEWUSER
	       MAP_BIT(flags, 0x00200000, 1 << 23) | // CHILD_CLEARTID
	       MAP_BIT(flags, 0x01000000, 1 << 24) | // CHILD_SETTID
	       MAP_BIT(flags, 0x00080000, 1 << 25) | // SETTLS
	       MAP_BIT(flags, 0x00004000, 1 << 27) | // VFORK
	       MAP_BIT(flags, 0x02000000, 1 << 28); // NEWCGROUP
}

INLINE u32 prot_flags(u64 prot)
{
	return (prot & 0xf) | MAP_BIT(prot, 0x01000000, 1 << 4) | MAP_BIT(prot, 0x02000000, 1 << 5);
}

INLINE u32 mmap_flags(u64 flags)
{
	return (flags & 3) | // SHARED, PRIVATE
	       MAP_BIT(flags, 0x00010, 1 << 2) | // FIXED
	       MAP_BIT(flags, 0x00020, 1 << 3) | // ANONYMOUS
	       MAP_BIT(flags, 0x00040, 1 << 4) | // 32BIT
	       MAP_BIT(flags, 0x04000, 1 << 6) | // NORESERVE
	       MAP_BIT(flags, 0x08000, 1 << 7) | // POPULATE
	       MAP_BIT(flags, 0x10000, 1 << 8) | // NONBLOCK
	       MAP_BIT(flags, 0x00100, 1 << 9) | // GROWSDOWN
	       MAP_BIT(flags, 0x00800, 1 << 10) | // DENYWRITE
	       MAP_BIT(flags, 0x01000, 1 << 11) | // EXECUTABLE
	       MAP_BIT(flags, 0x02000, 1 << 14); // LOCKED
}

INLINE u8 fcntl_command(u64 cmd)
{
	switch (cmd) {
	case 0: return 1; // DUPFD
	case 1: return 2; // GETFD
	case 2: return 3; // SETFD
	case 3: return 4; // GETFL
	case 4: return 5; // SETFL
	case 5: return 6; // GETLK
	case 6: return 8; // SETLK
	case 7: return 9; // SETLKW
	case 8: return 10; // SETOWN
	case 9: return 12; // GETOWN
	case 10: return 13; // SETSIG
	case 11: return 15; // GETSIG
	case 15: return 21; // SETOWN_EX
	case 16: return 22; // GETOWN_EX
	case 1024: return 23; // SETLEASE
	case 1025: return 24; // GETLEASE
	case 1029: return 25; // CANCELLK
	case 1030: return 26; // DUPFD_CLOEXEC
	case 1026: return 27; // NOTIFY
	case 1031: return 28; // SETPIPE_SZ
	case 1032: return 29; // GETPIPE_SZ
	case 36: return 30; // OFD_GETLK
	case 37: return 31; // OFD_SETLK
	case 38: return 32; // OFD_SETLKW
	default: return 0;
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
	return MAP_BIT(flags, 04000, 1) | MAP_BIT(flags, 010000, 2);
}

INLINE u32 semget_flags(u32 flags)
{
	return (flags & 0777) | MAP_BIT(flags, 01000, 1 << 13) | MAP_BIT(flags, 02000, 1 << 14);
}

INLINE u16 semctl_command(u32 cmd)
{
	switch (cmd) {
	case 2: return 1 << 0; // IPC_STAT
	case 1: return 1 << 1; // IPC_SET
	case 0: return 1 << 2; // IPC_RMID
	case 3: return 1 << 3; // IPC_INFO
	case 19: return 1 << 4; // SEM_INFO
	case 18: return 1 << 5; // SEM_STAT
	case 13: return 1 << 6; // GETALL
	case 14: return 1 << 7; // GETNCNT
	case 11: return 1 << 8; // GETPID
	case 12: return 1 << 9; // GETVAL
	case 15: return 1 << 10; // GETZCNT
	case 17: return 1 << 11; // SETALL
	case 16: return 1 << 12; // SETVAL
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
	case 16: return 11; // ATTACH
	case 17: return 12; // DETACH
	case 24: return 13; // SYSCALL
	case 12: return 26; // GETREGS
	case 13: return 27; // SETREGS
	case 14: return 28; // GETFPREGS
	case 15: return 29; // SETFPREGS
	case 18: return 30; // GETFPXREGS
	case 19: return 31; // SETFPXREGS
	case 21: return 32; // OLDSETOPTIONS
	case 25: return 33; // GET_THREAD_AREA
	case 26: return 34; // SET_THREAD_AREA
	case 30: return 35; // ARCH_PRCTL
	case 31: return 36; // SYSEMU
	case 32: return 37; // SYSEMU_SINGLESTEP
	case 33: return 38; // SINGLEBLOCK
	default: return 0;
	}
}

INLINE u32 io_uring_setup_flags(u32 flags)
{
	// SQ_NEED_WAKEUP has IOPOLL's bit, so both names are set for it, as the Falco drivers do.
	return (flags & 3) | MAP_BIT(flags, 1, 1 << 2) | MAP_BIT(flags, 1 << 2, 1 << 3) |
	       MAP_BIT(flags, 1 << 3, 1 << 4) | MAP_BIT(flags, 1 << 4, 1 << 5) |
	       MAP_BIT(flags, 1 << 5, 1 << 6) | MAP_BIT(flags, 1 << 6, 1 << 7);
}

INLINE u32 page_fault_flags(u64 error)
{
	return MAP_BIT(error, 1, 1 << 0) | MAP_BIT(error, 2, 1 << 2) | MAP_BIT(error, 4, 1 << 4) |
	       MAP_BIT(error, 8, 1 << 6) | MAP_BIT(error, 16, 1 << 7);
}
