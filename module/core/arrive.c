// SPDX-License-Identifier: GPL-2.0
#include "arrive.h"
#include "fsm.h"

/**
 * xtcp_seq_acceptable() - the acceptability test of RFC 9293 3.10.7.4
 * @tcb: the connection
 * @seg: the segment
 *
 * The four cases of the first check. A segment that extends beyond both edges
 * of the window is acceptable as well: it contains the data from RCV.NXT on.
 *
 * Zero window: only a segment at RCV.NXT is acceptable. With data, SYN or FIN
 * it must also have ACK set. It is accepted so that its ACK, RST and URG are
 * processed; its data is trimmed later.
 *
 * Return: true if the segment is acceptable.
 */
bool xtcp_seq_acceptable(const struct xtcp_tcb *tcb,
			 const struct xtcp_segment *seg)
{
	u32 wnd = xtcp_rcv_wnd(tcb);
	u32 right = tcb->rcv_nxt + wnd;
	bool empty = seg->seq == seg->end_seq;

	if (!wnd)
		return seg->seq == tcb->rcv_nxt &&
		       (empty || (seg->flags & XTCP_ACK));
	if (empty)
		return seq_geq(seg->seq, tcb->rcv_nxt) &&
		       seq_before(seg->seq, right);
	return seq_before(seg->seq, right) &&
	       seq_after(seg->end_seq, tcb->rcv_nxt);
}

/**
 * xtcp_paws_old() - is a timestamp older than TS.Recent
 * @tcb: the connection
 * @tsval: SEG.TSval
 * @now: seconds of a monotonic clock
 *
 * Source: RFC 7323 5.3 R1; 5.5: TS.Recent is invalid after XTCP_PAWS_IDLE.
 *
 * Return: true if the segment must be dropped as an old duplicate.
 */
bool xtcp_paws_old(const struct xtcp_tcb *tcb, u32 tsval, u32 now)
{
	return (s32)(tsval - tcb->ts_recent) < 0 &&
	       now - tcb->ts_recent_stamp < XTCP_PAWS_IDLE;
}

/* RFC 7323 3.2 and 5.3 R1; neither applies to a RST. */
static enum xtcp_verdict check_timestamp(const struct xtcp_tcb *tcb,
					 const struct xtcp_segment *seg,
					 u32 now, enum xtcp_why *why)
{
	if (!tcb->ts_ok || (seg->flags & XTCP_RST))
		return XTCP_ACCEPT;
	if (!seg->opt.has_ts) {
		/* The peer may have restarted: its SYN is challenged below. */
		if (seg->flags & XTCP_SYN)
			return XTCP_ACCEPT;
		*why = XTCP_WHY_NO_TS;
		return XTCP_DROP;
	}
	if (xtcp_paws_old(tcb, seg->opt.tsval, now)) {
		*why = XTCP_WHY_PAWS;
		return XTCP_DROP_ACK;
	}
	return XTCP_ACCEPT;
}

/*
 * Simultaneous open: the peer's SYN-ACK repeats the SYN that we have received.
 * Its sequence number is left of the window, but its ACK completes the
 * handshake (RFC 9293 3.5 figure 7, A.2). It acknowledges our SYN, with or
 * without the data that the SYN carried (RFC 7413 4.2.2).
 */
static bool crossed_syn_ack(const struct xtcp_tcb *tcb, u8 state,
			    const struct xtcp_segment *seg)
{
	return state == XTCP_SYN_RCVD &&
	       (!tcb->ts_ok || seg->opt.has_ts) &&
	       (seg->flags & XTCP_SYN) && (seg->flags & XTCP_ACK) &&
	       seg->seq == tcb->irs && seq_after(seg->ack, tcb->snd_una) &&
	       seq_leq(seg->ack, tcb->snd_nxt);
}

/*
 * RFC 5961 3.2: the verdict depends on SEG.SEQ only, not on data or other
 * flags: reset at RCV.NXT, challenge ACK elsewhere in the window, drop outside
 * of it.
 */
static enum xtcp_verdict check_rst(const struct xtcp_tcb *tcb,
				   const struct xtcp_segment *seg,
				   enum xtcp_why *why)
{
	if (seg->seq == tcb->rcv_nxt)
		return XTCP_RST_VALID;
	if (seg->seq - tcb->rcv_nxt < xtcp_rcv_wnd(tcb)) {
		*why = XTCP_WHY_RST;
		return XTCP_CHALLENGE;
	}
	*why = XTCP_WHY_SEQ;
	return XTCP_DROP;
}

