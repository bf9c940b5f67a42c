/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TIME-WAIT: what is left of a connection for 2MSL after it closed; and
 * FIN-WAIT-2 when no user is left, for the same few things are enough there.
 */
#ifndef XTCP_TIMEWAIT_H
#define XTCP_TIMEWAIT_H

#include "base/entry.h"

/* RFC 9293 3.4.2 has 2 minutes for the MSL; we keep the kernel's choice. */
#define XTCP_MSL_NS	(30ULL * NSEC_PER_SEC)
#define XTCP_2MSL_NS	(2 * XTCP_MSL_NS)

void xtcp_tw_net_init(struct xtcp_net *xn);
void xtcp_tw_net_exit(struct xtcp_net *xn);
void xtcp_tw_kill(struct xtcp_timewait *tw);
bool xtcp_tw_give_way(struct xtcp_timewait *tw, struct sock *sk);
bool xtcp_tw_enter(struct sock *sk, u8 substate, u64 wait);

/**
 * enum xtcp_tw_verdict - what a segment to TIME-WAIT led to
 * @XTCP_TW_DONE: it is dealt with
 * @XTCP_TW_LISTEN: it is a SYN that opens anew: the listener has it
 */
enum xtcp_tw_verdict {
	XTCP_TW_DONE,
	XTCP_TW_LISTEN,
};

enum xtcp_tw_verdict xtcp_tw_rcv(struct xtcp_timewait *tw, struct sk_buff *skb,
				 const struct xtcp_tuple *t,
				 const struct xtcp_segment *seg, u32 *iss);

#endif /* XTCP_TIMEWAIT_H */
