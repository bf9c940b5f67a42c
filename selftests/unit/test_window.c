// SPDX-License-Identifier: GPL-2.0
/*
 * Windows: RFC 9293 3.8.6 and 3.10.7.4 fifth, RFC 7323 2, Nagle (3.7.4, A.3).
 */
#include "window.h"
#include "tap.h"

#define MSS	1460u

/* Sequence numbers near which 32-bit arithmetic wraps or changes sign. */
static const u32 bases[] = {
	0, 1000, 0x7ffffff0, 0x80000000, 0xffff0000, 0xfffffff0, 0xffffffff,
};

TEST(ts_scale_is_the_smallest_that_fits)
{
	u32 s;

	is(xtcp_wscale_for(0), 0);
	is(xtcp_wscale_for(1), 0);
	for (s = 0; s <= 14; s++) {
		at("shift %u", s);
		is(xtcp_wscale_for(65535u << s), s);
		is(xtcp_wscale_for(65536u << s), s < 14 ? s + 1 : 14);
	}
	is(xtcp_wscale_for(212992), 2);
	is(xtcp_wscale_for(6 << 20), 7);
	is(xtcp_wscale_for(0x7fffffff), 14);
	is(xtcp_wscale_for(0xffffffff), 14);
}

/* TS-1 */
TEST(ts1_both_sides_scale_or_none)
{
	u32 set;

	for (set = 0; set < 4; set++) {
		struct xtcp_tcb tcb = { .rcv_wscale = 7, .snd_wscale = 3 };
		struct xtcp_options peer = { .wscale = 9 };

		at("we %u, peer %u", set & 1, set >> 1);
		tcb.wscale_ok = set & 1;
		peer.has_wscale = set >> 1;
		xtcp_wscale_agree(&tcb, &peer);
		is(tcb.wscale_ok, set == 3);
		is(tcb.snd_wscale, set == 3 ? 9 : 0);
		is(tcb.rcv_wscale, set == 3 ? 7 : 0);
	}
}

/* TS-4 */
TEST(ts4_a_shift_above_14_is_14)
{
	u32 s;

	for (s = 0; s < 256; s++) {
		struct xtcp_tcb tcb = { .wscale_ok = 1, .rcv_wscale = 14 };
		struct xtcp_options peer = { .has_wscale = 1, .wscale = s };

		at("shift %u", s);
		xtcp_wscale_agree(&tcb, &peer);
		is(tcb.snd_wscale, s > 14 ? 14 : s);
		is(tcb.rcv_wscale, 14);
	}
}

/* TS-3 */
TEST(ts3_window_of_syn_not_scaled)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = {
			.rcv_nxt = bases[i], .rcv_adv = bases[i],
			.rcv_wscale = 7, .wscale_ok = 1,
		};

		at("at %#x", bases[i]);
		is(xtcp_window_advertise(&tcb, 1000, true), 1000);
		is(tcb.rcv_adv, bases[i] + 1000);
		is(xtcp_rcv_wnd(&tcb), 1000);
		/* a window that the field cannot express is not promised */
		is(xtcp_window_advertise(&tcb, 1 << 20, true), 65535);
		is(tcb.rcv_adv, bases[i] + 65535);
	}
}

/* TS-5 */
TEST(ts5_sent_window_shifted_right)
{
	u32 i, s;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (s = 0; s <= 14; s++) {
			struct xtcp_tcb tcb = {
				.rcv_nxt = bases[i], .rcv_adv = bases[i],
				.rcv_wscale = s, .wscale_ok = 1,
			};

			at("at %#x shift %u", bases[i], s);
			is(xtcp_window_advertise(&tcb, 0, false), 0);
			is(xtcp_rcv_wnd(&tcb), 0);
			is(xtcp_window_advertise(&tcb, 3u << s, false), 3);
			is(xtcp_rcv_wnd(&tcb), 3u << s);
			is(xtcp_window_advertise(&tcb, 65535u << s, false),
			   65535);
			is(xtcp_rcv_wnd(&tcb), 65535u << s);
		}
	}
}

/* TS-6, SHLD-14, U-16, MUST-39 */
TEST(ts6_rounding_never_moves_right_edge_back)
{
	u32 s, wnd;

	for (s = 0; s <= 14; s++) {
		for (wnd = 0; wnd < 70000; wnd = wnd * 3 / 2 + 1) {
			struct xtcp_tcb tcb = {
				.rcv_nxt = 0xfffffff0,
				.rcv_adv = 0xfffffff0 + wnd,
				.rcv_wscale = s,
			};
			u16 field;

			if (wnd > 65535u << s)
				break;
			at("shift %u wnd %u", s, wnd);
			field = xtcp_window_advertise(&tcb, wnd, false);
			/* the peer decodes no less than was promised */
			ok((u32)field << s >= wnd);
			ok((u32)field << s < wnd + (1u << s));
			/* and RCV.WND has the decoded value */
			is(xtcp_rcv_wnd(&tcb), (u32)field << s);
		}
	}
}

