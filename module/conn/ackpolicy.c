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
	if (xs->ack_sched)
		xtcp_ato_sent(&xs->ato);
	xs->ack_sched = false;
	xs->small_segs = 0;
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

static u64 ack_delay(const struct xtcp_sock *xs)
{
	const struct xtcp_rtt *rtt = &xs->tcb.rtt;

	return xtcp_ato_delay(&xs->ato, (rtt->srtt8 >> 3) * (u64)NSEC_PER_USEC,
			      rtt->rto_min * (u64)NSEC_PER_USEC);
}

/*
 * Starts the delayed ACK timer. It may be running, for earlier data.
 * Return: true if it is about to expire: the ACK is sent now.
 */
static bool delay_ack(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u64 delay = ack_delay(xs);

	if (xs->delack.deadline) {
		if (xs->delack.deadline <= xs->now + delay / 4)
			return true;
		if (xs->delack.deadline <= xs->now + delay)
			return false;
	}
	xtcp_timer_set(sk, &xs->delack, xs->now + delay);
	return false;
}

/**
 * xtcp_ack_with_data() - the ACK of a SYN-ACK waits for data
 * @sk: the socket, lock held; just ESTABLISHED
 *
 * A writer waits for the connection, or the user said that data follows soon
 * (TCP_DEFER_ACCEPT, TCP_QUICKACK 0).
 */
void xtcp_ack_with_data(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->ack_now = false;
	xs->ack_sched = true;
	xtcp_ack_quick(xs);
	xtcp_timer_set(sk, &xs->delack, xs->now + XTCP_ATO_MAX);
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
	    (two_full_segments(&xs->tcb) || xtcp_ato_at_once(&xs->ato)))
		return true;
	return xtcp_route_quickack(sk) || delay_ack(sk);
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
	       (xs->small_segs > 1 || !xs->ato.pingpong) &&
	       !atomic_read(&sk->sk_rmem_alloc);
}

/**
 * xtcp_ack_user() - the user sets TCP_QUICKACK
 * @sk: the socket, lock held
 * @val: 0: delay ACKs. Not 0: the connection is not interactive, and an ACK that is
 *	owed is sent now, unless data is unread; if @val is even, the connection
 *	remains interactive then.
 *
 * Return: true if the caller must send an ACK.
 */
bool xtcp_ack_user(struct sock *sk, int val)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool due;

	xs->ato.pingpong = !val;
	if (!val || !xs->ack_sched ||
	    !xtcp_state_in(sk, TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
		return false;
	if (!xs->small_segs)
		xs->small_segs = 1;
	due = xtcp_ack_due_after_read(sk, true);
	xs->ato.pingpong = !(val & 1);
	return due;
}
