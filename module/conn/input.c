// SPDX-License-Identifier: GPL-2.0
/*
 * SEGMENT ARRIVES (RFC 9293 3.10.7) for a socket. Elsewhere: LISTEN, and
 * SYN-RECEIVED of a passive open, in open/; TIME-WAIT, and FIN-WAIT-2 of
 * orphans, in timewait.c; CLOSED in demux.c.
 */
#include <linux/security.h>
#include <linux/tcp.h>

#include "ackpolicy.h"
#include "base/ratelimit.h"
#include "conn.h"
#include "core/arrive.h"
#include "core/window.h"
#include "deadline.h"
#include "fastopen.h"
#include "input.h"
#include "ip/ip.h"
#include "mtu.h"
#include "output.h"
#include "recovery.h"
#include "wqueue.h"

static void answer_reset(struct sock *sk, const struct sk_buff *skb,
			 const struct xtcp_segment *seg,
			 enum xtcp_reset_reason reason)
{
	struct xtcp_tuple t;

	xtcp_tuple_of(sk, &t);
	xtcp_reset_sock(sk, skb, &t, seg, reason);
}

/**
 * xtcp_established() - set up data transfer: the handshake is complete
 * @sk: the socket, lock held; the peer's options are known
 * @syn_retrans: number of retransmissions of our SYN or SYN-ACK; 0 if they were
 *	unnecessary
 *
 * The caller changes the state afterwards.
 */
void xtcp_established(struct sock *sk, u32 syn_retrans)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	if (syn_retrans)
		xtcp_rtt_syn_lost(&tcb->rtt);
	tcb->rtt.backoff = 0;
	xs->retransmits = 0;
	xs->retrans_stamp = 0;
	xtcp_rto_over(xs);
	xtcp_mss_sync(sk);
	xtcp_mtu_start(sk);
	xtcp_rtt_seed(&tcb->rtt, xs->route_rtt);
	xtcp_cc_start(&tcb->cc, tcb->path_mss, syn_retrans > 1);
	tcb->usage.full = xs->now;
	tcb->rcv_mss = min_t(u32, tcb->adv_mss, XTCP_MSS_DEFAULT_V4);
	xs->pushed_seq = tcb->write_seq;
	xs->last_heard = xs->now;
	xs->last_rcv = xs->now;
	xs->last_sent = xs->now;
	xtcp_rcvbuf_start(&xs->rcvbuf, tcb->rcv_nxt, xtcp_rcv_wnd(tcb),
			  tcb->adv_mss, xs->now);
	/* Our SYN or SYN-ACK got a CE mark (RFC 9768 3.2.2.2). */
	if (tcb->ecn.handshake_ce) {
		tcb->ecn.handshake_ce = 0;
		xtcp_cc_ecn(&tcb->cc, tcb->snd_mss, tcb->cc.cwnd);
		xtcp_ecn_reduced(&tcb->ecn, tcb->snd_nxt);
		xtcp_sk_count(sk, EcnReduced);
	}
	xtcp_pace_begin(sk);
	xtcp_sndbuf_expand(sk);
}

/**
 * xtcp_process_data() - process urgent pointer, data and FIN of a segment
 * @sk: the socket, lock held; a FIN changes its state
 * @skb: as in xtcp_receive(); consumed
 * @seg: an acceptable segment; a SYN before the data is processed already
 *
 * Source: RFC 9293 3.10.7.4, sixth to eighth; 3.10.7.3 for a SYN-ACK.
 */
void xtcp_process_data(struct sock *sk, struct sk_buff *skb,
		       const struct xtcp_segment *seg)
{
	if (unlikely((seg->flags & XTCP_URG) ||
		     xtcp_sk(sk)->urg_data == XTCP_URG_NOTYET))
		xtcp_urgent(sk, skb, seg);
	if (seg->end_seq == seg->seq + !!(seg->flags & XTCP_SYN)) {
		kfree_skb(skb);
		return;
	}
	if (!xtcp_receive(sk, skb, seg))
		return;
	xtcp_state_event(sk, XTCP_EV_RCV_FIN);
	xtcp_wake_reader(sk);
}

