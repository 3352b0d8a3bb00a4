// SPDX-License-Identifier: MIT OR Apache-2.0
// Reading and writing: up to SNAPLEN bytes of the data are kept.
#pragma once

#define IOVECS_WALKED 32

struct iovec {
	u64 base, len;
};

// Bytes of data to keep of `available`.
INLINE u64 kept(s64 available)
{
	if (NO_DATA || available <= 0)
		return 0;
	return available < SNAPLEN ? available : SNAPLEN;
}

// Of data that was read, only what arrived; of data that was written, what was or should have been.
#define DATA_READ (call->ret)
#define DATA_WRITTEN (call->ret > 0 ? call->ret : (s64)(u32)arg(call, 2))

INLINE void put_data(struct event *e, s64 available, u64 from)
{
	end_param(e, append_user_bytes(e, from, kept(available)));
}

// Reads the vectors of a call into the work area; returns how many.
INLINE u32 read_iovecs(struct scratch *scratch, u64 from, u64 count)
{
	if (count > IOVECS_WALKED)
		count = IOVECS_WALKED;
	u32 bytes = count * sizeof(struct iovec);
	OPAQUE(bytes);
	bytes &= 2 * IOVECS_WALKED * sizeof(struct iovec) - 1;
	return read_user(scratch->bytes + WORK_AREA, bytes, (void *)from) ? 0 : count;
}

// Appends up to `limit` bytes of data from a vector of buffers.
GLOBAL u64 append_iovec_data(struct scratch *scratch, u64 end, u64 from, u64 count, u64 limit)
{
	if (!scratch)
		return end;
	struct iovec *iovecs = (void *)(scratch->bytes + WORK_AREA);
	u64 stop = end + limit;
	count = read_iovecs(scratch, from, count);
	for (u32 i = 0; i < IOVECS_WALKED; i++) {
		if (i >= count || end >= stop)
			break;
		u64 len = iovecs[i].len, room = stop - end;
		end = append_buffer(scratch, end, iovecs[i].base, len < room ? len : room);
	}
	return end;
}

// Bytes of a vector of buffers.
GLOBAL u64 iovec_size(struct scratch *scratch, u64 from, u64 count)
{
	if (!scratch)
		return 0;
	struct iovec *iovecs = (void *)(scratch->bytes + WORK_AREA);
	u64 size = 0;
	count = read_iovecs(scratch, from, count);
	for (u32 i = 0; i < IOVECS_WALKED; i++) {
		if (i >= count)
			break;
		size += iovecs[i].len;
	}
	return size;
}

INLINE void put_iovec_data(struct event *e, u64 from, u64 count, s64 available)
{
	PUT_BY(e, append_iovec_data, from, count, kept(available));
}

INLINE void put_iovec_size(struct event *e, u64 from, u64 count)
{
	put_u32(e, iovec_size((struct scratch *)e->record, from, count));
}

// --- one buffer

// Data up to these lengths needs no copy. Two, as room that is not used shortens the time that the ring lasts.
#define SHORT_DATA 80
#define VERY_SHORT_DATA 16

// Defines the program for an event with data of one buffer, of which `available` bytes are there, and with other
// parameters of `size` bytes.
#define DATA_HANDLER(name, type, size, available)                            \
	INLINE void put_##name(struct call *call, struct event *e);          \
	HANDLER(name)                                                        \
	{                                                                    \
		u64 len = kept(available);                                   \
		if (len <= VERY_SHORT_DATA) {                                \
			if (!begin_roomy(e, type, size, VERY_SHORT_DATA))    \
				return;                                      \
			put_##name(call, e);                                 \
		} else if (len <= SHORT_DATA) {                              \
			if (!begin_roomy(e, type, size, SHORT_DATA))         \
				return;                                      \
			put_##name(call, e);                                 \
		} else {                                                     \
			if (!begin(e, type))                                 \
				return;                                      \
			put_##name(call, e);                                 \
		}                                                            \
		submit(e);                                                   \
	}                                                                    \
	INLINE void put_##name(struct call *call, struct event *e)

