// SPDX-License-Identifier: GPL-2.0
/*
 * A socket's life: close, disconnect; and how a child is made from a request.
 */
#include <linux/security.h>
#include <net/dst.h>
#include <net/inet_common.h>
#include <net/ip6_route.h>
#include <net/transp_v6.h>

#include "af.h"
#include "deadline.h"
#include "hold.h"
#include "init.h"
#include "input.h"
#include "listen.h"
#include "output.h"
#include "path.h"
#include "port.h"
#include "socket.h"
#include "state.h"
#include "timeout.h"

/**
 * xtcp_release_cb() - a system call lets go of the socket (proto.release_cb)
 * @sk: the socket, still owned, BH off
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
		xtcp_mtu_claimed(sk);
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

/* CLOSE, or what stands for it (RFC 9293 3.6.1, 3.10.4). */
static void close_connection(struct sock *sk)
{
	bool unread = false;

	read_all(sk, &unread);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (sk->sk_state == TCP_LISTEN)
		xtcp_listen_stop(sk);
	if (unread && !xtcp_state_in(sk, TCPF_SYN_SENT)) {
		/* SHLD-3: the peer's data was lost. */
		xtcp_sk_count(sk, AbortOnClose);
		xtcp_abort(sk, XTCP_RESET_UNREAD);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		xtcp_abort(sk, XTCP_RESET_ABORT);
	} else if (xtcp_fsm_row(sk->sk_state, XTCP_EV_CLOSE)) {
		xtcp_sk(sk)->now = ktime_get_ns();
		xtcp_state_event(sk, XTCP_EV_CLOSE);
	}
}

/* The file is gone; what remains to be done happens in softirq. */
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
 * SO_LINGER: until the peer has acknowledged our FIN, and so all before it, or the
 * time is over, or a signal comes.
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
 * xtcp_close() - the last file of a socket is closed (proto.close)
 * @sk: the socket
 * @timeout: SO_LINGER, jiffies
 */
void xtcp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	close_connection(sk);
	linger(sk, timeout);

	sock_hold(sk);
	release_sock(sk);

	/* From here nobody else owns it: packets and timers are all there is. */
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
 * Shutting down the reading side is a matter between user and socket; the
 * other one is CLOSE (RFC 9293 3.6).
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
 * xtcp_disconnect() - connect(AF_UNSPEC), or shutdown() of LISTEN and SYN-SENT
 * @sk: the socket, lock held
 * @flags: not used
 *
 * The socket is as new after this, options and its bound address kept.
 *
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

/* A child of a passive open */

static void child_addresses(struct sock *child, const struct xtcp_request *rq)
{
	struct inet_sock *inet = inet_sk(child);
	const struct sock *from = (const struct sock *)rq;

	child->sk_v6_daddr = from->sk_v6_daddr;
	child->sk_v6_rcv_saddr = from->sk_v6_rcv_saddr;
	inet->inet_dport = from->sk_dport;
	if (rq->af->family == AF_INET) {
		inet->inet_daddr = from->sk_v6_daddr.s6_addr32[3];
		inet->inet_saddr = from->sk_v6_rcv_saddr.s6_addr32[3];
		inet->inet_rcv_saddr = inet->inet_saddr;
	} else {
		inet->inet_daddr = LOOPBACK4_IPV6;
		inet->inet_saddr = LOOPBACK4_IPV6;
		inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	}
	child->sk_bound_dev_if = from->sk_bound_dev_if;
	if (ipv6_addr_type(&child->sk_v6_daddr) & IPV6_ADDR_LINKLOCAL)
		child->sk_bound_dev_if = rq->iif;
}

/* What the copy of the listener must not share with it (trap: cloning). */
/* IPv6 options are the listener's; context: RCU read side. */
static struct ipv6_txoptions *child_options(struct sock *child,
					    const struct sock *listener)
{
	struct ipv6_txoptions *opt = rcu_dereference(inet6_sk(listener)->opt);

	return opt ? ipv6_dup_options(child, opt) : NULL;
}

static void child_own(struct sock *child, const struct xtcp_request *rq)
{
	struct xtcp_sock *xs = xtcp_sk(child);
	struct inet_sock *inet = inet_sk(child);

	xs->listener = NULL;
	xs->port = NULL;
	xs->hold = NULL;
	xs->follow = NULL;
	xs->orphan = false;
	xs->defer_accept = 0;
	memset(&xs->fo, 0, sizeof(xs->fo));
	INIT_LIST_HEAD(&xs->accept_node);
	RCU_INIT_POINTER(inet->inet_opt, NULL);
	inet->mc_list = NULL;
	child->sk_frag.page = NULL;
	child->sk_frag.offset = 0;
	child->sk_frag.size = 0;
	sock_reset_flag(child, SOCK_RCU_FREE);
	if (child->sk_family == AF_INET6) {
		struct ipv6_pinfo *np = &((struct xtcp6_sock *)child)->inet6;

		inet->pinet6 = np;
		xtcp_clear_fl_list(child);
		np->ipv6_mc_list = NULL;
		np->ipv6_ac_list = NULL;
		np->pktoptions = NULL;
		RCU_INIT_POINTER(np->opt, rq->af == &xtcp_ipv6 ?
				 child_options(child, rq->listener) : NULL);
		np->saddr = child->sk_v6_rcv_saddr;
		np->flow_label = rq->label;
	}
	xtcp_connection_begin(child);
	xtcp_timers_init(child);
}

