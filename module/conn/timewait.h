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

bool xtcp_tw_enter(struct sock *sk, u8 substate, u64 wait);

#endif /* XTCP_TIMEWAIT_H */
