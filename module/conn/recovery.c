// SPDX-License-Identifier: GPL-2.0
/*
 * Loss detection and retransmission: SACK scoreboard, fast recovery, and the
 * consequences of a timeout (RFC 6675, RFC 6582, RFC 5681 3.2).
 *
 * Without SACK each duplicate ACK counts as one segment that has left the
 * network. So xtcp_pipe() is used with and without SACK, and cwnd need not be
 * inflated and deflated as in RFC 6582.
 */
#include <linux/tcp.h>

#include "deadline.h"
#include "mtu.h"
#include "output.h"

/* The oldest segment that was sent and is not acknowledged, or NULL. */
static struct sk_buff *first_sent(const struct sock *sk)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	return skb == xtcp_sk(sk)->send_head ? NULL : skb;
}

/* The sent segment after @skb, or NULL. */
static struct sk_buff *next_sent(const struct sock *sk,
				 const struct sk_buff *skb)
{
	struct sk_buff *next = skb_peek_next((struct sk_buff *)skb,
					     &sk->sk_write_queue);

	return next == xtcp_sk(sk)->send_head ? NULL : next;
}

/**
 * xtcp_unmark() - subtract a segment from the counts of its XTCP_MARK_* bits
 * @sk: the socket, lock held
 * @skb: in the write queue; acknowledged at least in part, or about to change
 *	its bits
 * @len: how much of it, sequence numbers
 */
void xtcp_unmark(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u8 marks = XTCP_CB(skb)->marks;

	if (marks & XTCP_MARK_SACKED)
		tcb->sacked_out -= len;
	if (marks & XTCP_MARK_LOST)
		tcb->lost_out -= len;
	if (marks & XTCP_MARK_RETRANS)
		tcb->retrans_out -= len;
}

static void mark_sacked(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	xtcp_unmark(sk, skb, xtcp_cb_len(skb));
	XTCP_CB(skb)->marks &= ~(XTCP_MARK_LOST | XTCP_MARK_RETRANS);
	XTCP_CB(skb)->marks |= XTCP_MARK_SACKED;
	tcb->sacked_out += xtcp_cb_len(skb);
}

/*
 * FlightSize without the data of limited transmit, at most two segments
 * (RFC 3042).
 */
static u32 flight_at_loss(const struct xtcp_tcb *tcb)
{
	u32 flight = xtcp_flight(tcb);
	u32 since = min_t(u32, tcb->snd_nxt - tcb->dup_nxt, 2 * tcb->snd_mss);

	return flight - min(flight, since);
}

/*
 * Reduce cwnd, unless CE marks of the same window of data already did
 * (RFC 3168 6.1.2).
 */
static void reduce_for_loss(struct xtcp_tcb *tcb)
{
	if (xtcp_ecn_already_reduced(&tcb->ecn, tcb->snd_una))
		return;
	xtcp_cc_loss(&tcb->cc, tcb->snd_mss, flight_at_loss(tcb));
	xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
}

static void mark_lost(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (XTCP_CB(skb)->marks & (XTCP_MARK_LOST | XTCP_MARK_SACKED))
		return;
	/*
	 * A segment at or beyond mtu_recover is lost, too: there is congestion,
	 * the size is not the only cause of losses.
	 */
	if (tcb->mtu_repair && seq_geq(XTCP_CB(skb)->seq, tcb->mtu_recover)) {
		tcb->mtu_repair = 0;
		reduce_for_loss(tcb);
	}
	XTCP_CB(skb)->marks |= XTCP_MARK_LOST;
	tcb->lost_out += xtcp_cb_len(skb);
}

/* SACK scoreboard */

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

static bool sack_block(struct sock *sk, const struct xtcp_sack_block *b)
{
	bool news = false;
	struct sk_buff *skb;

	for (skb = first_sent(sk); skb; skb = next_sent(sk, skb)) {
		struct xtcp_cb *cb = XTCP_CB(skb);

		if (seq_leq(cb->end_seq, b->left))
			continue;
		if (seq_geq(cb->seq, b->right))
			break;
		if (cb->marks & XTCP_MARK_SACKED)
			continue;
		if (seq_before(cb->seq, b->left)) {
			/* The loop goes on with the part behind the split. */
			cut_at(sk, skb, b->left, true);
			continue;
		}
		if (seq_after(cb->end_seq, b->right)) {
			cut_at(sk, skb, b->right, false);
			if (seq_after(cb->end_seq, b->right))
				break;
		}
		mark_sacked(sk, skb);
		news = true;
	}
	return news;
}

