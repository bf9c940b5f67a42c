// SPDX-License-Identifier: GPL-2.0
/*
 * The scoreboard of sent segments: SACKed (RFC 2018), lost (RFC 8985), or
 * retransmitted, and the counts of each in the TCB.
 */
#include <linux/tcp.h>

#include "conn.h"
#include "scoreboard.h"
#include "wqueue.h"

#define XTCP_MARKS_COUNTED						\
	(XTCP_MARK_SACKED | XTCP_MARK_LOST | XTCP_MARK_RETRANS)

/* Add @skb to the counts of its marks (@sign 1), or subtract it (-1). */
static void count(struct sock *sk, const struct sk_buff *skb, int sign)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u8 marks = XTCP_CB(skb)->marks;
	u32 len = sign * xtcp_cb_len(skb);

	if (likely(!(marks & XTCP_MARKS_COUNTED)))
		return;
	if (marks & XTCP_MARK_SACKED) {
		tcb->sacked_out += len;
		tcb->sacked_segs += sign * xtcp_segments(skb);
	}
	if (marks & XTCP_MARK_LOST)
		tcb->lost_out += len;
	if (marks & XTCP_MARK_RETRANS)
		tcb->retrans_out += len;
}

static void set_marks(struct sock *sk, struct sk_buff *skb, u8 marks)
{
	count(sk, skb, -1);
	xtcp_sent_set_marks(sk, skb, marks);
	count(sk, skb, 1);
}

/**
 * xtcp_mark_lost() - consider a segment lost
 * @sk: the socket, lock held
 * @skb: sent; without effect if it is SACKed, or lost already and not
 *	retransmitted
 *
 * In a recovery of segments that were too large, the loss of a segment at or
 * after mtu_recover clears mtu_repair: the size is not the only cause of
 * losses.
 */
void xtcp_mark_lost(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u8 marks = XTCP_CB(skb)->marks;

	if ((marks & XTCP_MARK_SACKED) ||
	    (marks & (XTCP_MARK_LOST | XTCP_MARK_RETRANS)) == XTCP_MARK_LOST)
		return;
	tcb->lost += xtcp_cb_len(skb);
	if (tcb->mtu_repair && !(marks & XTCP_MARK_LOST) &&
	    seq_geq(XTCP_CB(skb)->seq, tcb->mtu_recover))
		tcb->mtu_repair = 0;
	set_marks(sk, skb, (marks & ~XTCP_MARK_RETRANS) | XTCP_MARK_LOST);
}

/**
 * xtcp_mark_resent() - a segment was retransmitted
 * @sk: the socket, lock held
 * @skb: not SACKed
 *
 * If it is not considered lost, because it is a tail loss probe, it counts as in
 * flight once.
 */
void xtcp_mark_resent(struct sock *sk, struct sk_buff *skb)
{
	u8 marks = XTCP_CB(skb)->marks | XTCP_MARK_RETRANSMITTED;

	if (marks & XTCP_MARK_LOST)
		marks |= XTCP_MARK_RETRANS;
	set_marks(sk, skb, marks);
	xtcp_sent_newest(sk, skb);
}

/* Is the timestamp echo older than the last transmission of @skb? */
static bool echo_is_older(const struct sock *sk, const struct sk_buff *skb,
			  const struct xtcp_segment *seg)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return tcb->ts_ok && seg->opt.has_ts && seg->opt.tsecr &&
	       seq_before(seg->opt.tsecr,
			  xtcp_ts_clock(XTCP_CB(skb)->sent, tcb->ts_offset));
}

/* The ACK delivers @len sequence numbers at the front of @skb. */
static void count_delivered(struct sock *sk, const struct sk_buff *skb, u32 len,
			    struct xtcp_sample *s)
{
	const struct xtcp_cb *cb = XTCP_CB(skb);
	struct xtcp_rate_segment seg = {
		.sent = cb->sent,
		.end_seq = cb->end_seq,
		.len = len,
	};

