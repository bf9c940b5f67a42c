// SPDX-License-Identifier: GPL-2.0
/*
 * The receive path: XTCP replaces the handlers of the kernel's TCP for IPv4 and
 * IPv6, and passes on to them the packets that are not for XTCP.
 */
#include <linux/icmp.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/protocol.h>
#include <net/route.h>

#include "demux.h"
#include "icmp.h"
#include "rx.h"
#include "table/table.h"

/*
 * Can a packet be for XTCP, by its port? skb->data is the TCP header. Inline:
 * this is all that a packet of the kernel's TCP costs.
 */
static __always_inline bool may_be_ours(struct sk_buff *skb)
{
	return pskb_may_pull(skb, sizeof(struct tcphdr)) &&
	       xtcp_port_in_use(((struct tcphdr *)skb->data)->dest);
}

/*
 * Parse the first 8 bytes of the TCP header that an ICMP error quotes: ports
 * and sequence number. @offset as in struct xtcp_icmp.
 */
static void quoted(const struct tcphdr *th, u32 offset, struct xtcp_icmp *err)
{
	err->tuple.lport = th->source;
	err->tuple.rport = th->dest;
	err->seq = ntohl(th->seq);
	err->offset = offset;
}

/* IPv4 */

static const struct net_protocol *kernel_tcp;

static void v4_tuple(struct sk_buff *skb, struct xtcp_tuple *t)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = (const struct tcphdr *)skb->data;

	ipv6_addr_set_v4mapped(iph->daddr, &t->laddr);
	ipv6_addr_set_v4mapped(iph->saddr, &t->raddr);
	t->lport = th->dest;
	t->rport = th->source;
	t->dif = inet_iif(skb);
	t->sdif = inet_sdif(skb);
}

/* Not inline: its stack frame would slow down the kernel's TCP. */
static noinline int v4_rcv_ours(struct sk_buff *skb)
{
	struct xtcp_tuple t;

	/* MUST-57: XTCP does not answer IP broadcast or multicast. */
	if (skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return kernel_tcp->handler(skb);
	v4_tuple(skb, &t);
	if (xtcp_demux(skb, &t, &xtcp_ipv4))
		return 0;
	return kernel_tcp->handler(skb);
}

static int v4_rcv(struct sk_buff *skb)
{
	if (may_be_ours(skb))
		return v4_rcv_ours(skb);
	return kernel_tcp->handler(skb);
}

/* skb->data is the IP header that an ICMP error quotes. */
static int v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th;
	struct xtcp_icmp err;

	if (!pskb_may_pull(skb, (iph->ihl << 2) + 8))
		return 0;
	iph = (const struct iphdr *)skb->data;
	th = (const struct tcphdr *)(skb->data + (iph->ihl << 2));
	if (!xtcp_port_in_use(th->source))
		return kernel_tcp->err_handler(skb, info);

	ipv6_addr_set_v4mapped(iph->saddr, &err.tuple.laddr);
	ipv6_addr_set_v4mapped(iph->daddr, &err.tuple.raddr);
	err.tuple.dif = inet_iif(skb);
	err.tuple.sdif = 0;
	quoted(th, iph->ihl << 2, &err);
	err.type = icmp_hdr(skb)->type;
	err.code = icmp_hdr(skb)->code;
	err.info = info;
	if (xtcp_icmp_v4(dev_net(skb->dev), skb, &err))
		return 0;
	return kernel_tcp->err_handler(skb, info);
}

static struct net_protocol v4_protocol = {
	.handler = v4_rcv,
	.err_handler = v4_err,
};

/*
 * Return: 0; -ENOENT if the kernel has no TCP; -EBUSY if another module changes
 * the handler at the same time.
 */
static int v4_begin(void)
{
	const struct net_protocol **slot;

	slot = (const struct net_protocol **)&inet_protos[IPPROTO_TCP];
	kernel_tcp = READ_ONCE(*slot);
	if (!kernel_tcp)
		return -ENOENT;
	v4_protocol.no_policy = kernel_tcp->no_policy;
	v4_protocol.icmp_strict_tag_validation =
		kernel_tcp->icmp_strict_tag_validation;
	if (cmpxchg(slot, kernel_tcp, &v4_protocol) != kernel_tcp)
		return -EBUSY;
	return 0;
}

/* Restore the handler, and wait until no CPU runs v4_rcv() or v4_err(). */
static void v4_end(void)
{
	const struct net_protocol **slot;

	slot = (const struct net_protocol **)&inet_protos[IPPROTO_TCP];
	WARN_ON(cmpxchg(slot, &v4_protocol, kernel_tcp) != &v4_protocol);
	synchronize_net();
}

