// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES: RFC 9293 3.10.7, RFC 5961, RFC 7323 5, RFC 1337.
 * test_time_wait.c tests a SYN in TIME-WAIT.
 */
#include "arrive.h"
#include "fsm.h"
#include "tap.h"

#define WND	10000u
#define MAX_WND	65535u
#define NOW	1000000u

/* RCV.NXT; SND.UNA is its complement, so both wrap in some cases */
static const u32 bases[] = {
	1, 0x20000, 0x7fffff00, 0x80000000, 0xfffe0000, 0xffffff00,
	0xffffffff, 0,
};

/* States after the handshake, and during it. */
static const u8 synchronized[] = {
	XTCP_ESTABLISHED, XTCP_FIN_WAIT_1, XTCP_FIN_WAIT_2, XTCP_CLOSE_WAIT,
	XTCP_CLOSING, XTCP_LAST_ACK, XTCP_TIME_WAIT,
};

static const u8 states[] = {
	XTCP_SYN_RCVD, XTCP_SYN_RCVD_PASSIVE, XTCP_ESTABLISHED,
	XTCP_FIN_WAIT_1, XTCP_FIN_WAIT_2, XTCP_CLOSE_WAIT, XTCP_CLOSING,
	XTCP_LAST_ACK, XTCP_TIME_WAIT,
};

static bool in_handshake(u8 state)
{
	return state == XTCP_SYN_RCVD || state == XTCP_SYN_RCVD_PASSIVE;
}

/* A connection, with 1000 bytes in flight, or our SYN in the handshake. */
static struct xtcp_tcb tcb_in(u8 state, u32 base)
{
	struct xtcp_tcb tcb = {
		.irs = base - 1, .rcv_nxt = base, .rcv_adv = base + WND,
		.last_ack_sent = base,
		.iss = ~base - 1, .snd_una = ~base, .snd_nxt = ~base + 1000,
		.snd_wnd = MAX_WND, .max_snd_wnd = MAX_WND,
		.acked = XTCP_ACKED_MAX,
	};

	if (in_handshake(state)) {
		tcb.snd_una = tcb.iss;
		tcb.snd_nxt = tcb.iss + 1;
	}
	return tcb;
}

static struct xtcp_segment segment(u32 seq, u32 len, u8 flags, u32 ack)
{
	struct xtcp_segment seg = {
		.seq = seq, .len = len, .flags = flags, .ack = ack,
		.hdr_len = 20, .wnd = 1000,
		.end_seq = seq + len + !!(flags & XTCP_SYN) +
			   !!(flags & XTCP_FIN),
	};

	return seg;
}

static enum xtcp_why why;

static enum xtcp_verdict judge(const struct xtcp_tcb *tcb, u8 state, u32 seq,
			       u32 len, u8 flags, u32 ack)
{
	struct xtcp_segment seg = segment(seq, len, flags, ack);
	struct xtcp_tcb before = *tcb;
	enum xtcp_verdict verdict;

	why = 99;
	verdict = xtcp_arrives(tcb, state, &seg, NOW, &why);
	is(memcmp(&before, tcb, sizeof(before)), 0);
	ok(why <= XTCP_WHY_ACK_UNSENT);
	/* a segment has a reason if, and only if, it is not accepted */
	is(why == XTCP_WHY_OK,
	   verdict == XTCP_ACCEPT || verdict == XTCP_RST_VALID);
	return verdict;
}

static bool each(u32 i, const u8 *list, u32 n, struct xtcp_tcb *tcb, u8 *state,
		 u32 *base)
{
	if (i >= n * ARRAY_SIZE(bases))
		return false;
	*state = list[i / ARRAY_SIZE(bases)];
	*base = bases[i % ARRAY_SIZE(bases)];
	*tcb = tcb_in(*state, *base);
	at("%s, RCV.NXT %#x", xtcp_state_name(*state), *base);
	return true;
}

/* For each state of a list, at each base, with a new connection. */
#define EACH_STATE(tcb, state, base, list)				\
	for (u32 _i = 0; each(_i, list, ARRAY_SIZE(list), &(tcb),	\
			      &(state), &(base)); _i++)

/* Reference: is an octet, or SEG.SEQ of an empty segment, in the window? */
static bool touches(s32 off, u32 len, u32 wnd)
{
	s32 k;

	for (k = off; k < off + (s32)(len + !len); k++)
		if (k >= 0 && k < (s32)wnd)
			return true;
	return false;
}

static bool acceptable(const struct xtcp_tcb *tcb, u32 seq, u32 end_seq)
{
	struct xtcp_segment seg = {
		.seq = seq, .end_seq = end_seq, .flags = XTCP_ACK,
	};

	return xtcp_seq_acceptable(tcb, &seg);
}

/* Segments inside and across both edges of a window. */
static void slide(u32 nxt, u32 wnd)
{
	struct xtcp_tcb tcb = { .rcv_nxt = nxt, .rcv_adv = nxt + wnd };
	u32 len;
	s32 off;

	for (off = -12; off <= 12; off++) {
		for (len = 0; len <= 14; len++) {
			u32 seq = nxt + off;

			at("NXT %#x WND %u off %d len %u", nxt, wnd, off, len);
			is(acceptable(&tcb, seq, seq + len),
			   touches(off, len, wnd));
		}
	}
}

