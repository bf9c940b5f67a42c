/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A request: a connection in SYN-RECEIVED that a listener got (passive open).
 * It is small, for anybody can make us keep one, and becomes a socket with the
 * ACK that completes the handshake.
 */
#ifndef XTCP_REQUEST_H
#define XTCP_REQUEST_H

#include "entry.h"

void xtcp_request_drop(struct xtcp_request *rq, u8 event);
bool xtcp_request_new(struct sock *listener, struct sk_buff *skb,
		      const struct xtcp_tuple *t,
		      const struct xtcp_segment *seg, u32 iss);
bool xtcp_request_revive(struct sock *listener, struct sk_buff *skb,
			 const struct xtcp_tuple *t,
			 const struct xtcp_segment *seg);
void xtcp_request_rcv(struct xtcp_request *rq, struct sk_buff *skb,
		      const struct xtcp_tuple *t,
		      const struct xtcp_segment *seg);

#endif /* XTCP_REQUEST_H */
