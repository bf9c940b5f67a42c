// SPDX-License-Identifier: GPL-2.0
/*
 * HyStart++ (RFC 9406).
 */
#include "hystart.h"
#include "tap.h"

#define MS	1000u

static struct xtcp_hystart fresh(void)
{
	struct xtcp_hystart h;

	memset(&h, 0xa5, sizeof(h));
	xtcp_hystart_init(&h);
	return h;
}

/* A round of @n samples of @rtt. Return: true if slow start ends in it. */
static bool trip(struct xtcp_hystart *h, u32 rtt, u32 n)
{
	bool ends = false;
	u32 i;

	for (i = 0; i < n; i++)
		ends |= xtcp_hystart_ack(h, rtt, i == 0);
	return ends;
}

/* HY-1 */
TEST(hy1_threshold)
{
	/* Minimum of the round before, increase that is enough. */
	static const u32 cases[][2] = {
		{ 10 * MS, 4 * MS }, { 32 * MS, 4 * MS }, { 40 * MS, 5 * MS },
		{ 128 * MS, 16 * MS }, { 400 * MS, 16 * MS },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct xtcp_hystart h = fresh();
		u32 rtt = cases[i][0];

		at("RTT %u us", rtt);
		trip(&h, rtt, 10);
		trip(&h, rtt + cases[i][1] - 1, 10);
		no(h.css);
		trip(&h, rtt, 10);
		trip(&h, rtt + cases[i][1], 10);
		ok(h.css);
	}
}

/* HY-1: eight samples are needed. */
TEST(hy1_samples)
{
	struct xtcp_hystart h = fresh();

	trip(&h, 40 * MS, 10);
	trip(&h, 80 * MS, 7);
	no(h.css);
	/* An ACK without a sample does not count. */
	xtcp_hystart_ack(&h, 0, false);
	no(h.css);
	xtcp_hystart_ack(&h, 80 * MS, false);
	ok(h.css);
	/* The minimum of the round decides. */
	h = fresh();
	trip(&h, 40 * MS, 10);
	trip(&h, 40 * MS, 1);
	trip(&h, 40 * MS, 1);
	xtcp_hystart_ack(&h, 41 * MS, false);
	for (int i = 0; i < 10; i++)
		xtcp_hystart_ack(&h, 80 * MS, false);
	no(h.css);
}

/* HY-2 */
TEST(hy2_five_rounds)
{
	struct xtcp_hystart h = fresh();
	u32 i;

	trip(&h, 40 * MS, 10);
	no(trip(&h, 80 * MS, 10));
	ok(h.css);
	is(xtcp_hystart_growth(&h, 4000, 1000), 1000);
	/* The round in which it began is the first. */
	for (i = 0; i < 4; i++)
		no(trip(&h, 80 * MS, 10));
	ok(trip(&h, 80 * MS, 10));
}

/* HY-2: the round-trip time falls below that at its begin: it was jitter. */
TEST(hy2_resume)
{
	struct xtcp_hystart h = fresh();

	trip(&h, 40 * MS, 10);
	trip(&h, 80 * MS, 10);
	ok(h.css);
	no(trip(&h, 79 * MS, 7));
	ok(h.css);
	no(xtcp_hystart_ack(&h, 79 * MS, false));
	no(h.css);
	is(xtcp_hystart_growth(&h, 4000, 1000), 4000);
}

/* HY-2: after jitter CSS may begin again, and lasts five rounds again. */
TEST(hy2_again)
{
	struct xtcp_hystart h = fresh();
	u32 i;

	trip(&h, 40 * MS, 10);
	for (i = 0; i < 4; i++)
		no(trip(&h, 80 * MS, 10));
	no(trip(&h, 70 * MS, 10));
	no(h.css);
	trip(&h, 90 * MS, 10);
	ok(h.css);
	for (i = 0; i < 4; i++)
		no(trip(&h, 90 * MS, 10));
	ok(trip(&h, 90 * MS, 10));
}

/*
 * In CSS the delay increases once more, by an eighth: slow start ends. Seven
 * samples are not enough, nor is a smaller increase.
 */
TEST(second_increase_ends_slow_start)
{
	struct xtcp_hystart h = fresh();

	trip(&h, 40 * MS, 10);
	trip(&h, 80 * MS, 10);
	no(trip(&h, 90 * MS - 1, 10));
	no(trip(&h, 90 * MS, 7));
	ok(xtcp_hystart_ack(&h, 90 * MS, false));
	/* Outside of CSS an increase only begins it. */
	h = fresh();
	trip(&h, 40 * MS, 10);
	no(trip(&h, 200 * MS, 10));
	ok(h.css);
}

/* HY-1: nothing is known before the first round. */
TEST(hy1_first_round)
{
	struct xtcp_hystart h = fresh();
	u32 i;

	for (i = 0; i < 10; i++)
		no(xtcp_hystart_ack(&h, 40 * MS, false));
	no(h.css);
}

/* HY-3 */
TEST(hy3_growth_per_ack)
{
	struct xtcp_hystart h = fresh();

	is(xtcp_hystart_growth(&h, 1000, 1000), 1000);
	is(xtcp_hystart_growth(&h, 8000, 1000), 8000);
	is(xtcp_hystart_growth(&h, 80000, 1000), 8000);
	h.css = true;
	is(xtcp_hystart_growth(&h, 80000, 1000), 2000);
}
