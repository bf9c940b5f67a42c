// SPDX-License-Identifier: GPL-2.0
/*
 * SYN-RECEIVED of a passive open, and the segments in LISTEN that start it.
 *
 * A request is small, because any SYN, even with a forged address, creates one.
 * The ACK that completes the handshake turns it into a socket.
 */
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/l3mdev.h>

#include "base/isn.h"
#include "base/ratelimit.h"
#include "base/trace.h"
#include "child.h"
#include "conn/conn.h"
#include "core/arrive.h"
#include "core/window.h"
#include "ip/ip.h"
#include "listen.h"
#include "open.h"
#include "security.h"
#include "syncookie.h"
#include "table/table.h"

static struct net *rq_net(const struct xtcp_request *rq)
{
	return sock_net((const struct sock *)rq);
}

static void arm(struct xtcp_request *rq)
{
	u64 rto = xtcp_rto_backed_off(XTCP_RTO_INIT, rq->timeouts);

	lockdep_assert_held(&rq->lock);
	if (xtcp_timer_arm(&rq->timer, ktime_get_ns() + rto * NSEC_PER_USEC))
		refcount_inc(&rq->c.skc_refcnt);
}

static void disarm(struct xtcp_request *rq)
{
	lockdep_assert_held(&rq->lock);
	if (xtcp_timer_disarm(&rq->timer))
		xtcp_request_put(rq);
}

/* xtcp_request_drop() with the lock of @rq held. */
static void request_end(struct xtcp_request *rq, u8 event)
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
	disarm(rq);
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
	request_end(rq, event);
	spin_unlock_bh(&rq->lock);
}

static void request_flow(const struct xtcp_request *rq,
			 const struct xtcp_tuple *t,
			 struct xtcp_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	flow->net = rq_net(rq);
	flow->tuple = t;
	flow->oif = rq->c.skc_bound_dev_if;
	if (ipv6_addr_type(&t->raddr) & IPV6_ADDR_LINKLOCAL)
		flow->oif = rq->iif;
	flow->mark = rq->mark;
	flow->hash = rq->hash;
	flow->secid = rq->secid;
	flow->sk = rq->listener;
	rq->af->flow_take(rq->listener, flow);
	/* The listener's own flow label is for its connect(). */
	flow->label = rq->label;
	flow->as_socket = rq->af == &xtcp_ipv6;
	/* SYN flood: do not write the listener's refcount from all CPUs. */
	flow->owned = !rq->cookie;
}

static void tell(struct xtcp_request *rq, struct xtcp_segment *out)
{
	struct xtcp_tuple t;
	struct xtcp_flow flow;
	struct dst_entry *dst = rq->dst;

	xtcp_tuple_of((struct sock *)rq, &t);
	request_flow(rq, &t, &flow);
	if (dst && dst->obsolete && !dst->ops->check(dst, 0))
		dst = NULL;
	if (dst)
		dst_hold(dst);
	xtcp_flow_send(&flow, dst, out);
}

static void stamp(const struct xtcp_request *rq, struct xtcp_segment *out,
		  u64 now)
{
	out->ack = rq->irs + 1;
	if (rq->ts_ok) {
		out->opt.has_ts = 1;
		out->opt.tsval = xtcp_ts_clock(now, rq->ts_offset);
		out->opt.tsecr = rq->ts_recent;
		if (rq->cookie)
			out->opt.tsval =
				xtcp_syncookie_tsval(rq, out->opt.tsval);
	}
}

/*
 * Retransmitted SYN-ACK: leave out the AccECN option, a middlebox may have
 * dropped it (RFC 9768 3.2.3.2.2).
 */
static void syn_ack_ecn(struct xtcp_request *rq, struct xtcp_segment *out)
{
	xtcp_ecn_syn_ack(&rq->ecn, rq->retrans,
			 xtcp_sk_sysctl(rq->listener, ecn_fallback), out);
	if (!rq->sent)
		xtcp_ecn_option(&rq->ecn, &out->opt,
				xtcp_sk_sysctl(rq->listener, ecn_option),
				XTCP_OPT_SPACE - xtcp_options_len(&out->opt),
				true);
}

