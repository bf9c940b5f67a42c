// SPDX-License-Identifier: GPL-2.0
/*
 * Start and end of a listener, and accept().
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "accept.h"
#include "conn/conn.h"
#include "listen.h"
#include "open.h"
#include "table/table.h"

static struct xtcp_listener *listener_new(void)
{
	struct xtcp_listener *xl = kzalloc(sizeof(*xl), GFP_KERNEL_ACCOUNT);

	if (!xl)
		return NULL;
	spin_lock_init(&xl->lock);
	INIT_LIST_HEAD(&xl->requests);
	INIT_LIST_HEAD(&xl->accept);
	INIT_LIST_HEAD(&xl->fo_resets);
	xl->closed = true;
	return xl;
}

/* Enter LISTEN. All steps that can fail were done by begin_if_free(). */
static void begin(struct sock *sk, int backlog)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;

	spin_lock_bh(&xl->lock);
	xl->closed = false;
	xl->period++;
	xl->last_cookie = 0;
	xl->flood_logged = 0;
	spin_unlock_bh(&xl->lock);
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	xtcp_fastopen_listen(sk, backlog);
	/* In CLOSED, inet_shutdown() sets it although it returns -ENOTCONN. */
	WRITE_ONCE(sk->sk_shutdown, 0);
	/* Lookups of a listener take no reference. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	/* State before table: lookups must not find an incomplete listener. */
	xtcp_state_event(sk, XTCP_EV_PASSIVE_OPEN);
	xtcp_listen_resume(sk);
}

/*
 * listen_lock makes the conflict check and the change to LISTEN atomic: if two
 * sockets that conflict call listen() at the same time, the second one fails.
 */
static int begin_if_free(struct sock *sk, int backlog)
{
	struct mutex *lock = &xtcp_net(sock_net(sk))->listen_lock;
	int err;

	mutex_lock(lock);
	err = xtcp_port_may_listen(sk);
	if (!err)
		err = xtcp_listen_join(sk);
	if (!err)
		begin(sk, backlog);
	mutex_unlock(lock);
	return err;
}

/**
 * xtcp_listen_start() - listen()
 * @sk: in CLOSED; in LISTEN only the backlog changes
 * @backlog: children that may wait for accept()
 *
 * An unbound socket gets a local port. A call that fails leaves the socket as
 * it was.
 *
 * Context: process, socket lock held; sleeps.
 * Return: 0; -EADDRINUSE; -ENOMEM; or an errno of xtcp_port_bind() or
 * xtcp_listen_join().
 */
int xtcp_listen_start(struct sock *sk, int backlog)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool bound = xs->port;
	int err;

	sock_owned_by_me(sk);
	if (sk->sk_state == TCP_LISTEN) {
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
		xtcp_fastopen_listen(sk, backlog);
		return 0;
	}
	if (!xs->listener)
		xs->listener = listener_new();
	if (!xs->listener)
		return -ENOMEM;
	err = xtcp_port_autobind(sk);
	if (err)
		return err;
	err = begin_if_free(sk, backlog);
	if (err && !bound) {
		xtcp_port_put(sk);
		inet_sk(sk)->inet_sport = 0;
	}
	return err;
}

static void drop_requests(struct xtcp_listener *xl)
{
	struct xtcp_request *rq;

	spin_lock_bh(&xl->lock);
	xl->closed = true;
	while ((rq = list_first_entry_or_null(&xl->requests,
					      struct xtcp_request, node))) {
		refcount_inc(&rq->c.skc_refcnt);
		spin_unlock_bh(&xl->lock);
		xtcp_request_drop(rq, XTCP_EV_CLOSE);
		xtcp_request_put(rq);
		cond_resched();
		spin_lock_bh(&xl->lock);
	}
	spin_unlock_bh(&xl->lock);
}

static struct sock *take_child(struct sock *sk)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	struct xtcp_sock *child;

	spin_lock_bh(&xl->lock);
	child = list_first_entry_or_null(&xl->accept, struct xtcp_sock,
					 accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&xl->lock);
	return (struct sock *)child;
}

/* Reset a child that the listener has removed from its accept queue. */
static void abort_taken(struct sock *child)
{
	sock_hold(child);
	local_bh_disable();
	bh_lock_sock_nested(child);
	xtcp_abort_child(child);
	bh_unlock_sock(child);
	local_bh_enable();
	sock_put(child);
}

/**
 * xtcp_listen_expel() - reset one child before its listener ends
 * @sk: the listener
 * @other: a socket; ignored unless it is in the accept queue of @sk
 *
 * Context: process, socket lock of @sk held, a reference on @other.
 */
void xtcp_listen_expel(struct sock *sk, struct sock *other)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	struct xtcp_sock *child;
	bool here = false;

	spin_lock_bh(&xl->lock);
	list_for_each_entry(child, &xl->accept, accept_node) {
		here = (struct sock *)child == other;
		if (here) {
			list_del_init(&child->accept_node);
			sk_acceptq_removed(sk);
			break;
		}
	}
	spin_unlock_bh(&xl->lock);
	if (here)
		abort_taken(other);
}

/**
 * xtcp_listen_end() - empty the queues of a listener that left the lookup table
 * @sk: after xtcp_listen_pause(); its state is still LISTEN
 *
 * Requests are dropped silently; children that were not accepted are reset
 * (RFC 9293 3.10.4, 3.10.5). The queues may be as long as the backlog, so the
 * loops reschedule.
 *
 * Context: process, socket lock held; sleeps.
 */
void xtcp_listen_end(struct sock *sk)
{
	struct xtcp_listener *xl = xtcp_sk(sk)->listener;
	struct sock *child;

	sock_owned_by_me(sk);
	xtcp_listen_leave(sk);
	drop_requests(xl);
	while ((child = take_child(sk))) {
		abort_taken(child);
		cond_resched();
	}
	xtcp_fastopen_forget_resets(xl);
}

/**
 * xtcp_listen_stop() - end a listener: close(), shutdown() or disconnect
 * @sk: the listener; its state is still LISTEN, and the caller changes it
 *
 * Context: process, socket lock held; sleeps.
 */
void xtcp_listen_stop(struct sock *sk)
{
	xtcp_listen_pause(sk);
	xtcp_listen_end(sk);
}

static bool accept_empty(struct sock *sk)
{
	return list_empty_careful(&xtcp_sk(sk)->listener->accept);
}

static int wait_for_child(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (accept_empty(sk))
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		err = 0;
		if (!accept_empty(sk))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * xtcp_accept() - take the next child of a listener
 * @sk: the listener, not locked
 * @arg: flags in, errno out
 *
 * Waits for a child unless O_NONBLOCK is set, at most SO_RCVTIMEO. A child
 * opened by Fast Open may still be in SYN-RECEIVED.
 *
 * Context: process; sleeps.
 * Return: the child, or NULL and @arg->err: -EINVAL (not listening), -EAGAIN
 * (no child, or timeout), -EINTR, -ERESTARTSYS.
 */
struct sock *xtcp_accept(struct sock *sk, struct proto_accept_arg *arg)
{
	struct sock *child = NULL;
	int err;

	lock_sock(sk);
	err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	if (accept_empty(sk)) {
		long timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);

		err = -EAGAIN;
		if (!timeo)
			goto out;
		err = wait_for_child(sk, timeo);
		if (err)
			goto out;
	}
	child = take_child(sk);
	err = child ? 0 : -EAGAIN;
out:
	release_sock(sk);
	arg->err = err;
	return child;
}
