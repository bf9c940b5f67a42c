// SPDX-License-Identifier: GPL-2.0
/* Congestion control with Reno: RFC 5681, RFC 6928, RFC 3465, RFC 2861. */
#include "cc.h"
#include "tap.h"

static const u32 sizes[] = { 48, 536, 1220, 1448, 1460, 8960, 65483 };

static struct xtcp_cc started(u32 mss)
{
	struct xtcp_cc cc = { 0 };

	memset(&cc, 0xa5, offsetof(struct xtcp_cc, route));
	xtcp_cc_set(&cc, &xtcp_reno, mss);
	xtcp_cc_start(&cc, mss, false);
	return cc;
}

static void ack(struct xtcp_cc *cc, u32 mss, u32 acked)
{
	const struct xtcp_cc_ack a = { .mss = mss, .acked = acked };

	cc->cwnd_limited = true;
	cc->ops->on_ack(cc, &a);
}

/* CC-2 */
TEST(cc2_initial_window)
{
	is(xtcp_cc_initial_window(48), 480);
	is(xtcp_cc_initial_window(536), 5360);
	is(xtcp_cc_initial_window(1220), 12200);
	is(xtcp_cc_initial_window(1448), 14480);
	is(xtcp_cc_initial_window(1460), 14600);
	is(xtcp_cc_initial_window(1461), 14600);
	is(xtcp_cc_initial_window(4000), 14600);
	is(xtcp_cc_initial_window(7300), 14600);
	is(xtcp_cc_initial_window(7301), 14602);
	is(xtcp_cc_initial_window(8960), 17920);
	is(xtcp_cc_initial_window(65495), 130990);
}

/* CC-3, CC-6 */
TEST(cc3_cc6_initial_cwnd_and_ssthresh)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct xtcp_cc cc = started(sizes[i]);

		at("mss %u", sizes[i]);
		is(cc.cwnd, xtcp_cc_initial_window(sizes[i]));
		/* CC-6: above any window that can be advertised */
		ok(cc.ssthresh >= 65535u << 14);
		ok(xtcp_cc_slow_start(&cc));
		is(cc.acked, 0);
		no(cc.cwnd_limited);
		xtcp_cc_start(&cc, sizes[i], true);
		is(cc.cwnd, sizes[i]);
		ok(cc.ssthresh >= 65535u << 14);
	}
}

TEST(slow_start_below_ssthresh)
{
	struct xtcp_cc cc = started(1000);

	cc.cwnd = 9999;
	cc.ssthresh = 10000;
	ok(xtcp_cc_slow_start(&cc));
	cc.cwnd = 10001;
	no(xtcp_cc_slow_start(&cc));
}

/* CC-4 */
TEST(cc4_slow_start_grows_by_acked_bytes)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 mss = sizes[i];
		struct xtcp_cc cc = started(mss);
		u32 was = cc.cwnd;

		at("mss %u", mss);
		ack(&cc, mss, mss);
		is(cc.cwnd, was + mss);
		/* a delayed ACK; RFC 3465: at most two segments per ACK */
		ack(&cc, mss, 2 * mss);
		is(cc.cwnd, was + 3 * mss);
		ack(&cc, mss, 20 * mss);
		is(cc.cwnd, was + 5 * mss);
		/* ACK division does not increase cwnd */
		was = cc.cwnd;
		for (u32 k = 0; k < mss; k++)
			ack(&cc, mss, 1);
		is(cc.cwnd, was + mss);
	}
}

/* CC-4 */
TEST(cc4_slow_start_one_segment_per_ack_after_timeout)
{
	u32 i;

	/* RFC 3465 2.3: L = 1*SMSS in slow start after a timeout */
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 mss = sizes[i];
		struct xtcp_cc cc = started(mss);

		at("mss %u", mss);
		xtcp_cc_timeout(&cc, mss, 40 * mss, true);
		is(cc.cwnd, mss);
		is(cc.ssthresh, 20 * mss);
		ack(&cc, mss, mss);
		is(cc.cwnd, 2 * mss);
		ack(&cc, mss, 2 * mss);
		is(cc.cwnd, 3 * mss);
		ack(&cc, mss, 20 * mss);
		is(cc.cwnd, 4 * mss);
	}
}

/* CC-4 */
TEST(cc4_slow_start_ends_at_ssthresh)
{
	struct xtcp_cc cc = started(1000);

	cc.cwnd = 10000;
	cc.ssthresh = 10300;
	ack(&cc, 1000, 1000);
	is(cc.cwnd, 10300);
	no(xtcp_cc_slow_start(&cc));
	/* from here one window of ACKs adds one segment */
	ack(&cc, 1000, 2000);
	is(cc.cwnd, 10300);
}

