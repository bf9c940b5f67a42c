// SPDX-License-Identifier: GPL-2.0
#include "rtt.h"

/**
 * xtcp_rtt_init() - reset the estimator: no sample yet
 * @rtt: the estimator
 *
 * Source: RFC 6298 2.1.
 */
void xtcp_rtt_init(struct xtcp_rtt *rtt)
{
	rtt->srtt8 = 0;
	rtt->rttvar4 = 0;
	rtt->rto = XTCP_RTO_INIT;
	rtt->rto_min = XTCP_RTO_MIN;
	rtt->rto_max = XTCP_RTO_MAX;
	rtt->min = ~0u;
	rtt->min_next = ~0u;
	rtt->min_since = 0;
	rtt->backoff = 0;
	rtt->probes = 0;
}

/*
 * The minimum applies to the variance term, not to the sum, as in the kernel's
 * TCP: on a path with constant delay the RTO stays 200 ms above the round-trip
 * time, so that a delayed ACK does not cause a timeout.
 */
static void set_rto(struct xtcp_rtt *rtt)
{
	u32 spread = max_t(u32, rtt->rttvar4, rtt->rto_min);

	rtt->rto = min_t(u32, (rtt->srtt8 >> 3) + spread, rtt->rto_max);
}

/**
 * xtcp_rtt_sample() - process one measurement
 * @rtt: the estimator
 * @us: the measured round trip, us; not of a retransmitted segment, unless a
 *	timestamp identifies the transmission that was acknowledged (Karn)
 *
 * Source: RFC 6298 2.2 and 2.3; 5: a new sample ends the back-off.
 */
void xtcp_rtt_sample(struct xtcp_rtt *rtt, u32 us)
{
	if (!us)
		us = 1;
	us = min_t(u32, us, XTCP_RTO_MAX);
	rtt->min = min_t(u32, rtt->min, us);
	rtt->min_next = min_t(u32, rtt->min_next, us);
	rtt->backoff = 0;

	if (!rtt->srtt8) {
		rtt->srtt8 = us << 3;
		rtt->rttvar4 = us << 1;
	} else {
		u32 srtt = rtt->srtt8 >> 3;
		u32 err = us > srtt ? us - srtt : srtt - us;

		/* RTTVAR first: it uses the old SRTT. */
		rtt->rttvar4 += err - (rtt->rttvar4 >> 2);
		rtt->srtt8 += us - srtt;
		if (!rtt->srtt8)
			rtt->srtt8 = 1;
	}

	set_rto(rtt);
}

/**
 * xtcp_rtt_seed() - the round-trip time of the path is known from elsewhere
 * @rtt: the estimator, after the handshake
 * @us: the round-trip time, us; 0: unknown
 *
 * A SYN is small, and data may take longer. The RTO becomes that of a single
 * sample of @us if this exceeds the sample of the handshake; the next sample
 * replaces it.
 */
void xtcp_rtt_seed(struct xtcp_rtt *rtt, u32 us)
{
	us = min_t(u32, us, XTCP_RTO_MAX);
	if (us > rtt->srtt8 >> 3)
		rtt->rto = min_t(u32, us + max_t(u32, 2 * us, rtt->rto_min),
				 rtt->rto_max);
}

/**
 * xtcp_rtt_spurious() - a timeout was spurious
 * @rtt: the estimator; the round trip is already one of its samples
 * @us: round-trip time of the segment that was only late, us
 *
 * The delay of the path has grown: the RTO must be long enough at once.
 *
 * Source: RFC 4015 3.2, step (8).
 */
void xtcp_rtt_spurious(struct xtcp_rtt *rtt, u32 us)
{
	us = min_t(u32, us, XTCP_RTO_MAX);
	rtt->srtt8 = max_t(u32, rtt->srtt8, us << 3);
	rtt->rttvar4 = max_t(u32, rtt->rttvar4, us << 1);
	set_rto(rtt);
}

/**
 * xtcp_rtt_age_min() - forget a minimum that is too old
 * @rtt: the estimator
 * @now: ns of a monotonic clock, not 0; a sample follows
 *
 * At the end of a window of XTCP_MIN_RTT_WINDOW the minimum becomes that of
 * this window.
 */
void xtcp_rtt_age_min(struct xtcp_rtt *rtt, u64 now)
{
	if (!rtt->min_since) {
		rtt->min_since = now;
	} else if (now - rtt->min_since >= XTCP_MIN_RTT_WINDOW) {
		rtt->min = rtt->min_next;
		rtt->min_next = ~0u;
		rtt->min_since = now;
	}
}

/**
 * xtcp_rtt_syn_lost() - established after a retransmitted SYN
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
 * xtcp_rtt_revert() - take back one step of the exponential back-off
 * @rtt: the estimator
 *
 * A router had no route for the last retransmission: the path is interrupted,
 * not congested.
 *
 * Source: RFC 6069 4.2.
 *
 * Return: false if there is no back-off.
 */
bool xtcp_rtt_revert(struct xtcp_rtt *rtt)
{
	if (!rtt->backoff)
		return false;
	rtt->backoff--;
	return true;
}

/**
 * xtcp_rto_backed_off() - a timeout after exponential back-off
 * @rto: the timeout before back-off, us
 * @times: consecutive expiries
 * @max: the maximum, us, 1 to XTCP_RTO_MAX
 *
 * Return: us; doubled per expiry, at most @max (RFC 6298 5.5, 2.5).
 */
u32 xtcp_rto_backed_off(u32 rto, u32 times, u32 max)
{
	return min_t(u64, (u64)rto << min_t(u32, times, 16), max);
}

/**
 * xtcp_rtt_rto() - the timeout for the timer, with back-off
 * @rtt: the estimator
 *
 * Return: us.
 */
u32 xtcp_rtt_rto(const struct xtcp_rtt *rtt)
{
	return xtcp_rto_backed_off(rtt->rto, rtt->backoff + rtt->probes,
				   rtt->rto_max);
}

/**
 * xtcp_rtt_r2() - convert R2 from retransmissions to time
 * @rto: the timeout before back-off, us
 * @retries: retransmissions before the connection is given up
 * @max: the maximum of the timeout, us
 *
 * The time is the sum of the doubling timeouts of the first transmission and of
 * @retries retransmissions, each at most @max, whatever the actual
 * timeouts are (RFC 9293 3.8.3).
 *
 * Return: us from the first transmission until the connection is given up.
 */
u64 xtcp_rtt_r2(u32 rto, u32 retries, u32 max)
{
	u64 sum = 0;
	u64 t = min_t(u32, rto, max);
	u32 i;

	for (i = 0; i <= retries; i++) {
		sum += t;
		t = min_t(u64, t * 2, max);
	}
	return sum;
}
