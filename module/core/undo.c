// SPDX-License-Identifier: GPL-2.0
/*
 * Undo of a reduction of cwnd that proves wrong: the segments that were
 * retransmitted had only been late.
 */
#include "seq.h"
#include "undo.h"

/**
 * xtcp_undo_begin() - cwnd is about to be reduced for a loss
 * @u: undo state of the connection
 * @una: SND.UNA
 * @cwnd: cwnd before the reduction, bytes
 * @ssthresh: ssthresh before the reduction, bytes
 */
void xtcp_undo_begin(struct xtcp_undo *u, u32 una, u32 cwnd, u32 ssthresh)
{
	memset(u, 0, sizeof(*u));
	u->armed = true;
	u->marker = una;
	u->cwnd = cwnd;
	u->ssthresh = ssthresh;
}

/**
 * xtcp_undo_resent() - segments were retransmitted
 * @u: undo state of the connection
 * @segs: how many
 * @tsval: the value of our timestamp clock
 *
 * Source: RFC 3522 3.2, step 2.
 */
void xtcp_undo_resent(struct xtcp_undo *u, u32 segs, u32 tsval)
{
	if (!u->armed)
		return;
	u->resent += segs;
	if (!u->stamped) {
		u->stamped = true;
		u->stamp = tsval;
	}
}

/**
 * xtcp_undo_dsack() - the peer reported a duplicate
 * @u: undo state of the connection
 * @end: sequence number after it
 * @segs: segments in it
 */
void xtcp_undo_dsack(struct xtcp_undo *u, u32 end, u32 segs)
{
	if (u->armed && seq_after(end, u->marker))
		u->dups += segs;
}

/**
 * xtcp_undo_eifel() - does an ACK prove that the first retransmission was
 *	unnecessary
 * @u: undo state of the connection
 * @tsecr: timestamp echo of an ACK that has advanced SND.UNA
 *
 * Source: RFC 3522 3.2, step 5: it echoes a timestamp from before the
 * retransmission.
 *
 * Return: true if so.
 */
bool xtcp_undo_eifel(const struct xtcp_undo *u, u32 tsecr)
{
	return u->armed && u->stamped && seq_before(tsecr, u->stamp);
}

/**
 * xtcp_undo_all_dups() - has the peer reported all retransmissions as
 *	duplicates
 * @u: undo state of the connection
 *
 * Source: RFC 3708.
 *
 * Return: true if so, and there was a retransmission.
 */
bool xtcp_undo_all_dups(const struct xtcp_undo *u)
{
	return u->armed && u->resent && u->dups >= u->resent;
}

/**
 * xtcp_undo_syn() - was the retransmission of a SYN or SYN-ACK unnecessary
 * @opt: options of the segment that acknowledges it; both sides use timestamps
 * @first: TSval of its first transmission
 *
 * The first one was only late if the peer echoes its timestamp. Then the
 * initial window and the RTO are those of a handshake without loss.
 *
 * Source: RFC 3522 3.2, step 5.
 *
 * Return: true if so.
 */
bool xtcp_undo_syn(const struct xtcp_options *opt, u32 first)
{
	return opt->has_ts && opt->tsecr == first;
}

/**
 * xtcp_undo_cwnd() - cwnd after the undo
 * @u: undo state of the connection
 * @cwnd: cwnd now, bytes
 * @flight: FlightSize, bytes
 * @acked: bytes that the ACK newly acknowledged
 * @initial: initial window, bytes
 *
 * Source: RFC 4015 3.5: no burst; ssthresh becomes what it was, so cwnd grows
 * back by slow start. cwnd neither becomes smaller, nor larger than before the
 * reduction.
 *
 * Return: bytes.
 */
u32 xtcp_undo_cwnd(const struct xtcp_undo *u, u32 cwnd, u32 flight, u32 acked,
		   u32 initial)
{
	u32 want = flight + min_t(u32, acked, initial);

	return max_t(u32, cwnd, min_t(u32, u->cwnd, want));
}

/**
 * xtcp_frto_ack() - process an ACK after a timeout
 * @f: F-RTO of the connection
 * @a: the ACK
 *
 * Source: RFC 5682 3.1: the form with SACK, of which the one without (2.1) is a
 * special case.
 *
 * Return: what to do.
 */
enum xtcp_frto_action xtcp_frto_ack(struct xtcp_frto *f,
				    const struct xtcp_frto_ack *a)
{
	if (!f->active)
		return XTCP_FRTO_NONE;
	/* Step 3, "b". */
	if (a->original) {
		f->active = false;
		return XTCP_FRTO_SPURIOUS;
	}
	if (a->sent_new) {
		/* Step 3, "a". */
		if (a->no_progress || a->recovered)
			f->active = false;
		return XTCP_FRTO_NONE;
	}
	/* Step 2. */
	if (a->advanced && !a->recovered && a->may_send_new)
		return XTCP_FRTO_SEND_NEW;
	f->active = false;
	return XTCP_FRTO_NONE;
}
