// SPDX-License-Identifier: GPL-2.0
/*
 * What the timers of a connection do: retransmission (with the zero-window probe),
 * delayed ACK, keepalive (with the end of FIN-WAIT-2 for orphans).
 */
#include <linux/hrtimer.h>

#include "fastopen.h"
#include "mtu.h"
#include "output.h"
#include "state.h"
#include "timeout.h"

/**
 * xtcp_timer_set() - let a timer of a socket be due at a time
 * @sk: the socket, lock held
 * @t: one of its timers
 * @deadline: ns of ktime_get()
 */
void xtcp_timer_set(struct sock *sk, struct xtcp_timer *t, u64 deadline)
{
	if (xtcp_timer_arm(t, deadline))
		sock_hold(sk);
}

/*
 * A timer fired, perhaps early. Return: true if it is due now.
 * Context: socket lock held.
 */
static bool timer_due(struct sock *sk, struct xtcp_timer *t)
{
	if (!t->deadline || sk->sk_state == TCP_CLOSE)
		return false;
	xtcp_sk(sk)->now = ktime_get_ns();
	if (xtcp_timer_due(t, xtcp_sk(sk)->now))
		return true;
	xtcp_timer_set(sk, t, t->deadline);
	return false;
}

static void timer_kill(struct sock *sk, struct xtcp_timer *t)
{
	if (xtcp_timer_disarm(t))
		__sock_put(sk);
}

/**
 * xtcp_timers_kill() - the connection is over: no timer holds it any more
 * @sk: the socket, lock held; the caller has a reference
 */
void xtcp_timers_kill(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->rtx_what = XTCP_RTX_NONE;
	timer_kill(sk, &xs->rtx);
	timer_kill(sk, &xs->delack);
	timer_kill(sk, &xs->keep);
}

/* Settings with their defaults */

u32 xtcp_keep_time(const struct sock *sk)
{
	return xtcp_sk(sk)->keep_time ?:
	       xtcp_sk_sysctl(sk, keepalive_time);
}

u32 xtcp_keep_intvl(const struct sock *sk)
{
	return xtcp_sk(sk)->keep_intvl ?:
	       xtcp_sk_sysctl(sk, keepalive_intvl);
}

u32 xtcp_keep_probes(const struct sock *sk)
{
	return xtcp_sk(sk)->keep_probes ?:
	       xtcp_sk_sysctl(sk, keepalive_probes);
}

u32 xtcp_syn_retries(const struct sock *sk)
{
	if (xtcp_sk(sk)->syn_retries)
		return xtcp_sk(sk)->syn_retries;
	/* One more: somebody has the connection already, and may be writing. */
	if (xtcp_opened_fast(sk))
		return xtcp_sk_sysctl(sk, synack_retries) + 1;
	return xtcp_sk_sysctl(sk, syn_retries);
}

/* ns; 0 if FIN-WAIT-2 of an orphan is not to be waited for */
u64 xtcp_fin_timeout(const struct sock *sk)
{
	int secs = xtcp_sk(sk)->linger2;

	if (secs < 0)
		return 0;
	if (!secs)
		secs = xtcp_sk_sysctl(sk, fin_timeout);
	return (u64)secs * NSEC_PER_SEC;
}

/* Retransmission */

static bool opening(const struct sock *sk)
{
	return xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV);
}

/* R2 as a time since the first transmission; ns (RFC 9293 3.8.3, MUST-21). */
static u64 give_up_after(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	struct net *net = sock_net(sk);
	u32 retries;
	u64 us;

	if (xs->user_timeout)
		return (u64)xs->user_timeout * NSEC_PER_MSEC;
	if (opening(sk)) {
		us = xtcp_rtt_give_up(XTCP_RTO_INIT, xtcp_syn_retries(sk));
		return us * NSEC_PER_USEC;
	}
	retries = xtcp_sysctl(net, retries2);
	/* What the peer asked for was for a program that is there to wait. */
	if (xs->peer_uto && !sock_flag(sk, SOCK_DEAD))
		return (u64)xs->peer_uto * NSEC_PER_SEC;
	if (sock_flag(sk, SOCK_DEAD))
		retries = xtcp_sysctl(net, orphan_retries) ?: 8;
	return xtcp_rtt_give_up(XTCP_RTO_MIN, retries) * NSEC_PER_USEC;
}

