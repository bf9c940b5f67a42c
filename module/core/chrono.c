// SPDX-License-Identifier: GPL-2.0
#include "chrono.h"

/**
 * xtcp_chrono_change() - begin another limit
 * @c: the times
 * @limit: not the current limit; see xtcp_chrono_set()
 * @now: ns of a monotonic clock
 */
void xtcp_chrono_change(struct xtcp_chrono *c, enum xtcp_limit limit, u64 now)
{
	c->spent[c->limit] += now - c->since;
	c->limit = limit;
	c->since = now;
}

/**
 * xtcp_chrono_spent() - the time spent in a limit
 * @c: the times
 * @limit: not XTCP_LIMIT_IDLE: that began before the first change
 * @now: ns of the same clock
 *
 * Return: ns, until now if it is the current limit.
 */
u64 xtcp_chrono_spent(const struct xtcp_chrono *c, enum xtcp_limit limit,
		      u64 now)
{
	return c->spent[limit] + (c->limit == limit ? now - c->since : 0);
}
