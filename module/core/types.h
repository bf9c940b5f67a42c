/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types and helpers that core/ uses, for the kernel and for the host. core/
 * includes no other external headers.
 */
#ifndef XTCP_CORE_TYPES_H
#define XTCP_CORE_TYPES_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

/* As the kernel's, these evaluate their arguments once. */
#define min_t(type, a, b) ({						\
	type _min_a = (a), _min_b = (b);				\
	_min_a < _min_b ? _min_a : _min_b;				\
})
#define max_t(type, a, b) ({						\
	type _max_a = (a), _max_b = (b);				\
	_max_a > _max_b ? _max_a : _max_b;				\
})
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define U8_MAX ((u8)~0U)
#define NSEC_PER_USEC 1000L
#define fallthrough __attribute__((__fallthrough__))

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}
#endif

#endif /* XTCP_CORE_TYPES_H */
