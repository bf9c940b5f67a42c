// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that are sent without a socket: RSTs, SYN-ACKs, and the ACKs of
 * requests and TIME-WAIT entries.
 */
#include <linux/netdevice.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "base/trace.h"
#include "core/arrive.h"
#include "ip.h"

/* Set skb->sk. The packet holds a reference, but its memory is not charged. */
static void set_owner(struct sk_buff *skb, const struct sock *sk)
{
	skb->sk = (struct sock *)sk;
	sock_hold(skb->sk);
	skb->destructor = sock_efree;
}

/**
 * xtcp_flow_send() - send a segment without payload on a flow
 * @flow: addresses and IP parameters
 * @dst: the route, whose reference is consumed; NULL to look it up
 * @out: the segment; hdr_len is filled in from its options
 *
 * Context: softirq or process with BH off.
 * Return: 0; -ENOBUFS if there is no memory, or during the quiet time after
 * loading (RFC 9293 3.4.3); or a negative errno of the route lookup or of IP.
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
	if (flow->hash)
		skb_set_hash(skb, flow->hash, PKT_HASH_TYPE_L4);
	if (flow->set_owner)
		set_owner(skb, flow->sk);
	skb->protocol = htons(af->family == AF_INET ? ETH_P_IP : ETH_P_IPV6);

	xtcp_count(flow->net, OutSegs);
	trace_xtcp_send(flow->net, t, out);
	err = af->flow_xmit(flow, dst, skb);
	return net_xmit_eval(err);
drop:
	dst_release(IS_ERR_OR_NULL(dst) ? NULL : dst);
	return -ENOBUFS;
}

static u32 reply_mark(const struct net *net, const struct sk_buff *skb,
		      const struct xtcp_af *af)
{
	return af->family == AF_INET ? IP4_REPLY_MARK(net, skb->mark) :
				       IP6_REPLY_MARK(net, skb->mark);
}

/**
 * xtcp_flow_answer() - set the fields of a reply that depend on the segment
 * @flow: net and tuple are set; mark and oif are those of the replying socket,
 *	and are kept unless the segment determines them; secid is set
 * @skb: the segment that is answered, with its IP header
 *
 * Context: RCU read side.
 */
void xtcp_flow_answer(struct xtcp_flow *flow, const struct sk_buff *skb)
{
	const struct xtcp_tuple *t = flow->tuple;
	const struct xtcp_af *af = xtcp_af_of(&t->laddr);
	struct flowi_common common = {};

	flow->mark = reply_mark(flow->net, skb, af) ?: flow->mark;
	if (!flow->oif) {
		/* A link-local peer is on the interface of its packet. */
		if (ipv6_addr_type(&t->raddr) & IPV6_ADDR_LINKLOCAL)
			flow->oif = t->dif;
		/* The route to a peer in a VRF is in the VRF's table. */
		else if (netif_index_is_l3_master(flow->net, skb->skb_iif))
			flow->oif = skb->skb_iif;
	}
	security_skb_classify_flow((struct sk_buff *)skb, &common);
	flow->secid = common.flowic_secid;
}

/**
 * xtcp_reset_flow() - answer a segment with RST on a flow
 * @flow: net and tuple, and the fields of the socket or TIME-WAIT entry, if
 *	there is one; the fields that depend on the segment are set here
 * @skb: the segment that is answered, with its IP header
 * @seg: the same segment, parsed; no RST is sent if it is a RST itself
 * @reason: for the trace
 *
 * The RST has the DSCP of the segment.
 *
 * Source: RFC 9293 3.10.7.1, 3.5.2.
 * Context: softirq or process with BH off, RCU read side.
 */
void xtcp_reset_flow(struct xtcp_flow *flow, const struct sk_buff *skb,
		     const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason)
{
	const struct xtcp_af *af = xtcp_af_of(&flow->tuple->laddr);
	struct xtcp_segment rst;

	if (seg->flags & XTCP_RST)
		return;
	flow->tos = xtcp_ip_dsfield(skb, af) & ~INET_ECN_MASK;
	/*
	 * The segment was delivered to this address, so the RST may have it as
	 * source even if it is not local (TPROXY).
	 */
	flow->transparent = true;
	xtcp_flow_answer(flow, skb);
	xtcp_reset_reply(seg, &rst);
	trace_xtcp_reset(flow->net, flow->tuple, reason);
	xtcp_count(flow->net, OutRsts);
	xtcp_flow_send(flow, NULL, &rst);
}

/**
 * xtcp_reset_send() - answer a segment that has no socket with RST
 * @net: namespace
 * @skb: the segment, with its IP header
 * @t: its addresses
 * @seg: the same segment, parsed; no RST is sent if it is a RST itself
 * @reason: for the trace
 *
 * Context: RCU read side.
 */
void xtcp_reset_send(struct net *net, const struct sk_buff *skb,
		     const struct xtcp_tuple *t,
		     const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason)
{
	struct xtcp_flow flow = { .net = net, .tuple = t };

	if (xtcp_af_of(&t->laddr)->family == AF_INET6 &&
	    (READ_ONCE(net->ipv6.sysctl.flowlabel_reflect) &
	     FLOWLABEL_REFLECT_TCP_RESET))
		flow.label = ip6_flowlabel(ipv6_hdr(skb));
	xtcp_reset_flow(&flow, skb, seg, reason);
}

/**
 * xtcp_reset_sock() - answer a segment for a listener or a connection with RST
 * @sk: a listener, the listener of a request, or a connected socket; the caller
 *	has a reference or is under RCU; a listener is not locked
 * @skb: the segment, with its IP header
 * @t: its addresses
 * @seg: the same segment, parsed; no RST is sent if it is a RST itself
 * @reason: for the trace
 *
 * Context: RCU read side.
 */
void xtcp_reset_sock(const struct sock *sk, const struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason)
{
	struct xtcp_flow flow = {
		.net = sock_net(sk),
		.tuple = t,
		.sk = sk,
		.oif = READ_ONCE(sk->sk_bound_dev_if),
		.mark = READ_ONCE(sk->sk_mark),
		.priority = READ_ONCE(sk->sk_priority),
		.hash = sk->sk_txhash,
	};

	if (xtcp_af_of(&t->laddr)->family == AF_INET6 && xtcp_repflow(sk))
		flow.label = ip6_flowlabel(ipv6_hdr(skb));
	xtcp_reset_flow(&flow, skb, seg, reason);
}
