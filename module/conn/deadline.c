// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines of the timers of a connection. Their handlers are in timeout.c.
 */
#include "conn.h"
#include "core/uto.h"
#include "deadline.h"
#include "wqueue.h"

/*
 * Minimum time until RACK looks for losses again, ns: segments that become due
 * one after the other cause one expiry.
 */
#define XTCP_REORDER_SLACK_NS	(2ULL * NSEC_PER_MSEC)

/**
 * xtcp_timer_set() - arm or move a timer of a socket
 * @sk: the socket, lock held
 * @t: one of its timers
 * @deadline: ns of ktime_get()
 *
 * An armed timer holds a reference on the socket.
 */
void xtcp_timer_set(struct sock *sk, struct xtcp_timer *t, u64 deadline)
{
	if (xtcp_timer_arm(t, deadline))
		sock_hold(sk);
}

static void timer_kill(struct sock *sk, struct xtcp_timer *t)
{
	if (xtcp_timer_disarm(t))
		__sock_put(sk);
}

/**
 * xtcp_timers_kill() - stop the timers of a connection that has ended
 * @sk: the socket, lock held; the caller has a reference
 *
 * Drops the references that the timers hold. The handler of a timer that is
 * about to run drops its reference itself.
 */
void xtcp_timers_kill(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->rtx_purpose = XTCP_RTX_NONE;
	timer_kill(sk, &xs->rtx);
	timer_kill(sk, &xs->delack);
	timer_kill(sk, &xs->keep);
	timer_kill(sk, &xs->pace);
}

/* Options of the user, and their defaults */

/**
 * xtcp_keep_time() - idle time before the first keepalive probe
 * @sk: the socket
 *
 * Return: seconds; TCP_KEEPIDLE, or the sysctl.
 */
u32 xtcp_keep_time(const struct sock *sk)
{
	return xtcp_sk(sk)->keep_time ?:
	       xtcp_sk_sysctl(sk, keepalive_time);
}

/**
 * xtcp_keep_intvl() - interval between keepalive probes
 * @sk: the socket
 *
 * Return: seconds; TCP_KEEPINTVL, or the sysctl.
 */
u32 xtcp_keep_intvl(const struct sock *sk)
{
	return xtcp_sk(sk)->keep_intvl ?:
	       xtcp_sk_sysctl(sk, keepalive_intvl);
}

/**
 * xtcp_keep_probes() - limit of unanswered keepalive probes
 * @sk: the socket
 *
 * Return: TCP_KEEPCNT, or the sysctl.
 */
u32 xtcp_keep_probes(const struct sock *sk)
{
	return xtcp_sk(sk)->keep_probes ?:
	       xtcp_sk_sysctl(sk, keepalive_probes);
}

/**
 * xtcp_syn_retries() - limit of retransmissions of a SYN or SYN-ACK
 * @sk: the socket
 *
 * Return: TCP_SYNCNT if it is set. Otherwise, for a Fast Open child, one more
 * than the sysctl synack_retries; for others, the sysctl syn_retries.
 */
u32 xtcp_syn_retries(const struct sock *sk)
{
	if (xtcp_sk(sk)->syn_retries)
		return xtcp_sk(sk)->syn_retries;
	/* One retry more: the application may already use the socket. */
	if (xtcp_is_fastopen_child(sk))
		return xtcp_sk_sysctl(sk, synack_retries) + 1;
	return xtcp_sk_sysctl(sk, syn_retries);
}

/**
 * xtcp_syn_linear() - retransmissions of a SYN before its timeout doubles
 * @sk: the socket
 *
 * They come in addition to xtcp_syn_retries(). The default is 0: RFC 6298 5.5
 * requires to double the timeout at each expiry.
 *
 * Return: the sysctl syn_linear_timeouts; 0 for a SYN-ACK.
 */
u32 xtcp_syn_linear(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_SENT ?
	       xtcp_sk_sysctl(sk, syn_linear_timeouts) : 0;
}

/**
 * xtcp_fin_timeout() - time that an orphan stays in FIN-WAIT-2
 * @sk: the socket
 *
 * Return: ns; 0 if the connection is to be aborted instead.
 */
