// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438). The fixed-point arithmetic is compared with the formulas of
 * the text in floating point.
 */
#include "cc.h"
#include "tap.h"

#define MSS	1000u
#define MS	1000000ull	/* ns */
#define RTT	40000u		/* us */

static struct xtcp_cc started(void)
{
	struct xtcp_cc cc = { 0 };

	memset(&cc, 0xa5, offsetof(struct xtcp_cc, route));
	xtcp_cc_set(&cc, &xtcp_cubic, MSS);
	xtcp_cc_start(&cc, MSS, false);
	cc.cwnd_limited = true;
	return cc;
}

static void ack_at(struct xtcp_cc *cc, u64 now, u32 acked)
{
	const struct xtcp_cc_ack a = {
		.now = now, .mss = MSS, .acked = acked, .srtt = RTT,
	};

	cc->ops->on_ack(cc, &a);
}

/*
 * One round trip of ACKs, of two segments each or a hundred in all, from @now
 * on. Return: its end.
 */
static u64 round_trip(struct xtcp_cc *cc, u64 now)
{
	u32 acks = min_t(u32, cc->cwnd / (2 * MSS), 100);
	u32 each = cc->cwnd / acks, i;

	for (i = 0; i < acks; i++)
		ack_at(cc, now + i * (u64)RTT * 1000 / acks, each);
	return now + RTT * 1000ull;
}

static double cube_root(double a)
{
	double x = a > 1 ? a : 1;
	int i;

	for (i = 0; i < 200; i++)
		x -= (x * x * x - a) / (3 * x * x);
	return x;
}

/* W_cubic(@t), bytes; @t in seconds. */
static double w_cubic(double t, double w_max, double cwnd)
{
	double k = cube_root((w_max - cwnd) / MSS / 0.4);

	return 0.4 * (t - k) * (t - k) * (t - k) * MSS + w_max;
}

/* CU-1, CU-9: 0.7 of cwnd stays, whatever the flight was. */
TEST(cu1_beta)
{
	struct xtcp_cc cc = started();

	cc.cwnd = 100 * MSS;
	xtcp_cc_loss(&cc, MSS, 20 * MSS);
	is(cc.ssthresh, 70 * MSS);
	is(cc.cwnd, 70 * MSS);
	/* Not below two segments for a loss, one for CE marks. */
	cc.cwnd = 2 * MSS;
	xtcp_cc_loss(&cc, MSS, 2 * MSS);
	is(cc.ssthresh, 2 * MSS);
	cc.cwnd = MSS * 12 / 10;
	xtcp_cc_ecn(&cc, MSS, MSS);
	is(cc.cwnd, MSS);
	is(cc.ssthresh, 2 * MSS);
	cc.cwnd = 100 * MSS;
	xtcp_cc_ecn(&cc, MSS, 20 * MSS);
	is(cc.cwnd, 70 * MSS);
	cc.cwnd = 50 * MSS;
	xtcp_cc_timeout(&cc, MSS, 3 * MSS, true);
	is(cc.ssthresh, 35 * MSS);
}

/* CU-2, CU-5: cwnd follows the curve, for small windows and large ones. */
TEST(cu2_cu5_curve)
{
	static const u32 segs[] = { 1000, 3000, 50000, 500000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(segs); i++) {
		struct xtcp_cc cc = started();
		double w_max = (double)segs[i] * MSS, cwnd = w_max * 7 / 10;
		u64 now = 1000 * MS, begin;
		double k = cube_root((w_max - cwnd) / MSS / 0.4);

		cc.cwnd = segs[i] * MSS;
		xtcp_cc_loss(&cc, MSS, cc.cwnd);
		begin = now;
		while (now < begin + (u64)(k * 1.5e9)) {
			double t, low, high;

			now = round_trip(&cc, now);
			t = (now - begin) / 1e9;
			/* It has reached W_cubic(t), and not W_cubic(t + RTT). */
			low = w_cubic(t - 0.04, w_max, cwnd);
			high = w_cubic(t + 0.04, w_max, cwnd);
			at("W_max %u segments, t %u ms of K %u ms, cwnd %u",
			   segs[i], (u32)(t * 1000), (u32)(k * 1000), cc.cwnd);
			ok(cc.cwnd >= low * 0.998);
			ok(cc.cwnd <= high * 1.002);
		}
	}
}

