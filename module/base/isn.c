// SPDX-License-Identifier: GPL-2.0
#include <linux/siphash.h>

#include "isn.h"

/* RFC 9293 3.4.1: the ISN clock ticks every 4 us. */
#define ISN_TICK_NS	4000

static u64 tuple_prf(const struct xtcp_tuple *t, const siphash_key_t *key)
{
	return siphash(t, offsetof(struct xtcp_tuple, dif), key);
}

/**
 * xtcp_isn_base() - the part of an ISN that depends on addresses and ports
 * @net: namespace
 * @t: the addresses and ports of the connection
 *
 * Source: RFC 6528 3.
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
 * @t: its addresses and ports
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
 * xtcp_ts_offset() - the offset of our timestamp clock for a connection
 * @net: namespace
 * @t: its addresses
 *
 * The offset does not depend on the ports, so a peer sees a single clock in all
 * our connections: our new SYN has a higher timestamp than the old connection
 * that the peer has in TIME-WAIT (RFC 6191). Other peers cannot infer the clock
 * (RFC 7323 7.1).
 *
 * Return: the offset, ms.
 */
u32 xtcp_ts_offset(struct net *net, const struct xtcp_tuple *t)
{
	return siphash(&t->laddr, 2 * sizeof(t->laddr),
		       &xtcp_net(net)->ts_key);
}