/* CC-17 */
TEST(cc17_unused_cwnd_does_not_grow)
{
	const struct xtcp_cc_ack a = { .mss = 1000, .acked = 1000 };
	struct xtcp_cc cc = started(1000);
	u32 was = cc.cwnd, k;

	cc.cwnd_limited = false;
	for (k = 0; k < 100; k++)
		cc.ops->on_ack(&cc, &a);
	is(cc.cwnd, was);
	cc.ssthresh = 5000;
	for (k = 0; k < 1000; k++)
		cc.ops->on_ack(&cc, &a);
	is(cc.cwnd, was);
	/* unused ACKs are not accumulated */
	ack(&cc, 1000, 1);
	is(cc.cwnd, was);
}

/* CC-5 */
TEST(cc5_avoidance_one_segment_per_round_trip)
{
	u32 run, round;

	for (run = 0; run < 300; run++) {
		u32 mss = sizes[rnd() % ARRAY_SIZE(sizes)];
		struct xtcp_cc cc = started(mss);
		u32 start;

		cc.ssthresh = 2 * mss;
		cc.cwnd = (2 + rnd() % 50) * mss + rnd() % mss;
		start = cc.cwnd;
		for (round = 1; round <= 40; round++) {
			u32 was = cc.cwnd;
			u32 left = cc.cwnd;

			while (left) {
				u32 n = 1 + rnd() % (2 * mss);

				n = min_t(u32, n, left);
				ack(&cc, mss, n);
				left -= n;
			}
			at("mss %u cwnd %u round %u", mss, start, round);
			ok(cc.cwnd == was || cc.cwnd == was + mss);
		}
		/* > 0 always: a round lacks only a few bytes */
		ok(cc.cwnd >= start + 30 * mss);
	}
}

/* CC-5 */
TEST(cc5_large_ack_grows_by_one_segment)
{
	struct xtcp_cc cc = started(1000);
	u32 was, k;

	cc.cwnd = 10000;
	cc.ssthresh = 5000;
	ack(&cc, 1000, 1000000);
	is(cc.cwnd, 11000);
	/* the rest is not accumulated for later growth */
	was = cc.cwnd;
	for (k = 0; k < 11; k++)
		ack(&cc, 1000, 1000);
	ok(cc.cwnd <= was + 1000);
}

/* CC-5 */
TEST(cc5_ack_of_exactly_one_window)
{
	struct xtcp_cc cc = started(1000);

	cc.cwnd = 10000;
	cc.ssthresh = 5000;
	ack(&cc, 1000, 9999);
	is(cc.cwnd, 10000);
	ack(&cc, 1000, 1);
	is(cc.cwnd, 11000);
	ack(&cc, 1000, 10999);
	is(cc.cwnd, 11000);
	ack(&cc, 1000, 1);
	is(cc.cwnd, 12000);
}

/* CC-5 */
TEST(cc5_excess_bytes_count_for_next_window)
{
	struct xtcp_cc cc = started(1000);

	/* RFC 3465 2.1: bytes_acked is lowered by cwnd, not cleared */
	cc.cwnd = 10000;
	cc.ssthresh = 5000;
	ack(&cc, 1000, 9999);
	ack(&cc, 1000, 1000);
	is(cc.cwnd, 11000);
	ack(&cc, 1000, 10000);
	is(cc.cwnd, 11000);
	ack(&cc, 1000, 1);
	is(cc.cwnd, 12000);
}

/* CC-9 */
TEST(cc9_loss_halves_flight)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 mss = sizes[i];
		struct xtcp_cc cc = started(mss);

		at("mss %u", mss);
		cc.cwnd = 100 * mss;
		cc.acked = 7;
		xtcp_cc_loss(&cc, mss, 20 * mss);
		/* FlightSize, not cwnd */
		is(cc.ssthresh, 10 * mss);
		is(cc.cwnd, 10 * mss);
		is(cc.acked, 0);
		/* never below two segments */
		xtcp_cc_loss(&cc, mss, 4 * mss);
		is(cc.ssthresh, 2 * mss);
		xtcp_cc_loss(&cc, mss, mss);
		is(cc.ssthresh, 2 * mss);
		is(cc.cwnd, 2 * mss);
		xtcp_cc_loss(&cc, mss, 0);
		is(cc.ssthresh, 2 * mss);
		no(xtcp_cc_slow_start(&cc));
	}
}

