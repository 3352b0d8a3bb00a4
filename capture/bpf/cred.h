// SPDX-License-Identifier: MIT OR Apache-2.0
// Ids, capabilities, namespaces and limits.
#pragma once

#define ID_CALL(name, event)                    \
	HANDLER(name)                           \
	{                                       \
		if (!begin_sized(e, event, 12)) \
			return;                 \
		put_s64(e, call->ret);          \
		put_u32(e, arg(call, 0));       \
		submit(e);                      \
	}

ID_CALL(setuid_x, SETUID_X)
ID_CALL(setgid_x, SETGID_X)

#define TWO_IDS_CALL(name, event)               \
	HANDLER(name)                           \
	{                                       \
		if (!begin_sized(e, event, 16)) \
			return;                 \
		put_s64(e, call->ret);          \
		put_u32(e, arg(call, 0));       \
		put_u32(e, arg(call, 1));       \
		submit(e);                      \
	}

TWO_IDS_CALL(setreuid_x, SETREUID_X)
TWO_IDS_CALL(setregid_x, SETREGID_X)

#define THREE_IDS_CALL(name, event)             \
	HANDLER(name)                           \
	{                                       \
		if (!begin_sized(e, event, 20)) \
			return;                 \
		put_s64(e, call->ret);          \
		put_u32(e, arg(call, 0));       \
		put_u32(e, arg(call, 1));       \
		put_u32(e, arg(call, 2));       \
		submit(e);                      \
	}

THREE_IDS_CALL(setresuid_x, SETRESUID_X)
THREE_IDS_CALL(setresgid_x, SETRESGID_X)

#define OWN_ID_CALL(name, event)               \
	HANDLER(name)                          \
	{                                      \
		if (!begin_sized(e, event, 4)) \
			return;                \
		put_u32(e, call->ret);         \
		submit(e);                     \
	}

OWN_ID_CALL(getuid_x, GETUID_X)
OWN_ID_CALL(geteuid_x, GETEUID_X)
OWN_ID_CALL(getgid_x, GETGID_X)
OWN_ID_CALL(getegid_x, GETEGID_X)

INLINE u32 user_u32(u64 from)
{
	u32 value = 0;
	read_user(&value, sizeof(value), (void *)from);
	return value;
}

#define OWN_IDS_CALL(name, event)                   \
	HANDLER(name)                               \
	{                                           \
		if (!begin_sized(e, event, 20))     \
			return;                     \
		put_s64(e, call->ret);              \
		put_u32(e, user_u32(arg(call, 0))); \
		put_u32(e, user_u32(arg(call, 1))); \
		put_u32(e, user_u32(arg(call, 2))); \
		submit(e);                          \
	}

OWN_IDS_CALL(getresuid_x, GETRESUID_X)
OWN_IDS_CALL(getresgid_x, GETRESGID_X)

HANDLER(setpgid_x)
{
	if (!begin_sized(e, SETPGID_X, 24))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_s64(e, (s32)arg(call, 1));
	submit(e);
}

HANDLER(setsid_x)
{
	if (!begin_sized(e, SETSID_X, 8))
		return;
	put_s64(e, call->ret);
	submit(e);
}

// Capabilities of the caller after the call.
HANDLER(capset_x)
{
	if (!begin_sized(e, CAPSET_X, 32))
		return;
	const struct cred *cred = call->task->cred;
	put_s64(e, call->ret);
	put_u64(e, cap_bits(&cred->cap_inheritable));
	put_u64(e, cap_bits(&cred->cap_permitted));
	put_u64(e, cap_bits(&cred->cap_effective));
	submit(e);
}

HANDLER(setns_x)
{
	if (!begin_sized(e, SETNS_X, 20))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, clone_flags(arg(call, 1)));
	submit(e);
}

HANDLER(unshare_x)
{
	if (!begin_sized(e, UNSHARE_X, 12))
		return;
	put_s64(e, call->ret);
	put_u32(e, clone_flags(arg(call, 0)));
	submit(e);
}

HANDLER(seccomp_x)
{
	if (!begin_sized(e, SECCOMP_X, 24))
		return;
	put_s64(e, call->ret);
	put_u64(e, arg(call, 0));
	put_u64(e, arg(call, 1));
	submit(e);
}

#define PR_SET_NAME 15
#define PR_GET_NAME 16
#define PR_GET_CHILD_SUBREAPER 37

HANDLER(prctl_x)
{
	if (!begin(e, PRCTL_X))
		return;
	u32 option = arg(call, 0);
	u64 value = arg(call, 1);
	put_s64(e, call->ret);
	put_u32(e, option);
	if (option == PR_SET_NAME || option == PR_GET_NAME) {
		put_path(e, value);
		put_s64(e, 0);
	} else {
		put_absent(e);
		put_s64(e, option == PR_GET_CHILD_SUBREAPER ? (s32)user_u32(value) : (s64)value);
	}
	submit(e);
}

struct user_rlimit {
	s64 current, max;
};

// A limit of user memory; -1 twice when the call did not give one.
INLINE void put_rlimit(struct event *e, u64 from, bool valid)
{
	struct user_rlimit limit = {};
	if (valid)
		read_user(&limit, sizeof(limit), (void *)from);
	else
		limit.current = limit.max = -1;
	put_s64(e, limit.current);
	put_s64(e, limit.max);
}

INLINE u8 rlimit_resource(u32 resource)
{
	return resource < 16 ? resource : RLIMIT_RESOURCES_RLIMIT_UNKNOWN;
}

HANDLER(getrlimit_x)
{
	if (!begin_sized(e, GETRLIMIT_X, 25))
		return;
	put_s64(e, call->ret);
	put_rlimit(e, arg(call, 1), call->ret == 0);
	put_u8(e, rlimit_resource(arg(call, 0)));
	submit(e);
}

HANDLER(setrlimit_x)
{
	if (!begin_sized(e, SETRLIMIT_X, 25))
		return;
	put_s64(e, call->ret);
	put_rlimit(e, arg(call, 1), true);
	put_u8(e, rlimit_resource(arg(call, 0)));
	submit(e);
}

HANDLER(prlimit_x)
{
	if (!begin_sized(e, PRLIMIT_X, 49))
		return;
	put_s64(e, call->ret);
	put_rlimit(e, arg(call, 2), true);
	put_rlimit(e, arg(call, 3), call->ret == 0);
	put_s64(e, (s32)arg(call, 0));
	put_u8(e, rlimit_resource(arg(call, 1)));
	submit(e);
}
