// SPDX-License-Identifier: GPL-2.0
/*
 * XTCP over IPv4: output routes and the IP header.
 */
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/route.h>

#include "ip.h"

static int v4_route(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 fl4;
	struct rtable *rt;

	flowi4_init_output(&fl4, sk->sk_bound_dev_if, READ_ONCE(sk->sk_mark),
			   ip_sock_rt_tos(sk), ip_sock_rt_scope(sk),
			   IPPROTO_TCP, inet_sk_flowi_flags(sk),
			   inet->inet_daddr, inet->inet_saddr,
			   inet->inet_dport, inet->inet_sport, sk->sk_uid);
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt)) {
		xtcp_count(sock_net(sk), RouteFailed);
		return PTR_ERR(rt);
	}
	sk_setup_caps(sk, &rt->dst);
	return 0;
}

static void v4_header(struct net *net, struct sock *sk, struct sk_buff *skb,
		      __be32 saddr, __be32 daddr, u8 tos, u8 ttl, bool df)
{
	struct iphdr *iph;

	memset(skb->cb, 0, sizeof(struct inet_skb_parm));
	skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	*(__be16 *)iph = htons((4 << 12) | (5 << 8) | tos);
	iph->frag_off = df && !skb->ignore_df ? htons(IP_DF) : 0;
	iph->ttl = ttl;
	iph->protocol = IPPROTO_TCP;
	iph->saddr = saddr;
	iph->daddr = daddr;
	ip_select_ident_segs(net, skb, sk, skb_shinfo(skb)->gso_segs ?: 1);
}

static u8 ttl_of(const struct sock *sk, const struct dst_entry *dst)
{
	int ttl = READ_ONCE(inet_sk(sk)->uc_ttl);

	return ttl < 0 ? ip4_dst_hoplimit(dst) : ttl;
}

static int v4_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	struct inet_sock *inet = inet_sk(sk);
	struct net *net = sock_net(sk);
	struct dst_entry *dst;
	int err;

	rcu_read_lock();
	dst = xtcp_dst(sk);
	if (IS_ERR(dst)) {
		rcu_read_unlock();
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb_dst_set_noref(skb, dst);
	v4_header(net, sk, skb, inet->inet_saddr, inet->inet_daddr,
		  (READ_ONCE(inet->tos) & ~INET_ECN_MASK) | ecn,
		  ttl_of(sk, dst),
		  ip_dont_fragment(sk, dst));
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
	err = ip_local_out(net, sk, skb);
	rcu_read_unlock();
	return err;
}

/* XTCP sends no IP options. */
static u32 v4_ext_len(const struct sock *sk)
{
	return 0;
}

static void v4_flow_take(const struct sock *sk, struct xtcp_flow *flow)
{
	const struct inet_sock *inet = inet_sk(sk);
	int ttl = READ_ONCE(inet->uc_ttl);

	flow->tos = READ_ONCE(inet->tos) & ~INET_ECN_MASK;
	flow->ttl = ttl < 0 ? 0 : ttl;
	flow->label = 0;
	flow->priority = READ_ONCE(sk->sk_priority);
	flow->transparent = inet_sk_flowi_flags(sk);
}

static struct dst_entry *v4_flow_route(const struct xtcp_flow *flow)
{
	const struct xtcp_tuple *t = flow->tuple;
	struct flowi4 fl4;
	struct rtable *rt;

	flowi4_init_output(&fl4, flow->oif, flow->mark,
			   flow->tos & ~INET_ECN_MASK, RT_SCOPE_UNIVERSE,
			   IPPROTO_TCP,
			   flow->transparent ? FLOWI_FLAG_ANYSRC : 0,
			   t->raddr.s6_addr32[3],
			   t->laddr.s6_addr32[3], t->rport, t->lport,
			   sock_net_uid(flow->net, flow->sk));
	fl4.flowi4_secid = flow->secid;
	rt = ip_route_output_flow(flow->net, &fl4, flow->sk);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	/* MUST-63: the peer has a broadcast or multicast address: no reply. */
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-ENETUNREACH);
	}
	return &rt->dst;
}

static int v4_flow_xmit(const struct xtcp_flow *flow, struct dst_entry *dst,
			struct sk_buff *skb)
{
	const struct xtcp_tuple *t = flow->tuple;

	skb_dst_set(skb, dst);
	v4_header(flow->net, NULL, skb, t->laddr.s6_addr32[3],
		  t->raddr.s6_addr32[3], flow->tos,
		  flow->ttl ?: ip4_dst_hoplimit(dst), true);
	skb->priority = flow->priority;
	skb->mark = flow->mark;
	return ip_local_out(flow->net, skb->sk, skb);
}

static void v4_check(struct sk_buff *skb, const struct in6_addr *laddr,
		     const struct in6_addr *raddr)
{
	tcp_hdr(skb)->check = ~csum_tcpudp_magic(laddr->s6_addr32[3],
						 raddr->s6_addr32[3],
						 skb->len, IPPROTO_TCP, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

const struct xtcp_af xtcp_ipv4 = {
	.family = AF_INET,
	.header_len = sizeof(struct iphdr),
	.mss_default = XTCP_MSS_DEFAULT_V4,
	.mtu_min = 68,
	.gso_type = SKB_GSO_TCPV4,
	.route = v4_route,
	.xmit = v4_xmit,
	.ext_len = v4_ext_len,
	.flow_take = v4_flow_take,
	.flow_route = v4_flow_route,
	.flow_xmit = v4_flow_xmit,
	.check = v4_check,
};