/* SYN-SENT */

static void take_syn(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	tcb->irs = seg->seq;
	/* Until now rcv_nxt was 0, and rcv_adv the window of our SYN. */
	xtcp_tcb_start_receive(tcb, seg->seq + 1, tcb->rcv_adv);
	xs->copied_seq = tcb->rcv_nxt;
	xs->urg_seq = tcb->rcv_nxt;

	xtcp_wscale_agree(tcb, &seg->opt);
	tcb->sack_ok = tcb->sack_ok && seg->opt.sack_perm;
	tcb->ts_ok = tcb->ts_ok && seg->opt.has_ts;
	if (tcb->ts_ok) {
		tcb->ts_recent = seg->opt.tsval;
		tcb->ts_recent_stamp = xtcp_seconds(xs->now);
	}
	tcb->peer_mss = seg->opt.has_mss ? seg->opt.mss : xs->af->mss_default;
	xtcp_user_timeout(sk, &seg->opt);
	/*
	 * Simultaneous open: negotiate ECN as the responder, unless one of our
	 * SYNs left without an ECN request (RFC 9768 3.1.2).
	 */
	if (seg->flags & XTCP_ACK)
		xtcp_ecn_rcv_syn_ack(&tcb->ecn, seg);
	else if (!tcb->ecn.syn_fallback)
		xtcp_ecn_rcv_syn(&tcb->ecn, seg);

	/* The window of a SYN is never scaled (RFC 7323 2.2). */
	tcb->snd_wnd = seg->wnd;
	tcb->max_snd_wnd = max_t(u32, seg->wnd, 1);
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = seg->ack;
}

/*
 * Our SYN is acknowledged, and snd_una is set. Data of the SYN that is not
 * acknowledged must be sent again.
 */
static void our_syn_acked(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	/* Needs xs->retransmits, which xtcp_syn_acked() resets. */
	xtcp_fastopen_answered(sk, seg);
	xtcp_syn_acked(sk, seg);
	if (xs->fo.data_sent && !xs->fo.data_acked)
		xtcp_syn_data_back(sk);
}

/*
 * Retransmissions of our SYN or SYN-ACK for which @seg, its ACK, is a reason to
 * be cautious.
 */
static u32 syn_losses(const struct sock *sk, const struct xtcp_segment *seg)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;

	if (tcb->ts_ok && xtcp_undo_syn(&seg->opt, tcb->ts_syn))
		return 0;
	return xs->retransmits;
}

/* May the ACK of the SYN-ACK wait for data that carries it? */
static bool data_follows(const struct sock *sk, const struct xtcp_segment *seg)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return (sk->sk_write_pending || xs->defer_accept || xs->ato.pingpong) &&
	       !seg->len && !(seg->flags & XTCP_FIN);
}

static void syn_sent_to_established(struct sock *sk, struct sk_buff *skb,
				    const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 retrans = syn_losses(sk, seg);
	bool waits;

	xs->tcb.snd_una = seg->ack;
	xs->tcb.acked = seg->ack - xs->tcb.iss - 1;
	our_syn_acked(sk, seg);
	xtcp_established(sk, retrans);
	xtcp_rtx_restart(sk);
	xtcp_state_event(sk, XTCP_EV_RCV_SYN_ACK);
	/* RFC 9768 3.2.2.1: a pure ACK reports how the SYN-ACK arrived. */
	waits = !xs->tcb.ecn.ack_code && data_follows(sk, seg);
	if (xs->tcb.ecn.ack_code)
		xtcp_ack_send(sk);
	if (waits)
		xtcp_ack_with_data(sk);

	/* Data or FIN of the SYN-ACK (RFC 9293 3.10.7.3, fourth). */
	xtcp_process_data(sk, skb, seg);
	if (sk->sk_state == TCP_CLOSE)
		return;
	xtcp_push(sk);
	if (!waits && xtcp_ack_due(sk))
		xtcp_ack_send(sk);
}

