// SPDX-License-Identifier: MIT OR Apache-2.0
// Sockets.
#pragma once

#include "io.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define UNIX_PATH_LEN 109
#define EINPROGRESS 115

struct sockaddr_in {
	u16 family, port;
	u32 addr;
	u8 zero[8];
};

struct sockaddr_in6 {
	u16 family, port;
	u32 flow_info;
	struct in6_addr addr;
	u32 scope;
};

// Large enough for every family that is looked into.
union address {
	u16 family;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	u8 bytes[112];
};

INLINE struct sock *socket_of_fd(s64 fd)
{
	struct file *file = file_of_fd(current_task(), fd);
	if (!file)
		return NULL;
	struct inode *inode = READ(file->f_inode);
	if ((READ(inode->i_mode) & 0170000) != 0140000)
		return NULL;
	// NULL for the file of a socket's path, which is opened with O_PATH.
	struct socket *socket = READ(file->private_data);
	if (!socket)
		return NULL;
	return READ(socket->sk);
}

// --- addresses

// The name of a UNIX socket; an abstract one starts with a NUL, which is left out.
INLINE void append_unix_name(struct event *e, const u8 *name)
{
	u64 skip = *name == 0;
	OPAQUE(skip); // the compiler would make it a bitwise or of a pointer
	append_kernel_string(e, name + skip, UNIX_PATH_LEN);
}

// An address of user memory: family, address, port; or family and path.
GLOBAL u64 append_address(struct scratch *scratch, u64 end, u64 from, u64 len)
{
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	union address address = {};
	u32 size = len < sizeof(address) ? len : sizeof(address);
	OPAQUE(size);
	size &= 127;
	if (!size || size > sizeof(address) || read_user(&address, size, (void *)from))
		return end;
	switch (address.family) {
	case AF_INET:
		append_u8(&e, AF_INET);
		append_u32(&e, address.in.addr);
		append_u16(&e, swap16(address.in.port));
		break;
	case AF_INET6:
		append_u8(&e, AF_INET6);
		append_in6(&e, &address.in6.addr);
		append_u16(&e, swap16(address.in6.port));
		break;
	case AF_UNIX:
		append_u8(&e, AF_UNIX);
		append_unix_name(&e, address.bytes + 2);
		break;
	}
	return e.end;
}

enum direction { INBOUND, OUTBOUND };

INLINE void append_in_end(struct event *e, u32 addr, u16 port)
{
	append_u32(e, addr);
	append_u16(e, swap16(port));
}

INLINE void append_in6_end(struct event *e, const struct in6_addr *addr, u16 port)
{
	append_in6(e, addr);
	append_u16(e, swap16(port));
}

// Both ends of a socket, source first. `user_address` is the peer that the call named, for sockets that
// are not connected.
GLOBAL u64 append_tuple(struct scratch *scratch, u64 end, s64 fd, u64 outbound, u64 user_address)
{
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	struct sock *sk = socket_of_fd((s32)fd);
	if (!sk)
		return end;
	struct inet_sock *inet = (void *)sk;
	switch (READ(sk->__sk_common.skc_family)) {
	case AF_INET: {
		u32 local = READ(inet->inet_saddr), remote = READ(sk->__sk_common.skc_daddr);
		u16 local_port = READ(inet->inet_sport), remote_port = READ(sk->__sk_common.skc_dport);
		if (!remote_port && user_address) {
			struct sockaddr_in address = {};
			read_user(&address, sizeof(address), (void *)user_address);
			remote = address.addr;
			remote_port = address.port;
		}
		append_u8(&e, AF_INET);
		append_in_end(&e, outbound ? local : remote, outbound ? local_port : remote_port);
		append_in_end(&e, outbound ? remote : local, outbound ? remote_port : local_port);
		break;
	}
	case AF_INET6: {
		struct ipv6_pinfo *info = READ(inet->pinet6);
		struct in6_addr local = READ(info->saddr), remote = READ(sk->__sk_common.skc_v6_daddr);
		u16 local_port = READ(inet->inet_sport), remote_port = READ(sk->__sk_common.skc_dport);
		if (!remote_port && user_address) {
			struct sockaddr_in6 address = {};
			read_user(&address, sizeof(address), (void *)user_address);
			remote = address.addr;
			remote_port = address.port;
		}
		append_u8(&e, AF_INET6);
		if (outbound)
			append_in6_end(&e, &local, local_port);
		append_in6_end(&e, &remote, remote_port);
		if (!outbound)
			append_in6_end(&e, &local, local_port);
		break;
	}
	case AF_UNIX: {
		struct unix_sock *unix_sk = (void *)sk;
		struct sock *peer = READ(unix_sk->peer);
		append_u8(&e, AF_UNIX);
		append_u64(&e, outbound ? (u64)peer : (u64)sk);
		append_u64(&e, outbound ? (u64)sk : (u64)peer);
		// The name of the end that was called: the peer when calling, ourselves when called.
		struct unix_sock *named = outbound ? (void *)peer : unix_sk;
		u8 path[UNIX_PATH_LEN + 3] = {};
		if (outbound && !peer) {
			if (user_address)
				read_user(path, 110, (void *)user_address);
		} else {
			struct unix_address *address = READ(named->addr);
			if (address)
				read_kernel(path, 110, &address->name);
		}
		append_unix_name(&e, path + 2);
		break;
	}
	}
	return e.end;
}

