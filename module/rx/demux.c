// SPDX-License-Identifier: GPL-2.0
/*
 * Demultiplexing: find the socket of a packet, in this order:
 *
 * 1. connections of XTCP, with requests and TIME-WAIT;
 * 2. connections of the kernel's TCP;
 * 3. addresses and ports that a program has bound in XTCP: the listener, or
 *    RST;
 * 4. all other packets go to the kernel's TCP.
 */
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/xfrm.h>

#include "base/trace.h"
#include "conn/conn.h"
#include "demux.h"
#include "open/open.h"
#include "table/table.h"

/* MUST-3: a segment with a wrong checksum is discarded. */
static bool checksum_ok(struct sk_buff *skb, const struct xtcp_af *af)
{
	if (af->family == AF_INET) {
		if (skb_checksum_init(skb, IPPROTO_TCP, inet_compute_pseudo))
			return false;
	} else {
		if (skb_checksum_init(skb, IPPROTO_TCP, ip6_compute_pseudo))
			return false;
	}
	return !skb_checksum_complete(skb);
}

static bool header_ok(struct xtcp_net *xn, struct sk_buff *skb,
		      const struct xtcp_af *af, struct xtcp_segment *seg)
{
	u32 hdr_len = ((struct tcphdr *)skb->data)->doff * 4;

	if (hdr_len < XTCP_HDR_MIN || !pskb_may_pull(skb, hdr_len)) {
		xtcp_net_count(xn, BadHeader);
		xtcp_net_count(xn, InErrs);
		return false;
	}
	switch (xtcp_segment_parse(skb->data, skb_headlen(skb), skb->len,
				   seg)) {
	case XTCP_PARSE_OK:
		seg->ecn = xtcp_ip_ecn(skb, af);
		return true;
	case XTCP_PARSE_OPTION:
		xtcp_net_count(xn, BadOption);
		break;
	default:
		xtcp_net_count(xn, BadHeader);
		break;
	}
	xtcp_net_count(xn, InErrs);
	return false;
}

static bool segment_ok(struct xtcp_net *xn, struct sk_buff *skb,
		       const struct xtcp_af *af, struct xtcp_segment *seg)
{
	xtcp_net_count_n(xn, InSegs, max_t(u16, 1, skb_shinfo(skb)->gso_segs));
	if (!checksum_ok(skb, af)) {
		xtcp_net_count(xn, InCsumErrors);
		xtcp_net_count(xn, InErrs);
		return false;
	}
	if (!header_ok(xn, skb, af, seg))
		return false;
	skb_reset_transport_header(skb);
	return true;
}

static bool policy_allows(struct sock *sk, struct sk_buff *skb,
			  const struct xtcp_af *af)
{
	if (af->family == AF_INET)
		return xfrm4_policy_check(sk, XFRM_POLICY_IN, skb);
	return xfrm6_policy_check(sk, XFRM_POLICY_IN, skb);
}

/*
 * GTSM (RFC 5082): drop if TTL < IP_MINTTL, or hop limit < IPV6_MINHOPCOUNT.
 */
static bool ttl_ok(const struct sock *sk, const struct sk_buff *skb,
		   const struct xtcp_af *af)
{
	if (af->family == AF_INET)
		return ip_hdr(skb)->ttl >= READ_ONCE(inet_sk(sk)->min_ttl);
	return ipv6_hdr(skb)->hop_limit >=
	       READ_ONCE(inet6_sk(sk)->min_hopcount);
}

/*
 * The checks of a socket: GTSM, IPsec policy and socket filter. A filter may
 * trim the payload; then the header is parsed again.
 */
static bool socket_allows(struct sock *sk, struct sk_buff *skb,
			  const struct xtcp_af *af, struct xtcp_segment *seg)
{
	u32 len = skb->len;

	if (unlikely(!ttl_ok(sk, skb, af))) {
		xtcp_count(sock_net(sk), MinTTLDrop);
		return false;
	}
	if (!policy_allows(sk, skb, af))
		return false;
	nf_reset_ct(skb);
	if (sk_filter_trim_cap(sk, skb, seg->hdr_len)) {
		xtcp_count(sock_net(sk), FilterDrop);
		return false;
	}
	return skb->len == len || header_ok(xtcp_sk(sk)->xn, skb, af, seg);
}