/* @cookie: only in the first SYN-ACK (RFC 7413 4.2.2); NULL for none. */
static void send_syn_ack(struct xtcp_request *rq,
			 const struct xtcp_cookie *cookie)
{
	u64 now = ktime_get_ns();
	struct xtcp_segment out = {
		.seq = rq->iss,
		.flags = XTCP_SYN | XTCP_ACK,
		.wnd = min_t(u32, rq->rcv_wnd, 65535),
		.opt = {
			.has_mss = 1,
			.mss = rq->adv_mss,
			.sack_perm = rq->sack_ok,
			.has_wscale = rq->wscale_ok,
			.wscale = rq->rcv_wscale,
		},
	};

	if (cookie && cookie->len) {
		out.opt.has_fastopen = 1;
		out.opt.cookie_len = cookie->len;
		memcpy(out.opt.cookie, cookie->val, cookie->len);
	}
	stamp(rq, &out, now);
	syn_ack_ecn(rq, &out);
	rq->sent = now;
	tell(rq, &out);
}

static void syn_ack_again(struct xtcp_request *rq)
{
	/* A new hash may select another path (net.core.txrehash). */
	if (rq->listener->sk_txrehash == SOCK_TXREHASH_ENABLED)
		rq->hash = net_tx_rndhash();
	xtcp_sk_count(rq->listener, RetransSegs);
	send_syn_ack(rq, NULL);
}

/*
 * The ACK for an unacceptable segment: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> (RFC
 * 9293 3.10.7.4). It is a reply to @skb: it copies the DSCP of @skb, and has
 * the default hop limit and flow label instead of the listener's.
 */
static void request_send_ack(struct xtcp_request *rq, const struct sk_buff *skb,
			     const struct xtcp_tuple *t, u64 now)
{
	struct xtcp_flow flow;
	struct xtcp_segment out = {
		.seq = rq->iss + 1,
		.flags = XTCP_ACK,
		.wnd = rq->rcv_wnd >> rq->rcv_wscale,
	};

	if (!xtcp_answer_allowed(rq_net(rq), &rq->last_oow, now))
		return;
	stamp(rq, &out, now);
	request_flow(rq, t, &flow);
	flow.as_socket = false;
	flow.owned = false;
	flow.label = 0;
	flow.ttl = 0;
	flow.tos = xtcp_ip_dsfield(skb, rq->af) & ~INET_ECN_MASK;
	xtcp_flow_answer(&flow, skb);
	xtcp_flow_send(&flow, NULL, &out);
}

/*
 * TCP_DEFER_ACCEPT: if the peer has acknowledged our SYN (rq->acked), the
 * request is neither dropped nor its SYN-ACK retransmitted before the time of
 * the option is over. Then a last SYN-ACK elicits the ACK that creates the
 * connection without data.
 */
static bool gives_up(const struct xtcp_request *rq)
{
	const struct xtcp_sock *listener = xtcp_sk(rq->listener);
	u32 max = listener->syn_retries ?:
		  xtcp_sk_sysctl(rq->listener, synack_retries);

	return rq->timeouts >= max &&
	       (!rq->acked || rq->timeouts >= listener->defer_accept);
}

static bool asks_again(const struct xtcp_request *rq)
{
	return !rq->acked ||
	       rq->timeouts + 1 >= xtcp_sk(rq->listener)->defer_accept;
}