/* CU-2: in one round trip cwnd grows by half at most. */
TEST(cu2_target_is_limited)
{
	struct xtcp_cc cc = started();
	u32 was;

	cc.cwnd = 100 * MSS;
	xtcp_cc_loss(&cc, MSS, 100 * MSS);
	ack_at(&cc, 1000 * MS, MSS);
	/* A hundred seconds later the curve is far above. */
	was = cc.cwnd;
	round_trip(&cc, 101000 * MS);
	ok(cc.cwnd > was * 14 / 10);
	ok(cc.cwnd <= was * 17 / 10);
	/* Also by one ACK of far more than cwnd. */
	was = cc.cwnd;
	ack_at(&cc, 102000 * MS, 10 * was);
	ok(cc.cwnd > was);
	ok(cc.cwnd <= was + was / 2);
}

/* CU-2: the target is that of a round trip later. */
TEST(cu2_one_round_trip_ahead)
{
	const struct xtcp_cc_ack a = {
		.now = 1000 * MS, .mss = MSS, .acked = 700 * MSS,
		.srtt = 1000000,
	};
	struct xtcp_cc cc = started();

	cc.cwnd = 1000 * MSS;
	xtcp_cc_loss(&cc, MSS, 1000 * MSS);
	cc.ops->on_ack(&cc, &a);
	at("cwnd %u", cc.cwnd);
	ok(cc.cwnd >= 785 * MSS && cc.cwnd <= 792 * MSS);
}

/* CU-3, CU-9: time in which cwnd is not used does not count. */
TEST(cu3_cu9_unused_cwnd)
{
	struct xtcp_cc cc = started(), idle;
	u64 now = 1000 * MS, end;
	u32 was;

	cc.cwnd = 1000 * MSS;
	xtcp_cc_loss(&cc, MSS, 1000 * MSS);
	end = round_trip(&cc, now);
	idle = cc;
	idle.cwnd_limited = false;
	was = idle.cwnd;
	for (now = end; now < end + 5000 * MS; now += 10 * MS)
		ack_at(&idle, now, 2 * MSS);
	is(idle.cwnd, was);
	/* It goes on from where it was. */
	idle.cwnd_limited = true;
	round_trip(&idle, now);
	round_trip(&cc, end);
	ok(idle.cwnd > was);
	ok(idle.cwnd <= cc.cwnd + 10 * MSS);
}

/* CU-4: with a small window cwnd is that of Reno with the same average. */
TEST(cu4_reno_friendly)
{
	struct xtcp_cc cc = started();
	u64 now = 1000 * MS;
	u32 i;

	cc.cwnd = 10 * MSS;
	xtcp_cc_loss(&cc, MSS, 10 * MSS);
	is(cc.cwnd, 7 * MSS);
	/* 9/17 segments per round trip up to cwnd_prior: 17 rounds for 9. */
	for (i = 0; i < 6; i++)
		now = round_trip(&cc, now);
	at("cwnd %u", cc.cwnd);
	ok(cc.cwnd >= 9 * MSS && cc.cwnd <= 11 * MSS);
	/* Then one segment per round trip. */
	while (cc.cwnd < 11 * MSS)
		now = round_trip(&cc, now);
	is(cc.cwnd % MSS, 0);
	i = cc.cwnd;
	now = round_trip(&cc, now);
	now = round_trip(&cc, now);
	now = round_trip(&cc, now);
	at("cwnd %u", cc.cwnd);
	ok(cc.cwnd >= i + 2 * MSS && cc.cwnd <= i + 4 * MSS);
}

/* CU-6: a second loss below the plateau: room for a new flow. */
TEST(cu6_fast_convergence)
{
	struct xtcp_cc cc = started();
	u64 now = 1000 * MS;
	u32 i;

	cc.cwnd = 1000 * MSS;
	xtcp_cc_loss(&cc, MSS, 1000 * MSS);
	round_trip(&cc, now);
	cc.cwnd = 700 * MSS;
	/* A long time later. */
	now += 60000 * MS;
	xtcp_cc_loss(&cc, MSS, 700 * MSS);
	is(cc.cwnd, 490 * MSS);
	/* The plateau is 0.85 * 700, not 700, nor 1000. */
	for (i = 0; i < 200; i++)
		now = round_trip(&cc, now);
	at("cwnd %u", cc.cwnd);
	ok(cc.cwnd >= 590 * MSS && cc.cwnd <= 610 * MSS);
}

