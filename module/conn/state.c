// SPDX-License-Identifier: GPL-2.0
/*
 * Applying the table of core/fsm.c to a socket, and the end of one.
 */
#include <net/xfrm.h>

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
 * xtcp_destroy() - the end of a socket
 * @sk: CLOSED, and nobody refers to it by a file any more; its own reference is
 *	given back
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
 * A connection has become CLOSED: delete the TCB. The socket is out of the tables
 * and without timers after this. What was received stays for the user to read.
 */
static void delete_tcb(struct sock *sk)
{
	xtcp_table_remove(sk);
	xtcp_fastopen_settled(sk, false);
	xtcp_sk(sk)->fo.held = false;
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

static void tell_eof(struct sock *sk)
{
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	/* Shut down both ways, the connection hangs up; else one can read. */
	if (sk->sk_shutdown == SHUTDOWN_MASK)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
}

/* In TIME-WAIT a small entry takes over; the socket itself is done. */
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
		/* The program may close at once: one segment then says both. */
		xs->ack_sched = true;
		xs->pingpong = true;
	} else {
		xs->ack_now = true;
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
		tell_eof(sk);
	if (actions & XTCP_ACT_WAIT_2MSL)
		enter_time_wait(sk);
	if (actions & XTCP_ACT_DELETE)
		delete_tcb(sk);
}

static void fail(struct sock *sk, int err)
{
	WRITE_ONCE(sk->sk_err, err);
	/* Who reads the error sees all that came before it. */
	smp_wmb();
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

static void transition(struct sock *sk, u8 event, int err)
{
	const struct xtcp_row *row = xtcp_fsm_row(sk->sk_state, event);

	if (WARN_ON_ONCE(!row)) {
		xtcp_count(sock_net(sk), StateNoRow);
		return;
	}
	xtcp_state_trace(sk, row);
	count_change(sk, row->state, row->next);
	if (row->actions & XTCP_ACT_SND_RST)
		xtcp_reset_peer(sk, xtcp_sk(sk)->reset_reason);
	/*
	 * The tables tell a TIME-WAIT entry by this state, so a socket never
	 * shows it: enter_time_wait() has the rest.
	 */
	if (row->next != XTCP_TIME_WAIT)
		xtcp_state_store(sk, row->next);
	err = err ?: row->error;
	if (row->next == XTCP_CLOSED && err) {
		xtcp_write_queue_purge(sk);
		fail(sk, err);
	}
	act(sk, row);
}

/**
 * xtcp_state_event() - something happened to a connection
 * @sk: the socket, lock held
 * @event: enum xtcp_event; the state must have a row for it
 *
 * The only function that changes a socket's state: it consults the table,
 * traces, counts, and does what the row asks for. The socket may be CLOSED
 * and without timers afterwards; the caller's reference keeps it.
 *
 * XTCP_EV_CLOSE and XTCP_EV_ABORT are posted to a listener after
 * xtcp_listen_stop().
 */
void xtcp_state_event(struct sock *sk, u8 event)
{
	transition(sk, event, 0);
}

/**
 * xtcp_state_fail() - as xtcp_state_event(), with a better reason
 * @sk: the socket, lock held
 * @event: enum xtcp_event
 * @err: what the user's calls fail with, or 0 for the row's own
 */
void xtcp_state_fail(struct sock *sk, u8 event, int err)
{
	transition(sk, event, err);
}

/**
 * xtcp_state_adopt() - a request's handshake is complete: its child is up
 * @child: the socket that took the request's place, lock held
 *
 * The row is that of SYN-RECEIVED, passive, whose state the request had.
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
 * xtcp_state_fast_open() - a listener got a SYN with a good cookie
 * @child: the socket made for it, lock held
 *
 * The row is the listener's, which itself stays in LISTEN.
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
 * xtcp_state_retire() - FIN-WAIT-2, and no user is left
 * @sk: the socket, lock held, without a file
 * @wait: how long the peer's FIN is waited for, ns
 *
 * A small entry waits in the socket's stead; its state is the socket's.
 *
 * Return: false if there can be none: then the socket itself must wait.
 */
bool xtcp_state_retire(struct sock *sk, u64 wait)
{
	/* The entry does not know what is owed. */
	if (xtcp_sk(sk)->ack_sched)
		xtcp_ack_send(sk);
	if (!xtcp_tw_enter(sk, XTCP_FIN_WAIT_2, wait))
		return false;
	xtcp_state_store(sk, TCP_CLOSE);
	delete_tcb(sk);
	return true;
}

/**
 * xtcp_abort() - end a connection with RST where the peer knows of it
 * @sk: the socket, lock held, not CLOSED; a listener after xtcp_listen_stop()
 * @reason: for the trace
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
 * xtcp_make_orphan() - nobody refers to a socket by a file any more
 * @sk: locked with bh_lock_sock()
 */
void xtcp_make_orphan(struct sock *sk)
{
	sock_orphan(sk);
	xtcp_sk(sk)->orphan = true;
	atomic_inc(&xtcp_sk(sk)->xn->orphans);
}

/**
 * xtcp_abort_child() - a child that nobody will accept is reset
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
