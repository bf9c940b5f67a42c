// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN: lookup of the listener for a SYN, and the queues of a listener.
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

/* Disjoint from nulls values of the connection table: see listen_bucket. */
#define LISTEN_NULLS	BIT(29)

#define BUCKETS_MIN	256
#define BUCKETS_MAX	(64 * 1024)

/*
 * The chains of a bucket, in lookup order: bound to a device before not bound,
 * AF_INET before AF_INET6. So the first listener that matches a packet is the
 * most specific one of its address.
 */
enum rank {
	RANK_DEV_V4,
	RANK_DEV_V6,
	RANK_V4,
	RANK_V6,
	RANKS,
};

/*
 * The hash is over namespace, address and port; wildcards have their own key.
 * sk_nulls_node serves both tables: a listener may become a connection, or the
 * reverse, while a reader is on it. The reader then ends up in the other table,
 * and detects that by the nulls value at the end of the chain.
 */
struct listen_bucket {
	spinlock_t lock;
	struct hlist_nulls_head chain[RANKS];	/* by sk_nulls_node, RCU */
};

static struct listen_bucket *listen_buckets __read_mostly;
static u32 listen_mask __read_mostly;
static hsiphash_key_t listen_key __read_mostly;

/*
 * All listeners, for /proc. The read position is an index, which stays valid
 * when other listeners come and go.
 */
static DEFINE_XARRAY_ALLOC1(all_listeners);

/**
 * xtcp_listen_table_init() - allocate the table: one bucket per 64 pages of RAM
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
 * xtcp_listen_next() - iterate over all listeners, for /proc
 * @id: the index to start from, 0 at first; set to that of the listener found
 *
 * Context: process.
 * Return: the listener, with a reference; NULL at the end.
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

/* Bit 0 is 1 for an address and 0 for a wildcard: the keys are never equal. */
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
 * How well a listener matches a packet: -1 if it does not; otherwise 4 for an
 * exact address, 2 for a device and 1 for an AF_INET socket, added up. The
 * callers use only the sign: the order of the chains ranks the listeners.
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
	/* 0.0.0.0, or ::ffff:0.0.0.0 on an IPv6 socket. */
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
 * xtcp_listen_lookup() - find the listener for a packet
 * @net: the namespace of the packet
 * @t: the addresses of the packet
 *
 * Of a SO_REUSEPORT group any member is returned; xtcp_listen_pick() then
 * selects one. The cost depends neither on the number of listeners on other
 * addresses of the port nor on the size of the group. Only listeners that are
 * bound to devices are compared one by one.
 *
 * Context: RCU read side; no reference is taken.
 * Return: the most specific listener, or NULL.
 */
struct sock *xtcp_listen_lookup(struct net *net, const struct xtcp_tuple *t)
{
	u16 port = ntohs(t->lport);

	return first_of_bucket(net, t, address_hash(net, &t->laddr, port)) ?:
	       first_of_bucket(net, t, wildcard_hash(net, port));
}

/**
 * xtcp_listen_pick() - select the member of a SO_REUSEPORT group for a packet
 * @sk: the listener that xtcp_listen_lookup() returned
 * @skb: the packet; skb->data is the TCP header. A BPF program that selects may
 *	pull or clone it, so checksum and header must be validated before
 * @t: the addresses of the packet
 *
 * Context: RCU read side; no reference is taken.
 * Return: a listener; @sk if it has no group, or the group selects none that
 * matches the packet.
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
	/* The group may have members that do not listen yet, or no longer. */
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

/*
 * Join the SO_REUSEPORT group of the same address, or start one.
 * Return: 0, or an errno of reuseport_add_sock() or reuseport_alloc().
 */
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
 * xtcp_listen_join() - add a socket to the listeners and its SO_REUSEPORT group
 * @sk: bound, with a struct xtcp_listener; lookups find it only after
 *	xtcp_listen_resume()
 *
 * Context: process, socket lock held; sleeps.
 * Return: 0; -ENOMEM; -EBUSY if no index is free; or an errno of
 * reuseport_add_sock() or reuseport_alloc().
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
 * xtcp_listen_leave() - remove a socket from the listeners and from its group
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
 * xtcp_listen_resume() - insert a listener into the lookup table
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
 * xtcp_listen_pause() - remove a listener from the lookup table
 * @sk: in LISTEN; its queues stay as they are
 *
 * The caller may change address and device after this. Then it calls
 * xtcp_listen_end(), or xtcp_listen_resume() to continue as a listener.
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
 * xtcp_listen_rehash() - SO_BINDTODEVICE or SO_BINDTOIFINDEX changed the device
 *	(proto.rehash)
 * @sk: any socket; sk_bound_dev_if is the new device
 *
 * The hold keeps the device of bind(): the listener gets only packets that
 * match both devices.
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
		/* On failure the listener stays outside of any group. */
		join_group(sk);
	}
	xtcp_listen_resume(sk);
}

/*
 * Is the listener still in the period of LISTEN in which the SYN arrived? A
 * socket may listen, stop, and listen again. A request or child of an earlier
 * period must not enter the queues. Context: xl->lock held.
 */
static bool listens_since(const struct xtcp_listener *xl, u32 period)
{
	return !xl->closed && xl->period == period;
}

/**
 * xtcp_listen_link() - add a new request to its listener
 * @rq: the request, its lock held
 *
 * Context: softirq.
 * Return: false if the listener stopped listening since the SYN arrived.
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
 * xtcp_listen_unlink() - remove a request from its listener
 * @rq: the request, its lock held; nothing happens if it is not linked
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
 * xtcp_listen_queue() - add a child to the accept queue
 * @rq: the request that the child was created from
 * @child: established, or opened by Fast Open; locked by the caller
 *
 * Context: softirq.
 * Return: false if the listener stopped listening since the SYN arrived.
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