static void to_socket(struct sock *sk, struct sk_buff *skb,
		      const struct xtcp_af *af, struct xtcp_segment *seg)
{
	struct net *net = sock_net(sk);
	u64 limit;

	if (!socket_allows(sk, skb, af, seg)) {
		kfree_skb(skb);
		return;
	}
	skb_dst_drop(skb);
	skb->dev = NULL;

	sk_incoming_cpu_update(sk);
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk)) {
		xtcp_input(sk, skb, seg);
	} else {
		/*
		 * Room for the data that the peer may have in flight, and for
		 * ACKs. A processed segment counts until the whole backlog is
		 * empty, and also in the receive queue: hence twice sk_rcvbuf.
		 */
		limit = 2 * (u64)READ_ONCE(sk->sk_rcvbuf) +
			READ_ONCE(sk->sk_sndbuf) + 64 * 1024;
		if (sk_add_backlog(sk, skb, min_t(u64, limit, UINT_MAX))) {
			xtcp_count(net, BacklogDrop);
			kfree_skb(skb);
		}
	}
	bh_unlock_sock(sk);
}

static void to_request(struct sock *sk, struct sk_buff *skb,
		       const struct xtcp_tuple *t, const struct xtcp_af *af,
		       struct xtcp_segment *seg)
{
	struct xtcp_request *rq = xtcp_rq(sk);

	if (!socket_allows(rq->listener, skb, af, seg)) {
		kfree_skb(skb);
		return;
	}
	xtcp_request_rcv(rq, skb, t, seg);
}

static void to_listener(struct sock *sk, struct sk_buff *skb,
			const struct xtcp_tuple *t, const struct xtcp_af *af,
			struct xtcp_segment *seg, u32 iss)
{
	if (!socket_allows(sk, skb, af, seg)) {
		kfree_skb(skb);
		return;
	}
	xtcp_listen_rcv(sk, skb, t, seg, iss);
}

/*
 * RFC 9293 3.10.7.1: SEGMENT ARRIVES in CLOSED. A segment that the IPsec policy
 * forbids gets no RST.
 */
static void to_closed(struct net *net, struct sk_buff *skb,
		      const struct xtcp_tuple *t, const struct xtcp_af *af,
		      const struct xtcp_segment *seg)
{
	bool allowed = policy_allows(NULL, skb, af);

	xtcp_count(net, ClosedPort);
	if (allowed && !(seg->flags & XTCP_RST))
		xtcp_reset_send(net, skb, t, seg, XTCP_RESET_CLOSED);
	kfree_skb(skb);
}

/*
 * Is the segment for a listener of the kernel's TCP in a VRF? If
 * tcp_l3mdev_accept is 0, a hold without a device does not prevent the kernel's
 * TCP from binding the port in a VRF.
 */
static bool kernel_serves_vrf(struct net *net, const struct xtcp_tuple *t)
{
	return t->sdif && !READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept) &&
	       xtcp_kernel_listens(net, t);
}

/*
 * XTCP answers a segment that belongs to none of its connections if a program
 * has bound the destination in XTCP. Exception: segments of connections of the
 * kernel's TCP, which may still exist after a server has moved to XTCP.
 */
static bool is_for_xtcp(struct net *net, const struct sk_buff *skb,
			const struct xtcp_tuple *t)
{
	/* Early demux, a TPROXY rule or BPF has assigned a socket already. */
	if (skb->sk)
		return false;
	return xtcp_hold_matches(net, t) && !xtcp_kernel_owns(net, t) &&
	       !kernel_serves_vrf(net, t);
}

/*
 * A segment that belongs to no connection of XTCP.
 * Return: false if it is for the kernel's TCP; then @skb is untouched.
 */
