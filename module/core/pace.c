// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing. An algorithm may state its rate (xtcp_cc.rate); for others it follows
 * from cwnd and the round-trip time.
 */
#include "pace.h"

/**
 * xtcp_pace_rate() - the rate at which segments should leave
 * @cc: congestion control state
 * @in: what the rate depends on
 *
 * Below half of ssthresh cwnd may double in a round trip, so the rate is higher
 * by @in->ss_ratio. Near ssthresh and above it is @in->ca_ratio: somewhat more
 * than one cwnd per round trip, so that cwnd stays the limit.
 *
 * Return: bytes per second, at least 1; XTCP_RATE_MAX if @in->srtt is unknown.
 */
u64 xtcp_pace_rate(const struct xtcp_cc *cc, const struct xtcp_pace_rate *in)
{
	u64 window = max_t(u32, cc->cwnd, in->flight);
	u32 ratio;

	if (cc->rate)
		return cc->rate;
	if (!in->srtt)
		return XTCP_RATE_MAX;
	ratio = cc->cwnd < cc->ssthresh / 2 ? in->ss_ratio : in->ca_ratio;
	/* window / (srtt / 10^6) * ratio / 100 */
	return max_t(u64, 1, div_u64(window * ratio * 10000, in->srtt));
}

/**
 * xtcp_pace_piece() - the largest payload to send as one large segment
 * @rate: pacing rate, bytes per second
 * @shift: a piece lasts 2^-@shift seconds at this rate
 * @bonus: more bytes, for a path so short that bursts do no harm
 * @least: lower limit, bytes, if @most allows it
 * @most: upper limit, bytes
 *
 * Large segments cost less, but leave as a burst, and the receiver (GRO) merges
 * them: there are fewer ACKs then.
 *
 * Return: bytes.
 */
u32 xtcp_pace_piece(u64 rate, u32 shift, u32 bonus, u32 least, u32 most)
{
	u64 bytes = max_t(u64, (rate >> shift) + bonus, least);

	return min_t(u64, bytes, most);
}

/**
 * xtcp_pace_next() - when the next segment may leave
 * @next: the result for the segment before; 0: none
 * @now: when this segment leaves, ns, at least @next
 * @len: payload of this segment, bytes
 * @rate: pacing rate, bytes per second
 *
 * If timers make the sender late it may catch up, by at most half of the time
 * of a segment, so that no burst follows an idle time.
 *
 * Return: ns.
 */
u64 xtcp_pace_next(u64 next, u64 now, u32 len, u64 rate)
{
	u64 wait = div64_u64((u64)len * 1000000000ull, rate);

	return now + wait - min_t(u64, wait / 2, now - next);
}

/**
 * xtcp_pace_below() - how much may wait in the queues below
 * @rate: pacing rate, bytes per second
 * @shift: as much as leaves in 2^-@shift seconds
 * @least: lower limit, bytes
 * @most: upper limit, bytes
 *
 * Return: bytes of memory.
 */
u64 xtcp_pace_below(u64 rate, u32 shift, u32 least, u64 most)
{
	return max_t(u64, least, min_t(u64, rate >> shift, most));
}
