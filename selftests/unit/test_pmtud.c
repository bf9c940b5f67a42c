// SPDX-License-Identifier: GPL-2.0
/*
 * The search for the path MTU: RFC 4821 7, and RFC 5927 7.2.
 */
#include "pmtud.h"
#include "tap.h"

#define SECOND	1000000000ull
#define REST	(600 * SECOND)

static struct xtcp_pmtud searching(u32 base, u32 max)
{
	struct xtcp_pmtud p;

	memset(&p, 0, sizeof(p));
	xtcp_pmtud_set_max(&p, max);
	xtcp_pmtud_start(&p, base, max, REST);
	return p;
}

/* Search on a path with MTU @takes. Return: the size found. */
static u32 search(struct xtcp_pmtud *p, u32 takes, u32 threshold, u64 now,
		  int *probes)
{
	u32 seq = 0xfffff000, size;

	for (*probes = 0; *probes < 100; ++*probes) {
		size = xtcp_pmtud_next(p, threshold, now, REST);
		if (!size)
			break;
		ok(size > p->low);
		ok(size <= p->max);
		xtcp_pmtud_sent(p, size, seq, seq + size);
		/* one probe at a time */
		is(xtcp_pmtud_next(p, threshold, now, REST), 0);
		seq += size;
		if (size <= takes)
			ok(xtcp_pmtud_acked(p, seq));
		else
			xtcp_pmtud_failed(p, now);
		is(p->probe, 0);
	}
	return p->low;
}

/* PM-9 */
TEST(pm9_start_of_search)
{
	struct xtcp_pmtud p;

	memset(&p, 0, sizeof(p));
	no(xtcp_pmtud_on(&p));
	is(xtcp_pmtud_next(&p, 8, 0, REST), 0);
	xtcp_pmtud_start(&p, 1064, 1500, 5);
	ok(xtcp_pmtud_on(&p));
	is(p.low, 1064);
	is(p.high, 1500);
	is(p.max, 1500);
	is(p.raise, 5);
	/* a peer with an MSS below the base */
	xtcp_pmtud_start(&p, 1064, 576, 5);
	is(p.low, 576);
	is(p.high, 576);
	is(xtcp_pmtud_next(&p, 8, 0, REST), 0);
}

/* PM-9 */
TEST(pm9_limited_by_peer_and_interface)
{
	static const u32 maxes[] = { 1065, 1280, 1492, 1500, 4352, 9000, 65535 };
	int probes;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(maxes); i++) {
		struct xtcp_pmtud p = searching(1064, maxes[i]);

		at("max %u", maxes[i]);
		is(search(&p, 70000, 1, 0, &probes), maxes[i]);
		/* the largest size is probed first: one probe is enough */
		is(probes, 1);
	}
}

TEST(search_finds_path_mtu)
{
	u32 takes;
	int probes;

	for (takes = 1064; takes <= 9000; takes += 7) {
		struct xtcp_pmtud p = searching(1064, 9000);
		u32 found = search(&p, takes, 8, 0, &probes);

		at("takes %u", takes);
		ok(found <= takes);
		ok(takes - found < 8);
		ok(probes <= 12);
	}
}

TEST(search_ends_at_threshold)
{
	struct xtcp_pmtud p = searching(1000, 1008);
	int probes;

	is(xtcp_pmtud_next(&p, 9, 0, REST), 0);
	is(xtcp_pmtud_next(&p, 8, 0, REST), 1008);
	/* a threshold of 0 must not cause an endless search */
	is(search(&p, 1003, 0, 0, &probes), 1003);
	ok(probes < 8);
}

TEST(search_restarts_after_interval)
{
	struct xtcp_pmtud p = searching(1064, 1500);
	int probes;

	ok(search(&p, 1400, 8, 0, &probes) <= 1400);
	is(xtcp_pmtud_next(&p, 8, REST - 1, REST), 0);
	/* the path MTU has increased */
	is(xtcp_pmtud_next(&p, 8, REST, REST), 1500);
	is(p.raise, 2 * REST);
	is(search(&p, 1500, 8, REST, &probes), 1500);
	/* there is no larger size to find */
	is(xtcp_pmtud_next(&p, 8, 9 * REST, REST), 0);
}

