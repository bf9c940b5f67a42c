// SPDX-License-Identifier: GPL-2.0
#include "rate.h"
#include "seq.h"

/* Time from @then to @now, us, at most ~0. */
static u32 since(u64 now, u64 then)
{
	return min_t(u64, div_u64(now - then, NSEC_PER_USEC), ~0u);
}

/**
 * xtcp_rate_sent() - stamp a segment that is sent, also again
 * @r: delivery of the connection
 * @p: stamp of the segment; the caller sets @p->lost and @p->in_flight
 * @now: ns of a monotonic clock, not 0
 * @idle: nothing was sent and not acknowledged before: what is delivered from
 *	now on is delivered in the time from now on
 *
 * After a timeout all is considered lost, but may still be on its way. So only
 * unacknowledged data decides about @idle, not the estimate of what is in the
 * network.
 */
void xtcp_rate_sent(struct xtcp_rate *r, struct xtcp_rate_stamp *p, u64 now,
		    bool idle)
{
	if (idle || !r->delivered_time) {
		r->first_sent = now;
		r->delivered_time = now;
	}
	p->delivered = r->delivered;
	p->delivered_ce = r->delivered_ce;
	p->app_limited = !!r->app_limited;
	p->sent_for = since(now, r->first_sent);
	p->delivered_for = since(now, r->delivered_time);
}

/* Was @seg sent after the segment that the sample has the counts of? */
static bool is_newest(const struct xtcp_rate *r,
		      const struct xtcp_rate_sample *rs,
		      const struct xtcp_rate_segment *seg)
{
	if (!rs->prior_time || seg->sent > r->first_sent)
		return true;
	return seg->sent == r->first_sent &&
	       seq_after(seg->end_seq, rs->end_seq);
}

/**
 * xtcp_rate_delivered() - an ACK delivers a segment, or its first part
 * @r: delivery of the connection
 * @rs: the sample of the ACK; zeroed before its first segment
 * @p: stamp of the segment
 * @seg: the segment; each sequence number is delivered once
 * @now: when the ACK arrived, ns
 *
 * The segment that was sent last decides the sample: the interval is that of
 * one round trip, however many segments the ACK is for.
 */
void xtcp_rate_delivered(struct xtcp_rate *r, struct xtcp_rate_sample *rs,
			 const struct xtcp_rate_stamp *p,
			 const struct xtcp_rate_segment *seg, u64 now)
{
	r->delivered += seg->len;
	r->delivered_time = now;
	if (!is_newest(r, rs, seg))
		return;
	rs->prior_time = seg->sent - p->delivered_for * (u64)NSEC_PER_USEC;
	rs->prior_delivered = p->delivered;
	rs->prior_delivered_ce = p->delivered_ce;
	rs->prior_lost = p->lost;
	rs->in_flight = p->in_flight;
	rs->app_limited = p->app_limited;
	rs->send_phase = p->sent_for;
	rs->end_seq = seg->end_seq;
	r->first_sent = seg->sent;
}

/* Is the rate of @rs at least that of the last one that was kept? */
static bool is_faster(const struct xtcp_rate *r,
		      const struct xtcp_rate_sample *rs)
{
	return (u64)rs->delivered * r->best_interval >=
	       (u64)r->best_delivered * rs->interval;
}

static void keep(struct xtcp_rate *r, const struct xtcp_rate_sample *rs)
{
	/* A rate that the application limited is a lower bound only. */
	if (rs->app_limited && !is_faster(r, rs))
		return;
	r->best_delivered = rs->delivered;
	r->best_interval = rs->interval;
	r->best_app_limited = rs->app_limited;
}

/**
 * xtcp_rate_ack() - complete the sample of an ACK
 * @r: delivery of the connection
 * @rs: the sample, with all segments that the ACK delivers
 * @a: the ACK, after loss detection
 *
 * The data cannot have been delivered faster than it was sent: ACKs that arrive
 * together do not make the rate higher. An interval below the minimum
 * round-trip time belongs to an unnecessary retransmission, whose original was
 * acknowledged: no rate.
 */
void xtcp_rate_ack(struct xtcp_rate *r, struct xtcp_rate_sample *rs,
		   const struct xtcp_rate_ack *a)
{
	bool reneged = r->reneged;

	r->reneged &= a->recovering;
	if (r->app_limited && seq_after(r->delivered, r->app_limited))
		r->app_limited = 0;
	if (!rs->prior_time)
		return;
	rs->delivered_ce = r->delivered_ce - rs->prior_delivered_ce;
	rs->lost = a->lost - rs->prior_lost;
	rs->ack_phase = since(a->now, rs->prior_time);
	if (reneged || max_t(u32, rs->send_phase, rs->ack_phase) < a->min_rtt)
		return;
	rs->interval = max_t(u32, rs->send_phase, rs->ack_phase);
	rs->delivered = r->delivered - rs->prior_delivered;
	keep(r, rs);
}

/**
 * xtcp_rate_limited() - the application does not fill the network
 * @r: delivery of the connection
 * @in_flight: sequence numbers in the network
 *
 * All that is sent before the data of now is delivered is application limited,
 * and so are its samples.
 */
void xtcp_rate_limited(struct xtcp_rate *r, u32 in_flight)
{
	r->app_limited = r->delivered + in_flight ?: 1;
}

/**
 * xtcp_rate_bytes_per_sec() - the delivery rate for TCP_INFO
 * @r: delivery of the connection
 *
 * Return: that of the last sample that the application did not limit, or of a
 * later one that was higher nevertheless, bytes per second; 0 if unknown.
 */
u64 xtcp_rate_bytes_per_sec(const struct xtcp_rate *r)
{
	if (!r->best_interval)
		return 0;
	return div_u64(r->best_delivered * 1000000ull, r->best_interval);
}
