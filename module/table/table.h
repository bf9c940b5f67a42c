/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables: connections by their 4-tuple, local ports, and what the
 * kernel's TCP has of both.
 */
#ifndef XTCP_TABLE_H
#define XTCP_TABLE_H

#include "base/entry.h"

/* hash.c */

/**
 * struct xtcp_successor - an active open may take over a TIME-WAIT entry's tuple
 * @may: does the entry give way to the socket (xtcp_tw_give_way()); called under
 *	the bucket's lock
 * @old: the entry that gave way, with a reference, to be ended by
 *	xtcp_tw_kill() when no port's lock is held; NULL if there was none
 */
struct xtcp_successor {
	bool (*may)(struct xtcp_timewait *tw, struct sock *sk);
	struct xtcp_timewait *old;
};

/**
 * struct xtcp_bucket - one chain of the connection table
 * @chain: by sk_nulls_node; the nulls value is the bucket's index
 */
struct xtcp_bucket {
	struct hlist_nulls_head chain;
};

/**
 * struct xtcp_table - the connection table
 * @buckets: mask + 1 of them
 * @locks: lock_mask + 1, each serving several buckets
 * @mask: a power of two less one
 * @lock_mask: a power of two less one
 * @key: secret of the hash
 */
struct xtcp_table {
	struct xtcp_bucket *buckets;
	spinlock_t *locks;
	u32 mask;
	u32 lock_mask;
	hsiphash_key_t key;
};

extern struct xtcp_table xtcp_table;

int xtcp_table_init(void);
void xtcp_table_exit(void);
struct sock *xtcp_table_lookup(struct net *net, const struct xtcp_tuple *t);
int xtcp_table_insert(struct sock *sk, struct xtcp_successor *next);
bool xtcp_table_replace(struct sock *old, struct sock *sk);
bool xtcp_table_remove(struct sock *sk);

/**
 * xtcp_dev_takes() - may a socket have a packet by the way it came in
 * @net: namespace
 * @dev: the device that the socket is bound to, 0 for none
 * @t: the packet's addresses
 *
 * What is bound to none is not for a VRF's packets, unless l3mdev_accept says so.
 *
 * Return: true if the device that the socket is bound to allows it.
 */
static inline bool xtcp_dev_takes(const struct net *net, int dev,
				  const struct xtcp_tuple *t)
{
	if (dev)
		return dev == t->dif || dev == t->sdif;
	return !t->sdif || xtcp_sysctl(net, l3mdev_accept);
}

static inline spinlock_t *xtcp_bucket_lock(u32 hash)
{
	return &xtcp_table.locks[hash & xtcp_table.lock_mask];
}

/* hold.c */
bool xtcp_hold_claims(const struct net *net, const struct xtcp_tuple *t);
void xtcp_hold_net_init(struct xtcp_net *xn);
void xtcp_hold_net_exit(struct xtcp_net *xn);
void xtcp_hold_reap(const struct sock *sk);

/* kerneltcp.c */
bool xtcp_kernel_binds(struct net *net, u16 port);
bool xtcp_kernel_listens(struct net *net, const struct xtcp_tuple *t);
bool xtcp_kernel_owns(struct net *net, const struct xtcp_tuple *t);

/* port.c */
extern atomic_t *xtcp_port_uses;

/**
 * xtcp_port_in_use() - may a packet to this port concern XTCP at all
 * @port: network order
 *
 * This is all that a packet for the kernel's TCP pays.
 *
 * Return: false if no socket of XTCP in any namespace uses the port.
 */
static inline bool xtcp_port_in_use(__be16 port)
{
	return atomic_read(&xtcp_port_uses[ntohs(port)]);
}

int xtcp_port_init(void);
void xtcp_port_exit(void);
int xtcp_port_bind(struct sock *sk, u16 port);
int xtcp_port_autobind(struct sock *sk);
int xtcp_port_may_listen(struct sock *sk);
int xtcp_port_enter(struct sock *sk, u16 port, struct xtcp_successor *next);
void xtcp_port_range(const struct sock *sk, u32 *low, u32 *range);
void xtcp_port_inherit(struct sock *child, const struct sock *parent);
void xtcp_port_take_tw(struct sock *sk, struct xtcp_timewait *tw);
void xtcp_port_put(struct sock *sk);
void xtcp_port_put_tw(struct xtcp_timewait *tw);

#endif /* XTCP_TABLE_H */