/* CC-9: new data in place of SACKed data makes FlightSize larger than cwnd. */
TEST(cc9_flight_beyond_cwnd)
{
	struct xtcp_cc cc = started(1000);

	cc.cwnd = 10000;
	xtcp_cc_loss(&cc, 1000, 19000);
	is(cc.ssthresh, 5000);
	is(cc.cwnd, 5000);
}

/* CC-11: fast recovery ends with cwnd at ssthresh; other recoveries leave cwnd. */
TEST(cc11_end_of_recovery)
{
	struct xtcp_cc cc = started(1000);

	cc.ssthresh = 5000;
	cc.cwnd = 3000;
	cc.after_timeout = true;
	xtcp_cc_recovered(&cc, false);
	is(cc.cwnd, 3000);
	no(cc.after_timeout);
	xtcp_cc_recovered(&cc, true);
	is(cc.cwnd, 5000);
}

static u32 twice(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	(void)cc;
	(void)mss;
	return 2 * flight;
}

/* EC-6: whatever an algorithm says, CE marks do not increase cwnd. */
TEST(ec6_no_growth)
{
	struct xtcp_cc_ops other = xtcp_reno;
	struct xtcp_cc cc = started(1000);

	other.on_ecn = twice;
	cc.ops = &other;
	cc.cwnd = 8000;
	xtcp_cc_ecn(&cc, 1000, 8000);
	is(cc.cwnd, 8000);
}

/* CC-7 */
TEST(cc7_cwnd_one_segment_after_timeout)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 mss = sizes[i];
		struct xtcp_cc cc = started(mss);

		at("mss %u", mss);
		cc.cwnd = 30 * mss;
		cc.acked = 7;
		xtcp_cc_timeout(&cc, mss, 20 * mss, true);
		is(cc.cwnd, mss);
		is(cc.ssthresh, 10 * mss);
		is(cc.acked, 0);
		ok(xtcp_cc_slow_start(&cc));
		/* timeout for the same data: ssthresh stays */
		xtcp_cc_timeout(&cc, mss, mss, false);
		is(cc.cwnd, mss);
		is(cc.ssthresh, 10 * mss);
		/* timeout for other data, with a small flight */
		xtcp_cc_timeout(&cc, mss, 3 * mss, true);
		is(cc.ssthresh, 2 * mss);
	}
}

/* CC-14, CV-3 */
TEST(cc14_restart_after_idle)
{
	struct xtcp_cc cc = started(1460);

	cc.cwnd = 500000;
	cc.ssthresh = 300000;
	cc.acked = 5;
	xtcp_cc_idle(&cc, 1460);
	is(cc.cwnd, 14600);
	/* CV-3: ssthresh remembers three quarters of cwnd. */
	is(cc.ssthresh, 375000);
	is(cc.acked, 0);
	/* RW = min(IW, cwnd): cwnd does not grow */
	cc.cwnd = 1460;
	xtcp_cc_idle(&cc, 1460);
	is(cc.cwnd, 1460);
	is(cc.ssthresh, 375000);
}

/* CC-15 */
TEST(cc15_smaller_mss_keeps_cwnd_in_segments)
{
	struct xtcp_cc cc = started(1460);

	cc.cwnd = 14600;
	xtcp_cc_mss_reduced(&cc, 1460, 730);
	is(cc.cwnd, 7300);
	cc.cwnd = 14601;
	xtcp_cc_mss_reduced(&cc, 1460, 1240);
	is(cc.cwnd, 12400);
	/* At least one segment, and no overflow. */
	cc.cwnd = 100;
	xtcp_cc_mss_reduced(&cc, 1460, 1240);
	is(cc.cwnd, 1240);
	cc.cwnd = 0x7fffffff;
	xtcp_cc_mss_reduced(&cc, 65000, 32500);
	is(cc.cwnd, 0x7fffffff / 2);
}

TEST(cwnd_upper_bound)
{
	struct xtcp_cc cc = started(65483);
	u32 k, was = 0;

	for (k = 0; k < 20000; k++) {
		ack(&cc, 65483, 2 * 65483);
		ok(cc.cwnd >= was);
		was = cc.cwnd;
	}
	is(cc.cwnd, 1 << 30);
	cc.ssthresh = 1000;
	for (k = 0; k < 40000; k++)
		ack(&cc, 65483, 0x7fffffff);
	is(cc.cwnd, 1 << 30);
	xtcp_cc_loss(&cc, 65483, 1 << 30);
	is(cc.cwnd, 1 << 29);
}

