/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Round-trip time and the retransmission timeout (RFC 6298).
 */
#ifndef XTCP_CORE_RTT_H
#define XTCP_CORE_RTT_H

#include "types.h"

/* All in microseconds. RFC 6298 2.1, 2.4 and 2.5; the floor is the kernel's. */
#define XTCP_RTO_INIT	1000000u
#define XTCP_RTO_MIN	200000u
#define XTCP_RTO_MAX	120000000u

/* RFC 6298 5.7: what the RTO becomes if the SYN was retransmitted. */
#define XTCP_RTO_AFTER_SYN_LOSS	3000000u

/**
 * struct xtcp_rtt - the estimator's state
 * @srtt8: SRTT, us, times 8; 0 until the first sample
 * @rttvar4: RTTVAR, us, times 4
 * @rto: retransmission timeout without back-off, us, RTO_MIN to RTO_MAX
 * @min: smallest sample so far, us; ~0 until the first
 * @backoff: how often the timer expired in a row
 * @probes: how often it did since, with the window closed; ends with an answer
 */
struct xtcp_rtt {
	u32 srtt8;
	u32 rttvar4;
	u32 rto;
	u32 min;
	u8 backoff;
	u8 probes;
};

void xtcp_rtt_init(struct xtcp_rtt *rtt);
void xtcp_rtt_sample(struct xtcp_rtt *rtt, u32 us);
void xtcp_rtt_syn_lost(struct xtcp_rtt *rtt);
u32 xtcp_rto_backed_off(u32 rto, u32 times);
u32 xtcp_rtt_rto(const struct xtcp_rtt *rtt);
u64 xtcp_rtt_give_up(u32 rto, u32 retries);

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
 * xtcp_rtt_expired() - the timer has, once more
 * @times: the member of struct xtcp_rtt that counts it
 *
 * A peer may keep its window closed for years: the count stops, and does not
 * begin anew.
 */
static inline void xtcp_rtt_expired(u8 *times)
{
	if (*times < U8_MAX)
		++*times;
}

#endif /* XTCP_CORE_RTT_H */