/* A receiver with a buffer, a sending peer and a reader. */
struct receiver {
	struct xtcp_tcb tcb;
	u32 full;	/* the buffer, bytes */
	u32 held;	/* received and not read, bytes */
	u32 seen;	/* right edge in the last window sent */
};

static u32 free_space(const struct receiver *r)
{
	return r->held < r->full ? r->full - r->held : 0;
}

static void say_window(struct receiver *r)
{
	struct xtcp_tcb *tcb = &r->tcb;
	u32 unit = 1u << tcb->rcv_wscale;
	u32 step = min_t(u32, r->full / 2, tcb->rcv_mss);
	u32 space = free_space(r);
	/* the window is a multiple of this, if it is that large */
	u32 grain = tcb->rcv_wscale || space < 4 * tcb->rcv_mss ? unit : tcb->rcv_mss;
	u32 now = xtcp_rcv_wnd(tcb);
	u32 offer = xtcp_window_offer(tcb, space, r->full);
	/* the exception of xtcp_window_offer(): empty buffer, small window */
	bool all = now < tcb->rcv_mss && space + unit > r->full;
	u32 edge, before = r->seen;
	u16 field;

	/* SHLD-14: the edge does not move back */
	ok(offer >= now);
	/* U-16: no more is added than there is room */
	if (offer > now) {
		ok(offer <= space);
		/* MUST-39 */
		ok(offer - now >= step || all);
	}
	/* room is not offered only if the step would be too small */
	if (space >= now + step + grain && space <= 65535u * unit)
		ok(offer > space - grain);
	if (offer > now && offer >= grain && !all)
		is(offer % grain, 0);

	field = xtcp_window_advertise(tcb, offer, false);
	edge = tcb->rcv_nxt + ((u32)field << tcb->rcv_wscale);
	ok(seq_geq(edge, before));
	is(tcb->rcv_adv, edge);
	/* the edge moves by at least a step, or by rounding */
	if (edge != before)
		ok(edge - before >= step || edge - before < unit || all);
	r->seen = edge;
}

/* SHLD-14, MUST-39 */
TEST(shld14_must39_right_edge_never_moves_back)
{
	static const u32 buffers[] = {
		2000, 4096, 65535, 65536, 87380, 131071, 212992, 1 << 20,
		6291456, 16 << 20, 1 << 29, (1u << 30) - 1,
	};
	u32 b, scale, base, i;

	for (scale = 0; scale <= 14; scale++) {
		for (b = 0; b < ARRAY_SIZE(buffers); b++) {
			struct receiver r = { .full = buffers[b] };

			base = bases[rnd() % ARRAY_SIZE(bases)];
			r.tcb.rcv_wscale = scale;
			r.tcb.rcv_mss = rnd() % 3 ? MSS : 536;
			r.tcb.rcv_nxt = base;
			r.tcb.rcv_adv = base;
			r.seen = base;
			for (i = 0; i < 2000; i++) {
				u32 wnd = xtcp_rcv_wnd(&r.tcb);
				u32 n = rnd() % (2 * MSS);

				at("shift %u buffer %u step %u", scale,
				   buffers[b], i);
				if (rnd() % 16 == 0)
					n = rnd() % (wnd + 1);
				n = min_t(u32, n, wnd);
				if (rnd() % 4)
					n = 0;
				r.tcb.rcv_nxt += n;
				r.held += n;
				if (rnd() % 3 == 0)
					r.held -= rnd() % (r.held + 1);
				say_window(&r);
			}
			/* all data is read: the window opens (MAY-8, U-16) */
			r.tcb.rcv_nxt += xtcp_rcv_wnd(&r.tcb);
			r.held = 0;
			at("shift %u buffer %u, drained", scale, buffers[b]);
			say_window(&r);
			if (r.full >= 2u << scale)
				ok(xtcp_rcv_wnd(&r.tcb));
		}
	}
}

