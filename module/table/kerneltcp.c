// SPDX-License-Identifier: GPL-2.0
/*
 * Lookups in the tables of the kernel's TCP.
 */
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>

#include "table.h"

/**
 * xtcp_kernel_binds() - is a local port in use by the kernel's TCP
 * @net: the namespace
 * @port: host order
 *
 * Each socket with a port is in the bind table: bound and listening sockets,
 * connections, requests by their listener, and TIME-WAIT entries; also the
 * hidden sockets of holds.
 *
 * Context: process or softirq.
 * Return: true if a socket uses the port.
 */
bool xtcp_kernel_binds(struct net *net, u16 port)
{
	struct inet_hashinfo *hi = net->ipv4.tcp_death_row.hashinfo;
	struct inet_bind_hashbucket *head;
	struct inet_bind_bucket *tb;
	bool found = false;

	head = &hi->bhash[inet_bhashfn(net, port, hi->bhash_size)];
	if (hlist_empty(&head->chain))
		return false;
	spin_lock_bh(&head->lock);
	inet_bind_bucket_for_each(tb, &head->chain) {
		found = tb->port == port && net_eq(ib_net(tb), net);
		if (found)
			break;
	}
	spin_unlock_bh(&head->lock);
	return found;
}

/**
 * xtcp_kernel_listens() - does a segment match a listener of the kernel's TCP
 * @net: the namespace
 * @t: the segment's addresses as we see them
 *
 * Context: RCU read side.
 * Return: true if there is such a listener.
 */
bool xtcp_kernel_listens(struct net *net, const struct xtcp_tuple *t)
{
	if (ipv6_addr_v4mapped(&t->raddr))
		return inet_lookup_listener(net, NULL, 0,
					    t->raddr.s6_addr32[3], t->rport,
					    t->laddr.s6_addr32[3], t->lport,
					    t->dif, t->sdif);
	return inet6_lookup_listener(net, NULL, 0, &t->raddr, t->rport,
				     &t->laddr, ntohs(t->lport), t->dif,
				     t->sdif);
}

/**
 * xtcp_kernel_owns() - does a segment match a connection of the kernel's TCP
 * @net: the namespace
 * @t: the segment's addresses as we see them
 *
 * Requests and TIME-WAIT entries count as connections.
 *
 * Context: RCU read side.
 * Return: true if it has one.
 */
bool xtcp_kernel_owns(struct net *net, const struct xtcp_tuple *t)
{
	struct sock *other;

	if (ipv6_addr_v4mapped(&t->raddr))
		other = __inet_lookup_established(net,
						  t->raddr.s6_addr32[3],
						  t->rport,
						  t->laddr.s6_addr32[3],
						  ntohs(t->lport),
						  t->dif, t->sdif);
	else
		other = __inet6_lookup_established(net, &t->raddr, t->rport,
						   &t->laddr, ntohs(t->lport),
						   t->dif, t->sdif);
	if (!other)
		return false;
	sock_gen_put(other);
	return true;
}
