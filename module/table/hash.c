// SPDX-License-Identifier: GPL-2.0
/*
 * The connection table. Lookups take no lock; see base/sock.h.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist_nulls.h>
#include <net/l3mdev.h>

#include "hash.h"
#include "table.h"

struct xtcp_table xtcp_table __read_mostly;

#define BUCKETS_MIN	1024
#define BUCKETS_MAX	(512 * 1024)
#define LOCKS		1024

/**
 * xtcp_table_init() - allocate the table: one bucket per 16 pages of RAM
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int xtcp_table_init(void)
{
	u32 n = clamp_t(u64, totalram_pages() / 16, BUCKETS_MIN, BUCKETS_MAX);
	u32 i;

	n = roundup_pow_of_two(n);
	xtcp_table.mask = n - 1;
	xtcp_table.lock_mask = LOCKS - 1;
	xtcp_table.buckets = kvcalloc(n, sizeof(*xtcp_table.buckets),
				      GFP_KERNEL);
	xtcp_table.locks = kvcalloc(LOCKS, sizeof(*xtcp_table.locks),
				    GFP_KERNEL);
	if (!xtcp_table.buckets || !xtcp_table.locks) {
		xtcp_table_exit();
		return -ENOMEM;
	}
	for (i = 0; i < n; i++)
		INIT_HLIST_NULLS_HEAD(&xtcp_table.buckets[i].chain, i);
	for (i = 0; i < LOCKS; i++)
		spin_lock_init(&xtcp_table.locks[i]);
	get_random_bytes(&xtcp_table.key, sizeof(xtcp_table.key));
	return 0;
}

/**
 * xtcp_table_exit() - free the table; it is empty
 *
 * Context: process.
 */
void xtcp_table_exit(void)
{
	kvfree(xtcp_table.buckets);
	kvfree(xtcp_table.locks);
	xtcp_table.buckets = NULL;
	xtcp_table.locks = NULL;
}

static u32 tuple_hash(const struct net *net, const struct xtcp_tuple *t)
{
	u32 ports = (__force u32)t->lport << 16 | (__force u32)t->rport;

	ports ^= net_hash_mix(net);
	if (ipv6_addr_v4mapped(&t->raddr))
		return hsiphash_3u32((__force u32)t->laddr.s6_addr32[3],
				     (__force u32)t->raddr.s6_addr32[3],
				     ports, &xtcp_table.key);
	return hsiphash(&t->laddr, 2 * sizeof(t->laddr), &xtcp_table.key) ^
	       hsiphash_1u32(ports, &xtcp_table.key);
}

static bool entry_matches(const struct sock *sk, const struct net *net,
			  const struct xtcp_tuple *t)
{
	return sk->sk_dport == t->rport &&
	       sk->sk_num == ntohs(t->lport) &&
	       ipv6_addr_equal(&sk->sk_v6_daddr, &t->raddr) &&
	       ipv6_addr_equal(&sk->sk_v6_rcv_saddr, &t->laddr) &&
	       xtcp_dev_takes(net, READ_ONCE(sk->sk_bound_dev_if), t) &&
	       net_eq(sock_net(sk), net);
}

/**
 * xtcp_table_lookup() - find the connection of a packet
 * @net: the namespace of the packet
 * @t: the addresses of the packet
 *
 * Context: RCU read side.
 * Return: the entry with a reference, or NULL.
 */
struct sock *xtcp_table_lookup(struct net *net, const struct xtcp_tuple *t)
{
	u32 hash = tuple_hash(net, t);
	u32 slot = hash & xtcp_table.mask;
	const struct hlist_nulls_node *node;
	struct sock *sk;

again:
	sk_nulls_for_each_rcu(sk, node, &xtcp_table.buckets[slot].chain) {
		if (sk->sk_hash != hash || !entry_matches(sk, net, t))
			continue;
		/* It is being freed; another one may have the tuple by now. */
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			goto again;
		if (likely(sk->sk_hash == hash && entry_matches(sk, net, t)))
			return sk;
		xtcp_entry_put(sk);
		goto again;
	}
	if (get_nulls_value(node) != slot)
		goto again;
	return NULL;
}

/**
 * xtcp_devs_overlap() - can one packet match the devices of two sockets
 * @net: their namespace
 * @a: the device that one socket is bound to, 0 for none
 * @b: the device of the other one, 0 for none
 *
 * Context: any.
 * Return: true if a packet can match both.
 */