/* The timer's next expiry; never later than the time to give up. */
static u64 next_expiry(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u64 at = xs->now + (u64)xtcp_rtt_rto(&xs->tcb.rtt) * NSEC_PER_USEC;
	u64 end;

	if (!xs->retrans_stamp)
		return at;
	end = xs->retrans_stamp + give_up_after(sk);
	if (end > xs->now && end < at)
		return end;
	return at;
}

/**
 * xtcp_rtx_restart() - start the retransmission timer anew, or stop it
 * @sk: the socket, lock held
 *
 * Source: RFC 6298 5.1 to 5.3; RFC 9293 3.8.6.1 for the probe.
 */
void xtcp_rtx_restart(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (xs->tcb.snd_una != xs->tcb.snd_nxt) {
		xs->rtx_what = XTCP_RTX_RETRANSMIT;
		xs->tcb.rtt.probes = 0;
	} else if (xs->send_head) {
		xs->rtx_what = XTCP_RTX_PROBE;
	} else {
		xs->rtx_what = XTCP_RTX_NONE;
		xs->tcb.rtt.probes = 0;
		/* It ends what a mark began, with or without data. */
		if (!xs->tcb.ecn.hold) {
			xtcp_timer_off(&xs->rtx);
			return;
		}
	}
	xtcp_timer_set(sk, &xs->rtx, next_expiry(sk));
}

/**
 * xtcp_rtx_arm() - start the timer if it is off, or for another purpose
 * @sk: the socket, lock held
 */
void xtcp_rtx_arm(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u8 what = xs->tcb.snd_una != xs->tcb.snd_nxt ? XTCP_RTX_RETRANSMIT :
		  xs->send_head ? XTCP_RTX_PROBE : XTCP_RTX_NONE;

	/* What a mark holds back goes when the timer that runs says so. */
	if (xs->tcb.ecn.hold && xs->rtx.deadline)
		xs->rtx_what = what;
	else if (what != xs->rtx_what || (what && !xs->rtx.deadline))
		xtcp_rtx_restart(sk);
}

static void give_up(struct sock *sk)
{
	xtcp_sk_count(sk, AbortOnTimeout);
	xtcp_state_fail(sk, XTCP_EV_TIMEOUT, READ_ONCE(sk->sk_err_soft));
}

static bool time_is_up(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return xs->retrans_stamp &&
	       xs->now >= xs->retrans_stamp + give_up_after(sk);
}

/* R1: tell IP to doubt the route (MUST-20, SHLD-10). */
static void advise_ip(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (opening(sk) ? xs->retransmits > 1 :
	    xs->retransmits >= (u32)xtcp_sk_sysctl(sk, retries1)) {
		dst_negative_advice(sk);
		sk_rethink_txhash(sk);
	}
}

/*
 * The peer closed its window while data was in flight. As long as it answers,
 * what we send again only probes, and does not count (SHLD-17); but TCP_USER_TIMEOUT
 * says for how long, whatever the peer does.
 */
static bool shrunk_but_alive(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return !xs->tcb.snd_wnd && !opening(sk) && !xs->user_timeout &&
	       !sock_flag(sk, SOCK_DEAD) &&
	       xs->now - xs->last_heard < XTCP_RTO_MAX * (u64)NSEC_PER_USEC;
}

