/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Use of the congestion window: cwnd may grow only if the sender uses it, and
 * decays if it does not.
 */
#ifndef XTCP_CORE_USAGE_H
#define XTCP_CORE_USAGE_H

#include "cc.h"

/**
 * struct xtcp_usage - use of cwnd by one connection
 * @end: SND.NXT when @limited and @max were last taken: they hold until it is
 *	acknowledged
 * @max: largest FlightSize, bytes
 * @limited: cwnd kept data back
 * @most: largest FlightSize since @full, bytes
 * @full: when cwnd was last used whole, or was reduced because it was not, ns;
 *	at first when the connection was established
 */
struct xtcp_usage {
	u32 end;
	u32 max;
	bool limited;
	u32 most;
	u64 full;
};

void xtcp_usage_note(struct xtcp_usage *u, u32 una, u32 nxt, bool limited);
bool xtcp_usage_full(const struct xtcp_usage *u, const struct xtcp_cc *cc);
bool xtcp_usage_decay_due(struct xtcp_usage *u, const struct xtcp_cc *cc,
			  u32 flight, u64 now, u64 rto);
void xtcp_usage_decay(struct xtcp_usage *u, struct xtcp_cc *cc, u32 mss,
		      u64 now);

#endif /* XTCP_CORE_USAGE_H */