bool xtcp_devs_overlap(struct net *net, int a, int b)
{
	if (a == b)
		return true;
	if (a && b)
		return false;
	return xtcp_sysctl(net, l3mdev_accept) ||
	       !l3mdev_master_ifindex_by_index(net, a ?: b);
}

/* Can one packet match both entries? */
static bool entries_clash(const struct sock *a, const struct sock *b)
{
	return a->sk_hash == b->sk_hash && a->sk_num == b->sk_num &&
	       a->sk_dport == b->sk_dport &&
	       ipv6_addr_equal(&a->sk_v6_daddr, &b->sk_v6_daddr) &&
	       ipv6_addr_equal(&a->sk_v6_rcv_saddr, &b->sk_v6_rcv_saddr) &&
	       net_eq(sock_net(a), sock_net(b)) &&
	       xtcp_devs_overlap(sock_net(a), a->sk_bound_dev_if,
				 b->sk_bound_dev_if);
}

static void bucket_add(struct sock *sk)
{
	u32 slot = sk->sk_hash & xtcp_table.mask;

	__sk_nulls_add_node_rcu(sk, &xtcp_table.buckets[slot].chain);
}

/**
 * xtcp_table_insert() - publish an entry, if its tuple is free
 * @sk: the entry, fully initialised; its addresses are set. The reference
 *	count of a request includes one for the table
 * @next: for an active open, which may take over the tuple of a TIME-WAIT
 *	entry; NULL if no entry gives way
 *
 * Context: any, BH may be on.
 * Return: 0; -EADDRNOTAVAIL if another entry has the tuple.
 */
int xtcp_table_insert(struct sock *sk, struct xtcp_tw_reuse *next)
{
	const struct hlist_nulls_node *node;
	struct xtcp_tuple t;
	spinlock_t *lock;
	struct sock *sk2;
	int err = 0;

	xtcp_tuple_of(sk, &t);
	sk->sk_hash = tuple_hash(sock_net(sk), &t);
	lock = xtcp_bucket_lock(sk->sk_hash);

	spin_lock_bh(lock);
	sk_nulls_for_each(sk2, node,
			  &xtcp_table.buckets[sk->sk_hash &
					      xtcp_table.mask].chain) {
		if (!entries_clash(sk, sk2))
			continue;
		err = -EADDRNOTAVAIL;
		if (next && sk2->sk_state == TCP_TIME_WAIT &&
		    next->may(xtcp_tw(sk2), sk)) {
			next->old = xtcp_tw(sk2);
			refcount_inc(&sk2->sk_refcnt);
			err = 0;
		}
		break;
	}
	if (!err)
		bucket_add(sk);
	spin_unlock_bh(lock);
	return err;
}

/**
 * xtcp_table_replace() - replace an entry by another one atomically
 * @old: a request or a socket
 * @sk: a child or a TIME-WAIT entry, with the same tuple. The reference count
 *	of a TIME-WAIT entry includes one for the table
 *
 * Context: any, BH may be on.
 * Return: true: if @old is a request, the caller drops the table's reference.
 * False if @old was removed before; then @sk is not inserted.
 */
bool xtcp_table_replace(struct sock *old, struct sock *sk)
{
	spinlock_t *lock = xtcp_bucket_lock(old->sk_hash);
	bool hashed;

	sk->sk_hash = old->sk_hash;
	spin_lock_bh(lock);
	hashed = !hlist_nulls_unhashed(&old->sk_nulls_node);
	if (hashed)
		hlist_nulls_replace_init_rcu(&old->sk_nulls_node,
					     &sk->sk_nulls_node);
	spin_unlock_bh(lock);
	return hashed;
}

/**
 * xtcp_table_remove() - remove an entry from the table
 * @sk: the entry; it may have been removed already
 *
 * Context: any, BH may be on.
 * Return: true if this call removed it: the caller drops the table's reference
 * on a request or TIME-WAIT entry.
 */
bool xtcp_table_remove(struct sock *sk)
{
	spinlock_t *lock = xtcp_bucket_lock(sk->sk_hash);
	bool hashed;

	if (hlist_nulls_unhashed(&sk->sk_nulls_node))
		return false;
	spin_lock_bh(lock);
	hashed = !hlist_nulls_unhashed(&sk->sk_nulls_node);
	if (hashed)
		hlist_nulls_del_init_rcu(&sk->sk_nulls_node);
	spin_unlock_bh(lock);
	return hashed;
}
