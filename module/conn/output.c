// SPDX-License-Identifier: GPL-2.0
/*
 * Sending of new data, as far as the windows, Nagle's rule and SWS avoidance
 * allow; SYN, FIN and probes.
 */
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/dst.h>

#include "ackpolicy.h"
#include "conn.h"
#include "core/window.h"
#include "deadline.h"
#include "mtu.h"
#include "output.h"
#include "pace.h"
#include "wqueue.h"

static bool fin_follows(const struct sock *sk, const struct sk_buff *skb)
{
	return (XTCP_CB(skb)->flags & XTCP_FIN) &&
	       skb_queue_is_last(&sk->sk_write_queue, skb);
}

/**
 * xtcp_piece() - limit of the payload that is sent as one skb
 * @sk: the socket, lock held
 * @skb: in the write queue
 *
 * The urgent pointer is relative to the sequence number of each segment, but
 * GSO and TSO copy one pointer to all segments of an skb. Some values of the
 * ACE field have the same problem (xtcp_ecn_no_gso()). In both cases the limit
 * is one segment.
 *
 * Return: bytes, one full segment at least.
 */
u32 xtcp_piece(const struct sock *sk, const struct sk_buff *skb)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if ((tcb->urg_out && seq_before(XTCP_CB(skb)->seq, tcb->snd_up)) ||
	    xtcp_ecn_no_gso(&tcb->ecn))
		return tcb->snd_mss;
	return xtcp_pace_size(sk);
}

/*
 * Number of bytes of @skb, the first unsent segment, that may be sent now; 0:
 * none. Sets @limited if cwnd is the limit.
 */
static u32 how_much(struct sock *sk, struct sk_buff *skb, bool *limited)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	bool last = skb_queue_is_last(&sk->sk_write_queue, skb);
	u32 usable = xtcp_usable_window(tcb);
	u32 pipe = xtcp_pipe(tcb);
	u32 room = tcb->cc.cwnd > pipe ? tcb->cc.cwnd - pipe : 0;
	u32 n, tail;

	/*
	 * cwnd has no room for a full segment: wait for ACKs. If nothing is in
	 * flight, no ACK will come: send one segment.
	 */
	if (room < tcb->snd_mss) {
		if (pipe) {
			*limited = true;
			return 0;
		}
		room = tcb->snd_mss;
	}
	n = min_t(u32, skb->len, min_t(u32, usable, room));
	if (n < skb->len && room < usable)
		*limited = true;
	if (n > tcb->snd_mss)
		n = min_t(u32, n, xtcp_piece(sk, skb));

	/*
	 * Send full segments, and the remainder only if SWS avoidance and
	 * Nagle's rule allow it.
	 */
	tail = n % tcb->snd_mss;
	if (!tail)
		return n;
	if (n == skb->len && !last)
		return n;
	if (n == usable && n < skb->len && xtcp_may_fill_window(tcb, n))
		return n;
	if (n > tail && n < skb->len)
		return n - tail;
	if (xtcp_may_send(tcb, n == skb->len ? tail : skb->len, tail,
			  fin_follows(sk, skb)))
		return n;
	return n - tail;
}

static bool fin_fits(const struct xtcp_tcb *tcb, const struct sk_buff *skb)
{
	return seq_leq(XTCP_CB(skb)->end_seq, tcb->snd_una + tcb->snd_wnd);
}

static void sent_new(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	xtcp_sent_add(sk, skb);
	tcb->snd_nxt = XTCP_CB(skb)->end_seq;
	/*
	 * Remember the last small segment (Nagle). A short segment with unsent
	 * data behind it and an open window does not count: it was full when it
	 * was queued. Nor does a path MTU probe.
	 */
	if ((xtcp_nothing_unsent(sk) || !xtcp_usable_window(tcb)) &&
	    skb->len % tcb->snd_mss &&
	    !xtcp_pmtud_overlaps_probe(&tcb->pmtud, XTCP_CB(skb)->seq,
				       tcb->snd_nxt))
		tcb->snd_sml = tcb->snd_nxt;
}

/*
 * Send the first unsent segment, or the part of it that is allowed. Return:
 * true if it was sent.
 */
static bool send_one(struct sock *sk, struct sk_buff *skb, bool *limited)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 n;

	if (!skb->len) {
		/* A FIN without data. */
		if (!fin_fits(&xs->tcb, skb))
			return false;
	} else {
		/*
		 * The segment before filled the window, and this is the
		 * remainder: make it a full segment with the data that follows.
		 */
		if (xs->tcb.snd_sml == XTCP_CB(skb)->seq &&
		    skb->len < xs->tcb.snd_mss &&
		    !skb_queue_is_last(&sk->sk_write_queue, skb))
			xtcp_gather(sk, xs->tcb.snd_mss);
		n = how_much(sk, skb, limited);
		if (!n)
			return false;
		if (n < skb->len && xtcp_split(sk, skb, n, GFP_ATOMIC))
			return false;
		/* No room in the window for the FIN: it is sent separately. */
		if ((XTCP_CB(skb)->flags & XTCP_FIN) &&
		    !fin_fits(&xs->tcb, skb) && !xtcp_detach_fin(sk, skb))
			return false;
	}
	if (xtcp_transmit(sk, skb, false))
		return false;
	sent_new(sk, skb);
	return true;
}