/* RFC 9293 3.10.7.3. */
static void input_syn_sent(struct sock *sk, struct sk_buff *skb,
			   const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	switch (xtcp_arrives_syn_sent(tcb, seg,
				      xtcp_ts_clock(xs->now, tcb->ts_offset))) {
	case XTCP_ACCEPT:
		break;
	case XTCP_RST_VALID:
		xtcp_state_event(sk, XTCP_EV_RCV_RST);
		goto drop;
	case XTCP_ANSWER_RST:
		answer_reset(sk, skb, seg, XTCP_RESET_SYN_SENT);
		goto drop;
	default:
		goto drop;
	}

	take_syn(sk, seg);
	if (seg->flags & XTCP_ACK) {
		security_inet_conn_established(sk, skb);
		syn_sent_to_established(sk, skb, seg);
		return;
	}
	/*
	 * Simultaneous open: drop data of the SYN. The SYN-ACK does not
	 * acknowledge it, so the peer retransmits it.
	 */
	xtcp_mss_sync(sk);
	xtcp_state_event(sk, XTCP_EV_RCV_SYN);
drop:
	kfree_skb(skb);
}

/* SYN-RECEIVED and the synchronized states */

/*
 * Is the segment a window probe: at rcv_nxt - 1 while our window is closed? It
 * is answered like any unacceptable segment, but its CE mark counts: the exact
 * sequence number is hard to forge (RFC 3168 6.1.6).
 */
static bool is_window_probe(const struct xtcp_tcb *tcb,
			    const struct xtcp_segment *seg)
{
	return !xtcp_said_wnd(tcb) && seg->seq == tcb->rcv_nxt - 1 &&
	       seg->len <= 1 && !(seg->flags & (XTCP_SYN | XTCP_RST));
}

/*
 * Send a challenge ACK. If the segment is a retransmitted SYN-ACK, this ACK
 * reports the IP-ECN field of the SYN-ACK, and no later ACK does
 * (RFC 9768 3.2.2.1).
 */
static void challenge(struct sock *sk, const struct xtcp_arrival *in)
{
	const struct xtcp_segment *seg = in->seg;
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if ((seg->flags & (XTCP_SYN | XTCP_ACK)) == (XTCP_SYN | XTCP_ACK) &&
	    seg->seq == tcb->irs && seq_after(seg->ack, tcb->iss))
		xtcp_ecn_rcv_syn_ack_retrans(&tcb->ecn, seg);
	xtcp_challenge_ack(sk);
	tcb->ecn.ack_code = 0;
}

/*
 * Answer an unacceptable segment with an ACK. If the segment repeats data, the
 * ACK carries a DSACK block. Only pure ACKs and SYNs are rate limited: a
 * segment with data or FIN cannot start an ACK loop.
 */
static void drop_and_ack(struct sock *sk, const struct xtcp_arrival *in)
{
	const struct xtcp_segment *seg = in->seg;
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	bool old = seq_before(seg->seq, tcb->rcv_nxt);

	if (is_window_probe(tcb, seg))
		xtcp_ecn_rcv_segment(&tcb->ecn, seg, 1, true);
	if (old && seg->seq != seg->end_seq)
		xtcp_ack_quick(xs);
	if (old && seg->len) {
		xtcp_ecn_rcv_duplicate(&tcb->ecn, seg->seq == tcb->dsack.left);
		if (xtcp_dsack_ok(sk)) {
			u32 end = seg->seq + seg->len;

			tcb->dsack.left = seg->seq;
			tcb->dsack.right = seq_before(end, tcb->rcv_nxt) ?
					   end : tcb->rcv_nxt;
			xtcp_sk_count(sk, DSACKOldSent);
		}
	} else if ((seg->seq == seg->end_seq || (seg->flags & XTCP_SYN)) &&
		   !xtcp_answer_allowed(sock_net(sk), &xs->last_oow,
					xs->now)) {
		return;
	}
	xtcp_ack_send(sk);
}