static void retransmit_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (shrunk_but_alive(sk)) {
		/* R2 begins when the peer has no window to excuse it any more. */
		xs->retrans_stamp = xs->now;
	} else if (time_is_up(sk)) {
		xtcp_fastopen_timeout(sk, true);
		give_up(sk);
		return;
	}
	if (!shrunk_but_alive(sk))
		xtcp_fastopen_timeout(sk, false);
	if (!xs->retransmits)
		xtcp_sk_count(sk, Timeouts);
	advise_ip(sk);
	if (!opening(sk) && xs->tcb.snd_wnd)
		xtcp_mtu_timeout(sk);
	xtcp_recovery_timeout(sk);
	xs->retransmits++;
	xtcp_rtt_expired(&xs->tcb.rtt.backoff);
	xtcp_rtx_restart(sk);
}

/* Nobody will miss the data, and the peer has kept us waiting (ZW-1). */
static bool orphan_waited(const struct sock *sk)
{
	const struct xtcp_rtt *rtt = &xtcp_sk(sk)->tcb.rtt;

	return sock_flag(sk, SOCK_DEAD) && xtcp_rtt_rto(rtt) == XTCP_RTO_MAX &&
	       rtt->probes >= (xtcp_sk_sysctl(sk, orphan_retries) ?: 8);
}

/*
 * The window is closed: probe it, for ever if the peer answers (MUST-37), but
 * not for longer than TCP_USER_TIMEOUT says, and not for a socket that has no
 * user any more.
 */
static void probe_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!xs->retrans_stamp)
		xs->retrans_stamp = xs->now;
	if (((xs->probes_out || xs->user_timeout) && time_is_up(sk)) ||
	    orphan_waited(sk)) {
		give_up(sk);
		return;
	}
	if (!xtcp_probe_send(sk)) {
		xtcp_sk_count(sk, WinProbe);
		xs->probes_out++;
		xtcp_rtt_expired(&xs->tcb.rtt.probes);
	}
	xtcp_rtx_restart(sk);
}

static void rtx_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!timer_due(sk, &xs->rtx))
		return;
	xs->tcb.ecn.hold = 0;
	if (xs->rtx_what == XTCP_RTX_RETRANSMIT)
		retransmit_timeout(sk);
	else if (xs->rtx_what == XTCP_RTX_PROBE)
		probe_timeout(sk);
}

/* Delayed ACK */

static void delack_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!timer_due(sk, &xs->delack) || !xs->ack_sched)
		return;
	xtcp_sk_count(sk, DelayedACKs);
	/* The reply that was waited for did not come. */
	xs->pingpong = false;
	xtcp_ack_send(sk);
}

/* Keepalive */

/**
 * xtcp_keep_arm() - (re)start the keepalive timer where it is wanted
 * @sk: the socket, lock held
 */
void xtcp_keep_arm(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (sock_flag(sk, SOCK_KEEPOPEN) &&
	    xtcp_state_in(sk, XTCPF_SYNCHRONIZED))
		xtcp_timer_set(sk, &xs->keep, ktime_get_ns() +
			       (u64)xtcp_keep_time(sk) * NSEC_PER_SEC);
}

/**
 * xtcp_set_keepalive() - SO_KEEPALIVE changed (proto.keepalive)
 * @sk: the socket, lock held
 * @on: its new value
 */
void xtcp_set_keepalive(struct sock *sk, int on)
{
	if (!xtcp_state_in(sk, XTCPF_SYNCHRONIZED) || sock_flag(sk, SOCK_DEAD))
		return;
	if (!on)
		xtcp_timer_off(&xtcp_sk(sk)->keep);
	else if (!sock_flag(sk, SOCK_KEEPOPEN))
		xtcp_timer_set(sk, &xtcp_sk(sk)->keep, ktime_get_ns() +
			       (u64)xtcp_keep_time(sk) * NSEC_PER_SEC);
}

static bool peer_is_gone(const struct sock *sk, u64 idle)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	if (xs->user_timeout)
		return xs->probes_out &&
		       idle >= (u64)xs->user_timeout * NSEC_PER_MSEC;
	/* What was granted to the peer holds here too (RFC 5482 4.2). */
	if (idle < (u64)xs->peer_uto * NSEC_PER_SEC)
		return false;
	return xs->probes_out >= xtcp_keep_probes(sk);
}