/* SA-1b, SA-1d */
TEST(sa1_acceptable_if_seq_in_window)
{
	static const u32 places[] = {
		0, 3, 0x7ffffffb, 0x80000000, 0xfffffff8, 0xffffffff,
	};
	u32 i, wnd;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		for (wnd = 1; wnd <= 5; wnd++)
			slide(places[i], wnd);
}

/* SA-1b, SA-1d, REC-1 */
TEST(sa1_largest_window)
{
	static const u32 wnd = 65535u << 14;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 nxt = bases[i];
		struct xtcp_tcb tcb = { .rcv_nxt = nxt, .rcv_adv = nxt + wnd };

		at("RCV.NXT %#x", nxt);
		ok(acceptable(&tcb, nxt, nxt));
		no(acceptable(&tcb, nxt - 1, nxt - 1));
		ok(acceptable(&tcb, nxt + wnd - 1, nxt + wnd - 1));
		no(acceptable(&tcb, nxt + wnd, nxt + wnd));
		ok(acceptable(&tcb, nxt + wnd - 1, nxt + wnd + 99));
		no(acceptable(&tcb, nxt + wnd, nxt + wnd + 100));
		no(acceptable(&tcb, nxt - 100, nxt));
		ok(acceptable(&tcb, nxt - 100, nxt + 1));
		/* a segment that GRO merged, larger than the window */
		ok(acceptable(&tcb, nxt - 9, nxt + 0x20000));
	}
}

/* SA-1a, SA-1c, ZW-2, U-18, MUST-66 */
TEST(sa1a_zero_window_accepts_only_rcv_nxt)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, states) {
		u32 ack = tcb.snd_nxt;

		tcb.rcv_adv = base;
		is(judge(&tcb, state, base, 0, XTCP_ACK, ack), XTCP_ACCEPT);
		is(judge(&tcb, state, base - 1, 0, XTCP_ACK, ack),
		   XTCP_DROP_ACK);
		is(judge(&tcb, state, base + 1, 0, XTCP_ACK, ack),
		   XTCP_DROP_ACK);
		is(why, XTCP_WHY_SEQ);
		/* SA-1c, ZW-2, U-18: ACK and URG of a probe are processed */
		is(judge(&tcb, state, base, 1, XTCP_ACK, ack), XTCP_ACCEPT);
		is(judge(&tcb, state, base, 1000, XTCP_ACK | XTCP_URG, ack),
		   XTCP_ACCEPT);
		is(judge(&tcb, state, base + 1, 1, XTCP_ACK, ack),
		   XTCP_DROP_ACK);
		/* MUST-66 */
		is(judge(&tcb, state, base, 0, XTCP_RST, 0), XTCP_RST_VALID);
		is(judge(&tcb, state, base + 1, 0, XTCP_RST, 0), XTCP_DROP);
		is(judge(&tcb, state, base - 1, 0, XTCP_RST, 0), XTCP_DROP);
	}
}

/* SA-1b */
TEST(sa1b_empty_segments_at_window_edges)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, states) {
		u32 ack = tcb.snd_nxt;

		is(judge(&tcb, state, base - 1, 0, XTCP_ACK, ack),
		   XTCP_DROP_ACK);
		is(why, XTCP_WHY_SEQ);
		is(judge(&tcb, state, base, 0, XTCP_ACK, ack), XTCP_ACCEPT);
		is(judge(&tcb, state, base + WND - 1, 0, XTCP_ACK, ack),
		   XTCP_ACCEPT);
		is(judge(&tcb, state, base + WND, 0, XTCP_ACK, ack),
		   XTCP_DROP_ACK);
	}
}

/* SA-1d */
TEST(sa1d_data_at_window_edges)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, states) {
		u32 ack = tcb.snd_nxt;

		/* completely old: answered, as our ACK may have been lost */
		is(judge(&tcb, state, base - 100, 100, XTCP_ACK, ack),
		   XTCP_DROP_ACK);
		is(judge(&tcb, state, base - 100, 101, XTCP_ACK, ack),
		   XTCP_ACCEPT);
		is(judge(&tcb, state, base + WND - 1, 100, XTCP_ACK, ack),
		   XTCP_ACCEPT);
		is(judge(&tcb, state, base + WND, 100, XTCP_ACK, ack),
		   XTCP_DROP_ACK);
		/* both ends outside, the middle inside */
		is(judge(&tcb, state, base - 1, WND + 2, XTCP_ACK, ack),
		   XTCP_ACCEPT);
		/* only the FIN is in the window (SA-1f) */
		is(judge(&tcb, state, base - 100, 100, XTCP_ACK | XTCP_FIN,
			 ack), XTCP_ACCEPT);
		is(judge(&tcb, state, base - 101, 100, XTCP_ACK | XTCP_FIN,
			 ack), XTCP_DROP_ACK);
	}
}

/* SA-1e */
TEST(sa1e_seq_checked_before_ack_and_flags)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, states) {
		at("%s, no ACK, outside", xtcp_state_name(state));
		is(judge(&tcb, state, base - 1, 0, 0, 0), XTCP_DROP_ACK);
		is(judge(&tcb, state, base + WND, 5, XTCP_ACK,
			 tcb.snd_nxt + 1), XTCP_DROP_ACK);
		is(why, XTCP_WHY_SEQ);
		is(judge(&tcb, state, base + WND, 5, XTCP_RST | XTCP_ACK,
			 tcb.snd_nxt), XTCP_DROP);
	}
}

