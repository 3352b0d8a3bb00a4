// SPDX-License-Identifier: MIT OR Apache-2.0
// Reading the kernel's memory through pointers that the verifier does not know.
#pragma once

#include "maps.h"

// The kernel function bpf_rdonly_cast: `address` as a pointer to a type of the kernel, which may be read; what is
// not there reads as 0. The verifier makes a move of the call. The recorder puts the function's number into the
// instruction in place of the marker 0x4c4e5244 (src/record/direct.rs): the loader knows nothing of such functions.
INLINE const void *readable(const void *address)
{
	const void *words;
	asm volatile("r1 = %[address]; r2 = %[type]; .8byte 0x4c4e524400002085; %[words] = r0"
		     : [words] "=r"(words)
		     : [address] "r"(address), [type] "r"((u64)WORD_TYPE)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	return words;
}

// A field that `field` names through such pointers; 0 when it cannot be read. A call of the helper costs ten times as
// much as a load, and more than any bytes.
#define READ(field)                                                                     \
	({                                                                              \
		typeof(field) value_;                                                   \
		if (WORD_TYPE && sizeof(value_) <= sizeof(u64))                         \
			value_ = *(const typeof(value_) *)readable(&(field));           \
		else                                                                    \
			read_kernel(&value_, sizeof(value_), (const void *)&(field));   \
		value_;                                                                 \
	})
