/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of positions in a stream.
 */
#ifndef XTCP_SIM_RANGES_H
#define XTCP_SIM_RANGES_H

#include "core/types.h"

/* Positions from @from to @to - 1. */
struct range {
	u32 from;
	u32 to;
};

/**
 * struct ranges - a set of positions
 * @range: the ranges in order; they neither overlap nor adjoin
 * @count: number of ranges
 * @room: allocated
 */
struct ranges {
	struct range *range;
	u32 count;
	u32 room;
};

u32 ranges_add(struct ranges *set, u32 from, u32 to);
bool ranges_cover(const struct ranges *set, u32 from, u32 to);
void ranges_forget(struct ranges *set, u32 before);

#endif /* XTCP_SIM_RANGES_H */
