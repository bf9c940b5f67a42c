// SPDX-License-Identifier: GPL-2.0
/*
 * Reno: the congestion control of RFC 5681 with byte counting. Loss recovery
 * (RFC 6582, RFC 6675) is not part of it.
 */
#include "cc.h"

#define CWND_MAX	0x40000000u

/* RFC 5681 3.1, equation 2: by bytes, so that ACK division gains nothing. */
static u32 slow_start(struct xtcp_cc *cc, u32 mss, u32 acked)
{
	/*
	 * RFC 3465 2.2, 2.3: at most two segments, for a delayed ACK. One after
	 * a timeout: then an ACK may cover data that arrived long before.
	 */
	u32 grow = min_t(u32, acked, cc->after_timeout ? mss : 2 * mss);
	u32 room = cc->ssthresh - cc->cwnd;

	grow = min_t(u32, grow, room);
	cc->cwnd += grow;
	return acked - grow;
}

/* RFC 5681 3.1, byte counting: grow by one segment per cwnd acknowledged. */
static void avoid(struct xtcp_cc *cc, u32 mss, u32 acked)
{
	cc->acked += acked;
	if (cc->acked < cc->cwnd)
		return;
	cc->acked -= cc->cwnd;
	cc->acked = min_t(u32, cc->acked, cc->cwnd);
	cc->cwnd += mss;
}

static void reno_on_ack(struct xtcp_cc *cc, const struct xtcp_cc_ack *a)
{
	u32 acked = a->acked;

	/* RFC 7661: do not grow a window that is not used. */
	if (!cc->cwnd_limited)
		return;
	if (xtcp_cc_slow_start(cc))
		acked = slow_start(cc, a->mss, acked);
	if (!xtcp_cc_slow_start(cc) && acked)
		avoid(cc, a->mss, acked);
	cc->cwnd = min_t(u32, cc->cwnd, CWND_MAX);
}

/* RFC 5681 3.1, equation 4. */
static u32 reno_on_loss(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	(void)cc;
	return max_t(u32, flight / 2, 2 * mss);
}

/* RFC 3168 6.1.2: halve as for a loss, down to one segment. */
static u32 reno_on_ecn(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	(void)cc;
	return max_t(u32, flight / 2, mss);
}

const struct xtcp_cc_ops xtcp_reno = {
	.name = "reno",
	.on_ack = reno_on_ack,
	.on_loss = reno_on_loss,
	.on_ecn = reno_on_ecn,
};
