// SPDX-License-Identifier: GPL-2.0
/*
 * Tail loss probe (RFC 8985 section 7).
 */
#include "rtt.h"
#include "tlp.h"
#include "tap.h"

#define MSS	1000u

/* RK-10 */
TEST(rk10_timeout)
{
	is(xtcp_tlp_timeout(0, false), XTCP_RTO_INIT);
	is(xtcp_tlp_timeout(0, true), XTCP_RTO_INIT);
	is(xtcp_tlp_timeout(40000, false), 80000 + XTCP_TLP_SLACK);
	/* One segment: the peer may delay its ACK. */
	is(xtcp_tlp_timeout(40000, true), 80000 + XTCP_TLP_ACK_DELAY);
}

static struct xtcp_tlp sent(bool is_retrans)
{
	struct xtcp_tlp t = {};

	xtcp_tlp_sent(&t, 5000, 3 * MSS, is_retrans);
	ok(t.active);
	is(t.flight, 3 * MSS);
	return t;
}

static bool repaired(struct xtcp_tlp *t, u32 ack, bool dsack, bool plain_dup)
{
	struct xtcp_tlp_ack a = {
		.ack = ack, .dsack = dsack, .plain_dup = plain_dup,
	};

	return xtcp_tlp_repaired(t, &a);
}

/* RK-14 */
TEST(rk14_later_data_acknowledged_only)
{
	struct xtcp_tlp t = sent(true);

	/* The ACK of the probe itself proves nothing yet. */
	no(repaired(&t, 4999, false, false));
	no(repaired(&t, 5000, false, false));
	ok(t.active);
	ok(repaired(&t, 5001, false, false));
	no(t.active);
	/* One reduction. */
	no(repaired(&t, 6000, false, false));
}

/* RK-14 */
TEST(rk14_both_copies_arrived)
{
	struct xtcp_tlp t = sent(true);

	no(repaired(&t, 5000, false, false));
	no(repaired(&t, 5000, false, true));
	no(t.active);
	no(repaired(&t, 6000, false, false));

	t = sent(true);
	no(repaired(&t, 5000, true, false));
	no(t.active);

	/* A DSACK that comes with the ACK of later data. */
	t = sent(true);
	no(repaired(&t, 6000, true, false));
	no(t.active);

	/* Duplicates below the end are no answers to the probe. */
	t = sent(true);
	no(repaired(&t, 4000, true, true));
	ok(t.active);
}

/* RK-14: a probe with new data needs no second ACK. */
TEST(rk14_new_data)
{
	struct xtcp_tlp t = sent(false);

	no(repaired(&t, 4000, false, false));
	ok(t.active);
	no(repaired(&t, 5000, false, false));
	no(t.active);
	t = sent(false);
	no(repaired(&t, 7000, false, false));
	no(t.active);
}
