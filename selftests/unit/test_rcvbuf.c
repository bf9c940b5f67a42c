// SPDX-License-Identifier: GPL-2.0
/*
 * Receive buffer autotuning: measurements of RTT and overhead by the receiver,
 * and the size of buffer and window that results from them.
 */
#include "rcvbuf.h"
#include "tap.h"

#define MSS	1460u
#define MS	1000000ull
#define LARGEST	6291456

static struct xtcp_rcvbuf started(u32 seq, u64 now)
{
	struct xtcp_rcvbuf r;

	xtcp_rcvbuf_init(&r);
	xtcp_rcvbuf_start(&r, seq, 65535, MSS, now);
	return r;
}

/* the estimate, us */
static u32 rtt_us(const struct xtcp_rcvbuf *r)
{
	return ((u64)(r->rtt8 >> 3) << XTCP_RCVBUF_TICK) / 1000;
}

static void is_about(u32 seen, u32 wanted)
{
	ok(seen >= wanted - wanted / 64 - 2 && seen <= wanted + wanted / 64 + 2);
}

TEST(first_window_of_whole_segments)
{
	is(xtcp_rcvbuf_first(20000, MSS), 13 * MSS);
	is(xtcp_rcvbuf_first(65536, MSS), 44 * MSS);
	at("more than the field of a SYN can offer");
	is(xtcp_rcvbuf_first(1 << 20, MSS), 65535);
	at("less than two segments");
	is(xtcp_rcvbuf_first(MSS - 1, MSS), MSS - 1);
	is(xtcp_rcvbuf_first(MSS, MSS), MSS);
	is(xtcp_rcvbuf_first(2 * MSS - 1, MSS), MSS);
	is(xtcp_rcvbuf_first(0, MSS), 0);
}

TEST(window_and_buffer_conversions_are_inverse)
{
	struct xtcp_rcvbuf r;
	u32 ratio, w;

	xtcp_rcvbuf_init(&r);
	is(xtcp_rcvbuf_window(&r, 131072), 65536);
	is(xtcp_rcvbuf_window(&r, 0), 0);
	is(xtcp_rcvbuf_window(&r, -1), 0);
	is(xtcp_rcvbuf_space(&r, 65536), 131072);
	for (ratio = 1; ratio < 256; ratio++) {
		r.ratio = ratio;
		at("ratio %u", ratio);
		is(xtcp_rcvbuf_space(&r, 0xffffffff), 0x7fffffff);
		for (w = 1; w < 4000000; w = w * 3 + 7) {
			u32 back = xtcp_rcvbuf_window(&r, xtcp_rcvbuf_space(&r, w));

			ok(back <= w && back + 1 >= w);
		}
	}
}

TEST(overhead_is_measured)
{
	struct xtcp_rcvbuf r;

	xtcp_rcvbuf_init(&r);
	is(r.ratio, 128);
	xtcp_rcvbuf_measure(&r, 1448, 2304);
	is(r.ratio, 160);
	xtcp_rcvbuf_measure(&r, 65483, 66560);
	is(r.ratio, 251);
	/* never 256 (no overhead), never 0 */
	xtcp_rcvbuf_measure(&r, 4096, 4096);
	is(r.ratio, 255);
	xtcp_rcvbuf_measure(&r, 9000, 4096);
	is(r.ratio, 255);
	xtcp_rcvbuf_measure(&r, 1, 768);
	is(r.ratio, 1);
	xtcp_rcvbuf_measure(&r, 0, 0);
	is(r.ratio, 1);
	xtcp_rcvbuf_measure(&r, 0xffffffff, 0xffffffff);
	is(r.ratio, 1);
}

TEST(rtt_sample_by_one_window_of_data)
{
	struct xtcp_rcvbuf r = started(0xfffff000, 5 * MS);
	u32 seq = 0xfffff000;

	xtcp_rcvbuf_measure_window(&r, seq + MSS, 10000, 10 * MS);
	is(r.rtt8, 0);
	xtcp_rcvbuf_measure_window(&r, seq + MSS + 9999, 10000, 40 * MS);
	is(r.rtt8, 0);
	xtcp_rcvbuf_measure_window(&r, seq + MSS + 10000, 10000, 50 * MS);
	is_about(rtt_us(&r), 40000);
	/* a longer time is no sample: the window was not filled */
	xtcp_rcvbuf_measure_window(&r, seq + MSS + 20000, 10000, 500 * MS);
	is_about(rtt_us(&r), 40000);
	xtcp_rcvbuf_measure_window(&r, seq + MSS + 30000, 10000, 520 * MS);
	is_about(rtt_us(&r), 20000);
	/* samples of 0 and of 4000 s are limited */
	xtcp_rcvbuf_measure_window(&r, seq + MSS + 40000, 10000, 520 * MS);
	is(r.rtt8, 8);
	r = started(seq, 0);
	xtcp_rcvbuf_measure_window(&r, seq, 1, 1 * MS);
	xtcp_rcvbuf_measure_window(&r, seq + 1, 1, 4000ull * 1000 * MS);
	is(r.rtt8, 0x80000000u);
}

