// SPDX-License-Identifier: GPL-2.0
/*
 * RACK (RFC 8985 section 6). A segment is lost if one that was sent later was
 * delivered, and enough time has passed for the first to arrive out of order.
 * Which segments are in flight, and the timer, are the caller's.
 */
#include "rack.h"
#include "seq.h"

/**
 * xtcp_rack_init() - reset the state: nothing was delivered yet
 * @r: RACK of the connection
 */
void xtcp_rack_init(struct xtcp_rack *r)
{
	memset(r, 0, sizeof(*r));
	r->mult = 1;
}

/* RFC 8985 6.1, RACK_sent_after(). */
static bool sent_after(u64 t1, u32 seq1, u64 t2, u32 seq2)
{
	return t1 > t2 || (t1 == t2 && seq_after(seq1, seq2));
}

/**
 * xtcp_rack_overtaken() - was a segment that was sent later delivered
 * @r: RACK of the connection
 * @sent: when the segment was last sent, ns
 * @end_seq: sequence number after it
 *
 * Source: RFC 8985 6.2, step 5.
 *
 * Return: true if so: the segment is lost, or arrives out of order.
 */
bool xtcp_rack_overtaken(const struct xtcp_rack *r, u64 sent, u32 end_seq)
{
	return sent_after(r->xmit, r->end_seq, sent, end_seq);
}

static void is_late(struct xtcp_rack *r, u32 distance)
{
	r->reordered = 1;
	r->late = max_t(u32, r->late, distance);
}

/* RFC 8985 6.2, step 3. */
static void detect_reordering(struct xtcp_rack *r,
			      const struct xtcp_rack_segment *seg)
{
	if (!r->xmit || seq_after(seg->end_seq, r->fack))
		r->fack = seg->end_seq;
	else if (seq_before(seg->end_seq, r->fack) && !seg->retransmitted)
		is_late(r, r->fack - seg->seq);
}

/**
 * xtcp_rack_delivered() - a segment was acknowledged or SACKed
 * @r: RACK of the connection
 * @seg: the segment
 * @now: ns
 * @min_rtt: minimum round-trip time, us
 *
 * Source: RFC 8985 6.2, steps 2 and 3. A retransmitted segment is ignored if
 * the acknowledgment may be that of an earlier copy.
 */
void xtcp_rack_delivered(struct xtcp_rack *r,
			 const struct xtcp_rack_segment *seg, u64 now,
			 u32 min_rtt)
{
	u32 rtt = div_u64(now - seg->sent, NSEC_PER_USEC);

	detect_reordering(r, seg);
	if (seg->retransmitted && (seg->older || rtt < min_rtt))
		return;
	if (r->xmit &&
	    !sent_after(seg->sent, seg->end_seq, r->xmit, r->end_seq))
		return;
	r->xmit = seg->sent;
	r->end_seq = seg->end_seq;
	r->rtt = rtt;
	r->advanced = 1;
}

/**
 * xtcp_rack_dsack() - the peer reported a duplicate
 * @r: RACK of the connection
 * @una: SND.UNA after the ACK
 * @nxt: SND.NXT
 *
 * At most once per round trip the window becomes wider by min_rtt / 4.
 *
 * Source: RFC 8985 6.2, step 4.
 */
void xtcp_rack_dsack(struct xtcp_rack *r, u32 una, u32 nxt)
{
	xtcp_rack_una(r, una);
	if (r->dsack_seen)
		return;
	r->dsack_seen = 1;
	r->dsack_round = nxt;
	if (r->mult < 255)
		r->mult++;
	r->persist = XTCP_RACK_PERSIST;
}

/**
 * xtcp_rack_una() - SND.UNA has advanced
 * @r: RACK of the connection
 * @una: SND.UNA
 *
 * Source: RFC 8985 6.2, step 4: the round of the last DSACK may end.
 */
void xtcp_rack_una(struct xtcp_rack *r, u32 una)
{
	if (r->dsack_seen && seq_geq(una, r->dsack_round))
		r->dsack_seen = 0;
}

/**
 * xtcp_rack_recovered() - a recovery has ended
 * @r: RACK of the connection
 *
 * Source: RFC 8985 6.2, step 4.
 */
void xtcp_rack_recovered(struct xtcp_rack *r)
{
	if (r->persist && !--r->persist)
		r->mult = 1;
}

/**
 * xtcp_rack_window() - the reordering window
 * @r: RACK of the connection
 * @path: the path, and the state of the sender
 *
 * Source: RFC 8985 6.2, step 4. Without any reordering seen so far, DupThresh
 * SACKed segments, or a recovery, close the window.
 *
 * Return: us.
 */
u32 xtcp_rack_window(const struct xtcp_rack *r,
		     const struct xtcp_rack_path *path)
{
	u32 mult = path->flags & XTCP_RACK_STATIC ? 1 : r->mult;
	bool thresh = !(path->flags & XTCP_RACK_NO_THRESH);

	if (!r->reordered &&
	    (path->recovering || (thresh && path->sacked >= path->thresh)))
		return 0;
	return min_t(u64, (u64)mult * path->min_rtt / 4, path->srtt);
}

/**
 * xtcp_rack_due() - when is a segment lost
 * @r: RACK of the connection
 * @sent: when the segment was last sent, ns
 * @window: of xtcp_rack_window(), us
 *
 * Source: RFC 8985 6.2, step 5.
 *
 * Return: ns; the segment is lost from then on.
 */
u64 xtcp_rack_due(const struct xtcp_rack *r, u64 sent, u32 window)
{
	return sent + ((u64)r->rtt + window) * NSEC_PER_USEC;
}
