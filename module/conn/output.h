/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output of segments: wqueue.c is the write queue, transmit.c sends one segment,
 * output.c decides when new data is sent, recovery.c retransmits.
 */
#ifndef XTCP_OUTPUT_H
#define XTCP_OUTPUT_H

#include "base/reason.h"
#include "base/sock.h"

/* transmit.c */
int xtcp_transmit(struct sock *sk, struct sk_buff *skb, bool retrans);
int xtcp_transmit_syn_data(struct sock *sk, struct sk_buff *syn,
			   struct sk_buff *data);
int xtcp_transmit_bare(struct sock *sk, u8 flags, u32 seq);
void xtcp_challenge_ack(struct sock *sk);
void xtcp_reset_peer(struct sock *sk, enum xtcp_reset_reason reason);

/* wqueue.c */
int xtcp_trim(struct sock *sk, struct sk_buff *skb, gfp_t gfp);
int xtcp_split(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp);
bool xtcp_gather(struct sock *sk, u32 len);
bool xtcp_detach_fin(struct sock *sk, struct sk_buff *skb);

/* output.c */
void xtcp_syn_data_back(struct sock *sk);
void xtcp_fin_queue(struct sock *sk);
bool xtcp_probe_send(struct sock *sk);
u32 xtcp_piece(const struct sock *sk, const struct sk_buff *skb);
void xtcp_write_space(struct sock *sk);

static inline bool xtcp_nothing_unsent(const struct sock *sk)
{
	return !xtcp_sk(sk)->send_head;
}

/* recovery.c */
bool xtcp_sack_take(struct sock *sk, const struct xtcp_segment *seg);
void xtcp_unmark(struct sock *sk, struct sk_buff *skb, u32 len);
void xtcp_recovery_dupack(struct sock *sk);
void xtcp_recovery_ack(struct sock *sk, u32 acked);
void xtcp_recovery_timeout(struct sock *sk);
void xtcp_retransmit_lost(struct sock *sk);
int xtcp_resend(struct sock *sk);
void xtcp_resend_for_mtu(struct sock *sk);
void xtcp_resend_probe(struct sock *sk);

#endif /* XTCP_OUTPUT_H */