/* IPv6 */

static const struct inet6_protocol *kernel_tcp6;

static noinline int v6_rcv_ours(struct sk_buff *skb)
{
	const struct tcphdr *th = (const struct tcphdr *)skb->data;
	const struct ipv6hdr *hdr = ipv6_hdr(skb);
	struct xtcp_tuple t;

	t.laddr = hdr->daddr;
	t.raddr = hdr->saddr;
	t.lport = th->dest;
	t.rport = th->source;
	t.dif = inet6_iif(skb);
	t.sdif = inet6_sdif(skb);
	/*
	 * IPv4-mapped addresses are not valid on the wire (RFC 4942 2.2), and
	 * XTCP does not answer multicast (MUST-57).
	 */
	if (!ipv6_addr_is_multicast(&t.laddr) &&
	    !ipv6_addr_v4mapped(&t.raddr) && !ipv6_addr_v4mapped(&t.laddr) &&
	    xtcp_demux(skb, &t, &xtcp_ipv6))
		return 0;
	return kernel_tcp6->handler(skb);
}

static int v6_rcv(struct sk_buff *skb)
{
	if (may_be_ours(skb))
		return v6_rcv_ours(skb);
	return kernel_tcp6->handler(skb);
}

/* skb->data is the IPv6 header that an ICMP error quotes. */
static int v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt,
		  u8 type, u8 code, int offset, __be32 info)
{
	const struct ipv6hdr *hdr = (const struct ipv6hdr *)skb->data;
	const struct tcphdr *th;
	struct xtcp_icmp err;

	if (!pskb_may_pull(skb, offset + 8))
		return 0;
	hdr = (const struct ipv6hdr *)skb->data;
	th = (const struct tcphdr *)(skb->data + offset);
	/*
	 * XTCP sent no IPv6 packet with IPv4-mapped addresses: a connection
	 * with these addresses is over IPv4, and may be an AF_INET socket
	 * without the IPv6 fields.
	 */
	if (xtcp_port_in_use(th->source) && !ipv6_addr_v4mapped(&hdr->saddr) &&
	    !ipv6_addr_v4mapped(&hdr->daddr)) {
		err.tuple.laddr = hdr->saddr;
		err.tuple.raddr = hdr->daddr;
		err.tuple.dif = skb->dev->ifindex;
		err.tuple.sdif = inet6_sdif(skb);
		quoted(th, offset, &err);
		err.type = type;
		err.code = code;
		err.info = ntohl(info);
		if (xtcp_icmp_v6(dev_net(skb->dev), skb, &err))
			return 0;
	}
	return kernel_tcp6->err_handler(skb, opt, type, code, offset, info);
}

static struct inet6_protocol v6_protocol = {
	.handler = v6_rcv,
	.err_handler = v6_err,
};

/* Return: 0, also if the kernel has no IPv6; -EBUSY as v4_begin(). */
static int v6_begin(void)
{
	const struct inet6_protocol **slot;

	slot = (const struct inet6_protocol **)&inet6_protos[IPPROTO_TCP];
	kernel_tcp6 = READ_ONCE(*slot);
	if (!kernel_tcp6)
		return 0;
	v6_protocol.flags = kernel_tcp6->flags;
	if (cmpxchg(slot, kernel_tcp6, &v6_protocol) != kernel_tcp6)
		return -EBUSY;
	return 0;
}

static void v6_end(void)
{
	const struct inet6_protocol **slot;

	if (!kernel_tcp6)
		return;
	slot = (const struct inet6_protocol **)&inet6_protos[IPPROTO_TCP];
	WARN_ON(cmpxchg(slot, &v6_protocol, kernel_tcp6) != &v6_protocol);
	synchronize_net();
}

/**
 * xtcp_inet_init() - replace the handlers of the kernel's TCP
 *
 * Context: process; sleeps.
 * Return: 0; -ENOENT if the kernel has no TCP; -EBUSY if another module changes
 * a handler at the same time.
 */
int xtcp_inet_init(void)
{
	int err = v4_begin();

	if (err)
		return err;
	err = v6_begin();
	if (err)
		v4_end();
	return err;
}

/**
 * xtcp_inet_exit() - restore the handlers of the kernel's TCP
 *
 * Waits until no CPU runs a handler of XTCP any more.
 *
 * Context: process; sleeps.
 */
void xtcp_inet_exit(void)
{
	v6_end();
	v4_end();
}
