// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing, and the limit of what waits in queues below this socket.
 *
 * sk_pacing_status says who paces: nobody (the default), this file with a timer
 * (SO_MAX_PACING_RATE, or an algorithm that needs it), or the qdisc fq, which
 * sets the status and gets the time of departure with each packet.
 */
#include <net/sock.h>

#include "conn.h"
#include "core/pace.h"
#include "pace.h"

/* The first segments leave without pacing, unless the algorithm paces them. */
#define UNPACED_SEGS	10

/* Time until a queue below is looked at again, ns. */
#define LOOK_MIN	(20ULL * NSEC_PER_USEC)
#define LOOK_MAX	(1ULL * NSEC_PER_MSEC)

/**
 * xtcp_pace_begin() - pacing of a connection, or of an algorithm, begins
 * @sk: the socket, lock held
 *
 * Once a connection is paced, it stays so.
 */
void xtcp_pace_begin(struct sock *sk)
{
	if (unlikely(xtcp_sk(sk)->tcb.cc.ops->paced))
		cmpxchg(&sk->sk_pacing_status, SK_PACING_NONE,
			SK_PACING_NEEDED);
	xtcp_pace_update(sk);
}

/**
 * xtcp_pace_update() - compute the pacing rate anew
 * @sk: the socket, lock held; cwnd or the round-trip time may have changed
 */
void xtcp_pace_update(struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_pace_rate in = {
		.flight = xtcp_flight(tcb),
		.srtt = xtcp_rtt_srtt(&tcb->rtt),
		.ss_ratio = xtcp_sk_sysctl(sk, pacing_ss_ratio),
		.ca_ratio = xtcp_sk_sysctl(sk, pacing_ca_ratio),
	};
	u64 rate = xtcp_pace_rate(&tcb->cc, &in);

	WRITE_ONCE(sk->sk_pacing_rate,
		   min_t(u64, rate, READ_ONCE(sk->sk_max_pacing_rate)));
}

/*
 * Do the queues of this host, below the socket, have enough of its data? A
 * packet that leaves them does not wake the socket: the timer looks again when
 * half of the limit should have left.
 */
static bool queue_full(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u64 rate = READ_ONCE(sk->sk_pacing_rate);
	u64 most = READ_ONCE(sk->sk_pacing_status) == SK_PACING_NONE ?
		   xtcp_sk_sysctl(sk, limit_output_bytes) : XTCP_RATE_MAX;
	u32 queued = refcount_read(&sk->sk_wmem_alloc);
	u32 shift = READ_ONCE(sk->sk_pacing_shift);
	u64 limit, wait;

	if (likely(queued <= xtcp_pace_below(rate, shift, 0, most)) ||
	    xs->tcb.snd_una == xs->tcb.snd_nxt)
		return false;
	limit = xtcp_pace_below(rate, shift,
				2 * SKB_TRUESIZE(xtcp_pace_size(sk)), most);
	if (queued <= limit)
		return false;
	xtcp_sk_count(sk, HostQueueLimited);
	wait = div64_u64((queued - limit / 2) * (u64)NSEC_PER_SEC,
			 max_t(u64, rate, 1));
	wait = clamp_t(u64, wait, LOOK_MIN, LOOK_MAX);
	xtcp_timer_set(sk, &xs->pace, xs->now + wait);
	return true;
}

/**
 * xtcp_pace_hold() - must the next segment wait
 * @sk: the socket, lock held, xs->now set
 *
 * It waits for its time, or because enough data of this socket waits in queues
 * below. The timer sends it.
 *
 * Return: true if so.
 */
bool xtcp_pace_hold(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (unlikely(READ_ONCE(sk->sk_pacing_status) == SK_PACING_NEEDED) &&
	    xs->pace_next > xs->now) {
		xtcp_timer_set(sk, &xs->pace, xs->pace_next);
		return true;
	}
	return queue_full(sk);
}

/**
 * xtcp_pace_sent() - a segment is about to leave
 * @sk: the socket, lock held, xs->now set
 * @copy: the packet, without its header; fq gets its time of departure
 * @cb: of the segment; its transmission time is that of the departure
 */
void xtcp_pace_sent(struct sock *sk, struct sk_buff *copy, struct xtcp_cb *cb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 status = READ_ONCE(sk->sk_pacing_status);
	u64 rate = READ_ONCE(sk->sk_pacing_rate);
	u64 leaves;

	cb->sent = xs->now;
	if (likely(status == SK_PACING_NONE))
		return;
	leaves = max(xs->now, xs->pace_next);
	if (status == SK_PACING_FQ) {
		skb_set_delivery_time(copy, ns_to_ktime(leaves),
				      XTCP_CLOCK_MONOTONIC);
		cb->sent = leaves;
	}
	if (rate == ~0UL || !rate || (xs->data_segs_out < UNPACED_SEGS &&
				      !xs->tcb.cc.ops->pace_initial))
		xs->pace_next = leaves;
	else
		xs->pace_next = xtcp_pace_next(xs->pace_next, leaves,
					       copy->len, rate);
}

/**
 * xtcp_pace_size() - the largest payload to send as one large segment
 * @sk: the socket, lock held
 *
 * At most half of cwnd, so that there is a second ACK.
 *
 * Return: bytes, full segments, one at least.
 */
u32 xtcp_pace_size(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 mss = tcb->snd_mss, most = xtcp_size_goal(sk), n;
	u32 far = tcb->rtt.min >> xtcp_sk_sysctl(sk, tso_rtt_log);
	u32 bonus = far < 32 ? sk->sk_gso_max_size >> far : 0;

	n = xtcp_pace_piece(READ_ONCE(sk->sk_pacing_rate),
			    READ_ONCE(sk->sk_pacing_shift), bonus,
			    xtcp_sk_sysctl(sk, min_tso_segs) * mss, most);
	n = min_t(u32, n, tcb->cc.cwnd / 2);
	return max_t(u32, n - n % mss, mss);
}