/* The timer fired: drop the request, or retransmit the SYN-ACK if it is due. */
static void request_timeout(struct xtcp_request *rq)
{
	if (hlist_nulls_unhashed(&rq->c.skc_nulls_node))
		return;
	if (gives_up(rq)) {
		request_end(rq, XTCP_EV_TIMEOUT);
		return;
	}
	if (asks_again(rq)) {
		rq->retrans++;
		syn_ack_again(rq);
	}
	rq->timeouts++;
	arm(rq);
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

/* Creating a request */

/* A listener keeps a request for a SYN, answers with a cookie, or drops it. */
enum admission {
	ADMIT_REQUEST,
	ADMIT_COOKIE,
	ADMIT_NOT,
};

static bool syn_queue_is_full(const struct sock *listener)
{
	u32 max = min_t(u32, READ_ONCE(listener->sk_max_ack_backlog),
			xtcp_sk_sysctl(listener, max_syn_backlog));

	return READ_ONCE(xtcp_sk(listener)->listener->nr_requests) > max;
}

/*
 * @known: the SYN reopens a connection in TIME-WAIT. A request is kept even if
 *	the SYN queue is full: the peer's address is proved already, and our ISN
 *	must be above the old sequence numbers, which a cookie does not ensure.
 */
static enum admission admit(struct sock *listener, bool known)
{
	struct net *net = sock_net(listener);

	if (sk_acceptq_is_full(listener)) {
		xtcp_count(net, ListenOverflows);
		return ADMIT_NOT;
	}
	if (known || (!syn_queue_is_full(listener) &&
		      xtcp_sk_sysctl(listener, syncookies) != XTCP_SYNCOOKIES_ALWAYS))
		return ADMIT_REQUEST;
	return xtcp_syncookie_wanted(listener) ? ADMIT_COOKIE : ADMIT_NOT;
}

/*
 * The device of the connection: the listener's; else, with l3mdev_accept, the
 * VRF that the SYN came in by, whose routing table has the route back.
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
					  const struct sk_buff *skb,
					  const struct xtcp_tuple *t)
{
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
	sk->sk_bound_dev_if = request_dev(listener, skb);
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

static void take_options(struct xtcp_request *rq,
			 const struct xtcp_segment *seg)
{
	const struct xtcp_options *opt = &seg->opt;

	rq->peer_mss = opt->has_mss ? opt->mss : rq->af->mss_default;
	rq->uto = opt->has_uto ? opt->uto : 0;
	rq->sack_ok = opt->sack_perm && xtcp_sk_sysctl(rq->listener, sack);
	rq->ts_ok = opt->has_ts && xtcp_sk_sysctl(rq->listener, timestamps);
	rq->ts_recent = opt->tsval;
	rq->wscale_ok = opt->has_wscale && xtcp_sk_sysctl(rq->listener, window_scaling);
	if (rq->wscale_ok) {
		rq->snd_wscale = min_t(u8, opt->wscale, XTCP_WSCALE_MAX);
		rq->rcv_wscale =
			xtcp_wscale_for(xtcp_window_max(rq->listener));
	}
	rq->snd_wnd = seg->wnd;
}

static bool find_route(struct xtcp_request *rq, const struct xtcp_tuple *t)
{
	struct xtcp_flow flow;
	struct dst_entry *dst;

	request_flow(rq, t, &flow);
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

/* A route may enable ECN, whatever the sysctl (ip-route(8), features). */
static void request_negotiate_ecn(struct xtcp_request *rq,
				  const struct xtcp_segment *seg)
{
	u8 want = xtcp_ecn_policy(xtcp_sk_sysctl(rq->listener, ecn), false);

	if (want == XTCP_ECN_OFF && dst_feature(rq->dst, RTAX_FEATURE_ECN))
		want = XTCP_ECN_CLASSIC;
	rq->ecn.want = want;
	xtcp_ecn_take_syn(&rq->ecn, seg);
}

/* Free a request that never was in a table. */
static void request_discard(struct xtcp_request *rq)
{
	refcount_set(&rq->c.skc_refcnt, 1);
	xtcp_request_put(rq);
}

/* IPV6_FL_F_REFLECT, sysctl flowlabel_reflect: reply with the peer's label. */
static void reflect_label(struct xtcp_request *rq, const struct sk_buff *skb)
{
	if (rq->af == &xtcp_ipv6 && xtcp_repflow(rq->listener))
		rq->label = ip6_flowlabel(ipv6_hdr(skb));
}

/*
 * Create a request, with all fields that depend neither on the segment's
 * sequence numbers nor on its options.
 * Return: NULL if there is no memory or no route, if the listener was just
 * closed, or if a security module refuses.
 */
static struct xtcp_request *request_prepare(struct sock *listener,
					    struct sk_buff *skb,
					    const struct xtcp_tuple *t)
{
	struct xtcp_request *rq = request_alloc(listener, skb, t);

	if (!rq)
		return NULL;
	rq->mark = inet_request_mark(listener, skb);
	rq->hash = net_tx_rndhash();
	reflect_label(rq, skb);
	rq->ts_offset = xtcp_ts_offset(sock_net(listener), t);
	rq->rcv_wnd = min_t(u32, xtcp_full_space(listener), 65535);
	if (!xtcp_security_admits(rq, skb) || !find_route(rq, t)) {
		request_discard(rq);
		return NULL;
	}
	return rq;
}

/*
 * Insert the request into the connection table. From here on other CPUs find
 * it, and wait for its lock, which the caller holds. The table gets one
 * reference; the caller has one of its own, also on failure.
 *
 * Return: false if the tuple is taken: another CPU has just processed the same
 * segment.
 */
static bool publish(struct xtcp_request *rq)
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

/* Stateless: free the request once the cookie is sent. */
static void answer_with_cookie(struct xtcp_request *rq,
			       const struct xtcp_tuple *t, u64 now)
{
	xtcp_syncookie_make(rq, t, now);
	send_syn_ack(rq, NULL);
	request_discard(rq);
}

/* @cookie: for Fast Open. Return: false if the tuple is taken. */
static bool answer_and_keep(struct xtcp_request *rq,
			    const struct xtcp_cookie *cookie)
{
	bool ok;

	spin_lock_bh(&rq->lock);
	ok = publish(rq);
	if (!ok)
		goto out;
	if (xtcp_listen_link(rq)) {
		send_syn_ack(rq, cookie);
		arm(rq);
	} else {
		request_end(rq, XTCP_EV_CLOSE);
	}
out:
	spin_unlock_bh(&rq->lock);
	xtcp_request_put(rq);
	return ok;
}

/* Fast Open */

/* Set the send variables of a child whose SYN-ACK is not sent yet. */
static void before_syn(struct sock *child, const struct xtcp_segment *seg)
{
	struct xtcp_tcb *tcb = &xtcp_sk(child)->tcb;

	tcb->snd_una = tcb->iss;
	tcb->snd_nxt = tcb->iss;
	/* To Nagle the SYN-ACK is not an unacknowledged small segment. */
	tcb->snd_sml = tcb->iss;
	/* The window of a SYN is never scaled (RFC 7323 2.2). */
	tcb->snd_wnd = seg->wnd;
	tcb->max_snd_wnd = max_t(u32, seg->wnd, 1);
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = tcb->iss;
}

/* Return: a child, locked and in the table; NULL: no memory, or tuple taken. */
static struct sock *fast_child(struct xtcp_request *rq,
			       const struct xtcp_segment *seg)
{
	struct sock *child = xtcp_child_new(rq, seg, ktime_get_ns());

	if (!child)
		return NULL;
	before_syn(child, seg);
	xtcp_sk(child)->fo.passive = true;
	if (xtcp_syn_prepare(child) || xtcp_table_insert(child, NULL)) {
		xtcp_child_discard(child);
		return NULL;
	}
	return child;
}

/* Queue @child, or reset it if LISTEN has ended. Unlocks and puts it. */
static void to_accept_queue(struct xtcp_request *rq, struct sock *child)
	__releases(&child->sk_lock.slock)
{
	struct sock *listener = rq->listener;

	if (xtcp_listen_queue(rq, child))
		listener->sk_data_ready(listener);
	else
		xtcp_abort_child(child);
	bh_unlock_sock(child);
	sock_put(child);
}

/* Deliver the data first: the SYN-ACK, sent afterwards, acknowledges it. */
static void fast_deliver(struct xtcp_request *rq, struct sock *child,
			 struct sk_buff *skb, const struct xtcp_segment *seg)
	__releases(&child->sk_lock.slock)
{
	xtcp_established(child, 0);
	security_inet_conn_established(child, skb);
	if (seg->len) {
		__skb_pull(skb, seg->hdr_len);
		skb_dst_drop(skb);
		skb->dev = NULL;
		xtcp_process_text(child, skb, seg);
		xtcp_sk(child)->fo.data_acked =
			xtcp_sk(child)->tcb.rcv_nxt != seg->seq + 1;
	} else {
		kfree_skb(skb);
	}
	xtcp_state_fast_open(child);
	to_accept_queue(rq, child);
}

/*
 * Fast Open: accept() returns a connection in SYN-RECEIVED, with the data of
 * the SYN. @fresh is a new cookie for the client, or NULL.
 *
 * Source: RFC 7413 4.2.2. Return: false if there is no memory or the tuple is
 * taken; then @skb is not consumed.
 */
static bool open_fast(struct xtcp_request *rq, struct sk_buff *skb,
		      const struct xtcp_segment *seg,
		      const struct xtcp_cookie *fresh)
{
	struct net *net = rq_net(rq);
	struct sock *child = fast_child(rq, seg);

	if (!child) {
		xtcp_count(net, FastOpenPassiveFail);
		return false;
	}
	/* fast_child() returned it locked. */
	__acquire(&child->sk_lock.slock);
	if (fresh) {
		xtcp_sk(child)->fo.option = true;
		xtcp_sk(child)->fo.cookie = *fresh;
	}
	xtcp_count(net, PassiveOpens);
	xtcp_count(net, FastOpenPassive);
	xtcp_fastopen_pending(rq->listener, child);
	fast_deliver(rq, child, skb, seg);
	return true;
}

/*
 * A SYN without ACK, RST and FIN for a listener. @iss is our initial sequence
 * number if a TIME-WAIT entry gave way, otherwise 0.
 *
 * Data on the SYN is delivered only by Fast Open. Otherwise it is not
 * acknowledged, and the peer retransmits it (SA-L4).
 *
 * Source: RFC 9293 3.10.7.2, third. Context: softirq, RCU read side.
 * Return: true if @skb was consumed.
 */
static bool request_new(struct sock *listener, struct sk_buff *skb,
			const struct xtcp_tuple *t,
			const struct xtcp_segment *seg, u32 iss)
{
	struct net *net = sock_net(listener);
	enum admission admission = admit(listener, iss);
	struct xtcp_cookie cookie;
	struct xtcp_request *rq;
	u64 now = ktime_get_ns();
	u8 answer;

	if (admission == ADMIT_NOT)
		goto drop;
	rq = request_prepare(listener, skb, t);
	if (!rq)
		goto drop;
	rq->irs = seg->seq;
	take_options(rq, seg);
	if (admission == ADMIT_COOKIE) {
		answer_with_cookie(rq, t, now);
		return false;
	}
	request_negotiate_ecn(rq, seg);
	rq->iss = iss ?: xtcp_isn(net, t, now);
	answer = xtcp_fastopen_judge(listener, rq->dst, t, seg, &cookie);
	if (answer >= XTCP_FO_OPEN &&
	    open_fast(rq, skb, seg,
		      answer == XTCP_FO_OPEN_GIVE ? &cookie : NULL)) {
		request_discard(rq);
		return true;
	}
	if (answer_and_keep(rq, &cookie))
		return false;
drop:
	xtcp_count(net, ListenDrops);
	return false;
}

/* SEGMENT ARRIVES */

/* Fill in the variables that xtcp_arrives() checks (RFC 9293 3.10.7.4). */
static void request_tcb(const struct xtcp_request *rq, u64 now,
			struct xtcp_tcb *tcb)
{
	memset(tcb, 0, sizeof(*tcb));
	tcb->iss = rq->iss;
	tcb->snd_una = rq->iss;
	tcb->snd_nxt = rq->iss + 1;
	tcb->irs = rq->irs;
	tcb->rcv_nxt = rq->irs + 1;
	tcb->rcv_adv = tcb->rcv_nxt + rq->rcv_wnd;
	tcb->last_ack_sent = tcb->rcv_nxt;
	tcb->ts_ok = rq->ts_ok;
	tcb->ts_recent = rq->ts_recent;
	tcb->ts_recent_stamp = xtcp_seconds(now);
}

/* Retransmitted SYN: resend the SYN-ACK without waiting for the timer. */
static bool request_is_same_syn(const struct xtcp_request *rq,
				const struct xtcp_segment *seg)
{
	return (seg->flags & (XTCP_SYN | XTCP_ACK | XTCP_RST | XTCP_FIN)) ==
	       XTCP_SYN && seg->seq == rq->irs;
}

/*
 * TCP_DEFER_ACCEPT: ignore an ACK that completes the handshake without data. A
 * request that was restored from a SYN cookie cannot wait: it is not kept.
 */
static bool waits_for_data(struct xtcp_request *rq,
			   const struct xtcp_segment *seg)
{
	if (rq->cookie || seg->end_seq != rq->irs + 1 ||
	    rq->timeouts >= xtcp_sk(rq->listener)->defer_accept)
		return false;
	rq->acked = 1;
	xtcp_sk_count(rq->listener, DeferAcceptDrop);
	return true;
}

/*
 * Create the child and put it into the table in place of the request. Only one
 * segment succeeds: the one that finds the request in the table.
 * Return: the child, locked; NULL if there is no memory or @rq was removed.
 */
static struct sock *promote(struct xtcp_request *rq,
			    const struct xtcp_segment *seg, u64 now)
{
	struct sock *child = xtcp_child_new(rq, seg, now);

	if (!child) {
		xtcp_sk_count(rq->listener, ListenDrops);
		return NULL;
	}
	if (!xtcp_table_replace((struct sock *)rq, child)) {
		xtcp_child_discard(child);
		return NULL;
	}
	xtcp_listen_unlink(rq);
	disarm(rq);
	xtcp_request_put(rq);
	return child;
}

static void deliver(struct xtcp_request *rq, struct sock *child,
		    struct sk_buff *skb, const struct xtcp_segment *seg)
	__releases(&child->sk_lock.slock)
{
	xtcp_established(child, rq->retrans);
	xtcp_ts_recent_update(&xtcp_sk(child)->tcb, seg,
			      xtcp_seconds(xtcp_sk(child)->now));
	xtcp_sk_count(child, PassiveOpens);
	/* Sets the peer's label: security_inet_csk_clone() is not exported. */
	security_inet_conn_established(child, skb);
	if (rq->af == &xtcp_ipv6)
		inet6_sk(child)->rcv_flowinfo = ip6_flowinfo(ipv6_hdr(skb));
	xtcp_state_adopt(child);
	skb_dst_drop(skb);
	skb->dev = NULL;
	xtcp_input(child, skb, seg);
	to_accept_queue(rq, child);
}

/*
 * The ACK that completes the handshake. @skb is not consumed.
 * Return: the child, locked; NULL if the accept queue is full, TCP_DEFER_ACCEPT
 * waits for data, or there is no memory.
 */
static struct sock *handshake_done(struct xtcp_request *rq,
				   struct sk_buff *skb,
				   const struct xtcp_tuple *t,
				   const struct xtcp_segment *seg, u64 now)
{
	struct net *net = rq_net(rq);

	if (sk_acceptq_is_full(rq->listener)) {
		xtcp_count(net, ListenOverflows);
		if (xtcp_sysctl(net, abort_on_overflow)) {
			xtcp_count(net, EmbryonicRsts);
			xtcp_reset_of(rq->listener, skb, t, seg,
				      XTCP_RESET_OVERFLOW);
			request_end(rq, XTCP_EV_CLOSE);
		}
		return NULL;
	}
	if (!rq->acked)
		xtcp_ecn_handshake_ack(&rq->ecn, seg);
	if (waits_for_data(rq, seg)) {
		rq->ecn.skip = 0;
		return NULL;
	}
	reflect_label(rq, skb);
	return promote(rq, seg, now);
}

/* Act on a segment that did not pass the checks. */
static void refuse(struct xtcp_request *rq, struct sk_buff *skb,
		   const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		   enum xtcp_verdict verdict, u64 now)
{
	struct net *net = rq_net(rq);

	switch (verdict) {
	case XTCP_DROP_ACK:
	case XTCP_CHALLENGE:
		request_send_ack(rq, skb, t, now);
		break;
	case XTCP_ABORTED:
		xtcp_count(net, RstRcvdSynRcvd);
		request_end(rq, XTCP_EV_RCV_RST);
		break;
	case XTCP_REOPEN:
		request_end(rq, XTCP_EV_RCV_SYN);
		break;
	case XTCP_ANSWER_RST:
		xtcp_count(net, EmbryonicRsts);
		xtcp_reset_of(rq->listener, skb, t, seg, XTCP_RESET_SYN_RCVD);
		break;
	default:
		break;
	}
}

/* Return: the child, locked, if @seg completes the handshake; else NULL. */
static struct sock *request_validate(struct xtcp_request *rq,
				     struct sk_buff *skb,
				     const struct xtcp_tuple *t,
				     const struct xtcp_segment *seg, u64 now)
{
	enum xtcp_verdict verdict;
	struct xtcp_tcb tcb;
	enum xtcp_why why;

	request_tcb(rq, now, &tcb);
	verdict = xtcp_arrives(&tcb, XTCP_SYN_RCVD_PASSIVE, seg,
			       xtcp_seconds(now), &why);
	if (verdict == XTCP_TAKE)
		return handshake_done(rq, skb, t, seg, now);
	refuse(rq, skb, t, seg, verdict, now);
	return NULL;
}

/*
 * Pass the segment to @child, if request_validate() returned one; else free it.
 * @rq is unlocked by now.
 */
static void request_deliver(struct xtcp_request *rq, struct sock *child,
			    struct sk_buff *skb, const struct xtcp_segment *seg)
{
	if (child) {
		/* promote() returned it locked. */
		__acquire(&child->sk_lock.slock);
		deliver(rq, child, skb, seg);
	} else {
		kfree_skb(skb);
	}
}

/*
 * RFC 9768 3.1.5: SYNs for both kinds of ECN in one handshake. Reset: neither
 * end can know which one the other has accepted.
 */
static void two_kinds_of_ecn(struct xtcp_request *rq, struct sk_buff *skb,
			     const struct xtcp_tuple *t,
			     const struct xtcp_segment *seg)
{
	struct net *net = rq_net(rq);

	xtcp_count(net, EmbryonicRsts);
	xtcp_reset_of(rq->listener, skb, t, seg, XTCP_RESET_ECN);
	request_end(rq, XTCP_EV_CLOSE);
}

/*
 * A SYN may be answered with a cookie, and its retransmission with the SYN-ACK
 * of a request. The ACK may then acknowledge the cookie instead of the
 * request's ISN: it is accepted, too (RFC 4987 3.6).
 * Return: the peer's MSS, bytes; 0 if @seg does not bring a cookie.
 */
static u16 brings_cookie(const struct xtcp_request *rq,
			 const struct xtcp_tuple *t,
			 const struct xtcp_segment *seg, u64 now)
{
	if ((seg->flags & (XTCP_ACK | XTCP_SYN | XTCP_RST)) != XTCP_ACK ||
	    seg->ack == rq->iss + 1)
		return 0;
	return xtcp_syncookie_check(rq->listener, t, seg, now);
}

/* Restore the request of a SYN cookie and process its ACK. @skb is consumed. */
static void revive(struct sock *listener, struct sk_buff *skb,
		   const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		   u16 mss, u64 now)
{
	struct xtcp_request *rq = request_prepare(listener, skb, t);
	struct sock *child;

	if (!rq) {
		xtcp_count(sock_net(listener), ListenDrops);
		kfree_skb(skb);
		return;
	}
	xtcp_syncookie_restore(rq, seg, mss);
	spin_lock_bh(&rq->lock);
	child = publish(rq) ? request_validate(rq, skb, t, seg, now) : NULL;
	if (!child)
		request_end(rq, XTCP_EV_CLOSE);
	spin_unlock_bh(&rq->lock);
	request_deliver(rq, child, skb, seg);
	xtcp_request_put(rq);
}

/**
 * xtcp_request_rcv() - SEGMENT ARRIVES for a request
 * @rq: the request; the caller holds a reference
 * @skb: the segment; consumed
 * @t: its addresses
 * @seg: parsed; the checksum is correct
 *
 * Source: RFC 9293 3.10.7.4, SYN-RECEIVED. Context: softirq, RCU read side.
 */
void xtcp_request_rcv(struct xtcp_request *rq, struct sk_buff *skb,
		      const struct xtcp_tuple *t,
		      const struct xtcp_segment *seg)
{
	u64 now = ktime_get_ns();
	struct sock *listener = rq->listener;
	struct sock *child = NULL;
	u16 mss;

	spin_lock_bh(&rq->lock);
	if (hlist_nulls_unhashed(&rq->c.skc_nulls_node))
		goto out;
	mss = brings_cookie(rq, t, seg, now);
	if (mss) {
		request_end(rq, XTCP_EV_CLOSE);
		spin_unlock_bh(&rq->lock);
		revive(listener, skb, t, seg, mss, now);
		return;
	}
	if (request_is_same_syn(rq, seg)) {
		if (!xtcp_ecn_syn_again(&rq->ecn, seg)) {
			two_kinds_of_ecn(rq, skb, t, seg);
			goto out;
		}
		if (xtcp_answer_allowed(rq_net(rq), &rq->last_oow, now))
			syn_ack_again(rq);
		goto out;
	}
	child = request_validate(rq, skb, t, seg, now);
out:
	spin_unlock_bh(&rq->lock);
	request_deliver(rq, child, skb, seg);
}

/*
 * An ACK without RST for a listener: if it acknowledges a SYN cookie, restore
 * the request and process the ACK as for any request; @skb is consumed.
 *
 * If no child results, the request is dropped again. The peer's next segment
 * acknowledges the cookie again.
 *
 * Return: false if it is a stray ACK.
 * Source: RFC 4987 3.6. Context: softirq, RCU read side.
 */
static bool cookie_revives(struct sock *listener, struct sk_buff *skb,
			   const struct xtcp_tuple *t,
			   const struct xtcp_segment *seg)
{
	u64 now = ktime_get_ns();
	u16 mss = xtcp_syncookie_check(listener, t, seg, now);

	if (mss)
		revive(listener, skb, t, seg, mss, now);
	return mss;
}

/**
 * xtcp_listen_rcv() - SEGMENT ARRIVES in LISTEN
 * @sk: the listener, not locked
 * @skb: the segment; consumed
 * @t: its addresses
 * @seg: parsed; the checksum is correct
 * @iss: initial sequence number to use if a TIME-WAIT entry gave way, else 0
 *
 * Source: RFC 9293 3.10.7.2.
 * Context: softirq, RCU read side.
 */
void xtcp_listen_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     u32 iss)
{
	struct net *net = sock_net(sk);

	/* First: ignore RST. */
	if (seg->flags & XTCP_RST)
		goto drop;
	/* Second: reset any ACK that does not acknowledge a SYN cookie. */
	if (seg->flags & XTCP_ACK) {
		if (cookie_revives(sk, skb, t, seg))
			return;
		xtcp_reset_of(sk, skb, t, seg, XTCP_RESET_LISTEN_ACK);
		goto drop;
	}
	/* Fourth: drop any segment without SYN. */
	if (!(seg->flags & XTCP_SYN)) {
		xtcp_count(net, SynIgnored);
		goto drop;
	}
	if (seg->flags & XTCP_FIN) {
		xtcp_count(net, SynFinDrop);
		goto drop;
	}
	/* Third: SYN. */
	if (request_new(sk, skb, t, seg, iss))
		return;
drop:
	kfree_skb(skb);
}