/* MAY-18 */
TEST(may18_algorithm_found_by_name)
{
	ok(xtcp_cc_find("reno") == &xtcp_reno);
	is(strcmp(xtcp_reno.name, "reno"), 0);
	no(xtcp_cc_find("ren"));
	no(xtcp_cc_find("reno2"));
	ok(xtcp_cc_at(xtcp_cc_index(&xtcp_cubic)) == &xtcp_cubic);
	ok(xtcp_cc_at(xtcp_cc_index(&xtcp_reno)) == &xtcp_reno);
	no(xtcp_cc_at(xtcp_cc_index(&xtcp_cubic) + 1) &&
	   xtcp_cc_at(xtcp_cc_index(&xtcp_reno) + 1));
	no(xtcp_cc_find("Reno"));
	no(xtcp_cc_find(""));
	ok(strlen(xtcp_reno.name) < XTCP_CC_NAME_MAX);
}

static u32 inits;

static void count_init(struct xtcp_cc *cc, u32 mss)
{
	inits++;
	is(mss, 1000);
	is(cc->priv[0], 0);
	is(cc->priv[XTCP_CC_PRIV / 8 - 1], 0);
}

/* MAY-18 */
TEST(may18_switch_keeps_cwnd_and_clears_state)
{
	const struct xtcp_cc_ops other = {
		.name = "other", .init = count_init,
		.on_ack = xtcp_reno.on_ack, .on_loss = xtcp_reno.on_loss,
	};
	struct xtcp_cc cc = started(1000);

	cc.cwnd = 7777;
	cc.ssthresh = 5555;
	memset(cc.priv, 0xff, sizeof(cc.priv));
	xtcp_cc_set(&cc, &other, 1000);
	ok(cc.ops == &other);
	is(cc.cwnd, 7777);
	is(cc.ssthresh, 5555);
	is(inits, 1);
	xtcp_cc_start(&cc, 1000, false);
	is(inits, 2);
}

/* EC-6, EC-7: ECE halves cwnd like a loss, never increases it, minimum one segment */
TEST(ec6_ec7_reaction_to_ece)
{
	struct xtcp_cc cc = started(1000);

	cc.cwnd = 10000;
	cc.acked = 77;
	xtcp_cc_ecn(&cc, 1000, 10000);
	is(cc.cwnd, 5000);
	is(cc.ssthresh, 5000);
	is(cc.acked, 0);
	/* a larger flight is beyond cwnd */
	xtcp_cc_ecn(&cc, 1000, 40000);
	is(cc.cwnd, 2500);
	is(cc.ssthresh, 2500);
	xtcp_cc_ecn(&cc, 1000, 3000);
	is(cc.cwnd, 1250);
	is(cc.ssthresh, 2000);
	xtcp_cc_ecn(&cc, 1000, 1500);
	is(cc.cwnd, 1000);
	is(cc.ssthresh, 2000);
}

/* Limits of the route: initial window, also after idle, and upper limit. */
TEST(route_limits)
{
	struct xtcp_cc cc = started(1000);

	cc.route.initial = 3;
	xtcp_cc_start(&cc, 1000, false);
	is(cc.cwnd, 3000);
	cc.cwnd = 9000;
	xtcp_cc_idle(&cc, 1000);
	is(cc.cwnd, 3000);
	xtcp_cc_start(&cc, 1000, true);
	is(cc.cwnd, 1000);
	cc.cwnd = 9000;
	xtcp_cc_clamp(&cc, 1000);
	is(cc.cwnd, 9000);
	cc.route.initial = 20;
	xtcp_cc_start(&cc, 1000, false);
	is(cc.cwnd, 20000);
	cc.route.clamp = 7;
	xtcp_cc_start(&cc, 1000, false);
	is(cc.cwnd, 7000);
	cc.cwnd = 7001;
	xtcp_cc_clamp(&cc, 1000);
	is(cc.cwnd, 7000);
	cc.cwnd = 5000;
	xtcp_cc_clamp(&cc, 1000);
	is(cc.cwnd, 5000);
	/* 32 bits are enough. */
	cc.route.initial = 0x10000001;
	cc.route.clamp = 0;
	xtcp_cc_start(&cc, 1024, false);
	is(cc.cwnd, XTCP_SSTHRESH_INF);
}

TEST(route_ssthresh)
{
	struct xtcp_cc cc = started(1000);

	cc.route.ssthresh = 4;
	xtcp_cc_start(&cc, 1000, false);
	is(cc.ssthresh, 4000);
	no(xtcp_cc_slow_start(&cc));
	cc.route.clamp = 3;
	xtcp_cc_start(&cc, 1000, false);
	is(cc.ssthresh, 3000);
	cc.route.ssthresh = 0;
	xtcp_cc_start(&cc, 1000, false);
	is(cc.ssthresh, XTCP_SSTHRESH_INF);
}
