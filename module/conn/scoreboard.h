/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scoreboard: which sent segments are delivered, which are lost.
 */
#ifndef XTCP_SCOREBOARD_H
#define XTCP_SCOREBOARD_H

#include "base/sock.h"
#include "core/sample.h"

void xtcp_sack_take(struct sock *sk, struct xtcp_sample *s);
void xtcp_cumulative_ack(struct sock *sk, struct xtcp_sample *s);
void xtcp_mark_lost(struct sock *sk, struct sk_buff *skb);
void xtcp_mark_resent(struct sock *sk, struct sk_buff *skb);
u64 xtcp_find_lost(struct sock *sk);
void xtcp_forget_losses(struct sock *sk);
void xtcp_lost_at_timeout(struct sock *sk);

#endif /* XTCP_SCOREBOARD_H */
