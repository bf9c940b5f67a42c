// SPDX-License-Identifier: GPL-2.0
/*
 * Undo of a reduction of cwnd that proves wrong. core/undo.c decides.
 */
#include <linux/tcp.h>

#include "conn.h"
#include "core/window.h"
#include "output.h"
#include "recovery.h"
#include "scoreboard.h"
#include "wqueue.h"

/*
 * Nothing was lost: cwnd is what it was, and segments that are not retransmitted
 * yet are in flight again.
 */
static void undo(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	xtcp_cc_undo(&tcb->cc, &tcb->undo, tcb->snd_mss, xtcp_flight(tcb),
		     s->acked);
	xtcp_ecn_reduction_undone(&tcb->ecn);
	tcb->undo.armed = false;
	tcb->frto.active = false;
	if (tcb->recovery < XTCP_REC_FAST)
		return;
	xtcp_forget_losses(sk);
	tcb->recovery = tcb->sacked_out ? XTCP_REC_DISORDER : XTCP_REC_OPEN;
}

/* Time since the transmission that @s echoes, us; 0 if unknown. */
static u32 echo_age(const struct sock *sk, const struct xtcp_sample *s)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 ticks;

	if (!xs->tcb.ts_ok || !s->seg->opt.has_ts || !s->seg->opt.tsecr)
		return 0;
	ticks = xtcp_ts_clock(xs->now, xs->tcb.ts_offset) - s->seg->opt.tsecr;
	return ticks < XTCP_RTO_MAX / USEC_PER_MSEC ? ticks * USEC_PER_MSEC : 0;
}

/* The timeout was spurious: the path has become slower (RFC 4015 3.2). */
static void undo_timeout(struct sock *sk, const struct xtcp_sample *s)
{
	u32 age = echo_age(sk, s);

	if (age)
		xtcp_rtt_spurious(&xtcp_sk(sk)->tcb.rtt, age);
	xtcp_sk_count(sk, LossUndo);
	undo(sk, s);
}

/**
 * xtcp_try_undo() - take back a reduction that an ACK proves wrong
 * @sk: the socket, lock held; queue and scoreboard are updated; tcb.undo is
 *	armed
 * @s: the changes that the ACK made
 *
 * Source: RFC 3522 3.2 (timestamps), RFC 3708 (DSACK); RFC 4015 for the
 * response.
 */
void xtcp_try_undo(struct sock *sk, const struct xtcp_sample *s)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (s->dsack && seq_leq(s->dsack_end, s->prior_una)) {
		xtcp_undo_dsack(&tcb->undo, s->dsack_end,
				DIV_ROUND_UP(s->dsack_len, tcb->snd_mss));
		if (xtcp_undo_all_dups(&tcb->undo)) {
			xtcp_sk_count(sk, DSACKUndo);
			undo(sk, s);
			return;
		}
	}
	if (!s->acked || tcb->recovery < XTCP_REC_FAST || !tcb->ts_ok ||
	    !s->seg->opt.has_ts ||
	    !xtcp_undo_eifel(&tcb->undo, s->seg->opt.tsecr))
		return;
	if (tcb->recovery == XTCP_REC_LOSS) {
		undo_timeout(sk, s);
	} else {
		xtcp_sk_count(sk, FullUndo);
		undo(sk, s);
	}
}

static bool may_send_new(const struct sock *sk)
{
	return !xtcp_nothing_unsent(sk) &&
	       xtcp_usable_window(&xtcp_sk(sk)->tcb);
}

/**
 * xtcp_frto_waits() - process an ACK after a timeout that may be spurious
 * @sk: the socket, lock held; cwnd is updated; tcb.frto is active
 * @s: the changes that the ACK made
 * @dupack: it is a duplicate ACK
 *
 * Source: RFC 5682 3.1.
 *
 * Return: true if nothing must be retransmitted now: the next ACK shows whether
 * the timeout was spurious.
 */
bool xtcp_frto_waits(struct sock *sk, const struct xtcp_sample *s, bool dupack)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	bool sent_new = seq_after(tcb->snd_nxt, tcb->recover);
	struct xtcp_frto_ack a = {
		.advanced = s->acked,
		.recovered = seq_geq(tcb->snd_una, tcb->recover),
		/*
		 * Without SACK the first ACK may be for data that the peer had
		 * kept beyond a hole.
		 */
		.original = s->original && (tcb->sack_ok || sent_new),
		.no_progress = dupack || s->sacked,
		.sent_new = sent_new,
		.may_send_new = may_send_new(sk),
	};

	switch (xtcp_frto_ack(&tcb->frto, &a)) {
	case XTCP_FRTO_SPURIOUS:
		xtcp_sk_count(sk, SpuriousRTOs);
		undo_timeout(sk, s);
		return true;
	case XTCP_FRTO_SEND_NEW:
		xtcp_push(sk);
		/* Nagle's rule does not apply: the data serves as a probe. */
		if (tcb->snd_nxt == tcb->recover)
			xtcp_push_one(sk);
		if (seq_after(tcb->snd_nxt, tcb->recover))
			return true;
		tcb->frto.active = false;
		return false;
	default:
		return false;
	}
}
