// SPDX-License-Identifier: GPL-2.0
/*
 * Segments for a request (RFC 9293 3.10.7.4, SYN-RECEIVED of a passive open).
 * The ACK that completes the handshake turns the request into a socket.
 */
#include "base/ratelimit.h"
#include "child.h"
#include "core/arrive.h"
#include "ip/ip.h"
#include "open.h"
#include "request.h"
#include "synack.h"
#include "syncookie.h"
#include "table/table.h"

/*
 * TCP_DEFER_ACCEPT: ignore an ACK that completes the handshake without data. A
 * request that was restored from a SYN cookie cannot wait: it is not kept.
 */
static bool waits_for_data(struct xtcp_request *rq,
			   const struct xtcp_segment *seg, u64 now)
{
	if (rq->cookie || seg->end_seq != rq->irs + 1 ||
	    rq->timeouts >= xtcp_sk(rq->listener)->defer_accept)
		return false;
	if (!rq->acked)
		rq->rtt = xtcp_child_rtt(rq, false, now);
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
			    const struct xtcp_arrival *in)
{
	struct sock *child = xtcp_child_new(rq, in->seg, in->now);

	if (!child) {
		xtcp_sk_count(rq->listener, ListenDrops);
		return NULL;
	}
	if (!xtcp_table_replace((struct sock *)rq, child)) {
		xtcp_child_discard(child);
		return NULL;
	}
	xtcp_request_replaced(rq);
	return child;
}

/* The child is in the table: process the segment, and queue the child. */
static void child_deliver(struct xtcp_request *rq, struct sock *child,
			  const struct xtcp_arrival *in)
	__releases(&child->sk_lock.slock)
{
	const struct xtcp_segment *seg = in->seg;
	struct sk_buff *skb = in->skb;

	xtcp_established(child, xtcp_child_syn_ack_late(child, seg) ?
				0 : rq->retrans);
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
	xtcp_child_queue(rq, child);
}

/*
 * The ACK that completes the handshake; not consumed.
 * Return: the child, locked; NULL if the accept queue is full, TCP_DEFER_ACCEPT
 * waits for data, or there is no memory.
 */
static struct sock *handshake_done(struct xtcp_request *rq,
				   const struct xtcp_arrival *in)
{
	struct net *net = xtcp_rq_net(rq);

	if (sk_acceptq_is_full(rq->listener)) {
		xtcp_count(net, ListenOverflows);
		if (xtcp_sysctl(net, abort_on_overflow)) {
			xtcp_count(net, EmbryonicRsts);
			xtcp_reset_sock(rq->listener, in->skb, in->t, in->seg,
					XTCP_RESET_OVERFLOW);
			xtcp_request_end(rq, XTCP_EV_CLOSE);
		}
		return NULL;
	}
	if (!rq->acked)
		xtcp_ecn_handshake_ack(&rq->ecn, in->seg);
	if (waits_for_data(rq, in->seg, in->now)) {
		rq->ecn.skip_ace = 0;
		return NULL;
	}
	xtcp_request_reflect_label(rq, in->skb);
	return promote(rq, in);
}

/* Fill in the variables that xtcp_arrives() checks (RFC 9293 3.10.7.4). */
static void request_tcb(const struct xtcp_request *rq, u64 now,
			struct xtcp_tcb *tcb)
{
	memset(tcb, 0, sizeof(*tcb));
	tcb->iss = rq->iss;
	tcb->irs = rq->irs;
	xtcp_tcb_start_send(tcb, rq->iss);
	/* The SYN-ACK is sent, and not acknowledged. */
	tcb->snd_nxt++;
	xtcp_tcb_start_receive(tcb, rq->irs + 1, rq->rcv_wnd);
	tcb->ts_ok = rq->ts_ok;
	tcb->ts_recent = rq->ts_recent;
	tcb->ts_recent_stamp = xtcp_seconds(now);
}

static void request_ack(struct sock *sk, const struct xtcp_arrival *in)
{
	xtcp_request_answer(xtcp_rq(sk), in);
}

static void request_aborted(struct sock *sk, const struct xtcp_arrival *in)
{
	xtcp_count(sock_net(sk), RstRcvdSynRcvd);
	xtcp_request_end(xtcp_rq(sk), XTCP_EV_RCV_RST);
}

static void request_reopened(struct sock *sk, const struct xtcp_arrival *in)
{
	xtcp_request_end(xtcp_rq(sk), XTCP_EV_RCV_SYN);
}

static void request_reset(struct sock *sk, const struct xtcp_arrival *in)
{
	xtcp_count(sock_net(sk), EmbryonicRsts);
	xtcp_reset_sock(xtcp_rq(sk)->listener, in->skb, in->t, in->seg,
			XTCP_RESET_SYN_RCVD);
}

static const struct xtcp_refusals request_refusals = {
	.ack = request_ack,
	.challenge = request_ack,
	.aborted = request_aborted,
	.reset = request_reset,
	.reopen = request_reopened,
};