/* MUST-39 */
TEST(must39_no_silly_window_for_single_byte_reads)
{
	struct receiver r = { .full = 10000 };
	u32 moves = 0;
	u32 i, old;

	r.tcb.rcv_mss = MSS;
	r.tcb.rcv_nxt = 0xfffffff0;
	r.tcb.rcv_adv = r.tcb.rcv_nxt;
	r.seen = r.tcb.rcv_nxt;
	say_window(&r);
	is(xtcp_rcv_wnd(&r.tcb), 10000 - 10000 % MSS);
	r.held = xtcp_rcv_wnd(&r.tcb);
	r.tcb.rcv_nxt += r.held;
	for (i = r.held; i; i--) {
		r.held--;
		old = r.tcb.rcv_adv;
		at("%u bytes unread", r.held);
		say_window(&r);
		if (r.tcb.rcv_adv == old)
			continue;
		moves++;
		is(r.tcb.rcv_adv - old, MSS);
	}
	at("moves");
	is(moves, 10000 / MSS);
}

/* Of less than four segments the window is all there is. */
TEST(unscaled_small_window_is_not_rounded)
{
	struct xtcp_tcb tcb = { .rcv_mss = 579 };

	is(xtcp_window_offer(&tcb, 1152, 1152), 1152);
	is(xtcp_window_offer(&tcb, 2315, 4000), 2315);
	is(xtcp_window_offer(&tcb, 2316, 4000), 2316);
	is(xtcp_window_offer(&tcb, 2400, 4000), 2316);
}

/*
 * MUST-39: without window scaling the window has room for whole segments, and the
 * edge still moves by at least one.
 */
TEST(must39_unscaled_window_of_whole_segments)
{
	struct xtcp_tcb tcb = { .rcv_mss = 1000, .rcv_nxt = 5, .rcv_adv = 5 };

	is(xtcp_window_offer(&tcb, 18999, 20000), 18000);
	is(xtcp_window_offer(&tcb, 19000, 20000), 19000);
	at("a part of a segment has arrived");
	tcb.rcv_adv = tcb.rcv_nxt + 17500;
	is(xtcp_window_offer(&tcb, 18500, 20000), 17500);
	is(xtcp_window_offer(&tcb, 18999, 20000), 17500);
	is(xtcp_window_offer(&tcb, 19000, 20000), 19000);
	at("less than a segment is free");
	tcb.rcv_adv = tcb.rcv_nxt;
	is(xtcp_window_offer(&tcb, 900, 1700), 900);
	at("with window scaling");
	tcb.rcv_wscale = 1;
	is(xtcp_window_offer(&tcb, 18999, 20000), 18998);
}

/* sysctl shrink_window: the window follows the free space */
TEST(shrink_window_moves_the_edge_back)
{
	struct xtcp_tcb tcb = { .rcv_mss = 1000, .rcv_nxt = 0xfffffff0,
				.rcv_adv = 0xfffffff0 + 20000u,
				.rcv_wscale = 3 };

	is(xtcp_window_follow(&tcb, 15007, 20000), 15000);
	is(xtcp_window_follow(&tcb, 7, 20000), 0);
	at("little is free");
	is(xtcp_window_follow(&tcb, 1259, 20000), 1256);
	is(xtcp_window_follow(&tcb, 1249, 20000), 0);
	is(xtcp_window_follow(&tcb, 999, 2000), 0);
	is(xtcp_window_follow(&tcb, 1007, 2000), 1000);
	at("more is free: as without the sysctl");
	is(xtcp_window_follow(&tcb, 20500, 40000), 20000);
	is(xtcp_window_follow(&tcb, 21000, 40000), 21000);
	at("no window scaling: the edge stays");
	tcb.rcv_wscale = 0;
	is(xtcp_window_follow(&tcb, 15007, 20000), 20000);
}

/*
 * A smaller window is advertised, by shrink_window or because memory is short:
 * what was sent for the larger one is still acceptable.
 */
TEST(shrunk_window_keeps_rcv_wnd)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = {
			.rcv_mss = 1000, .rcv_nxt = bases[i],
			.rcv_adv = bases[i] + 20000u, .rcv_wscale = 3,
		};

		at("at %#x", bases[i]);
		is(xtcp_window_advertise(&tcb, 0, false), 0);
		is(xtcp_rcv_wnd(&tcb), 20000);
		is(xtcp_said_wnd(&tcb), 0);
		/* less than a segment does not open it again, a segment does */
		is(xtcp_window_offer(&tcb, 999, 40000), 0);
		ok(xtcp_window_update_possible(&tcb, 40000));
		is(xtcp_window_offer(&tcb, 1000, 40000), 1000);
		ok(xtcp_window_update_due(&tcb, 1000, 40000));
		is(xtcp_window_advertise(&tcb, 1000, false), 125);
		is(xtcp_said_wnd(&tcb), 1000);
		is(xtcp_rcv_wnd(&tcb), 20000);
		/* data beyond the last window arrives: it is closed */
		tcb.rcv_nxt += 5000;
		is(xtcp_said_wnd(&tcb), 0);
		is(xtcp_rcv_wnd(&tcb), 15000);
		is(xtcp_window_advertise(&tcb, 16000, false), 2000);
		is(xtcp_said_wnd(&tcb), 16000);
		is(xtcp_rcv_wnd(&tcb), 16000);
	}
}

