// SPDX-License-Identifier: GPL-2.0
/*
 * ACK processing of the sender (RFC 9293 3.10.7.4, fifth check).
 */
#include <linux/tcp.h>

#include "conn.h"
#include "core/window.h"
#include "deadline.h"
#include "input.h"
#include "mtu.h"
#include "pace.h"
#include "recovery.h"
#include "scoreboard.h"
#include "wqueue.h"

/*
 * RFC 6298 3 (Karn): a segment that was sent once gives a sample by its
 * transmission time. After a retransmission only the timestamp option
 * identifies the copy that was acknowledged.
 */
static void take_rtt(struct sock *sk, struct xtcp_sample *s)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_segment *seg = s->seg;
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 ticks;

	xtcp_rtt_age_min(&tcb->rtt, xs->now);
	if (s->sent) {
		s->rtt = div_u64(xs->now - s->sent, NSEC_PER_USEC);
	} else if (tcb->ts_ok && seg->opt.has_ts && seg->opt.tsecr) {
		ticks = xtcp_ts_clock(xs->now, tcb->ts_offset) -
			seg->opt.tsecr;
		if (ticks >= XTCP_RTO_MAX / USEC_PER_MSEC)
			return;
		s->rtt = max_t(u32, ticks, 1) * USEC_PER_MSEC;
	} else {
		return;
	}
	s->rtt = max_t(u32, s->rtt, 1);
	xtcp_rtt_sample(&tcb->rtt, s->rtt);
}

/**
 * xtcp_sndbuf_expand() - grow the send buffer to two congestion windows
 * @sk: the socket, lock held
 *
 * The memory overhead of each segment of path_mss is included. The upper limit
 * is the sysctl wmem[2], bytes. A size that the user set by SO_SNDBUF stays.
 */
void xtcp_sndbuf_expand(struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	int max = xtcp_sk_sysctl(sk, wmem[2]);
	u32 each, segs;
	u64 want;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return;
	each = roundup_pow_of_two(tcb->path_mss + MAX_HEADER + XTCP_HDR_MAX +
				  sizeof(struct skb_shared_info)) +
	       SKB_DATA_ALIGN(sizeof(struct sk_buff));
	segs = DIV_ROUND_UP(tcb->cc.cwnd, tcb->path_mss);
	want = 2ULL * each * segs;
	if (want > (u64)sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, (int)min_t(u64, want, max));
}

/*
 * An ACK arrived: the peer is reachable, so drop the soft error that ICMP
 * reported.
 */
static void forget_soft_error(struct sock *sk)
{
	if (READ_ONCE(sk->sk_err_soft))
		WRITE_ONCE(sk->sk_err_soft, 0);
}

/* snd_una has advanced: reset R2, retransmissions and probes. */
static void progress(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->retransmits = 0;
	xs->retrans_stamp = 0;
	xs->probes_out = 0;
	forget_soft_error(sk);
}

/* For TCP_INFO: reordering, and the end of the recovery after a timeout. */
static void take_notes(struct xtcp_sock *xs)
{
	struct xtcp_tcb *tcb = &xs->tcb;

	if (unlikely(tcb->rack.late)) {
		xs->reord_seen++;
		xs->reordering = max_t(u32, xs->reordering,
				       DIV_ROUND_UP(tcb->rack.late,
						    tcb->snd_mss));
		tcb->rack.late = 0;
	}
	if (unlikely(xs->rto_since) && tcb->recovery != XTCP_REC_LOSS)
		xtcp_rto_over(xs);
}

/* Complete the sample of the delivery rate: losses have been looked for. */
static void take_rate(struct xtcp_tcb *tcb, struct xtcp_sample *s)
{
	struct xtcp_rate_ack ack = {
		.now = s->now,
		.lost = tcb->lost,
		.min_rtt = tcb->rtt.min,
		.recovering = tcb->recovery >= XTCP_REC_FAST,
	};

	xtcp_rate_ack(&tcb->rate, &s->rate, &ack);
}

/*
 * Bytes that the ACK newly delivers. What a SACK or a duplicate ACK has reported
 * before has let limited transmit send more: it does not count twice.
 */
static u32 newly_acked(const struct xtcp_tcb *tcb, const struct xtcp_sample *s)
{
	s32 n = s->acked + tcb->sacked_out - s->prior_sacked;

	return max_t(s32, n, 0);
}