	xtcp_rate_delivered(&xtcp_sk(sk)->tcb.rate, &s->rate, &cb->stamp, &seg,
			    s->now);
}

/* The ACK reports for the first time that the peer has @skb. */
static void delivered(struct sock *sk, const struct sk_buff *skb,
		      struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	const struct xtcp_cb *cb = XTCP_CB(skb);
	struct xtcp_rack_segment seg = {
		.sent = cb->sent,
		.seq = cb->seq,
		.end_seq = cb->end_seq,
		.retransmitted = cb->marks & XTCP_MARK_RETRANSMITTED,
	};

	s->segs += DIV_ROUND_UP(xtcp_cb_len(skb), tcb->snd_mss);
	count_delivered(sk, skb, xtcp_cb_len(skb), s);
	xtcp_sk(sk)->delivered += xtcp_segments(skb);
	if (!seg.retransmitted && seq_leq(cb->end_seq, tcb->recover))
		s->original = true;
	if (!tcb->sack_ok)
		return;
	if (seg.retransmitted)
		seg.older = echo_is_older(sk, skb, s->seg);
	xtcp_rack_delivered(&tcb->rack, &seg, s->now, tcb->rtt.min);
}

/* SACK */

/*
 * Limit the memory of the write queue, as tcp_fragment(): a peer that SACKs
 * every other segment causes many splits (CVE-2019-11478).
 */
static bool queue_too_big(struct sock *sk)
{
	if (READ_ONCE(sk->sk_wmem_queued) / 2 - 2 * 65536 <=
	    READ_ONCE(sk->sk_sndbuf))
		return false;
	xtcp_sk_count(sk, WqueueTooBig);
	return true;
}

/*
 * Split @skb at the edge @seq of a SACK block, so that each part is inside or
 * outside of the block. A split is only made between two segments that were
 * sent, so that a peer that SACKs single bytes cannot cause smaller parts. @up
 * rounds up to the next boundary. A segment that is SACKed in part counts as
 * not SACKed.
 */
static void cut_at(struct sock *sk, struct sk_buff *skb, u32 seq, bool up)
{
	u32 len = seq - XTCP_CB(skb)->seq;
	u32 piece = skb_shinfo(skb)->gso_size;

	if (!piece)
		return;
	if (up)
		len += piece - 1;
	len -= len % piece;
	if (len && len < xtcp_payload(skb) && !queue_too_big(sk))
		xtcp_split(sk, skb, len, GFP_ATOMIC);
}

static void mark_sacked(struct sock *sk, struct sk_buff *skb,
			struct xtcp_sample *s)
{
	u8 marks = XTCP_CB(skb)->marks;

	delivered(sk, skb, s);
	s->sacked += xtcp_cb_len(skb);
	marks &= ~(XTCP_MARK_LOST | XTCP_MARK_RETRANS);
	set_marks(sk, skb, marks | XTCP_MARK_SACKED);
}

static void sack_in_tree(struct sock *sk, enum xtcp_sent tree,
			 const struct xtcp_sack_block *b,
			 struct xtcp_sample *s)
{
	struct sk_buff *skb = xtcp_sent_find(sk, tree, b->left), *next;

	for (; skb && seq_before(XTCP_CB(skb)->seq, b->right); skb = next) {
		const struct xtcp_cb *cb = XTCP_CB(skb);

		if (seq_before(cb->seq, b->left)) {
			/* The part behind the split is next. */
			cut_at(sk, skb, b->left, true);
			next = skb_rb_next(skb);
			continue;
		}
		if (seq_after(cb->end_seq, b->right)) {
			cut_at(sk, skb, b->right, false);
			if (seq_after(cb->end_seq, b->right))
				break;
		}
		next = skb_rb_next(skb);
		mark_sacked(sk, skb, s);
	}
}

/**
 * xtcp_sack_take() - process the SACK blocks of a segment
 * @sk: the socket, lock held; SND.UNA is that before the ACK
 * @s: the sample; its segment is acceptable and has ACK
 */