/**
 * xtcp_sack_take() - process the SACK blocks of a segment
 * @sk: the socket, lock held
 * @seg: an acceptable segment with ACK
 *
 * Return: true if they SACK new data (RFC 6675 2, DupAck).
 */
bool xtcp_sack_take(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool news = false;
	u32 i;

	if (!xs->tcb.sack_ok)
		return false;
	for (i = 0; i < seg->opt.nsack; i++) {
		switch (xtcp_sack_check(&xs->tcb, seg, i)) {
		case XTCP_SACK_NEW:
			news |= sack_block(sk, &seg->opt.sack[i]);
			break;
		case XTCP_SACK_DUP:
			xtcp_sk_count(sk, DSACKRecv);
			xs->dsack_dups++;
			break;
		case XTCP_SACK_BAD:
			xtcp_sk_count(sk, SACKDiscard);
			break;
		}
	}
	return news;
}

/*
 * RFC 6675 4, IsLost: a segment is lost if more than (DupThresh - 1) * SMSS
 * bytes above it are SACKed. Walks from the newest to the oldest segment.
 */
static void find_lost(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 thresh = xtcp_sk_sysctl(sk, reordering) - 1;
	struct sk_buff *skb = xs->send_head;
	u32 above = 0;

	if (!xs->tcb.sacked_out)
		return;
	thresh *= xs->tcb.snd_mss;
	skb = skb ? skb->prev : skb_peek_tail(&sk->sk_write_queue);
	while (skb && skb != (struct sk_buff *)&sk->sk_write_queue) {
		if (XTCP_CB(skb)->marks & XTCP_MARK_SACKED)
			above += xtcp_cb_len(skb);
		else if (above > thresh)
			mark_lost(sk, skb);
		skb = skb->prev;
	}
}

/* Recovery */

/* Mark the oldest segment as lost: one segment, not the whole skb. */
static void mark_first_lost(struct sock *sk)
{
	struct sk_buff *skb = first_sent(sk);
	u32 mss = xtcp_sk(sk)->tcb.snd_mss;

	if (!skb || (XTCP_CB(skb)->marks & XTCP_MARK_LOST))
		return;
	if (xtcp_payload(skb) > mss)
		xtcp_split(sk, skb, mss, GFP_ATOMIC);
	mark_lost(sk, skb);
}

/*
 * Start fast recovery of segments before @end that were too large for the path.
 * cwnd stays.
 */
static void repair_size(struct xtcp_tcb *tcb, u32 end)
{
	tcb->recover = tcb->snd_nxt;
	tcb->recovery = XTCP_REC_FAST;
	tcb->mtu_recover = end;
	tcb->mtu_repair = 1;
}

/*
 * Is the path MTU probe the only loss? Without SACK only the oldest segment is
 * known to be lost.
 */
static bool only_probe_lost(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	const struct sk_buff *skb = first_sent(sk);
	const struct xtcp_cb *cb;

	if (!tcb->pmtud.probe || !skb)
		return false;
	cb = XTCP_CB(skb);
	if (cb->seq != tcb->pmtud.probe_seq ||
	    cb->end_seq != tcb->pmtud.probe_end)
		return false;
	return tcb->lost_out <= (cb->marks & XTCP_MARK_LOST ?
				 xtcp_cb_len(skb) : 0);
}

static void enter_fast(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	/* The loss of a probe is no sign of congestion (RFC 4821 7.6.2). */
	if (unlikely(only_probe_lost(sk))) {
		xtcp_mtu_probe_failed(sk);
		mark_lost(sk, first_sent(sk));
		repair_size(tcb, tcb->pmtud.probe_end);
		return;
	}
	if (tcb->sack_ok)
		xtcp_sk_count(sk, SackRecovery);
	else
		xtcp_sk_count(sk, RenoRecovery);
	tcb->mtu_repair = 0;
	reduce_for_loss(tcb);
	tcb->recover = tcb->snd_nxt;
	tcb->recovery = XTCP_REC_FAST;
	mark_first_lost(sk);
}