INLINE void put_tuple(struct event *e, s64 fd, enum direction direction, u64 user_address)
{
	PUT_BY(e, append_tuple, fd, direction == OUTBOUND, user_address);
}

// --- making and connecting

HANDLER(socket_x)
{
	if (!begin_sized(e, SOCKET_X, 24))
		return;
	u64 type = arg(call, 1);
	put_s64(e, call->ret);
	put_u32(e, (u8)arg(call, 0));
	put_u32(e, type);
	put_u32(e, arg(call, 2));
	put_u32(e, fd_flags(type));
	submit(e);
}

HANDLER(socketpair_x)
{
	if (!begin_sized(e, SOCKETPAIR_X, 52))
		return;
	s32 fds[2] = { -1, -1 };
	struct sock *source = NULL, *peer = NULL;
	if (call->ret == 0) {
		read_user(fds, sizeof(fds), (void *)arg(call, 3));
		source = socket_of_fd(fds[0]);
		struct unix_sock *unix_sk = (void *)source;
		if (source)
			peer = READ(unix_sk->peer);
	}
	put_s64(e, call->ret);
	put_s64(e, fds[0]);
	put_s64(e, fds[1]);
	put_u64(e, (u64)source);
	put_u64(e, (u64)peer);
	put_u32(e, (u8)arg(call, 0));
	put_u32(e, arg(call, 1));
	put_u32(e, arg(call, 2));
	submit(e);
}

HANDLER(bind_x)
{
	if (!begin(e, BIND_X))
		return;
	put_s64(e, call->ret);
	PUT_BY(e, append_address, arg(call, 1), (u32)arg(call, 2));
	put_s64(e, (s32)arg(call, 0));
	submit(e);
}

HANDLER(connect_x)
{
	if (!begin(e, CONNECT_X))
		return;
	put_s64(e, call->ret);
	if (call->ret == 0 || call->ret == -EINPROGRESS)
		put_tuple(e, arg(call, 0), OUTBOUND, arg(call, 1));
	else
		put_absent(e);
	put_s64(e, (s32)arg(call, 0));
	PUT_BY(e, append_address, arg(call, 1), (u32)arg(call, 2));
	submit(e);
}

HANDLER(listen_x)
{
	if (!begin_sized(e, LISTEN_X, 20))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_s32(e, arg(call, 1));
	submit(e);
}

// The new descriptor, its tuple, and how full the listener's queue is.
INLINE void put_accept(struct event *e, struct call *call)
{
	u32 len = 0, max = 0;
	put_s64(e, call->ret);
	if (call->ret >= 0) {
		put_tuple(e, call->ret, INBOUND, 0);
		struct sock *listener = socket_of_fd((s32)arg(call, 0));
		if (listener) {
			len = READ(listener->sk_ack_backlog);
			max = READ(listener->sk_max_ack_backlog);
		}
	} else {
		put_absent(e);
	}
	put_u8(e, max ? (u64)len * 100 / max : 0);
	put_u32(e, len);
	put_u32(e, max);
}

HANDLER(accept_5_x)
{
	if (!begin(e, ACCEPT_5_X))
		return;
	put_accept(e, call);
	submit(e);
}

HANDLER(accept4_6_x)
{
	if (!begin(e, ACCEPT4_6_X))
		return;
	put_accept(e, call);
	put_u32(e, fd_flags(arg(call, 3)));
	submit(e);
}

