/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP output: the differences of IPv4 and IPv6 (ipv4.c, ipv6.c), routes
 * (route.c), and replies without a socket (reply.c).
 */
#ifndef XTCP_IP_H
#define XTCP_IP_H

#include <net/dsfield.h>
#include <net/inet_ecn.h>

#include "base/reason.h"
#include "base/sock.h"

/**
 * struct xtcp_flow - IP parameters of a segment that is sent without a socket
 * @net: namespace
 * @tuple: the addresses as we see them: laddr is the source, raddr the
 *	destination
 * @sk: the listener or socket whose uid and IPsec policy the route lookup uses;
 *	NULL if there is none
 * @oif: output interface, 0 for any
 * @mark: SO_MARK
 * @priority: SO_PRIORITY
 * @hash: flow hash, for queues and automatic flow labels; 0 for the hash of the
 *	addresses
 * @secid: label of the security module, for IPsec policies
 * @label: IPv6 flow label, 0 for an automatic one
 * @tos: DSCP and ECN bits
 * @ttl: hop limit, 0 for that of the route
 * @transparent: laddr may be an address that is not local (IP_TRANSPARENT)
 * @use_sk_options: IPv6: send it like a segment of @sk: with the extension
 *	headers of @sk, and an automatic flow label if @sk has that enabled
 * @set_owner: set skb->sk to @sk, so that firewalls and cgroups know the owner
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
	bool use_sk_options;
	bool set_owner;
};

/**
 * struct xtcp_af - IPv4 or IPv6
 * @family: AF_INET or AF_INET6
 * @header_len: of the IP header, bytes
 * @mss_default: for a peer that sends no MSS option, bytes
 * @mtu_min: the smallest path MTU that is accepted from ICMP, bytes (RFC 791
 *	3.2, RFC 8200 5)
 * @gso_type: SKB_GSO_TCPV4 or SKB_GSO_TCPV6
 * @route: look up the route of a connected socket and store it in sk_dst_cache;
 *	socket lock held; returns 0 or a negative errno
 * @xmit: send a segment of a socket with the given IP-ECN field; skb->data is
 *	the TCP header, the checksum CHECKSUM_PARTIAL; consumes the segment;
 *	socket lock held; returns 0, a negative errno or NET_XMIT_*
 * @ext_len: bytes that the socket's IP options or extension headers add to each
 *	packet; RCU read side
 * @flow_take: copy to a flow what a user has set on the socket: tos, ttl,
 *	label, priority and transparent; writes no other field
 * @flow_route: look up the route of a flow; returns it with a reference, or
 *	ERR_PTR
 * @flow_xmit: send a segment on such a route; consumes segment and route;
 *	returns as @xmit
 * @check: write the pseudo-header checksum for CHECKSUM_PARTIAL
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
 * xtcp_af_of() - the IP version on the wire, by an address
 * @addr: ::ffff:a.b.c.d for IPv4
 *
 * Return: the functions of IPv4 for a mapped address, else those of IPv6.
 */
static inline const struct xtcp_af *xtcp_af_of(const struct in6_addr *addr)
{
	return ipv6_addr_v4mapped(addr) ? &xtcp_ipv4 : &xtcp_ipv6;
}

/**
 * xtcp_ip_dsfield() - the DSCP and IP-ECN fields of a received packet
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
 * xtcp_ip_ecn() - the IP-ECN field of a received packet
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
 * xtcp_scope_id() - the interface index in an IPv6 address
 * @sin6: the address
 * @len: its length, bytes; in the format of RFC 2133 it ends before
 *	sin6_scope_id
 *
 * Return: the index, 0 if the address has none.
 */
static inline u32 xtcp_scope_id(const struct sockaddr_in6 *sin6, int len)
{
	return len < (int)sizeof(*sin6) ? 0 : sin6->sin6_scope_id;
}

bool xtcp_ipv6_enabled(void);

/* route.c */
struct dst_entry *xtcp_dst(struct sock *sk);
void xtcp_route_attributes(struct sock *sk, const struct dst_entry *dst);
u32 xtcp_route_window(const struct sock *sk, const struct dst_entry *dst,
		      u32 window);
u32 xtcp_route_window_max(const struct sock *sk, const struct dst_entry *dst);
u32 xtcp_route_first_window(const struct dst_entry *dst, u16 mss, bool ts_ok,
			    u32 space);
bool xtcp_route_quickack(const struct sock *sk);
u16 xtcp_mss_advertise(const struct xtcp_af *af, const struct dst_entry *dst,
		       u16 user_mss);

/* reply.c: RSTs, and the ACKs of TIME-WAIT entries and requests */
void xtcp_reset_send(struct net *net, const struct sk_buff *skb,
		     const struct xtcp_tuple *t,
		     const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason);
void xtcp_reset_sock(const struct sock *sk, const struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason);
void xtcp_reset_flow(struct xtcp_flow *flow, const struct sk_buff *skb,
		     const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason);
void xtcp_flow_answer(struct xtcp_flow *flow, const struct sk_buff *skb);
int xtcp_flow_send(const struct xtcp_flow *flow, struct dst_entry *dst,
		   struct xtcp_segment *out);

#endif /* XTCP_IP_H */
