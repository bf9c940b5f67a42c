// SPDX-License-Identifier: GPL-2.0
/*
 * How long an ACK may be delayed (RFC 9293 3.8.6.3).
 */
#include "tap.h"
#include "ato.h"

#define MS	1000000u
#define RTO	(300 * MS)
#define WINDOW	64000u
#define MSS	1000u

static void data(struct xtcp_ato *ato, u32 gap_ms)
{
	xtcp_ato_data(ato, gap_ms * (u64)MS, RTO, WINDOW, MSS);
}

/* An estimate of @ms, no quick ACKs left. */
static struct xtcp_ato estimate(u32 ms)
{
	return (struct xtcp_ato){ .delay = ms * MS };
}

static u32 delay(const struct xtcp_ato *ato)
{
	return xtcp_ato_delay(ato, 0, 200 * MS) / MS;
}

/* The first data: quick ACKs, then 40 ms. */
TEST(first_data)
{
	struct xtcp_ato ato = {};

	is(xtcp_ato_delay(&ato, 0, 200 * MS), XTCP_ATO_SOON);
	data(&ato, 1000);
	is(ato.delay, 40 * MS);
	is(ato.quick, 16);
	ok(xtcp_ato_at_once(&ato));
	ato.pingpong = true;
	no(xtcp_ato_at_once(&ato));
}

/* As many quick ACKs as full segments in half of the window: 2 to 16. */
TEST(quick_acks_by_window)
{
	static const struct {
		u32 window, n;
	} t[] = {
		{ 0, 2 }, { 3000, 2 }, { 5999, 2 }, { 6000, 3 }, { 31999, 15 },
		{ 32000, 16 }, { 34000, 16 }, { 1u << 30, 16 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct xtcp_ato ato = {};

		xtcp_ato_data(&ato, 0, RTO, t[i].window, MSS);
		is(ato.quick, t[i].n);
		ato = estimate(80);
		xtcp_ato_quick(&ato, t[i].window, MSS);
		is(ato.quick, t[i].n);
	}
}

/* Before the handshake is complete the size of full segments is not known. */
TEST(quick_acks_without_mss)
{
	struct xtcp_ato ato = {};

	xtcp_ato_quick(&ato, WINDOW, 0);
	is(ato.quick, 16);
}

/* Quick ACKs that were granted before are not taken away. */
TEST(quick_acks_only_grow)
{
	struct xtcp_ato ato = estimate(40);

	ato.quick = 9;
	xtcp_ato_quick(&ato, 4000, MSS);
	is(ato.quick, 9);
}

TEST(quick_mode_ends_interactive)
{
	struct xtcp_ato ato = estimate(160);

	ato.pingpong = true;
	xtcp_ato_quick(&ato, WINDOW, MSS);
	no(ato.pingpong);
	is(ato.delay, 40 * MS);
}

TEST(sent_acks_are_counted)
{
	struct xtcp_ato ato = estimate(160);

	ato.quick = 2;
	xtcp_ato_sent(&ato);
	is(ato.quick, 1);
	is(ato.delay, 160 * MS);
	xtcp_ato_sent(&ato);
	is(ato.quick, 0);
	is(ato.delay, 40 * MS);
	ato.delay = 160 * MS;
	xtcp_ato_sent(&ato);
	is(ato.quick, 0);
	is(ato.delay, 160 * MS);
}

/* Segments within 20 ms: the estimate falls towards 40 ms. */
TEST(segments_in_quick_succession)
{
	struct xtcp_ato ato = estimate(200);

	data(&ato, 0);
	is(ato.delay, 120 * MS);
	data(&ato, 20);
	is(ato.delay, 80 * MS);
	for (int i = 0; i < 30; i++)
		data(&ato, 1);
	ok(ato.delay <= 40 * MS && ato.delay > 39 * MS);
}

/* Segments further apart: half of the estimate, and the gap. */
TEST(segments_apart)
{
	struct xtcp_ato ato = estimate(100);

	data(&ato, 60);
	is(ato.delay, 110 * MS);
	data(&ato, 110);
	is(ato.delay, 110 * MS);
	ato = estimate(200);
	data(&ato, 199);
	is(ato.delay, 200 * MS);
	/* Not above the retransmission timeout. */
	ato = estimate(100);
	xtcp_ato_data(&ato, 90 * MS, 120 * MS, WINDOW, MSS);
	is(ato.delay, 120 * MS);
}

TEST(pause_of_more_than_rto)
{
	struct xtcp_ato ato = estimate(40);

	data(&ato, 300);
	is(ato.quick, 0);
	data(&ato, 301);
	is(ato.quick, 16);
	is(ato.delay, 40 * MS);
}

/* MUST-40: the delay doubles while no reply comes, up to 200 ms. */
TEST(must40_expired)
{
	struct xtcp_ato ato = estimate(40);

	xtcp_ato_expired(&ato, RTO);
	is(delay(&ato), 80);
	xtcp_ato_expired(&ato, RTO);
	is(delay(&ato), 160);
	xtcp_ato_expired(&ato, RTO);
	is(ato.delay, 200 * MS);
	xtcp_ato_expired(&ato, RTO);
	is(ato.delay, 200 * MS);
	ato = estimate(40);
	xtcp_ato_expired(&ato, 50 * MS);
	is(ato.delay, 50 * MS);
}

/* An interactive connection that gets no reply is none. */
TEST(expired_interactive)
{
	struct xtcp_ato ato = estimate(160);

	ato.pingpong = true;
	xtcp_ato_expired(&ato, RTO);
	no(ato.pingpong);
	is(ato.delay, 40 * MS);
}

/* Data that follows received data within the estimate is a reply. */
TEST(reply)
{
	struct xtcp_ato ato = estimate(50);

	xtcp_ato_reply(&ato, 50 * MS);
	no(ato.pingpong);
	xtcp_ato_reply(&ato, 50 * MS - 1);
	ok(ato.pingpong);
	ato = (struct xtcp_ato){};
	xtcp_ato_reply(&ato, 0);
	no(ato.pingpong);
}

/* At most a round trip, but not less than 40 ms. */
TEST(within_a_round_trip)
{
	struct xtcp_ato ato = estimate(160);

	is(xtcp_ato_delay(&ato, 1 * MS, 200 * MS), 40 * MS);
	is(xtcp_ato_delay(&ato, 100 * MS, 200 * MS), 100 * MS);
	is(xtcp_ato_delay(&ato, 170 * MS, 200 * MS), 160 * MS);
}

/* Below the minimum of the retransmission timeout, that the peer may have, too. */
TEST(below_rto_min)
{
	struct xtcp_ato ato = estimate(160);

	is(xtcp_ato_delay(&ato, 0, 20 * MS), 19 * MS);
	is(xtcp_ato_delay(&ato, 0, 2 * MS), 1 * MS);
	is(xtcp_ato_delay(&ato, 0, 1), 1 * MS);
	ato = estimate(200);
	is(xtcp_ato_delay(&ato, 1000 * MS, 200 * MS), 199 * MS);
}
