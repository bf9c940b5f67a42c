// SPDX-License-Identifier: GPL-2.0
#include "rtt.h"

/**
 * xtcp_rtt_init() - start without a sample
 * @rtt: the estimator
 *
 * Source: RFC 6298 2.1.
 */
void xtcp_rtt_init(struct xtcp_rtt *rtt)
{
	rtt->srtt8 = 0;
	rtt->rttvar4 = 0;
	rtt->rto = XTCP_RTO_INIT;
	rtt->min = ~0u;
	rtt->backoff = 0;
	rtt->probes = 0;
}

/**
 * xtcp_rtt_sample() - take one measurement
 * @rtt: the estimator
 * @us: the measured round trip, microseconds; never of a retransmitted segment
 *	unless a timestamp says which transmission was answered (Karn)
 *
 * Source: RFC 6298 2.2 and 2.3; a fresh sample ends the back-off (5).
 */
void xtcp_rtt_sample(struct xtcp_rtt *rtt, u32 us)
{
	u32 rto, spread;

	if (!us)
		us = 1;
	us = min_t(u32, us, XTCP_RTO_MAX);
	rtt->min = min_t(u32, rtt->min, us);
	rtt->backoff = 0;

	if (!rtt->srtt8) {
		rtt->srtt8 = us << 3;
		rtt->rttvar4 = us << 1;
	} else {
		u32 srtt = rtt->srtt8 >> 3;
		u32 err = us > srtt ? us - srtt : srtt - us;

		/* RTTVAR first, with the SRTT from before. */
		rtt->rttvar4 += err - (rtt->rttvar4 >> 2);
		rtt->srtt8 += us - srtt;
		if (!rtt->srtt8)
			rtt->srtt8 = 1;
	}

	/*
	 * The floor lies under the variance, not under the sum: a steady path
	 * keeps 200 ms above its round trip, as the kernel's TCP does, so that
	 * a delayed ACK is not taken for a loss.
	 */
	spread = max_t(u32, rtt->rttvar4, XTCP_RTO_MIN);
	rto = (rtt->srtt8 >> 3) + spread;
	rtt->rto = min_t(u32, rto, XTCP_RTO_MAX);
}

/**
 * xtcp_rtt_syn_lost() - data begins, and the SYN had to be sent again
 * @rtt: the estimator
 *
 * Source: RFC 6298 5.7.
 */
void xtcp_rtt_syn_lost(struct xtcp_rtt *rtt)
{
	rtt->backoff = 0;
	rtt->rto = max_t(u32, rtt->rto, XTCP_RTO_AFTER_SYN_LOSS);
}

/**
 * xtcp_rto_backed_off() - a timeout after it expired
 * @rto: the timeout before back-off, us
 * @times: how often it expired in a row
 *
 * Return: us; doubled each time, up to the ceiling (RFC 6298 5.5, 2.5).
 */
u32 xtcp_rto_backed_off(u32 rto, u32 times)
{
	return min_t(u64, (u64)rto << min_t(u32, times, 16), XTCP_RTO_MAX);
}

/**
 * xtcp_rtt_rto() - the timeout to arm the timer with
 * @rtt: the estimator
 *
 * Return: us.
 */
u32 xtcp_rtt_rto(const struct xtcp_rtt *rtt)
{
	return xtcp_rto_backed_off(rtt->rto, rtt->backoff + rtt->probes);
}

/**
 * xtcp_rtt_give_up() - R2 as a time
 * @rto: the timeout before back-off, us
 * @retries: how many retransmissions are made before giving up
 *
 * A limit given as a number of retransmissions lasts as long as these would
 * take with doubling timeouts (RFC 9293 3.8.3).
 *
 * Return: us from the first transmission until the connection is given up.
 */
u64 xtcp_rtt_give_up(u32 rto, u32 retries)
{
	u64 sum = 0;
	u64 t = rto;
	u32 i;

	for (i = 0; i <= retries; i++) {
		sum += t;
		t = min_t(u64, t * 2, XTCP_RTO_MAX);
	}
	return sum;
}