/* MUST-39 */
TEST(must39_update_at_half_of_small_buffer)
{
	struct xtcp_tcb tcb = { .rcv_mss = MSS, .rcv_nxt = 5, .rcv_adv = 5 };

	is(xtcp_window_offer(&tcb, 999, 2000), 0);
	is(xtcp_window_offer(&tcb, 1000, 2000), 1000);
	is(xtcp_window_offer(&tcb, MSS - 1, 100000), 0);
	is(xtcp_window_offer(&tcb, MSS, 100000), MSS);
}

/* U-16 */
TEST(u16_quiescent_window_is_free_buffer_up_to_field_limit)
{
	struct xtcp_tcb tcb = { .rcv_mss = MSS };

	is(xtcp_window_offer(&tcb, 50000, 50000), 50000 - 50000 % MSS);
	is(xtcp_window_offer(&tcb, 70000, 70000), 65535 - 65535 % MSS);
	tcb.rcv_wscale = 2;
	is(xtcp_window_offer(&tcb, 70001, 70001), 70000);
	is(xtcp_window_offer(&tcb, 1 << 20, 1 << 20), 65535 * 4);
	tcb.rcv_wscale = 14;
	is(xtcp_window_offer(&tcb, 0x7fffffff, 0x7fffffff), 65535 << 14);
}

/* SHLD-14 */
TEST(shld14_right_edge_kept_with_smaller_buffer)
{
	struct xtcp_tcb tcb = {
		.rcv_mss = MSS, .rcv_nxt = 0xfffffff0,
		.rcv_adv = 0xfffffff0 + 50000u,
	};

	is(xtcp_window_offer(&tcb, 0, 4096), 50000);
	is(xtcp_window_offer(&tcb, 4096, 4096), 50000);
	is(xtcp_window_advertise(&tcb, 50000, false), 50000);
	/* the peer fills it: the window closes */
	tcb.rcv_nxt += 50000;
	is(xtcp_window_offer(&tcb, 0, 4096), 0);
}

/* SHLD-14 */
TEST(shld14_right_edge_kept_after_smaller_window_field)
{
	struct xtcp_tcb tcb = { .rcv_nxt = 0xfffffff0,
				.rcv_adv = 0xfffffff0 + 5000u };

	is(xtcp_window_advertise(&tcb, 0, false), 0);
	is(xtcp_rcv_wnd(&tcb), 5000);
	is(xtcp_window_advertise(&tcb, 4999, true), 4999);
	is(xtcp_rcv_wnd(&tcb), 5000);
}

TEST(right_edge_below_rcv_nxt_is_zero_window)
{
	struct xtcp_tcb tcb = { .rcv_nxt = 5, .rcv_adv = 0xfffffffe };

	is(xtcp_rcv_wnd(&tcb), 0);
	tcb.rcv_adv = 5;
	is(xtcp_rcv_wnd(&tcb), 0);
	tcb.rcv_adv = 6;
	is(xtcp_rcv_wnd(&tcb), 1);
}

/* ZW-3 */
TEST(zw3_window_update_after_growth)
{
	struct xtcp_tcb tcb = { .rcv_mss = MSS, .rcv_nxt = 0xffffff00,
				.rcv_adv = 0xffffff00 };

	at("closed");
	no(xtcp_window_update_due(&tcb, 0, 65535));
	ok(xtcp_window_update_due(&tcb, MSS, 65535));
	ok(xtcp_window_update_due(&tcb, 65535, 65535));
	ok(xtcp_window_update_due(&tcb, 100, 200));
	at("less than a segment is left");
	tcb.rcv_adv = tcb.rcv_nxt + MSS - 1;
	ok(xtcp_window_update_due(&tcb, 2 * MSS - 1, 65535));
	no(xtcp_window_update_due(&tcb, MSS - 1, 65535));
	no(xtcp_window_update_due(&tcb, 10, 65535));
	at("a segment is left");
	tcb.rcv_adv = tcb.rcv_nxt + MSS;
	no(xtcp_window_update_due(&tcb, 2 * MSS, 65535));
	ok(xtcp_window_update_due(&tcb, 3 * MSS, 65535));
	at("wide open");
	tcb.rcv_adv = tcb.rcv_nxt + 30000;
	no(xtcp_window_update_due(&tcb, 30000, 65535));
	no(xtcp_window_update_due(&tcb, 30000 + MSS, 65535));
	ok(xtcp_window_update_due(&tcb, 30000 + 32768, 65535));
	at("half of the buffer");
	tcb.rcv_adv = tcb.rcv_nxt + 2000;
	ok(xtcp_window_update_due(&tcb, 4000, 4000));
	no(xtcp_window_update_due(&tcb, 3999, 4000));
}

