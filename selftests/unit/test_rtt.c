// SPDX-License-Identifier: GPL-2.0
/*
 * Round-trip time and retransmission timeout: RFC 6298, RFC 9293 3.8.3.
 */
#include "rtt.h"
#include "tap.h"

#define MS	1000u
#define SEC	1000000u

static struct xtcp_rtt fresh(void)
{
	struct xtcp_rtt rtt;

	memset(&rtt, 0xa5, sizeof(rtt));
	xtcp_rtt_init(&rtt);
	return rtt;
}

/* RT-1 */
TEST(rt1_one_second_before_any_sample)
{
	struct xtcp_rtt rtt = fresh();

	is(xtcp_rtt_rto(&rtt), SEC);
	is(xtcp_rtt_srtt(&rtt), 0);
	is(rtt.backoff, 0);
	is(rtt.probes, 0);
	is(rtt.min, ~0u);
}

/* RT-4, RT-5 */
TEST(rt4_rt5_floor_and_ceiling)
{
	is(XTCP_RTO_MIN, 200 * MS);
	ok(XTCP_RTO_MAX >= 60 * SEC);
	is(XTCP_RTO_MAX, 120 * SEC);
}

/* RT-2 */
TEST(rt2_the_first_sample)
{
	/* SRTT = R, RTTVAR = R/2, RTO = R + 4 * R/2 = 3R where 2R > floor */
	static const u32 samples[] = {
		100 * MS, 123457, 200 * MS, 333333, 1 * SEC, 10 * SEC, 39 * SEC,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		struct xtcp_rtt rtt = fresh();

		at("R %u us", samples[i]);
		xtcp_rtt_sample(&rtt, samples[i]);
		is(xtcp_rtt_srtt(&rtt), samples[i]);
		is(rtt.rttvar4, 2 * samples[i]);
		is(xtcp_rtt_rto(&rtt), 3 * samples[i]);
		is(rtt.min, samples[i]);
	}
}

/* RT-3 */
TEST(rt3_later_samples_by_hand)
{
	struct xtcp_rtt rtt = fresh();

	/* R=400: SRTT 400, RTTVAR 200, RTO 1200 */
	xtcp_rtt_sample(&rtt, 400 * MS);
	is(xtcp_rtt_rto(&rtt), 1200 * MS);
	/*
	 * R=800: RTTVAR = 3/4 200 + 1/4 |400 - 800| = 250, with the previous
	 * SRTT; SRTT = 7/8 400 + 1/8 800 = 450; RTO = 450 + 1000
	 */
	xtcp_rtt_sample(&rtt, 800 * MS);
	is(rtt.rttvar4, 1000 * MS);
	is(xtcp_rtt_srtt(&rtt), 450 * MS);
	is(xtcp_rtt_rto(&rtt), 1450 * MS);
	/* R=50: RTTVAR = 187.5 + 100 = 287.5; SRTT = 393.75 + 6.25 = 400 */
	xtcp_rtt_sample(&rtt, 50 * MS);
	is(rtt.rttvar4, 1150 * MS);
	is(xtcp_rtt_srtt(&rtt), 400 * MS);
	is(xtcp_rtt_rto(&rtt), 1550 * MS);
	is(rtt.min, 50 * MS);
}

/* RFC 6298 2 in floating point. */
struct exact {
	double srtt;
	double rttvar;
};

static void exact_sample(struct exact *e, double r)
{
	double err = e->srtt - r;

	if (e->srtt == 0) {
		e->srtt = r;
		e->rttvar = r / 2;
		return;
	}
	e->rttvar = 0.75 * e->rttvar + 0.25 * (err < 0 ? -err : err);
	e->srtt = 0.875 * e->srtt + 0.125 * r;
}

/* RT-3 */
TEST(rt3_random_samples_against_exact_arithmetic)
{
	u32 run, i;

	for (run = 0; run < 200; run++) {
		struct xtcp_rtt rtt = fresh();
		struct exact e = { 0 };
		u32 base = 1 + rnd() % (run % 2 ? 20 * SEC : 50 * MS);
		u32 min = ~0u;

		for (i = 0; i < 200; i++) {
			u32 us = base / 2 + 1 + rnd() % base;
			double rto, got;

			xtcp_rtt_sample(&rtt, us);
			exact_sample(&e, us);
			min = us < min ? us : min;
			at("run %u sample %u", run, i);
			got = xtcp_rtt_srtt(&rtt);
			ok(got - e.srtt < 10 && e.srtt - got < 10);
			got = rtt.rttvar4 / 4.0;
			ok(got - e.rttvar < 20 && e.rttvar - got < 20);
			is(rtt.min, min);
			/* not below the RFC's value, or the floor */
			rto = e.srtt + 4 * e.rttvar;
			got = xtcp_rtt_rto(&rtt);
			ok(got > rto - 100 || got == XTCP_RTO_MAX);
			ok(got >= XTCP_RTO_MIN);
			/* and not above it, unless the floor applies */
			if (4 * e.rttvar > XTCP_RTO_MIN + 100 &&
			    rto < XTCP_RTO_MAX)
				ok(got < rto + 100);
		}
	}
}

