/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests: request.c has the object and its timer, synack.c its segments
 * (synack.h), admission.c creates it, handshake.c turns it into a socket.
 */
#ifndef XTCP_OPEN_REQUEST_H
#define XTCP_OPEN_REQUEST_H

#include "conn/conn.h"

/* request.c */
struct xtcp_request *xtcp_request_prepare(struct sock *listener,
					  const struct xtcp_arrival *in);
void xtcp_request_discard(struct xtcp_request *rq);
void xtcp_request_window(struct xtcp_request *rq);
bool xtcp_request_publish(struct xtcp_request *rq);
void xtcp_request_arm(struct xtcp_request *rq);
void xtcp_request_end(struct xtcp_request *rq, u8 event);
void xtcp_request_replaced(struct xtcp_request *rq);
void xtcp_request_reflect_label(struct xtcp_request *rq,
				const struct sk_buff *skb);

/* handshake.c */
void xtcp_request_restore(struct sock *listener, const struct xtcp_arrival *in,
			  u16 mss);

#endif /* XTCP_OPEN_REQUEST_H */