/*
 * ZW-3: xtcp_window_update_possible() is true if any update can be due, and
 * false in at least one case.
 */
TEST(zw3_no_window_update_without_growth)
{
	struct xtcp_tcb tcb = { .rcv_nxt = 0xffffff00 };
	u32 full, now, offer;
	bool worth;

	for (full = 1; full <= 40; full++)
		for (now = 0; now <= full + 2; now++)
			for (tcb.rcv_mss = 1; tcb.rcv_mss <= 12; tcb.rcv_mss++) {
				tcb.rcv_adv = tcb.rcv_nxt + now;
				worth = false;
				for (offer = now; offer <= full; offer++)
					worth |= xtcp_window_update_due(&tcb, offer,
									full);
				ok(!worth || xtcp_window_update_possible(&tcb, full));
			}
	tcb.rcv_mss = MSS;
	tcb.rcv_adv = tcb.rcv_nxt + 60000;
	no(xtcp_window_update_possible(&tcb, 65535));
}

static bool take(struct xtcp_tcb *tcb, u32 seq, u32 ack, u16 wnd)
{
	struct xtcp_segment seg = {
		.seq = seq, .ack = ack, .wnd = wnd, .end_seq = seq,
		.flags = XTCP_ACK,
	};

	return xtcp_window_rcv(tcb, &seg);
}

/* SA-5h */
TEST(sa5h_window_taken_from_newer_segments_only)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 seq = bases[i], ack = ~bases[i];
		const struct xtcp_tcb start = {
			.snd_una = ack, .snd_nxt = ack + 5000,
			.snd_wl1 = seq, .snd_wl2 = ack, .snd_wnd = 1000,
			.max_snd_wnd = 1000,
		};
		struct xtcp_tcb tcb;

		at("WL1 %#x WL2 %#x: older SEQ, newer ACK", seq, ack);
		tcb = start;
		no(take(&tcb, seq - 1, ack + 100, 2000));
		is(tcb.snd_wnd, 1000);
		is(tcb.snd_wl1, seq);
		is(tcb.snd_wl2, ack);
		is(tcb.max_snd_wnd, 1000);

		at("WL1 %#x WL2 %#x: newer SEQ", seq, ack);
		tcb = start;
		ok(take(&tcb, seq + 1, ack, 2000));
		is(tcb.snd_wnd, 2000);
		is(tcb.snd_wl1, seq + 1);
		is(tcb.snd_wl2, ack);
		is(tcb.max_snd_wnd, 2000);

		at("WL1 %#x WL2 %#x: same SEQ, same ACK", seq, ack);
		tcb = start;
		ok(take(&tcb, seq, ack, 500));
		is(tcb.snd_wnd, 500);
		/* the largest window so far (RFC 5961 5.2) */
		is(tcb.max_snd_wnd, 1000);

		at("WL1 %#x WL2 %#x: same SEQ, newer ACK", seq, ack);
		tcb = start;
		tcb.snd_una = ack + 100;
		ok(take(&tcb, seq, ack + 100, 3000));
		is(tcb.snd_wnd, 3000);
		is(tcb.snd_wl2, ack + 100);

		at("WL1 %#x WL2 %#x: same SEQ, older ACK", seq, ack);
		tcb = start;
		tcb.snd_wl2 = ack + 50;
		tcb.snd_una = ack + 50;
		no(take(&tcb, seq, ack + 49, 3000));
		is(tcb.snd_wnd, 1000);

		at("WL1 %#x WL2 %#x: the same again", seq, ack);
		tcb = start;
		no(take(&tcb, seq, ack, 1000));
		is(tcb.snd_wnd, 1000);
	}
}

/* SA-5h */
TEST(sa5h_ack_below_snd_una_keeps_window)
{
	u32 i;

	/* 3.10.7.4 fifth: "If SND.UNA =< SEG.ACK =< SND.NXT" */
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 una = bases[i];
		struct xtcp_tcb tcb = {
			.snd_una = una, .snd_nxt = una + 5000,
			.snd_wl1 = 100, .snd_wl2 = una, .snd_wnd = 1000,
			.max_snd_wnd = 65535,
		};

		at("SND.UNA %#x", una);
		no(take(&tcb, 200, una - 1, 60000));
		is(tcb.snd_wnd, 1000);
		is(tcb.snd_wl1, 100);
		is(tcb.snd_wl2, una);
	}
}