HANDLER(shutdown_x)
{
	if (!begin_sized(e, SHUTDOWN_X, 17))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u8(e, arg(call, 1));
	submit(e);
}

HANDLER(getsockname_x)
{
	if (begin_sized(e, GETSOCKNAME_X, 0))
		submit(e);
}

HANDLER(getpeername_x)
{
	if (begin_sized(e, GETPEERNAME_X, 0))
		submit(e);
}

// --- sending and receiving

HANDLER(sendto_x)
{
	if (!begin(e, SENDTO_X))
		return;
	put_s64(e, call->ret);
	put_data(e, DATA_WRITTEN, arg(call, 1));
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 2));
	if (call->ret >= 0)
		put_tuple(e, arg(call, 0), OUTBOUND, arg(call, 4));
	else
		put_absent(e);
	submit(e);
}

HANDLER(recvfrom_x)
{
	if (!begin(e, RECVFROM_X))
		return;
	put_s64(e, call->ret);
	put_data(e, DATA_READ, arg(call, 1));
	if (call->ret >= 0)
		put_tuple(e, arg(call, 0), INBOUND, arg(call, 4));
	else
		put_absent(e);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 2));
	submit(e);
}

struct msghdr {
	u64 name;
	u32 name_len, pad;
	u64 iov, iov_len;
	u64 control, control_len;
	u32 flags, pad2;
};

struct mmsghdr {
	struct msghdr header;
	u32 len, pad;
};

HANDLER(sendmsg_x)
{
	struct msghdr msg = {};
	if (!begin(e, SENDMSG_X))
		return;
	read_user(&msg, sizeof(msg), (void *)arg(call, 1));
	put_s64(e, call->ret);
	put_iovec_data(e, msg.iov, msg.iov_len, call->ret > 0 ? call->ret : SNAPLEN);
	put_s64(e, (s32)arg(call, 0));
	put_iovec_size(e, msg.iov, msg.iov_len);
	if (call->ret >= 0)
		put_tuple(e, arg(call, 0), OUTBOUND, msg.name);
	else
		put_absent(e);
	submit(e);
}

INLINE void put_control(struct event *e, const struct msghdr *msg)
{
	u64 len = NO_DATA || msg->control_len > 0xffff ? 0 : msg->control_len;
	end_param(e, append_user_bytes(e, msg->control, len));
}

HANDLER(recvmsg_x)
{
	struct msghdr msg = {};
	if (!begin(e, RECVMSG_X))
		return;
	put_s64(e, call->ret);
	put_u32(e, call->ret >= 0 ? call->ret : 0);
	if (call->ret >= 0) {
		read_user(&msg, sizeof(msg), (void *)arg(call, 1));
		put_iovec_data(e, msg.iov, msg.iov_len, call->ret);
		put_tuple(e, arg(call, 0), INBOUND, msg.name);
		put_control(e, &msg);
	} else {
		put_absent(e);
		put_absent(e);
		put_absent(e);
	}
	put_s64(e, (s32)arg(call, 0));
	submit(e);
}

// Messages of sendmmsg and recvmmsg that become events.
#define MESSAGES_KEPT 16

INLINE void record_sent_message(struct event *e, struct call *call, u32 index)
{
	struct mmsghdr msg = {};
	if (!begin(e, SENDMMSG_X))
		return;
	read_user(&msg, sizeof(msg), (void *)(arg(call, 1) + index * sizeof(msg)));
	put_s64(e, msg.len);
	put_s64(e, (s32)arg(call, 0));
	put_iovec_size(e, msg.header.iov, msg.header.iov_len);
	put_iovec_data(e, msg.header.iov, msg.header.iov_len, msg.len ? msg.len : SNAPLEN);
	put_tuple(e, arg(call, 0), OUTBOUND, msg.header.name);
	submit(e);
}

// A call that failed or moved nothing is one event without a message.
INLINE void record_no_message(struct event *e, struct call *call, bool sent)
{
	bool begun = sent ? begin_sized(e, SENDMMSG_X, 20) : begin_sized(e, RECVMMSG_X, 20);
	if (!begun)
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, 0);
	put_absent(e);
	put_absent(e);
	if (!sent)
		put_absent(e);
	submit(e);
}

