// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN: finding the listener of a SYN, and its queues.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist_nulls.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/xarray.h>
#include <net/sock_reuseport.h>

#include "listen.h"
#include "open.h"
#include "table/table.h"

/* What no chain of the connection table ends with: see struct listen_bucket. */
#define LISTEN_NULLS	BIT(29)

#define BUCKETS_MIN	256
#define BUCKETS_MAX	(64 * 1024)

/*
 * The chains of a bucket, in the order in which they are looked through: so the
 * first listener that suits a packet is the most specific one of its address.
 */
enum rank {
	RANK_DEV_V4,
	RANK_DEV_V6,
	RANK_V4,
	RANK_V6,
	RANKS,
};

/*
 * By namespace, address and port; wildcards have a key of their own. A socket
 * that listened may connect, and the other way round, while somebody walks the
 * chain that it leaves: by the same node, to the other table's end.
 */
struct listen_bucket {
	spinlock_t lock;
	struct hlist_nulls_head chain[RANKS];	/* by sk_nulls_node, RCU */
};

static struct listen_bucket *listen_buckets __read_mostly;
static u32 listen_mask __read_mostly;
static hsiphash_key_t listen_key __read_mostly;

/* All listeners, for /proc: a position in it is a number, and none is shifted. */
static DEFINE_XARRAY_ALLOC1(all_listeners);

/**
 * xtcp_listen_table_init() - allocate the table: a bucket for 64 pages of memory
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int xtcp_listen_table_init(void)
{
	u32 n = clamp_t(u64, totalram_pages() / 64, BUCKETS_MIN, BUCKETS_MAX);
	u32 i, rank;

	n = roundup_pow_of_two(n);
	listen_mask = n - 1;
	listen_buckets = kvcalloc(n, sizeof(*listen_buckets), GFP_KERNEL);
	if (!listen_buckets)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		spin_lock_init(&listen_buckets[i].lock);
		for (rank = 0; rank < RANKS; rank++)
			INIT_HLIST_NULLS_HEAD(&listen_buckets[i].chain[rank],
					      LISTEN_NULLS + i * RANKS + rank);
	}
	get_random_bytes(&listen_key, sizeof(listen_key));
	return 0;
}

/**
 * xtcp_listen_table_exit() - free the table; it is empty
 *
 * Context: process.
 */
void xtcp_listen_table_exit(void)
{
	kvfree(listen_buckets);
	xa_destroy(&all_listeners);
}

/**
 * xtcp_listen_next() - walk all listeners, for /proc
 * @id: where to begin, at first 0; set to the number of what was found
 *
 * Context: process.
 * Return: the listener, with a reference, or NULL.
 */
struct sock *xtcp_listen_next(unsigned long *id)
{
	struct sock *sk;

	rcu_read_lock();
	sk = xa_find(&all_listeners, id, ULONG_MAX, XA_PRESENT);
	while (sk && !refcount_inc_not_zero(&sk->sk_refcnt))
		sk = xa_find_after(&all_listeners, id, ULONG_MAX, XA_PRESENT);
	rcu_read_unlock();
	return sk;
}

static bool is_wildcard(const struct in6_addr *addr)
{
	return ipv6_addr_any(addr) ||
	       (ipv6_addr_v4mapped(addr) && !addr->s6_addr32[3]);
}

/* Keys of addresses are odd, those of wildcards even: they are never equal. */
static u32 wildcard_hash(const struct net *net, u16 port)
{
	return hsiphash_1u32(net_hash_mix(net) ^ port, &listen_key) & ~1u;
}

static u32 address_hash(const struct net *net, const struct in6_addr *addr,
			u16 port)
{
	u32 where = net_hash_mix(net) ^ port;

	if (ipv6_addr_v4mapped(addr))
		return hsiphash_2u32((__force u32)addr->s6_addr32[3], where,
				     &listen_key) | 1;
	return hsiphash_2u32(hsiphash(addr, sizeof(*addr), &listen_key), where,
			     &listen_key) | 1;
}

static u32 listen_hash(const struct sock *sk)
{
	const struct in6_addr *addr = &sk->sk_v6_rcv_saddr;

	return is_wildcard(addr) ?
	       wildcard_hash(sock_net(sk), sk->sk_num) :
	       address_hash(sock_net(sk), addr, sk->sk_num);
}

static u32 slot_of(u32 hash)
{
	return hash >> 1 & listen_mask;
}

static enum rank rank_of(const struct sock *sk)
{
	if (sk->sk_bound_dev_if)
		return sk->sk_family == AF_INET ? RANK_DEV_V4 : RANK_DEV_V6;
	return sk->sk_family == AF_INET ? RANK_V4 : RANK_V6;
}

/*
 * How well a listener suits a packet: -1 not at all; more for an exact address,
 * a device, and the packet's own family.
 */