TEST(larger_mtu_found_by_search)
{
	struct xtcp_pmtud p = searching(1064, 1500);
	int probes;

	is(search(&p, 9000, 8, 0, &probes), 1500);
	no(xtcp_pmtud_set_max(&p, 9000));
	is(p.low, 1500);
	is(xtcp_pmtud_next(&p, 8, REST - 1, REST), 0);
	is(xtcp_pmtud_next(&p, 8, REST, REST), 9000);
}

TEST(smaller_mtu_applies_at_once)
{
	struct xtcp_pmtud p = searching(1064, 1500);

	xtcp_pmtud_sent(&p, 1500, 1, 1461);
	no(xtcp_pmtud_set_max(&p, 1500));
	is(p.probe, 1500);
	ok(xtcp_pmtud_set_max(&p, 1499));
	is(p.probe, 0);
	is(p.high, 1499);
	is(p.low, 1064);
	no(xtcp_pmtud_set_max(&p, 1000));
	is(p.low, 1000);
	is(p.high, 1000);
}

/* PM-7 */
TEST(pm7_probe_succeeds_only_if_fully_acked)
{
	struct xtcp_pmtud p = searching(1064, 1500);

	xtcp_pmtud_sent(&p, 1500, 0xffffff00, 1204);
	no(xtcp_pmtud_acked(&p, 0xffffff00));
	no(xtcp_pmtud_acked(&p, 1203));
	is(p.low, 1064);
	ok(xtcp_pmtud_acked(&p, 1204));
	is(p.low, 1500);
	/* once */
	no(xtcp_pmtud_acked(&p, 1204));
}

TEST(segment_overlaps_probe)
{
	struct xtcp_pmtud p = searching(1064, 1500);

	no(xtcp_pmtud_overlaps_probe(&p, 0, 0xffff));
	xtcp_pmtud_sent(&p, 1500, 1000, 2460);
	ok(xtcp_pmtud_overlaps_probe(&p, 1000, 2460));
	ok(xtcp_pmtud_overlaps_probe(&p, 0, 1001));
	no(xtcp_pmtud_overlaps_probe(&p, 0, 1000));
	ok(xtcp_pmtud_overlaps_probe(&p, 2459, 3000));
	no(xtcp_pmtud_overlaps_probe(&p, 2460, 3000));
}

/* PM-7 */
TEST(pm7_lost_probe_bounds_search)
{
	struct xtcp_pmtud p = searching(1064, 1500);

	xtcp_pmtud_sent(&p, 1500, 1, 1461);
	xtcp_pmtud_failed(&p, 77);
	is(p.high, 1499);
	is(p.low, 1064);
	is(xtcp_pmtud_next(&p, 8, 76, REST), 0);
	is(xtcp_pmtud_next(&p, 8, 77, REST), 1282);
	/* never below a size that was acknowledged */
	xtcp_pmtud_sent(&p, 1064, 1, 1025);
	xtcp_pmtud_failed(&p, 0);
	is(p.high, 1064);
}

/* PM-7 */
TEST(pm7_probe_lost_with_others_is_inconclusive)
{
	struct xtcp_pmtud p = searching(1064, 1500);

	xtcp_pmtud_sent(&p, 1500, 1, 1461);
	xtcp_pmtud_inconclusive(&p, 50);
	is(p.high, 1500);
	is(p.low, 1064);
	is(xtcp_pmtud_next(&p, 8, 49, REST), 0);
	is(xtcp_pmtud_next(&p, 8, 50, REST), 1500);
}

