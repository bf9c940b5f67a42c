// SPDX-License-Identifier: GPL-2.0
/*
 * RACK: loss detection by the time of transmission (RFC 8985 section 6).
 */
#include "rack.h"
#include "tap.h"

#define MS	1000000ull	/* ns */
#define RTT	40000u		/* us */

static struct xtcp_rack fresh(void)
{
	struct xtcp_rack r;

	memset(&r, 0xa5, sizeof(r));
	xtcp_rack_init(&r);
	return r;
}

/* The segment that ends at @end was sent at @sent, and is delivered at @now. */
static void deliver(struct xtcp_rack *r, u32 end, u64 sent, u64 now)
{
	struct xtcp_rack_segment seg = { .sent = sent, .end_seq = end };

	xtcp_rack_delivered(r, &seg, now, RTT);
}

static void deliver_resent(struct xtcp_rack *r, u32 end, u64 sent, u64 now,
			   bool older)
{
	struct xtcp_rack_segment seg = {
		.sent = sent, .end_seq = end, .retransmitted = true,
		.older = older,
	};

	xtcp_rack_delivered(r, &seg, now, RTT);
}

/* RK-3 */
TEST(rk3_most_recently_sent_of_those_delivered)
{
	struct xtcp_rack r = fresh();

	deliver(&r, 2000, 11 * MS, 51 * MS);
	is(r.xmit, 11 * MS);
	is(r.end_seq, 2000);
	is(r.rtt, RTT);
	ok(r.advanced);

	/* Sent earlier: not the reference, whenever it arrives. */
	r.advanced = 0;
	deliver(&r, 1000, 10 * MS, 60 * MS);
	is(r.xmit, 11 * MS);
	is(r.rtt, RTT);
	no(r.advanced);

	/* Sent in the same moment: the higher sequence number is later. */
	deliver(&r, 3000, 11 * MS, 52 * MS);
	is(r.end_seq, 3000);
	is(r.rtt, RTT + 1000);
	deliver(&r, 2500, 11 * MS, 53 * MS);
	is(r.end_seq, 3000);

	/* A round trip below the minimum is fine if it was sent once. */
	deliver(&r, 4000, 12 * MS, 12 * MS + 1000);
	is(r.end_seq, 4000);
	is(r.rtt, 1);

	/* Also over the wrap of sequence numbers. */
	r = fresh();
	deliver(&r, 0xfffffff0, 11 * MS, 51 * MS);
	deliver(&r, 0x10, 11 * MS, 51 * MS);
	is(r.end_seq, 0x10);
}

/* RK-3: an ACK that may be that of the first transmission gives no sample. */
TEST(rk3_retransmissions)
{
	struct xtcp_rack r = fresh();

	deliver(&r, 2000, 10 * MS, 50 * MS);
	r.advanced = 0;
	deliver_resent(&r, 1000, 60 * MS, 60 * MS + 39 * MS, false);
	is(r.xmit, 10 * MS);
	deliver_resent(&r, 1000, 60 * MS, 60 * MS + 45 * MS, true);
	is(r.xmit, 10 * MS);
	no(r.advanced);
	deliver_resent(&r, 1000, 60 * MS, 60 * MS + 40 * MS, false);
	is(r.xmit, 60 * MS);
	is(r.end_seq, 1000);
	is(r.rtt, RTT);
	ok(r.advanced);
}

/* RK-4 */
TEST(rk4_reordering)
{
	struct xtcp_rack r = fresh();

	deliver(&r, 1000, 10 * MS, 50 * MS);
	deliver(&r, 3000, 10 * MS, 50 * MS);
	no(r.reordered);
	/* A retransmission below the highest is no reordering. */
	deliver_resent(&r, 2000, 60 * MS, 110 * MS, false);
	no(r.reordered);
	deliver(&r, 4000, 10 * MS, 50 * MS);
	no(r.reordered);
	deliver(&r, 4000, 10 * MS, 50 * MS);
	no(r.reordered);
	is(r.late, 0);
	deliver(&r, 3500, 10 * MS, 50 * MS);
	ok(r.reordered);
}

static void deliver_from(struct xtcp_rack *r, u32 seq, u32 end)
{
	struct xtcp_rack_segment seg = {
		.sent = 10 * MS, .seq = seq, .end_seq = end,
	};

	xtcp_rack_delivered(r, &seg, 50 * MS, RTT);
}

/* The distance is that of the segment that arrived most out of order. */
TEST(distance_of_reordering)
{
	struct xtcp_rack r = fresh();

	deliver_from(&r, 0x0fff, 0x2000);
	deliver_from(&r, 0x0800, 0x0fff);
	is(r.late, 0x1800);
	deliver_from(&r, 0xfffffff0, 0x0100);
	is(r.late, 0x2010);
	deliver_from(&r, 0x0700, 0x0800);
	is(r.late, 0x2010);
}

