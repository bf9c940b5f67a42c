/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holds: a hidden socket of the kernel's TCP is bound to each address and port
 * that a program has bound in XTCP, so that the kernel's TCP cannot use it.
 */
#ifndef XTCP_HOLD_H
#define XTCP_HOLD_H

#include "base/sock.h"

/**
 * struct xtcp_hold - keeps the kernel's TCP off an address and port
 * @hash: in the table of holds, RCU, while @users is not 0
 * @node: on xtcp_port.holds under the port bucket's lock; once @users is 0, on
 *	xtcp_net.dead_holds under xtcp_net.dead_lock
 * @owners: XTCP sockets bound to it, by sk_bind_node, under the port bucket's
 *	lock
 * @net: the namespace; outlives the hold
 * @addr: bound address, as in struct xtcp_tuple; a wildcard is :: or
 *	::ffff:0.0.0.0
 * @port: host order
 * @v4: the owners are AF_INET sockets
 * @v6only: IPV6_V6ONLY of the owners
 * @dev: SO_BINDTODEVICE at bind()
 * @users: length of @owners, under the port bucket's lock
 * @sock: the hidden socket of the kernel's TCP: bound, never listening
 * @rcu: for kfree_rcu()
 */
struct xtcp_hold {
	struct hlist_node hash;
	struct list_head node;
	struct hlist_head owners;
	struct net *net;
	struct in6_addr addr;
	u16 port;
	bool v4;
	bool v6only;
	int dev;
	u32 users;
	struct socket *sock;
	struct rcu_head rcu;
};

void xtcp_hold_table_init(void);
struct xtcp_hold *xtcp_hold_new(const struct sock *sk);
void xtcp_hold_free(struct xtcp_hold *h);
int xtcp_hold_bind(struct xtcp_hold *h, const struct sock *sk, u16 port,
		   bool beside);
void xtcp_hold_publish(struct xtcp_hold *h);
void xtcp_hold_retire(struct xtcp_hold *h);
void xtcp_hold_reap_locked(struct xtcp_net *xn);

struct hlist_head *xtcp_hold_bucket(const struct net *net, u16 port,
				    const struct in6_addr *addr);

#endif /* XTCP_HOLD_H */