/* TS-5, MUST-1 */
TEST(ts5_must1_received_window_shifted_left)
{
	u32 s;

	for (s = 0; s <= 14; s++) {
		struct xtcp_tcb tcb = { .snd_wscale = s };

		at("shift %u", s);
		ok(take(&tcb, 1, 0, 0x8000));
		is(tcb.snd_wnd, 0x8000u << s);
		ok(take(&tcb, 2, 0, 0xffff));
		is(tcb.snd_wnd, 0xffffu << s);
		is(tcb.max_snd_wnd, 0xffffu << s);
		ok(take(&tcb, 3, 0, 0));
		is(tcb.snd_wnd, 0);
	}
}

/* MUST-34, REC-1 */
TEST(must34_usable_window_never_negative)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = {
			.snd_una = bases[i], .snd_nxt = bases[i] + 10000,
			.snd_wnd = 20000,
		};

		at("SND.UNA %#x", bases[i]);
		is(xtcp_usable_window(&tcb), 10000);
		tcb.snd_wnd = 10001;
		is(xtcp_usable_window(&tcb), 1);
		tcb.snd_wnd = 10000;
		is(xtcp_usable_window(&tcb), 0);
		/* the window was shrunk below the flight */
		tcb.snd_wnd = 1000;
		is(xtcp_usable_window(&tcb), 0);
		tcb.snd_wnd = 0;
		is(xtcp_usable_window(&tcb), 0);
		/* REC-1 */
		tcb.snd_wnd = 65535u << 14;
		is(xtcp_usable_window(&tcb), (65535u << 14) - 10000);
	}
}

/* A sender without flight, or with a small segment in flight. */
static struct xtcp_tcb sender(u32 base, u32 small)
{
	struct xtcp_tcb tcb = {
		.snd_una = base, .snd_nxt = base + small, .snd_mss = MSS,
		.snd_sml = base + small, .snd_wnd = 65535,
		.max_snd_wnd = 65535, .snd_up = base,
	};

	return tcb;
}

/* MUST-38 */
TEST(must38_full_segments_always_sent)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = sender(bases[i], 10);

		at("SND.UNA %#x", bases[i]);
		tcb.corked = 1;
		ok(xtcp_may_send(&tcb, MSS, MSS, false));
		ok(xtcp_may_send(&tcb, MSS, 65535, false));
		ok(xtcp_may_send(&tcb, 65535, MSS, false));
		ok(xtcp_may_send(&tcb, 65535, MSS + 1, true));
	}
}

/* MUST-38 */
TEST(must38_no_silly_window)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 0);
	u32 usable;

	for (usable = 0; usable < MSS; usable += 10) {
		at("usable %u of 65535", usable);
		no(xtcp_may_send(&tcb, MSS, usable, false));
		/* not for a FIN, which does not fit the window either */
		no(xtcp_may_send(&tcb, MSS, usable, true));
		tcb.nagle_off = 1;
		no(xtcp_may_send(&tcb, MSS, usable, false));
		tcb.nagle_off = 0;
	}
	at("half of the largest window");
	tcb.max_snd_wnd = 1000;
	no(xtcp_may_send(&tcb, 5000, 499, false));
	ok(xtcp_may_send(&tcb, 5000, 500, false));
	ok(xtcp_may_send(&tcb, 5000, 1000, false));
	at("a peer with a window of one byte");
	tcb.max_snd_wnd = 1;
	no(xtcp_may_send(&tcb, 5000, 0, false));
	ok(xtcp_may_send(&tcb, 5000, 1, false));
	at("no window was ever open");
	tcb.max_snd_wnd = 0;
	no(xtcp_may_send(&tcb, 5000, 0, false));
}

/* MUST-38 */
TEST(must38_whole_queue_sent_if_it_fits)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 0);

	ok(xtcp_may_send(&tcb, 1, 65535, false));
	ok(xtcp_may_send(&tcb, 1, 1, false));
	ok(xtcp_may_send(&tcb, MSS - 1, MSS - 1, false));
	no(xtcp_may_send(&tcb, 1, 0, false));
}

/*
 * MUST-38: after the SWS override timeout the small window becomes the estimate
 * of the peer's buffer.
 */