/* RFC 9293 3.8.4: MUST-26, MUST-29, SHLD-12. */
static void keepalive(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u64 idle_max = (u64)xtcp_keep_time(sk) * NSEC_PER_SEC;
	u64 idle = xs->now - xs->last_heard;

	/* Data in flight or waiting is a better probe. */
	if (xs->tcb.snd_una != xs->tcb.snd_nxt || xs->send_head) {
		xtcp_timer_set(sk, &xs->keep, xs->now + idle_max);
		return;
	}
	if (idle < idle_max) {
		xtcp_timer_set(sk, &xs->keep, xs->last_heard + idle_max);
		return;
	}
	if (peer_is_gone(sk, idle)) {
		xtcp_reset_peer(sk, XTCP_RESET_KEEPALIVE);
		give_up(sk);
		return;
	}
	xtcp_sk_count(sk, KeepAlive);
	xs->probes_out++;
	xtcp_transmit_bare(sk, XTCP_ACK, xs->tcb.snd_una - 1);
	xtcp_timer_set(sk, &xs->keep, xs->now +
		       (u64)xtcp_keep_intvl(sk) * NSEC_PER_SEC);
}

static void keep_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!timer_due(sk, &xs->keep))
		return;
	if (sock_flag(sk, SOCK_DEAD) && sk->sk_state == TCP_FIN_WAIT2)
		xtcp_state_event(sk, XTCP_EV_TIMEOUT);
	else if (sock_flag(sk, SOCK_KEEPOPEN))
		keepalive(sk);
}

/* From softirq, or deferred to the end of a system call */

static void run_or_defer(struct sock *sk, struct xtcp_timer *t,
			 void (*fn)(struct sock *sk), int bit)
{
	bh_lock_sock(sk);
	xtcp_timer_begin(t);
	if (!sock_owned_by_user(sk)) {
		fn(sk);
	} else {
		set_bit(bit, &xtcp_sk(sk)->deferred);
		if (bit == XTCP_DEFER_DELACK)
			xtcp_sk_count(sk, DelayedACKLocked);
	}
	xtcp_timer_end(t);
	bh_unlock_sock(sk);
	sock_put(sk);
}

static enum hrtimer_restart rtx_fires(struct hrtimer *hr)
{
	struct xtcp_sock *xs = container_of(hr, struct xtcp_sock, rtx.hr);

	run_or_defer((struct sock *)xs, &xs->rtx, rtx_timeout,
		     XTCP_DEFER_RTX);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart delack_fires(struct hrtimer *hr)
{
	struct xtcp_sock *xs = container_of(hr, struct xtcp_sock, delack.hr);

	run_or_defer((struct sock *)xs, &xs->delack, delack_timeout,
		     XTCP_DEFER_DELACK);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart keep_fires(struct hrtimer *hr)
{
	struct xtcp_sock *xs = container_of(hr, struct xtcp_sock, keep.hr);

	run_or_defer((struct sock *)xs, &xs->keep, keep_timeout,
		     XTCP_DEFER_KEEP);
	return HRTIMER_NORESTART;
}

/**
 * xtcp_timers_deferred() - run the timers that found the socket owned
 * @sk: the socket, about to be released
 * @bits: what was deferred
 */
void xtcp_timers_deferred(struct sock *sk, unsigned long bits)
{
	if (bits & BIT(XTCP_DEFER_RTX))
		rtx_timeout(sk);
	if (bits & BIT(XTCP_DEFER_DELACK))
		delack_timeout(sk);
	if (bits & BIT(XTCP_DEFER_KEEP))
		keep_timeout(sk);
}

/**
 * xtcp_timers_init() - set up the timers of a new socket
 * @sk: the socket
 */
void xtcp_timers_init(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xtcp_timer_setup(&xs->rtx, rtx_fires);
	xtcp_timer_setup(&xs->delack, delack_fires);
	xtcp_timer_setup(&xs->keep, keep_fires);
}
