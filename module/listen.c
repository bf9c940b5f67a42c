// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN: finding the listener of a SYN, its queues, accept().
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist_nulls.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/xarray.h>
#include <net/sock_reuseport.h>

#include "fastopen.h"
#include "hash.h"
#include "listen.h"
#include "port.h"
#include "request.h"
#include "state.h"

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
 * Context: process. Return: 0 or -ENOMEM.
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
 * Context: process. Return: the listener, with a reference, or NULL.
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
		if (!addr->s6_addr32[3])
			return points;
	} else if (ipv6_addr_any(addr)) {
		return v4 && sk->sk_ipv6only ? -1 : points;
	}
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

static struct xtcp_listener *listener_new(void)
{
	struct xtcp_listener *xl = kzalloc(sizeof(*xl), GFP_KERNEL_ACCOUNT);

	if (!xl)
		return NULL;
	spin_lock_init(&xl->lock);
	INIT_LIST_HEAD(&xl->requests);
	INIT_LIST_HEAD(&xl->accept);
	INIT_LIST_HEAD(&xl->fo_resets);
	xl->closed = true;
	return xl;
}

/* Nothing fails any more. */
static void begin(struct sock *sk, int backlog)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;

	spin_lock_bh(&xl->lock);
	xl->closed = false;
	xl->period++;
	xl->overflowed = 0;
	xl->flood_told = 0;
	spin_unlock_bh(&xl->lock);
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	xtcp_fastopen_listen(sk, backlog);
	/* Lookups of a listener take no reference. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	/* The table shows it only complete, and in its state. */
	xtcp_state_event(sk, XTCP_EV_PASSIVE_OPEN);
	xtcp_listen_resume(sk);
}

/* Whoever begins to listen at the same time comes before this, or after it. */
static int begin_if_free(struct sock *sk, int backlog)
{
	struct mutex *lock = &xtcp_net(sock_net(sk))->listen_lock;
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	int err;

	mutex_lock(lock);
	err = xtcp_port_may_listen(sk);
	if (!err)
		err = xa_alloc(&all_listeners, &xl->id, sk, xa_limit_31b,
			       GFP_KERNEL);
	if (!err && sk->sk_reuseport) {
		err = join_group(sk);
		if (err)
			xa_erase(&all_listeners, xl->id);
	}
	if (!err)
		begin(sk, backlog);
	mutex_unlock(lock);
	return err;
}

/**
 * xtcp_listen_start() - listen()
 * @sk: CLOSED, or LISTEN already: then only the backlog changes
 * @backlog: how many connections may wait
 *
 * A call that fails leaves the socket as it was.
 *
 * Context: process, socket lock held; sleeps.
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int xtcp_listen_start(struct sock *sk, int backlog)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool bound = xs->port;
	int err;

	sock_owned_by_me(sk);
	if (sk->sk_state == TCP_LISTEN) {
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
		xtcp_fastopen_listen(sk, backlog);
		return 0;
	}
	if (!xs->listener)
		xs->listener = listener_new();
	if (!xs->listener)
		return -ENOMEM;
	err = xtcp_port_autobind(sk);
	if (err)
		return err;
	err = begin_if_free(sk, backlog);
	if (err && !bound) {
		xtcp_port_put(sk);
		inet_sk(sk)->inet_sport = 0;
	}
	return err;
}

static void drop_requests(struct xtcp_listener *xl)
{
	struct xtcp_request *rq;

	spin_lock_bh(&xl->lock);
	xl->closed = true;
	while ((rq = list_first_entry_or_null(&xl->requests,
					      struct xtcp_request, node))) {
		refcount_inc(&rq->c.skc_refcnt);
		spin_unlock_bh(&xl->lock);
		xtcp_request_drop(rq, XTCP_EV_CLOSE);
		xtcp_request_put(rq);
		cond_resched();
		spin_lock_bh(&xl->lock);
	}
	spin_unlock_bh(&xl->lock);
}

static struct sock *take_child(struct sock *sk)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	struct xtcp_sock *child;

	spin_lock_bh(&xl->lock);
	child = list_first_entry_or_null(&xl->accept, struct xtcp_sock,
					 accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&xl->lock);
	return (struct sock *)child;
}

/* @child has left the accept queue, and nobody accepts it. */
static void abort_taken(struct sock *child)
{
	sock_hold(child);
	local_bh_disable();
	bh_lock_sock_nested(child);
	xtcp_abort_child(child);
	bh_unlock_sock(child);
	local_bh_enable();
	sock_put(child);
}

/**
 * xtcp_listen_expel() - reset a child before the listener ends
 * @sk: the listener
 * @other: a socket; nothing happens unless it waits to be accepted here
 *
 * Context: process, socket lock of @sk held, a reference on @other.
 */
void xtcp_listen_expel(struct sock *sk, struct sock *other)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	struct xtcp_sock *child;
	bool here = false;

	spin_lock_bh(&xl->lock);
	list_for_each_entry(child, &xl->accept, accept_node) {
		here = (struct sock *)child == other;
		if (here) {
			list_del_init(&child->accept_node);
			sk_acceptq_removed(sk);
			break;
		}
	}
	spin_unlock_bh(&xl->lock);
	if (here)
		abort_taken(other);
}

/**
 * xtcp_listen_end() - a listener that cannot be found any more ends
 * @sk: after xtcp_listen_pause(); its state is still LISTEN
 *
 * Half-open requests go in silence; children that nobody accepted are reset
 * (RFC 9293 3.10.4, 3.10.5). As many as the backlog allows may wait: others run
 * in between.
 *
 * Context: process, socket lock held; sleeps.
 */
void xtcp_listen_end(struct sock *sk)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	struct sock *child;

	sock_owned_by_me(sk);
	xa_erase(&all_listeners, xl->id);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	drop_requests(xl);
	while ((child = take_child(sk))) {
		abort_taken(child);
		cond_resched();
	}
	xtcp_fastopen_forget_resets(xl);
}

/**
 * xtcp_listen_stop() - a listener ends: close() or shutdown()
 * @sk: the listener, its state is still LISTEN
 *
 * Context: process, socket lock held; sleeps.
 */
void xtcp_listen_stop(struct sock *sk)
{
	xtcp_listen_pause(sk);
	xtcp_listen_end(sk);
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

static bool accept_empty(struct sock *sk)
{
	return list_empty_careful(&xtcp_sk(sk)->listener->accept);
}

static int wait_for_child(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (accept_empty(sk))
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		err = 0;
		if (!accept_empty(sk))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * xtcp_accept() - the next established child of a listener
 * @sk: the listener
 * @arg: flags in, errno out
 *
 * Context: process. Return: the child, or NULL and @arg->err:
 * -EINVAL (not listening), -EAGAIN, -EINTR, -ERESTARTSYS.
 */
struct sock *xtcp_accept(struct sock *sk, struct proto_accept_arg *arg)
{
	struct sock *child = NULL;
	int err;

	lock_sock(sk);
	err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	if (accept_empty(sk)) {
		long timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);

		err = -EAGAIN;
		if (!timeo)
			goto out;
		err = wait_for_child(sk, timeo);
		if (err)
			goto out;
	}
	child = take_child(sk);
	err = child ? 0 : -EAGAIN;
out:
	release_sock(sk);
	arg->err = err;
	return child;
}