/* Return: the child, locked, if @in completes the handshake; else NULL. */
static struct sock *request_validate(struct xtcp_request *rq,
				     const struct xtcp_arrival *in)
{
	enum xtcp_verdict verdict;
	struct xtcp_tcb tcb;
	enum xtcp_why why;

	request_tcb(rq, in->now, &tcb);
	verdict = xtcp_arrives(&tcb, XTCP_SYN_RCVD_PASSIVE, in->seg,
			       xtcp_seconds(in->now), &why);
	if (verdict == XTCP_ACCEPT)
		return handshake_done(rq, in);
	xtcp_refuse(&request_refusals, (struct sock *)rq, verdict, why, in);
	return NULL;
}

/*
 * Pass the segment to @child, if request_validate() returned one; else free it.
 * @rq is unlocked by now.
 */
static void request_deliver(struct xtcp_request *rq, struct sock *child,
			    const struct xtcp_arrival *in)
{
	if (child) {
		/* promote() returned it locked. */
		__acquire(&child->sk_lock.slock);
		child_deliver(rq, child, in);
	} else {
		kfree_skb(in->skb);
	}
}

/* Retransmitted SYN: resend the SYN-ACK without waiting for the timer. */
static bool request_is_retrans_syn(const struct xtcp_request *rq,
				   const struct xtcp_segment *seg)
{
	return (seg->flags & (XTCP_SYN | XTCP_ACK | XTCP_RST | XTCP_FIN)) ==
	       XTCP_SYN && seg->seq == rq->irs;
}

/*
 * RFC 9768 3.1.5: SYNs for both kinds of ECN in one handshake. Reset: neither
 * end can know which one the other has accepted.
 */
static void reset_ecn_conflict(struct xtcp_request *rq,
			       const struct xtcp_arrival *in)
{
	struct net *net = xtcp_rq_net(rq);

	xtcp_count(net, EmbryonicRsts);
	xtcp_reset_sock(rq->listener, in->skb, in->t, in->seg, XTCP_RESET_ECN);
	xtcp_request_end(rq, XTCP_EV_CLOSE);
}

/*
 * A SYN may be answered with a cookie, and its retransmission with the SYN-ACK
 * of a request. The ACK may then acknowledge the cookie instead of the
 * request's ISN: it is accepted, too (RFC 4987 3.6).
 * Return: the peer's MSS, bytes; 0 if @in does not bring a cookie.
 */
static u16 acks_cookie(const struct xtcp_request *rq,
		       const struct xtcp_arrival *in)
{
	const struct xtcp_segment *seg = in->seg;

	if ((seg->flags & (XTCP_ACK | XTCP_SYN | XTCP_RST)) != XTCP_ACK ||
	    seg->ack == rq->iss + 1)
		return 0;
	return xtcp_syncookie_check(rq->listener, in->t, seg, in->now);
}

/**
 * xtcp_request_restore() - restore the request of a SYN cookie
 * @listener: not locked
 * @in: the ACK that acknowledges the cookie; it is processed as for any
 *	request, and consumed
 * @mss: of xtcp_syncookie_check(), bytes
 *
 * Context: softirq, RCU read side.
 */
void xtcp_request_restore(struct sock *listener, const struct xtcp_arrival *in,
			  u16 mss)
{
	struct xtcp_request *rq = xtcp_request_prepare(listener, in);
	struct sock *child;

	if (!rq) {
		xtcp_count(sock_net(listener), ListenDrops);
		kfree_skb(in->skb);
		return;
	}
	xtcp_syncookie_restore(rq, in->seg, mss);
	xtcp_request_window(rq);
	spin_lock_bh(&rq->lock);
	child = xtcp_request_publish(rq) ? request_validate(rq, in) : NULL;
	if (!child)
		xtcp_request_end(rq, XTCP_EV_CLOSE);
	spin_unlock_bh(&rq->lock);
	request_deliver(rq, child, in);
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
	struct xtcp_arrival in = {
		.skb = skb,
		.t = t,
		.seg = seg,
		.now = ktime_get_ns(),
	};
	struct sock *listener = rq->listener;
	struct sock *child = NULL;
	u16 mss;

	spin_lock_bh(&rq->lock);
	if (hlist_nulls_unhashed(&rq->c.skc_nulls_node))
		goto out;
	mss = acks_cookie(rq, &in);
	if (mss) {
		xtcp_request_end(rq, XTCP_EV_CLOSE);
		spin_unlock_bh(&rq->lock);
		xtcp_request_restore(listener, &in, mss);
		return;
	}
	if (request_is_retrans_syn(rq, seg)) {
		if (!xtcp_ecn_rcv_syn_retrans(&rq->ecn, seg)) {
			reset_ecn_conflict(rq, &in);
			goto out;
		}
		if (xtcp_answer_allowed(xtcp_rq_net(rq), &rq->last_oow, in.now))
			xtcp_synack_again(rq);
		goto out;
	}
	child = request_validate(rq, &in);
out:
	spin_unlock_bh(&rq->lock);
	request_deliver(rq, child, &in);
}
