// SPDX-License-Identifier: GPL-2.0
/* The time that each limit of the sender took. */
#include "chrono.h"
#include "tap.h"

static void spent_are(const struct xtcp_chrono *c, u64 now, u64 network,
		      u64 rwnd, u64 sndbuf)
{
	is(xtcp_chrono_spent(c, XTCP_LIMIT_NETWORK, now), network);
	is(xtcp_chrono_spent(c, XTCP_LIMIT_RWND, now), rwnd);
	is(xtcp_chrono_spent(c, XTCP_LIMIT_SNDBUF, now), sndbuf);
}

/* Idle time does not count, the current period counts until now. */
TEST(periods)
{
	struct xtcp_chrono c = { .limit = XTCP_LIMIT_IDLE };

	spent_are(&c, 1000, 0, 0, 0);
	xtcp_chrono_set(&c, XTCP_LIMIT_NETWORK, 1000);
	spent_are(&c, 1005, 5, 0, 0);
	xtcp_chrono_set(&c, XTCP_LIMIT_RWND, 1010);
	spent_are(&c, 1010, 10, 0, 0);
	spent_are(&c, 1030, 10, 20, 0);
	xtcp_chrono_set(&c, XTCP_LIMIT_SNDBUF, 1030);
	xtcp_chrono_set(&c, XTCP_LIMIT_IDLE, 1070);
	spent_are(&c, 5000, 10, 20, 40);
	/* The sum of all periods. */
	xtcp_chrono_set(&c, XTCP_LIMIT_RWND, 5000);
	spent_are(&c, 5001, 10, 21, 40);
	xtcp_chrono_set(&c, XTCP_LIMIT_IDLE, 5003);
	spent_are(&c, 6000, 10, 23, 40);
}

/* The same limit again: its period goes on. */
TEST(no_change)
{
	struct xtcp_chrono c = { .limit = XTCP_LIMIT_IDLE };

	xtcp_chrono_set(&c, XTCP_LIMIT_RWND, 100);
	xtcp_chrono_set(&c, XTCP_LIMIT_RWND, 150);
	is(c.since, 100);
	is(c.spent[XTCP_LIMIT_RWND], 0);
	spent_are(&c, 160, 0, 60, 0);
}