/*
 * A Fast Open child may already be accepted, so its connection was not refused:
 * report ECONNRESET instead of the ECONNREFUSED of the state table.
 */
static void reset_by_peer(struct sock *sk, const struct xtcp_arrival *in)
{
	bool accepted = xtcp_is_fastopen_child(sk);

	xtcp_fastopen_settled(sk, true);
	xtcp_state_fail(sk, XTCP_EV_RCV_RST, accepted ? ECONNRESET : 0);
}

/*
 * Is @seg a retransmission of the SYN of a Fast Open child, with or without its
 * data? Then our SYN-ACK was lost: retransmit it (RFC 7413 4.2.2). Other
 * sockets answer a SYN with a challenge ACK.
 */
static bool fastopen_is_retrans_syn(const struct sock *sk,
				    const struct xtcp_segment *seg)
{
	return xtcp_is_fastopen_child(sk) && seg->seq == xtcp_sk(sk)->tcb.irs &&
	       (seg->flags & (XTCP_SYN | XTCP_ACK | XTCP_RST | XTCP_FIN)) ==
	       XTCP_SYN;
}

static void answer_retrans_syn(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	/* RFC 9768 3.1.5: reset if two SYNs request different kinds of ECN. */
	if (!xtcp_ecn_rcv_syn_retrans(&xs->tcb.ecn, seg))
		xtcp_abort(sk, XTCP_RESET_ECN);
	else if (xtcp_answer_allowed(sock_net(sk), &xs->last_oow, xs->now))
		xtcp_resend(sk);
}

static void reset_unacceptable(struct sock *sk, const struct xtcp_arrival *in)
{
	answer_reset(sk, in->skb, in->seg, XTCP_RESET_SYN_RCVD);
}

static const struct xtcp_refusals socket_refusals = {
	.ack = drop_and_ack,
	.challenge = challenge,
	.aborted = reset_by_peer,
	.reset = reset_unacceptable,
};

/* First to fifth check. Return: true if the segment is to be processed. */
static bool segment_validate(struct sock *sk, struct sk_buff *skb,
			     const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	enum xtcp_verdict verdict;
	struct xtcp_arrival in;
	enum xtcp_why why;

	verdict = xtcp_arrives(&xs->tcb, sk->sk_state, seg,
			       xtcp_seconds(xs->now), &why);
	if (likely(verdict == XTCP_ACCEPT))
		return true;
	in = (struct xtcp_arrival){ .skb = skb, .seg = seg, .now = xs->now };
	xtcp_refuse(&socket_refusals, sk, verdict, why, &in);
	return false;
}

/* The ACK of our SYN in a simultaneous or fast open. */
static void syn_rcvd_to_established(struct sock *sk,
				    const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 retrans = syn_losses(sk, seg);

	/*
	 * Simultaneous open: the peer's SYN-ACK crosses ours. The peer's next
	 * ACK reports the IP-ECN field of our SYN-ACK: its ACE field is not a
	 * counter (RFC 9768 3.2.2.1).
	 */
	if (seg->flags & XTCP_SYN) {
		tcb->ecn.skip_ace = 1;
	} else {
		xtcp_ecn_handshake_ack(&tcb->ecn, seg);
		tcb->ecn.skip_ace = 0;
	}
	tcb->snd_una = seg->ack;
	tcb->acked = seg->ack - tcb->iss - 1;
	tcb->snd_wnd = seg->wnd;
	if (!(seg->flags & XTCP_SYN))
		tcb->snd_wnd <<= tcb->snd_wscale;
	tcb->max_snd_wnd = max_t(u32, tcb->max_snd_wnd, tcb->snd_wnd);
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = seg->ack;
	our_syn_acked(sk, seg);
	xtcp_established(sk, retrans);
	xtcp_rtx_restart(sk);
	xtcp_state_event(sk, XTCP_EV_RCV_ACK_OF_SYN);
}

/* Is our FIN acknowledged? */
static bool fin_acked(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return xs->fin_queued && xtcp_nothing_unsent(sk) &&
	       xs->tcb.snd_una == xs->tcb.write_seq;
}