/* Let the algorithm set cwnd. @grow: the ACK may increase it. */
static void control_cwnd(struct sock *sk, const struct xtcp_sample *s,
			 bool grow)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_cc_ack ack = {
		.now = s->now,
		.mss = tcb->snd_mss,
		.acked = newly_acked(tcb, s),
		.srtt = xtcp_rtt_srtt(&tcb->rtt),
		.rtt = s->rtt,
		.round_start = s->round_start,
		.min_rtt = tcb->rtt.min,
		.delivered = tcb->rate.delivered,
		.in_flight = xtcp_pipe(tcb),
		.newly_delivered = tcb->rate.delivered - s->prior_delivered,
		.newly_lost = tcb->lost - s->prior_lost,
		.rate = &s->rate,
	};

	if (grow) {
		tcb->cc.cwnd_limited = xtcp_usage_full(&tcb->usage, &tcb->cc);
		tcb->cc.ops->on_ack(&tcb->cc, &ack);
	}
	if (tcb->cc.ops->on_rate)
		tcb->cc.ops->on_rate(&tcb->cc, &ack);
	xtcp_cc_clamp(&tcb->cc, tcb->snd_mss);
	if (grow)
		xtcp_sndbuf_expand(sk);
}

/*
 * Process the ECN feedback of an ACK. The first CE mark that is reported in a
 * window of data reduces cwnd. If cwnd is one segment already, no new data is
 * sent until the retransmission timer expires (RFC 3168 6.1.2).
 *
 * Return: true if the ACK reports a CE mark: cwnd must not grow then
 * (RFC 3168 6.1.2).
 */
static bool take_marks(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	const struct xtcp_segment *seg = s->seg;
	struct xtcp_ecn_acked acked = {
		.una = s->prior_una,
		.segs = s->segs,
		.mss = tcb->snd_mss,
	};
	u32 marked;

	if (tcb->ecn.mode == XTCP_ECN_OFF || (seg->flags & XTCP_SYN))
		return false;
	marked = xtcp_ecn_feedback(&tcb->ecn, seg, &acked);
	if (tcb->ecn.mode == XTCP_ECN_ACCURATE)
		xtcp_mss_sync_option(sk);
	if (!marked)
		return false;
	xtcp_sk_count_n(sk, DeliveredCE, marked);
	/* Without AccECN the peer does not report how many. */
	tcb->rate.delivered_ce += tcb->ecn.mode == XTCP_ECN_CLASSIC ? s->segs :
								      marked;
	if (!xtcp_ecn_reduce_due(&tcb->ecn, seg->ack))
		return true;
	if (tcb->cc.cwnd <= tcb->snd_mss)
		tcb->ecn.hold = 1;
	xtcp_cc_ecn(&tcb->cc, tcb->snd_mss, s->prior_flight);
	xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
	xtcp_sk_count(sk, EcnReduced);
	return true;
}

/* SND.UNA advances to SEG.ACK. */
static void advance_una(struct sock *sk, struct xtcp_sample *s)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	xtcp_window_rcv(tcb, s->seg);
	tcb->acked = min_t(u32, XTCP_ACKED_MAX,
			   tcb->acked + s->seg->ack - tcb->snd_una);
	tcb->snd_una = s->seg->ack;
	xtcp_cumulative_ack(sk, s);
	xs->bytes_acked += s->acked;
	if (seq_geq(tcb->snd_una, tcb->round_end)) {
		s->round_start = true;
		tcb->round_end = tcb->snd_nxt;
	}
}

/* SND.UNA has advanced: all but loss recovery and congestion control. */
static void advanced(struct sock *sk, struct xtcp_sample *s)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	progress(sk);
	take_rtt(sk, s);
	if (s->size)
		xtcp_pmtud_acked_size(&tcb->pmtud, s->size + xs->overhead,
				      tcb->snd_una);
	xtcp_mtu_probe_acked(sk);
	if (tcb->urg_out && seq_geq(tcb->snd_una, tcb->snd_up))
		tcb->urg_out = 0;
	sk_dst_confirm(sk);
}

/* RFC 5681 2, "duplicate acknowledgment"; with SACK, RFC 6675 2. */
static bool is_dupack(const struct xtcp_tcb *tcb,
		      const struct xtcp_sample *s, bool window_changed)
{
	const struct xtcp_segment *seg = s->seg;

	if (tcb->snd_una == tcb->snd_nxt)
		return false;
	if (tcb->sack_ok)
		return s->sacked;
	return !seg->len && !(seg->flags & (XTCP_SYN | XTCP_FIN)) &&
	       seg->ack == tcb->snd_una && !window_changed;
}