static bool rcv_no_connection(struct net *net, struct sk_buff *skb,
			      const struct xtcp_tuple *t,
			      const struct xtcp_af *af)
{
	struct xtcp_segment seg;
	struct sock *sk;

	if (!is_for_xtcp(net, skb, t))
		return false;
	sk = xtcp_listen_lookup(net, t);
	if (!segment_ok(xtcp_net(net), skb, af, &seg)) {
		kfree_skb(skb);
		return true;
	}
	trace_xtcp_receive(net, t, &seg);
	if (sk)
		to_listener(xtcp_listen_pick(sk, skb, t), skb, t, af, &seg, 0);
	else
		to_closed(net, skb, t, af, &seg);
	return true;
}

/*
 * A segment for a TIME-WAIT entry.
 * Return: false if it is a SYN that opens a new connection (RFC 9293 MAY-2)
 * with the kernel's TCP, which has the only listener of the port. The entry is
 * removed then, and @skb is not consumed.
 */
static bool to_timewait(struct sock *sk, struct sk_buff *skb,
			const struct xtcp_tuple *t, const struct xtcp_af *af,
			struct xtcp_segment *seg)
{
	struct net *net = sock_net(sk);
	struct sock *listener = NULL;
	u32 iss = 0;

	if (!policy_allows(NULL, skb, af)) {
		kfree_skb(skb);
		return true;
	}
	if (seg->flags & XTCP_SYN)
		listener = xtcp_listen_lookup(net, t);
	if ((seg->flags & XTCP_SYN) && !listener &&
	    !xtcp_hold_matches(net, t) &&
	    xtcp_kernel_listens(net, t) && xtcp_tw_yield(xtcp_tw(sk), seg))
		return false;
	nf_reset_ct(skb);
	if (xtcp_tw_rcv(xtcp_tw(sk), skb, t, seg, listener ? &iss : NULL) ==
	    XTCP_TW_LISTEN)
		to_listener(xtcp_listen_pick(listener, skb, t), skb, t, af,
			    seg, iss);
	else
		kfree_skb(skb);
	return true;
}

/*
 * The namespace of an entry: a socket has a pointer to it, requests and
 * TIME-WAIT entries do not.
 */
static struct xtcp_net *net_of_entry(struct sock *sk)
{
	bool small = sk->sk_state == TCP_NEW_SYN_RECV ||
		     sk->sk_state == TCP_TIME_WAIT;

	return small ? xtcp_net(sock_net(sk)) : xtcp_sk(sk)->xn;
}

/**
 * xtcp_demux() - deliver a packet, if it is for XTCP
 * @skb: skb->data is the TCP header, whose fixed part is linear
 * @t: its addresses
 * @af: IPv4 or IPv6
 *
 * Context: softirq, RCU read side.
 * Return: true if @skb was consumed; false if it is for the kernel's TCP.
 */
bool xtcp_demux(struct sk_buff *skb, const struct xtcp_tuple *t,
		const struct xtcp_af *af)
{
	struct net *net = dev_net(skb->dev);
	struct xtcp_segment seg;
	bool taken = true;
	struct sock *sk;

	/* MUST-57: XTCP does not answer link-layer broadcast or multicast. */
	if (skb->pkt_type != PACKET_HOST)
		return false;

	sk = xtcp_table_lookup(net, t);
	if (!sk)
		return rcv_no_connection(net, skb, t, af);

	if (!segment_ok(net_of_entry(sk), skb, af, &seg)) {
		xtcp_entry_put(sk);
		kfree_skb(skb);
		return true;
	}
	trace_xtcp_receive(net, t, &seg);
	if (sk->sk_state == TCP_NEW_SYN_RECV)
		to_request(sk, skb, t, af, &seg);
	else if (sk->sk_state == TCP_TIME_WAIT)
		taken = to_timewait(sk, skb, t, af, &seg);
	else
		to_socket(sk, skb, af, &seg);
	xtcp_entry_put(sk);
	return taken;
}
