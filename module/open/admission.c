// SPDX-License-Identifier: GPL-2.0
/*
 * Segments for a listener (RFC 9293 3.10.7.2). A SYN creates a request, or a
 * socket by Fast Open, or is answered with a SYN cookie, or is dropped.
 */
#include <net/dst.h>

#include "base/isn.h"
#include "base/trace.h"
#include "child.h"
#include "core/window.h"
#include "ip/ip.h"
#include "listen.h"
#include "open.h"
#include "request.h"
#include "synack.h"
#include "syncookie.h"
#include "table/table.h"

/* Decision on a SYN: keep a request, answer with a SYN cookie, or drop it. */
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
 *	the SYN queue is full: the peer's address is verified already, and our
 *	ISN must be above the old sequence numbers, which a cookie does not
 *	ensure.
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

static void take_syn_options(struct xtcp_request *rq,
			     const struct xtcp_segment *seg)
{
	const struct xtcp_options *opt = &seg->opt;

	rq->irs = seg->seq;
	rq->peer_mss = opt->has_mss ? opt->mss : rq->af->mss_default;
	rq->uto = opt->has_uto ? opt->uto : 0;
	rq->sack_ok = opt->sack_perm && xtcp_sk_sysctl(rq->listener, sack);
	rq->ts_ok = opt->has_ts && xtcp_sk_sysctl(rq->listener, timestamps);
	rq->ts_recent = opt->tsval;
	rq->wscale_ok = opt->has_wscale && xtcp_sk_sysctl(rq->listener, window_scaling);
	if (rq->wscale_ok)
		rq->snd_wscale = min_t(u8, opt->wscale, XTCP_WSCALE_MAX);
	rq->snd_wnd = seg->wnd;
	xtcp_request_window(rq);
}

/* A route may enable ECN, whatever the sysctl (ip-route(8), features). */
static void request_negotiate_ecn(struct xtcp_request *rq,
				  const struct xtcp_segment *seg)
{
	u8 want = xtcp_ecn_policy(xtcp_sk_sysctl(rq->listener, ecn), false);

	if (want == XTCP_ECN_OFF && dst_feature(rq->dst, RTAX_FEATURE_ECN))
		want = XTCP_ECN_CLASSIC;
	rq->ecn.want = want;
	rq->ecn.all_ect = xtcp_sk_sysctl(rq->listener, ecn_generalized);
	xtcp_ecn_rcv_syn(&rq->ecn, seg);
}

/* Stateless: free the request once the cookie is sent. */
static void answer_with_cookie(struct xtcp_request *rq,
			       const struct xtcp_arrival *in)
{
	xtcp_syncookie_make(rq, in->t, in->now);
	xtcp_synack_send(rq, NULL);
	xtcp_request_discard(rq);
}

