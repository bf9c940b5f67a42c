/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors that quote a segment of ours (RFC 9293 3.9.2.2, RFC 5927).
 */
#ifndef XTCP_ICMP_H
#define XTCP_ICMP_H

#include "base/sock.h"

/**
 * struct xtcp_icmp - an ICMP error about a segment of ours
 * @tuple: the quoted segment's addresses, laddr being its source
 * @seq: its sequence number
 * @offset: where its TCP header is, bytes from the quoted IP header
 * @info: MTU, pointer or what the type says
 * @type: ICMP or ICMPv6 type
 * @code: ICMP or ICMPv6 code
 */
struct xtcp_icmp {
	struct xtcp_tuple tuple;
	u32 seq;
	u32 offset;
	u32 info;
	u8 type;
	u8 code;
};

bool xtcp_icmp_v4(struct net *net, struct sk_buff *skb,
		  const struct xtcp_icmp *err);
bool xtcp_icmp_v6(struct net *net, struct sk_buff *skb,
		  const struct xtcp_icmp *err);

#endif /* XTCP_ICMP_H */