/*
 * RFC 9293 3.10.7.4 fourth check: SYN. A SYN left of the window, of which only
 * data or FIN is in the window, is dropped: trimming to the window removes the
 * SYN, so it does not start a new connection.
 */
static enum xtcp_verdict check_syn(const struct xtcp_tcb *tcb, u8 state,
				   const struct xtcp_segment *seg,
				   enum xtcp_why *why)
{
	if (state != XTCP_SYN_RCVD_PASSIVE) {
		*why = XTCP_WHY_SYN;
		return XTCP_CHALLENGE;
	}
	*why = XTCP_WHY_NEW_SYN;
	return seq_before(seg->seq, tcb->rcv_nxt) ? XTCP_DROP : XTCP_NEW_SYN;
}

/* RFC 9293 3.10.7.4 fifth check: ACK, with RFC 5961 5.2. */
static enum xtcp_verdict check_ack(const struct xtcp_tcb *tcb, u8 state,
				   const struct xtcp_segment *seg,
				   enum xtcp_why *why)
{
	if (!(seg->flags & XTCP_ACK)) {
		*why = XTCP_WHY_NO_ACK;
		return XTCP_DROP;
	}
	if (state == XTCP_SYN_RCVD || state == XTCP_SYN_RCVD_PASSIVE) {
		if (seq_after(seg->ack, tcb->snd_una) &&
		    seq_leq(seg->ack, tcb->snd_nxt))
			return XTCP_ACCEPT;
		*why = XTCP_WHY_ACK_UNSENT;
		return XTCP_ANSWER_RST;
	}
	if (seq_after(seg->ack, tcb->snd_nxt)) {
		*why = XTCP_WHY_ACK_UNSENT;
		return XTCP_CHALLENGE;
	}
	if (seq_before(seg->ack, xtcp_oldest_ack(tcb))) {
		*why = XTCP_WHY_ACK_OLD;
		return XTCP_CHALLENGE;
	}
	return XTCP_ACCEPT;
}

/**
 * xtcp_arrives() - check a segment in SYN-RECEIVED or a synchronized state
 * @tcb: the connection; not changed
 * @state: enum xtcp_state, none of CLOSED, LISTEN and SYN-SENT
 * @seg: the segment; its checksum has been verified
 * @now: seconds of a monotonic clock
 * @why: set to the reason
 *
 * The order is that of the RFC, with PAWS first. check_rst() has a sequence
 * number check of its own.
 *
 * Return: how to handle the segment.
 * Source: RFC 9293 3.10.7.4, first to fifth check; RFC 5961 3.2, 4.2, 5.2.
 */
enum xtcp_verdict xtcp_arrives(const struct xtcp_tcb *tcb, u8 state,
			       const struct xtcp_segment *seg, u32 now,
			       enum xtcp_why *why)
{
	enum xtcp_verdict verdict;

	*why = XTCP_WHY_OK;
	verdict = check_timestamp(tcb, seg, now, why);
	if (verdict != XTCP_ACCEPT)
		return verdict;

	if (seg->flags & XTCP_RST)
		return check_rst(tcb, seg, why);
	if (!xtcp_seq_acceptable(tcb, seg)) {
		if (crossed_syn_ack(tcb, state, seg))
			return XTCP_ACCEPT;
		/* RFC 5961 4.2: challenge a SYN at any sequence number. */
		if ((seg->flags & XTCP_SYN) && state != XTCP_SYN_RCVD_PASSIVE) {
			*why = XTCP_WHY_SYN;
			return XTCP_CHALLENGE;
		}
		*why = XTCP_WHY_SEQ;
		return XTCP_DROP_ACK;
	}
	if (seg->flags & XTCP_SYN)
		return check_syn(tcb, state, seg, why);
	return check_ack(tcb, state, seg, why);
}

/*
 * RFC 7323 3.2: TSecr must be a TSval that we sent. A SYN-ACK with another
 * TSecr answers a SYN of an earlier connection. The check of SEG.ACK detects
 * that, too, unless the sequence numbers have wrapped. TSecr 0 is accepted:
 * some stacks do not echo our timestamp in the SYN-ACK.
 */
