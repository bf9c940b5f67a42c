/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Input of segments (RFC 9293 3.10.7): input.c validates a segment and runs the
 * checks in order, ack.c processes its acknowledgment, receive.c its data, its
 * urgent pointer and its FIN.
 */
#ifndef XTCP_INPUT_H
#define XTCP_INPUT_H

#include "base/sock.h"

/* ack.c */
void xtcp_ack(struct sock *sk, const struct xtcp_segment *seg);
void xtcp_syn_acked(struct sock *sk, const struct xtcp_segment *seg);
void xtcp_sndbuf_expand(struct sock *sk);

/* receive.c */
bool xtcp_receive(struct sock *sk, struct sk_buff *skb,
		  const struct xtcp_segment *seg);
void xtcp_urgent(struct sock *sk, struct sk_buff *skb,
		 const struct xtcp_segment *seg);

#endif /* XTCP_INPUT_H */