static void enter_fin_wait_2(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u64 wait;

	if (!sock_flag(sk, SOCK_DEAD)) {
		/* Wake a close() that waits because of SO_LINGER. */
		sk->sk_state_change(sk);
		return;
	}
	wait = xtcp_fin_timeout(sk);
	if (wait) {
		if (!xtcp_state_retire(sk, wait))
			xtcp_timer_set(sk, &xs->keep, xs->now + wait);
		return;
	}
	xtcp_sk_count(sk, AbortOnLinger);
	xtcp_abort(sk, XTCP_RESET_LINGER);
}

/*
 * Fifth check, the part that depends on the state.
 *
 * Return: false if the socket is CLOSED now.
 */
static bool ack_moves_state(struct sock *sk, const struct xtcp_segment *seg)
{
	if (!xtcp_state_in(sk, TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK) ||
	    !fin_acked(sk))
		return true;
	/*
	 * Eighth check: ACK the FIN before a TIME-WAIT entry replaces the
	 * socket.
	 */
	if (sk->sk_state == TCP_CLOSING && (seg->flags & XTCP_FIN))
		xtcp_ack_send(sk);
	xtcp_state_event(sk, XTCP_EV_RCV_ACK_OF_FIN);
	/*
	 * With data or FIN, input_synchronized() calls enter_fin_wait_2() after
	 * they are processed: an entry may replace the socket there.
	 */
	if (sk->sk_state == TCP_FIN_WAIT2 && seg->end_seq == seg->seq)
		enter_fin_wait_2(sk);
	return sk->sk_state != TCP_CLOSE;
}

/*
 * RFC 9293 3.6.1, SHLD-3: both directions are shut down, so new data has no
 * reader. A RST reports its loss to the peer.
 */
static bool data_after_close(struct sock *sk, const struct xtcp_segment *seg)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	if (!(sk->sk_shutdown & RCV_SHUTDOWN) || !seg->len ||
	    !xtcp_state_in(sk, TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2))
		return false;
	return seq_after(seg->seq + seg->len, xs->tcb.rcv_nxt);
}

/* Sixth to eighth check. Consumes @skb. */
static void data_by_state(struct sock *sk, struct sk_buff *skb,
			  const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!xtcp_state_in(sk, TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
			       TCPF_FIN_WAIT2)) {
		/* After the peer's FIN: ACK a repeated FIN, ignore data. */
		if (seg->flags & XTCP_FIN)
			xtcp_ack_now(xs);
		goto drop;
	}
	if (data_after_close(sk, seg)) {
		xtcp_sk_count(sk, AbortOnData);
		/*
		 * After shutdown() the socket still has a user: report
		 * ECONNRESET.
		 */
		xs->reset_reason = XTCP_RESET_DATA;
		xtcp_state_fail(sk, XTCP_EV_ABORT, ECONNRESET);
		goto drop;
	}
	xtcp_process_data(sk, skb, seg);
	return;
drop:
	kfree_skb(skb);
}

/*
 * Number of packets that were merged into @skb. gso_segs is 0 if the host of a
 * virtual machine merged them.
 */
static u32 packets_of(const struct sk_buff *skb, const struct xtcp_segment *seg)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	if (info->gso_segs)
		return info->gso_segs;
	return info->gso_size ? DIV_ROUND_UP(seg->len, info->gso_size) : 1;
}

/* Process the IP-ECN field and the CWR flag of an acceptable segment. */
static void segment_rcv_ecn(struct sock *sk, const struct sk_buff *skb,
			    const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 packets = packets_of(skb, seg);

	if (xs->tcb.ecn.mode == XTCP_ECN_OFF)
		return;
	if (seg->flags & XTCP_SYN)
		xtcp_ecn_rcv_syn_ack_retrans(&xs->tcb.ecn, seg);
	else if (xtcp_ecn_rcv_segment(&xs->tcb.ecn, seg, packets,
				      xs->ack_sched))
		xtcp_ack_now(xs);
}

