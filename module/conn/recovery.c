// SPDX-License-Identifier: GPL-2.0
/*
 * Finding out what was lost, and sending it again: SACK scoreboard, fast
 * recovery, and what a timeout means (RFC 6675, RFC 6582, RFC 5681 3.2).
 *
 * Without SACK each duplicate ACK stands for one segment that has left the
 * network, so that one account, xtcp_pipe(), serves both: what RFC 6582 does by
 * inflating and deflating cwnd comes out of it.
 */
#include <linux/tcp.h>

#include "deadline.h"
#include "mtu.h"
#include "output.h"

/* The segments that were sent and not acknowledged: the oldest, or NULL. */
static struct sk_buff *first_sent(const struct sock *sk)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	return skb == xtcp_sk(sk)->send_head ? NULL : skb;
}

/* The one after it, or NULL. */
static struct sk_buff *next_sent(const struct sock *sk,
				 const struct sk_buff *skb)
{
	struct sk_buff *next = skb_peek_next((struct sk_buff *)skb,
					     &sk->sk_write_queue);

	return next == xtcp_sk(sk)->send_head ? NULL : next;
}

/**
 * xtcp_unmark() - a marked segment, or its front, is acknowledged
 * @sk: the socket, lock held
 * @skb: in the write queue
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

/* FlightSize less what limited transmit sent, two segments at most (RFC 3042). */
static u32 flight_at_loss(const struct xtcp_tcb *tcb)
{
	u32 flight = xtcp_flight(tcb);
	u32 since = min_t(u32, tcb->snd_nxt - tcb->dup_nxt, 2 * tcb->snd_mss);

	return flight - min(flight, since);
}

/* Marks of the same window have reduced it already (RFC 3168 6.1.2). */
static void reduce_for_loss(struct xtcp_tcb *tcb)
{
	if (xtcp_ecn_covers(&tcb->ecn, tcb->snd_una))
		return;
	xtcp_cc_loss(&tcb->cc, tcb->snd_mss, flight_at_loss(tcb));
	xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
}

static void mark_lost(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (XTCP_CB(skb)->marks & (XTCP_MARK_LOST | XTCP_MARK_SACKED))
		return;
	/* Not only what was too large: then this is congestion after all. */
	if (tcb->mtu_repair && seq_geq(XTCP_CB(skb)->seq, tcb->mtu_recover)) {
		tcb->mtu_repair = 0;
		reduce_for_loss(tcb);
	}
	XTCP_CB(skb)->marks |= XTCP_MARK_LOST;
	tcb->lost_out += xtcp_cb_len(skb);
}

/* SACK scoreboard */

/* A peer that SACKs every other segment must not multiply what is queued. */
static bool queue_too_big(struct sock *sk)
{
	if (READ_ONCE(sk->sk_wmem_queued) / 2 - 2 * 65536 <=
	    READ_ONCE(sk->sk_sndbuf))
		return false;
	xtcp_sk_count(sk, WqueueTooBig);
	return true;
}

/*
 * Cut @skb so that it lies wholly inside or outside of the block, between the
 * segments that it left as: a peer that SACKs single bytes does not cut finer.
 * What a block has of a segment, and not all, counts as not SACKed.
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
			/* The part behind the cut comes next. */
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
 * xtcp_sack_take() - read the SACK blocks of a segment
 * @sk: the socket, lock held
 * @seg: an acceptable segment with ACK
 *
 * Return: true if they say something new (RFC 6675 2, DupAck).
 */
