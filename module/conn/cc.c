// SPDX-License-Identifier: GPL-2.0
/*
 * Selection of the congestion control algorithm of a connection: by the user
 * (TCP_CONGESTION), by the route (congctl of ip-route(8)), or by the namespace
 * (sysctl congestion_control).
 */
#include <linux/jhash.h>
#include <net/dst.h>

#include "conn.h"

/**
 * xtcp_cc_allowed() - may users without privileges select an algorithm
 * @ops: the algorithm
 *
 * Return: true if the sysctl allowed_congestion_control has its name.
 */
bool xtcp_cc_allowed(const struct xtcp_cc_ops *ops)
{
	return xtcp_sysctl(&init_net, cc_allowed) & BIT(xtcp_cc_index(ops));
}

/* How a route refers to an algorithm: the kernel's hash of its name. */
static u32 route_key(const struct xtcp_cc_ops *ops)
{
	char name[XTCP_CC_NAME_MAX] = "";

	strscpy(name, ops->name, sizeof(name));
	return jhash(name, sizeof(name), strlen(name));
}

/**
 * xtcp_cc_select() - select the algorithm of a new connection
 * @sk: the socket, lock held, or not yet visible to others
 * @dst: its route
 *
 * An algorithm of the route takes precedence over TCP_CONGESTION, and this over
 * the namespace. An algorithm that only the kernel's TCP has is ignored.
 */
void xtcp_cc_select(struct sock *sk, const struct dst_entry *dst)
{
	u32 key = dst_metric(dst, RTAX_CC_ALGO);
	struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_cc_ops *ops;
	u32 i;

	xs->cc_locked = dst_metric_locked(dst, RTAX_CC_ALGO);
	if (!xs->cc_chosen)
		xs->tcb.cc.ops = xtcp_sk_sysctl(sk, congestion_control);
	if (likely(!key))
		return;
	for (i = 0; (ops = xtcp_cc_at(i)); i++)
		if (route_key(ops) == key)
			xs->tcb.cc.ops = ops;
}