/*
 * An ACK frees room in the send buffer. For TCP_NOTSENT_LOWAT, sending data
 * makes room, too. So call this after both.
 */
static void wake_writers(struct sock *sk)
{
	/* Pairs with poll(), which sets SOCK_NOSPACE and then checks again. */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

/* RFC 9293 3.10.7.4. */
static void input_synchronized(struct sock *sk, struct sk_buff *skb,
			       const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 una = xs->tcb.snd_una, nxt = xs->tcb.snd_nxt;
	u8 state = sk->sk_state;

	if (unlikely(fastopen_is_retrans_syn(sk, seg))) {
		answer_retrans_syn(sk, seg);
		kfree_skb(skb);
		return;
	}
	if (!segment_validate(sk, skb, seg)) {
		kfree_skb(skb);
		return;
	}
	xs->last_heard = xs->now;
	xtcp_ts_recent_update(&xs->tcb, seg, xtcp_seconds(xs->now));
	xtcp_user_timeout(sk, &seg->opt);
	segment_rcv_ecn(sk, skb, seg);
	if (sk->sk_state != TCP_SYN_RECV) {
		xtcp_ack(sk, seg);
	} else {
		syn_rcvd_to_established(sk, seg);
		/* Fast Open: data that was sent before this ACK may be SACKed. */
		if (unlikely(seg->opt.nsack))
			xtcp_ack(sk, seg);
	}
	/*
	 * The ACK of the SYN-ACK verifies the client's address. It is processed
	 * by syn_rcvd_to_established(), or by xtcp_ack() if the user has called
	 * close() or shutdown() in SYN-RECEIVED.
	 */
	if (seq_after(xs->tcb.snd_una, xs->tcb.iss))
		xtcp_fastopen_settled(sk, false);
	if (!ack_moves_state(sk, seg)) {
		kfree_skb(skb);
		return;
	}
	data_by_state(sk, skb, seg);
	if (sk->sk_state == TCP_CLOSE)
		return;
	xtcp_push(sk);
	if (xs->tcb.snd_una != una || xs->tcb.snd_nxt != nxt)
		wake_writers(sk);
	xtcp_limit_note(sk);
	if (xtcp_ack_due(sk))
		xtcp_ack_send(sk);
	if (state == TCP_FIN_WAIT1 && sk->sk_state == TCP_FIN_WAIT2 &&
	    seg->end_seq != seg->seq)
		enter_fin_wait_2(sk);
}

/**
 * xtcp_input() - process a segment of a socket
 * @sk: the socket, lock held
 * @skb: skb->data is the TCP header; consumed
 * @seg: the parsed segment; checksum and header are valid
 *
 * Context: softirq, or process with BH disabled (backlog); RCU read side.
 */
void xtcp_input(struct sock *sk, struct sk_buff *skb,
		const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->now = ktime_get_ns();
	xs->segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	__skb_pull(skb, seg->hdr_len);

	switch (sk->sk_state) {
	case TCP_CLOSE:
	case TCP_LISTEN:
		/*
		 * The connection ended after the lookup, or connect() failed.
		 */
		kfree_skb(skb);
		break;
	case TCP_SYN_SENT:
		input_syn_sent(sk, skb, seg);
		break;
	default:
		input_synchronized(sk, skb, seg);
		break;
	}
}

/**
 * xtcp_backlog_rcv() - process a segment from the backlog (backlog_rcv)
 * @sk: the socket, owned by the current process, BH disabled
 * @skb: as in xtcp_input(); its header was valid when it was queued
 *
 * Return: 0.
 */
int xtcp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_segment seg;

	if (xtcp_segment_parse(skb->data, skb_headlen(skb), skb->len, &seg)) {
		kfree_skb(skb);
		return 0;
	}
	seg.ecn = xtcp_ip_ecn(skb, xtcp_sk(sk)->af);
	rcu_read_lock();
	xtcp_input(sk, skb, &seg);
	rcu_read_unlock();
	return 0;
}