static int score(const struct sock *sk, struct net *net,
		 const struct xtcp_tuple *t)
{
	const struct in6_addr *addr = &sk->sk_v6_rcv_saddr;
	bool v4 = ipv6_addr_v4mapped(&t->laddr);
	int dev = READ_ONCE(sk->sk_bound_dev_if);
	int points = 0;

	if (sk->sk_num != ntohs(t->lport) || !net_eq(sock_net(sk), net) ||
	    sk->sk_state != TCP_LISTEN)
		return -1;
	if (!xtcp_dev_takes(net, dev, t))
		return -1;
	if (dev)
		points += 2;
	if (sk->sk_family == AF_INET) {
		if (!v4)
			return -1;
		points += 1;
	} else if (ipv6_addr_any(addr)) {
		return v4 && sk->sk_ipv6only ? -1 : points;
	}
	/* 0.0.0.0, or ::ffff:0.0.0.0 of an IPv6 socket. */
	if (is_wildcard(addr))
		return v4 ? points : -1;
	return ipv6_addr_equal(addr, &t->laddr) ? points + 4 : -1;
}

static struct sock *first_of_chain(struct net *net, const struct xtcp_tuple *t,
				   u32 hash, enum rank rank)
{
	u32 slot = slot_of(hash);
	const struct hlist_nulls_node *node;
	struct sock *sk;

again:
	sk_nulls_for_each_rcu(sk, node, &listen_buckets[slot].chain[rank])
		if (sk->sk_hash == hash && score(sk, net, t) >= 0)
			return sk;
	if (get_nulls_value(node) != LISTEN_NULLS + slot * RANKS + rank)
		goto again;
	return NULL;
}

static struct sock *first_of_bucket(struct net *net, const struct xtcp_tuple *t,
				    u32 hash)
{
	struct sock *sk = NULL;
	u32 rank;

	for (rank = 0; rank < RANKS && !sk; rank++)
		sk = first_of_chain(net, t, hash, rank);
	return sk;
}

/**
 * xtcp_listen_lookup() - the listener for a packet
 * @net: the namespace it came in
 * @t: its addresses
 *
 * Of a SO_REUSEPORT group it is any; xtcp_listen_pick() has the choice. However
 * many listen on other addresses of the port, or in the group, this takes as
 * long; of those that are bound to devices it looks at one for each device.
 *
 * Context: RCU read side; no reference is taken.
 * Return: the most specific one, or NULL.
 */
struct sock *xtcp_listen_lookup(struct net *net, const struct xtcp_tuple *t)
{
	u16 port = ntohs(t->lport);

	return first_of_bucket(net, t, address_hash(net, &t->laddr, port)) ?:
	       first_of_bucket(net, t, wildcard_hash(net, port));
}

/**
 * xtcp_listen_pick() - which of a SO_REUSEPORT group gets a packet
 * @sk: what xtcp_listen_lookup() found
 * @skb: the packet; skb->data is the TCP header. Programs that choose may pull
 *	or clone it: so its checksum and header were found to be right before
 * @t: its addresses
 *
 * Context: RCU read side; no reference is taken.
 * Return: a listener; @sk if it is alone or nobody chooses.
 */
struct sock *xtcp_listen_pick(struct sock *sk, struct sk_buff *skb,
			      const struct xtcp_tuple *t)
{
	struct net *net = sock_net(sk);
	struct sock *one;
	u32 hash;

	if (!sk->sk_reuseport)
		return sk;
	hash = jhash_3words((__force u32)t->raddr.s6_addr32[3],
			    (__force u32)t->rport, (__force u32)t->lport,
			    net_hash_mix(net));
	one = reuseport_select_sock(sk, hash, skb, __tcp_hdrlen((struct tcphdr *)
								skb->data));
	/* One that is about to listen, or does no more, may be in the group. */
	return one && score(one, net, t) >= 0 ? one : sk;
}

static bool same_group(const struct sock *a, const struct sock *b)
{
	return b->sk_reuseport && a->sk_num == b->sk_num &&
	       a->sk_family == b->sk_family &&
	       a->sk_ipv6only == b->sk_ipv6only &&
	       a->sk_bound_dev_if == b->sk_bound_dev_if &&
	       uid_eq(a->sk_uid, b->sk_uid) &&
	       net_eq(sock_net(a), sock_net(b)) &&
	       ipv6_addr_equal(&a->sk_v6_rcv_saddr, &b->sk_v6_rcv_saddr);
}

/* Return: 0, or an errno of reuseport_add_sock() or reuseport_alloc(). */
static int join_group(struct sock *sk)
{
	bool any = ipv6_addr_any(&sk->sk_v6_rcv_saddr);
	u32 hash = listen_hash(sk);
	struct listen_bucket *b = &listen_buckets[slot_of(hash)];
	const struct hlist_nulls_node *node;
	struct sock *sk2;
	int err;

	spin_lock_bh(&b->lock);
	sk_nulls_for_each(sk2, node, &b->chain[rank_of(sk)])
		if (sk2->sk_hash == hash && same_group(sk, sk2)) {
			err = reuseport_add_sock(sk, sk2, any);
			goto out;
		}
	err = reuseport_alloc(sk, any);
out:
	spin_unlock_bh(&b->lock);
	return err;
}

