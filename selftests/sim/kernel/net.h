/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Namespaces, routes and addresses: one namespace with the settings of the
 * scenario, and one route per socket with the MTU of the scenario.
 */
#ifndef XTCP_SIM_NET_H
#define XTCP_SIM_NET_H

#include "basics.h"

struct sock;
struct sk_buff;

struct net {
	struct {
		u32 inum;
	} ns;
};

extern struct net init_net;
extern void *sim_net_generic;	/* struct xtcp_net */

static inline void *net_generic(const struct net *net, unsigned int id)
{
	(void)net;
	(void)id;
	return sim_net_generic;
}

struct dst_entry;

struct dst_ops {
	void (*update_pmtu)(struct dst_entry *dst, struct sock *sk,
			    struct sk_buff *skb, u32 mtu, bool confirm);
};

struct dst_entry {
	const struct dst_ops *ops;
	u32 mtu;
};

static inline u32 dst_mtu(const struct dst_entry *dst)
{
	return dst->mtu;
}

static inline u32 dst_metric_advmss(const struct dst_entry *dst)
{
	return dst->mtu - 40;
}

/* Routes have no attributes besides their MTU. */
enum {
	RTAX_RTO_MIN,
	RTAX_INITRWND,
	RTAX_QUICKACK,
	RTAX_INITCWND,
	RTAX_SSTHRESH,
	RTAX_CWND,
	RTAX_RTT,
	RTAX_RTTVAR,
	RTAX_REORDERING,
	RTAX_WINDOW,
};

static inline u32 dst_metric(const struct dst_entry *dst, int metric)
{
	(void)dst;
	(void)metric;
	return 0;
}

#define dst_metric_locked(dst, metric)	dst_metric(dst, metric)

static inline bool ipv6_addr_v4mapped(const struct in6_addr *addr)
{
	return IN6_IS_ADDR_V4MAPPED(addr);
}

static inline void ipv6_addr_set_v4mapped(__be32 addr, struct in6_addr *v4mapped)
{
	memset(v4mapped, 0, sizeof(*v4mapped));
	v4mapped->s6_addr32[2] = htonl(0xffff);
	v4mapped->s6_addr32[3] = addr;
}

/* ip.h and input.c read the IP-ECN field; the simulator passes it instead. */
#define INET_ECN_MASK		3
#define ip_hdr(skb)		(skb)
#define ipv6_hdr(skb)		(skb)
#define ipv4_get_dsfield(skb)	((skb)->dsfield)
#define ipv6_get_dsfield(skb)	((skb)->dsfield)

#define MAX_HEADER		176
#define ETH_P_IP		0x0800
#define ETH_P_IPV6		0x86dd

struct ipv6hdr {
	u8 bytes[40];
};

#endif /* XTCP_SIM_NET_H */
