/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deadlines of the timers of a connection.
 */
#ifndef XTCP_DEADLINE_H
#define XTCP_DEADLINE_H

#include "base/sock.h"

/* The handshake is not complete: a retransmission sends the SYN or SYN-ACK. */
static inline bool xtcp_opening(const struct sock *sk)
{
	return xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV);
}

void xtcp_rtx_arm(struct sock *sk);
void xtcp_rtx_restart(struct sock *sk);
void xtcp_rtx_restart_rto(struct sock *sk);
bool xtcp_time_is_up(const struct sock *sk);
void xtcp_keep_arm(struct sock *sk);
u32 xtcp_syn_linear(const struct sock *sk);

#endif /* XTCP_DEADLINE_H */
