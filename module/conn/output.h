/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output of segments: transmit.c sends one segment, output.c decides when new data is sent.
 */
#ifndef XTCP_OUTPUT_H
#define XTCP_OUTPUT_H

#include "base/reason.h"
#include "base/sock.h"

/* transmit.c */
u32 xtcp_window_now(const struct sock *sk);
int xtcp_transmit(struct sock *sk, struct sk_buff *skb, bool retrans);
int xtcp_transmit_syn_data(struct sock *sk, struct sk_buff *syn,
			   struct sk_buff *data);
int xtcp_transmit_bare(struct sock *sk, u8 flags, u32 seq);
void xtcp_challenge_ack(struct sock *sk);
void xtcp_reset_peer(struct sock *sk, enum xtcp_reset_reason reason);

/* output.c */
void xtcp_syn_data_back(struct sock *sk);
void xtcp_fin_queue(struct sock *sk);
bool xtcp_probe_send(struct sock *sk);
u32 xtcp_piece(const struct sock *sk, const struct sk_buff *skb);
void xtcp_write_space(struct sock *sk);
bool xtcp_push_one(struct sock *sk);

#endif /* XTCP_OUTPUT_H */
