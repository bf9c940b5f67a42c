/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequence numbers: 32 bits, compared modulo 2^32 (RFC 9293 3.4). The order of
 * two numbers is defined if they are less than 2^31 apart.
 */
#ifndef XTCP_CORE_SEQ_H
#define XTCP_CORE_SEQ_H

#include "types.h"

static inline bool seq_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool seq_after(u32 a, u32 b)
{
	return (s32)(b - a) < 0;
}

static inline bool seq_leq(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

static inline bool seq_geq(u32 a, u32 b)
{
	return (s32)(a - b) >= 0;
}

/* low <= seq <= high; the distance from low to high may exceed 2^31. */
static inline bool seq_between(u32 seq, u32 low, u32 high)
{
	return seq - low <= high - low;
}

static inline u32 seq_min(u32 a, u32 b)
{
	return seq_before(a, b) ? a : b;
}

static inline u32 seq_max(u32 a, u32 b)
{
	return seq_after(a, b) ? a : b;
}

#endif /* XTCP_CORE_SEQ_H */
