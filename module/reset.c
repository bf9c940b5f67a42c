// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that leave without a socket.
 */
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/ip.h>

#include "core/arrive.h"
#include "reset.h"
#include "trace.h"

/**
 * xtcp_flow_send() - send a segment without payload on a flow
 * @flow: where to
 * @dst: its route, a reference that is consumed, or NULL to look it up
 * @out: the segment; hdr_len is filled in from its options
 *
 * Context: softirq or process with BH off. Return: 0 or a negative errno.
 */
int xtcp_flow_send(const struct xtcp_flow *flow, struct dst_entry *dst,
		   struct xtcp_segment *out)
{
	const struct xtcp_tuple *t = flow->tuple;
	const struct xtcp_af *af = xtcp_af_of(&t->laddr);
	struct sk_buff *skb;
	int err;

	if (ktime_get_ns() < xtcp_net(flow->net)->quiet_until)
		goto drop;
	if (!dst)
		dst = af->flow_route(flow);
	if (IS_ERR(dst))
		return PTR_ERR(dst);

	skb = alloc_skb(MAX_HEADER + sizeof(struct ipv6hdr) + XTCP_HDR_MAX,
			GFP_ATOMIC);
	if (!skb)
		goto drop;
	skb_reserve(skb, MAX_HEADER + sizeof(struct ipv6hdr) + XTCP_HDR_MAX);

	out->hdr_len = XTCP_HDR_MIN + xtcp_options_len(&out->opt);
	skb_push(skb, out->hdr_len);
	skb_reset_transport_header(skb);
	xtcp_header_write(skb->data, ntohs(t->lport), ntohs(t->rport), out);
	xtcp_options_write(skb->data + XTCP_HDR_MIN, &out->opt);
	af->check(skb, &t->laddr, &t->raddr);
	skb->protocol = htons(af->family == AF_INET ? ETH_P_IP : ETH_P_IPV6);

	xtcp_count(flow->net, OutSegs);
	trace_xtcp_send(flow->net, t, out);
	err = af->flow_xmit(flow, dst, skb);
	return net_xmit_eval(err);
drop:
	dst_release(IS_ERR_OR_NULL(dst) ? NULL : dst);
	return -ENOBUFS;
}

/**
 * xtcp_reset_send() - answer a segment that matches nothing with RST
 * @net: namespace
 * @skb: the segment, for its mark; may be NULL
 * @t: its addresses
 * @seg: parsed; nothing is sent if it is a RST itself
 * @reason: for the trace
 *
 * Source: RFC 9293 3.10.7.1, 3.5.2.
 */
void xtcp_reset_send(struct net *net, const struct sk_buff *skb,
		     const struct xtcp_tuple *t,
		     const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason)
{
	struct xtcp_flow flow = {
		.net = net,
		.tuple = t,
		.mark = skb ? IP4_REPLY_MARK(net, skb->mark) : 0,
		/* It was delivered to that address, whosever it is. */
		.transparent = true,
	};
	struct xtcp_segment rst;

	if (seg->flags & XTCP_RST)
		return;
	/* A link-local peer can only be reached by the way it came. */
	if (ipv6_addr_type(&t->raddr) & IPV6_ADDR_LINKLOCAL)
		flow.oif = t->dif;
	xtcp_reset_reply(seg, &rst);
	trace_xtcp_reset(net, t, reason);
	xtcp_count(net, OutRsts);
	xtcp_flow_send(&flow, NULL, &rst);
}

/**
 * xtcp_answer_allowed() - may an out-of-window segment be answered now
 * @net: namespace
 * @last: when the connection last did, ns; updated
 * @now: ns of ktime_get()
 *
 * Two ends that find each other's segments unacceptable must not answer for
 * ever: one ACK per connection and invalid_ratelimit.
 */
bool xtcp_answer_allowed(struct net *net, u64 *last, u64 now)
{
	u64 gap = xtcp_sysctl(net, invalid_ratelimit) * NSEC_PER_MSEC;

	if (*last && now - *last < gap) {
		xtcp_count(net, SkippedOowAck);
		return false;
	}
	*last = now;
	return true;
}
