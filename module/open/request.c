// SPDX-License-Identifier: GPL-2.0
/*
 * A request: a passive open in SYN-RECEIVED. It is small, because any SYN, even
 * with a forged address, creates one. Here: its creation, its timer and its
 * end.
 */
#include <net/dst.h>
#include <net/l3mdev.h>

#include "base/isn.h"
#include "base/trace.h"
#include "core/window.h"
#include "ip/ip.h"
#include "listen.h"
#include "open.h"
#include "request.h"
#include "security.h"
#include "synack.h"
#include "table/table.h"

/**
 * xtcp_request_arm() - start the retransmission timer of the SYN-ACK
 * @rq: the request, locked
 */
void xtcp_request_arm(struct xtcp_request *rq)
{
	u64 rto = xtcp_rto_backed_off(XTCP_RTO_INIT, rq->timeouts,
				      READ_ONCE(xtcp_sk(rq->listener)->rto_max));

	lockdep_assert_held(&rq->lock);
	if (xtcp_timer_arm(&rq->timer, ktime_get_ns() + rto * NSEC_PER_USEC))
		refcount_inc(&rq->c.skc_refcnt);
}

static void request_disarm(struct xtcp_request *rq)
{
	lockdep_assert_held(&rq->lock);
	if (xtcp_timer_disarm(&rq->timer))
		xtcp_request_put(rq);
}

/**
 * xtcp_request_end() - as xtcp_request_drop(), with the lock held
 * @rq: the request, locked; the caller holds a reference
 * @event: the enum xtcp_event that ends it
 */
void xtcp_request_end(struct xtcp_request *rq, u8 event)
{
	const struct xtcp_row *row;

	lockdep_assert_held(&rq->lock);
	xtcp_listen_unlink(rq);
	if (!xtcp_table_remove((struct sock *)rq))
		return;
	row = xtcp_fsm_row(XTCP_SYN_RCVD_PASSIVE, event);
	if (!WARN_ON_ONCE(!row))
		xtcp_state_trace((struct sock *)rq, row);
	if (event != XTCP_EV_CLOSE)
		xtcp_sk_count(rq->listener, AttemptFails);
	request_disarm(rq);
	/* Drop the table's reference. */
	xtcp_request_put(rq);
}

/**
 * xtcp_request_drop() - end a request that did not become a socket
 * @rq: the request, not locked; the caller holds a reference
 * @event: the enum xtcp_event that ends it
 *
 * Nothing happens if it is not in the table any more.
 *
 * Context: any, BH may be on.
 */
void xtcp_request_drop(struct xtcp_request *rq, u8 event)
{
	spin_lock_bh(&rq->lock);
	xtcp_request_end(rq, event);
	spin_unlock_bh(&rq->lock);
}

/**
 * xtcp_request_replaced() - a child has taken the place of a request
 * @rq: the request, locked, not in the table any more; the caller holds a
 *	reference
 */
void xtcp_request_replaced(struct xtcp_request *rq)
{
	xtcp_listen_unlink(rq);
	request_disarm(rq);
	/* Drop the table's reference. */
	xtcp_request_put(rq);
}

/*
 * TCP_DEFER_ACCEPT: if the peer has acknowledged our SYN (rq->acked), the
 * request is neither dropped nor its SYN-ACK retransmitted before the time of
 * the option is over. Then a last SYN-ACK elicits the ACK that creates the
 * connection without data.
 */
static bool request_is_over(const struct xtcp_request *rq)
{
	const struct xtcp_sock *listener = xtcp_sk(rq->listener);
	u32 max = listener->syn_retries ?:
		  xtcp_sk_sysctl(rq->listener, synack_retries);

	return rq->timeouts >= max &&
	       (!rq->acked || rq->timeouts >= listener->defer_accept);
}

static bool synack_is_due(const struct xtcp_request *rq)
{
	return !rq->acked ||
	       rq->timeouts + 1 >= xtcp_sk(rq->listener)->defer_accept;
}

/* The timer fired: drop the request, or retransmit the SYN-ACK if it is due. */
static void request_timeout(struct xtcp_request *rq)
{
	if (hlist_nulls_unhashed(&rq->c.skc_nulls_node))
		return;
	if (request_is_over(rq)) {
		xtcp_request_end(rq, XTCP_EV_TIMEOUT);
		return;
	}
	if (synack_is_due(rq)) {
		rq->retrans++;
		xtcp_synack_again(rq);
	}
	rq->timeouts++;
	xtcp_request_arm(rq);
}

static enum hrtimer_restart request_fires(struct hrtimer *hr)
{
	struct xtcp_request *rq = container_of(hr, struct xtcp_request,
					       timer.hr);

	rcu_read_lock();
	spin_lock(&rq->lock);
	xtcp_timer_begin(&rq->timer);
	if (xtcp_timer_due(&rq->timer, ktime_get_ns()))
		request_timeout(rq);
	else if (rq->timer.deadline &&
		 xtcp_timer_arm(&rq->timer, rq->timer.deadline))
		refcount_inc(&rq->c.skc_refcnt);
	xtcp_timer_end(&rq->timer);
	spin_unlock(&rq->lock);
	rcu_read_unlock();
	xtcp_request_put(rq);
	return HRTIMER_NORESTART;
}

/*
 * Index of the device of the connection: the listener's; else, with the sysctl
 * l3mdev_accept, the VRF of the device that received the SYN, because its
 * routing table has the route back; 0 if none.
 */
static int request_dev(const struct sock *listener, const struct sk_buff *skb)
{
	struct net *net = sock_net(listener);
	int dev = READ_ONCE(listener->sk_bound_dev_if);

	if (dev || !xtcp_sysctl(net, l3mdev_accept))
		return dev;
	return l3mdev_master_ifindex_by_index(net, skb->skb_iif);
}

