// SPDX-License-Identifier: MIT OR Apache-2.0
// Kernel facilities: BPF, io_uring, modules, file systems, quotas, keys.
#pragma once

// Longest parameter, as the Falco drivers cut it.
#define PARAM_LEN 65000

HANDLER(bpf_2_x)
{
	if (!begin_sized(e, BPF_2_X, 12))
		return;
	put_s64(e, call->ret);
	put_u32(e, arg(call, 0));
	submit(e);
}

// --- io_uring

struct io_uring_params {
	u32 sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features;
};

HANDLER(io_uring_setup_x)
{
	if (!begin_sized(e, IO_URING_SETUP_X, 36))
		return;
	struct io_uring_params params = {};
	read_user(&params, sizeof(params), (void *)arg(call, 1));
	put_s64(e, call->ret);
	put_u32(e, arg(call, 0));
	put_u32(e, params.sq_entries);
	put_u32(e, params.cq_entries);
	put_u32(e, io_uring_setup_flags(params.flags));
	put_u32(e, params.sq_thread_cpu);
	put_u32(e, params.sq_thread_idle);
	put_u32(e, params.features & 0x7ff);
	submit(e);
}

HANDLER(io_uring_enter_x)
{
	if (!begin_sized(e, IO_URING_ENTER_X, 32))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 1));
	put_u32(e, arg(call, 2));
	put_u32(e, arg(call, 3) & 0xf);
	put_u32(e, arg(call, 4)); // of the pointer: so do the Falco drivers
	submit(e);
}

HANDLER(io_uring_register_x)
{
	if (!begin_sized(e, IO_URING_REGISTER_X, 30))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u16(e, arg(call, 1));
	put_u64(e, arg(call, 2));
	put_u32(e, arg(call, 3));
	submit(e);
}

// --- modules

HANDLER(init_module_x)
{
	if (!begin(e, INIT_MODULE_X))
		return;
	u64 len = arg(call, 1);
	put_s64(e, call->ret);
	end_param(e, append_user_bytes(e, arg(call, 0), NO_DATA ? 0 : len < PARAM_LEN ? len : PARAM_LEN));
	put_u64(e, len);
	put_path(e, arg(call, 2));
	submit(e);
}

HANDLER(finit_module_x)
{
	if (!begin(e, FINIT_MODULE_X))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_path(e, arg(call, 1));
	put_u32(e, arg(call, 2) & 7);
	submit(e);
}

HANDLER(delete_module_x)
{
	if (!begin(e, DELETE_MODULE_X))
		return;
	u64 flags = arg(call, 1);
	put_s64(e, call->ret);
	put_path(e, arg(call, 0));
	put_u32(e, MAP_BIT(flags, O_NONBLOCK, DELETE_MODULE_FLAGS_O_NONBLOCK) |
			   MAP_BIT(flags, O_TRUNC, DELETE_MODULE_FLAGS_O_TRUNC));
	submit(e);
}

// --- file systems

enum {
	FSCONFIG_SET_STRING = 1,
	FSCONFIG_SET_BINARY = 2,
	FSCONFIG_SET_PATH = 3,
	FSCONFIG_SET_PATH_EMPTY = 4,
};

HANDLER(fsconfig_x)
{
	if (!begin(e, FSCONFIG_X))
		return;
	u32 command = arg(call, 1);
	s32 aux = arg(call, 4);
	u64 value = call->ret < 0 ? 0 : arg(call, 3);
	bool text = command == FSCONFIG_SET_STRING || command == FSCONFIG_SET_PATH ||
		    command == FSCONFIG_SET_PATH_EMPTY;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, command);
	put_path(e, arg(call, 2));
	end_param(e, append_user_bytes(e, value, command == FSCONFIG_SET_BINARY ? (u16)aux : 0));
	put_path(e, text ? value : 0);
	put_s32(e, aux);
	submit(e);
}

// --- quotas