/* @cookie: for Fast Open. Return: false if the tuple is taken. */
static bool answer_and_keep(struct xtcp_request *rq,
			    const struct xtcp_fo_cookie *cookie)
{
	bool ok;

	spin_lock_bh(&rq->lock);
	ok = xtcp_request_publish(rq);
	if (!ok)
		goto out;
	if (xtcp_listen_link(rq)) {
		xtcp_synack_send(rq, cookie);
		xtcp_request_arm(rq);
	} else {
		xtcp_request_end(rq, XTCP_EV_CLOSE);
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

	xtcp_tcb_start_send(tcb, tcb->iss);
	/* The SYN-ACK is queued, but not sent yet. */
	tcb->write_seq++;
	/* The window of a SYN is never scaled (RFC 7323 2.2). */
	tcb->snd_wnd = seg->wnd;
	tcb->max_snd_wnd = max_t(u32, seg->wnd, 1);
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = tcb->iss;
}

/* Return: a child, locked and in the table; NULL: no memory, or tuple taken. */
static struct sock *fast_child(struct xtcp_request *rq,
			       const struct xtcp_arrival *in)
{
	struct sock *child = xtcp_child_new(rq, in->seg, in->now);

	if (!child)
		return NULL;
	before_syn(child, in->seg);
	xtcp_sk(child)->fo.passive = true;
	if (xtcp_syn_prepare(child) || xtcp_table_insert(child, NULL)) {
		xtcp_child_discard(child);
		return NULL;
	}
	return child;
}

/* Deliver the data first: the SYN-ACK, sent afterwards, acknowledges it. */
static void fast_deliver(struct xtcp_request *rq, struct sock *child,
			 const struct xtcp_arrival *in)
	__releases(&child->sk_lock.slock)
{
	const struct xtcp_segment *seg = in->seg;
	struct sk_buff *skb = in->skb;

	xtcp_established(child, 0);
	security_inet_conn_established(child, skb);
	if (seg->len) {
		__skb_pull(skb, seg->hdr_len);
		skb_dst_drop(skb);
		skb->dev = NULL;
		xtcp_process_data(child, skb, seg);
		/* The SYN-ACK is the ACK of this data. */
		xtcp_sk(child)->ato.delay = 0;
		xtcp_sk(child)->ato.quick = 0;
		xtcp_sk(child)->fo.data_acked =
			xtcp_sk(child)->tcb.rcv_nxt != seg->seq + 1;
	} else {
		kfree_skb(skb);
	}
	xtcp_state_fast_open(child);
	xtcp_child_queue(rq, child);
}

/*
 * Fast Open: accept() returns a connection in SYN-RECEIVED, with the data of
 * the SYN. @fresh is a new cookie for the client, or NULL.
 *
 * Source: RFC 7413 4.2.2. Return: false if there is no memory or the tuple is
 * taken; then the segment is not consumed.
 */
static bool open_fast(struct xtcp_request *rq, const struct xtcp_arrival *in,
		      const struct xtcp_fo_cookie *fresh)
{
	struct net *net = xtcp_rq_net(rq);
	struct sock *child = fast_child(rq, in);

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
	fast_deliver(rq, child, in);
	return true;
}

/* SEGMENT ARRIVES in LISTEN */

/*
 * A SYN without ACK, RST and FIN for a listener; consumed. @iss is our initial
 * sequence number if the SYN has ended a TIME-WAIT entry, otherwise 0.
 *
 * Data on the SYN is delivered only by Fast Open. Otherwise it is not
 * acknowledged, and the peer retransmits it.
 *
 * Source: RFC 9293 3.10.7.2, third. Context: softirq, RCU read side.
 */
static void take_new_syn(struct sock *listener, const struct xtcp_arrival *in,
			 u32 iss)
{
	struct net *net = sock_net(listener);
	enum admission admission = admit(listener, iss);
	struct xtcp_fo_cookie cookie;
	struct xtcp_request *rq;
	u8 answer;

	if (admission == ADMIT_NOT)
		goto drop;
	rq = xtcp_request_prepare(listener, in);
	if (!rq)
		goto drop;
	take_syn_options(rq, in->seg);
	if (admission == ADMIT_COOKIE) {
		answer_with_cookie(rq, in);
		goto free;
	}
	request_negotiate_ecn(rq, in->seg);
	rq->iss = iss ?: xtcp_isn(net, in->t, in->now);
	answer = xtcp_fastopen_check(listener, rq->dst, in->t, in->seg,
				     &cookie);
	if (answer >= XTCP_FO_OPEN &&
	    open_fast(rq, in, answer == XTCP_FO_OPEN_GIVE ? &cookie : NULL)) {
		xtcp_request_discard(rq);
		return;
	}
	if (answer_and_keep(rq, &cookie))
		goto free;
drop:
	xtcp_count(net, ListenDrops);
free:
	kfree_skb(in->skb);
}

/*
 * An ACK without RST for a listener: if it acknowledges a SYN cookie, restore
 * the request and process the ACK as for any request; it is consumed.
 *
 * If no child results, the request is dropped again. The peer's next segment
 * acknowledges the cookie again.
 *
 * Return: false if it is a stray ACK.
 * Source: RFC 4987 3.6. Context: softirq, RCU read side.
 */
static bool cookie_restore(struct sock *listener,
			   const struct xtcp_arrival *in)
{
	u16 mss = xtcp_syncookie_check(listener, in->t, in->seg, in->now);

	if (mss)
		xtcp_request_restore(listener, in, mss);
	return mss;
}

/**
 * xtcp_listen_rcv() - SEGMENT ARRIVES in LISTEN
 * @sk: the listener, not locked
 * @skb: the segment; consumed
 * @t: its addresses
 * @seg: parsed; the checksum is correct
 * @iss: initial sequence number to use if the SYN has ended a TIME-WAIT entry,
 *	else 0
 *
 * Source: RFC 9293 3.10.7.2.
 * Context: softirq, RCU read side.
 */
void xtcp_listen_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     u32 iss)
{
	struct xtcp_arrival in = {
		.skb = skb,
		.t = t,
		.seg = seg,
		.now = ktime_get_ns(),
	};
	struct net *net = sock_net(sk);

	/* First: ignore RST. */
	if (seg->flags & XTCP_RST)
		goto drop;
	/* Second: reset any ACK that does not acknowledge a SYN cookie. */
	if (seg->flags & XTCP_ACK) {
		if (cookie_restore(sk, &in))
			return;
		xtcp_reset_sock(sk, skb, t, seg, XTCP_RESET_LISTEN_ACK);
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
	take_new_syn(sk, &in, iss);
	return;
drop:
	kfree_skb(skb);
}