/* Result of an attempt to send a path MTU probe. */
enum probe {
	PROBE_NONE,
	PROBE_SENT,
	PROBE_WAITS,	/* for room in cwnd */
};

static enum probe send_probe(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 len = xtcp_mtu_probe_len(sk);
	u32 pipe = xtcp_pipe(tcb);
	struct sk_buff *skb;

	if (likely(!len))
		return PROBE_NONE;
	/* cwnd is larger than the probe: ACKs will make room. */
	if (pipe + len > tcb->cc.cwnd)
		return PROBE_WAITS;
	if (!xtcp_gather(sk, len))
		return PROBE_NONE;
	skb = xtcp_send_head(sk);
	xtcp_pmtud_sent(&tcb->pmtud, len + xs->overhead, XTCP_CB(skb)->seq,
			XTCP_CB(skb)->end_seq);
	if (xtcp_transmit(sk, skb, false)) {
		xtcp_pmtud_inconclusive(&tcb->pmtud, xs->now);
		return PROBE_NONE;
	}
	sent_new(sk, skb);
	return PROBE_SENT;
}

/* Return: true if there may be more to send. */
static bool send_next(struct sock *sk, bool *limited)
{
	switch (send_probe(sk)) {
	case PROBE_SENT:
		return true;
	case PROBE_WAITS:
		*limited = true;
		return false;
	default:
		return send_one(sk, xtcp_send_head(sk), limited);
	}
}

/*
 * RFC 5681 4.1: if no data was sent for more than one RTO, reduce cwnd to the
 * restart window.
 */
static void restart_after_idle(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u64 idle = xs->now - xs->last_sent;

	if (tcb->snd_una != tcb->snd_nxt || !xs->last_sent ||
	    idle <= tcb->rtt.rto_min * (u64)NSEC_PER_USEC)
		return;
	if (idle > xtcp_rtt_rto(&tcb->rtt) * (u64)NSEC_PER_USEC &&
	    xtcp_sk_sysctl(sk, slow_start_after_idle))
		xtcp_cc_idle(&tcb->cc, tcb->snd_mss);
}

/*
 * The MTU of the route may have changed, also by an ICMP error to another
 * connection.
 */
static void check_mtu(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_get(sk);

	if (dst && unlikely(dst_mtu(dst) != xtcp_sk(sk)->pmtu))
		xtcp_mss_sync(sk);
}

/* Segments were sent, or @limited by cwnd: cwnd is used, or decays (RFC 2861). */
static void note_use(struct sock *sk, bool limited)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u64 rto = xtcp_rtt_rto(&tcb->rtt) * (u64)NSEC_PER_USEC;

	xtcp_usage_note(&tcb->usage, tcb->snd_una, tcb->snd_nxt, limited);
	if (xtcp_usage_decay_due(&tcb->usage, &tcb->cc, xtcp_flight(tcb),
				 xs->now, rto) &&
	    tcb->recovery == XTCP_REC_OPEN && !xtcp_writer_waits(sk) &&
	    xtcp_sk_sysctl(sk, slow_start_after_idle))
		xtcp_usage_decay(&tcb->usage, &tcb->cc, tcb->snd_mss, xs->now);
}

/**
 * xtcp_push() - send queued data as far as possible
 * @sk: the socket, lock held, xs->now set
 *
 * snd_wnd, cwnd, Nagle's rule and SWS avoidance are the limits
 * (RFC 9293 3.8.6.2.1, RFC 5681 3.1). The retransmission timer is started for
 * data that is in flight or waits for the window.
 */
void xtcp_push(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool limited = false;
	bool sent = false;

	if (xtcp_nothing_unsent(sk) ||
	    !xtcp_state_in(sk, XTCPF_SYNCHRONIZED | TCPF_SYN_RECV))
		return;
	/*
	 * In SYN-RECEIVED data waits for the end of the handshake
	 * (RFC 9293 3.10.2), except in a Fast Open child (RFC 7413 4.2.2).
	 */
	if (sk->sk_state == TCP_SYN_RECV && !xtcp_is_fastopen_child(sk))
		return;
	/*
	 * RFC 3168 6.1.2: after ECE with a cwnd of one segment, nothing new is
	 * sent before the timer expires.
	 */
	if (unlikely(xs->tcb.ecn.hold)) {
		xtcp_rtx_arm(sk);
		return;
	}
	check_mtu(sk);
	restart_after_idle(sk);
	while (!xtcp_nothing_unsent(sk) && !xtcp_pace_hold(sk) &&
	       send_next(sk, &limited))
		sent = true;
	if (sent || limited)
		note_use(sk, limited);
	xtcp_rtx_arm(sk);
}

