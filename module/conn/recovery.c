// SPDX-License-Identifier: GPL-2.0
/*
 * Loss recovery and retransmission: fast recovery (RFC 5681 3.2), with losses
 * found by RACK (RFC 8985), or without SACK by duplicate ACKs (RFC 6582); the
 * tail loss probe (RFC 8985); the consequences of a timeout (RFC 6298).
 *
 * Without SACK each duplicate ACK counts as one segment that has left the
 * network. So xtcp_pipe() is used with and without SACK, and cwnd need not be
 * inflated and deflated as in RFC 6582.
 */
#include <linux/tcp.h>

#include "conn.h"
#include "deadline.h"
#include "mtu.h"
#include "output.h"
#include "pace.h"
#include "recovery.h"
#include "scoreboard.h"
#include "wqueue.h"

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
static void reduce_for_loss(struct xtcp_tcb *tcb, const struct xtcp_sample *s)
{
	/* What was SACKed before cannot be delivered again (RFC 9937 6). */
	xtcp_prr_start(&tcb->prr, s->prior_flight - s->prior_sacked);
	if (xtcp_ecn_already_reduced(&tcb->ecn, tcb->snd_una))
		return;
	xtcp_undo_begin(&tcb->undo, tcb->snd_una, tcb->cc.cwnd,
			tcb->cc.ssthresh);
	xtcp_cc_loss(&tcb->cc, tcb->snd_mss, flight_at_loss(tcb));
	xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
}

/* Recovery */

