/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments that leave without a socket: RST for what belongs to nobody, and
 * the ACKs of TIME-WAIT and of requests.
 */
#ifndef XTCP_REPLY_H
#define XTCP_REPLY_H

#include "af.h"
#include "base/reason.h"

struct xtcp_flow;

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

#endif /* XTCP_REPLY_H */
