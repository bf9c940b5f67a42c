/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors that quote a segment of ours (RFC 9293 3.9.2.2, RFC 5927).
 */
#ifndef XTCP_ICMP_H
#define XTCP_ICMP_H

#include "base/sock.h"

/**
 * struct xtcp_icmp - an ICMP error about a segment of ours
 * @tuple: the addresses of the quoted segment; laddr is its source
 * @seq: the sequence number of the quoted segment
 * @offset: of the quoted TCP header from the quoted IP header, bytes
 * @info: the MTU (bytes), the pointer, or the value that the type defines
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