/* Mark the oldest segment as lost: one segment, not the whole skb. */
static void mark_first_lost(struct sock *sk)
{
	struct sk_buff *skb = xtcp_sent_first(sk);
	u32 mss = xtcp_sk(sk)->tcb.snd_mss;

	if (!skb || (XTCP_CB(skb)->marks & XTCP_MARK_LOST))
		return;
	if (xtcp_payload(skb) > mss)
		xtcp_split(sk, skb, mss, GFP_ATOMIC);
	xtcp_mark_lost(sk, skb);
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
	const struct sk_buff *skb = xtcp_sent_first(sk);
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

/* @s: the ACK that shows the loss. */
static void enter_fast(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	tcb->tlp.active = false;
	/* The loss of a probe is no sign of congestion (RFC 4821 7.6.2). */
	if (unlikely(only_probe_lost(sk))) {
		xtcp_mtu_probe_failed(sk);
		xtcp_mark_lost(sk, xtcp_sent_first(sk));
		repair_size(tcb, tcb->pmtud.probe_end);
		return;
	}
	if (tcb->sack_ok)
		xtcp_sk_count(sk, SackRecovery);
	else
		xtcp_sk_count(sk, RenoRecovery);
	tcb->mtu_repair = 0;
	reduce_for_loss(tcb, s);
	tcb->recover = tcb->snd_nxt;
	tcb->recovery = XTCP_REC_FAST;
}

static void leave_recovery(struct xtcp_tcb *tcb)
{
	bool fast = tcb->recovery == XTCP_REC_FAST && !tcb->mtu_repair;

	xtcp_cc_recovered(&tcb->cc, fast);
	tcb->mtu_repair = 0;
	tcb->recovery = XTCP_REC_OPEN;
	xtcp_rack_recovered(&tcb->rack);
}

/* RFC 9937 6: an ACK in fast recovery, also the one that begins it. */
static void prr_ack(struct xtcp_tcb *tcb, const struct xtcp_sample *s)
{
	struct xtcp_prr_ack a = {
		.delivered = s->acked + tcb->sacked_out - s->prior_sacked,
		.inflight = xtcp_pipe(tcb),
		.ssthresh = tcb->cc.ssthresh,
		.mss = tcb->snd_mss,
		.safe = s->acked && tcb->lost == s->prior_lost,
	};

	if (tcb->mtu_repair || (!a.delivered && tcb->prr.out))
		return;
	xtcp_cc_recovering(&tcb->cc, &tcb->prr, &a);
}

/* Recovery without SACK (RFC 6582) */

/*
 * RFC 5681 3.2, RFC 3042: new data is sent because the pipe is shorter.
 *
 * sacked_out is the count of duplicate ACKs, and limited. In fast recovery only
 * segments that were in flight at its start can have caused duplicate ACKs:
 * forged ones must not clock out more data (RFC 5681 3.2 step 4). After a
 * timeout duplicate ACKs may be answers to unnecessary retransmissions: only
 * data that was sent after the timeout counts.
 */
static void newreno_dupack(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 limit = tcb->recovery == XTCP_REC_FAST ?
			    tcb->recover - tcb->snd_una :
		    tcb->recovery == XTCP_REC_LOSS ?
			    tcb->snd_nxt - tcb->recover : xtcp_flight(tcb);

	if (!tcb->dupacks)
		tcb->dup_nxt = tcb->snd_nxt;
	if (tcb->dupacks < 255)
		tcb->dupacks++;
	if (limit - min(limit, tcb->sacked_out) > tcb->snd_mss)
		tcb->sacked_out += tcb->snd_mss;
	if (tcb->recovery >= XTCP_REC_FAST)
		return;
	/*
	 * RFC 6582 3.2: the ACK must cover more than recover before the next
	 * fast retransmit.
	 */
	if (tcb->snd_una == tcb->recover)
		return;
	tcb->recovery = XTCP_REC_DISORDER;
	if (tcb->dupacks < xtcp_reordering(sk))
		return;
	enter_fast(sk, s);
	mark_first_lost(sk);
}

/*
 * RFC 6582 3.2, partial acknowledgment: one of the acknowledged segments was the
 * hole, duplicate ACKs counted the others.
 */
static void newreno_partial_ack(struct sock *sk, const struct xtcp_sample *s)
{
	u32 acked = s->acked;
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 counted = acked > tcb->snd_mss ? acked - tcb->snd_mss : 0;
	u32 left = tcb->recover - tcb->snd_una;
	bool repair = tcb->mtu_repair;

	tcb->sacked_out -= min_t(u32, counted, tcb->sacked_out);
	/*
	 * snd_mss may have changed since the duplicate ACKs were counted. The
	 * next hole has not arrived.
	 */
	tcb->sacked_out = min_t(u32, tcb->sacked_out,
				left - min_t(u32, left, tcb->snd_mss));
	mark_first_lost(sk);
	if (repair && !tcb->mtu_repair)
		reduce_for_loss(tcb, s);
}

static void newreno_ack(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	tcb->dupacks = 0;
	if (tcb->recovery >= XTCP_REC_FAST) {
		if (seq_geq(tcb->snd_una, tcb->recover))
			leave_recovery(tcb);
		else if (tcb->recovery == XTCP_REC_FAST)
			newreno_partial_ack(sk, s);
		if (tcb->recovery >= XTCP_REC_FAST)
			return;
	}
	tcb->recovery = XTCP_REC_OPEN;
	tcb->sacked_out = 0;
}

/* Recovery with SACK (RFC 8985) */

/* RFC 8985 6.2, step 4. */
static void take_dsack(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (s->dsack && !(xtcp_sk_sysctl(sk, recovery) & XTCP_RACK_STATIC))
		xtcp_rack_dsack(&tcb->rack, tcb->snd_una, tcb->snd_nxt);
	else if (tcb->rack.dsack_seen)
		xtcp_rack_una(&tcb->rack, tcb->snd_una);
}

/* RFC 8985 7.4. */
static void take_probe_ack(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_tlp_ack ack = {
		.ack = s->seg->ack,
		.dsack = s->dsack && seq_leq(s->dsack_end, tcb->tlp.end_seq),
		.plain_dup = !s->acked && !s->sacked && !s->seg->len,
	};

	if (!xtcp_tlp_repaired(&tcb->tlp, &ack))
		return;
	xtcp_sk_count(sk, LossProbeRecovery);
	if (xtcp_ecn_already_reduced(&tcb->ecn, s->prior_una))
		return;
	xtcp_cc_loss(&tcb->cc, tcb->snd_mss, tcb->tlp.flight);
	xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
}

/* Look for losses, and begin fast recovery if there are any. */
static void detect_losses(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	bool repair = tcb->mtu_repair;

	xs->reorder_at = xtcp_find_lost(sk);
	if (repair && !tcb->mtu_repair)
		reduce_for_loss(tcb, s);
	if (tcb->recovery < XTCP_REC_FAST && tcb->lost_out)
		enter_fast(sk, s);
}

static void sack_ack(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	take_dsack(sk, s);
	if (unlikely(tcb->tlp.active))
		take_probe_ack(sk, s);
	if (tcb->recovery >= XTCP_REC_FAST &&
	    seq_geq(tcb->snd_una, tcb->recover) && s->acked)
		leave_recovery(tcb);
	if (tcb->recovery < XTCP_REC_FAST) {
		if (!tcb->sacked_out) {
			tcb->recovery = XTCP_REC_OPEN;
		} else if (tcb->recovery == XTCP_REC_OPEN) {
			tcb->recovery = XTCP_REC_DISORDER;
			tcb->dup_nxt = tcb->snd_nxt;
		}
	}
	/* A segment in flight can only be lost if one was delivered. */
	if (tcb->rack.advanced && !list_empty(&xtcp_sk(sk)->by_time))
		detect_losses(sk, s);
}

/**
 * xtcp_recovery_ack() - process the changes that an ACK made
 * @sk: the socket, lock held; queue and scoreboard are updated
 * @s: the changes
 * @dupack: it is a duplicate ACK (RFC 5681 2, RFC 6675 2)
 *
 * The caller calls xtcp_retransmit_lost() afterwards.
 */
void xtcp_recovery_ack(struct sock *sk, const struct xtcp_sample *s,
		       bool dupack)
{
	if (dupack)
		xtcp_sk_count(sk, DupAcksRcvd);
	if (unlikely(xtcp_sk(sk)->tcb.undo.armed))
		xtcp_try_undo(sk, s);
	if (xtcp_sk(sk)->tcb.sack_ok)
		sack_ack(sk, s);
	else if (s->acked)
		newreno_ack(sk, s);
	else if (dupack)
		newreno_dupack(sk, s);
	if (xtcp_sk(sk)->tcb.recovery == XTCP_REC_FAST)
		prr_ack(&xtcp_sk(sk)->tcb, s);
}

/**
 * xtcp_recovery_reorder_timeout() - the time for reordering is over
 * @sk: the socket, lock held, xs->now set
 *
 * Segments are lost that were waited for in case they arrive out of order
 * (RFC 8985 6.2, step 5).
 */
void xtcp_recovery_reorder_timeout(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_sample s = {
		.now = xtcp_sk(sk)->now,
		.prior_flight = xtcp_flight(tcb),
		.prior_sacked = tcb->sacked_out,
		.prior_lost = tcb->lost,
	};

	detect_losses(sk, &s);
	if (tcb->recovery == XTCP_REC_FAST)
		prr_ack(tcb, &s);
	xtcp_retransmit_lost(sk);
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

/*
 * Retransmit a part of @skb that cwnd has @room for, or one segment. @shrunk: also
 * beyond a window that the peer has shrunk (RFC 9293 3.8.6, MAY-7).
 */
static int resend(struct sock *sk, struct sk_buff *skb, u32 room, bool shrunk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_cb *cb = XTCP_CB(skb);
	u32 n, segs;
	int err;

	/* A queue of this host, not the network, delays the segment. */
	if (unlikely(skb_fclone_busy(sk, skb))) {
		xtcp_sk_count(sk, SpuriousRtxHostQueues);
		return -EBUSY;
	}
	xtcp_mtu_recheck(sk);
	/* End the probe: it is retransmitted in segments of snd_mss. */
	if (unlikely(xtcp_pmtud_overlaps_probe(&xs->tcb.pmtud, cb->seq,
					       cb->end_seq)))
		xtcp_mtu_probe_unclear(sk);
	if (xtcp_trim(sk, skb, GFP_ATOMIC))
		return -ENOMEM;
	if (skb->len) {
		n = shrunk ? min_t(u32, skb->len, xs->tcb.snd_mss) :
			     resend_len(sk, skb, room);
		if (!n)
			return -EAGAIN;
		if (n < skb->len && xtcp_split(sk, skb, n, GFP_ATOMIC))
			return -ENOMEM;
	}
	err = xtcp_transmit(sk, skb, true);
	if (err)
		return err;
	xtcp_mark_resent(sk, skb);
	segs = max_t(u32, 1, skb_shinfo(skb)->gso_segs);
	if (cb->marks & XTCP_MARK_LOST)
		xtcp_undo_resent(&xs->tcb.undo, segs,
				 xtcp_ts_clock(xs->now, xs->tcb.ts_offset));
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
 * segment, -EBUSY if it has not left this host, -ENOMEM, or an errno of
 * xtcp_transmit().
 */
int xtcp_resend(struct sock *sk)
{
	struct sk_buff *skb = xtcp_sent_first(sk);

	return skb ? resend(sk, skb, 0, false) : -ENOENT;
}

/**
 * xtcp_retransmit_all_lost() - retransmit segments that are marked as lost
 * @sk: the socket, lock held
 *
 * In the order of sequence numbers, as far as cwnd allows. A lost segment at
 * snd_una is sent at once (RFC 5681 3.2 step 3).
 */
void xtcp_retransmit_all_lost(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	struct rb_root *lost = &xs->sent[XTCP_SENT_LOST];
	struct sk_buff *skb;

	while ((skb = skb_rb_first(lost))) {
		u32 pipe = xtcp_pipe(tcb);
		u32 room = tcb->cc.cwnd > pipe ? tcb->cc.cwnd - pipe : 0;
		bool first = XTCP_CB(skb)->seq == tcb->snd_una;

		if (room < min_t(u32, tcb->snd_mss, xtcp_cb_len(skb)) &&
		    !first) {
			xtcp_usage_note(&tcb->usage, tcb->snd_una,
					tcb->snd_nxt, true);
			break;
		}
		if (!first && xtcp_pace_hold(sk))
			break;
		if (resend(sk, skb, room, false))
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
 * Retransmit the last segment that was sent: its SACK shows the losses before
 * it. Return: true if it was sent.
 */
static bool resend_last(struct sock *sk)
{
	struct sk_buff *skb = skb_rb_last(&xtcp_sk(sk)->sent[XTCP_SENT_FLIGHT]);
	u32 piece, last;

	if (!skb)
		return false;
	if (xtcp_segments(skb) > 1) {
		piece = skb_shinfo(skb)->gso_size;
		last = skb->len % piece ?: piece;
		if (xtcp_split(sk, skb, xtcp_payload(skb) - last, GFP_ATOMIC))
			return false;
		skb = skb_rb_next(skb);
	}
	return !resend(sk, skb, 0, true);
}

/*
 * R2 counts from the first transmission of the oldest segment. Called before it
 * may be retransmitted.
 */
static void start_r2(struct xtcp_sock *xs, const struct sk_buff *oldest)
{
	if (!xs->retrans_stamp)
		xs->retrans_stamp = XTCP_CB(oldest)->sent ?: xs->now;
}

/**
 * xtcp_loss_probe() - send a tail loss probe
 * @sk: the socket, lock held, xs->now set
 *
 * New data if there is any and the peer's window allows it, even beyond cwnd;
 * else a retransmission.
 *
 * Source: RFC 8985 7.3.
 */
void xtcp_loss_probe(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	struct sk_buff *oldest = xtcp_sent_first(sk);
	u32 flight = xtcp_flight(tcb);
	bool is_retrans;

	if (!oldest)
		return;
	start_r2(xs, oldest);
	is_retrans = !xtcp_push_one(sk);
	if (is_retrans && !resend_last(sk))
		return;
	xtcp_tlp_sent(&tcb->tlp, tcb->snd_nxt, flight, is_retrans);
	xtcp_sk_count(sk, LossProbes);
}

/*
 * The timeout may be spurious. F-RTO does not begin in a recovery (RFC 5682 3.1,
 * step 1), nor if a path MTU probe may be the cause.
 */
static void begin_frto(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	tcb->frto.active = false;
	if (tcb->recovery >= XTCP_REC_FAST)
		return;
	xtcp_undo_begin(&tcb->undo, tcb->snd_una, tcb->cc.cwnd,
			tcb->cc.ssthresh);
	tcb->frto.active = xtcp_sk_sysctl(sk, frto) && !tcb->pmtud.probe;
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
	struct sk_buff *skb = xtcp_sent_first(sk);

	if (!skb)
		return;
	start_r2(xs, skb);
	if (!xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		begin_frto(sk);
		xtcp_cc_timeout(&tcb->cc, tcb->snd_mss, xtcp_flight(tcb),
				!xs->retransmits);
		/* With a full segment in flight, cwnd limits what follows. */
		xtcp_usage_note(&tcb->usage, tcb->snd_una, tcb->snd_nxt,
				xtcp_flight(tcb) >= tcb->snd_mss);
		tcb->mtu_repair = 0;
		tcb->tlp.active = false;
		xs->reorder_at = 0;
		xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
		xtcp_lost_at_timeout(sk);
		tcb->recover = tcb->snd_nxt;
		tcb->recovery = XTCP_REC_LOSS;
		tcb->dupacks = 0;
	}
	xtcp_resend(sk);
}

/**
 * xtcp_recovery_unreachable() - a router had no route for a segment
 * @sk: the socket, lock held and not owned by a system call
 * @seq: sequence number that the ICMP error quotes
 *
 * If that is the retransmission of the last timeout, the back-off of that
 * timeout is taken back: once the path works again, the next retransmission
 * comes soon. If it is overdue then, the timer expires at once. So at most one
 * segment per RTO is sent, however many errors arrive.
 *
 * Source: RFC 6069 4.2.
 */
void xtcp_recovery_unreachable(struct sock *sk, u32 seq)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	const struct sk_buff *oldest = xtcp_sent_first(sk);
	u64 at;

	if (!oldest || seq != tcb->snd_una || !xs->retransmits ||
	    tcb->recovery != XTCP_REC_LOSS ||
	    xs->rtx_purpose != XTCP_RTX_RETRANSMIT ||
	    !xtcp_rtt_revert(&tcb->rtt))
		return;
	xs->now = ktime_get_ns();
	at = XTCP_CB(oldest)->sent +
	     (u64)xtcp_rtt_rto(&tcb->rtt) * NSEC_PER_USEC;
	xs->rto_at = min(xs->rto_at, max(at, xs->now));
	xtcp_timer_set(sk, &xs->rtx, xs->rto_at);
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
	struct rb_root *flight = &xtcp_sk(sk)->sent[XTCP_SENT_FLIGHT];
	struct sk_buff *skb, *next;

	/*
	 * The MTU was reduced once more: segments sent since the last reduction
	 * may also be too large, so their loss is no sign of congestion.
	 */
	if (tcb->mtu_repair)
		tcb->mtu_recover = tcb->snd_nxt;
	for (skb = skb_rb_first(flight); skb; skb = next) {
		next = skb_rb_next(skb);
		if (is_too_large(sk, skb))
			xtcp_mark_lost(sk, skb);
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
	struct sk_buff *skb, *next;

	if (tcb->recovery >= XTCP_REC_FAST)
		return;
	skb = xtcp_sent_find(sk, XTCP_SENT_FLIGHT, p->probe_seq);
	for (; skb && seq_leq(XTCP_CB(skb)->end_seq, p->probe_end); skb = next) {
		next = skb_rb_next(skb);
		xtcp_mark_lost(sk, skb);
	}
	if (!tcb->lost_out)
		return;
	repair_size(tcb, p->probe_end);
	xtcp_retransmit_lost(sk);
}
