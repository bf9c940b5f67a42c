// SPDX-License-Identifier: GPL-2.0
/*
 * HyStart++ (RFC 9406): if the minimum round-trip time of a round is clearly
 * longer than that of the round before, a queue grows. cwnd then grows more
 * slowly for some rounds (conservative slow start, CSS), in case it was jitter.
 */
#include "hystart.h"

/**
 * xtcp_hystart_init() - slow start begins
 * @h: the state
 *
 * Source: RFC 9406 4.2.
 */
void xtcp_hystart_init(struct xtcp_hystart *h)
{
	memset(h, 0, sizeof(*h));
	h->last_min = ~0u;
	h->current_min = ~0u;
	h->css_baseline = ~0u;
}

static void next_round(struct xtcp_hystart *h)
{
	h->last_min = h->current_min;
	h->current_min = ~0u;
	h->samples = 0;
	if (h->css)
		h->css_rounds++;
}

/* RFC 9406 4.2: is the delay of this round clearly longer than @before, us? */
static bool delay_increased(const struct xtcp_hystart *h, u32 before)
{
	u32 thresh = before / XTCP_HYSTART_DIVISOR;

	if (h->samples < XTCP_HYSTART_SAMPLES || before == ~0u ||
	    h->current_min == ~0u)
		return false;
	thresh = min_t(u32, thresh, XTCP_HYSTART_MAX_THRESH);
	thresh = max_t(u32, thresh, XTCP_HYSTART_MIN_THRESH);
	return h->current_min >= before + thresh;
}

/**
 * xtcp_hystart_ack() - process an ACK in the initial slow start
 * @h: the state
 * @rtt: the round-trip time that it measured, us; 0 if none
 * @round_start: it is the first ACK of a round
 *
 * Source: RFC 9406 4.2. The end by a second increase of the delay is ours.
 *
 * Return: true if slow start ends: ssthresh becomes cwnd.
 */
bool xtcp_hystart_ack(struct xtcp_hystart *h, u32 rtt, bool round_start)
{
	if (round_start)
		next_round(h);
	if (rtt) {
		h->current_min = min_t(u32, h->current_min, rtt);
		if (h->samples < XTCP_HYSTART_SAMPLES)
			h->samples++;
	}
	if (!h->css) {
		if (!delay_increased(h, h->last_min))
			return false;
		h->css = true;
		h->css_rounds = 0;
		h->css_baseline = h->current_min;
		return false;
	}
	if (h->samples >= XTCP_HYSTART_SAMPLES &&
	    h->current_min < h->css_baseline) {
		h->css = false;
		h->css_baseline = ~0u;
		return false;
	}
	/*
	 * Five rounds of CSS triple cwnd. If the delay increases once more, it
	 * is no jitter: do not wait for the queue to overflow.
	 */
	return h->css_rounds >= XTCP_HYSTART_CSS_ROUNDS ||
	       delay_increased(h, h->css_baseline);
}

/**
 * xtcp_hystart_growth() - growth of cwnd by an ACK
 * @h: the state
 * @acked: bytes that it newly acknowledges
 * @mss: bytes of payload in a full segment
 *
 * Source: RFC 9406 4.2 and 4.3, with L of a sender without pacing.
 *
 * Return: bytes.
 */
u32 xtcp_hystart_growth(const struct xtcp_hystart *h, u32 acked, u32 mss)
{
	u32 grow = min_t(u32, acked, XTCP_HYSTART_L * mss);

	return h->css ? grow / XTCP_HYSTART_CSS_GROWTH : grow;
}
