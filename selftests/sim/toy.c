// SPDX-License-Identifier: GPL-2.0
/*
 * A toy: it measures the rate at which data is delivered, paces at a little more,
 * to find out whether there is more, and takes no loss for congestion. It exists to show
 * that the interface of core/cc.h allows such an algorithm.
 */
#include "core/cc.h"
#include "toy.h"

/**
 * struct toy_state - private state
 * @rate: delivery rate, bytes per second; the largest of late
 * @round: bytes acknowledged in this round trip
 * @began: start of this round trip, ns; 0: not known
 * @min_rtt: the smallest round-trip time, us; 0: not known
 */
struct toy_state {
	u64 rate;
	u64 round;
	u64 began;
	u32 min_rtt;
};

static struct toy_state *state_of(struct xtcp_cc *cc)
{
	return (struct toy_state *)cc->priv;
}

static void init(struct xtcp_cc *cc, u32 mss)
{
	(void)mss;
	*state_of(cc) = (struct toy_state){ .rate = 0 };
}

/* At the end of a round trip: two BDPs, so that the rate can be found. */
static void round_ends(struct xtcp_cc *cc, const struct xtcp_cc_ack *a)
{
	struct toy_state *s = state_of(cc);
	u64 rate;

	if (s->began && a->now > s->began) {
		rate = s->round * 1000000000ull / (a->now - s->began);
		s->rate = max_t(u64, rate, s->rate - s->rate / 8);
		cc->cwnd = max_t(u64, 4 * a->mss,
				 2 * s->rate * s->min_rtt / 1000000);
		cc->rate = s->rate + s->rate / 4;
	}
	s->began = a->now;
	s->round = 0;
}

static void on_ack(struct xtcp_cc *cc, const struct xtcp_cc_ack *a)
{
	struct toy_state *s = state_of(cc);

	if (a->rtt && (!s->min_rtt || a->rtt < s->min_rtt))
		s->min_rtt = a->rtt;
	s->round += a->acked;
	if (a->round_start)
		round_ends(cc, a);
}

/* A timeout sets cwnd to one segment; ssthresh must be two at least. */
static u32 keep(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	(void)flight;
	return max_t(u32, cc->cwnd, 2 * mss);
}

const struct xtcp_cc_ops toy = {
	.name = "toy",
	.paced = true,
	.init = init,
	.on_ack = on_ack,
	.on_loss = keep,
	.on_ecn = keep,
};
