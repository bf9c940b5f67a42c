// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a socket or of its connection: close, shutdown, disconnect.
 */
#include <net/dst.h>
#include <net/inet_common.h>
#include <net/transp_v6.h>

#include "conn/conn.h"
#include "open/open.h"
#include "socket.h"
#include "table/table.h"

/**
 * xtcp_release_cb() - run deferred work when a system call releases the socket
 *	lock (proto.release_cb)
 * @sk: the socket
 *
 * Timers and ICMP errors that found the socket owned by a system call left a
 * bit in xs->deferred.
 *
 * Context: process, BH disabled; the socket lock is still owned.
 */
void xtcp_release_cb(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	unsigned long bits;

	if (likely(!READ_ONCE(xs->deferred)))
		return;
	bits = xchg(&xs->deferred, 0);
	xtcp_timers_deferred(sk, bits);
	if ((bits & BIT(XTCP_DEFER_MTU)) && sk->sk_state != TCP_CLOSE) {
		xs->now = ktime_get_ns();
		xtcp_mtu_ptb(sk);
	}
}

static bool too_many_orphans(struct sock *sk)
{
	struct net *net = sock_net(sk);

	if (atomic_read(&xtcp_net(net)->orphans) <=
	    xtcp_sk_sysctl(sk, max_orphans))
		return false;
	xtcp_count(net, OrphanOverflow);
	return true;
}

static void read_all(struct sock *sk, bool *unread)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_receive_queue))) {
		if (seq_before(xs->copied_seq, XTCP_CB(skb)->seq + skb->len))
			*unread = true;
		__kfree_skb(skb);
	}
}

/*
 * Post CLOSE (RFC 9293 3.10.4). Post ABORT instead if data is unread, so that a
 * RST reports its loss (RFC 9293 3.6.1, SHLD-3), or if SO_LINGER is set to
 * zero.
 */
static void close_connection(struct sock *sk)
{
	bool unread = false;

	read_all(sk, &unread);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (sk->sk_state == TCP_LISTEN)
		xtcp_listen_stop(sk);
	if (unread && !xtcp_state_in(sk, TCPF_SYN_SENT)) {
		xtcp_sk_count(sk, AbortOnClose);
		xtcp_abort(sk, XTCP_RESET_UNREAD);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		xtcp_abort(sk, XTCP_RESET_ABORT);
	} else if (xtcp_fsm_row(sk->sk_state, XTCP_EV_CLOSE)) {
		xtcp_sk(sk)->now = ktime_get_ns();
		xtcp_state_event(sk, XTCP_EV_CLOSE);
	}
}

/*
 * The socket is an orphan now. Destroy it if it is CLOSED; abort it if there
 * are too many orphans. Otherwise packets and timers end the connection, in
 * softirq. FIN-WAIT-2 gets a time limit (TCP_LINGER2); a small entry replaces
 * the socket there unless that fails.
 */
static void orphan_lives_on(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u64 wait;

	if (sk->sk_state == TCP_CLOSE) {
		xtcp_destroy(sk);
		return;
	}
	if (too_many_orphans(sk)) {
		xtcp_sk_count(sk, AbortOnMemory);
		xtcp_abort(sk, XTCP_RESET_MEMORY);
		return;
	}
	if (sk->sk_state != TCP_FIN_WAIT2)
		return;
	wait = xtcp_fin_timeout(sk);
	if (!wait) {
		xtcp_sk_count(sk, AbortOnLinger);
		xtcp_abort(sk, XTCP_RESET_LINGER);
		return;
	}
	xs->now = ktime_get_ns();
	if (!xtcp_state_retire(sk, wait))
		xtcp_timer_set(sk, &xs->keep, xs->now + wait);
}

/*
 * SO_LINGER: wait until the peer has acknowledged our FIN, and so all data
 * before it; at most @timeo jiffies, or until a signal.
 */
static void linger(struct sock *sk, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeo)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	while (timeo && !signal_pending(current) &&
	       xtcp_state_in(sk, TCPF_FIN_WAIT1 | TCPF_CLOSING |
				 TCPF_LAST_ACK)) {
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * xtcp_close() - close() of the last file of a socket (proto.close)
 * @sk: the socket, not locked
 * @timeout: how long SO_LINGER waits, jiffies; 0 to not wait
 *
 * Context: process; sleeps.
 * Source: RFC 9293 3.10.4, 3.6.1; tcp_close().
 */
void xtcp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	close_connection(sk);
	linger(sk, timeout);

	sock_hold(sk);
	release_sock(sk);

	/*
	 * No system call can own the socket any more: only packets and timers
	 * use it, under bh_lock_sock().
	 */
	local_bh_disable();
	bh_lock_sock(sk);
	xtcp_make_orphan(sk);
	orphan_lives_on(sk);
	bh_unlock_sock(sk);
	local_bh_enable();
	xtcp_hold_reap(sk);
	sock_put(sk);
}

/**
 * xtcp_shutdown() - shutdown() (proto.shutdown)
 * @sk: the socket, lock held
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * RCV_SHUTDOWN alone is local to the socket: no segment is sent, and the state
 * does not change. SEND_SHUTDOWN is CLOSE (RFC 9293 3.6).
 *
 * Context: process.
 */
void xtcp_shutdown(struct sock *sk, int how)
{
	if (!(how & SEND_SHUTDOWN))
		return;
	if (xtcp_state_in(sk, TCPF_ESTABLISHED | TCPF_SYN_RECV |
			      TCPF_CLOSE_WAIT)) {
		xtcp_sk(sk)->now = ktime_get_ns();
		xtcp_state_event(sk, XTCP_EV_CLOSE);
	}
}

static void forget_addresses(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
		sk->sk_v6_rcv_saddr = in6addr_any;
		if (sk->sk_family == AF_INET)
			ipv6_addr_set_v4mapped(0, &sk->sk_v6_rcv_saddr);
		else
			inet6_sk(sk)->saddr = in6addr_any;
	}
	if (sk->sk_family == AF_INET)
		ipv6_addr_set_v4mapped(0, &sk->sk_v6_daddr);
	else
		sk->sk_v6_daddr = in6addr_any;
}

/**
 * xtcp_disconnect() - end the connection and reset the socket
 *	(proto.disconnect)
 * @sk: the socket, lock held
 * @flags: not used
 *
 * Called for connect(AF_UNSPEC), for shutdown() in LISTEN and SYN-SENT, and
 * after a connect() that failed. The socket can be used again afterwards. It
 * keeps its options, and the address and port that the user named in bind().
 *
 * Context: process.
 * Return: 0.
 */
int xtcp_disconnect(struct sock *sk, int flags)
{
	sock_owned_by_me(sk);
	if (sk->sk_state != TCP_CLOSE) {
		if (sk->sk_state == TCP_LISTEN)
			xtcp_listen_stop(sk);
		else
			WRITE_ONCE(sk->sk_err, ECONNRESET);
		xtcp_abort(sk, XTCP_RESET_ABORT);
	}
	xtcp_timers_kill(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	xtcp_write_queue_purge(sk);
	xtcp_ooo_purge(sk);
	forget_addresses(sk);
	xtcp_connection_begin(sk);
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	WRITE_ONCE(sk->sk_err_soft, 0);
	sk_dst_reset(sk);
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	sk_error_report(sk);
	return 0;
}