TEST(rtt_samples_by_timestamp_smoothed)
{
	struct xtcp_rcvbuf r = started(1, 0);
	u32 i;

	xtcp_rcvbuf_measure_ts(&r, 7, 0);
	is(r.tsecr, 7);
	is(r.rtt8, 0);
	xtcp_rcvbuf_measure_ts(&r, 8, 40);
	is_about(rtt_us(&r), 40000);
	xtcp_rcvbuf_measure_ts(&r, 9, 80);
	is_about(rtt_us(&r), 45000);
	for (i = 0; i < 100; i++)
		xtcp_rcvbuf_measure_ts(&r, 10 + i, 80);
	is_about(rtt_us(&r), 80000);
	/* a lower sample applies at once */
	xtcp_rcvbuf_measure_ts(&r, 200, 20);
	is_about(rtt_us(&r), 20000);
	xtcp_rcvbuf_measure_ts(&r, 201, 0xffffffff);
	ok(r.rtt8 > 0x10000000u);
}

TEST(window_grows_by_twice_the_data_received)
{
	struct xtcp_rcvbuf r = started(1, 0);
	u32 largest;

	r.ratio = 160;
	largest = xtcp_rcvbuf_window(&r, LARGEST);
	is(xtcp_rcvbuf_grow(&r, 1448, 2304, MSS, largest), 2 * MSS);
	is(xtcp_rcvbuf_grow(&r, 65160, 70000, MSS, largest), 2 * 65160);
	/* a segment with more overhead: only while the window is small */
	is(xtcp_rcvbuf_grow(&r, 200, 1280, MSS, largest), 400);
	r.ssthresh = largest / 4 + 1;
	is(xtcp_rcvbuf_grow(&r, 200, 1280, MSS, largest), 0);
	r.ssthresh = largest / 4;
	is(xtcp_rcvbuf_grow(&r, 200, 1280, MSS, largest), 400);
	is(xtcp_rcvbuf_grow(&r, 128, 0x7fffffff, MSS, largest), 0);
}

TEST(buffer_grows_once_per_round_trip_by_bytes_read)
{
	struct xtcp_rcvbuf r = started(1000, 100 * MS);
	u32 w;

	is(r.space, 10 * MSS);
	/* the RTT is unknown */
	is(xtcp_rcvbuf_read(&r, 1000000, 1000000, MSS, 900 * MS), 0);
	xtcp_rcvbuf_measure_ts(&r, 1, 40);
	/* less than one RTT */
	is(xtcp_rcvbuf_read(&r, 1000000, 1000000, MSS, 139 * MS), 0);
	/* no more was read than in the RTT before */
	is(xtcp_rcvbuf_read(&r, 1000 + 10 * MSS, 1000 + 10 * MSS, MSS,
			    141 * MS), 0);
	is(r.seq, 1000 + 10 * MSS);
	/* twice the data: 2 * data + 16 MSS, plus twice the growth of 100 % */
	w = xtcp_rcvbuf_read(&r, 1000 + 30 * MSS, 1000 + 30 * MSS, MSS,
			     182 * MS);
	is(w, (2 * 20 + 16) * MSS * 3);
	is(r.space, 20 * MSS);
	/* 10 % more data, 1/16 when rounded down: plus twice that, 1/8 */
	w = xtcp_rcvbuf_read(&r, 1000 + 52 * MSS, 1000 + 52 * MSS, MSS,
			     223 * MS);
	is(w, (2 * 22 + 16) * MSS + ((2 * 22 + 16) * MSS >> 3));
	/* unread data does not count */
	is(xtcp_rcvbuf_read(&r, 1000 + 92 * MSS, 1000 + 112 * MSS, MSS,
			    264 * MS), 0);
	/* the growth is limited to 400 %, and the window to INT_MAX */
	w = xtcp_rcvbuf_read(&r, r.seq + 1000 * MSS, r.seq + 1000 * MSS, MSS,
			     310 * MS);
	is(w, (2000 + 16) * MSS * 9);
	w = xtcp_rcvbuf_read(&r, r.seq - 1, r.seq - 1, 65535, 400 * MS);
	ok(w > 0 && w <= 0x7fffffff);
}

TEST(rtt_sample_across_clock_wrap)
{
	u64 wrap = (1ull << 32) << XTCP_RCVBUF_TICK;
	struct xtcp_rcvbuf r = started(0xffffff00, wrap - 10 * MS);

	xtcp_rcvbuf_measure_ts(&r, 1, 40);
	is(xtcp_rcvbuf_read(&r, 100000, 100000, MSS, wrap + 20 * MS), 0);
	ok(xtcp_rcvbuf_read(&r, 100000, 100000, MSS, wrap + 31 * MS) > 0);
	/* a clock of 0 is valid */
	r = started(1, 0);
	xtcp_rcvbuf_measure_window(&r, 1, 10, 0);
	xtcp_rcvbuf_measure_window(&r, 11, 10, 40 * MS);
	is_about(rtt_us(&r), 40000);
}
