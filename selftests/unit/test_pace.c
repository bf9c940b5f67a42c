// SPDX-License-Identifier: GPL-2.0
/* Pacing: the rate, the size of large segments, departures, the queues below. */
#include "pace.h"
#include "tap.h"

#define MSS	1000u
#define SECOND	1000000000ull

static struct xtcp_cc window(u32 segs, u32 ssthresh)
{
	struct xtcp_cc cc = { .ops = &xtcp_cubic };

	cc.cwnd = segs * MSS;
	cc.ssthresh = ssthresh * MSS;
	return cc;
}

static u64 rate(const struct xtcp_cc *cc, u32 flight, u32 srtt)
{
	struct xtcp_pace_rate in = {
		.flight = flight * MSS, .srtt = srtt,
		.ss_ratio = 200, .ca_ratio = 120,
	};

	return xtcp_pace_rate(cc, &in);
}

/* Twice cwnd per round trip while it may double, else 1.2 times. */
TEST(pace_rate_of_cwnd)
{
	struct xtcp_cc cc = window(10, 1000);

	is(rate(&cc, 3, 40000), 10 * MSS * 25 * 2);
	cc = window(10, 21);
	is(rate(&cc, 3, 40000), 10 * MSS * 25 * 2);
	cc = window(10, 20);
	is(rate(&cc, 3, 40000), 10 * MSS * 25 * 12 / 10);
	cc = window(10, 5);
	is(rate(&cc, 3, 40000), 10 * MSS * 25 * 12 / 10);
}

/* More in flight than cwnd after a reduction: the rate does not collapse. */
TEST(pace_rate_of_flight)
{
	struct xtcp_cc cc = window(10, 5);

	is(rate(&cc, 30, 40000), 30 * MSS * 25 * 12 / 10);
}

TEST(pace_rate_limits)
{
	struct xtcp_cc cc = window(10, 5);

	ok(rate(&cc, 3, 0) == XTCP_RATE_MAX);
	is(rate(&cc, 3, 1), 10ull * MSS * 1200000);
	/* never 0: it is a divisor */
	cc.cwnd = 1;
	is(rate(&cc, 0, 10000000), 1);
	/* the largest window */
	cc.cwnd = 1u << 30;
	is(rate(&cc, 0, 1), (1ull << 30) * 1200000);
}

/* An algorithm that states its rate gets it. */
TEST(pace_rate_of_the_algorithm)
{
	struct xtcp_cc cc = window(10, 5);

	cc.rate = 12345;
	is(rate(&cc, 3, 0), 12345);
	xtcp_cc_set(&cc, &xtcp_reno, MSS);
	ok(rate(&cc, 3, 0) == XTCP_RATE_MAX);
}

TEST(pace_piece)
{
	/* a millisecond of 64 MiB/s */
	is(xtcp_pace_piece(64 << 20, 10, 0, 2 * MSS, 64000), 64000);
	is(xtcp_pace_piece(16 << 20, 10, 0, 2 * MSS, 64000), 16384);
	is(xtcp_pace_piece(16 << 20, 7, 0, 2 * MSS, 1 << 20), 131072);
	is(xtcp_pace_piece(16 << 20, 10, 5000, 2 * MSS, 64000), 21384);
	/* at least two segments, unless the device takes one only */
	is(xtcp_pace_piece(1000, 10, 0, 2 * MSS, 64000), 2 * MSS);
	is(xtcp_pace_piece(1000, 10, 0, 2 * MSS, MSS), MSS);
	is(xtcp_pace_piece(XTCP_RATE_MAX, 10, 0, 2 * MSS, 64000), 64000);
}

/* On time: one segment of 1000 bytes every millisecond at 1 MB/s. */
TEST(pace_next_departure)
{
	is(xtcp_pace_next(5 * SECOND, 5 * SECOND, 1000, 1000000),
	   5 * SECOND + 1000000);
	is(xtcp_pace_next(5 * SECOND, 5 * SECOND, 1000, 1), 1005 * SECOND);
}

/* A late sender catches up, but by half of a segment's time at most. */
TEST(pace_late_sender)
{
	is(xtcp_pace_next(SECOND - 100000, SECOND, 1000, 1000000),
	   SECOND + 900000);
	is(xtcp_pace_next(SECOND - 500000, SECOND, 1000, 1000000),
	   SECOND + 500000);
	is(xtcp_pace_next(0, SECOND, 1000, 1000000), SECOND + 500000);
}

/* Over a second, with timers that are late at random, the rate is kept. */
TEST(pace_rate_is_kept)
{
	u64 next = 0, now = SECOND;
	u32 sent = 0;

	while (now < 11 * SECOND) {
		next = xtcp_pace_next(next, now, 1448, 1000000);
		sent += 1448;
		now = next + rnd() % 300000;
	}
	ok(sent <= 10000000 + 2 * 1448);
	ok(sent >= 9900000);
}

TEST(pace_below)
{
	is(xtcp_pace_below(1 << 30, 10, 4000, 4 << 20), 1 << 20);
	is(xtcp_pace_below(1ull << 40, 10, 4000, 4 << 20), 4 << 20);
	is(xtcp_pace_below(1 << 20, 10, 4000, 4 << 20), 4000);
	is(xtcp_pace_below(1 << 30, 10, 4000, 100), 4000);
}
