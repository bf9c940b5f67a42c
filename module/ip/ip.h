/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out by IP: what differs between IPv4 and IPv6 (ipv4.c, ipv6.c), routes,
 * and answers without a socket.
 */
#ifndef XTCP_IP_H
#define XTCP_IP_H

#include <net/dsfield.h>
#include <net/inet_ecn.h>

#include "base/reason.h"
#include "base/sock.h"

/**
 * struct xtcp_flow - where a segment without a socket goes
 * @net: namespace
 * @tuple: its addresses as we see them: it leaves from laddr to raddr
 * @sk: the listener or socket that it is routed for: its uid, its IPsec
 *	policy; NULL if there is none
 * @oif: interface it must leave by, 0 for any
 * @mark: SO_MARK
 * @priority: SO_PRIORITY
 * @hash: of the flow, for queues and automatic flow labels; 0 for that of the
 *	addresses
 * @secid: the label of a security module, for IPsec policies
 * @label: IPv6 flow label, 0 for an automatic one
 * @tos: DSCP and ECN bits
 * @ttl: hop limit, 0 for the route's
 * @transparent: laddr may be somebody else's (IP_TRANSPARENT)
 * @as_socket: it leaves as what @sk sends itself: with its IPv6 extension
 *	headers, and an automatic flow label if it wants one
 * @owned: skb->sk is @sk, so that firewalls and cgroups know its owner
 */
struct xtcp_flow {
	struct net *net;
	const struct xtcp_tuple *tuple;
	const struct sock *sk;
	int oif;
	u32 mark;
	u32 priority;
	u32 hash;
	u32 secid;
	__be32 label;
	u8 tos;
	u8 ttl;
	bool transparent;
	bool as_socket;
	bool owned;
};

/**
 * struct xtcp_af - IPv4 or IPv6
 * @family: AF_INET or AF_INET6
 * @header_len: of the IP header, bytes
 * @mss_default: for a peer that sends no MSS option, bytes
 * @mtu_min: the smallest path MTU that is believed, bytes
 * @gso_type: SKB_GSO_TCPV4 or SKB_GSO_TCPV6
 * @route: find a connected socket's route and keep it in sk_dst_cache;
 *	socket lock held; 0 or errno
 * @xmit: send a segment of a socket, from its TCP header on, checksum partial,
 *	with an IP-ECN field; consumes it; errno or NET_XMIT_*
 * @ext_len: bytes that a socket's options add to each IP header; RCU read side
 * @flow_take: what a socket's user asked of IP, for what is sent in its name;
 *	writes only to tos, ttl, label, priority and transparent
 * @flow_route: a route with a reference, or ERR_PTR
 * @flow_xmit: send a segment on such a route; consumes both
 * @check: write the pseudo-header's sum for CHECKSUM_PARTIAL
 */
struct xtcp_af {
	u16 family;
	u16 header_len;
	u16 mss_default;
	u16 mtu_min;
	int gso_type;
	int (*route)(struct sock *sk);
	int (*xmit)(struct sock *sk, struct sk_buff *skb, u8 ecn);
	u32 (*ext_len)(const struct sock *sk);
	void (*flow_take)(const struct sock *sk, struct xtcp_flow *flow);
	struct dst_entry *(*flow_route)(const struct xtcp_flow *flow);
	int (*flow_xmit)(const struct xtcp_flow *flow, struct dst_entry *dst,
			 struct sk_buff *skb);
	void (*check)(struct sk_buff *skb, const struct in6_addr *laddr,
		      const struct in6_addr *raddr);
};

extern const struct xtcp_af xtcp_ipv4;
extern const struct xtcp_af xtcp_ipv6;

/**
 * xtcp_af_of() - by the address: which IP is on the wire
 * @addr: ::ffff:a.b.c.d for IPv4
 *
 * Return: the functions of IPv4 for a mapped address, else those of IPv6.
 */
static inline const struct xtcp_af *xtcp_af_of(const struct in6_addr *addr)
{
	return ipv6_addr_v4mapped(addr) ? &xtcp_ipv4 : &xtcp_ipv6;
}

/**
 * xtcp_ip_dsfield() - the DSCP and IP-ECN field that a packet came with
 * @skb: the packet, its network header set
 * @af: IPv4 or IPv6
 *
 * Return: the whole byte.
 */
static inline u8 xtcp_ip_dsfield(const struct sk_buff *skb,
				 const struct xtcp_af *af)
{
	return af->family == AF_INET ? ipv4_get_dsfield(ip_hdr(skb)) :
				       ipv6_get_dsfield(ipv6_hdr(skb));
}

/**
 * xtcp_ip_ecn() - the IP-ECN field that a packet came with
 * @skb: the packet, its network header set
 * @af: IPv4 or IPv6
 *
 * Return: INET_ECN_NOT_ECT, INET_ECN_ECT_0, INET_ECN_ECT_1 or INET_ECN_CE.
 */
static inline u8 xtcp_ip_ecn(const struct sk_buff *skb,
			     const struct xtcp_af *af)
{
	return INET_ECN_MASK & xtcp_ip_dsfield(skb, af);
}

/**
 * xtcp_scope_id() - the interface that an address names
 * @sin6: the address
 * @len: its length; of RFC 2133 it ends before sin6_scope_id
 *
 * Return: its index, 0 if the address names none.
 */
static inline u32 xtcp_scope_id(const struct sockaddr_in6 *sin6, int len)
{
	return len < (int)sizeof(*sin6) ? 0 : sin6->sin6_scope_id;
}

bool xtcp_ipv6_enabled(void);

/* route.c */
struct dst_entry *xtcp_dst(struct sock *sk);
u16 xtcp_mss_advertise(const struct xtcp_af *af, const struct dst_entry *dst,
		       u16 user_mss);

/* reply.c: RST for what belongs to nobody, ACKs of TIME-WAIT and of requests */
void xtcp_reset_send(struct net *net, const struct sk_buff *skb,
		     const struct xtcp_tuple *t,
		     const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason);
void xtcp_reset_of(const struct sock *sk, const struct sk_buff *skb,
		   const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		   enum xtcp_reset_reason reason);
void xtcp_reset_flow(struct xtcp_flow *flow, const struct sk_buff *skb,
		     const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason);
void xtcp_flow_answer(struct xtcp_flow *flow, const struct sk_buff *skb);
int xtcp_flow_send(const struct xtcp_flow *flow, struct dst_entry *dst,
		   struct xtcp_segment *out);

#endif /* XTCP_IP_H */