/* RT-4 */
TEST(rt4_rto_above_rtt_on_steady_path)
{
	/* XTCP: SRTT + 200 ms, as in the kernel's TCP, for delayed ACKs */
	static const u32 paths[] = { 0, 1, 7, 50, 999, 1000, 49999, 3 * SEC };
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		struct xtcp_rtt rtt = fresh();
		u32 us = paths[i] ? paths[i] : 1;

		at("%u us", paths[i]);
		for (n = 0; n < 200; n++)
			xtcp_rtt_sample(&rtt, paths[i]);
		is(xtcp_rtt_srtt(&rtt), us);
		is(xtcp_rtt_rto(&rtt), us + XTCP_RTO_MIN);
		is(rtt.min, us);
	}
}

/* RT-5 */
TEST(rt5_ceiling_for_any_sample)
{
	static const u32 samples[] = {
		40 * SEC + 1, 100 * SEC, 120 * SEC, 121 * SEC, 0x7fffffff,
		0x80000000, 0xfffffff0, 0xffffffff,
	};
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		struct xtcp_rtt rtt = fresh();

		at("%u us", samples[i]);
		for (n = 0; n < 50; n++) {
			xtcp_rtt_sample(&rtt, n % 3 == 2 ? 1 : samples[i]);
			ok(rtt.rto <= XTCP_RTO_MAX);
			ok(xtcp_rtt_rto(&rtt) <= XTCP_RTO_MAX);
			ok(xtcp_rtt_rto(&rtt) >= 60 * SEC);
			ok(xtcp_rtt_srtt(&rtt) <= XTCP_RTO_MAX);
		}
		rtt.backoff = 3;
		is(xtcp_rtt_rto(&rtt), XTCP_RTO_MAX);
	}
}

/* RT-8 */
TEST(rt8_timeout_doubles_per_expiry)
{
	struct xtcp_rtt rtt = fresh();
	u32 want = SEC;
	u32 n;

	/* 1, 2, 4, ... 64, then the maximum */
	for (n = 0; n < 256; n++) {
		at("%u expiries", n);
		rtt.backoff = n;
		is(xtcp_rtt_rto(&rtt), want);
		want = want * 2 > XTCP_RTO_MAX ? XTCP_RTO_MAX : want * 2;
	}
	at("from a sample");
	rtt = fresh();
	xtcp_rtt_sample(&rtt, 100 * MS);
	for (n = 0; n < 9; n++) {
		rtt.backoff = n;
		is(xtcp_rtt_rto(&rtt), (300 * MS) << n);
	}
	rtt.backoff = 9;
	is(xtcp_rtt_rto(&rtt), XTCP_RTO_MAX);
}

/* RT-8 */
TEST(rt8_doubling_does_not_wrap)
{
	static const u32 rtos[] = {
		200000, 262144, 1 << 20, 4194304, 33554432, 67108864,
		119999999, 120000000,
	};
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(rtos); i++) {
		struct xtcp_rtt rtt = fresh();
		u32 want = rtos[i];

		rtt.rto = rtos[i];
		for (n = 0; n < 256; n++) {
			at("%u us, %u expiries", rtos[i], n);
			rtt.backoff = n;
			is(xtcp_rtt_rto(&rtt), want);
			want = want * 2 > XTCP_RTO_MAX ? XTCP_RTO_MAX :
			       want * 2;
		}
	}
}

/* RT-8 */
TEST(rt8_from_the_floor_to_the_ceiling)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 1);
	xtcp_rtt_sample(&rtt, 1);
	is(xtcp_rtt_rto(&rtt), XTCP_RTO_MIN + 1);
	rtt.backoff = 9;
	is(xtcp_rtt_rto(&rtt), (XTCP_RTO_MIN + 1) << 9);
	rtt.backoff = 10;
	is(xtcp_rtt_rto(&rtt), XTCP_RTO_MAX);
	rtt.backoff = 255;
	is(xtcp_rtt_rto(&rtt), XTCP_RTO_MAX);
}

