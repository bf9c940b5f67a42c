/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Round-trip time and the retransmission timeout (RFC 6298).
 */
#ifndef XTCP_CORE_RTT_H
#define XTCP_CORE_RTT_H

#include "types.h"

/*
 * Microseconds. RFC 6298 2.1, 2.4 and 2.5; the minimum is that of the kernel's
 * TCP, 200 ms.
 */
#define XTCP_RTO_INIT	1000000u
#define XTCP_RTO_MIN	200000u
#define XTCP_RTO_MAX	120000000u

/*
 * After one to two of these the minimum round-trip time is forgotten, ns: the
 * path may have changed (RFC 8985 6.2, step 1). As in the kernel's TCP.
 */
#define XTCP_MIN_RTT_WINDOW	300000000000ull

/* RFC 6298 5.7: RTO for data, us, if the SYN was retransmitted. */
#define XTCP_RTO_AFTER_SYN_LOSS	3000000u

/**
 * struct xtcp_rtt - the estimator's state
 * @srtt8: SRTT, us, times 8; 0 until the first sample
 * @rttvar4: RTTVAR, us, times 4
 * @rto: retransmission timeout without back-off, us
 * @rto_min: minimum of the variance term of @rto, us, 1 to XTCP_RTO_MAX
 * @rto_max: maximum of the timeout, back-off included, us, 1 to XTCP_RTO_MAX
 * @min: smallest sample of this and the previous window, us; ~0 until the first
 * @min_next: smallest sample of this window, us; ~0 until the first
 * @min_since: begin of this window, ns; 0: not begun
 * @backoff: consecutive expiries of the retransmission timer, 0 to 255
 * @probes: consecutive window probes, added to @backoff, 0 to 255; 0 once the
 *	window is usable, data is in flight, or nothing is queued
 */
struct xtcp_rtt {
	u32 srtt8;
	u32 rttvar4;
	u32 rto;
	u32 rto_min;
	u32 rto_max;
	u32 min;
	u32 min_next;
	u8 backoff;
	u8 probes;
	u64 min_since;
};

void xtcp_rtt_init(struct xtcp_rtt *rtt);
void xtcp_rtt_sample(struct xtcp_rtt *rtt, u32 us);
void xtcp_rtt_seed(struct xtcp_rtt *rtt, u32 us);
void xtcp_rtt_spurious(struct xtcp_rtt *rtt, u32 us);
void xtcp_rtt_age_min(struct xtcp_rtt *rtt, u64 now);
void xtcp_rtt_syn_lost(struct xtcp_rtt *rtt);
bool xtcp_rtt_revert(struct xtcp_rtt *rtt);
u32 xtcp_rto_backed_off(u32 rto, u32 times, u32 max);
u32 xtcp_rtt_rto(const struct xtcp_rtt *rtt);
u64 xtcp_rtt_r2(u32 rto, u32 retries, u32 max);

/**
 * xtcp_rtt_srtt() - the smoothed round-trip time
 * @rtt: the estimator
 *
 * Return: us; 0 without a sample.
 */
static inline u32 xtcp_rtt_srtt(const struct xtcp_rtt *rtt)
{
	return rtt->srtt8 >> 3;
}

/**
 * xtcp_rtt_expired() - count an expiry of the timer
 * @times: the counter, a field of struct xtcp_rtt
 *
 * A peer may keep its window closed for years: the counter stops at 255 instead
 * of wrapping to 0.
 */
static inline void xtcp_rtt_expired(u8 *times)
{
	if (*times < U8_MAX)
		++*times;
}

#endif /* XTCP_CORE_RTT_H */
