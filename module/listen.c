// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN: finding the listener of a SYN, its queues, accept().
 */
#include <linux/rculist_nulls.h>
#include <linux/slab.h>
#include <net/sock_reuseport.h>

#include "fastopen.h"
#include "hash.h"
#include "listen.h"
#include "output.h"
#include "port.h"
#include "reset.h"
#include "socket.h"
#include "state.h"

/* What no bucket of the connection table ends with: see struct listen_bucket. */
#define LISTEN_NULLS	BIT(29)

/*
 * A socket that listened may connect, and the other way round, while somebody
 * walks the chain that it leaves: by the same node, to the other table's end.
 */
struct listen_bucket {
	spinlock_t lock;
	struct hlist_nulls_head chain;	/* by sk_nulls_node, RCU */
};

static struct listen_bucket listen_buckets[XTCP_LISTEN_BUCKETS];

/**
 * xtcp_listen_table_init() - set up the empty table
 */
void xtcp_listen_table_init(void)
{
	u32 i;

	for (i = 0; i < XTCP_LISTEN_BUCKETS; i++) {
		spin_lock_init(&listen_buckets[i].lock);
		INIT_HLIST_NULLS_HEAD(&listen_buckets[i].chain,
				      LISTEN_NULLS + i);
	}
}

/**
 * xtcp_listen_bucket() - one chain of listeners, for /proc
 * @i: below XTCP_LISTEN_BUCKETS
 * @lock: what to hold while it is walked
 */
struct hlist_nulls_head *xtcp_listen_bucket(u32 i, spinlock_t **lock)
{
	*lock = &listen_buckets[i].lock;
	return &listen_buckets[i].chain;
}

static u32 slot_of(u16 port)
{
	return port % XTCP_LISTEN_BUCKETS;
}