/* PM-8 */
TEST(pm8_black_hole)
{
	struct xtcp_pmtud p;

	memset(&p, 0, sizeof(p));
	xtcp_pmtud_set_max(&p, 1500);
	p.max_acked = 1500;
	/* a small segment is not lost because of its size */
	no(xtcp_pmtud_black_hole(&p, 1064, 1064, 88, 3, REST));
	no(xtcp_pmtud_on(&p));
	is(p.max_acked, 1500);
	ok(xtcp_pmtud_black_hole(&p, 1065, 1064, 88, 3, REST));
	is(p.low, 1064);
	is(p.high, 1500);
	is(p.raise, REST);
	is(p.max_acked, 1064);
	is(xtcp_pmtud_next(&p, 8, 2, REST), 0);
	/* the size that was lost is not the first to be probed */
	is(xtcp_pmtud_next(&p, 8, 3, REST), 1282);
	/* a black hole again: the size is halved, down to the floor */
	ok(xtcp_pmtud_black_hole(&p, 1064, 1064, 88, 0, REST));
	is(p.low, 532);
	ok(xtcp_pmtud_black_hole(&p, 532, 1064, 88, 0, REST));
	is(p.low, 266);
	ok(xtcp_pmtud_black_hole(&p, 266, 1064, 88, 0, REST));
	ok(xtcp_pmtud_black_hole(&p, 133, 1064, 88, 0, REST));
	is(p.low, 88);
	no(xtcp_pmtud_black_hole(&p, 88, 1064, 88, 0, REST));
}

/* PM-8 */
TEST(pm8_black_hole_falls_back_to_base)
{
	struct xtcp_pmtud p = searching(1064, 1500);
	int probes;

	search(&p, 1500, 8, 0, &probes);
	is(p.low, 1500);
	ok(xtcp_pmtud_black_hole(&p, 1500, 1064, 88, 0, REST));
	is(p.low, 1064);
}

/* PM-6 */
TEST(pm6_mtu_claimed_by_icmp)
{
	struct xtcp_pmtud p;

	memset(&p, 0, sizeof(p));
	/* no segment of this size was sent */
	is(xtcp_pmtud_check_ptb(&p, 1500, 1, 1500), XTCP_PTB_IGNORE);
	is(xtcp_pmtud_check_ptb(&p, 9000, 1, 1500), XTCP_PTB_IGNORE);
	is(xtcp_pmtud_check_ptb(&p, 1499, 1, 1500), XTCP_PTB_ACCEPT);
	is(xtcp_pmtud_confirm_ptb(&p), 0);
	/* a packet of 1400 bytes was sent and acknowledged */
	xtcp_pmtud_acked_size(&p, 1400, 100);
	is(xtcp_pmtud_check_ptb(&p, 1400, 200, 1500), XTCP_PTB_ACCEPT);
	is(xtcp_pmtud_check_ptb(&p, 1399, 200, 1500), XTCP_PTB_CONFIRM);
	/* a second ICMP error does not replace the first */
	is(xtcp_pmtud_check_ptb(&p, 600, 300, 1500), XTCP_PTB_CONFIRM);
	is(xtcp_pmtud_confirm_ptb(&p), 1399);
	is(p.max_acked, 1399);
	is(xtcp_pmtud_confirm_ptb(&p), 0);
}

/* PM-6 */
TEST(pm6_progress_cancels_claimed_mtu)
{
	struct xtcp_pmtud p;

	memset(&p, 0, sizeof(p));
	xtcp_pmtud_acked_size(&p, 1500, 100);
	xtcp_pmtud_acked_size(&p, 60, 100);
	is(p.max_acked, 1500);
	is(xtcp_pmtud_check_ptb(&p, 600, 200, 1500), XTCP_PTB_CONFIRM);
	xtcp_pmtud_acked_size(&p, 1500, 200);
	is(p.ptb_mtu, 600);
	xtcp_pmtud_acked_size(&p, 1500, 201);
	is(p.ptb_mtu, 0);
	is(xtcp_pmtud_confirm_ptb(&p), 0);
	/* an MTU of 0 is handled as 1, because 0 means none */
	is(xtcp_pmtud_check_ptb(&p, 0, 200, 1500), XTCP_PTB_CONFIRM);
	is(xtcp_pmtud_confirm_ptb(&p), 1);
}
