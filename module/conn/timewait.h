/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TIME-WAIT: a small entry that represents a closed connection for 2MSL. The
 * same entry represents FIN-WAIT-2 of an orphan, which needs the same few
 * fields.
 */
#ifndef XTCP_TIMEWAIT_H
#define XTCP_TIMEWAIT_H

#include "base/entry.h"

/*
 * RFC 9293 3.4.2 has an MSL of 2 minutes; this is the value of the kernel's
 * TCP.
 */
#define XTCP_MSL_NS	(30ULL * NSEC_PER_SEC)
#define XTCP_2MSL_NS	(2 * XTCP_MSL_NS)

bool xtcp_tw_enter(struct sock *sk, u8 substate, u64 wait);

#endif /* XTCP_TIMEWAIT_H */
