// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of the timers of a connection: retransmission (with the zero-window
 * probe), delayed ACK, keepalive (with the end of FIN-WAIT-2 of orphans), pacing.
 */
#include <linux/hrtimer.h>

#include "ackpolicy.h"
#include "conn.h"
#include "deadline.h"
#include "fastopen.h"
#include "output.h"
#include "path.h"
#include "recovery.h"
#include "wqueue.h"

/*
 * A timer fired. If its deadline is later, arm it again.
 *
 * Return: true if it is due now; xs->now is set then.
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

/* Retransmission */

static void give_up(struct sock *sk)
{
	xtcp_sk_count(sk, AbortOnTimeout);
	xtcp_state_fail(sk, XTCP_EV_TIMEOUT, READ_ONCE(sk->sk_err_soft));
}

/*
 * R1: give IP negative advice about the route (RFC 9293 3.8.3, MUST-20). R1 is
 * the sysctl retries1, or two retransmissions of a SYN or SYN-ACK.
 */
static void advise_ip(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (xtcp_opening(sk) ? xs->retransmits > 1 :
	    xs->retransmits >= (u32)xtcp_sk_sysctl(sk, retries1))
		dst_negative_advice(sk);
	/* A new hash may select another path. */
	if (sk_rethink_txhash(sk))
		xs->rehash++;
}

/*
 * Has the peer closed its window while data was in flight, and does it still
 * answer? Then retransmissions are only probes, and R2 does not run (RFC 9293
 * 3.8.6, SHLD-17). But it runs with TCP_USER_TIMEOUT, which also limits a peer
 * that answers, and for orphans.
 */
static bool shrunk_but_alive(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return !xs->tcb.snd_wnd && !xtcp_opening(sk) && !xs->user_timeout &&
	       !sock_flag(sk, SOCK_DEAD) &&
	       xs->now - xs->last_heard < XTCP_RTO_MAX * (u64)NSEC_PER_USEC;
}

static void count_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->total_rto++;
	if (xs->retransmits)
		return;
	xtcp_sk_count(sk, Timeouts);
	xtcp_rto_over(xs);
	xs->rto_recoveries++;
	xs->rto_since = xs->now;
}

static void retransmit_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (shrunk_but_alive(sk)) {
		/*
		 * R2 starts when the window opens or the peer stops answering.
		 */
		xs->retrans_stamp = xs->now;
	} else if (xtcp_time_is_up(sk)) {
		xtcp_fastopen_timeout(sk, true);
		give_up(sk);
		return;
	}
	if (!shrunk_but_alive(sk))
		xtcp_fastopen_timeout(sk, false);
	count_timeout(sk);
	advise_ip(sk);
	if (!xtcp_opening(sk) && xs->tcb.snd_wnd)
		xtcp_mtu_timeout(sk);
	xtcp_recovery_timeout(sk);
	xs->retransmits++;
	if (xs->retransmits > xtcp_syn_linear(sk))
		xtcp_rtt_expired(&xs->tcb.rtt.backoff);
	xtcp_rtx_restart(sk);
}

/*
 * An orphan with a closed window is given up once the number of probes in the
 * sysctl orphan_retries (0: 8) was sent, and the RTO has reached its maximum. A
 * host may end a connection in this state to free resources (RFC 6429 4).
 */
static bool orphan_waited(const struct sock *sk)
{
	const struct xtcp_rtt *rtt = &xtcp_sk(sk)->tcb.rtt;

	return sock_flag(sk, SOCK_DEAD) && xtcp_rtt_rto(rtt) == rtt->rto_max &&
	       rtt->probes >= (xtcp_sk_sysctl(sk, orphan_retries) ?: 8);
}

/*
 * Data waits for the window: send it if the window is open now, else a probe.
 * Probes have no limit while the peer answers (RFC 9293 3.8.6.1, MUST-37),
 * except for TCP_USER_TIMEOUT and, for an orphan, orphan_waited().
 */
static void probe_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!xs->retrans_stamp)
		xs->retrans_stamp = xs->now;
	if (((xs->probes_out || xs->user_timeout) && xtcp_time_is_up(sk)) ||
	    orphan_waited(sk)) {
		give_up(sk);
		return;
	}
	if (!xtcp_probe_send(sk)) {
		xtcp_sk_count(sk, WinProbe);
		xs->probes_out++;
		xtcp_rtt_expired(&xs->tcb.rtt.probes);
	}
	/* The data has waited already: no tail loss probe for it. */
	xtcp_rtx_restart_rto(sk);
}

