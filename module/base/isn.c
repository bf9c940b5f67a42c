// SPDX-License-Identifier: GPL-2.0
#include <linux/siphash.h>

#include "isn.h"

/* RFC 9293 3.4.1: a clock that ticks every 4 us. */
#define ISN_TICK_NS	4000

static u64 tuple_prf(const struct xtcp_tuple *t, const siphash_key_t *key)
{
	return siphash(t, offsetof(struct xtcp_tuple, dif), key);
}

/**
 * xtcp_isn_base() - what an ISN adds to its clock
 * @net: namespace
 * @t: the addresses of the connection
 *
 * Source: RFC 6528 3: F(tuple, secret).
 *
 * Return: F(tuple, secret).
 */
u32 xtcp_isn_base(struct net *net, const struct xtcp_tuple *t)
{
	return tuple_prf(t, &xtcp_net(net)->isn_key);
}

/**
 * xtcp_isn() - the initial sequence number for a connection
 * @net: namespace
 * @t: its addresses
 * @now: ns of ktime_get()
 *
 * Source: RFC 6528 3: ISN = M + F(tuple, secret).
 *
 * Return: the ISN.
 */
u32 xtcp_isn(struct net *net, const struct xtcp_tuple *t, u64 now)
{
	return (u32)div_u64(now, ISN_TICK_NS) + xtcp_isn_base(net, t);
}

/**
 * xtcp_ts_offset() - what is added to our timestamp clock for a connection
 * @net: namespace
 * @t: its addresses
 *
 * The ports are left out: for one peer the clock runs on from connection to
 * connection, so that it can tell old segments from new in TIME-WAIT (RFC 6191),
 * while other peers learn nothing (RFC 7323 7.1).
 *
 * Return: the offset.
 */
u32 xtcp_ts_offset(struct net *net, const struct xtcp_tuple *t)
{
	return siphash(&t->laddr, 2 * sizeof(t->laddr),
		       &xtcp_net(net)->ts_key);
}
