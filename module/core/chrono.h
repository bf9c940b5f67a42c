/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long what limited the sender, for TCP_INFO.
 */
#ifndef XTCP_CORE_CHRONO_H
#define XTCP_CORE_CHRONO_H

#include "types.h"

/**
 * enum xtcp_limit - what limits the sender
 * @XTCP_LIMIT_IDLE: the application: no data is queued or unacknowledged
 * @XTCP_LIMIT_NETWORK: cwnd, or the time until data is acknowledged
 * @XTCP_LIMIT_RWND: the peer's window
 * @XTCP_LIMIT_SNDBUF: the send buffer: the application waits for room in it,
 *	and all data is sent
 * @XTCP_LIMITS: number of limits
 */
enum xtcp_limit {
	XTCP_LIMIT_IDLE,
	XTCP_LIMIT_NETWORK,
	XTCP_LIMIT_RWND,
	XTCP_LIMIT_SNDBUF,
	XTCP_LIMITS,
};

/**
 * struct xtcp_chrono - time spent in each limit
 * @since: when the current limit began, ns; 0: there was no change yet
 * @spent: time in earlier periods of each limit, ns; without meaning for
 *	XTCP_LIMIT_IDLE
 * @limit: the current one, enum xtcp_limit
 */
struct xtcp_chrono {
	u64 since;
	u64 spent[XTCP_LIMITS];
	u8 limit;
};

void xtcp_chrono_change(struct xtcp_chrono *c, enum xtcp_limit limit, u64 now);
u64 xtcp_chrono_spent(const struct xtcp_chrono *c, enum xtcp_limit limit,
		      u64 now);

/**
 * xtcp_chrono_set() - note what limits the sender from now on
 * @c: the times
 * @limit: the limit
 * @now: ns of a monotonic clock
 */
static inline void xtcp_chrono_set(struct xtcp_chrono *c, enum xtcp_limit limit,
				   u64 now)
{
	if (limit != c->limit)
		xtcp_chrono_change(c, limit, now);
}

#endif /* XTCP_CORE_CHRONO_H */
