// SPDX-License-Identifier: GPL-2.0
/*
 * When an ACK is sent: at once, with data, after a read, or by the delayed ACK
 * timer (RFC 9293 3.8.6.3, RFC 5681 4.2).
 */
#include "ackpolicy.h"
#include "ip/ip.h"

/* Time until the next attempt if there was no memory for an ACK. */
#define RETRY_NS	(200ULL * NSEC_PER_MSEC)

/* Limit of unread data, bytes, for reader_is_behind(). */
#define READER_BEHIND	32768

/**
 * xtcp_ack_left() - a segment with ACK is sent: none is owed any more
 * @xs: the socket, lock held
 * @incomplete: the segment had no room for SACK blocks: another ACK must
 *	follow, if one was due at once
 */
void xtcp_ack_left(struct xtcp_sock *xs, bool incomplete)
{
	xs->tcb.last_ack_sent = xs->tcb.rcv_nxt;
	if (!incomplete)
		xs->ack_now = false;
	xs->ack_sched = false;
	xs->small_segs = 0;
	if (xs->quickack)
		xs->quickack--;
	xtcp_timer_off(&xs->delack);
}

/**
 * xtcp_ack_retry() - there was no memory for an ACK: try again later
 * @sk: the socket, lock held
 */
void xtcp_ack_retry(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->ack_sched = true;
	xtcp_timer_set(sk, &xs->delack, xs->now + RETRY_NS);
}

/*
 * Should the ACK wait for the reader? Yes if more than half of the window of an
 * empty buffer, or more than READER_BEHIND, is unread: the woken reader runs
 * soon, and then xtcp_window_update() sends an ACK. An ACK now would advertise
 * a smaller window, and each ACK costs both ends as much as a data segment. If
 * the reader does not run, the delayed ACK timer sends the ACK.
 *
 * Below SO_RCVLOWAT the reader is not woken: do not wait for it.
 */
static bool reader_is_behind(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 unread = xs->tcb.rcv_nxt - xs->copied_seq;

	return unread > min_t(u32, xtcp_full_space(sk) / 2,
			      READER_BEHIND) &&
	       unread >= (u32)READ_ONCE(sk->sk_rcvlowat);
}

/* RFC 9293 3.8.6.3, SHLD-19: an ACK for every second full segment. */
static bool two_full_segments(const struct xtcp_tcb *tcb)
{
	return tcb->rcv_nxt - tcb->last_ack_sent > tcb->rcv_mss;
}

/*
 * How long an ACK is delayed, ns. A peer on the same path may have the same
 * minimum of the RTO as we: an ACK that comes later would let it retransmit.
 */
static u64 ack_delay(const struct xtcp_sock *xs)
{
	u64 rto_min = xs->tcb.rtt.rto_min * (u64)NSEC_PER_USEC;

	/* A FIN before any data: there is nothing to reply to. */
	if (!xs->bytes_received)
		return NSEC_PER_MSEC;
	return min_t(u64, XTCP_DELACK_NS,
		     rto_min > 2 * NSEC_PER_MSEC ? rto_min - NSEC_PER_MSEC :
						   NSEC_PER_MSEC);
}

/**
 * xtcp_ack_due() - must an ACK be sent after the segments that were processed
 * @sk: the socket, lock held
 *
 * If an ACK is owed but not due, the delayed ACK timer runs afterwards.
 *
 * Source: RFC 9293 3.8.6.3 (MUST-40, SHLD-18, SHLD-19), RFC 5681 4.2.
 *
 * Return: true if the caller must send an ACK.
 */
bool xtcp_ack_due(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (xs->ack_now)
		return true;
	if (!xs->ack_sched)
		return false;
	if (!reader_is_behind(sk) &&
	    (two_full_segments(&xs->tcb) || (xs->quickack && !xs->pingpong)))
		return true;
	if (xtcp_route_quickack(sk))
		return true;
	if (!xs->delack.deadline)
		xtcp_timer_set(sk, &xs->delack, xs->now + ack_delay(xs));
	return false;
}

/**
 * xtcp_ack_due_after_read() - may the peer be waiting for the ACK that is owed
 * @sk: the socket, lock held
 * @read: the user took data from the receive queue
 *
 * Yes if more than a full segment is not acknowledged. Yes also after small
 * segments, once all data is read: Nagle's rule may hold back the next small
 * segment of the peer. But after one small segment the ACK waits for a reply if
 * one is expected (pingpong).
 *
 * Return: true if the caller must send an ACK.
 */
bool xtcp_ack_due_after_read(const struct sock *sk, bool read)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	if (!xs->ack_sched)
		return false;
	if (two_full_segments(&xs->tcb))
		return true;
	return read && xs->small_segs &&
	       (xs->small_segs > 1 || !xs->pingpong) &&
	       !atomic_read(&sk->sk_rmem_alloc);
}

/**
 * xtcp_ack_user() - the user sets TCP_QUICKACK
 * @sk: the socket, lock held
 * @quick: its value: true: send the next XTCP_QUICK_ACKS ACKs without delay;
 *	false: delay ACKs
 *
 * Return: true if the caller must send an ACK.
 */
bool xtcp_ack_user(struct sock *sk, bool quick)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!quick) {
		xs->pingpong = true;
		return false;
	}
	xtcp_ack_quick(xs);
	return xs->ack_sched &&
	       xtcp_state_in(sk, TCPF_ESTABLISHED | TCPF_CLOSE_WAIT);
}