/* RFC 8985 6.2, step 5. */
static void reorder_timeout(struct sock *sk)
{
	if (xtcp_sk(sk)->now >= xtcp_sk(sk)->rto_at) {
		retransmit_timeout(sk);
		return;
	}
	xtcp_recovery_reorder_timeout(sk);
	xtcp_push(sk);
	xtcp_rtx_arm(sk);
}

/* RFC 8985 7.3: the retransmission timeout follows the probe. */
static void tail_timeout(struct sock *sk)
{
	xtcp_loss_probe(sk);
	xtcp_rtx_restart_rto(sk);
}

static void (*const rtx_handler[])(struct sock *sk) = {
	[XTCP_RTX_NONE] = NULL,
	[XTCP_RTX_RETRANSMIT] = retransmit_timeout,
	[XTCP_RTX_REORDER] = reorder_timeout,
	[XTCP_RTX_TAIL] = tail_timeout,
	[XTCP_RTX_PROBE] = probe_timeout,
};

static void rtx_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!timer_due(sk, &xs->rtx))
		return;
	xtcp_note_app_limit(sk);
	xs->tcb.ecn.hold = 0;
	if (rtx_handler[xs->rtx_purpose])
		rtx_handler[xs->rtx_purpose](sk);
}

/* Delayed ACK */

static void delack_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!timer_due(sk, &xs->delack) || !xs->ack_sched)
		return;
	xtcp_sk_count(sk, DelayedACKs);
	xtcp_ack_waited(xs);
	xtcp_ack_send(sk);
}

/* Keepalive */

static bool peer_is_gone(const struct sock *sk, u64 idle)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	if (xs->user_timeout)
		return xs->probes_out &&
		       idle >= (u64)xs->user_timeout * NSEC_PER_MSEC;
	/* The peer's UTO applies to keepalive, too (RFC 5482 4.2). */
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

	/*
	 * No keepalive probe: retransmissions or window probes of this data
	 * detect a dead peer.
	 */
	if (xs->tcb.snd_una != xs->tcb.snd_nxt ||
	    !xtcp_nothing_unsent(sk)) {
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

/* Pacing */

static void pace_timeout(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!timer_due(sk, &xs->pace))
		return;
	if (!xs->tcb.frto.active)
		xtcp_retransmit_lost(sk);
	xtcp_push(sk);
}

/* From softirq, or deferred to the end of a system call */

/*
 * If a system call owns the socket, only that call may touch the fields of the
 * timer, because it may be moving or stopping it. So the timer stays armed, and
 * xtcp_timers_deferred() gets its reference with the bit.
 */
static void run_or_defer(struct sock *sk, struct xtcp_timer *t,
			 void (*fn)(struct sock *sk), int bit)
{
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		set_bit(bit, &xtcp_sk(sk)->deferred);
		if (bit == XTCP_DEFER_DELACK)
			xtcp_sk_count(sk, DelayedACKLocked);
		bh_unlock_sock(sk);
		return;
	}
	xtcp_timer_begin(t);
	fn(sk);
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

static enum hrtimer_restart pace_fires(struct hrtimer *hr)
{
	struct xtcp_sock *xs = container_of(hr, struct xtcp_sock, pace.hr);

	run_or_defer((struct sock *)xs, &xs->pace, pace_timeout,
		     XTCP_DEFER_PACE);
	return HRTIMER_NORESTART;
}

/*
 * t->firing stays false: no callback is running, so the timer can be canceled.
 */
static void run_deferred(struct sock *sk, struct xtcp_timer *t,
			 void (*fn)(struct sock *sk))
{
	t->armed = false;
	fn(sk);
	__sock_put(sk);
}

/**
 * xtcp_timers_deferred() - run timers that fired while the socket was owned
 * @sk: the socket, about to be released; the caller has a reference
 * @bits: XTCP_DEFER_* bits
 */
void xtcp_timers_deferred(struct sock *sk, unsigned long bits)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (bits & BIT(XTCP_DEFER_RTX))
		run_deferred(sk, &xs->rtx, rtx_timeout);
	if (bits & BIT(XTCP_DEFER_DELACK))
		run_deferred(sk, &xs->delack, delack_timeout);
	if (bits & BIT(XTCP_DEFER_KEEP))
		run_deferred(sk, &xs->keep, keep_timeout);
	if (bits & BIT(XTCP_DEFER_PACE))
		run_deferred(sk, &xs->pace, pace_timeout);
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
	xtcp_timer_setup(&xs->pace, pace_fires);
	/*
	 * Later only release_cb clears it: the bit of a timer holds a
	 * reference.
	 */
	xs->deferred = 0;
}