static u32 window(const struct xtcp_rack *r, u32 sacked, bool recovering,
		  u32 srtt, u8 flags)
{
	struct xtcp_rack_path path = {
		.min_rtt = RTT, .srtt = srtt, .sacked = sacked, .thresh = 3,
		.recovering = recovering, .flags = flags,
	};

	return xtcp_rack_window(r, &path);
}

/* RK-5, RK-8 */
TEST(rk5_rk8_window)
{
	struct xtcp_rack r = fresh();

	is(window(&r, 0, false, RTT, XTCP_RACK_ON), RTT / 4);
	is(window(&r, 2, false, RTT, XTCP_RACK_ON), RTT / 4);
	is(window(&r, 3, false, RTT, XTCP_RACK_ON), 0);
	is(window(&r, 3, false, RTT, XTCP_RACK_ON | XTCP_RACK_NO_THRESH),
	   RTT / 4);
	is(window(&r, 0, true, RTT, XTCP_RACK_ON), 0);
	is(window(&r, 0, true, RTT, XTCP_RACK_ON | XTCP_RACK_NO_THRESH), 0);
	/* After reordering neither DupThresh nor a recovery closes it. */
	r.reordered = 1;
	is(window(&r, 100, true, RTT, XTCP_RACK_ON), RTT / 4);
	r.mult = 3;
	is(window(&r, 3, false, RTT, XTCP_RACK_ON), 3 * RTT / 4);
	is(window(&r, 3, false, RTT, XTCP_RACK_ON | XTCP_RACK_STATIC), RTT / 4);
	r.mult = 255;
	is(window(&r, 3, false, RTT, XTCP_RACK_ON), RTT);
	is(window(&r, 3, false, RTT + 5, XTCP_RACK_ON), RTT + 5);
}

/* RK-6 */
TEST(rk6_dsack_widens_once_per_round)
{
	struct xtcp_rack r = fresh();
	int i;

	is(r.mult, 1);
	xtcp_rack_dsack(&r, 1000, 5000);
	is(r.mult, 2);
	/* Until 5000 is acknowledged it is the same round. */
	xtcp_rack_dsack(&r, 2000, 6000);
	is(r.mult, 2);
	xtcp_rack_dsack(&r, 4999, 7000);
	is(r.mult, 2);
	xtcp_rack_una(&r, 5000);
	xtcp_rack_dsack(&r, 5000, 9000);
	is(r.mult, 3);
	/* The end of the round and a new DSACK come with one ACK. */
	xtcp_rack_dsack(&r, 9000, 9500);
	is(r.mult, 4);

	for (i = 0; i < 15; i++)
		xtcp_rack_recovered(&r);
	is(r.mult, 4);
	xtcp_rack_recovered(&r);
	is(r.mult, 1);
	xtcp_rack_recovered(&r);
	is(r.mult, 1);

	for (i = 0; i < 300; i++)
		xtcp_rack_dsack(&r, 10000 * i, 10000 * i + 1);
	is(r.mult, 255);
	is(r.persist, XTCP_RACK_PERSIST);
}

/* RK-7 */
TEST(rk7_lost_when_overtaken_and_due)
{
	struct xtcp_rack r = fresh();

	no(xtcp_rack_overtaken(&r, 1, 1000));
	deliver(&r, 3000, 20 * MS, 60 * MS);
	ok(xtcp_rack_overtaken(&r, 10 * MS, 9000));
	ok(xtcp_rack_overtaken(&r, 20 * MS, 2000));
	no(xtcp_rack_overtaken(&r, 20 * MS, 3000));
	no(xtcp_rack_overtaken(&r, 20 * MS, 4000));
	no(xtcp_rack_overtaken(&r, 21 * MS, 1000));
	is(xtcp_rack_due(&r, 10 * MS, 0), 50 * MS);
	is(xtcp_rack_due(&r, 10 * MS, 10000), 60 * MS);
}

/*
 * RK-7: the tail of a flight is lost, and a tail loss probe is delivered
 * (RFC 8985 3.3).
 */
TEST(rk7_lost_tail_before_a_probe)
{
	struct xtcp_rack r = fresh();
	int i;

	/* Ten segments of 1000, 1 ms apart; 1 to 6 arrive, 7 to 9 are lost. */
	for (i = 1; i <= 6; i++)
		deliver(&r, i * 1000, i * MS, i * MS + 40 * MS);
	/* The probe is segment 10, sent again after two round trips. */
	deliver_resent(&r, 10000, 90 * MS, 130 * MS, false);
	for (i = 7; i <= 9; i++) {
		at("segment %d", i);
		ok(xtcp_rack_overtaken(&r, i * MS, i * 1000));
		ok(xtcp_rack_due(&r, i * MS,
				 window(&r, 1, false, RTT, XTCP_RACK_ON)) <=
		   130 * MS);
	}
}