/* RT-8, ZW-1: unlimited window probes stay at the maximum RTO. */
TEST(rt8_hundreds_of_expiries_stay_at_ceiling)
{
	struct xtcp_rtt rtt = fresh();
	u32 n;

	xtcp_rtt_sample(&rtt, 100 * MS);
	for (n = 1; n < 600; n++) {
		at("%u expiries", n);
		xtcp_rtt_expired(&rtt.probes);
		is(rtt.probes, n < 255 ? n : 255);
		is(xtcp_rtt_rto(&rtt), n < 9 ? (300 * MS) << n : XTCP_RTO_MAX);
	}
	/* The back-offs of retransmissions and of probes add up. */
	at("both");
	xtcp_rtt_expired(&rtt.backoff);
	xtcp_rtt_expired(&rtt.backoff);
	is(xtcp_rtt_rto(&rtt), XTCP_RTO_MAX);
	rtt.probes = 1;
	is(xtcp_rtt_rto(&rtt), 2400 * MS);
	rtt.probes = 0;
	is(xtcp_rtt_rto(&rtt), 1200 * MS);
}

/* RT-10 */
TEST(rt10_backoff_kept_until_new_sample)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 100 * MS);
	rtt.backoff = 4;
	is(xtcp_rtt_rto(&rtt), 4800 * MS);
	is(xtcp_rtt_rto(&rtt), 4800 * MS);
	xtcp_rtt_sample(&rtt, 100 * MS);
	is(rtt.backoff, 0);
	/* RTTVAR 50 * 3/4: RTO = 100 + max(150, floor) */
	is(xtcp_rtt_rto(&rtt), 300 * MS);
}

/* RT-9 */
TEST(rt9_three_seconds_after_a_lost_syn)
{
	struct xtcp_rtt rtt = fresh();

	rtt.backoff = 2;
	xtcp_rtt_syn_lost(&rtt);
	is(xtcp_rtt_rto(&rtt), 3 * SEC);
	/* the next sample is treated as the first */
	xtcp_rtt_sample(&rtt, 100 * MS);
	is(xtcp_rtt_rto(&rtt), 300 * MS);
}

/* RT-9 */
TEST(rt9_three_seconds_also_with_a_sample_of_the_handshake)
{
	struct xtcp_rtt rtt = fresh();

	/*
	 * With timestamps it is known which SYN was answered, but RFC 6298 5.7
	 * has no exception for that.
	 */
	rtt.backoff = 1;
	xtcp_rtt_sample(&rtt, 100 * MS);
	xtcp_rtt_syn_lost(&rtt);
	is(xtcp_rtt_rto(&rtt), 3 * SEC);
}

/* RT-9 */
TEST(rt9_timeout_above_three_seconds_kept)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 5 * SEC);
	xtcp_rtt_syn_lost(&rtt);
	is(xtcp_rtt_rto(&rtt), 15 * SEC);
}

TEST(zero_sample_counts_as_smallest)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 0);
	is(xtcp_rtt_srtt(&rtt), 1);
	is(rtt.min, 1);
	/* the first sample was taken: the next one is averaged */
	xtcp_rtt_sample(&rtt, 801);
	is(xtcp_rtt_srtt(&rtt), 101);
}

static u64 r2(u32 rto, u32 retries)
{
	return xtcp_rtt_r2(rto, retries, XTCP_RTO_MAX);
}

/* MUST-23 */
TEST(must23_syn_retried_for_three_minutes)
{
	/* 1+2+4+8+16+32+64+120 s with seven retransmissions */
	is(r2(XTCP_RTO_INIT, 7), 247ull * SEC);
	ok(r2(XTCP_RTO_INIT, 7) >= 180ull * SEC);
	/* the kernel's TCP has six: 127 s */
	is(r2(XTCP_RTO_INIT, 6), 127ull * SEC);
}

/* SHLD-11 */
TEST(shld11_r2_as_a_time)
{
	/* tcp_retries2 = 15: 924.6 s (Documentation/networking/ip-sysctl) */
	is(r2(XTCP_RTO_MIN, 15), 924600ull * MS);
	ok(r2(XTCP_RTO_MIN, 15) >= 100ull * SEC);
	is(r2(SEC, 0), SEC);
	is(r2(SEC, 1), 3 * SEC);
	is(r2(XTCP_RTO_MAX, 255), 256ull * XTCP_RTO_MAX);
	is(r2(XTCP_RTO_MAX - 1, 1),
	   2ull * XTCP_RTO_MAX - 1);
}

/* A lower maximum than the default: TCP_RTO_MAX_MS, sysctl rto_max_ms */
TEST(lower_maximum)
{
	struct xtcp_rtt rtt = fresh();

	rtt.rto_max = SEC;
	is(xtcp_rtt_rto(&rtt), SEC);
	rtt.backoff = 5;
	is(xtcp_rtt_rto(&rtt), SEC);
	xtcp_rtt_sample(&rtt, 700 * MS);
	is(xtcp_rtt_rto(&rtt), SEC);
	rtt.rto_max = 3 * SEC;
	xtcp_rtt_sample(&rtt, 100 * MS);
	xtcp_rtt_seed(&rtt, 2 * SEC);
	is(rtt.rto, 3 * SEC);
	xtcp_rtt_syn_lost(&rtt);
	rtt.rto_max = 2 * SEC;
	is(xtcp_rtt_rto(&rtt), 2 * SEC);
	at("R2");
	is(xtcp_rtt_r2(SEC, 7, SEC), 8 * SEC);
	is(xtcp_rtt_r2(SEC, 3, 3 * SEC), 9 * SEC);
	is(xtcp_rtt_r2(2 * SEC, 1, SEC), 2 * SEC);
}

