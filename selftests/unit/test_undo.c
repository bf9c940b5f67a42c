// SPDX-License-Identifier: GPL-2.0
/*
 * Undo of a reduction of cwnd: Eifel (RFC 3522, RFC 4015), DSACK (RFC 3708),
 * F-RTO (RFC 5682).
 */
#include "cc.h"
#include "tap.h"

#define MSS	1000u

static struct xtcp_undo begun(void)
{
	struct xtcp_undo u;

	memset(&u, 0xa5, sizeof(u));
	xtcp_undo_begin(&u, 1000, 20 * MSS, 40 * MSS);
	return u;
}

/* FR-5: an echo from before the first retransmission. */
TEST(fr5_eifel)
{
	struct xtcp_undo u = begun();

	/* Nothing was retransmitted. */
	no(xtcp_undo_eifel(&u, 5));
	no(xtcp_undo_eifel(&u, 0xfffffff0));
	xtcp_undo_resent(&u, 1, 10);
	xtcp_undo_resent(&u, 1, 20);
	ok(xtcp_undo_eifel(&u, 9));
	no(xtcp_undo_eifel(&u, 10));
	no(xtcp_undo_eifel(&u, 15));
	/* Over the wrap of the clock. */
	u = begun();
	xtcp_undo_resent(&u, 1, 2);
	ok(xtcp_undo_eifel(&u, 0xfffffff0));
	/* Once. */
	u.armed = false;
	no(xtcp_undo_eifel(&u, 0xfffffff0));
}

/* FR-5 */
TEST(fr5_dsack_of_all_retransmissions)
{
	struct xtcp_undo u = begun();

	no(xtcp_undo_all_dups(&u));
	xtcp_undo_resent(&u, 2, 10);
	xtcp_undo_resent(&u, 1, 10);
	/* A duplicate from before the reduction does not count. */
	xtcp_undo_dsack(&u, 1000, 3);
	no(xtcp_undo_all_dups(&u));
	xtcp_undo_dsack(&u, 3000, 2);
	no(xtcp_undo_all_dups(&u));
	xtcp_undo_dsack(&u, 4000, 1);
	ok(xtcp_undo_all_dups(&u));
	u.armed = false;
	no(xtcp_undo_all_dups(&u));
}

/* FR-5: cwnd is the flight and what was acknowledged, up to what it was. */
TEST(fr5_response)
{
	struct xtcp_cc cc = { .ops = &xtcp_reno, .after_timeout = true };
	struct xtcp_undo u = begun();

	cc.cwnd = MSS;
	cc.ssthresh = 5 * MSS;
	xtcp_cc_undo(&cc, &u, MSS, 8 * MSS, 2 * MSS);
	is(cc.cwnd, 10 * MSS);
	is(cc.ssthresh, 40 * MSS);
	no(cc.after_timeout);

	/* At most the initial window is added. */
	cc.cwnd = MSS;
	xtcp_cc_undo(&cc, &u, MSS, 2 * MSS, 15 * MSS);
	is(cc.cwnd, 12 * MSS);
	/* Neither larger than before, nor smaller than now. */
	cc.cwnd = MSS;
	xtcp_cc_undo(&cc, &u, MSS, 15 * MSS, 8 * MSS);
	is(cc.cwnd, 20 * MSS);
	cc.cwnd = 25 * MSS;
	xtcp_cc_undo(&cc, &u, MSS, 15 * MSS, 8 * MSS);
	is(cc.cwnd, 25 * MSS);
	/* ssthresh may have grown since. */
	cc.ssthresh = 50 * MSS;
	xtcp_cc_undo(&cc, &u, MSS, 15 * MSS, 8 * MSS);
	is(cc.ssthresh, 50 * MSS);
}

/* The action after an ACK with the given fields of struct xtcp_frto_ack. */
#define frto(f, ...)							\
	xtcp_frto_ack(f, &(const struct xtcp_frto_ack){ __VA_ARGS__ })

/* FR-1, FR-2 */
TEST(fr1_fr2_two_acks)
{
	struct xtcp_frto f = { .active = true };

	is(frto(&f, .advanced = true, .may_send_new = true),
	   XTCP_FRTO_SEND_NEW);
	ok(f.active);
	is(frto(&f, .advanced = true, .original = true, .sent_new = true),
	   XTCP_FRTO_SPURIOUS);
	no(f.active);
	is(frto(&f, .original = true), XTCP_FRTO_NONE);
}

/* FR-2: a duplicate ACK, first or second. */
TEST(fr2_duplicate_ack)
{
	struct xtcp_frto f = { .active = true };

	is(frto(&f, .no_progress = true, .may_send_new = true),
	   XTCP_FRTO_NONE);
	no(f.active);

	f.active = true;
	frto(&f, .advanced = true, .may_send_new = true);
	is(frto(&f, .no_progress = true, .sent_new = true), XTCP_FRTO_NONE);
	no(f.active);
}

/* FR-1: nothing new to send, or all is acknowledged: recovery as usual. */
TEST(fr1_nothing_to_send)
{
	struct xtcp_frto f = { .active = true };

	is(frto(&f, .advanced = true), XTCP_FRTO_NONE);
	no(f.active);

	f.active = true;
	is(frto(&f, .advanced = true, .recovered = true, .may_send_new = true),
	   XTCP_FRTO_NONE);
	no(f.active);
}

/* FR-3 */
TEST(fr3_original_delivered)
{
	struct xtcp_frto f = { .active = true };

	is(frto(&f, .no_progress = true, .original = true),
	   XTCP_FRTO_SPURIOUS);
	no(f.active);
}

/* FR-4 */
TEST(fr4_not_active)
{
	struct xtcp_frto f = { .active = false };

	is(frto(&f, .advanced = true, .original = true, .may_send_new = true),
	   XTCP_FRTO_NONE);
}

/* The SYN that was only late, by the echo of its timestamp. */
TEST(spurious_syn)
{
	struct xtcp_options opt = { .has_ts = 1, .tsecr = 7 };

	ok(xtcp_undo_syn(&opt, 7));
	no(xtcp_undo_syn(&opt, 6));
	no(xtcp_undo_syn(&opt, 8));
	opt.has_ts = 0;
	no(xtcp_undo_syn(&opt, 7));
}
