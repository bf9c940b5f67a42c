/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A request: a connection in SYN-RECEIVED that a listener got (passive open).
 * It is small, for anybody can make us keep one, and becomes a socket with the
 * ACK that completes the handshake.
 */
#ifndef XTCP_REQUEST_H
#define XTCP_REQUEST_H

#include "base/entry.h"

void xtcp_request_drop(struct xtcp_request *rq, u8 event);
void xtcp_request_rcv(struct xtcp_request *rq, struct sk_buff *skb,
		      const struct xtcp_tuple *t,
		      const struct xtcp_segment *seg);
void xtcp_listen_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     u32 iss);

#endif /* XTCP_REQUEST_H */