u64 xtcp_fin_timeout(const struct sock *sk)
{
	int secs = xtcp_sk(sk)->linger2;

	if (secs < 0)
		return 0;
	if (!secs)
		secs = xtcp_sk_sysctl(sk, fin_timeout);
	return (u64)secs * NSEC_PER_SEC;
}

/**
 * xtcp_user_timeout() - process the User Timeout option (RFC 5482)
 * @sk: the socket, lock held
 * @opt: the options of an acceptable segment
 *
 * The peer's value is adopted, within the limits of the sysctls, only if the
 * sysctl user_timeout_option is set and TCP_USER_TIMEOUT is not. In the terms
 * of RFC 5482 3: the sysctl is ENABLED; CHANGEABLE is true until the user sets
 * TCP_USER_TIMEOUT.
 */
void xtcp_user_timeout(struct sock *sk, const struct xtcp_options *opt)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct net *net = sock_net(sk);
	u32 secs;

	if (likely(!opt->has_uto) || !xtcp_sk_sysctl(sk, user_timeout_option))
		return;
	secs = xtcp_uto_adopt(opt->uto, xtcp_sk_sysctl(sk, user_timeout_min),
			      xtcp_sk_sysctl(sk, user_timeout_max));
	if (!secs || xs->user_timeout)
		return;
	xtcp_count(net, UserTimeoutRcvd);
	xs->peer_uto = secs;
}

/* Retransmission */

/* R2 as time since the first transmission, ns (RFC 9293 3.8.3, MUST-21). */
static u64 give_up_after(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 max = xs->tcb.rtt.rto_max;
	struct net *net = sock_net(sk);
	u32 retries;
	u64 us;

	if (xs->user_timeout)
		return (u64)xs->user_timeout * NSEC_PER_MSEC;
	if (xtcp_opening(sk)) {
		us = xtcp_rtt_r2(XTCP_RTO_INIT, xtcp_syn_retries(sk), max);
		us += (u64)xtcp_syn_linear(sk) *
		      min_t(u32, XTCP_RTO_INIT, max);
		return us * NSEC_PER_USEC;
	}
	retries = xtcp_sysctl(net, retries2);
	/* The peer's UTO does not apply to orphans. */
	if (xs->peer_uto && !sock_flag(sk, SOCK_DEAD))
		return (u64)xs->peer_uto * NSEC_PER_SEC;
	if (sock_flag(sk, SOCK_DEAD))
		retries = xtcp_sysctl(net, orphan_retries) ?: 8;
	return xtcp_rtt_r2(XTCP_RTO_MIN, retries, max) * NSEC_PER_USEC;
}

/**
 * xtcp_time_is_up() - has R2 expired
 * @sk: the socket, lock held, xs->now set
 *
 * Return: true if R2 has expired: the connection is to be given up.
 */
bool xtcp_time_is_up(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return xs->retrans_stamp &&
	       xs->now >= xs->retrans_stamp + give_up_after(sk);
}

/*
 * Time from which a timeout counts, ns: with pacing what was sent last may leave
 * later, or the next segment may wait.
 */
static u64 from_departure(const struct xtcp_sock *xs)
{
	return max(xs->now, xs->pace_next);
}

/*
 * Time of the next expiry, ns: one RTO from now, or the end of R2 if that comes
 * first.
 */
static u64 next_expiry(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u64 at = from_departure(xs) +
		 (u64)xtcp_rtt_rto(&xs->tcb.rtt) * NSEC_PER_USEC;
	u64 end;

	if (!xs->retrans_stamp)
		return at;
	end = xs->retrans_stamp + give_up_after(sk);
	if (end > xs->now && end < at)
		return end;
	return at;
}

/*
 * May the timer run for a tail loss probe? Only if no loss is suspected, and
 * one probe at a time (RFC 8985 7.2). An ECN hold needs the timeout.
 */
static bool may_probe_tail(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return tcb->sack_ok && tcb->recovery == XTCP_REC_OPEN &&
	       !tcb->tlp.active && !tcb->ecn.hold && !xtcp_opening(sk) &&
	       xtcp_sk_sysctl(sk, early_retrans) >= 3;
}