void xtcp_sack_take(struct sock *sk, struct xtcp_sample *s)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_options *opt = &s->seg->opt;
	u32 i;

	if (!xs->tcb.sack_ok)
		return;
	for (i = 0; i < opt->nsack; i++) {
		switch (xtcp_sack_check(&xs->tcb, s->seg, i)) {
		case XTCP_SACK_NEW:
			sack_in_tree(sk, XTCP_SENT_FLIGHT, &opt->sack[i], s);
			sack_in_tree(sk, XTCP_SENT_LOST, &opt->sack[i], s);
			break;
		case XTCP_SACK_DUP:
			xtcp_sk_count(sk, DSACKRecv);
			xs->dsack_dups++;
			s->dsack = true;
			s->dsack_end = opt->sack[i].right;
			s->dsack_len = opt->sack[i].right -
				       opt->sack[i].left;
			break;
		case XTCP_SACK_BAD:
			xtcp_sk_count(sk, SACKDiscard);
			break;
		}
	}
}

/* Cumulative ACK */

/* The first part of @skb is acknowledged, up to SND.UNA. */
static void ack_front(struct sock *sk, struct sk_buff *skb,
		      struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 n = tcb->snd_una - XTCP_CB(skb)->seq;
	u32 segs = xtcp_segments(skb);

	count(sk, skb, -1);
	/*
	 * Only count the acknowledged bytes: xtcp_trim() removes them before
	 * the skb is retransmitted, split or joined.
	 */
	XTCP_CB(skb)->acked += min_t(u32, n, xtcp_payload(skb));
	XTCP_CB(skb)->seq = tcb->snd_una;
	count(sk, skb, 1);
	s->acked += n;
	if (!(XTCP_CB(skb)->marks & XTCP_MARK_SACKED)) {
		s->segs += DIV_ROUND_UP(n, tcb->snd_mss);
		count_delivered(sk, skb, n, s);
		xtcp_sk(sk)->delivered += segs - xtcp_segments(skb);
	}
}

static void ack_whole(struct sock *sk, struct sk_buff *skb,
		      struct xtcp_sample *s)
{
	s->acked += xtcp_cb_len(skb);
	s->size = max_t(u32, s->size, xtcp_segment_payload(skb));
	if (!(XTCP_CB(skb)->marks & XTCP_MARK_SACKED))
		delivered(sk, skb, s);
	count(sk, skb, -1);
	xtcp_sent_remove(sk, skb);
	xtcp_skb_free(sk, skb);
}

/**
 * xtcp_cumulative_ack() - remove the acknowledged segments from the write queue
 * @sk: the socket, lock held; snd_una has advanced
 * @s: the sample
 */
void xtcp_cumulative_ack(struct sock *sk, struct xtcp_sample *s)
{
	u32 una = xtcp_sk(sk)->tcb.snd_una, end;
	bool karn = false;
	struct sk_buff *skb;

	do {
		const struct xtcp_cb *cb;

		skb = xtcp_sent_first(sk);
		if (!skb)
			break;
		cb = XTCP_CB(skb);
		end = cb->end_seq;
		if (!seq_after(una, cb->seq))
			break;
		karn |= cb->marks & XTCP_MARK_RETRANSMITTED;
		s->sent = cb->sent;
		if (seq_after(end, una))
			ack_front(sk, skb, s);
		else
			ack_whole(sk, skb, s);
	} while (seq_before(end, una));
	if (karn)
		s->sent = 0;
}

/* Losses */

static u32 reordering_window(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_rack_path path = {
		.min_rtt = tcb->rtt.min,
		.srtt = xtcp_rtt_srtt(&tcb->rtt),
		.sacked = tcb->sacked_segs,
		.thresh = xtcp_reordering(sk),
		.recovering = tcb->recovery >= XTCP_REC_FAST,
		.flags = xtcp_sk_sysctl(sk, recovery),
	};

	return xtcp_rack_window(&tcb->rack, &path);
}

