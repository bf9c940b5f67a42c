/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: who has bound which, in XTCP and towards the kernel's TCP.
 */
#ifndef XTCP_PORT_H
#define XTCP_PORT_H

#include "sock.h"

struct xtcp_timewait;

/**
 * struct xtcp_port - one local port of one namespace, while anybody uses it
 * @node: in its bucket, RCU
 * @net: the namespace; lives longer, for each user is of it
 * @port: host order
 * @connected_only: nobody bound it: connect() chose it, and may again
 * @marked: we put it into the namespace's ip_local_reserved_ports
 * @owners: sockets, by sk_bind_node
 * @tws: struct xtcp_timewait, by port_node
 * @users: length of both
 * @holds: struct xtcp_hold
 * @rcu: frees it
 */
struct xtcp_port {
	struct hlist_node node;
	struct net *net;
	u16 port;
	bool connected_only;
	bool marked;
	struct hlist_head owners;
	struct hlist_head tws;
	u32 users;
	struct list_head holds;
	struct rcu_head rcu;
};

extern u16 *xtcp_port_uses;

/**
 * xtcp_port_in_use() - may a packet to this port concern XTCP at all
 * @port: network order
 *
 * This is all that a packet for the kernel's TCP pays.
 */
static inline bool xtcp_port_in_use(__be16 port)
{
	return READ_ONCE(xtcp_port_uses[ntohs(port)]);
}

int xtcp_port_init(void);
void xtcp_port_exit(void);
int xtcp_port_bind(struct sock *sk, u16 port);
int xtcp_port_autobind(struct sock *sk);
int xtcp_port_may_listen(struct sock *sk);
int xtcp_port_connect(struct sock *sk);
void xtcp_port_inherit(struct sock *child, const struct sock *parent);
void xtcp_port_take_tw(struct sock *sk, struct xtcp_timewait *tw);
void xtcp_port_put(struct sock *sk);
void xtcp_port_put_tw(struct xtcp_timewait *tw);
void xtcp_port_reap(void);
bool xtcp_port_held(struct net *net, __be16 port);

#endif /* XTCP_PORT_H */
