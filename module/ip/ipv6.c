// SPDX-License-Identifier: GPL-2.0
/*
 * XTCP over IPv6: output routes and the IP header.
 */
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/protocol.h>

#include "ip.h"

static void v6_flow(struct sock *sk, struct flowi6 *fl6)
{
	struct ipv6_pinfo *np = inet6_sk(sk);

	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = IPPROTO_TCP;
	fl6->daddr = sk->sk_v6_daddr;
	fl6->saddr = sk->sk_v6_rcv_saddr;
	fl6->flowlabel = np->flow_label;
	fl6->flowi6_oif = sk->sk_bound_dev_if;
	fl6->flowi6_mark = READ_ONCE(sk->sk_mark);
	fl6->fl6_sport = inet_sk(sk)->inet_sport;
	fl6->fl6_dport = inet_sk(sk)->inet_dport;
	fl6->flowi6_uid = sk->sk_uid;
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
}

static int v6_route(struct sock *sk)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct in6_addr *last, final;
	struct dst_entry *dst;
	struct flowi6 fl6;

	v6_flow(sk, &fl6);
	/* Routing rules may match the traffic class. */
	fl6.flowlabel = ip6_make_flowinfo(np->tclass, np->flow_label);
	/* With a routing header, the route is that to its first hop. */
	rcu_read_lock();
	last = fl6_update_dst(&fl6, rcu_dereference(np->opt), &final);
	rcu_read_unlock();
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, last);
	if (IS_ERR(dst)) {
		xtcp_count(sock_net(sk), RouteFailed);
		return PTR_ERR(dst);
	}
	if (ipv6_addr_any(&sk->sk_v6_rcv_saddr)) {
		sk->sk_v6_rcv_saddr = fl6.saddr;
		np->saddr = fl6.saddr;
	}
	np->dst_cookie = rt6_get_cookie(dst_rt6_info(dst));
	sk_setup_caps(sk, dst);
	return 0;
}

static int v6_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct dst_entry *dst;
	struct flowi6 fl6;
	int tclass, err;

	rcu_read_lock();
	dst = xtcp_dst(sk);
	if (IS_ERR(dst)) {
		rcu_read_unlock();
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	v6_flow(sk, &fl6);
	skb_dst_set_noref(skb, dst);
	memset(skb->cb, 0, sizeof(struct inet6_skb_parm));
	tclass = (READ_ONCE(np->tclass) & ~INET_ECN_MASK) | ecn;
	err = ip6_xmit(sk, skb, &fl6, READ_ONCE(sk->sk_mark),
		       rcu_dereference(np->opt), tclass,
		       READ_ONCE(sk->sk_priority));
	rcu_read_unlock();
	return net_xmit_eval(err);
}

static u32 v6_ext_len(const struct sock *sk)
{
	const struct ipv6_txoptions *opt = rcu_dereference(inet6_sk(sk)->opt);

	return opt ? opt->opt_flen + opt->opt_nflen : 0;
}

static void v6_flow_take(const struct sock *sk, struct xtcp_flow *flow)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	int ttl = np->hop_limit;

	flow->tos = READ_ONCE(np->tclass) & ~INET_ECN_MASK;
	flow->ttl = ttl < 0 ? 0 : ttl;
	flow->label = np->flow_label & IPV6_FLOWLABEL_MASK;
	flow->priority = READ_ONCE(sk->sk_priority);
	flow->transparent = inet_sk_flowi_flags(sk);
}

static void v6_flow_key(const struct xtcp_flow *flow, struct flowi6 *fl6)
{
	const struct xtcp_tuple *t = flow->tuple;

	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = IPPROTO_TCP;
	fl6->daddr = t->raddr;
	fl6->saddr = t->laddr;
	fl6->flowlabel = flow->label;
	fl6->flowi6_oif = flow->oif;
	fl6->flowi6_mark = flow->mark;
	fl6->flowi6_secid = flow->secid;
	fl6->fl6_sport = t->lport;
	fl6->fl6_dport = t->rport;
	fl6->flowi6_uid = sock_net_uid(flow->net, flow->sk);
}

/* The IPv6 extension headers of a socket. Context: RCU read side. */
static struct ipv6_txoptions *v6_options(const struct sock *sk)
{
	return rcu_dereference(inet6_sk(sk)->opt);
}

static struct dst_entry *v6_flow_route(const struct xtcp_flow *flow)
{
	struct in6_addr *last = NULL, final;
	struct dst_entry *dst;
	struct flowi6 fl6;

	v6_flow_key(flow, &fl6);
	rcu_read_lock();
	if (flow->use_sk_options)
		last = fl6_update_dst(&fl6, v6_options(flow->sk), &final);
	dst = ip6_dst_lookup_flow(flow->net, flow->sk, &fl6, last);
	rcu_read_unlock();
	return dst;
}

static int v6_flow_xmit(const struct xtcp_flow *flow, struct dst_entry *dst,
			struct sk_buff *skb)
{
	const struct xtcp_tuple *t = flow->tuple;
	struct ipv6hdr *hdr;
	struct flowi6 fl6;
	__be32 label;
	int err;

	memset(skb->cb, 0, sizeof(struct inet6_skb_parm));
	skb_dst_set(skb, dst);
	v6_flow_key(flow, &fl6);
	if (flow->use_sk_options) {
		rcu_read_lock();
		err = ip6_xmit(flow->sk, skb, &fl6, flow->mark,
			       v6_options(flow->sk), flow->tos,
			       flow->priority);
		rcu_read_unlock();
		return err;
	}
	label = ip6_make_flowlabel(flow->net, skb, flow->label,
				   ip6_default_np_autolabel(flow->net), &fl6);
	skb_push(skb, sizeof(*hdr));
	skb_reset_network_header(skb);
	hdr = ipv6_hdr(skb);
	ip6_flow_hdr(hdr, flow->tos, label);
	hdr->payload_len = htons(skb->len - sizeof(*hdr));
	hdr->nexthdr = IPPROTO_TCP;
	hdr->hop_limit = flow->ttl ?: ip6_dst_hoplimit(dst);
	hdr->saddr = t->laddr;
	hdr->daddr = t->raddr;
	skb->protocol = htons(ETH_P_IPV6);
	skb->priority = flow->priority;
	skb->mark = flow->mark;
	return ip6_local_out(flow->net, skb->sk, skb);
}

static void v6_check(struct sk_buff *skb, const struct in6_addr *laddr,
		     const struct in6_addr *raddr)
{
	tcp_hdr(skb)->check = ~csum_ipv6_magic(laddr, raddr, skb->len,
					       IPPROTO_TCP, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

const struct xtcp_af xtcp_ipv6 = {
	.family = AF_INET6,
	.header_len = sizeof(struct ipv6hdr),
	.mss_default = XTCP_MSS_DEFAULT_V6,
	.mtu_min = IPV6_MIN_MTU,
	.gso_type = SKB_GSO_TCPV6,
	.route = v6_route,
	.xmit = v6_xmit,
	.ext_len = v6_ext_len,
	.flow_take = v6_flow_take,
	.flow_route = v6_flow_route,
	.flow_xmit = v6_flow_xmit,
	.check = v6_check,
};

/**
 * xtcp_ipv6_enabled() - check whether this kernel has TCP over IPv6
 *
 * With ipv6.disable=1 on the kernel command line it has not.
 *
 * Return: true if it has.
 */
bool xtcp_ipv6_enabled(void)
{
	return rcu_access_pointer(inet6_protos[IPPROTO_TCP]);
}