/* BL-1, SA-2a, SA-2b, SA-2c, SHLD-2 */
TEST(bl1_sa2_rst_by_sequence_number)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, states) {
		is(judge(&tcb, state, base - 1, 0, XTCP_RST, 0), XTCP_DROP);
		is(why, XTCP_WHY_SEQ);
		is(judge(&tcb, state, base, 0, XTCP_RST, 0), XTCP_RST_VALID);
		is(judge(&tcb, state, base + 1, 0, XTCP_RST, 0),
		   XTCP_CHALLENGE);
		is(why, XTCP_WHY_RST);
		is(judge(&tcb, state, base + WND - 1, 0, XTCP_RST, 0),
		   XTCP_CHALLENGE);
		is(judge(&tcb, state, base + WND, 0, XTCP_RST, 0), XTCP_DROP);
		is(judge(&tcb, state, base + 0x80000000, 0, XTCP_RST, 0),
		   XTCP_DROP);
		/* with ACK, for any ACK number: the same (BL-6) */
		is(judge(&tcb, state, base, 0, XTCP_RST | XTCP_ACK,
			 tcb.snd_nxt), XTCP_RST_VALID);
		is(judge(&tcb, state, base, 0, XTCP_RST | XTCP_ACK,
			 tcb.snd_nxt + 77), XTCP_RST_VALID);
		is(judge(&tcb, state, base + 1, 0, XTCP_RST | XTCP_ACK,
			 tcb.snd_nxt), XTCP_CHALLENGE);
		/* RST is checked before SYN */
		is(judge(&tcb, state, base, 0, XTCP_RST | XTCP_SYN, 0),
		   XTCP_RST_VALID);
		/* SHLD-2: a RST may carry data */
		is(judge(&tcb, state, base, 20, XTCP_RST, 0), XTCP_RST_VALID);
		is(judge(&tcb, state, base + 1, 20, XTCP_RST, 0),
		   XTCP_CHALLENGE);
	}
}

/* BL-1, SA-2a */
TEST(bl1_sa2a_rst_left_of_window_is_outside)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	/* RFC 5961 3.2 (1): SEG.SEQ decides, not the end of the data */
	EACH_STATE(tcb, state, base, states)
		is(judge(&tcb, state, base - 1, 20, XTCP_RST, 0), XTCP_DROP);
}

/* A SYN at one sequence number, with all other flags. */
static void syn_at(const struct xtcp_tcb *tcb, u8 state, u32 seq)
{
	static const u8 flags[] = {
		XTCP_SYN, XTCP_SYN | XTCP_ACK, XTCP_SYN | XTCP_FIN,
		XTCP_SYN | XTCP_ACK | XTCP_FIN | XTCP_PSH | XTCP_URG,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		at("%s NXT %#x seq %#x flags %#x", xtcp_state_name(state),
		   tcb->rcv_nxt, seq, flags[i]);
		is(judge(tcb, state, seq, 0, flags[i], tcb->snd_nxt),
		   XTCP_CHALLENGE);
		is(why, XTCP_WHY_SYN);
		is(judge(tcb, state, seq, 100, flags[i], tcb->snd_nxt),
		   XTCP_CHALLENGE);
		is(why, XTCP_WHY_SYN);
	}
}

/* BL-3, SA-4b */
TEST(bl3_sa4b_syn_challenged_at_any_seq)
{
	struct xtcp_tcb tcb;
	u32 base, i;
	u8 state;

	EACH_STATE(tcb, state, base, synchronized) {
		const u32 seqs[] = {
			base - 1, base, base + 1, base + WND - 1, base + WND,
			base + 0x40000000, base - 0x40000000, tcb.irs,
			base + 0x80000000,
		};

		for (i = 0; i < ARRAY_SIZE(seqs); i++)
			syn_at(&tcb, state, seqs[i]);
	}
}

/* SA-1c */
TEST(sa1c_zero_window_refuses_segment_without_ack)
{
	struct xtcp_tcb tcb = tcb_in(XTCP_ESTABLISHED, 1000);

	tcb.rcv_adv = tcb.rcv_nxt;
	is(judge(&tcb, XTCP_ESTABLISHED, 1000, 0, XTCP_FIN, 0), XTCP_DROP_ACK);
	is(judge(&tcb, XTCP_ESTABLISHED, 1000, 10, 0, 0), XTCP_DROP_ACK);
	is(judge(&tcb, XTCP_ESTABLISHED, 1000, 0, 0, 0), XTCP_DROP);
	is(judge(&tcb, XTCP_ESTABLISHED, 1000, 10, XTCP_ACK, tcb.snd_nxt),
	   XTCP_ACCEPT);
}