bool xtcp_sack_take(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool news = false;
	u32 i;

	if (!xs->tcb.sack_ok)
		return false;
	for (i = 0; i < seg->opt.nsack; i++) {
		switch (xtcp_sack_judge(&xs->tcb, seg, i)) {
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
 * RFC 6675 4, IsLost: more than (DupThresh - 1) segments' worth of bytes above
 * are SACKed. Walks down from the newest.
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

/* The oldest segment is lost: one, and not all that left in one piece with it. */
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

/* Fast recovery of what was too large, up to @end: the window stays. */
static void repair_size(struct xtcp_tcb *tcb, u32 end)
{
	tcb->recover = tcb->snd_nxt;
	tcb->recovery = XTCP_REC_FAST;
	tcb->mtu_recover = end;
	tcb->mtu_repair = 1;
}

/* As far as we can tell: without SACK, only the oldest is known to be lost. */
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
 * xtcp_recovery_dupack() - a duplicate ACK, or news by SACK
 * @sk: the socket, lock held
 * @sacked: SACK blocks said something new
 *
 * Source: RFC 5681 3.2, RFC 6675 5, RFC 3042 (new data goes out since the pipe
 * got shorter).
 */
void xtcp_recovery_dupack(struct sock *sk, bool sacked)
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
		 * Only what was out when recovery began can have caused them:
		 * made-up ones do not clock out more (RFC 5681 3.2 step 4).
		 * After a timeout they may answer what is sent again without
		 * need, unless something new is out.
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
	/* RFC 6582 3.2: more than recover must be acknowledged before. */
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

/* RFC 6582 3.2, partial acknowledgment; without SACK, take back the count. */
static void partial_ack(struct sock *sk, u32 acked)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (!tcb->sack_ok) {
		/* One of the segments was the hole, the others were counted. */
		u32 counted = acked > tcb->snd_mss ? acked - tcb->snd_mss : 0;

		tcb->sacked_out -= min_t(u32, counted, tcb->sacked_out);
	}
	find_lost(sk);
	mark_first_lost(sk);
}

/**
 * xtcp_recovery_ack() - SND.UNA moved
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

/* Bytes of @skb that may go again in one piece, whole segments if possible. */
static u32 resend_len(const struct sock *sk, const struct sk_buff *skb,
		      u32 room)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 n = min_t(u32, max_t(u32, room, tcb->snd_mss), xtcp_piece(sk, skb));
	u32 edge = tcb->snd_una + tcb->snd_wnd;

	/* SHLD-16: a shrunk window is respected, but for the first segment. */
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
	/* In smaller segments; it is not a probe any more. */
	if (unlikely(xtcp_pmtud_hits(&xs->tcb.pmtud, cb->seq, cb->end_seq)))
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
	cb->marks |= XTCP_MARK_EVER;
	segs = max_t(u32, 1, skb_shinfo(skb)->gso_segs);
	xs->total_retrans += segs;
	xs->bytes_retrans += skb->len;
	xtcp_sk_count_n(sk, RetransSegs, segs);
	return 0;
}

/**
 * xtcp_resend() - send the oldest unacknowledged segment again
 * @sk: the socket, lock held
 *
 * Return: 0 or a negative errno if nothing left.
 */
int xtcp_resend(struct sock *sk)
{
	struct sk_buff *skb = first_sent(sk);

	return skb ? resend(sk, skb, 0) : -ENOENT;
}

/**
 * xtcp_retransmit_lost() - send again what is taken for lost
 * @sk: the socket, lock held
 *
 * As far as cwnd lets (RFC 6675 5 step C); the first loss found goes at once
 * (RFC 5681 3.2 step 3).
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

/* After a timeout nothing is believed to have arrived (RFC 2018 5, SK-8). */
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
		XTCP_CB(skb)->marks &= XTCP_MARK_EVER;
		mark_lost(sk, skb);
	}
}

/**
 * xtcp_recovery_timeout() - the retransmission timer expired
 * @sk: the socket, lock held
 *
 * The oldest segment goes again; the rest follows in slow start as ACKs come
 * (RFC 6298 5.4, RFC 5681 3.1).
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

/* With the SACK blocks that it may have left with beside its text. */
static bool is_too_large(const struct sock *sk, const struct sk_buff *skb)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 blocks = xs->sacks.n ? XTCP_SACK_SPACE : 0;

	return xtcp_segment_payload(skb) + blocks > xs->tcb.snd_mss;
}

/**
 * xtcp_resend_for_mtu() - the path got narrower: send again what was too large
 * @sk: the socket, lock held; tcb.snd_mss is the new size
 *
 * This is no sign of congestion (RFC 1191 6.5): the threshold stays.
 */
void xtcp_resend_for_mtu(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct sk_buff *skb;

	/* Narrower once more: what left since the last time is no loss either. */
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
 * xtcp_resend_probe() - ICMP said that a probe of the path was too large
 * @sk: the socket, lock held; the probe's numbers are still in tcb.pmtud
 *
 * No sign of congestion either.
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
