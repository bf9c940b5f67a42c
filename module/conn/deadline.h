/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When each timer of a connection is due.
 */
#ifndef XTCP_DEADLINE_H
#define XTCP_DEADLINE_H

#include "base/sock.h"

/* MUST-40 allows 0.5 s; the kernel's TCP waits 40 ms at least. */
#define XTCP_DELACK_NS		(40ULL * NSEC_PER_MSEC)
#define XTCP_DELACK_MAX_NS	(200ULL * NSEC_PER_MSEC)

/* The handshake is not complete: what is sent is SYN or SYN-ACK. */
static inline bool xtcp_opening(const struct sock *sk)
{
	return xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV);
}

void xtcp_timer_set(struct sock *sk, struct xtcp_timer *t, u64 deadline);
void xtcp_timers_kill(struct sock *sk);
void xtcp_rtx_arm(struct sock *sk);
void xtcp_rtx_restart(struct sock *sk);
bool xtcp_time_is_up(const struct sock *sk);
void xtcp_keep_arm(struct sock *sk);
void xtcp_set_keepalive(struct sock *sk, int on);
void xtcp_user_timeout(struct sock *sk, const struct xtcp_options *opt);
u32 xtcp_keep_time(const struct sock *sk);
u32 xtcp_keep_intvl(const struct sock *sk);
u32 xtcp_keep_probes(const struct sock *sk);
u32 xtcp_syn_retries(const struct sock *sk);
u64 xtcp_fin_timeout(const struct sock *sk);

#endif /* XTCP_DEADLINE_H */