static bool echoes_ours(const struct xtcp_tcb *tcb,
			const struct xtcp_segment *seg, u32 ts_now)
{
	if (!tcb->ts_ok || !seg->opt.has_ts || !seg->opt.tsecr)
		return true;
	return seg->opt.tsecr - tcb->ts_syn <= ts_now - tcb->ts_syn;
}

/**
 * xtcp_arrives_syn_sent() - check a segment in SYN-SENT
 * @tcb: the connection
 * @seg: the segment
 * @ts_now: current value of our timestamp clock, ms
 *
 * Return: XTCP_ACCEPT for a SYN, with or without an ACK of our SYN, else how to
 * handle the segment.
 * Source: RFC 9293 3.10.7.3; RFC 7323 3.2.
 */
enum xtcp_verdict xtcp_arrives_syn_sent(const struct xtcp_tcb *tcb,
					const struct xtcp_segment *seg,
					u32 ts_now)
{
	bool ack = seg->flags & XTCP_ACK;

	if (ack && (seq_leq(seg->ack, tcb->iss) ||
		    seq_after(seg->ack, tcb->snd_nxt)))
		return seg->flags & XTCP_RST ? XTCP_DROP : XTCP_ANSWER_RST;
	if (seg->flags & XTCP_RST)
		return ack ? XTCP_RST_VALID : XTCP_DROP;
	if (ack && !echoes_ours(tcb, seg, ts_now))
		return XTCP_ANSWER_RST;
	return seg->flags & XTCP_SYN ? XTCP_ACCEPT : XTCP_DROP;
}

/**
 * xtcp_time_wait_reopens() - may a SYN replace a connection in TIME-WAIT
 * @tcb: the fields that TIME-WAIT keeps: rcv_nxt, ts_ok, ts_recent
 * @seg: a segment with SYN, without ACK, RST and FIN
 *
 * A SYN with a timestamp is accepted if the connection used none, or if TSval
 * is above TS.Recent, and refused if TSval is below. If TSval equals TS.Recent,
 * or the SYN has no timestamp, SEG.SEQ must be above the last sequence number
 * of the peer: that of its FIN, RCV.NXT - 1.
 *
 * Source: RFC 6191 2, RFC 9293 MAY-2.
 *
 * Return: true if the SYN opens a new connection.
 */
bool xtcp_time_wait_reopens(const struct xtcp_tcb *tcb,
			    const struct xtcp_segment *seg)
{
	if (seg->opt.has_ts) {
		if (!tcb->ts_ok)
			return true;
		if (seg->opt.tsval != tcb->ts_recent)
			return (s32)(seg->opt.tsval - tcb->ts_recent) > 0;
	}
	return seq_geq(seg->seq, tcb->rcv_nxt);
}

/**
 * xtcp_ts_recent_update() - set TS.Recent from a segment
 * @tcb: the connection
 * @seg: an acceptable segment
 * @now: seconds of a monotonic clock
 *
 * TS.Recent stays if SEG.SEQ is above Last.ACK.sent, or TSval is older.
 *
 * Source: RFC 7323 4.3 (2) and 5.3 R3; 5.5: after XTCP_PAWS_IDLE any TSval is
 * taken.
 */
void xtcp_ts_recent_update(struct xtcp_tcb *tcb,
			   const struct xtcp_segment *seg, u32 now)
{
	if (!tcb->ts_ok || !seg->opt.has_ts ||
	    seq_after(seg->seq, tcb->last_ack_sent) ||
	    xtcp_paws_old(tcb, seg->opt.tsval, now))
		return;
	tcb->ts_recent = seg->opt.tsval;
	tcb->ts_recent_stamp = now;
}

/**
 * xtcp_reset_reply() - the RST for a segment that belongs to no connection
 * @seg: the segment; without XTCP_RST
 * @rst: filled in: seq, ack and flags
 *
 * Source: RFC 9293 3.10.7.1, 3.5.2.
 */
void xtcp_reset_reply(const struct xtcp_segment *seg, struct xtcp_segment *rst)
{
	memset(rst, 0, sizeof(*rst));
	if (seg->flags & XTCP_ACK) {
		rst->seq = seg->ack;
		rst->flags = XTCP_RST;
	} else {
		rst->ack = seg->end_seq;
		rst->flags = XTCP_RST | XTCP_ACK;
	}
	rst->hdr_len = XTCP_HDR_MIN;
}
