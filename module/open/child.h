/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The socket of a passive open.
 */
#ifndef XTCP_CHILD_H
#define XTCP_CHILD_H

#include "base/entry.h"

struct sock *xtcp_child_new(struct xtcp_request *rq,
			    const struct xtcp_segment *seg, u64 now);
u32 xtcp_child_rtt(const struct xtcp_request *rq, bool late, u64 now);
bool xtcp_child_syn_ack_late(const struct sock *child,
			     const struct xtcp_segment *seg);
void xtcp_child_discard(struct sock *child);
void xtcp_child_queue(struct xtcp_request *rq, struct sock *child)
	__releases(&child->sk_lock.slock);

#endif /* XTCP_CHILD_H */
