// SPDX-License-Identifier: GPL-2.0
/*
 * Use of the congestion window: growth only if it is used, decay if it is not
 * (RFC 2861).
 */
#include "tap.h"
#include "tcb.h"

#define MSS	1000u
#define RTO	200000000ull

static struct xtcp_cc window(u32 segs, u32 ssthresh)
{
	struct xtcp_cc cc = { .ops = &xtcp_reno };

	cc.cwnd = segs * MSS;
	cc.ssthresh = ssthresh * MSS;
	return cc;
}

static void ack(const struct xtcp_usage *u, struct xtcp_cc *cc, u32 segs)
{
	struct xtcp_cc_ack a = { .mss = MSS, .acked = segs * MSS };

	cc->cwnd_limited = xtcp_usage_full(u, cc);
	cc->ops->on_ack(cc, &a);
}

/* CV-3: six segments of ten were sent: cwnd grows to twice six, and no more. */
TEST(cv3_growth_to_twice_the_flight)
{
	struct xtcp_cc cc = window(10, 1000);
	struct xtcp_usage u = {};

	xtcp_usage_note(&u, 1, 1 + 6 * MSS, false);
	ack(&u, &cc, 1);
	ack(&u, &cc, 1);
	is(cc.cwnd, 12 * MSS);
	ack(&u, &cc, 1);
	ack(&u, &cc, 1);
	is(cc.cwnd, 12 * MSS);
}

/* CV-3: half of cwnd is not enough, one byte more is. */
TEST(cv3_more_than_half_in_slow_start)
{
	struct xtcp_cc cc = window(10, 1000);
	struct xtcp_usage u = {};

	xtcp_usage_note(&u, 1, 1 + 5 * MSS, false);
	no(xtcp_usage_full(&u, &cc));
	xtcp_usage_note(&u, 1, 2 + 5 * MSS, false);
	ok(xtcp_usage_full(&u, &cc));
}

/* CV-3: in congestion avoidance only if cwnd kept data back. */
TEST(cv3_congestion_avoidance)
{
	struct xtcp_cc cc = window(10, 5);
	struct xtcp_usage u = {};

	xtcp_usage_note(&u, 1, 1 + 10 * MSS, false);
	no(xtcp_usage_full(&u, &cc));
	xtcp_usage_note(&u, 1, 1 + 9 * MSS, true);
	ok(xtcp_usage_full(&u, &cc));
}

/*
 * The ACKs of a window arrive after it was sent: the most that was in flight
 * counts until it is acknowledged. Sequence numbers wrap around.
 */
TEST(usage_holds_for_one_window)
{
	struct xtcp_cc cc = window(10, 1000);
	struct xtcp_usage u = {};
	u32 una = -2 * MSS;

	u.end = una;
	xtcp_usage_note(&u, una, una + 6 * MSS, false);
	xtcp_usage_note(&u, una + MSS, una + 6 * MSS, false);
	is(u.max, 6 * MSS);
	ok(xtcp_usage_full(&u, &cc));
	/* the window of six is acknowledged */
	xtcp_usage_note(&u, una + 6 * MSS, una + 8 * MSS, false);
	is(u.max, 2 * MSS);
	no(xtcp_usage_full(&u, &cc));
}

/* cwnd kept data back: a later, larger flight of the same window changes nothing. */
TEST(usage_limited_holds)
{
	struct xtcp_cc cc = window(10, 5);
	struct xtcp_usage u = {};

	xtcp_usage_note(&u, 1, 1 + 8 * MSS, true);
	xtcp_usage_note(&u, 1 + 2 * MSS, 1 + 12 * MSS, false);
	ok(xtcp_usage_full(&u, &cc));
	is(u.end, 1 + 8 * MSS);
	xtcp_usage_note(&u, 1 + 8 * MSS, 1 + 12 * MSS, false);
	no(xtcp_usage_full(&u, &cc));
	/* at any time it may become limited */
	xtcp_usage_note(&u, 1 + 9 * MSS, 1 + 12 * MSS, true);
	ok(xtcp_usage_full(&u, &cc));
}

static bool due(struct xtcp_usage *u, const struct xtcp_cc *cc, u32 flight,
		u64 now)
{
	xtcp_usage_note(u, 1, 1 + flight * MSS, false);
	return xtcp_usage_decay_due(u, cc, flight * MSS, now, RTO);
}

/* CV-3: due one RTO after cwnd was last used whole. */
TEST(cv3_decay_after_rto)
{
	struct xtcp_cc cc = window(40, 20);
	struct xtcp_usage u = {};

	xtcp_usage_note(&u, 1, 1 + 40 * MSS, true);
	no(xtcp_usage_decay_due(&u, &cc, 40 * MSS, 7 * RTO, RTO));
	is(u.full, 7 * RTO);
	is(u.most, 0);
	u.limited = false;
	no(due(&u, &cc, 15, 8 * RTO - 1));
	ok(due(&u, &cc, 12, 8 * RTO));
	is(u.most, 15 * MSS);
}

/* CV-3: half way to the largest flight since then; ssthresh remembers. */
TEST(cv3_decay)
{
	struct xtcp_cc cc = window(40, 20);
	struct xtcp_usage u = { .most = 20 * MSS };

	xtcp_usage_decay(&u, &cc, MSS, 5);
	is(cc.cwnd, 30 * MSS);
	is(cc.ssthresh, 30 * MSS);
	is(u.most, 0);
	is(u.full, 5);
}

/* CV-3: not below the initial window, and cwnd never grows by it. */
TEST(cv3_decay_to_initial_window)
{
	struct xtcp_cc cc = window(14, 20);
	struct xtcp_usage u = { .most = MSS };

	xtcp_usage_decay(&u, &cc, MSS, 5);
	is(cc.cwnd, 12 * MSS);
	is(cc.ssthresh, 20 * MSS);
	cc = window(6, 3);
	xtcp_usage_decay(&u, &cc, MSS, 5);
	is(cc.cwnd, 6 * MSS);
	is(cc.ssthresh, 3 * MSS);
}

/* CV-3: the initial window may be that of the route. */
TEST(cv3_decay_to_the_window_of_the_route)
{
	struct xtcp_cc cc = window(40, 20);
	struct xtcp_usage u = { .most = MSS };

	cc.route.initial = 30;
	xtcp_usage_decay(&u, &cc, MSS, 5);
	is(cc.cwnd, 35 * MSS);
}