/* SA-4a */
TEST(sa4a_syn_in_syn_received)
{
	struct xtcp_tcb tcb;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 nxt = bases[i];

		at("passive, RCV.NXT %#x", nxt);
		tcb = tcb_in(XTCP_SYN_RCVD_PASSIVE, nxt);
		/* the same SYN again: the SYN-ACK is repeated */
		is(judge(&tcb, XTCP_SYN_RCVD_PASSIVE, tcb.irs, 0, XTCP_SYN, 0),
		   XTCP_DROP_ACK);
		/* a different SYN in the window: back to LISTEN */
		is(judge(&tcb, XTCP_SYN_RCVD_PASSIVE, nxt + 1, 0, XTCP_SYN, 0),
		   XTCP_NEW_SYN);
		is(judge(&tcb, XTCP_SYN_RCVD_PASSIVE, nxt, 0, XTCP_SYN, 0),
		   XTCP_NEW_SYN);
		is(judge(&tcb, XTCP_SYN_RCVD_PASSIVE, nxt + WND, 0, XTCP_SYN,
			 0), XTCP_DROP_ACK);
		/* a repeated SYN of which only the FIN is in the window */
		is(judge(&tcb, XTCP_SYN_RCVD_PASSIVE, tcb.irs, 0,
			 XTCP_SYN | XTCP_FIN, 0), XTCP_DROP);
		is(judge(&tcb, XTCP_SYN_RCVD_PASSIVE, nxt, 0,
			 XTCP_SYN | XTCP_FIN, 0), XTCP_NEW_SYN);

		at("active, RCV.NXT %#x", nxt);
		tcb = tcb_in(XTCP_SYN_RCVD, nxt);
		is(judge(&tcb, XTCP_SYN_RCVD, nxt + 1, 0, XTCP_SYN, 0),
		   XTCP_CHALLENGE);
		is(judge(&tcb, XTCP_SYN_RCVD, tcb.irs, 0, XTCP_SYN, 0),
		   XTCP_CHALLENGE);
	}
}

/* MUST-10, U-18 */
TEST(must10_u18_syn_ack_completes_simultaneous_open)
{
	const u8 flags = XTCP_SYN | XTCP_ACK;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 nxt = bases[i];
		struct xtcp_tcb tcb = tcb_in(XTCP_SYN_RCVD, nxt);
		u32 irs = tcb.irs;

		at("RCV.NXT %#x", nxt);
		/* figure 7, line 5 */
		is(judge(&tcb, XTCP_SYN_RCVD, irs, 0, flags, tcb.snd_nxt),
		   XTCP_ACCEPT);
		/* not if it acknowledges another number */
		ok(judge(&tcb, XTCP_SYN_RCVD, irs, 0, flags, tcb.snd_nxt + 1) !=
		   XTCP_ACCEPT);
		ok(judge(&tcb, XTCP_SYN_RCVD, irs, 0, flags, tcb.snd_una) !=
		   XTCP_ACCEPT);
		ok(judge(&tcb, XTCP_SYN_RCVD, irs - 1, 0, flags,
			 tcb.snd_nxt) != XTCP_ACCEPT);
		ok(judge(&tcb, XTCP_SYN_RCVD, irs, 0, XTCP_ACK, tcb.snd_nxt) !=
		   XTCP_ACCEPT);
		is(judge(&tcb, XTCP_SYN_RCVD, irs, 0, flags | XTCP_RST,
			 tcb.snd_nxt), XTCP_DROP);
		/* not for a passive open, nor in later states */
		is(judge(&tcb, XTCP_SYN_RCVD_PASSIVE, irs, 0, flags,
			 tcb.snd_nxt), XTCP_DROP_ACK);
		is(judge(&tcb, XTCP_ESTABLISHED, irs, 0, flags, tcb.snd_nxt),
		   XTCP_CHALLENGE);
		/* connected to itself: both ISNs are ours */
		tcb.irs = tcb.iss;
		tcb.rcv_nxt = tcb.iss + 1;
		tcb.rcv_adv = tcb.rcv_nxt + WND;
		is(judge(&tcb, XTCP_SYN_RCVD, tcb.iss, 0, flags,
			 tcb.iss + 1), XTCP_ACCEPT);
	}
}

/* SA-5a */
TEST(sa5a_segment_without_ack_dropped)
{
	static const u8 flags[] = {
		0, XTCP_FIN, XTCP_PSH, XTCP_URG, XTCP_FIN | XTCP_PSH | XTCP_URG,
	};
	struct xtcp_tcb tcb;
	u8 state;
	u32 base, f;

	EACH_STATE(tcb, state, base, states) {
		for (f = 0; f < ARRAY_SIZE(flags); f++) {
			is(judge(&tcb, state, base, 100, flags[f],
				 tcb.snd_nxt), XTCP_DROP);
			is(why, XTCP_WHY_NO_ACK);
		}
	}
}

/* BL-7: an ACK below ISS is never acceptable, for any size of the window. */
TEST(bl7_ack_before_first_byte_not_acceptable)
{
	static const u32 acked[] = { 0, 1, 1000, 65534, 65535, 65536, 1 << 30 };
	struct xtcp_tcb tcb;
	u8 state;
	u32 base, i;

	EACH_STATE(tcb, state, base, synchronized) {
		for (i = 0; i < ARRAY_SIZE(acked); i++) {
			u32 low;

			tcb.max_snd_wnd = 65535;
			tcb.acked = acked[i];
			low = tcb.snd_una - min_t(u32, acked[i], 65535);
			at("%s NXT %#x, %u acknowledged", xtcp_state_name(state),
			   base, acked[i]);
			is(judge(&tcb, state, base, 9, XTCP_ACK, low), XTCP_ACCEPT);
			is(judge(&tcb, state, base, 9, XTCP_ACK, low - 1),
			   XTCP_CHALLENGE);
			is(why, XTCP_WHY_ACK_OLD);
		}
	}
}

