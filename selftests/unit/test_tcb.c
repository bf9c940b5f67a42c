// SPDX-License-Identifier: GPL-2.0
/*
 * Values computed from the TCB alone: FlightSize (RFC 5681 2), the pipe (RFC
 * 6675 2). The default MSS (RFC 9293 3.7.1).
 */
#include "tcb.h"
#include "tap.h"

static const u32 bases[] = { 0, 5000, 0x80000000, 0xfffff000, 0xffffffff };

/* U-6 */
TEST(u6_flight_over_the_wrap)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = { .snd_una = bases[i],
					.snd_nxt = bases[i] };

		at("SND.UNA %#x", bases[i]);
		is(xtcp_flight(&tcb), 0);
		tcb.snd_nxt += 1;
		is(xtcp_flight(&tcb), 1);
		tcb.snd_nxt += 65535u << 14;
		is(xtcp_flight(&tcb), (65535u << 14) + 1);
	}
}

/* SR-3 */
TEST(sr3_pipe)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = { .snd_una = bases[i],
					.snd_nxt = bases[i] + 10000 };

		at("SND.UNA %#x", bases[i]);
		is(xtcp_pipe(&tcb), 10000);
		tcb.sacked_out = 3000;
		is(xtcp_pipe(&tcb), 7000);
		tcb.lost_out = 2000;
		is(xtcp_pipe(&tcb), 5000);
		tcb.retrans_out = 1000;
		is(xtcp_pipe(&tcb), 6000);
		/* without SACK: more duplicate ACKs than data in flight */
		tcb.sacked_out = 9500;
		is(xtcp_pipe(&tcb), 0);
		tcb.sacked_out = 9000;
		is(xtcp_pipe(&tcb), 0);
		tcb.sacked_out = 8999;
		is(xtcp_pipe(&tcb), 1);
	}
}

/* MUST-15 */
TEST(must15_defaults)
{
	is(XTCP_MSS_DEFAULT_V4, 536);
	is(XTCP_MSS_DEFAULT_V6, 1220);
	is(XTCP_PAWS_IDLE, 24 * 86400);
}