/**
 * xtcp_recovery_dupack() - process a duplicate ACK
 * @sk: the socket, lock held; its SACK blocks are processed
 *
 * Source: RFC 5681 3.2, RFC 6675 5, RFC 3042 (new data is sent because the pipe
 * is shorter).
 */
void xtcp_recovery_dupack(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 thresh = xtcp_sk_sysctl(sk, reordering);
	u32 in_net, limit;

	xtcp_sk_count(sk, DupAcksRcvd);
	if (!tcb->dupacks)
		tcb->dup_nxt = tcb->snd_nxt;
	if (tcb->dupacks < 255)
		tcb->dupacks++;
	if (!tcb->sack_ok) {
		/*
		 * Limit sacked_out, the count of duplicate ACKs. In fast
		 * recovery only segments that were in flight at its start can
		 * have caused duplicate ACKs: forged ones must not clock out
		 * more data (RFC 5681 3.2 step 4). After a timeout duplicate
		 * ACKs may be answers to unnecessary retransmissions: only data
		 * that was sent after the timeout counts.
		 */
		limit = tcb->recovery == XTCP_REC_FAST ?
				tcb->recover - tcb->snd_una :
			tcb->recovery == XTCP_REC_LOSS ?
				tcb->snd_nxt - tcb->recover : xtcp_flight(tcb);
		in_net = limit - min(limit, tcb->sacked_out);
		if (in_net > tcb->snd_mss)
			tcb->sacked_out += tcb->snd_mss;
	} else {
		find_lost(sk);
	}
	if (tcb->recovery >= XTCP_REC_FAST)
		return;
	/*
	 * RFC 6582 3.2: the ACK must cover more than recover before the next
	 * fast retransmit.
	 */
	if (!tcb->sack_ok && tcb->snd_una == tcb->recover)
		return;
	tcb->recovery = XTCP_REC_DISORDER;
	if (tcb->dupacks >= thresh || tcb->lost_out)
		enter_fast(sk);
}

static void leave_recovery(struct xtcp_tcb *tcb)
{
	if (tcb->recovery == XTCP_REC_FAST && !tcb->mtu_repair)
		tcb->cc.cwnd = min_t(u32, tcb->cc.cwnd, tcb->cc.ssthresh);
	tcb->mtu_repair = 0;
	tcb->recovery = XTCP_REC_OPEN;
	xtcp_cc_recovered(&tcb->cc);
}

/*
 * RFC 6582 3.2, partial acknowledgment. Without SACK subtract the acknowledged
 * segments from sacked_out, the count of duplicate ACKs.
 */
static void partial_ack(struct sock *sk, u32 acked)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (!tcb->sack_ok) {
		/*
		 * One of the segments was the hole, duplicate ACKs counted the
		 * others.
		 */
		u32 counted = acked > tcb->snd_mss ? acked - tcb->snd_mss : 0;

		tcb->sacked_out -= min_t(u32, counted, tcb->sacked_out);
	}
	find_lost(sk);
	mark_first_lost(sk);
}

/**
 * xtcp_recovery_ack() - process an ACK that has advanced snd_una
 * @sk: the socket, lock held
 * @acked: by how much, sequence numbers
 */
void xtcp_recovery_ack(struct sock *sk, u32 acked)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	tcb->dupacks = 0;
	switch (tcb->recovery) {
	case XTCP_REC_FAST:
		if (seq_geq(tcb->snd_una, tcb->recover)) {
			leave_recovery(tcb);
			break;
		}
		partial_ack(sk, acked);
		return;
	case XTCP_REC_LOSS:
		if (seq_geq(tcb->snd_una, tcb->recover))
			leave_recovery(tcb);
		break;
	default:
		tcb->recovery = XTCP_REC_OPEN;
		break;
	}
	if (!tcb->sack_ok && tcb->recovery == XTCP_REC_OPEN)
		tcb->sacked_out = 0;
	if (tcb->recovery == XTCP_REC_OPEN && tcb->sacked_out)
		tcb->recovery = XTCP_REC_DISORDER;
}

/* Retransmission */

/*
 * Bytes of @skb to retransmit as one skb, full segments if possible. 0: the
 * peer's window has no room.
 */