/* BL-4, SA-5b, SA-5f, SA-5g, MAY-12 */
TEST(bl4_sa5b_sa5g_acceptable_ack_range)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base, scale;

	EACH_STATE(tcb, state, base, synchronized) {
		for (scale = 0; scale <= 14; scale++) {
			u32 low, max = 65535u << scale;

			tcb.max_snd_wnd = max;
			low = tcb.snd_una - max;
			at("%s NXT %#x scale %u", xtcp_state_name(state), base,
			   scale);
			is(judge(&tcb, state, base, 9, XTCP_ACK, low),
			   XTCP_ACCEPT);
			is(judge(&tcb, state, base, 9, XTCP_ACK, low - 1),
			   XTCP_CHALLENGE);
			is(why, XTCP_WHY_ACK_OLD);
			/* SA-5f: an old ACK, the data is accepted */
			is(judge(&tcb, state, base, 9, XTCP_ACK,
				 tcb.snd_una - 1), XTCP_ACCEPT);
			is(judge(&tcb, state, base, 9, XTCP_ACK, tcb.snd_una),
			   XTCP_ACCEPT);
			is(judge(&tcb, state, base, 9, XTCP_ACK,
				 tcb.snd_una + 500), XTCP_ACCEPT);
			is(judge(&tcb, state, base, 9, XTCP_ACK, tcb.snd_nxt),
			   XTCP_ACCEPT);
			is(judge(&tcb, state, base, 9, XTCP_ACK,
				 tcb.snd_nxt + 1), XTCP_CHALLENGE);
			is(why, XTCP_WHY_ACK_UNSENT);
			is(judge(&tcb, state, base, 9, XTCP_ACK,
				 tcb.snd_nxt + 0x7fffffff), XTCP_CHALLENGE);
		}
	}
}

/* SA-5c, SA-5d, BL-7 */
TEST(sa5c_sa5d_ack_in_syn_received)
{
	static const u8 both[] = { XTCP_SYN_RCVD, XTCP_SYN_RCVD_PASSIVE };
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, both) {
		is(judge(&tcb, state, base, 0, XTCP_ACK, tcb.iss + 1),
		   XTCP_ACCEPT);
		is(judge(&tcb, state, base, 9, XTCP_ACK | XTCP_FIN,
			 tcb.iss + 1), XTCP_ACCEPT);
		is(judge(&tcb, state, base, 0, XTCP_ACK, tcb.iss),
		   XTCP_ANSWER_RST);
		is(why, XTCP_WHY_ACK_UNSENT);
		is(judge(&tcb, state, base, 0, XTCP_ACK, tcb.iss + 2),
		   XTCP_ANSWER_RST);
		is(judge(&tcb, state, base, 0, XTCP_ACK, tcb.iss - 100),
		   XTCP_ANSWER_RST);
		/* BL-7: not even within MAX.SND.WND */
		is(judge(&tcb, state, base, 9, XTCP_ACK, tcb.iss - 60000),
		   XTCP_ANSWER_RST);
		/* a range (SA-S3): the SYN had data */
		tcb.snd_nxt = tcb.iss + 101;
		is(judge(&tcb, state, base, 0, XTCP_ACK, tcb.iss + 50),
		   XTCP_ACCEPT);
		is(judge(&tcb, state, base, 0, XTCP_ACK, tcb.iss + 101),
		   XTCP_ACCEPT);
		is(judge(&tcb, state, base, 0, XTCP_ACK, tcb.iss + 102),
		   XTCP_ANSWER_RST);
	}
}

/* With timestamps negotiated; TS.Recent is @recent, 10 s old. */
static enum xtcp_verdict judge_ts(struct xtcp_tcb *tcb, u8 state, u32 seq,
				  u8 flags, u32 recent, u32 tsval)
{
	struct xtcp_segment seg = segment(seq, 10, flags, tcb->snd_nxt);

	tcb->ts_ok = 1;
	tcb->ts_recent = recent;
	tcb->ts_recent_stamp = NOW - 10;
	seg.opt.has_ts = 1;
	seg.opt.tsval = tsval;
	return xtcp_arrives(tcb, state, &seg, NOW, &why);
}

/* TSvals around the wrap of the peer's clock (TS-19). */
static const u32 clocks[] = {
	0, 1, 1000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
};