/* RK-2 */
TEST(rk2_minimum_is_forgotten)
{
	struct xtcp_rtt rtt = fresh();
	u64 t = 1000;

	xtcp_rtt_age_min(&rtt, t);
	xtcp_rtt_sample(&rtt, 10 * MS);
	xtcp_rtt_age_min(&rtt, t += XTCP_MIN_RTT_WINDOW - 1);
	xtcp_rtt_sample(&rtt, 40 * MS);
	is(rtt.min, 10 * MS);
	/* The next window still has the minimum of this one. */
	xtcp_rtt_age_min(&rtt, ++t);
	xtcp_rtt_sample(&rtt, 50 * MS);
	is(rtt.min, 10 * MS);
	xtcp_rtt_age_min(&rtt, t += XTCP_MIN_RTT_WINDOW);
	xtcp_rtt_sample(&rtt, 60 * MS);
	is(rtt.min, 50 * MS);
	/* Nothing in a window: its sample is the first of the next. */
	xtcp_rtt_age_min(&rtt, t += XTCP_MIN_RTT_WINDOW);
	xtcp_rtt_age_min(&rtt, t += XTCP_MIN_RTT_WINDOW);
	is(rtt.min, ~0u);
	xtcp_rtt_sample(&rtt, 70 * MS);
	is(rtt.min, 70 * MS);
}

/* FR-5: after a spurious timeout SRTT and RTTVAR are those of the late segment. */
TEST(fr5_spurious_timeout)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_sample(&rtt, 40 * MS);
	xtcp_rtt_spurious(&rtt, 400 * MS);
	is(xtcp_rtt_srtt(&rtt), 400 * MS);
	is(rtt.rttvar4, 800 * MS);
	is(rtt.rto, 1200 * MS);
	/* A shorter one changes nothing. */
	xtcp_rtt_spurious(&rtt, 30 * MS);
	is(xtcp_rtt_srtt(&rtt), 400 * MS);
	is(rtt.rto, 1200 * MS);
	xtcp_rtt_spurious(&rtt, 0x20000001);
	is(xtcp_rtt_srtt(&rtt), XTCP_RTO_MAX);
	is(rtt.rto, XTCP_RTO_MAX);
}

/* The minimum of the variance term is variable. */
TEST(other_minimum)
{
	struct xtcp_rtt rtt = fresh();

	rtt.rto_min = 10 * MS;
	xtcp_rtt_sample(&rtt, 4 * MS);
	is(rtt.rto, 14 * MS);
	rtt.rto_min = 500 * MS;
	xtcp_rtt_sample(&rtt, 4 * MS);
	is(rtt.rto, 504 * MS);
}

/* A known RTT sets the first RTO, if it exceeds the sample of the SYN. */
TEST(seeded)
{
	struct xtcp_rtt rtt = fresh();

	xtcp_rtt_seed(&rtt, 0);
	is(rtt.rto, SEC);
	xtcp_rtt_seed(&rtt, 50 * MS);
	is(rtt.rto, 250 * MS);
	xtcp_rtt_sample(&rtt, 300 * MS);
	is(rtt.rto, 900 * MS);
	xtcp_rtt_seed(&rtt, 300 * MS);
	is(rtt.rto, 900 * MS);
	xtcp_rtt_seed(&rtt, 400 * MS);
	is(rtt.rto, 1200 * MS);
	is(xtcp_rtt_srtt(&rtt), 300 * MS);
	xtcp_rtt_seed(&rtt, 0x55555556);
	is(rtt.rto, XTCP_RTO_MAX);
	rtt = fresh();
	xtcp_rtt_sample(&rtt, 300 * MS);
	xtcp_rtt_seed(&rtt, 299 * MS);
	is(rtt.rto, 900 * MS);
}

/* RFC 6069: one step back, down to none. */
TEST(unreachable_takes_back_one_step)
{
	struct xtcp_rtt rtt;
	u32 rto;

	xtcp_rtt_init(&rtt);
	rto = xtcp_rtt_rto(&rtt);
	rtt.backoff = 2;
	ok(xtcp_rtt_revert(&rtt));
	is(xtcp_rtt_rto(&rtt), 2 * rto);
	ok(xtcp_rtt_revert(&rtt));
	is(xtcp_rtt_rto(&rtt), rto);
	no(xtcp_rtt_revert(&rtt));
	is(rtt.backoff, 0);
}
