/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pacing: at which rate segments leave, how large they are, and how many may wait
 * in queues of this host.
 */
#ifndef XTCP_CORE_PACE_H
#define XTCP_CORE_PACE_H

#include "cc.h"

/* A rate without limit, bytes per second. */
#define XTCP_RATE_MAX	(~0ull)

/**
 * struct xtcp_pace_rate - inputs of the pacing rate
 * @flight: FlightSize, bytes
 * @srtt: smoothed round-trip time, us; 0 if unknown
 * @ss_ratio: rate in slow start, percent of cwnd per @srtt
 * @ca_ratio: rate near ssthresh and above, percent of cwnd per @srtt
 */
struct xtcp_pace_rate {
	u32 flight;
	u32 srtt;
	u32 ss_ratio;
	u32 ca_ratio;
};

u64 xtcp_pace_rate(const struct xtcp_cc *cc, const struct xtcp_pace_rate *in);
u32 xtcp_pace_piece(u64 rate, u32 shift, u32 bonus, u32 least, u32 most);
u64 xtcp_pace_next(u64 next, u64 now, u32 len, u64 rate);
u64 xtcp_pace_below(u64 rate, u32 shift, u32 least, u64 most);

#endif /* XTCP_CORE_PACE_H */