static void child_numbers(struct sock *child, struct xtcp_request *rq,
			  const struct xtcp_segment *seg, u64 now)
{
	struct xtcp_options wish = { .has_uto = !!rq->uto, .uto = rq->uto };
	struct xtcp_sock *xs = xtcp_sk(child);
	struct xtcp_tcb *tcb = &xs->tcb;

	xs->af = rq->af;
	xs->now = now;
	tcb->iss = rq->iss;
	tcb->snd_una = rq->iss + 1;
	tcb->snd_nxt = rq->iss + 1;
	tcb->write_seq = rq->iss + 1;
	tcb->snd_up = tcb->snd_nxt;
	tcb->snd_sml = tcb->snd_nxt;
	tcb->irs = rq->irs;
	tcb->rcv_nxt = rq->irs + 1;
	tcb->rcv_adv = tcb->rcv_nxt + rq->rcv_wnd;
	tcb->last_ack_sent = tcb->rcv_nxt;
	tcb->rcv_up = tcb->rcv_nxt;
	xs->copied_seq = tcb->rcv_nxt;
	xs->urg_seq = tcb->rcv_nxt;

	tcb->ts_ok = rq->ts_ok;
	tcb->ts_recent = rq->ts_recent;
	tcb->ts_recent_stamp = xtcp_seconds(now);
	tcb->ts_offset = rq->ts_offset;
	tcb->sack_ok = rq->sack_ok;
	tcb->wscale_ok = rq->wscale_ok;
	tcb->snd_wscale = rq->snd_wscale;
	tcb->rcv_wscale = rq->rcv_wscale;
	tcb->peer_mss = rq->peer_mss;
	tcb->adv_mss = rq->adv_mss;
	tcb->ecn = rq->ecn;

	/* From here windows are scaled. */
	tcb->snd_wnd = (u32)seg->wnd << tcb->snd_wscale;
	tcb->max_snd_wnd = max_t(u32, tcb->snd_wnd, rq->snd_wnd);
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = seg->ack;
	xtcp_user_timeout(child, &wish);
}

/**
 * xtcp_child_new() - the socket of a request whose handshake is complete, or
 *	that is opened fast
 * @rq: the request, its lock held
 * @seg: the ACK that completes it, or the SYN
 * @now: ns of ktime_get()
 *
 * Context: softirq. Return: the child, locked, with a reference for the caller
 * besides its own, not in any table; NULL without memory.
 */
struct sock *xtcp_child_new(struct xtcp_request *rq,
			    const struct xtcp_segment *seg, u64 now)
{
	struct sock *parent = rq->listener;
	struct sock *child = sk_clone_lock(parent, GFP_ATOMIC);
	struct dst_entry *dst;

	if (!child)
		return NULL;
	/* Not the request's state: the tables tell them apart by it. */
	xtcp_state_store(child, TCP_SYN_RECV);
	child->sk_mark = rq->mark;
	child_addresses(child, rq);
	child_own(child, rq);
	child_numbers(child, rq, seg, now);
	security_sk_clone(parent, child);
	xtcp_set_inet_id(child, get_random_u16());
	child->sk_txhash = rq->hash;

	dst = rq->dst;
	rq->dst = NULL;
	if (dst) {
		if (child->sk_family == AF_INET6 && rq->af == &xtcp_ipv6)
			inet6_sk(child)->dst_cookie =
				rt6_get_cookie(dst_rt6_info(dst));
		sk_setup_caps(child, dst);
	}
	/* One that is opened fast has sent no SYN-ACK yet. */
	if (rq->sent && !rq->retrans)
		xtcp_rtt_sample(&xtcp_sk(child)->tcb.rtt,
				div_u64(now - rq->sent, NSEC_PER_USEC));
	xtcp_port_inherit(child, parent);
	if (!xtcp_sk(child)->port) {
		xtcp_child_discard(child);
		return NULL;
	}
	return child;
}

/**
 * xtcp_child_discard() - a child that never was in a table goes away
 * @child: of xtcp_child_new(), locked; unlocked and freed
 */
void xtcp_child_discard(struct sock *child)
	__releases(&child->sk_lock.slock)
{
	xtcp_state_store(child, TCP_CLOSE);
	sock_set_flag(child, SOCK_DEAD);
	bh_unlock_sock(child);
	xtcp_destroy(child);
	sock_put(child);
}