/* TS-14, TS-19 */
TEST(ts14_ts19_old_timestamp_answered_and_dropped)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base, i;

	EACH_STATE(tcb, state, base, states) {
		for (i = 0; i < ARRAY_SIZE(clocks); i++) {
			u32 ts = clocks[i];

			at("%s TS.Recent %#x", xtcp_state_name(state), ts);
			is(judge_ts(&tcb, state, base, XTCP_ACK, ts, ts - 1),
			   XTCP_DROP_ACK);
			is(why, XTCP_WHY_PAWS);
			is(judge_ts(&tcb, state, base, XTCP_ACK, ts,
				    ts - 0x7fffffff), XTCP_DROP_ACK);
			is(judge_ts(&tcb, state, base, XTCP_ACK | XTCP_FIN, ts,
				    ts - 1), XTCP_DROP_ACK);
			is(judge_ts(&tcb, state, base, XTCP_ACK, ts, ts),
			   XTCP_ACCEPT);
			is(judge_ts(&tcb, state, base, XTCP_ACK, ts, ts + 1),
			   XTCP_ACCEPT);
			is(judge_ts(&tcb, state, base, XTCP_ACK, ts,
				    ts + 0x7fffffff), XTCP_ACCEPT);
			/*
			 * a valid timestamp does not make a bad sequence number
			 * acceptable
			 */
			is(judge_ts(&tcb, state, base + WND, XTCP_ACK, ts,
				    ts + 1), XTCP_DROP_ACK);
			is(why, XTCP_WHY_SEQ);
		}
	}
}

/* TS-15 */
TEST(ts15_paws_not_applied_to_rst)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, states) {
		is(judge_ts(&tcb, state, base, XTCP_RST, 1000, 1),
		   XTCP_RST_VALID);
		is(judge_ts(&tcb, state, base + 1, XTCP_RST, 1000, 1),
		   XTCP_CHALLENGE);
		/* nor for a missing timestamp */
		is(judge(&tcb, state, base, 0, XTCP_RST, 0), XTCP_RST_VALID);
		is(judge(&tcb, state, base, 0, XTCP_RST | XTCP_ACK,
			 tcb.snd_nxt), XTCP_RST_VALID);
	}
}

/* TS-9, TS-10 */
TEST(ts9_ts10_segment_without_negotiated_timestamp)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, states) {
		is(judge_ts(&tcb, state, base, XTCP_ACK, 0, 1), XTCP_ACCEPT);
		/* not negotiated: a missing timestamp is accepted */
		tcb.ts_ok = 0;
		is(judge(&tcb, state, base, 10, XTCP_ACK, tcb.snd_nxt),
		   XTCP_ACCEPT);
		tcb.ts_ok = 1;
		is(judge(&tcb, state, base, 10, XTCP_ACK, tcb.snd_nxt),
		   XTCP_DROP);
		is(why, XTCP_WHY_NO_TS);
		is(judge(&tcb, state, base - 1, 0, XTCP_ACK, tcb.snd_nxt),
		   XTCP_DROP);
	}
}

/* TS-10 */
TEST(ts10_timestamp_not_negotiated_ignored)
{
	struct xtcp_tcb tcb = tcb_in(XTCP_ESTABLISHED, 5);
	struct xtcp_segment seg = segment(5, 10, XTCP_ACK, tcb.snd_nxt);

	tcb.ts_recent = 1000;
	tcb.ts_recent_stamp = NOW;
	seg.opt.has_ts = 1;
	seg.opt.tsval = 1;
	is(xtcp_arrives(&tcb, XTCP_ESTABLISHED, &seg, NOW, &why), XTCP_ACCEPT);
	xtcp_ts_recent_update(&tcb, &seg, NOW);
	seg.opt.tsval = 2000;
	xtcp_ts_recent_update(&tcb, &seg, NOW);
	is(tcb.ts_recent, 1000);
}

/* BL-3, U-8 */
TEST(bl3_u8_syn_without_timestamps_challenged)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	/*
	 * A peer that lost its state may send a SYN without timestamps. The
	 * MUST of RFC 5961 4.2 (challenge ACK) outweighs the SHOULD of RFC 7323
	 * 3.2 (drop).
	 */
	EACH_STATE(tcb, state, base, synchronized) {
		tcb.ts_ok = 1;
		is(judge(&tcb, state, base + 5, 0, XTCP_SYN, 0),
		   XTCP_CHALLENGE);
		is(judge(&tcb, state, base - 5, 0, XTCP_SYN, 0),
		   XTCP_CHALLENGE);
	}
}

/* BL-3, TS-14 */
TEST(bl3_ts14_syn_with_old_timestamp_answered)
{
	struct xtcp_tcb tcb;
	u8 state;
	u32 base;

	EACH_STATE(tcb, state, base, synchronized) {
		enum xtcp_verdict v;

		v = judge_ts(&tcb, state, base, XTCP_SYN, 1000, 1);
		ok(v == XTCP_DROP_ACK || v == XTCP_CHALLENGE);
		v = judge_ts(&tcb, state, base + WND, XTCP_SYN, 1000, 2000);
		is(v, XTCP_CHALLENGE);
	}
}