#define QUOTA_ON QUOTACTL_CMDS_Q_QUOTAON
#define QUOTA_GET QUOTACTL_CMDS_Q_GETQUOTA
#define QUOTA_SET QUOTACTL_CMDS_Q_SETQUOTA
#define QUOTA_GET_INFO QUOTACTL_CMDS_Q_GETINFO
#define QUOTA_SET_INFO QUOTACTL_CMDS_Q_SETINFO
#define QUOTA_GET_FORMAT QUOTACTL_CMDS_Q_GETFMT
#define QUOTA_XGET QUOTACTL_CMDS_Q_XGETQUOTA
#define QUOTA_XSET QUOTACTL_CMDS_Q_XSETQLIM

INLINE u32 quota_command(u32 cmd)
{
	switch (cmd >> 8) { // QCMD(): the type is in the low byte
	case 0x800001: return QUOTACTL_CMDS_Q_SYNC;
	case 0x800002: return QUOTA_ON;
	case 0x800003: return QUOTACTL_CMDS_Q_QUOTAOFF;
	case 0x800004: return QUOTA_GET_FORMAT;
	case 0x800005: return QUOTA_GET_INFO;
	case 0x800006: return QUOTA_SET_INFO;
	case 0x800007: return QUOTA_GET;
	case 0x800008: return QUOTA_SET;
	case 0x5801: return QUOTACTL_CMDS_Q_XQUOTAON;
	case 0x5802: return QUOTACTL_CMDS_Q_XQUOTAOFF;
	case 0x5803: return QUOTA_XGET;
	case 0x5804: return QUOTA_XSET;
	case 0x5805: return QUOTACTL_CMDS_Q_XGETQSTAT;
	case 0x5806: return QUOTACTL_CMDS_Q_XQUOTARM;
	case 0x5807: return QUOTACTL_CMDS_Q_XQUOTASYNC;
	default: return 0;
	}
}

INLINE u8 quota_format(u32 format)
{
	switch (format) {
	case 1: return QUOTACTL_QUOTA_FMTS_QFMT_VFS_OLD;
	case 2: return QUOTACTL_QUOTA_FMTS_QFMT_VFS_V0;
	case 4: return QUOTACTL_QUOTA_FMTS_QFMT_VFS_V1;
	default: return QUOTACTL_QUOTA_FMTS_QFMT_NOT_USED;
	}
}

struct if_dqblk {
	u64 block_hard, block_soft, space, inode_hard, inode_soft, inodes, block_time, inode_time;
	u32 valid, pad;
};

struct if_dqinfo {
	u64 block_grace, inode_grace;
	u32 flags, valid;
};

HANDLER(quotactl_x)
{
	if (!begin(e, QUOTACTL_X))
		return;
	u32 command = arg(call, 0), id = arg(call, 2);
	u32 kind = quota_command(command);
	u64 address = arg(call, 3);
	struct if_dqblk quota = {};
	struct if_dqinfo info = {};
	if (kind == QUOTA_GET || kind == QUOTA_SET)
		read_user(&quota, sizeof(quota), (void *)address);
	if (kind == QUOTA_GET_INFO || kind == QUOTA_SET_INFO)
		read_user(&info, sizeof(info), (void *)address);
	put_s64(e, call->ret);
	put_path(e, arg(call, 1));
	put_path(e, kind == QUOTA_ON ? address : 0);
	put_u64(e, quota.valid & 1 ? quota.block_hard : 0);
	put_u64(e, quota.valid & 1 ? quota.block_soft : 0);
	put_u64(e, quota.valid & 2 ? quota.space : 0);
	put_u64(e, quota.valid & 4 ? quota.inode_hard : 0);
	put_u64(e, quota.valid & 4 ? quota.inode_soft : 0);
	put_u64(e, quota.valid & 16 ? quota.block_time : 0);
	put_u64(e, quota.valid & 32 ? quota.inode_time : 0);
	put_u64(e, info.valid & 1 ? info.block_grace : 0);
	put_u64(e, info.valid & 2 ? info.inode_grace : 0);
	put_u8(e, info.valid & 4 ? info.flags : 0);
	put_u8(e, quota_format(kind == QUOTA_GET_FORMAT ? user_u32(address) : 0));
	put_u16(e, kind);
	switch (command & 0xff) {
	case 0: put_u8(e, QUOTACTL_TYPES_USRQUOTA); break;
	case 1: put_u8(e, QUOTACTL_TYPES_GRPQUOTA); break;
	default: put_u8(e, 0);
	}
	put_u32(e, kind == QUOTA_GET || kind == QUOTA_SET || kind == QUOTA_XGET || kind == QUOTA_XSET ? id : 0);
	put_u8(e, quota_format(kind == QUOTA_ON ? id : 0));
	submit(e);
}

