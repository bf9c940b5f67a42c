// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that a request sends: the SYN-ACK, and ACKs for unacceptable
 * segments.
 */
#include <net/dst.h>
#include <net/inet_ecn.h>

#include "base/ratelimit.h"
#include "ip/ip.h"
#include "synack.h"
#include "syncookie.h"

/**
 * xtcp_request_flow() - describe the packets of a request
 * @rq: the request
 * @t: its addresses
 * @flow: set to route, owner and IP header fields of a SYN-ACK
 */
void xtcp_request_flow(const struct xtcp_request *rq,
		       const struct xtcp_tuple *t, struct xtcp_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	flow->net = xtcp_rq_net(rq);
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
	flow->use_sk_options = rq->af == &xtcp_ipv6;
	/* SYN flood: do not write the listener's refcount from all CPUs. */
	flow->set_owner = !rq->cookie;
}

static void synack_out(struct xtcp_request *rq, struct xtcp_segment *out)
{
	struct xtcp_tuple t;
	struct xtcp_flow flow;
	struct dst_entry *dst = rq->dst;

	xtcp_tuple_of((struct sock *)rq, &t);
	xtcp_request_flow(rq, &t, &flow);
	if (dst && dst->obsolete && !dst->ops->check(dst, 0))
		dst = NULL;
	if (dst)
		dst_hold(dst);
	xtcp_flow_send(&flow, dst, out);
}

/* Acknowledgment and timestamps of a segment of @rq. */
static void acknowledge(const struct xtcp_request *rq, struct xtcp_segment *out,
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
		xtcp_ecn_option_syn_ack(&rq->ecn, &out->opt,
					xtcp_sk_sysctl(rq->listener, ecn_option));
}

/**
 * xtcp_synack_send() - send the SYN-ACK of a request
 * @rq: the request, locked, or in no table
 * @cookie: Fast Open cookie, only in the first SYN-ACK (RFC 7413 4.2.2); NULL
 *	for none
 */
void xtcp_synack_send(struct xtcp_request *rq,
		      const struct xtcp_fo_cookie *cookie)
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
		out.opt.fastopen_exp = cookie->exp;
		out.opt.cookie_len = cookie->len;
		memcpy(out.opt.cookie, cookie->val, cookie->len);
	}
	acknowledge(rq, &out, now);
	syn_ack_ecn(rq, &out);
	rq->sent = now;
	if (!rq->first_sent)
		rq->first_sent = now;
	synack_out(rq, &out);
}

/**
 * xtcp_synack_again() - retransmit the SYN-ACK of a request
 * @rq: the request, locked
 */
void xtcp_synack_again(struct xtcp_request *rq)
{
	/* A new hash may select another path (net.core.txrehash). */
	if (rq->listener->sk_txrehash == SOCK_TXREHASH_ENABLED)
		rq->hash = net_tx_rndhash();
	rq->again = 1;
	xtcp_sk_count(rq->listener, RetransSegs);
	xtcp_synack_send(rq, NULL);
}

/**
 * xtcp_request_answer() - answer an unacceptable segment with an ACK
 * @rq: the request, locked
 * @in: the segment
 *
 * <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> (RFC 9293 3.10.7.4), rate limited. The
 * ACK copies the DSCP of the segment, and has the default hop limit and flow
 * label instead of the listener's.
 */
void xtcp_request_answer(struct xtcp_request *rq, const struct xtcp_arrival *in)
{
	struct xtcp_flow flow;
	struct xtcp_segment out = {
		.seq = rq->iss + 1,
		.flags = XTCP_ACK,
		.wnd = rq->rcv_wnd >> rq->rcv_wscale,
	};

	if (!xtcp_answer_allowed(xtcp_rq_net(rq), &rq->last_oow, in->now))
		return;
	acknowledge(rq, &out, in->now);
	xtcp_request_flow(rq, in->t, &flow);
	flow.use_sk_options = false;
	flow.set_owner = false;
	flow.label = 0;
	flow.ttl = 0;
	flow.tos = xtcp_ip_dsfield(in->skb, rq->af) & ~INET_ECN_MASK;
	xtcp_flow_answer(&flow, in->skb);
	xtcp_flow_send(&flow, NULL, &out);
}
