// SPDX-License-Identifier: GPL-2.0
/*
 * State changes of a socket by the table of core/fsm.c, and its destruction.
 */
#include <net/xfrm.h>

#include "ackpolicy.h"
#include "base/trace.h"
#include "conn.h"
#include "deadline.h"
#include "fastopen.h"
#include "output.h"
#include "table/table.h"
#include "timewait.h"

static bool is_up(u8 state)
{
	return state == XTCP_ESTABLISHED || state == XTCP_CLOSE_WAIT;
}

static void count_change(const struct sock *sk, u8 old, u8 new)
{
	if (is_up(new) && !is_up(old))
		xtcp_sk_count(sk, CurrEstab);
	else if (is_up(old) && !is_up(new))
		xtcp_sk_count_n(sk, CurrEstab, -1);
	if (new != XTCP_CLOSED)
		return;
	if (is_up(old))
		xtcp_sk_count(sk, EstabResets);
	else if (old == XTCP_SYN_SENT || old == XTCP_SYN_RCVD)
		xtcp_sk_count(sk, AttemptFails);
}

/**
 * xtcp_destroy() - destroy a socket
 * @sk: lock held, in CLOSED, with SOCK_DEAD: no file refers to it. The caller
 *	has a reference besides the initial one, which is dropped
 */
