// SPDX-License-Identifier: GPL-2.0
/*
 * PRR: the congestion window during fast recovery (RFC 9937).
 */
#include "prr.h"
#include "tap.h"

#define MSS	1000u

static struct xtcp_prr start(u32 segs)
{
	struct xtcp_prr p;

	memset(&p, 0xa5, sizeof(p));
	xtcp_prr_start(&p, segs * MSS);
	return p;
}

/* PR-1 */
TEST(pr1_counters_begin_at_zero)
{
	struct xtcp_prr p = start(20);

	is(p.delivered, 0);
	is(p.out, 0);
	is(p.recover_fs, 20 * MSS);
}

static u32 room(struct xtcp_prr *p, u32 delivered, u32 inflight, u32 ssthresh,
		bool safe)
{
	struct xtcp_prr_ack a = {
		.delivered = delivered * MSS, .inflight = inflight * MSS,
		.ssthresh = ssthresh * MSS, .mss = MSS, .safe = safe,
	};

	return xtcp_prr_cwnd(p, &a) - inflight * MSS;
}

/*
 * PR-2: 20 segments, the first is lost, ssthresh is 10: one segment is sent for
 * two that are delivered.
 */
TEST(pr2_proportional)
{
	struct xtcp_prr p = start(20);
	u32 inflight = 19, i;

	for (i = 1; i < 16; i++) {
		u32 n;

		inflight--;
		n = room(&p, 1, inflight, 10, false) / MSS;
		at("ACK %u", i);
		is(n, i % 2 == 0);
		p.out += n * MSS;
		inflight += n;
	}
	is(p.out, 7 * MSS);
	is(inflight, 11);
}

/* PR-2: also if the flight is larger by one byte. */
TEST(pr2_one_byte_above_ssthresh)
{
	struct xtcp_prr p = start(20);
	struct xtcp_prr_ack a = {
		.delivered = 2 * MSS, .inflight = 10 * MSS + 1,
		.ssthresh = 10 * MSS, .mss = MSS,
	};

	is(xtcp_prr_cwnd(&p, &a), a.inflight + MSS);
}

/* PR-1: nothing that can still be delivered: no division by zero. */
TEST(pr1_empty_flight)
{
	struct xtcp_prr p = start(0);

	ok(room(&p, 0, 20, 10, false) <= MSS);
}

/* PR-2: rounded up, in bytes. */
TEST(pr2_rounded_up)
{
	struct xtcp_prr p = start(3);

	is(room(&p, 1, 10, 2, false), 667);
}

/* PR-3, PR-6: much was lost: one segment is sent for one that is delivered. */
TEST(pr3_pr6_bound_by_what_is_delivered)
{
	struct xtcp_prr p = start(20);

	/* 15 of 20 are lost, 4 in flight, ssthresh 10. */
	is(room(&p, 1, 4, 10, false), MSS);
	p.out += MSS;
	is(room(&p, 1, 4, 10, false), MSS);
	p.out += MSS;
	/* SND.UNA advances without further loss: slow start. */
	is(room(&p, 1, 4, 10, true), 2 * MSS);
	p.out += 2 * MSS;
	is(room(&p, 2, 5, 10, true), 3 * MSS);
}

/* PR-3: never beyond ssthresh. */
TEST(pr3_not_beyond_ssthresh)
{
	struct xtcp_prr p = start(20);

	p.out = 1;
	is(room(&p, 5, 8, 10, true), 2 * MSS);
	is(room(&p, 5, 10, 10, true), 0);
}

/* PR-3: what was delivered and not yet used for sending is not lost. */
TEST(pr3_application_limited_for_a_while)
{
	struct xtcp_prr p = start(20);

	p.out = MSS;
	is(room(&p, 3, 5, 10, false), 3 * MSS);
	is(room(&p, 1, 4, 10, false), 3 * MSS);
}

/* PR-4 */
TEST(pr4_first_retransmission)
{
	struct xtcp_prr p = start(20);

	is(room(&p, 0, 19, 10, false), MSS);
	p.out += MSS;
	is(room(&p, 0, 19, 10, false), 0);
	/* More was sent than the proportion allows: nothing, not negative. */
	p.out += 5 * MSS;
	is(room(&p, 1, 19, 10, false), 0);
}
