// SPDX-License-Identifier: GPL-2.0
/*
 * The delivery rate (draft-cheng-iccrg-delivery-rate-estimation,
 * draft-ietf-ccwg-bbr 4.1).
 */
#include "rate.h"
#include "tap.h"

#define MSS	1000u
#define US	1000ull

/* A connection whose clock begins at a second. */
static struct xtcp_rate rate;
static struct xtcp_rate_sample rs;
static u32 next_seq;
static u32 lost;

/* A segment, as the write queue keeps it. */
struct seg {
	struct xtcp_rate_stamp stamp;
	struct xtcp_rate_segment seg;
};

static void begin(u32 delivered)
{
	memset(&rate, 0, sizeof(rate));
	rate.delivered = delivered;
	next_seq = 0xfffffc00;
	lost = 0;
}

static u64 at_us(u32 us)
{
	return (1000000 + us) * US;
}

static void resend(struct seg *s, u32 us, bool idle)
{
	s->stamp.lost = lost;
	s->stamp.in_flight = 5 * MSS;
	s->seg.sent = at_us(us);
	xtcp_rate_sent(&rate, &s->stamp, at_us(us), idle);
}

static struct seg send(u32 us, bool idle)
{
	struct seg s;

	memset(&s, 0xa5, sizeof(s));
	next_seq += MSS;
	s.seg.len = MSS;
	s.seg.end_seq = next_seq;
	resend(&s, us, idle);
	return s;
}

static void delivered(const struct seg *s, u32 us)
{
	xtcp_rate_delivered(&rate, &rs, &s->stamp, &s->seg, at_us(us));
}

static void end_ack(u32 us, u32 min_rtt, bool recovering)
{
	struct xtcp_rate_ack a = {
		.now = at_us(us),
		.lost = lost,
		.min_rtt = min_rtt,
		.recovering = recovering,
	};

	xtcp_rate_ack(&rate, &rs, &a);
}

/* An ACK of @n segments from @s on. */
static void ack(const struct seg *s, int n, u32 us)
{
	int i;

	memset(&rs, 0, sizeof(rs));
	for (i = 0; i < n; i++)
		delivered(&s[i], us);
	end_ack(us, 10000, false);
}

/* Segments into an empty network: the interval begins when they are sent. */
TEST(first_flight)
{
	struct seg s[4];

	begin(0);
	s[0] = send(0, true);
	s[1] = send(100, false);
	s[2] = send(200, false);
	s[3] = send(300, false);
	ack(s, 1, 20000);
	is(rs.delivered, MSS);
	is(rs.interval, 20000);
	is(rs.send_phase, 0);
	is(rs.ack_phase, 20000);
	is(rs.prior_delivered, 0);
	/* The newest segment of a cumulative ACK decides. */
	ack(s + 1, 3, 20300);
	is(rs.delivered, 4 * MSS);
	is(rs.interval, 20300);
	is(rate.delivered, 4 * MSS);
	is(rate.delivered_time, at_us(20300));
	is(rate.first_sent, at_us(300));
}

/* After idle time the interval does not include it. */
TEST(idle_is_not_counted)
{
	struct seg s;

	begin(0);
	s = send(0, true);
	ack(&s, 1, 20000);
	s = send(5000000, true);
	ack(&s, 1, 5020000);
	is(rs.interval, 20000);
	is(rs.delivered, MSS);
	is(rs.prior_delivered, MSS);
	/* Nothing was sent before: also without an empty network. */
	begin(0);
	s = send(7000, false);
	ack(&s, 1, 27000);
	is(rs.interval, 20000);
}

/* While data is in flight the ACK phase begins with the ACK before. */
TEST(ack_phase)
{
	struct seg s[3];

	begin(0);
	s[0] = send(0, true);
	s[1] = send(0, false);
	ack(s, 1, 20000);
	s[2] = send(25000, false);
	is(s[2].stamp.delivered_for, 5000);
	ack(s + 1, 1, 40000);
	ack(s + 2, 1, 45000);
	is(rs.prior_time, at_us(20000));
	is(rs.ack_phase, 25000);
	is(rs.send_phase, 25000);
	is(rs.interval, 25000);
	is(rs.delivered, 2 * MSS);
}

