// SPDX-License-Identifier: GPL-2.0
/*
 * How long an ACK may be delayed. RFC 9293 3.8.6.3 only limits it (MUST-40): the
 * rules are those of the kernel's TCP, which peers are used to.
 */
#include "ato.h"

/* One ACK without delay for each full segment of half the window, at least two. */
static void more_quick(struct xtcp_ato *ato, u32 window, u32 mss)
{
	u32 n = XTCP_QUICK_ACKS;

	if (mss)
		n = min_t(u32, max_t(u32, window / (2 * mss), 2), n);
	if (n > ato->quick)
		ato->quick = n;
}

static u32 bounded(u64 delay, u64 rto)
{
	return min_t(u64, min_t(u64, delay, rto), XTCP_ATO_MAX);
}

/**
 * xtcp_ato_data() - in-order data arrived
 * @ato: the estimate
 * @gap: time since data arrived before, ns
 * @rto: retransmission timeout, ns
 * @window: receive window, bytes
 * @mss: estimate of the peer's full segments, bytes; 0: unknown
 *
 * The estimate follows the time between segments. The peer is in slow start at its
 * first data, and after a pause of more than a retransmission timeout (RFC 5681
 * 4.1): the next ACKs are not delayed.
 */
void xtcp_ato_data(struct xtcp_ato *ato, u64 gap, u64 rto, u32 window, u32 mss)
{
	if (!ato->delay) {
		more_quick(ato, window, mss);
		ato->delay = XTCP_ATO_MIN;
	} else if (gap <= XTCP_ATO_MIN / 2) {
		ato->delay = ato->delay / 2 + XTCP_ATO_MIN / 2;
	} else if (gap < ato->delay) {
		ato->delay = bounded(ato->delay / 2 + gap, rto);
	} else if (gap > rto) {
		more_quick(ato, window, mss);
	}
}

/**
 * xtcp_ato_quick() - do not delay the next ACKs
 * @ato: the estimate
 * @window: receive window, bytes
 * @mss: estimate of the peer's full segments, bytes; 0: unknown
 *
 * The peer is in slow start, or may be again after a loss.
 */
void xtcp_ato_quick(struct xtcp_ato *ato, u32 window, u32 mss)
{
	more_quick(ato, window, mss);
	ato->pingpong = false;
	ato->delay = XTCP_ATO_MIN;
}

/**
 * xtcp_ato_sent() - an ACK that was owed is sent
 * @ato: the estimate
 */
void xtcp_ato_sent(struct xtcp_ato *ato)
{
	if (ato->quick && !--ato->quick)
		ato->delay = XTCP_ATO_MIN;
}

/**
 * xtcp_ato_expired() - the delayed ACK timer expired: no reply carried the ACK
 * @ato: the estimate
 * @rto: retransmission timeout, ns
 */
void xtcp_ato_expired(struct xtcp_ato *ato, u64 rto)
{
	ato->delay = ato->pingpong ? XTCP_ATO_MIN : bounded(2ULL * ato->delay, rto);
	ato->pingpong = false;
}

/**
 * xtcp_ato_delay() - how long the ACK of data that arrived now may wait
 * @ato: the estimate
 * @srtt: smoothed round-trip time, ns; 0: unknown
 * @rto_min: minimum of our retransmission timeout, ns
 *
 * A peer on the same path may have the same minimum of the timeout as we: an ACK that
 * comes later would let it retransmit. Source: RFC 9293 3.8.6.3 (MUST-40).
 *
 * Return: ns, at most 200 ms.
 */
u32 xtcp_ato_delay(const struct xtcp_ato *ato, u64 srtt, u64 rto_min)
{
	u64 most = XTCP_ATO_MAX;

	/* A FIN before any data: there is nothing to reply to. */
	if (!ato->delay)
		return XTCP_ATO_SOON;
	if (srtt)
		most = max_t(u64, srtt, XTCP_ATO_MIN);
	most = min_t(u64, most, rto_min > 2 * XTCP_ATO_SOON ? rto_min - XTCP_ATO_SOON :
							     XTCP_ATO_SOON);
	return min_t(u64, ato->delay, most);
}