static u32 resend_len(const struct sock *sk, const struct sk_buff *skb,
		      u32 room)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 n = min_t(u32, max_t(u32, room, tcb->snd_mss), xtcp_piece(sk, skb));
	u32 edge = tcb->snd_una + tcb->snd_wnd;

	/*
	 * RFC 9293 3.8.6, SHLD-16: respect a shrunk window, except for the
	 * first segment.
	 */
	if (seq_before(edge, XTCP_CB(skb)->end_seq)) {
		u32 fits = seq_after(edge, XTCP_CB(skb)->seq) ?
			   edge - XTCP_CB(skb)->seq : 0;

		if (XTCP_CB(skb)->seq == tcb->snd_una)
			fits = max_t(u32, fits, tcb->snd_mss);
		n = min(n, fits);
	}
	n = min_t(u32, n, xtcp_payload(skb));
	if (n < xtcp_payload(skb) && n > tcb->snd_mss)
		n -= n % tcb->snd_mss;
	return n;
}

static int resend(struct sock *sk, struct sk_buff *skb, u32 room)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_cb *cb = XTCP_CB(skb);
	u32 n, segs;
	int err;

	xtcp_mtu_recheck(sk);
	/* End the probe: it is retransmitted in segments of snd_mss. */
	if (unlikely(xtcp_pmtud_overlaps_probe(&xs->tcb.pmtud, cb->seq,
					       cb->end_seq)))
		xtcp_mtu_probe_unclear(sk);
	if (xtcp_trim(sk, skb, GFP_ATOMIC))
		return -ENOMEM;
	if (skb->len) {
		n = resend_len(sk, skb, room);
		if (!n)
			return -EAGAIN;
		if (n < skb->len && xtcp_split(sk, skb, n, GFP_ATOMIC))
			return -ENOMEM;
	}
	err = xtcp_transmit(sk, skb, true);
	if (err)
		return err;
	if (!(cb->marks & XTCP_MARK_RETRANS)) {
		cb->marks |= XTCP_MARK_RETRANS;
		xs->tcb.retrans_out += xtcp_cb_len(skb);
	}
	cb->marks |= XTCP_MARK_RETRANSMITTED;
	segs = max_t(u32, 1, skb_shinfo(skb)->gso_segs);
	xs->total_retrans += segs;
	xs->bytes_retrans += skb->len;
	xtcp_sk_count_n(sk, RetransSegs, segs);
	return 0;
}

/**
 * xtcp_resend() - retransmit the oldest unacknowledged segment
 * @sk: the socket, lock held
 *
 * Return: 0, or a negative errno if nothing was sent: -ENOENT without such a
 * segment, -ENOMEM, or an errno of xtcp_transmit().
 */
int xtcp_resend(struct sock *sk)
{
	struct sk_buff *skb = first_sent(sk);

	return skb ? resend(sk, skb, 0) : -ENOENT;
}

/**
 * xtcp_retransmit_lost() - retransmit segments that are marked as lost
 * @sk: the socket, lock held
 *
 * As far as cwnd allows (RFC 6675 5 step C). A lost segment at snd_una is sent
 * at once (RFC 5681 3.2 step 3).
 */
void xtcp_retransmit_lost(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	struct sk_buff *skb;

	if (tcb->lost_out <= tcb->retrans_out)
		return;
	for (skb = first_sent(sk); skb; skb = next_sent(sk, skb)) {
		u8 marks = XTCP_CB(skb)->marks;
		u32 pipe = xtcp_pipe(tcb);
		u32 room = tcb->cc.cwnd > pipe ? tcb->cc.cwnd - pipe : 0;
		bool first = XTCP_CB(skb)->seq == tcb->snd_una;

		if (!(marks & XTCP_MARK_LOST) || (marks & XTCP_MARK_RETRANS))
			continue;
		if (room < min_t(u32, tcb->snd_mss, xtcp_cb_len(skb)) &&
		    !first) {
			tcb->cc.cwnd_limited = true;
			break;
		}
		if (resend(sk, skb, room))
			break;
		if (tcb->recovery == XTCP_REC_FAST)
			xtcp_sk_count(sk, FastRetrans);
		else
			xtcp_sk_count(sk, SlowStartRetrans);
		if (first)
			xtcp_rtx_restart(sk);
	}
}