/* TS-17 */
TEST(ts17_ts_recent_invalid_after_24_days)
{
	static const u32 days24 = 24u * 24 * 3600;
	/* the monotonic clock may wrap, too */
	static const u32 stamps[] = { 0, 1000, 0xffffff00, 0xffffffff };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(stamps); i++) {
		struct xtcp_tcb tcb = tcb_in(XTCP_ESTABLISHED, 100);
		struct xtcp_segment seg =
			segment(100, 1, XTCP_ACK, tcb.snd_nxt);
		u32 at_ = stamps[i];

		at("taken at %#x", at_);
		tcb.ts_ok = 1;
		tcb.ts_recent = 5000;
		tcb.ts_recent_stamp = at_;
		seg.opt.has_ts = 1;
		seg.opt.tsval = 10;
		ok(xtcp_paws_old(&tcb, 10, at_));
		ok(xtcp_paws_old(&tcb, 10, at_ + days24 - 1));
		no(xtcp_paws_old(&tcb, 10, at_ + days24 + 1));
		is(xtcp_arrives(&tcb, XTCP_ESTABLISHED, &seg,
				at_ + days24 - 1, &why), XTCP_DROP_ACK);
		xtcp_ts_recent_update(&tcb, &seg, at_ + days24 - 1);
		is(tcb.ts_recent, 5000);
		is(xtcp_arrives(&tcb, XTCP_ESTABLISHED, &seg,
				at_ + days24 + 1, &why), XTCP_ACCEPT);
		xtcp_ts_recent_update(&tcb, &seg, at_ + days24 + 1);
		is(tcb.ts_recent, 10);
		is(tcb.ts_recent_stamp, at_ + days24 + 1);
	}
}

/* TS-12 */
TEST(ts12_echoed_timestamp)
{
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (k = 0; k < ARRAY_SIZE(clocks); k++) {
			u32 last = bases[i], ts = clocks[k];
			struct xtcp_tcb tcb = tcb_in(XTCP_ESTABLISHED, last);
			struct xtcp_segment seg =
				segment(last, 10, XTCP_ACK, 0);

			tcb.ts_ok = 1;
			tcb.ts_recent = ts;
			tcb.ts_recent_stamp = NOW - 5;
			seg.opt.has_ts = 1;

			at("Last.ACK.sent %#x TS.Recent %#x", last, ts);
			/* beyond a hole: TS.Recent stays */
			seg.seq = last + 1;
			seg.opt.tsval = ts + 1;
			xtcp_ts_recent_update(&tcb, &seg, NOW);
			is(tcb.ts_recent, ts);
			is(tcb.ts_recent_stamp, NOW - 5);
			/* older TSval: stays */
			seg.seq = last;
			seg.opt.tsval = ts - 1;
			xtcp_ts_recent_update(&tcb, &seg, NOW);
			is(tcb.ts_recent, ts);
			/* no timestamp: stays */
			seg.opt.has_ts = 0;
			seg.opt.tsval = ts + 5;
			xtcp_ts_recent_update(&tcb, &seg, NOW);
			is(tcb.ts_recent, ts);
			/* equal TSval: its age is renewed */
			seg.opt.has_ts = 1;
			seg.opt.tsval = ts;
			xtcp_ts_recent_update(&tcb, &seg, NOW);
			is(tcb.ts_recent, ts);
			is(tcb.ts_recent_stamp, NOW);
			/* newer TSval, at or below Last.ACK.sent: updated */
			seg.opt.tsval = ts + 1;
			xtcp_ts_recent_update(&tcb, &seg, NOW);
			is(tcb.ts_recent, ts + 1);
			seg.seq = last - 1;
			seg.opt.tsval = ts + 2;
			xtcp_ts_recent_update(&tcb, &seg, NOW + 1);
			is(tcb.ts_recent, ts + 2);
			is(tcb.ts_recent_stamp, NOW + 1);
		}
	}
}

static enum xtcp_verdict syn_sent(const struct xtcp_tcb *tcb, u8 flags, u32 ack)
{
	struct xtcp_segment seg = segment(rnd(), 0, flags, ack);

	return xtcp_arrives_syn_sent(tcb, &seg, 0);
}

/* TS-11 */
TEST(ts_11_echo_in_syn_ack)
{
	const u32 first = 0xfffffff0, now = 0x10;
	const struct {
		u32 tsecr;
		enum xtcp_verdict verdict;
	} cases[] = {
		{ first, XTCP_ACCEPT }, { now, XTCP_ACCEPT }, { 0xffffffff, XTCP_ACCEPT },
		{ 0, XTCP_ACCEPT },
		{ first - 1, XTCP_ANSWER_RST }, { now + 1, XTCP_ANSWER_RST },
		{ 0x80000000, XTCP_ANSWER_RST },
	};
	struct xtcp_tcb tcb = {
		.iss = 7, .snd_una = 7, .snd_nxt = 8, .ts_ok = 1, .ts_syn = first,
	};
	struct xtcp_segment seg = segment(rnd(), 0, XTCP_SYN | XTCP_ACK, 8);
	u32 i;

	seg.opt.has_ts = 1;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		at("TSecr %#x", cases[i].tsecr);
		seg.opt.tsecr = cases[i].tsecr;
		is(xtcp_arrives_syn_sent(&tcb, &seg, now), cases[i].verdict);
	}
	at("TSecr 0, which is not between the SYN's TSval and the clock");
	seg.opt.tsecr = 0;
	is(xtcp_arrives_syn_sent(&tcb, &seg, 0xfffffff8), XTCP_ACCEPT);
	seg.opt.tsecr = 0x80000000;
	at("others");
	/* not checked: without ACK, RST, not negotiated, without the option */
	seg.flags = XTCP_SYN;
	is(xtcp_arrives_syn_sent(&tcb, &seg, now), XTCP_ACCEPT);
	seg.flags = XTCP_RST | XTCP_ACK;
	is(xtcp_arrives_syn_sent(&tcb, &seg, now), XTCP_RST_VALID);
	seg.flags = XTCP_SYN | XTCP_ACK;
	tcb.ts_ok = 0;
	is(xtcp_arrives_syn_sent(&tcb, &seg, now), XTCP_ACCEPT);
	tcb.ts_ok = 1;
	seg.opt.has_ts = 0;
	is(xtcp_arrives_syn_sent(&tcb, &seg, now), XTCP_ACCEPT);
}

