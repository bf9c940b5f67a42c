/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loss recovery.
 */
#ifndef XTCP_RECOVERY_H
#define XTCP_RECOVERY_H

#include "base/sock.h"
#include "core/sample.h"

/* undo.c */
void xtcp_try_undo(struct sock *sk, const struct xtcp_sample *s);
bool xtcp_frto_waits(struct sock *sk, const struct xtcp_sample *s,
		     bool dupack);

/* recovery.c */
void xtcp_recovery_ack(struct sock *sk, const struct xtcp_sample *s,
		       bool dupack);
void xtcp_recovery_timeout(struct sock *sk);
void xtcp_recovery_reorder_timeout(struct sock *sk);
void xtcp_loss_probe(struct sock *sk);
void xtcp_retransmit_all_lost(struct sock *sk);
int xtcp_resend(struct sock *sk);
void xtcp_resend_for_mtu(struct sock *sk);
void xtcp_resend_probe(struct sock *sk);

/* Retransmit segments that are considered lost, as far as cwnd allows. */
static inline void xtcp_retransmit_lost(struct sock *sk)
{
	if (unlikely(!RB_EMPTY_ROOT(&xtcp_sk(sk)->sent[XTCP_SENT_LOST])))
		xtcp_retransmit_all_lost(sk);
}

#endif /* XTCP_RECOVERY_H */