/* CU-7 */
TEST(cu7_timeout)
{
	struct xtcp_cc cc = started();
	u64 now = 1000 * MS;

	cc.cwnd = 1000 * MSS;
	xtcp_cc_timeout(&cc, MSS, 1000 * MSS, true);
	is(cc.cwnd, MSS);
	is(cc.ssthresh, 700 * MSS);
	while (xtcp_cc_slow_start(&cc))
		ack_at(&cc, now, MSS);
	is(cc.cwnd, 700 * MSS);
	/* K is 0: growth begins on the plateau, slowly. */
	now = round_trip(&cc, now);
	ok(cc.cwnd < 702 * MSS);
	while (now < 11000 * MS)
		now = round_trip(&cc, now);
	at("cwnd %u", cc.cwnd);
	/* 0.4 * 10^3 */
	ok(cc.cwnd >= 1085 * MSS && cc.cwnd <= 1120 * MSS);
}

/* CU-8 */
TEST(cu8_undo)
{
	struct xtcp_cc cc = started(), before;
	struct xtcp_undo u;
	u64 now = 1000 * MS;
	u32 i;

	cc.cwnd = 1000 * MSS;
	xtcp_cc_loss(&cc, MSS, 1000 * MSS);
	for (i = 0; i < 20; i++)
		now = round_trip(&cc, now);
	before = cc;
	xtcp_undo_begin(&u, 0, cc.cwnd, cc.ssthresh);
	xtcp_cc_loss(&cc, MSS, cc.cwnd);
	round_trip(&cc, now);
	xtcp_cc_undo(&cc, &u, MSS, before.cwnd, MSS);
	is(cc.cwnd, before.cwnd);
	/* The same growth as if nothing had been. */
	cc.ssthresh = before.ssthresh;
	round_trip(&cc, now);
	round_trip(&before, now);
	is(cc.cwnd, before.cwnd);
}

/* CU-10: the initial slow start grows by what is acknowledged, up to L. */
TEST(cu10_hy3_slow_start)
{
	struct xtcp_cc cc = started();
	u32 was = cc.cwnd;

	ack_at(&cc, MS, 4 * MSS);
	is(cc.cwnd, was + 4 * MSS);
	ack_at(&cc, MS, 20 * MSS);
	is(cc.cwnd, was + 12 * MSS);
	/* After a timeout one segment per ACK (RFC 3465 2.3). */
	cc.cwnd = 100 * MSS;
	xtcp_cc_timeout(&cc, MSS, 100 * MSS, true);
	ack_at(&cc, MS, 4 * MSS);
	is(cc.cwnd, 2 * MSS);
	xtcp_cc_recovered(&cc, false);
	ack_at(&cc, MS, 4 * MSS);
	is(cc.cwnd, 6 * MSS);
	/* Not beyond ssthresh. */
	is(cc.ssthresh, 70 * MSS);
	cc.cwnd = 69 * MSS;
	ack_at(&cc, MS, 4 * MSS);
	ok(cc.cwnd <= 70 * MSS + 200);
}

/* CU-10: a longer round trip ends slow start. */
TEST(cu10_hystart_ends_slow_start)
{
	struct xtcp_cc cc = started();
	u32 rounds = 0, i;

	while (xtcp_cc_slow_start(&cc) && rounds < 20) {
		u32 rtt = rounds < 3 ? RTT : 2 * RTT;

		for (i = 0; i < 10 && xtcp_cc_slow_start(&cc); i++) {
			const struct xtcp_cc_ack a = {
				.now = MS, .mss = MSS, .acked = 2 * MSS,
				.srtt = RTT, .rtt = rtt, .round_start = i == 0,
			};

			cc.ops->on_ack(&cc, &a);
		}
		rounds++;
	}
	/* Three rounds, one that sees it, and CSS. */
	is(rounds, 9);
	no(xtcp_cc_slow_start(&cc));
}

/* No window is ever out of bounds. */
TEST(any_events)
{
	u32 run, i;

	for (run = 0; run < 2000; run++) {
		struct xtcp_cc cc = started();
		u64 now = 1000 * MS;

		for (i = 0; i < 200; i++) {
			now += rnd() % 2 ? rnd() % (100 * MS) : rnd() * 50ull;
			cc.cwnd_limited = rnd() % 4;
			switch (rnd() % 12) {
			case 0:
				xtcp_cc_loss(&cc, MSS, rnd() % 0x50000000);
				break;
			case 1:
				xtcp_cc_timeout(&cc, MSS, rnd() % 0x50000000,
						rnd() % 2);
				break;
			case 2:
				xtcp_cc_ecn(&cc, MSS, rnd() % 0x50000000);
				break;
			case 3:
				xtcp_cc_recovered(&cc, false);
				break;
			default:
				ack_at(&cc, now, 1 + rnd() % 0x40000000);
			}
			at("run %u event %u", run, i);
			ok(cc.cwnd >= MSS);
			ok(cc.cwnd <= 0x40000000);
		}
	}
}
