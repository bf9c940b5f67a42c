// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of positions in a stream: sorted arrays, because there are few ranges.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/kernel.h"
#include "ranges.h"

/* Index of the first range that ends at or after @at. */
static u32 find(const struct ranges *set, u32 at)
{
	u32 low = 0, high = set->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (set->range[middle].to < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert(struct ranges *set, u32 i, struct range new)
{
	if (set->count == set->room) {
		set->room = set->room ? 2 * set->room : 16;
		set->range = realloc(set->range,
				     set->room * sizeof(*set->range));
		if (!set->range) {
			perror("sim");
			abort();
		}
	}
	memmove(&set->range[i + 1], &set->range[i],
		(set->count - i) * sizeof(*set->range));
	set->range[i] = new;
	set->count++;
}

/* Return: number of positions that were not in @set before. */
u32 ranges_add(struct ranges *set, u32 from, u32 to)
{
	u32 i = find(set, from), old = 0, last = i;
	struct range new = { from, to };

	while (last < set->count && set->range[last].from <= to) {
		struct range *r = &set->range[last++];

		old += max(min(r->to, to), from) - min(max(r->from, from), to);
		new.from = min(new.from, r->from);
		new.to = max(new.to, r->to);
	}
	if (last == i) {
		insert(set, i, new);
		return to - from;
	}
	set->range[i] = new;
	memmove(&set->range[i + 1], &set->range[last],
		(set->count - last) * sizeof(*set->range));
	set->count -= last - i - 1;
	return to - from - old;
}

/* Are all positions from @from to @to - 1 in @set? */
bool ranges_cover(const struct ranges *set, u32 from, u32 to)
{
	u32 i = find(set, to);

	return i < set->count && set->range[i].from <= from;
}

/* Remove the ranges that end at or before @before. */
void ranges_forget(struct ranges *set, u32 before)
{
	u32 n = 0;

	while (n < set->count && set->range[n].to <= before)
		n++;
	if (!n)
		return;
	set->count -= n;
	memmove(set->range, &set->range[n], set->count * sizeof(*set->range));
}
