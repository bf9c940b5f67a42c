/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SYN cookies: if a listener takes no more requests, the sequence number and
 * TSval of the SYN-ACK encode the SYN. The ACK that returns them creates the
 * connection.
 */
#ifndef XTCP_SYNCOOKIE_H
#define XTCP_SYNCOOKIE_H

#include "base/entry.h"

/* Values of the sysctl syncookies. */
enum {
	XTCP_SYNCOOKIES_NEVER,
	XTCP_SYNCOOKIES_OVERFLOW,
	XTCP_SYNCOOKIES_ALWAYS,
};

bool xtcp_syncookie_wanted(struct sock *listener);
void xtcp_syncookie_make(struct xtcp_request *rq, const struct xtcp_tuple *t,
			 u64 now);
u32 xtcp_syncookie_tsval(const struct xtcp_request *rq, u32 clock);
u16 xtcp_syncookie_check(struct sock *listener, const struct xtcp_tuple *t,
			 const struct xtcp_segment *seg, u64 now);
void xtcp_syncookie_restore(struct xtcp_request *rq,
			    const struct xtcp_segment *seg, u16 mss);

#endif /* XTCP_SYNCOOKIE_H */
