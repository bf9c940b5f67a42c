/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When an ACK is sent. These functions record events; ackpolicy.c decides. The
 * state is the group "ACKs" of struct xtcp_sock.
 */
#ifndef XTCP_ACKPOLICY_H
#define XTCP_ACKPOLICY_H

#include "conn.h"

static inline u64 xtcp_ack_rto(const struct xtcp_sock *xs)
{
	return xs->tcb.rtt.rto * (u64)NSEC_PER_USEC;
}

/* In-order data arrived: its ACK may be delayed. */
static inline void xtcp_ack_owed(struct xtcp_sock *xs)
{
	xs->ack_sched = true;
	xtcp_ato_data(&xs->ato, xs->now - xs->last_rcv, xtcp_ack_rto(xs),
		      xtcp_rcv_wnd(&xs->tcb), xs->tcb.rcv_mss);
	xs->last_rcv = xs->now;
}

/* The segment being processed must be answered at once. */
static inline void xtcp_ack_now(struct xtcp_sock *xs)
{
	xs->ack_now = true;
}

/* The next ACK is sent without delay: the window has grown. */
static inline void xtcp_ack_next(struct xtcp_sock *xs)
{
	if (!xs->ato.quick)
		xs->ato.quick = 1;
}

/*
 * The peer is in slow start, or may be again after a loss: send the next ACKs
 * without delay.
 */
static inline void xtcp_ack_quick(struct xtcp_sock *xs)
{
	xtcp_ato_quick(&xs->ato, xtcp_rcv_wnd(&xs->tcb), xs->tcb.rcv_mss);
}

/* An ACK is owed, and a reply or FIN that carries it is expected soon. */
static inline void xtcp_ack_with_reply(struct xtcp_sock *xs)
{
	xs->ack_sched = true;
	xs->ato.pingpong = true;
}

/* The data that arrived may be the end of a write: not full, or with PSH. */
static inline void xtcp_ack_end_of_write(struct xtcp_sock *xs)
{
	if (xs->small_segs < 2)
		xs->small_segs++;
}

/* Data was sent. If it follows received data soon, it is a reply. */
static inline void xtcp_ack_data_left(struct xtcp_sock *xs)
{
	xtcp_ato_reply(&xs->ato, xs->now - xs->last_rcv);
}

/* The delayed ACK timer expired: no reply carried the ACK. */
static inline void xtcp_ack_waited(struct xtcp_sock *xs)
{
	xtcp_ato_expired(&xs->ato, xtcp_ack_rto(xs));
}

void xtcp_ack_left(struct xtcp_sock *xs, bool incomplete);
void xtcp_ack_retry(struct sock *sk);
void xtcp_ack_with_data(struct sock *sk);
bool xtcp_ack_due(struct sock *sk);
bool xtcp_ack_due_after_read(const struct sock *sk, bool read);

#endif /* XTCP_ACKPOLICY_H */