/*
 * An ACK arrived while the timer ran in mode XTCP_RTX_PROBE: the peer is alive
 * (RFC 9293 3.8.6.1). If the window is open now, and was closed or probed
 * before, restart the timer: it is the SWS override timer (RFC 9293 3.8.6.2.1)
 * from now on. Otherwise keep it running.
 */
static void probe_answered(struct sock *sk, bool was_closed)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	/* An ACK resets R2. With TCP_USER_TIMEOUT only an open window does. */
	if (!xs->user_timeout || xtcp_usable_window(&xs->tcb))
		xs->retrans_stamp = 0;
	/*
	 * With ecn.hold the timer limits the rate of new data (RFC 3168 6.1.2):
	 * an ACK does not restart it.
	 */
	if ((was_closed || xs->tcb.rtt.probes) &&
	    !xtcp_nothing_unsent(sk) &&
	    xtcp_usable_window(&xs->tcb) && !xs->tcb.ecn.hold) {
		xs->tcb.rtt.probes = 0;
		xtcp_rtx_restart(sk);
	}
}

/**
 * xtcp_ack() - process the acknowledgment and the window of a segment
 * @sk: the socket, lock held, in ESTABLISHED or a later state
 * @seg: an acceptable segment with ACK
 *
 * Source: RFC 9293 3.10.7.4, fifth check, ESTABLISHED STATE.
 */
void xtcp_ack(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	/* Read before the timer may change its mode. */
	bool probing = xs->rtx_purpose == XTCP_RTX_PROBE;
	bool closed = probing && !xtcp_usable_window(tcb);
	bool fast = tcb->recovery == XTCP_REC_FAST;
	struct xtcp_sample s = {
		.seg = seg,
		.now = xs->now,
		.prior_una = tcb->snd_una,
		.prior_flight = xtcp_flight(tcb),
		.prior_sacked = tcb->sacked_out,
		.prior_lost = tcb->lost,
		.prior_delivered = tcb->rate.delivered,
	};
	bool dupack = false;
	bool changed, marked, grow;

	xs->probes_out = 0;
	xtcp_note_app_limit(sk);
	if (!seg->len)
		xtcp_sk_count(sk, PureAcks);
	if (seg->opt.nsack)
		xtcp_sack_take(sk, &s);
	if (seq_after(seg->ack, tcb->snd_una)) {
		advance_una(sk, &s);
	} else {
		forget_soft_error(sk);
		changed = seq_geq(seg->ack, tcb->snd_una) &&
			  xtcp_window_rcv(tcb, seg);
		dupack = is_dupack(tcb, &s, changed);
	}
	marked = take_marks(sk, &s);
	if (s.acked)
		advanced(sk, &s);
	xtcp_recovery_ack(sk, &s, dupack);
	take_rate(tcb, &s);
	take_notes(xs);
	/*
	 * cwnd does not grow in fast recovery. The ACK that ends it only sets
	 * cwnd to ssthresh (RFC 5681 3.2, step 6).
	 */
	grow = s.acked && !fast && tcb->recovery != XTCP_REC_FAST && !marked;
	if (grow || tcb->cc.ops->on_rate)
		control_cwnd(sk, &s, grow);
	xtcp_pace_update(sk);
	/* Restart or stop the timer (RFC 6298 5.2, 5.3). */
	if (s.acked)
		xtcp_rtx_restart(sk);
	else if (xs->reorder_at)
		xtcp_rtx_arm(sk);
	if (likely(!tcb->frto.active) || !xtcp_frto_waits(sk, &s, dupack))
		xtcp_retransmit_lost(sk);
	if (probing)
		probe_answered(sk, closed);
}

/**
 * xtcp_syn_acked() - remove our acknowledged SYN from the write queue
 * @sk: the socket, lock held; snd_una has advanced
 * @seg: the segment that acknowledges it
 *
 * Takes an RTT sample, unless the SYN was retransmitted and there are no
 * timestamps.
 */
void xtcp_syn_acked(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_sample s = { .seg = seg, .now = xs->now };

	xtcp_cumulative_ack(sk, &s);
	xs->bytes_acked += s.acked;
	take_rtt(sk, &s);
	progress(sk);
}