/**
 * xtcp_find_lost() - mark the segments that RACK considers lost
 * @sk: the socket, lock held, xs->now set, with SACK
 *
 * Source: RFC 8985 6.2, step 5. The search ends at the first segment that may
 * still arrive. Segments that were sent later become due later.
 *
 * Return: when that segment is due, ns; 0 without one.
 */
u64 xtcp_find_lost(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_rack *rack = &xs->tcb.rack;
	struct sk_buff *skb, *next;
	u32 window;

	rack->advanced = 0;
	skb = list_first_entry_or_null(&xs->by_time, struct sk_buff,
				       tcp_tsorted_anchor);
	if (!skb || !xtcp_rack_overtaken(rack, XTCP_CB(skb)->sent,
					 XTCP_CB(skb)->end_seq))
		return 0;
	window = reordering_window(sk);
	list_for_each_entry_safe(skb, next, &xs->by_time, tcp_tsorted_anchor) {
		const struct xtcp_cb *cb = XTCP_CB(skb);
		u64 due = xtcp_rack_due(rack, cb->sent, window);

		if (!xtcp_rack_overtaken(rack, cb->sent, cb->end_seq))
			break;
		if (due > xs->now)
			return due;
		if (cb->marks & XTCP_MARK_RETRANS)
			xtcp_sk_count(sk, LostRetransmit);
		xtcp_mark_lost(sk, skb);
	}
	return 0;
}

/**
 * xtcp_forget_losses() - consider no segment lost
 * @sk: the socket, lock held
 *
 * Segments that are not retransmitted yet count as in flight again. Retransmitted
 * ones stay so.
 */
void xtcp_forget_losses(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb;

	list_for_each_entry(skb, &xs->by_time, tcp_tsorted_anchor)
		set_marks(sk, skb, XTCP_CB(skb)->marks & ~XTCP_MARK_LOST);
	/* From the last on: most of them are older than those in flight. */
	while ((skb = skb_rb_last(&xs->sent[XTCP_SENT_LOST]))) {
		set_marks(sk, skb, XTCP_CB(skb)->marks & ~XTCP_MARK_LOST);
		xtcp_sent_sort(sk, skb);
	}
}

/* SACKed data that the peer has discarded again (RFC 2018 8). */
static void forget_sacks(struct sock *sk)
{
	struct rb_root *tree = &xtcp_sk(sk)->sent[XTCP_SENT_SACKED];
	struct sk_buff *skb;

	xtcp_sk_count(sk, SACKReneging);
	xtcp_sk(sk)->tcb.rate.reneged = true;
	while ((skb = skb_rb_first(tree)))
		set_marks(sk, skb, XTCP_CB(skb)->marks & ~XTCP_MARK_SACKED);
}

/**
 * xtcp_lost_at_timeout() - mark segments as lost after a timeout
 * @sk: the socket, lock held, xs->now set
 *
 * All that are not SACKed, except those sent so recently that their ACK may
 * still arrive (RFC 8985 6.3). If the first is SACKed, the peer has discarded
 * SACKed data: nothing SACKed is relied on (RFC 2018 8).
 */
void xtcp_lost_at_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	struct sk_buff *first = xtcp_sent_first(sk), *skb, *next;
	bool all = !tcb->sack_ok;

	if (!tcb->sack_ok) {
		tcb->sacked_out = 0;
	} else if (first && (XTCP_CB(first)->marks & XTCP_MARK_SACKED)) {
		forget_sacks(sk);
		all = true;
	}
	list_for_each_entry_safe(skb, next, &xs->by_time, tcp_tsorted_anchor) {
		if (all || skb == first ||
		    xtcp_rack_due(&tcb->rack, XTCP_CB(skb)->sent, 0) <=
		    xs->now)
			xtcp_mark_lost(sk, skb);
	}
}
