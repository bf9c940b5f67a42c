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
#include "output.h"

/**
 * struct acked - part of the write queue that an ACK has removed
 * @bytes: sequence numbers that are acknowledged, SYN and FIN included
 * @size: payload of the largest segment, of the skbs acknowledged in full,
 *	bytes; 0: none
 * @sent: when the last of the acknowledged segments was sent, ns; 0: no RTT
 *	sample, because one of them was retransmitted (Karn)
 */
struct acked {
	u32 bytes;
	u32 size;
	u64 sent;
};

static void ack_front(struct sock *sk, struct sk_buff *skb, u32 una)
{
	u32 n = una - XTCP_CB(skb)->seq;

	xtcp_unmark(sk, skb, n);
	/*
	 * Only count the acknowledged bytes: xtcp_trim() removes them before
	 * the skb is retransmitted, split or joined.
	 */
	XTCP_CB(skb)->acked += min_t(u32, n, xtcp_payload(skb));
	XTCP_CB(skb)->seq = una;
}

/* snd_una has advanced: remove the acknowledged segments from the queue. */
static void clean_queue(struct sock *sk, struct acked *acked)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 una = xs->tcb.snd_una;
	bool karn = false;
	struct sk_buff *skb;

	while ((skb = skb_peek(&sk->sk_write_queue)) && skb != xs->send_head) {
		struct xtcp_cb *cb = XTCP_CB(skb);

		if (!seq_after(una, cb->seq))
			break;
		karn |= cb->marks & XTCP_MARK_RETRANSMITTED;
		if (seq_after(cb->end_seq, una)) {
			acked->bytes += una - cb->seq;
			acked->sent = cb->sent;
			ack_front(sk, skb, una);
			break;
		}
		acked->bytes += xtcp_cb_len(skb);
		acked->size = max_t(u32, acked->size, xtcp_segment_payload(skb));
		acked->sent = cb->sent;
		xtcp_unmark(sk, skb, xtcp_cb_len(skb));
		__skb_unlink(skb, &sk->sk_write_queue);
		xtcp_skb_free(sk, skb);
	}
	if (karn)
		acked->sent = 0;
}

/*
 * RFC 6298 3 (Karn): a segment that was sent once gives a sample by its
 * transmission time. After a retransmission only the timestamp option
 * identifies the copy that was acknowledged.
 */
static void take_rtt(struct sock *sk, const struct xtcp_segment *seg,
		     const struct acked *acked)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 ticks;

	if (acked->sent) {
		xtcp_rtt_sample(&tcb->rtt,
				div_u64(xs->now - acked->sent, NSEC_PER_USEC));
	} else if (tcb->ts_ok && seg->opt.has_ts && seg->opt.tsecr) {
		ticks = xtcp_ts_clock(xs->now, tcb->ts_offset) -
			seg->opt.tsecr;
		if (ticks < XTCP_RTO_MAX / USEC_PER_MSEC)
			xtcp_rtt_sample(&tcb->rtt, max_t(u32, ticks, 1) *
					USEC_PER_MSEC);
	}
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

static void grow_cwnd(struct sock *sk, u32 acked)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	tcb->cc.ops->on_ack(&tcb->cc, tcb->snd_mss, acked, xs->now);
	xtcp_sndbuf_expand(sk);
}

static bool in_block(const struct xtcp_segment *seg, const struct xtcp_cb *cb)
{
	u32 i;

	for (i = 0; i < seg->opt.nsack; i++)
		if (seq_leq(seg->opt.sack[i].left, cb->seq) &&
		    seq_leq(cb->end_seq, seg->opt.sack[i].right))
			return true;
	return false;
}

/* Segments newly delivered by this ACK, cumulatively or by SACK. */
static u32 segs_delivered(const struct sock *sk, const struct xtcp_segment *seg)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;
	struct sk_buff *skb;
	u32 segs = 0;

	skb_queue_walk(&sk->sk_write_queue, skb) {
		const struct xtcp_cb *cb = XTCP_CB(skb);
		bool acked = seq_before(cb->seq, seg->ack);
		u32 from = seq_max(cb->seq, tcb->snd_una), to = cb->end_seq;

		if (skb == xs->send_head || (!acked && !seg->opt.nsack))
			break;
		if (acked && seq_before(seg->ack, to))
			to = seg->ack;
		if (!(cb->marks & XTCP_MARK_SACKED) && (acked || in_block(seg, cb)))
			segs += DIV_ROUND_UP(to - from, tcb->snd_mss);
	}
	return segs;
}

/*
 * Process the ECN feedback of an ACK. The first CE mark that is reported in a
 * window of data reduces cwnd. If cwnd is one segment already, no new data is
 * sent until the retransmission timer expires (RFC 3168 6.1.2).
 *
 * Return: true if the ACK reports a CE mark: cwnd must not grow then
 * (RFC 3168 6.1.2).
 */