/**
 * xtcp_syn_prepare() - queue our SYN or SYN-ACK
 * @sk: the socket, lock held, with an empty queue
 *
 * xtcp_syn_send() sends it.
 *
 * Return: 0 or -ENOBUFS.
 */
int xtcp_syn_prepare(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	/* connect() may sleep, the processing of a segment must not. */
	gfp_t gfp = sk->sk_state == TCP_SYN_RECV ? GFP_ATOMIC :
						   sk->sk_allocation;
	struct sk_buff *skb = xtcp_skb_new(sk, gfp);

	if (!skb)
		return -ENOBUFS;
	XTCP_CB(skb)->seq = xs->tcb.iss;
	XTCP_CB(skb)->end_seq = xs->tcb.iss + 1;
	XTCP_CB(skb)->flags = XTCP_SYN;
	xtcp_queue_tail(sk, skb);
	xtcp_sent_add(sk, skb);
	return 0;
}

/*
 * RFC 7413 4.2.2, client: send the SYN with the data that is queued behind it.
 * stream.c has made sure that the data fits.
 */
static void send_syn_and_data(struct sock *sk, struct sk_buff *syn,
			      struct sk_buff *data)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	/* On an error the timer sends the SYN, and the data follows later. */
	if (xtcp_transmit_syn_data(sk, syn, data))
		return;
	xs->fo.data_sent = true;
	xs->tcb.snd_nxt = XTCP_CB(data)->end_seq;
	xtcp_sent_add(sk, data);
}

/**
 * xtcp_syn_send() - send SYN, or SYN-ACK in a simultaneous or fast open
 * @sk: the socket, lock held, in SYN-SENT or SYN-RECEIVED; the SYN is that of
 *	xtcp_syn_prepare()
 *
 * A held SYN (struct xtcp_fastopen) stays in the queue.
 */
void xtcp_syn_send(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_first(sk);

	if (sk->sk_state == TCP_SYN_RECV) {
		XTCP_CB(skb)->flags = XTCP_SYN | XTCP_ACK;
		/*
		 * The peer's SYN arrived before the first data, which ours
		 * waited for.
		 */
		xs->fo.syn_held = false;
		xs->fo.option &= xs->fo.passive;
	}
	if (xs->fo.syn_held)
		return;
	/* Data that was sent on an earlier SYN stays sent. */
	xs->tcb.snd_nxt = seq_max(xs->tcb.snd_nxt, xs->tcb.iss + 1);
	/* On an error the timer sends it again. */
	if (sk->sk_state == TCP_SYN_SENT && !xtcp_nothing_unsent(sk))
		send_syn_and_data(sk, skb, xtcp_send_head(sk));
	else
		xtcp_transmit(sk, skb, false);
	/* RFC 7413 4.2.2: retransmissions of SYN and SYN-ACK have no option. */
	xs->fo.option = false;
	if (!xs->retrans_stamp)
		xs->retrans_stamp = xs->now;
	xtcp_rtx_restart(sk);
}

/**
 * xtcp_syn_data_back() - the peer acknowledged our SYN, but not all of its data
 * @sk: the socket, lock held; acknowledged data has left the queue
 *
 * The peer has dropped the rest. Treat it as if it had never been sent: it is
 * sent like new data.
 *
 * Source: RFC 7413 4.2.2, client, 4.
 */
void xtcp_syn_data_back(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_first(sk);

	if (!skb)
		return;
	/* Without memory it stays in flight: the timer retransmits it. */
	if (xtcp_trim(sk, skb, GFP_ATOMIC))
		return;
	xs->tcb.snd_nxt = xs->tcb.snd_una;
	xtcp_unsend(sk);
}

/**
 * xtcp_fin_queue() - queue a FIN behind all data, and send as far as possible
 * @sk: the socket, lock held
 *
 * The FIN is part of the last segment if that is not sent yet.
 */
void xtcp_fin_queue(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (xs->fin_queued)
		return;
	if (!skb) {
		/* Must not fail: the connection could not be closed. */
		skb = xtcp_skb_new(sk, sk->sk_allocation | __GFP_NOFAIL);
		XTCP_CB(skb)->seq = xs->tcb.write_seq;
		XTCP_CB(skb)->end_seq = xs->tcb.write_seq;
		xtcp_queue_tail(sk, skb);
	}
	XTCP_CB(skb)->flags |= XTCP_FIN | XTCP_ACK;
	XTCP_CB(skb)->end_seq++;
	xs->tcb.write_seq++;
	xs->fin_queued = true;
	xs->tcb.corked = 0;
	xtcp_push(sk);
	xtcp_limit_note(sk);
}