// --- keys

// How an argument of keyctl is kept: not at all (0), as a number, or as a string.
enum key_arg { KEY_ZERO, KEY_NUMBER, KEY_STRING };

#define KEY_ARGS(a, b, c, d) ((a) | (b) << 2 | (c) << 4 | (d) << 6)

INLINE u32 key_args(u32 operation)
{
	const u32 z = KEY_ZERO, n = KEY_NUMBER, s = KEY_STRING;
	switch (operation) {
	case 1: return KEY_ARGS(s, z, z, z); // JOIN_SESSION_KEYRING
	case 3: // REVOKE
	case 7: // CLEAR
	case 14: // SET_REQKEY_KEYRING
	case 16: // ASSUME_AUTHORITY
	case 21: return KEY_ARGS(n, z, z, z); // INVALIDATE
	case 0: // GET_KEYRING_ID
	case 5: // SETPERM
	case 8: // LINK
	case 9: // UNLINK
	case 15: // SET_TIMEOUT
	case 22: // GET_PERSISTENT
	case 31: return KEY_ARGS(n, n, z, z); // CAPABILITIES
	case 2: // UPDATE
	case 4: // CHOWN
	case 6: // DESCRIBE
	case 11: // READ
	case 13: // NEGATE
	case 17: // GET_SECURITY
	case 32: return KEY_ARGS(n, n, n, z); // WATCH_KEY
	case 29: return KEY_ARGS(n, s, s, z); // RESTRICT_KEYRING
	case 24: return KEY_ARGS(n, n, s, z); // PKEY_QUERY
	case 10: return KEY_ARGS(n, s, s, n); // SEARCH
	case 12: // INSTANTIATE
	case 19: // REJECT
	case 20: // INSTANTIATE_IOV
	case 23: // DH_COMPUTE
	case 30: return KEY_ARGS(n, n, n, n); // MOVE
	case 25: // PKEY_ENCRYPT, DECRYPT, SIGN, VERIFY
	case 26:
	case 27:
	case 28: return KEY_ARGS(n, s, n, n);
	default: return 0; // SESSION_TO_PARENT and unknown ones
	}
}

#define KEY_AS_NUMBER 0
#define KEY_AS_STRING 1

INLINE void put_key_arg(struct event *e, u32 kind, u64 value)
{
	u64 start = e->end;
	if (kind == KEY_STRING) {
		append_u8(e, KEY_AS_STRING);
		append_user_string(e, value, PATH_LEN);
	} else {
		append_u8(e, KEY_AS_NUMBER);
		append_s64(e, kind == KEY_NUMBER ? value : 0);
	}
	end_param(e, e->end - start);
}

HANDLER(keyctl_x)
{
	if (!begin(e, KEYCTL_X))
		return;
	u32 operation = arg(call, 0);
	u32 kinds = key_args(operation);
	put_s64(e, call->ret);
	put_u32(e, operation);
	put_key_arg(e, kinds & 3, arg(call, 1));
	put_key_arg(e, kinds >> 2 & 3, arg(call, 2));
	put_key_arg(e, kinds >> 4 & 3, arg(call, 3));
	put_key_arg(e, kinds >> 6 & 3, arg(call, 4));
	submit(e);
}