/**
 * xtcp_listen_join() - a socket becomes one of the listeners, and of its group
 * @sk: bound, with a struct xtcp_listener; it is found after
 *	xtcp_listen_resume()
 *
 * Context: process, socket lock held; sleeps.
 * Return: 0 or errno.
 */
int xtcp_listen_join(struct sock *sk)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	int err;

	err = xa_alloc(&all_listeners, &xl->id, sk, xa_limit_31b, GFP_KERNEL);
	if (!err && sk->sk_reuseport) {
		err = join_group(sk);
		if (err)
			xa_erase(&all_listeners, xl->id);
	}
	return err;
}

/**
 * xtcp_listen_leave() - and is none any more
 * @sk: after xtcp_listen_pause()
 *
 * Context: process, socket lock held.
 */
void xtcp_listen_leave(struct sock *sk)
{
	xa_erase(&all_listeners, xtcp_sk(sk)->listener->id);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
}

/**
 * xtcp_listen_resume() - a listener can be found
 * @sk: in LISTEN, and not in the table
 *
 * Context: process, socket lock held.
 */
void xtcp_listen_resume(struct sock *sk)
{
	struct listen_bucket *b;

	sk->sk_hash = listen_hash(sk);
	b = &listen_buckets[slot_of(sk->sk_hash)];
	spin_lock_bh(&b->lock);
	__sk_nulls_add_node_rcu(sk, &b->chain[rank_of(sk)]);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_listen_pause() - a listener cannot be found any more
 * @sk: in LISTEN; its queues stay as they are
 *
 * Its address and device may be changed after this. Either xtcp_listen_resume()
 * follows, when they are as before, or xtcp_listen_end().
 *
 * Context: process, socket lock held.
 */
void xtcp_listen_pause(struct sock *sk)
{
	struct listen_bucket *b = &listen_buckets[slot_of(sk->sk_hash)];

	sock_owned_by_me(sk);
	spin_lock_bh(&b->lock);
	hlist_nulls_del_init_rcu(&sk->sk_nulls_node);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_listen_rehash() - SO_BINDTODEVICE, or SO_BINDTOIFINDEX, has another device
 *	(proto.rehash)
 * @sk: any socket; its device is the new one
 *
 * The hold stays as bind() made it: a listener gets what both devices take.
 *
 * Context: socket lock held; does not sleep.
 */
void xtcp_listen_rehash(struct sock *sk)
{
	if (sk->sk_state != TCP_LISTEN)
		return;
	xtcp_listen_pause(sk);
	if (rcu_access_pointer(sk->sk_reuseport_cb)) {
		reuseport_detach_sock(sk);
		/* Without memory it is alone. */
		join_group(sk);
	}
	xtcp_listen_resume(sk);
}

/*
 * Does it still listen, and since before @period was read? A socket may listen
 * several times in its life, and what is late is of the time before. Context:
 * xl->lock held.
 */
static bool listens_since(const struct xtcp_listener *xl, u32 period)
{
	return !xl->closed && xl->period == period;
}

/**
 * xtcp_listen_link() - a new request joins its listener
 * @rq: the request
 *
 * Return: false if the listener has closed.
 */
bool xtcp_listen_link(struct xtcp_request *rq)
{
	struct xtcp_listener *xl = xtcp_sk(rq->listener)->listener;
	bool ok;

	spin_lock_bh(&xl->lock);
	ok = listens_since(xl, rq->period);
	if (ok) {
		list_add_tail(&rq->node, &xl->requests);
		xl->nr_requests++;
	}
	spin_unlock_bh(&xl->lock);
	return ok;
}

/**
 * xtcp_listen_unlink() - a request leaves its listener
 * @rq: the request
 */
void xtcp_listen_unlink(struct xtcp_request *rq)
{
	struct xtcp_listener *xl = xtcp_sk(rq->listener)->listener;

	spin_lock_bh(&xl->lock);
	if (!list_empty(&rq->node)) {
		list_del_init(&rq->node);
		xl->nr_requests--;
	}
	spin_unlock_bh(&xl->lock);
}

/**
 * xtcp_listen_queue() - a child, established or opened fast, waits for accept()
 * @rq: the request that it was
 * @child: locked by the caller
 *
 * Return: false if the listener has closed.
 */
bool xtcp_listen_queue(struct xtcp_request *rq, struct sock *child)
{
	struct sock *sk = rq->listener;
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	bool ok;

	spin_lock_bh(&xl->lock);
	ok = listens_since(xl, rq->period);
	if (ok) {
		list_add_tail(&xtcp_sk(child)->accept_node, &xl->accept);
		sk_acceptq_added(sk);
	}
	spin_unlock_bh(&xl->lock);
	return ok;
}