static struct listen_bucket *bucket_of(u16 port)
{
	return &listen_buckets[slot_of(port)];
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
	if (dev) {
		if (dev != t->dif && dev != t->sdif)
			return -1;
		points += 2;
	}
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

static struct sock *pick_of_group(struct sock *sk, struct sk_buff *skb,
				  const struct xtcp_tuple *t)
{
	u32 hash;

	if (!sk->sk_reuseport)
		return sk;
	hash = jhash_3words((__force u32)t->raddr.s6_addr32[3],
			    (__force u32)t->rport, (__force u32)t->lport,
			    net_hash_mix(sock_net(sk)));
	return reuseport_select_sock(sk, hash, skb, skb->len) ?: sk;
}

/**
 * xtcp_listen_lookup() - the listener for a packet
 * @net: the namespace it came in
 * @t: its addresses
 * @skb: the packet, for programs that choose in a SO_REUSEPORT group
 *
 * Context: RCU read side; no reference is taken.
 * Return: the most specific one, or NULL.
 */
struct sock *xtcp_listen_lookup(struct net *net, const struct xtcp_tuple *t,
				struct sk_buff *skb)
{
	u32 slot = slot_of(ntohs(t->lport));
	const struct hlist_nulls_node *node;
	struct sock *sk, *best;
	int high;

again:
	best = NULL;
	high = -1;
	sk_nulls_for_each_rcu(sk, node, &listen_buckets[slot].chain) {
		int points = score(sk, net, t);

		if (points > high) {
			high = points;
			best = sk;
		}
	}
	if (get_nulls_value(node) != LISTEN_NULLS + slot)
		goto again;
	return best ? pick_of_group(best, skb, t) : NULL;
}

static int join_reuseport(struct listen_bucket *b, struct sock *sk)
{
	bool any = ipv6_addr_any(&sk->sk_v6_rcv_saddr);
	const struct hlist_nulls_node *node;
	struct sock *sk2;

	sk_nulls_for_each(sk2, node, &b->chain) {
		if (sk2 != sk && sk2->sk_reuseport &&
		    sk2->sk_num == sk->sk_num &&
		    sk2->sk_family == sk->sk_family &&
		    sk2->sk_ipv6only == sk->sk_ipv6only &&
		    sk2->sk_bound_dev_if == sk->sk_bound_dev_if &&
		    uid_eq(sk2->sk_uid, sk->sk_uid) &&
		    net_eq(sock_net(sk2), sock_net(sk)) &&
		    ipv6_addr_equal(&sk2->sk_v6_rcv_saddr,
				    &sk->sk_v6_rcv_saddr))
			return reuseport_add_sock(sk, sk2, any);
	}
	return reuseport_alloc(sk, any);
}

static int table_add(struct sock *sk)
{
	struct listen_bucket *b = bucket_of(inet_sk(sk)->inet_num);
	int err = 0;

	spin_lock_bh(&b->lock);
	if (sk->sk_reuseport)
		err = join_reuseport(b, sk);
	if (!err)
		__sk_nulls_add_node_rcu(sk, &b->chain);
	spin_unlock_bh(&b->lock);
	return err;
}

static void table_remove(struct sock *sk)
{
	struct listen_bucket *b = bucket_of(inet_sk(sk)->inet_num);

	spin_lock_bh(&b->lock);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	hlist_nulls_del_init_rcu(&sk->sk_nulls_node);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_listen_start() - listen()
 * @sk: CLOSED, or LISTEN already: then only the backlog changes
 * @backlog: how many connections may wait
 *
 * Context: process, socket lock held; sleeps.
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int xtcp_listen_start(struct sock *sk, int backlog)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_listener *xl;
	int err;

	sock_owned_by_me(sk);
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	xtcp_fastopen_listen(sk, backlog);
	if (sk->sk_state == TCP_LISTEN)
		return 0;

	if (!xs->listener) {
		xl = kzalloc(sizeof(*xl), GFP_KERNEL);
		if (!xl)
			return -ENOMEM;
		spin_lock_init(&xl->lock);
		INIT_LIST_HEAD(&xl->requests);
		INIT_LIST_HEAD(&xl->accept);
		INIT_LIST_HEAD(&xl->fo_resets);
		xs->listener = xl;
	}
	xs->listener->closed = false;
	xs->listener->overflowed = 0;
	xs->listener->flood_told = 0;
	sk->sk_ack_backlog = 0;

	err = xtcp_port_autobind(sk);
	if (!err)
		err = xtcp_port_may_listen(sk);
	if (err)
		return err;

	/* Lookups of a listener take no reference. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	/* The table shows it only complete, and in its state. */
	xtcp_state_event(sk, XTCP_EV_PASSIVE_OPEN);
	/* Another may have begun to listen at the same time: each sees the other now. */
	err = xtcp_port_may_listen(sk) ?: table_add(sk);
	if (err) {
		xtcp_state_event(sk, XTCP_EV_ABORT);
		return err;
	}
	return 0;
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

/**
 * xtcp_listen_stop() - a listener ends: close(), or it turns active
 * @sk: the listener; its state is still LISTEN or just became another
 *
 * Half-open requests go in silence; children that nobody accepted are reset
 * (RFC 9293 3.10.4, 3.10.5).
 *
 * Context: process, socket lock held.
 */
void xtcp_listen_stop(struct sock *sk)
{
	struct sock *child;

	sock_owned_by_me(sk);
	table_remove(sk);
	drop_requests(xtcp_sk(sk)->listener);
	while ((child = take_child(sk))) {
		sock_hold(child);
		local_bh_disable();
		bh_lock_sock_nested(child);
		xtcp_abort_child(child);
		bh_unlock_sock(child);
		local_bh_enable();
		sock_put(child);
		cond_resched();
	}
}

/**
 * xtcp_listen_rcv() - SEGMENT ARRIVES in LISTEN
 * @sk: the listener, not locked
 * @skb: the segment; consumed
 * @t: its addresses
 * @seg: parsed, its checksum right
 * @iss: initial sequence number to use if TIME-WAIT gave way to it, or 0
 *
 * Source: RFC 9293 3.10.7.2.
 * Context: softirq, RCU read side.
 */
void xtcp_listen_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     u32 iss)
{
	struct net *net = sock_net(sk);

	/* First: RST is ignored. */
	if (seg->flags & XTCP_RST)
		goto drop;
	/* Second: any acknowledgment is bad that is not of a SYN cookie. */
	if (seg->flags & XTCP_ACK) {
		if (xtcp_request_revive(sk, skb, t, seg))
			return;
		xtcp_reset_send(net, skb, t, seg, XTCP_RESET_LISTEN_ACK);
		goto drop;
	}
	/* Fourth: nothing else but SYN has a meaning. */
	if (!(seg->flags & XTCP_SYN)) {
		xtcp_count(net, SynIgnored);
		goto drop;
	}
	if (seg->flags & XTCP_FIN) {
		xtcp_count(net, SynFinDrop);
		goto drop;
	}
	/* Third: SYN. */
	if (xtcp_request_new(sk, skb, t, seg, iss))
		return;
drop:
	kfree_skb(skb);
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
	ok = !xl->closed;
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
 * @sk: the listener
 * @child: locked by the caller
 *
 * Return: false if the listener has closed.
 */
bool xtcp_listen_queue(struct sock *sk, struct sock *child)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	bool ok;

	spin_lock_bh(&xl->lock);
	ok = !xl->closed;
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