/*
 * ACKs that arrive together (ACK compression) do not make the rate higher than
 * the data was sent.
 */
TEST(send_phase)
{
	struct seg s[4];

	begin(0);
	s[0] = send(0, true);
	s[1] = send(10000, false);
	s[2] = send(20000, false);
	ack(s, 1, 29000);
	s[3] = send(30000, false);
	ack(s + 1, 2, 42000);
	/* Of the third, sent 20 ms after the first, which was sent when idle. */
	is(rs.send_phase, 20000);
	is(rs.ack_phase, 42000);
	ack(s + 3, 1, 42001);
	is(rs.ack_phase, 13001);
	is(rs.send_phase, 30000);
	is(rs.interval, 30000);
	is(rs.delivered, 3 * MSS);
}

/* Of segments sent at the same time the last by sequence number decides. */
TEST(newest_segment)
{
	struct seg s[3];

	begin(0);
	s[0] = send(0, true);
	s[1] = send(0, false);
	ack(s, 1, 15000);
	s[2] = send(15000, false);
	/* The retransmission is newer than the new segment before it. */
	resend(&s[1], 16000, false);
	memset(&rs, 0, sizeof(rs));
	delivered(&s[1], 40000);
	delivered(&s[2], 40000);
	is(rs.end_seq, s[1].seg.end_seq);
	is(rate.first_sent, at_us(16000));
	/* The same time: sequence numbers decide, across their wrap. */
	begin(0);
	s[0] = send(0, true);
	s[1] = send(0, false);
	ok(s[0].seg.end_seq > s[1].seg.end_seq);
	memset(&rs, 0, sizeof(rs));
	delivered(&s[1], 20000);
	delivered(&s[0], 20000);
	is(rs.end_seq, s[1].seg.end_seq);
	memset(&rs, 0, sizeof(rs));
	delivered(&s[0], 20000);
	s[1].stamp.delivered = 77;
	delivered(&s[1], 20000);
	is(rs.prior_delivered, 77);
	s[1].stamp.delivered = 78;
	delivered(&s[1], 20000);
	is(rs.prior_delivered, 77);
	is(rate.delivered, 5 * MSS);
}

/* An ACK that delivers nothing measures nothing. */
TEST(no_sample)
{
	struct seg s;

	begin(0);
	s = send(0, true);
	lost = 5;
	ack(&s, 0, 20000);
	is(rs.interval, 0);
	is(rs.delivered, 0);
	is(rs.lost, 0);
	is(rate.best_interval, 0);
	is(rate.delivered_time, at_us(0));
	is(xtcp_rate_bytes_per_sec(&rate), 0);
}

/* An interval below the minimum round trip: an unnecessary retransmission. */
TEST(below_minimum_rtt)
{
	struct seg s;

	begin(0);
	s = send(0, true);
	resend(&s, 15000, false);
	is(s.stamp.sent_for, 15000);
	rate.first_sent = at_us(15000);
	rate.delivered_time = at_us(15000);
	resend(&s, 15000, false);
	ack(&s, 1, 24999);
	is(rs.ack_phase, 9999);
	is(rs.interval, 0);
	is(rs.delivered, 0);
	is(rate.best_interval, 0);
	is(rate.delivered, MSS);
	/* The minimum is valid. */
	s = send(30000, true);
	ack(&s, 1, 40000);
	is(rs.interval, 10000);
}