/*
 * A timeout discards all SACK information: mark all segments as lost
 * (RFC 2018 5).
 */
static void all_lost(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	if (skb && (XTCP_CB(skb)->marks & XTCP_MARK_SACKED))
		xtcp_sk_count(sk, SACKReneging);
	tcb->sacked_out = 0;
	tcb->retrans_out = 0;
	tcb->lost_out = 0;
	for (skb = first_sent(sk); skb; skb = next_sent(sk, skb)) {
		XTCP_CB(skb)->marks &= XTCP_MARK_RETRANSMITTED;
		mark_lost(sk, skb);
	}
}

/**
 * xtcp_recovery_timeout() - retransmit after a timeout
 * @sk: the socket, lock held
 *
 * The oldest segment is retransmitted now. The others follow in slow start as
 * ACKs arrive (RFC 6298 5.4, RFC 5681 3.1). In SYN-SENT and SYN-RECEIVED this
 * is the SYN or SYN-ACK, and cwnd stays.
 */
void xtcp_recovery_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	if (!skb)
		return;
	if (!xs->retrans_stamp)
		xs->retrans_stamp = XTCP_CB(skb)->sent ?: xs->now;
	if (!xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		xtcp_cc_timeout(&tcb->cc, tcb->snd_mss, xtcp_flight(tcb),
				!xs->retransmits);
		tcb->mtu_repair = 0;
		xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
		all_lost(sk);
		tcb->recover = tcb->snd_nxt;
		tcb->recovery = XTCP_REC_LOSS;
		tcb->dupacks = 0;
	}
	xtcp_resend(sk);
}

/*
 * Was @skb sent in segments that are too large now? They may have carried SACK
 * blocks, too.
 */
static bool is_too_large(const struct sock *sk, const struct sk_buff *skb)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 blocks = xs->sacks.n ? XTCP_SACK_SPACE : 0;

	return xtcp_segment_payload(skb) + blocks > xs->tcb.snd_mss;
}

/**
 * xtcp_resend_for_mtu() - retransmit segments that are too large for the path
 * @sk: the socket, lock held; tcb.snd_mss is the new size
 *
 * This is no sign of congestion (RFC 1191 6.4): ssthresh stays.
 */
void xtcp_resend_for_mtu(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct sk_buff *skb;

	/*
	 * The MTU was reduced once more: segments sent since the last reduction
	 * may also be too large, so their loss is no sign of congestion.
	 */
	if (tcb->mtu_repair)
		tcb->mtu_recover = tcb->snd_nxt;
	for (skb = first_sent(sk); skb; skb = next_sent(sk, skb)) {
		struct xtcp_cb *cb = XTCP_CB(skb);

		if ((cb->marks & XTCP_MARK_SACKED) || !is_too_large(sk, skb))
			continue;
		if (cb->marks & XTCP_MARK_RETRANS) {
			tcb->retrans_out -= xtcp_cb_len(skb);
			cb->marks &= ~XTCP_MARK_RETRANS;
		}
		mark_lost(sk, skb);
	}
	if (!tcb->lost_out)
		return;
	if (tcb->recovery < XTCP_REC_FAST)
		repair_size(tcb, tcb->snd_nxt);
	xtcp_retransmit_lost(sk);
}

/**
 * xtcp_resend_probe() - retransmit a probe that ICMP reported as too large
 * @sk: the socket, lock held; tcb.pmtud still has its sequence numbers
 *
 * This is no sign of congestion either (see xtcp_resend_for_mtu()).
 */
void xtcp_resend_probe(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	const struct xtcp_pmtud *p = &tcb->pmtud;
	struct sk_buff *skb;

	if (tcb->recovery >= XTCP_REC_FAST)
		return;
	for (skb = first_sent(sk); skb; skb = next_sent(sk, skb))
		if (seq_geq(XTCP_CB(skb)->seq, p->probe_seq) &&
		    seq_leq(XTCP_CB(skb)->end_seq, p->probe_end))
			mark_lost(sk, skb);
	if (!tcb->lost_out)
		return;
	repair_size(tcb, p->probe_end);
	xtcp_retransmit_lost(sk);
}