TEST(must38_small_window_becomes_estimate)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 0);
	struct xtcp_segment seg = { .ack = 0xfffffff0, .wnd = 300 };

	tcb.snd_wl2 = seg.ack;
	tcb.path_mss = MSS;
	tcb.max_snd_wnd = 1000;
	tcb.snd_mss = 500;
	ok(xtcp_window_rcv(&tcb, &seg));
	no(xtcp_may_send(&tcb, 5000, 300, false));
	xtcp_window_reduce_estimate(&tcb);
	is(tcb.snd_mss, 300);
	ok(xtcp_may_send(&tcb, 5000, 300, false));
	/* RFC 5961 5.2 needs the largest window ever */
	is(tcb.max_snd_wnd, 1000);
	at("the window grows, up to the largest");
	seg.wnd = 800;
	ok(xtcp_window_rcv(&tcb, &seg));
	is(tcb.snd_mss, 400);
	no(xtcp_may_send(&tcb, 5000, 399, false));
	seg.wnd = 1000;
	ok(xtcp_window_rcv(&tcb, &seg));
	is(tcb.snd_mss, 500);
	no(xtcp_may_send(&tcb, 5000, 499, false));
	is(tcb.max_snd_wnd, 1000);
}

/* MUST-38 */
TEST(must38_window_below_two_segments_filled)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 0);

	tcb.path_mss = MSS;
	tcb.max_snd_wnd = 1000;
	tcb.snd_wnd = 1000;
	tcb.snd_mss = 500;
	ok(xtcp_may_fill_window(&tcb, 750));
	ok(xtcp_may_fill_window(&tcb, 250));
	no(xtcp_may_fill_window(&tcb, 749));
	no(xtcp_may_fill_window(&tcb, 1));
	at("the window is below half of the largest");
	tcb.snd_wnd = 499;
	no(xtcp_may_fill_window(&tcb, 499));
	at("a small segment is in flight");
	tcb.snd_wnd = 1000;
	tcb.snd_nxt += 500;
	tcb.snd_sml = tcb.snd_nxt;
	no(xtcp_may_fill_window(&tcb, 499));
	at("segments of the path's size");
	tcb = sender(0xfffffff0, 0);
	tcb.path_mss = MSS;
	no(xtcp_may_fill_window(&tcb, MSS - 1));
	no(xtcp_may_fill_window(&tcb, 3 * MSS - 1));
}

/*
 * TS-6: the peer cannot express less than a unit of its window field and rounds
 * up: a remainder below one unit is used.
 */
TEST(ts6_window_filled_to_within_one_unit)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 0);

	tcb.path_mss = MSS;
	tcb.snd_wscale = 7;
	ok(xtcp_may_fill_window(&tcb, 2 * MSS + 127));
	no(xtcp_may_fill_window(&tcb, 2 * MSS + 128));
	at("no data before it");
	no(xtcp_may_fill_window(&tcb, 127));
	tcb.snd_nxt += MSS;
	ok(xtcp_may_fill_window(&tcb, 127));
	at("a small segment is in flight");
	tcb.snd_sml = tcb.snd_nxt;
	no(xtcp_may_fill_window(&tcb, 127));
}

/* SHLD-7, U-19 */
TEST(shld7_u19_one_small_segment_in_flight)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = sender(bases[i], 10);

		at("SND.UNA %#x", bases[i]);
		no(xtcp_may_send(&tcb, 10, 65535, false));
		no(xtcp_may_send(&tcb, MSS - 1, 65535, false));
		/* acknowledged */
		tcb.snd_una += 10;
		ok(xtcp_may_send(&tcb, 10, 65535, false));
		/* only full segments in flight */
		tcb = sender(bases[i], 0);
		tcb.snd_nxt += 3 * MSS;
		ok(xtcp_may_send(&tcb, 10, 65535, false));
		/* a small segment behind a full one, in flight */
		tcb.snd_sml = tcb.snd_una + 2 * MSS;
		no(xtcp_may_send(&tcb, 10, 65535, false));
	}
}

/* U-6 */
TEST(u6_old_small_segment_ignored_by_nagle)
{
	struct xtcp_tcb tcb = sender(1000, 0);
	u32 ago;

	tcb.snd_nxt += 3 * MSS;
	for (ago = 1; ago < 0xffff0000; ago += 0x00fffff1) {
		tcb.snd_sml = tcb.snd_una - ago;
		at("%u bytes ago", ago);
		ok(xtcp_may_send(&tcb, 10, 65535, false));
	}
}

/* SHLD-7 */
TEST(shld7_nagle_for_segment_cut_by_window)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 10);

	/* 3.8.6.2.1 (3): "[SND.NXT = SND.UNA and] min(D,U) >= Fs*Max" */
	tcb.max_snd_wnd = 1000;
	tcb.snd_wnd = 710;
	no(xtcp_may_send(&tcb, 5000, 700, false));
	tcb.nagle_off = 1;
	ok(xtcp_may_send(&tcb, 5000, 700, false));
}