/* Application limited until what was in flight is delivered, and not later. */
TEST(app_limited)
{
	struct seg s[4];

	begin(0xfffff000);
	s[0] = send(0, true);
	is(s[0].stamp.app_limited, 0);
	xtcp_rate_limited(&rate, 5 * MSS);
	is(rate.app_limited, 0xfffff000 + 5 * MSS);
	s[1] = send(10, false);
	is(s[1].stamp.app_limited, 1);
	ack(s, 1, 20000);
	no(rs.app_limited);
	ack(s + 1, 1, 20010);
	ok(rs.app_limited);
	ok(rate.app_limited);
	rate.delivered = 0xfffff000 + 4 * MSS;
	s[2] = send(20010, false);
	ack(s + 2, 1, 40000);
	/* All of the bubble is delivered, but nothing after it. */
	ok(rate.app_limited);
	s[3] = send(40000, false);
	ack(s + 3, 1, 60000);
	ok(rs.app_limited);
	no(rate.app_limited);
	/* The number 0 means that it is not limited. */
	begin(0);
	xtcp_rate_limited(&rate, 0);
	is(rate.app_limited, 1);
}

static void best_is(u32 segs, u32 interval, bool limited)
{
	is(rate.best_delivered, segs * MSS);
	is(rate.best_interval, interval);
	is(rate.best_app_limited, limited);
}

/* TCP_INFO: an application-limited rate counts only if it is higher. */
TEST(best_rate)
{
	struct seg s[2];

	begin(0);
	xtcp_rate_limited(&rate, 50 * MSS);
	s[0] = send(0, true);
	ack(s, 1, 20000);
	best_is(1, 20000, true);
	is(xtcp_rate_bytes_per_sec(&rate), 50000);
	/* Slower. */
	s[0] = send(20000, true);
	ack(s, 1, 50000);
	best_is(1, 20000, true);
	/* As fast. */
	s[0] = send(100000, true);
	s[1] = send(100000, false);
	ack(s, 2, 140000);
	best_is(2, 40000, true);
	/* Slower, but not limited. */
	rate.app_limited = 0;
	s[0] = send(200000, true);
	ack(s, 1, 250000);
	best_is(1, 50000, false);
	is(xtcp_rate_bytes_per_sec(&rate), 20000);
	/* Large numbers. */
	rate.best_delivered = 4000000000u;
	is(xtcp_rate_bytes_per_sec(&rate), 80000000000);
}

/* The counts of the stamp, and what happened since. */
TEST(losses_and_marks)
{
	struct seg s[2];

	begin(0);
	rate.delivered_ce = 0xfffffffe;
	lost = 0xfffffff0;
	s[0] = send(0, true);
	rate.delivered_ce += 3;
	lost += 2 * MSS;
	s[1] = send(10, false);
	rate.delivered_ce += 4;
	lost += MSS;
	ack(s, 1, 20000);
	is(rs.delivered_ce, 7);
	is(rs.lost, 3 * MSS);
	is(rs.in_flight, 5 * MSS);
	is(rs.prior_delivered_ce, 0xfffffffe);
	is(rs.prior_lost, 0xfffffff0);
	ack(s + 1, 1, 20000);
	is(rs.delivered_ce, 4);
	is(rs.lost, MSS);
}

/* The peer discarded SACKed data: no rate until the recovery is over. */
TEST(reneging)
{
	struct seg s;

	begin(0);
	rate.reneged = true;
	s = send(0, true);
	memset(&rs, 0, sizeof(rs));
	delivered(&s, 20000);
	end_ack(20000, 10000, true);
	is(rs.interval, 0);
	is(rs.delivered, 0);
	ok(rate.reneged);
	s = send(20000, true);
	ack(&s, 1, 40000);
	is(rs.interval, 0);
	no(rate.reneged);
	s = send(40000, true);
	ack(&s, 1, 60000);
	is(rs.interval, 20000);
}

/* A segment that is in flight for hours. */
TEST(long_times)
{
	struct xtcp_rate_stamp p = { .lost = 0 };

	begin(0);
	rate.first_sent = at_us(0);
	rate.delivered_time = at_us(0);
	xtcp_rate_sent(&rate, &p, at_us(0) + 5000000000ull * US, false);
	is(p.sent_for, 0xffffffff);
	is(p.delivered_for, 0xffffffff);
	xtcp_rate_sent(&rate, &p, at_us(0) + 4000000000ull * US, false);
	is(p.sent_for, 4000000000u);
}
