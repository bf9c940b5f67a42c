// SPDX-License-Identifier: GPL-2.0
/*
 * A SYN in TIME-WAIT: RFC 6191, RFC 9293 MAY-2.
 */
#include "arrive.h"
#include "tap.h"

/* RCV.NXT */
static const u32 bases[] = {
	1, 0x20000, 0x7fffff00, 0x80000000, 0xfffe0000, 0xffffff00,
	0xffffffff, 0,
};

/* TSvals around the wrap of the peer's clock. */
static const u32 clocks[] = {
	0, 1, 1000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
};

static bool reopens(u32 nxt, bool ts_ok, u32 recent, u32 seq, bool has_ts,
		    u32 tsval)
{
	struct xtcp_tcb tcb = {
		.rcv_nxt = nxt, .ts_ok = ts_ok, .ts_recent = recent,
	};
	struct xtcp_segment seg = {
		.seq = seq, .end_seq = seq + 1, .flags = XTCP_SYN,
		.opt = { .has_ts = has_ts, .tsval = tsval },
	};

	return xtcp_time_wait_reopens(&tcb, &seg);
}

/* TW-1, TW-2, TW-3 */
TEST(tw1_tw2_tw3_syn_in_time_wait_with_timestamps)
{
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (k = 0; k < ARRAY_SIZE(clocks); k++) {
			u32 nxt = bases[i], ts = clocks[k];

			at("RCV.NXT %#x TS.Recent %#x", nxt, ts);
			/* greater TSval: reopens, with any ISN */
			ok(reopens(nxt, 1, ts, nxt + 1, 1, ts + 1));
			ok(reopens(nxt, 1, ts, nxt - 1000, 1, ts + 1));
			ok(reopens(nxt, 1, ts, nxt - 1000, 1,
				   ts + 0x7fffffff));
			/* equal: the ISN decides */
			ok(reopens(nxt, 1, ts, nxt + 1, 1, ts));
			no(reopens(nxt, 1, ts, nxt - 2, 1, ts));
			/* smaller: refused */
			no(reopens(nxt, 1, ts, nxt + 1, 1, ts - 1));
			no(reopens(nxt, 1, ts, nxt - 2, 1, ts - 1));
			/* no timestamp: the ISN decides */
			ok(reopens(nxt, 1, ts, nxt + 1, 0, 0));
			no(reopens(nxt, 1, ts, nxt - 2, 0, 0));
			no(reopens(nxt, 1, ts, nxt - 2, 0, ts + 1));
		}
	}
}

/* TW-3 */
TEST(tw3_syn_in_time_wait_without_timestamps)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 nxt = bases[i];

		at("RCV.NXT %#x", nxt);
		ok(reopens(nxt, 0, 0, nxt + 1, 0, 0));
		/* just above the FIN, whose number is RCV.NXT - 1 */
		ok(reopens(nxt, 0, 0, nxt, 0, 0));
		no(reopens(nxt, 0, 0, nxt - 1, 0, 0));
		ok(reopens(nxt, 0, 0, nxt + 0x7fffffff, 0, 0));
		no(reopens(nxt, 0, 0, nxt - 2, 0, 0));
		no(reopens(nxt, 0, 0, nxt - 0x7fffffff, 0, 0));
	}
}

/* TW-1 */
TEST(tw1_syn_with_first_timestamps_reopens)
{
	u32 i;

	/*
	 * RFC 6191 2: the old incarnation had no timestamps, so PAWS
	 * separates its segments from new ones.
	 */
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 nxt = bases[i];

		at("RCV.NXT %#x", nxt);
		ok(reopens(nxt, 0, 0, nxt + 1, 1, 12345));
		ok(reopens(nxt, 0, 0, nxt - 2, 1, 12345));
		ok(reopens(nxt, 0, 0, nxt - 2, 1, 0xfffff000));
	}
}