/* MUST-17 */
TEST(must17_nodelay_and_cork)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 10);

	tcb.nagle_off = 1;
	ok(xtcp_may_send(&tcb, 10, 65535, false));
	at("TCP_CORK outweighs TCP_NODELAY, as in the kernel's TCP");
	tcb.corked = 1;
	no(xtcp_may_send(&tcb, 10, 65535, false));
	tcb.nagle_off = 0;
	tcb.snd_una += 10;
	no(xtcp_may_send(&tcb, 10, 65535, false));
}

/* U-12 */
TEST(u12_fin_sent_with_last_bytes)
{
	struct xtcp_tcb tcb = sender(0xfffffff0, 10);

	ok(xtcp_may_send(&tcb, 10, 65535, true));
	ok(xtcp_may_send(&tcb, 0, 65535, true));
	tcb.corked = 1;
	ok(xtcp_may_send(&tcb, 10, 65535, true));
}

/* MUST-30 */
TEST(must30_urgent_data_not_held_by_nagle)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_tcb tcb = sender(bases[i], 10);

		at("SND.UNA %#x", bases[i]);
		tcb.urg_out = 1;
		tcb.snd_up = tcb.snd_nxt + 10;
		ok(xtcp_may_send(&tcb, 10, 65535, false));
		/*
		 * urgent data is in flight: Nagle and TCP_CORK do not delay
		 * later data
		 */
		tcb.snd_up = tcb.snd_nxt;
		ok(xtcp_may_send(&tcb, 10, 65535, false));
		tcb.corked = 1;
		ok(xtcp_may_send(&tcb, 10, 65535, false));
	}
}

/* U-6 */
TEST(u6_old_urgent_pointer_ignored)
{
	struct xtcp_tcb tcb = sender(1000, 10);
	u32 ago;

	tcb.urg_out = 0;
	for (ago = 1; ago < 0xffff0000; ago += 0x00fffff1) {
		tcb.snd_up = tcb.snd_una - ago;
		at("%u bytes ago", ago);
		no(xtcp_may_send(&tcb, 10, 65535, false));
	}
}

/* MUST-38: two segments fit the window, so that the ACK is not delayed */
TEST(must38_segment_at_most_half_of_window)
{
	struct xtcp_tcb tcb = { 0 };
	u32 wnd;

	/* the window is unknown, or 1 byte: no limit */
	is(xtcp_bound_to_window(&tcb, 65483), 65483);
	tcb.max_snd_wnd = 1;
	is(xtcp_bound_to_window(&tcb, MSS), MSS);
	for (wnd = 2; wnd < 1u << 28; wnd = wnd * 5 / 4 + 1) {
		u32 bound;

		tcb.max_snd_wnd = wnd;
		at("window %u", wnd);
		bound = wnd > 536 ? wnd / 2 : wnd > 48 ? wnd : 48;
		is(xtcp_bound_to_window(&tcb, 65483),
		   bound < 65483 ? bound : 65483);
		is(xtcp_bound_to_window(&tcb, 20), 20);
	}
	/* the minimum of 48 bytes includes the options */
	tcb.ts_ok = 1;
	tcb.max_snd_wnd = 10;
	is(xtcp_bound_to_window(&tcb, MSS), 36);
}

/* MUST-38 */
TEST(must38_segments_grow_with_the_window)
{
	struct xtcp_tcb tcb = {
		.snd_una = 100, .snd_nxt = 100, .max_snd_wnd = 2000,
	};
	struct xtcp_segment seg = { .ack = 100, .wnd = 2400 };

	xtcp_mss_set(&tcb, MSS);
	is(tcb.path_mss, MSS);
	is(tcb.snd_mss, 1000);
	xtcp_window_rcv(&tcb, &seg);
	is(tcb.snd_mss, 1200);
	seg.wnd = 1800;
	xtcp_window_rcv(&tcb, &seg);
	is(tcb.snd_mss, 1200);
	seg.wnd = 65535;
	xtcp_window_rcv(&tcb, &seg);
	is(tcb.snd_mss, MSS);
	is(tcb.path_mss, MSS);
}

/* MUST-39: exception: all of a small, empty buffer is offered */
TEST(must39_small_empty_buffer_offered_whole)
{
	struct xtcp_tcb tcb = {
		.rcv_nxt = 1000, .rcv_adv = 1488, .rcv_mss = 576,
	};

	is(xtcp_window_offer(&tcb, 882, 882), 882);
	/* unread data is left: no exception */
	is(xtcp_window_offer(&tcb, 881, 882), 488);
	/* the window holds a segment: no exception */
	tcb.rcv_adv = tcb.rcv_nxt + 576;
	is(xtcp_window_offer(&tcb, 882, 882), 576);
	/* never less than promised */
	tcb.rcv_adv = tcb.rcv_nxt + 500;
	is(xtcp_window_offer(&tcb, 400, 400), 500);
}