void xtcp_destroy(struct sock *sk)
{
	WARN_ON(sk->sk_state != TCP_CLOSE);
	WARN_ON(!sock_flag(sk, SOCK_DEAD));

	xtcp_timers_kill(sk);
	xtcp_ooo_purge(sk);
	xtcp_write_queue_purge(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	xtcp_port_put(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	if (xtcp_sk(sk)->orphan) {
		xtcp_sk(sk)->orphan = false;
		atomic_dec(&xtcp_sk(sk)->xn->orphans);
	}
	sk_sockets_allocated_dec(sk);
	sock_put(sk);
}

/*
 * The connection is CLOSED: delete the TCB. Afterwards the socket is not in the
 * connection table and has no timers. It keeps its port if the user chose it
 * (SOCK_BINDPORT_LOCK), and the receive queue, for the user to read. A socket
 * without a file is destroyed.
 */
static void delete_tcb(struct sock *sk)
{
	xtcp_table_remove(sk);
	xtcp_fastopen_settled(sk, false);
	xtcp_sk(sk)->fo.syn_held = false;
	xtcp_timers_kill(sk);
	xtcp_write_queue_purge(sk);
	xtcp_ooo_purge(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		xtcp_port_put(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		xtcp_destroy(sk);
}

static void connected(struct sock *sk)
{
	xtcp_keep_arm(sk);
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

static void report_eof(struct sock *sk)
{
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	/*
	 * POLL_HUP if both directions are shut down, otherwise POLL_IN for EOF.
	 */
	if (sk->sk_shutdown == SHUTDOWN_MASK)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
}

/*
 * A small entry replaces the socket in TIME-WAIT; the socket is CLOSED. If
 * xtcp_tw_enter() fails, TIME-WAIT is skipped.
 */
static void enter_time_wait(struct sock *sk)
{
	if (!xtcp_tw_enter(sk, XTCP_TIME_WAIT, XTCP_2MSL_NS))
		xtcp_sk_count(sk, TWOverflow);
	xtcp_state_store(sk, TCP_CLOSE);
	delete_tcb(sk);
}

static void owe_ack(struct sock *sk, const struct xtcp_row *row)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (row->actions & XTCP_ACT_WAIT_2MSL) {
		xtcp_ack_send(sk);
	} else if (row->next == XTCP_CLOSE_WAIT) {
		/* If the program closes at once, the FIN carries the ACK. */
		xtcp_ack_with_reply(xs);
	} else {
		xtcp_ack_now(xs);
	}
}

static void act(struct sock *sk, const struct xtcp_row *row)
{
	u16 actions = row->actions;

	if (actions & (XTCP_ACT_SND_SYN | XTCP_ACT_SND_SYN_ACK))
		xtcp_syn_send(sk);
	if (actions & XTCP_ACT_SND_ACK)
		owe_ack(sk, row);
	if (actions & XTCP_ACT_SND_FIN)
		xtcp_fin_queue(sk);
	if (actions & XTCP_ACT_CONNECTED)
		connected(sk);
	if (actions & XTCP_ACT_EOF)
		report_eof(sk);
	if (actions & XTCP_ACT_WAIT_2MSL)
		enter_time_wait(sk);
	if (actions & XTCP_ACT_DELETE)
		delete_tcb(sk);
}

static void transition(struct sock *sk, u8 event, int err)
{
	const struct xtcp_row *row = xtcp_fsm_row(sk->sk_state, event);
	bool failed;

	if (WARN_ON_ONCE(!row)) {
		xtcp_count(sock_net(sk), StateNoRow);
		return;
	}
	xtcp_state_trace(sk, row);
	count_change(sk, row->state, row->next);
	if (row->actions & XTCP_ACT_SND_RST)
		xtcp_reset_peer(sk, xtcp_sk(sk)->reset_reason);
	err = err ?: row->error;
	failed = row->next == XTCP_CLOSED && err;
	if (failed) {
		WRITE_ONCE(sk->sk_err, err);
		/*
		 * Pairs with smp_rmb() in poll(): a poll() that finds the
		 * socket CLOSED or shut down also finds the error.
		 */
		smp_wmb();
	}
	/*
	 * In the tables this state identifies a TIME-WAIT entry, so a socket
	 * never has it: enter_time_wait() makes the socket CLOSED.
	 */
	if (row->next != XTCP_TIME_WAIT)
		xtcp_state_store(sk, row->next);
	if (failed) {
		xtcp_write_queue_purge(sk);
		if (!sock_flag(sk, SOCK_DEAD))
			sk_error_report(sk);
	}
	act(sk, row);
}

/**
 * xtcp_state_event() - change the state of a connection by an event
 * @sk: the socket, lock held
 * @event: enum xtcp_event; the table must have a row for it in this state
 *
 * Traces and counts the change, and runs the actions of the row. All changes of
 * a connection's state are made here and in the functions below. Afterwards the
 * socket may be CLOSED and without timers, or destroyed if it is an orphan: the
 * caller has a reference.
 *
 * A listener gets XTCP_EV_CLOSE and XTCP_EV_ABORT after xtcp_listen_stop().
 */
void xtcp_state_event(struct sock *sk, u8 event)
{
	transition(sk, event, 0);
}

/**
 * xtcp_state_fail() - as xtcp_state_event(), with a more precise error
 * @sk: the socket, lock held
 * @event: enum xtcp_event
 * @err: positive errno for the calls of the user, 0 for that of the row; used
 *	if the new state is CLOSED
 */
void xtcp_state_fail(struct sock *sk, u8 event, int err)
{
	transition(sk, event, err);
}

/**
 * xtcp_state_adopt() - the handshake of a request is complete
 * @child: the socket that replaces the request, lock held
 *
 * Changes the child to ESTABLISHED by the row of SYN-RECEIVED, passive, which
 * was the state of the request.
 */
void xtcp_state_adopt(struct sock *child)
{
	const struct xtcp_row *row;

	row = xtcp_fsm_row(XTCP_SYN_RCVD_PASSIVE, XTCP_EV_RCV_ACK_OF_SYN);
	xtcp_state_trace(child, row);
	count_change(child, row->state, row->next);
	xtcp_state_store(child, row->next);
	act(child, row);
}

/**
 * xtcp_state_fast_open() - a SYN creates a Fast Open child (RFC 7413 4.2.2)
 * @child: the socket that was created for the SYN, lock held
 *
 * Changes the child to SYN-RECEIVED by the row of the listener, which itself
 * stays in LISTEN.
 */
void xtcp_state_fast_open(struct sock *child)
{
	const struct xtcp_row *row;

	row = xtcp_fsm_row(XTCP_LISTEN, XTCP_EV_RCV_SYN_COOKIE);
	xtcp_state_trace(child, row);
	xtcp_state_store(child, row->next);
	act(child, row);
}

/**
 * xtcp_state_retire() - replace an orphan in FIN-WAIT-2 by a small entry
 * @sk: the socket, lock held, without a file
 * @wait: how long to wait for the peer's FIN, ns
 *
 * The entry is in FIN-WAIT-2; the socket is CLOSED and destroyed.
 *
 * Return: false if xtcp_tw_enter() fails: the socket itself must wait then.
 */
bool xtcp_state_retire(struct sock *sk, u64 wait)
{
	/* The entry has no delayed ACK: send it now. */
	if (xtcp_sk(sk)->ack_sched)
		xtcp_ack_send(sk);
	if (!xtcp_tw_enter(sk, XTCP_FIN_WAIT_2, wait))
		return false;
	xtcp_state_store(sk, TCP_CLOSE);
	delete_tcb(sk);
	return true;
}

/**
 * xtcp_abort() - abort a connection, with a RST if the row of its state has one
 * @sk: the socket, lock held, not CLOSED; a listener after xtcp_listen_stop()
 * @reason: reason of the RST, for the trace
 *
 * Source: RFC 9293 3.10.5.
 */
void xtcp_abort(struct sock *sk, enum xtcp_reset_reason reason)
{
	xtcp_sk(sk)->reset_reason = reason;
	xtcp_sk(sk)->now = ktime_get_ns();
	xtcp_state_event(sk, XTCP_EV_ABORT);
}

/**
 * xtcp_make_orphan() - detach a socket from its file, count it as an orphan
 * @sk: locked with bh_lock_sock()
 */
void xtcp_make_orphan(struct sock *sk)
{
	sock_orphan(sk);
	xtcp_sk(sk)->orphan = true;
	atomic_inc(&xtcp_sk(sk)->xn->orphans);
}

/**
 * xtcp_abort_child() - reset a child that was not accepted
 * @child: locked with bh_lock_sock(); the caller holds a reference
 */
void xtcp_abort_child(struct sock *child)
{
	xtcp_make_orphan(child);
	if (child->sk_state == TCP_CLOSE)
		xtcp_destroy(child);
	else
		xtcp_abort(child, XTCP_RESET_LISTENER);
}