/*
 * Send @n bytes of @skb, the first unsent segment, whatever cwnd and Nagle's
 * rule say. Return: false if nothing was sent.
 */
static bool send_anyway(struct sock *sk, struct sk_buff *skb, u32 n)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (n < skb->len && xtcp_split(sk, skb, n, GFP_ATOMIC))
		return false;
	if ((XTCP_CB(skb)->flags & XTCP_FIN) && !fin_fits(tcb, skb) &&
	    !xtcp_detach_fin(sk, skb))
		return false;
	if (xtcp_transmit(sk, skb, false))
		return false;
	sent_new(sk, skb);
	return true;
}

/**
 * xtcp_push_one() - send one new segment as a tail loss probe
 * @sk: the socket, lock held, in a synchronized state
 *
 * The peer's window is the limit, cwnd is not (RFC 8985 7.3).
 *
 * Return: false if nothing was sent.
 */
bool xtcp_push_one(struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct sk_buff *skb = xtcp_send_head(sk);
	u32 n;

	if (!skb || (!skb->len && !fin_fits(tcb, skb)))
		return false;
	n = min_t(u32, skb->len, tcb->snd_mss);
	return n <= xtcp_usable_window(tcb) && send_anyway(sk, skb, n);
}

/**
 * xtcp_probe_send() - send queued data, or a zero-window probe
 * @sk: the socket, lock held
 *
 * Called when the timer expires while data waits for the window. If the window
 * is open, send as much of a segment as fits: the timer overrides SWS avoidance
 * (RFC 9293 3.8.6.2.1), Nagle's rule and TCP_CORK. If it is closed, send a
 * probe: an ACK at snd_una - 1, left of the peer's window, which the peer must
 * answer.
 *
 * Return: true if data (or a FIN) was sent or will be, false for a probe.
 */
bool xtcp_probe_send(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_send_head(sk);
	u32 usable = xtcp_usable_window(&xs->tcb);
	bool silly;
	u32 n;

	if (skb && skb->len && usable) {
		/* If not, Nagle's rule or TCP_CORK held the data back. */
		silly = usable < min_t(u32, skb->len, xs->tcb.snd_mss);
		n = min_t(u32, usable, min_t(u32, skb->len, xs->tcb.snd_mss));
		send_anyway(sk, skb, n);
		if (silly)
			xtcp_window_reduce_estimate(&xs->tcb);
		return true;
	}
	if (skb && !skb->len && fin_fits(&xs->tcb, skb)) {
		send_anyway(sk, skb, 0);
		return true;
	}
	xtcp_transmit_bare(sk, XTCP_ACK, xs->tcb.snd_una - 1);
	return false;
}

/* The user has read: has the window grown enough for an update? */
static bool window_update_due(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 full = xtcp_full_space(sk);
	u32 offer;

	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return false;
	if (!xtcp_window_update_possible(tcb, full))
		return false;
	offer = xtcp_window_now(sk);
	return xtcp_window_update_due(tcb, offer, full);
}

/**
 * xtcp_window_update() - send an ACK if the peer needs it after a read
 * @sk: the socket, lock held
 * @read: the user took data from the receive queue
 *
 * The reason is a window update, or an ACK that the peer may be waiting for.
 */
void xtcp_window_update(struct sock *sk, bool read)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if ((read && window_update_due(sk)) || xtcp_ack_due_after_read(sk, read)) {
		xs->now = ktime_get_ns();
		xtcp_ack_send(sk);
	}
}

/* Room for writers */

static u32 notsent_lowat(const struct sock *sk)
{
	return READ_ONCE(xtcp_sk(sk)->notsent_lowat) ?:
	       xtcp_sk_sysctl(sk, notsent_lowat);
}

/**
 * xtcp_stream_memory_free() - may data be queued (proto.stream_memory_free)
 * @sk: the socket; poll() does not hold its lock
 * @wake: 1 to decide on a wakeup: then only half of TCP_NOTSENT_LOWAT may be
 *	unsent; else 0
 *
 * Return: true if more data may be queued.
 */
bool xtcp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 unsent = READ_ONCE(tcb->write_seq) - READ_ONCE(tcb->snd_nxt);

	if (READ_ONCE(sk->sk_wmem_queued) >= READ_ONCE(sk->sk_sndbuf))
		return false;
	return (unsent << wake) < notsent_lowat(sk);
}

/**
 * xtcp_write_space() - wake writers if there is room (sk_write_space)
 * @sk: the socket, lock held
 */
void xtcp_write_space(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	if (!sock || !sk_stream_is_writeable(sk))
		return;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT |
					   EPOLLWRNORM | EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}
