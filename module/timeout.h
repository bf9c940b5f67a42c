/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The timers of a connection, and what they do when they expire.
 */
#ifndef XTCP_TIMEOUT_H
#define XTCP_TIMEOUT_H

#include "sock.h"

/* MUST-40 allows 0.5 s; the kernel's TCP waits 40 ms at least. */
#define XTCP_DELACK_NS		(40ULL * NSEC_PER_MSEC)
#define XTCP_DELACK_MAX_NS	(200ULL * NSEC_PER_MSEC)

void xtcp_timers_init(struct sock *sk);
void xtcp_timers_kill(struct sock *sk);
void xtcp_timer_set(struct sock *sk, struct xtcp_timer *t, u64 deadline);
void xtcp_rtx_arm(struct sock *sk);
void xtcp_rtx_restart(struct sock *sk);
void xtcp_keep_arm(struct sock *sk);
void xtcp_timers_deferred(struct sock *sk, unsigned long bits);
void xtcp_set_keepalive(struct sock *sk, int on);
u32 xtcp_keep_time(const struct sock *sk);
u32 xtcp_keep_intvl(const struct sock *sk);
u32 xtcp_keep_probes(const struct sock *sk);
u32 xtcp_syn_retries(const struct sock *sk);
u64 xtcp_fin_timeout(const struct sock *sk);

#endif /* XTCP_TIMEOUT_H */
