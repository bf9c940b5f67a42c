// SPDX-License-Identifier: GPL-2.0
/*
 * 6.2: ip_icmp_error() and ipv6_icmp_error() are exported. They put an ICMP
 * error on a socket's error queue. This file has replacements for older
 * kernels.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>

static void queue_error(struct sock *sk, struct sk_buff *skb,
			const struct sock_extended_err *ee, u16 addr_offset,
			__be16 port, u8 *payload)
{
	struct sock_exterr_skb *serr;

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee = *ee;
	serr->addr_offset = addr_offset;
	serr->port = port;
	if (!skb_pull(skb, payload - skb->data))
		goto drop;
	skb_reset_transport_header(skb);
	if (!sock_queue_err_skb(sk, skb))
		return;
drop:
	kfree_skb(skb);
}

void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err,
		   __be16 port, u32 info, u8 *payload)
{
	struct iphdr *quoted = (struct iphdr *)(icmp_hdr(skb) + 1);
	struct sock_extended_err ee = {
		.ee_errno = err,
		.ee_origin = SO_EE_ORIGIN_ICMP,
		.ee_type = icmp_hdr(skb)->type,
		.ee_code = icmp_hdr(skb)->code,
		.ee_info = info,
	};

	queue_error(sk, skb, &ee,
		    (u8 *)&quoted->daddr - skb_network_header(skb), port,
		    payload);
}

void ipv6_icmp_error(struct sock *sk, struct sk_buff *skb, int err,
		     __be16 port, u32 info, u8 *payload)
{
	struct ipv6hdr *quoted = (struct ipv6hdr *)(icmp6_hdr(skb) + 1);
	struct sock_extended_err ee = {
		.ee_errno = err,
		.ee_origin = SO_EE_ORIGIN_ICMP6,
		.ee_type = icmp6_hdr(skb)->icmp6_type,
		.ee_code = icmp6_hdr(skb)->icmp6_code,
		.ee_info = info,
	};

	queue_error(sk, skb, &ee,
		    (u8 *)&quoted->daddr - skb_network_header(skb), port,
		    payload);
}

#endif