DATA_HANDLER(read_x, READ_X, 20, DATA_READ)
{
	put_s64(e, call->ret);
	put_data(e, DATA_READ, arg(call, 1));
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 2));
}

DATA_HANDLER(pread_x, PREAD_X, 28, DATA_READ)
{
	put_s64(e, call->ret);
	put_data(e, DATA_READ, arg(call, 1));
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 2));
	put_u64(e, arg(call, 3));
}

DATA_HANDLER(write_x, WRITE_X, 20, DATA_WRITTEN)
{
	put_s64(e, call->ret);
	put_data(e, DATA_WRITTEN, arg(call, 1));
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 2));
}

DATA_HANDLER(pwrite_x, PWRITE_X, 28, DATA_WRITTEN)
{
	put_s64(e, call->ret);
	put_data(e, DATA_WRITTEN, arg(call, 1));
	put_s64(e, (s32)arg(call, 0));
	put_u32(e, arg(call, 2));
	put_u64(e, arg(call, 3));
}

// --- vectors of buffers

// The size recorded for vector reads is what arrived.
INLINE void put_readv(struct event *e, struct call *call)
{
	put_s64(e, call->ret);
	put_u32(e, call->ret > 0 ? call->ret : 0);
	put_iovec_data(e, arg(call, 1), arg(call, 2), call->ret);
	put_s64(e, (s32)arg(call, 0));
}

HANDLER(readv_x)
{
	if (!begin(e, READV_X))
		return;
	put_readv(e, call);
	submit(e);
}

HANDLER(preadv_x)
{
	if (!begin(e, PREADV_X))
		return;
	put_readv(e, call);
	put_u64(e, arg(call, 3));
	submit(e);
}

INLINE void put_writev(struct event *e, struct call *call)
{
	put_s64(e, call->ret);
	put_iovec_data(e, arg(call, 1), arg(call, 2), call->ret > 0 ? call->ret : SNAPLEN);
	put_s64(e, (s32)arg(call, 0));
	put_iovec_size(e, arg(call, 1), arg(call, 2));
}

HANDLER(writev_x)
{
	if (!begin(e, WRITEV_X))
		return;
	put_writev(e, call);
	submit(e);
}

HANDLER(pwritev_x)
{
	if (!begin(e, PWRITEV_X))
		return;
	put_writev(e, call);
	put_u64(e, arg(call, 3));
	submit(e);
}

#define PROCESS_VM_CALL(name, event)                                            \
	HANDLER(name)                                                           \
	{                                                                       \
		if (!begin(e, event))                                           \
			return;                                                 \
		put_s64(e, call->ret);                                          \
		put_s64(e, arg(call, 0));                                       \
		put_iovec_data(e, arg(call, 1), arg(call, 2), call->ret);       \
		submit(e);                                                      \
	}

PROCESS_VM_CALL(process_vm_readv_x, PROCESS_VM_READV_X)
PROCESS_VM_CALL(process_vm_writev_x, PROCESS_VM_WRITEV_X)

// --- from descriptor to descriptor

HANDLER(sendfile_x)
{
	if (!begin_sized(e, SENDFILE_X, 40))
		return;
	u64 offset = 0;
	read_user(&offset, sizeof(offset), (void *)arg(call, 2));
	put_s64(e, call->ret);
	put_u64(e, offset);
	put_s64(e, (s32)arg(call, 0));
	put_s64(e, (s32)arg(call, 1));
	put_u64(e, arg(call, 3));
	submit(e);
}

HANDLER(copy_file_range_x)
{
	if (!begin_sized(e, COPY_FILE_RANGE_X, 48))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 2));
	put_u64(e, arg(call, 3));
	put_s64(e, (s32)arg(call, 0));
	put_u64(e, arg(call, 1));
	put_u64(e, arg(call, 4));
	submit(e);
}

HANDLER(splice_x)
{
	if (!begin_sized(e, SPLICE_X, 36))
		return;
	put_s64(e, call->ret);
	put_s64(e, (s32)arg(call, 0));
	put_s64(e, (s32)arg(call, 2));
	put_u64(e, arg(call, 4));
	put_u32(e, arg(call, 5) & 0xf);
	submit(e);
}