static bool take_marks(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_ecn_acked acked = {
		.una = tcb->snd_una,
		.mss = tcb->snd_mss,
	};
	u32 marked;

	if (tcb->ecn.mode == XTCP_ECN_OFF || (seg->flags & XTCP_SYN))
		return false;
	if (tcb->ecn.mode == XTCP_ECN_ACCURATE)
		acked.segs = segs_delivered(sk, seg);
	marked = xtcp_ecn_feedback(&tcb->ecn, seg, &acked);
	if (!marked)
		return false;
	xtcp_sk_count_n(sk, DeliveredCE, marked);
	if (!xtcp_ecn_reduce_due(&tcb->ecn, seg->ack))
		return true;
	if (tcb->cc.cwnd <= tcb->snd_mss)
		tcb->ecn.hold = 1;
	xtcp_cc_ecn(&tcb->cc, tcb->snd_mss, xtcp_flight(tcb));
	xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
	xtcp_sk_count(sk, EcnReduced);
	return true;
}

static void ack_new(struct sock *sk, const struct xtcp_segment *seg,
		    bool marked)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	bool fast = tcb->recovery == XTCP_REC_FAST;
	struct acked acked = {};

	tcb->acked = min_t(u32, XTCP_ACKED_MAX,
			   tcb->acked + seg->ack - tcb->snd_una);
	tcb->snd_una = seg->ack;
	clean_queue(sk, &acked);
	xs->bytes_acked += acked.bytes;
	progress(sk);
	take_rtt(sk, seg, &acked);
	if (acked.size)
		xtcp_pmtud_acked_size(&tcb->pmtud, acked.size + xs->overhead,
				      tcb->snd_una);
	xtcp_mtu_probe_acked(sk);
	if (tcb->urg_out && seq_geq(tcb->snd_una, tcb->snd_up))
		tcb->urg_out = 0;
	xtcp_recovery_ack(sk, acked.bytes);
	/*
	 * cwnd does not grow in fast recovery. The ACK that ends it only sets
	 * cwnd to ssthresh (RFC 5681 3.2, step 6).
	 */
	if (!fast && !marked)
		grow_cwnd(sk, acked.bytes);
	/* Restart or stop the timer (RFC 6298 5.2, 5.3). */
	xtcp_rtx_restart(sk);
	sk_dst_confirm(sk);
}

/* RFC 5681 2, "duplicate acknowledgment"; with SACK, RFC 6675 2. */
static bool is_dupack(const struct xtcp_tcb *tcb,
		      const struct xtcp_segment *seg, bool window_changed,
		      bool sacked)
{
	if (tcb->snd_una == tcb->snd_nxt)
		return false;
	if (tcb->sack_ok)
		return sacked;
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
	if ((was_closed || xs->tcb.rtt.probes) && xs->send_head &&
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
	/* Read before ack_new(), which may change the mode of the timer. */
	bool probing = xs->rtx_purpose == XTCP_RTX_PROBE;
	bool closed = probing && !xtcp_usable_window(tcb);
	bool sacked = false;
	bool changed, marked;

	xs->probes_out = 0;
	if (!seg->len)
		xtcp_sk_count(sk, PureAcks);
	marked = take_marks(sk, seg);
	if (seg->opt.nsack && tcb->snd_una != tcb->snd_nxt)
		sacked = xtcp_sack_take(sk, seg);

	if (seq_after(seg->ack, tcb->snd_una)) {
		xtcp_window_rcv(tcb, seg);
		ack_new(sk, seg, marked);
		if (sacked && tcb->recovery < XTCP_REC_FAST)
			xtcp_recovery_dupack(sk);
		xtcp_retransmit_lost(sk);
		if (probing)
			probe_answered(sk, closed);
		return;
	}

	forget_soft_error(sk);
	changed = seq_geq(seg->ack, tcb->snd_una) && xtcp_window_rcv(tcb, seg);
	if (is_dupack(tcb, seg, changed, sacked)) {
		xtcp_recovery_dupack(sk);
		xtcp_retransmit_lost(sk);
	}
	if (probing)
		probe_answered(sk, closed);
}

/**
 * xtcp_syn_acked() - remove our acknowledged SYN from the write queue
 * @sk: the socket, lock held; snd_una has advanced
 *
 * Takes an RTT sample unless the SYN was retransmitted.
 */
void xtcp_syn_acked(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct acked acked = {};

	clean_queue(sk, &acked);
	xs->bytes_acked += acked.bytes;
	if (acked.sent)
		xtcp_rtt_sample(&xs->tcb.rtt, div_u64(xs->now - acked.sent,
						      NSEC_PER_USEC));
	progress(sk);
}