/* SA-S1, SA-S2, SA-S3, SA-S4, SA-S5, SA-S7, SA-S8, SA-S11, BL-2 */
TEST(sa_s_segments_in_syn_sent)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 iss = bases[i];
		struct xtcp_tcb tcb = {
			.iss = iss, .snd_una = iss, .snd_nxt = iss + 1,
		};
		u32 d;

		at("ISS %#x", iss);
		/* SA-S7, SA-S8 */
		is(syn_sent(&tcb, XTCP_SYN | XTCP_ACK, iss + 1), XTCP_ACCEPT);
		is(syn_sent(&tcb, XTCP_SYN, 0), XTCP_ACCEPT);
		is(syn_sent(&tcb, XTCP_SYN | XTCP_FIN, 0), XTCP_ACCEPT);
		/* SA-S1, SA-S2 */
		for (d = 0; d < 4; d++) {
			const u32 bad[] = { iss, iss + 2, iss - 1,
					    iss + 0x40000000 };

			at("ISS %#x ACK %#x", iss, bad[d]);
			is(syn_sent(&tcb, XTCP_SYN | XTCP_ACK, bad[d]),
			   XTCP_ANSWER_RST);
			is(syn_sent(&tcb, XTCP_ACK, bad[d]), XTCP_ANSWER_RST);
			is(syn_sent(&tcb, XTCP_ACK | XTCP_FIN, bad[d]),
			   XTCP_ANSWER_RST);
			is(syn_sent(&tcb, XTCP_RST | XTCP_ACK, bad[d]),
			   XTCP_DROP);
			is(syn_sent(&tcb, XTCP_SYN | XTCP_RST | XTCP_ACK, bad[d]),
			   XTCP_DROP);
		}
		at("ISS %#x", iss);
		/* SA-S4, SA-S5, BL-2 */
		is(syn_sent(&tcb, XTCP_RST | XTCP_ACK, iss + 1), XTCP_RST_VALID);
		is(syn_sent(&tcb, XTCP_RST, 0), XTCP_DROP);
		is(syn_sent(&tcb, XTCP_RST, iss + 1), XTCP_DROP);
		is(syn_sent(&tcb, XTCP_RST | XTCP_SYN, iss + 1), XTCP_DROP);
		/* SA-S11 */
		is(syn_sent(&tcb, XTCP_ACK, iss + 1), XTCP_DROP);
		is(syn_sent(&tcb, XTCP_ACK | XTCP_FIN, iss + 1), XTCP_DROP);
		is(syn_sent(&tcb, 0, 0), XTCP_DROP);
		is(syn_sent(&tcb, XTCP_FIN | XTCP_URG | XTCP_PSH, 0),
		   XTCP_DROP);
		/* SA-S3 */
		tcb.snd_nxt = iss + 101;
		is(syn_sent(&tcb, XTCP_SYN | XTCP_ACK, iss + 1), XTCP_ACCEPT);
		is(syn_sent(&tcb, XTCP_SYN | XTCP_ACK, iss + 60), XTCP_ACCEPT);
		is(syn_sent(&tcb, XTCP_SYN | XTCP_ACK, iss + 101), XTCP_ACCEPT);
		is(syn_sent(&tcb, XTCP_SYN | XTCP_ACK, iss + 102),
		   XTCP_ANSWER_RST);
	}
}

/* U-10, SA-C2, SA-C3 */
TEST(u10_sa_c2_sa_c3_seq_and_ack_of_rst)
{
	static const u8 flags[] = {
		0, XTCP_SYN, XTCP_FIN, XTCP_SYN | XTCP_FIN, XTCP_PSH,
		XTCP_URG | XTCP_FIN,
	};
	u32 i, f, len;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (f = 0; f < ARRAY_SIZE(flags); f++) {
			for (len = 0; len <= 1000; len += 500) {
				u32 seq = bases[i];
				u32 ctl = !!(flags[f] & XTCP_SYN) +
					  !!(flags[f] & XTCP_FIN);
				struct xtcp_segment rst, seg =
					segment(seq, len, flags[f], 77);

				at("seq %#x flags %#x len %u", seq, flags[f],
				   len);
				memset(&rst, 0xa5, sizeof(rst));
				xtcp_reset_reply(&seg, &rst);
				is(rst.flags, XTCP_RST | XTCP_ACK);
				is(rst.seq, 0);
				is(rst.ack, seq + len + ctl);
				is(rst.hdr_len, 20);
				is(rst.len, 0);
				is(rst.opt.has_ts, 0);
				is(rst.opt.nsack, 0);

				seg.flags |= XTCP_ACK;
				seg.ack = ~seq;
				memset(&rst, 0xa5, sizeof(rst));
				xtcp_reset_reply(&seg, &rst);
				is(rst.flags, XTCP_RST);
				is(rst.seq, ~seq);
				is(rst.ack, 0);
				is(rst.hdr_len, 20);
			}
		}
	}
}