HANDLER(sendmmsg_x)
{
	if (call->ret <= 0) {
		record_no_message(e, call, true);
		return;
	}
	for (u32 i = 0; i < MESSAGES_KEPT; i++) {
		if ((s64)i >= call->ret)
			break;
		record_sent_message(e, call, i);
	}
}

INLINE void record_received_message(struct event *e, struct call *call, u32 index)
{
	struct mmsghdr msg = {};
	if (!begin(e, RECVMMSG_X))
		return;
	read_user(&msg, sizeof(msg), (void *)(arg(call, 1) + index * sizeof(msg)));
	put_s64(e, msg.len);
	put_s64(e, (s32)arg(call, 0));
	put_iovec_size(e, msg.header.iov, msg.header.iov_len);
	put_iovec_data(e, msg.header.iov, msg.header.iov_len, msg.len);
	put_tuple(e, arg(call, 0), INBOUND, msg.header.name);
	put_control(e, &msg.header);
	submit(e);
}

HANDLER(recvmmsg_x)
{
	if (call->ret <= 0) {
		record_no_message(e, call, false);
		return;
	}
	for (u32 i = 0; i < MESSAGES_KEPT; i++) {
		if ((s64)i >= call->ret)
			break;
		record_received_message(e, call, i);
	}
}

// --- options

// Option names of the socket level that the format numbers otherwise than the kernel.
INLINE u8 option_name(u32 level, u32 name)
{
	if (level != SOL_SOCKET)
		return 0;
	switch (name) {
	case 66: return SOCKOPT_OPTIONS_SO_RCVTIMEO;
	case 67: return SOCKOPT_OPTIONS_SO_SNDTIMEO;
	case 59: return SOCKOPT_OPTIONS_SO_PEERGROUPS;
	case 55: return SOCKOPT_OPTIONS_SO_MEMINFO;
	case 57: return SOCKOPT_OPTIONS_SO_COOKIE;
	default: return name <= 50 ? name : 0;
	}
}

// The value by its kind: error, time, 64-bit and 32-bit numbers, or bytes.
GLOBAL u64 append_option(struct scratch *scratch, u64 end, u64 option, u64 from, u64 len)
{
	if (!scratch)
		return end;
	struct event e = resume(scratch, end);
	u32 level = option >> 32, name = option;
	s32 number = 0;
	u64 pair[2] = {};
	if (level != SOL_SOCKET)
		name = -1;
	switch (name) {
	case 4: // ERROR
		read_user(&number, sizeof(number), (void *)from);
		append_u8(&e, 1);
		append_s64(&e, -(s64)number);
		break;
	case 20: // RCVTIMEO, SNDTIMEO, old and new: a timeval
	case 21:
	case 66:
	case 67:
		read_user(pair, sizeof(pair), (void *)from);
		append_u8(&e, 4);
		append_u64(&e, pair[0] * 1000000000ULL + pair[1] * 1000);
		break;
	case 57: // COOKIE
		read_user(pair, sizeof(u64), (void *)from);
		append_u8(&e, 3);
		append_u64(&e, pair[0]);
		break;
	case 13: // LINGER, PEERCRED, ATTACH_FILTER, PEERNAME and what is newer: bytes
	case 17:
	case 26:
	case 28:
		name = -1;
		break;
	}
	if (e.end == end) {
		if (name >= 1 && name <= 49) {
			read_user(&number, sizeof(number), (void *)from);
			append_u8(&e, 2);
			append_u32(&e, number);
		} else {
			append_u8(&e, 0);
			append_user_bytes(&e, from, (u16)len);
		}
	}
	return e.end;
}

INLINE void put_option(struct event *e, struct call *call, u32 len)
{
	u32 level = arg(call, 1), name = arg(call, 2);
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_u8(e, socket_level(level));
	put_u8(e, option_name(level, name));
	PUT_BY(e, append_option, (u64)level << 32 | name, arg(call, 3), len);
	put_u32(e, len);
}

HANDLER(setsockopt_x)
{
	if (!begin(e, SETSOCKOPT_X))
		return;
	put_option(e, call, (u16)arg(call, 4));
	submit(e);
}

HANDLER(getsockopt_x)
{
	s32 len = 0;
	if (!begin(e, GETSOCKOPT_X))
		return;
	read_user(&len, sizeof(len), (void *)arg(call, 4));
	put_option(e, call, len);
	submit(e);
}
