// SPDX-License-Identifier: GPL-2.0
/*
 * Reno: the congestion control of RFC 5681 with byte counting. What is done
 * between a loss and its repair (RFC 6582, RFC 6675) is not the algorithm's.
 */
#include "cc.h"

#define CWND_MAX	0x40000000u

/* RFC 5681 3.1, equation 2: an ACK of many small pieces gains nothing. */
static u32 slow_start(struct xtcp_cc *cc, u32 mss, u32 acked)
{
	/*
	 * RFC 3465 2.2, 2.3: two segments for a delayed ACK; one after a
	 * timeout, when an ACK may cover what arrived long before.
	 */
	u32 grow = min_t(u32, acked, cc->after_timeout ? mss : 2 * mss);
	u32 room = cc->ssthresh - cc->cwnd;

	grow = min_t(u32, grow, room);
	cc->cwnd += grow;
	return acked - grow;
}

/* RFC 5681 3.1, the byte counting form: one segment for each window ACKed. */
static void avoid(struct xtcp_cc *cc, u32 mss, u32 acked)
{
	cc->acked += acked;
	if (cc->acked < cc->cwnd)
		return;
	cc->acked -= cc->cwnd;
	cc->acked = min_t(u32, cc->acked, cc->cwnd);
	cc->cwnd += mss;
}

static void reno_on_ack(struct xtcp_cc *cc, u32 mss, u32 acked, u64 now)
{
	(void)now;
	/* CC-17: a window that is not used does not grow. */
	if (!cc->cwnd_limited)
		return;
	if (xtcp_cc_slow_start(cc))
		acked = slow_start(cc, mss, acked);
	if (!xtcp_cc_slow_start(cc) && acked)
		avoid(cc, mss, acked);
	cc->cwnd = min_t(u32, cc->cwnd, CWND_MAX);
}

/* RFC 5681 3.1, equation 4. */
static u32 reno_on_loss(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	(void)cc;
	return max_t(u32, flight / 2, 2 * mss);
}

/* RFC 3168 6.1.2: half of it, as for a loss, down to one segment. */
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