/* When a tail loss probe is due, ns. */
static u64 tail_probe_at(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 us = xtcp_tlp_timeout(xtcp_rtt_srtt(&xs->tcb.rtt),
				  xtcp_sent_single(sk));

	return from_departure(xs) + (u64)us * NSEC_PER_USEC;
}

/* Data is in flight: arm the timer for the first of its purposes. */
static void arm_for_flight(struct sock *sk, bool probe_ok)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u64 at = xs->rto_at;

	xs->rtx_purpose = XTCP_RTX_RETRANSMIT;
	if (xs->reorder_at) {
		u64 soon = xs->now + XTCP_REORDER_SLACK_NS;

		xs->rtx_purpose = XTCP_RTX_REORDER;
		at = min(at, max(xs->reorder_at, soon));
	} else if (probe_ok && may_probe_tail(sk)) {
		xs->rtx_purpose = XTCP_RTX_TAIL;
		at = min(at, tail_probe_at(sk));
	}
	xtcp_timer_set(sk, &xs->rtx, at);
}

static void restart(struct sock *sk, bool probe_ok)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (xs->tcb.snd_una != xs->tcb.snd_nxt) {
		xs->tcb.rtt.probes = 0;
		xs->rto_at = next_expiry(sk);
		arm_for_flight(sk, probe_ok);
		return;
	}
	xs->reorder_at = 0;
	if (!xtcp_nothing_unsent(sk)) {
		xs->rtx_purpose = XTCP_RTX_PROBE;
	} else {
		xs->rtx_purpose = XTCP_RTX_NONE;
		xs->tcb.rtt.probes = 0;
		/*
		 * With ecn.hold the timer must run also without data: its
		 * expiry ends the hold (RFC 3168 6.1.2).
		 */
		if (!xs->tcb.ecn.hold) {
			xtcp_timer_off(&xs->rtx);
			return;
		}
	}
	xtcp_timer_set(sk, &xs->rtx, next_expiry(sk));
}

/**
 * xtcp_rtx_restart() - restart or stop the retransmission timer
 * @sk: the socket, lock held
 *
 * It runs for a retransmission if data is in flight, or for what comes before
 * that (enum xtcp_rtx_purpose), else for a probe if data is queued.
 *
 * Source: RFC 6298 5.1 to 5.3; RFC 8985 6.2 and 7.2; RFC 9293 3.8.6.1 for the
 * probe.
 */
void xtcp_rtx_restart(struct sock *sk)
{
	restart(sk, true);
}

/**
 * xtcp_rtx_restart_rto() - restart the timer, without a tail loss probe
 * @sk: the socket, lock held
 */
void xtcp_rtx_restart_rto(struct sock *sk)
{
	restart(sk, false);
}

/**
 * xtcp_rtx_arm() - start the retransmission timer if necessary
 * @sk: the socket, lock held
 *
 * A running timer is restarted only if its mode changes: data in flight, or
 * probe. But new data moves a tail loss probe (RFC 8985 7.2), and a segment
 * that RACK waits for makes it come earlier.
 */
void xtcp_rtx_arm(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool flight = xs->tcb.snd_una != xs->tcb.snd_nxt;
	bool probe = xs->rtx_purpose == XTCP_RTX_PROBE;
	bool off = xs->rtx_purpose == XTCP_RTX_NONE || !xs->rtx.deadline;
	bool queued = !xtcp_nothing_unsent(sk);

	/*
	 * With ecn.hold the running timer must not move: its expiry ends the
	 * hold (RFC 3168 6.1.2).
	 */
	if (unlikely(xs->tcb.ecn.hold) && xs->rtx.deadline)
		xs->rtx_purpose = flight ? XTCP_RTX_RETRANSMIT :
				  queued ? XTCP_RTX_PROBE : XTCP_RTX_NONE;
	else if (flight && !off && !probe)
		arm_for_flight(sk, true);
	else if (flight || (queued ? off || !probe : !off))
		restart(sk, true);
}

/* Keepalive */

/**
 * xtcp_keep_arm() - (re)start the keepalive timer if SO_KEEPALIVE is set
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
 * xtcp_set_keepalive() - start or stop the keepalive timer (proto.keepalive)
 * @sk: the socket, lock held
 * @on: the new value of SO_KEEPALIVE; SOCK_KEEPOPEN still has the old one
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