static struct xtcp_request *request_alloc(struct sock *listener,
					  const struct xtcp_arrival *in)
{
	const struct xtcp_tuple *t = in->t;
	struct xtcp_request *rq;
	struct sock *sk;

	rq = xtcp_request_alloc(listener);
	if (!rq)
		return NULL;
	sk = (struct sock *)rq;

	/* SLAB_TYPESAFE_BY_RCU: no lookup takes a reference while it is 0. */
	refcount_set(&sk->sk_refcnt, 0);
	sk->sk_family = listener->sk_family;
	sk->sk_prot = listener->sk_prot;
	sk->sk_state = TCP_NEW_SYN_RECV;
	sk->sk_reuse = listener->sk_reuse;
	sk->sk_reuseport = listener->sk_reuseport;
	sk->sk_bound_dev_if = request_dev(listener, in->skb);
	write_pnet(&sk->sk_net, sock_net(listener));
	atomic64_set(&sk->sk_cookie, 0);
	sk_node_init(&sk->sk_node);
	sk->sk_v6_daddr = t->raddr;
	sk->sk_v6_rcv_saddr = t->laddr;
	sk->sk_dport = t->rport;
	sk->sk_num = ntohs(t->lport);
	sk->sk_daddr = t->raddr.s6_addr32[3];
	sk->sk_rcv_saddr = t->laddr.s6_addr32[3];

	rq->period = READ_ONCE(xtcp_sk(listener)->listener->period);
	INIT_LIST_HEAD(&rq->node);
	spin_lock_init(&rq->lock);
	xtcp_timer_setup(&rq->timer, request_fires);
	rq->af = xtcp_af_of(&t->laddr);
	rq->iif = t->dif;
	return rq;
}

static bool find_route(struct xtcp_request *rq, const struct xtcp_tuple *t)
{
	struct xtcp_flow flow;
	struct dst_entry *dst;

	xtcp_request_flow(rq, t, &flow);
	dst = rq->af->flow_route(&flow);
	if (IS_ERR(dst)) {
		xtcp_sk_count(rq->listener, RouteFailed);
		return false;
	}
	rq->dst = dst;
	rq->adv_mss = xtcp_mss_advertise(rq->af, dst,
					 xtcp_sk(rq->listener)->user_mss);
	return true;
}

/**
 * xtcp_request_window() - set the first window, and the shift of later ones
 * @rq: the request: its route and the options of the peer's SYN are known
 */
void xtcp_request_window(struct xtcp_request *rq)
{
	const struct sock *listener = rq->listener;
	u32 space = xtcp_route_window(listener, rq->dst,
				      xtcp_buffer_window(listener));

	rq->rcv_wnd = xtcp_route_first_window(rq->dst, rq->adv_mss, rq->ts_ok,
					      space);
	if (rq->wscale_ok)
		rq->rcv_wscale =
			xtcp_wscale_for(xtcp_route_window_max(listener,
							      rq->dst));
}

/**
 * xtcp_request_reflect_label() - reply with the peer's flow label
 * @rq: the request, locked, or in no table
 * @skb: a packet of the peer
 *
 * Only if the listener has IPV6_FL_F_REFLECT, set by the user or by the sysctl
 * flowlabel_reflect.
 */
void xtcp_request_reflect_label(struct xtcp_request *rq,
				const struct sk_buff *skb)
{
	if (rq->af == &xtcp_ipv6 && xtcp_repflow(rq->listener))
		rq->label = ip6_flowlabel(ipv6_hdr(skb));
}

/**
 * xtcp_request_discard() - free a request that never was in a table
 * @rq: the request; the caller has the only pointer
 */
void xtcp_request_discard(struct xtcp_request *rq)
{
	refcount_set(&rq->c.skc_refcnt, 1);
	xtcp_request_put(rq);
}

/**
 * xtcp_request_prepare() - create a request
 * @listener: not locked
 * @in: a SYN, or an ACK that acknowledges a SYN cookie
 *
 * Fields that depend on the segment's sequence numbers or options are not set.
 *
 * Context: softirq, RCU read side.
 * Return: the request; NULL if there is no memory or no route, if the listener
 * was just closed, or if a security module refuses.
 */
struct xtcp_request *xtcp_request_prepare(struct sock *listener,
					  const struct xtcp_arrival *in)
{
	struct xtcp_request *rq = request_alloc(listener, in);

	if (!rq)
		return NULL;
	rq->mark = inet_request_mark(listener, in->skb);
	rq->hash = net_tx_rndhash();
	xtcp_request_reflect_label(rq, in->skb);
	rq->ts_offset = xtcp_ts_offset(sock_net(listener), in->t);
	if (!xtcp_security_admits(rq, in->skb) || !find_route(rq, in->t)) {
		xtcp_request_discard(rq);
		return NULL;
	}
	return rq;
}

/**
 * xtcp_request_publish() - insert a request into the connection table
 * @rq: the request, locked
 *
 * From here on other CPUs find it, and wait for its lock. The table gets one
 * reference; the caller has one of its own, also on failure.
 *
 * Return: false if the tuple is taken: another CPU has just processed the same
 * segment.
 */
bool xtcp_request_publish(struct xtcp_request *rq)
{
	/* A lookup that gets a reference must see all fields. */
	smp_wmb();
	refcount_set(&rq->c.skc_refcnt, 2);
	if (xtcp_table_insert((struct sock *)rq, NULL)) {
		xtcp_request_put(rq);
		return false;
	}
	trace_xtcp_state((struct sock *)rq, XTCP_LISTEN, XTCP_SYN_RCVD_PASSIVE,
			 XTCP_EV_RCV_SYN);
	return true;
}
