/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables: connections by 4-tuple, local ports, and lookups in the tables of
 * the kernel's TCP.
 */
#ifndef XTCP_TABLE_H
#define XTCP_TABLE_H

#include "base/entry.h"

/* hash.c */

/**
 * struct xtcp_tw_reuse - how an active open takes over a TIME-WAIT tuple
 * @may: returns true if the socket may have the tuple (xtcp_tw_may_reuse());
 *	called under the bucket's lock
 * @old: the entry that gave way, with a reference; NULL if there is none. The
 *	caller ends it by xtcp_tw_kill() without holding a port bucket's lock
 */
struct xtcp_tw_reuse {
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
 * @buckets: array of @mask + 1 buckets
 * @locks: array of @lock_mask + 1 locks, each for several buckets
 * @mask: number of buckets minus one; the number is a power of two
 * @lock_mask: number of locks minus one; the number is a power of two
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
int xtcp_table_insert(struct sock *sk, struct xtcp_tw_reuse *next);
bool xtcp_table_replace(struct sock *old, struct sock *sk);
bool xtcp_table_remove(struct sock *sk);

/**
 * xtcp_dev_takes() - does a packet's interface match the device of a socket
 * @net: namespace
 * @dev: the device that the socket is bound to, 0 for none
 * @t: the packet's addresses and interfaces
 *
 * A socket without a device gets no packets of a VRF, unless the sysctl
 * l3mdev_accept is set.
 *
 * Return: true if they match.
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
bool xtcp_hold_matches(const struct net *net, const struct xtcp_tuple *t);
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
 * xtcp_port_in_use() - can a packet to this port be for XTCP
 * @port: network order
 *
 * For most packets of the kernel's TCP this check is all that XTCP does.
 *
 * Return: false if no socket or TIME-WAIT entry of XTCP, in any namespace, uses
 * the port.
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
int xtcp_port_enter(struct sock *sk, u16 port, struct xtcp_tw_reuse *next);
void xtcp_port_range(const struct sock *sk, u32 *low, u32 *range);
void xtcp_port_inherit(struct sock *child, const struct sock *parent);
void xtcp_port_take_tw(struct sock *sk, struct xtcp_timewait *tw);
void xtcp_port_put(struct sock *sk);
void xtcp_port_put_tw(struct xtcp_timewait *tw);

#endif /* XTCP_TABLE_H */
