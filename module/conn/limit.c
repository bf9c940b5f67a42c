// SPDX-License-Identifier: GPL-2.0
/*
 * What limits the sender, for TCP_INFO.
 */
#include <linux/net.h>

#include "conn.h"
#include "core/window.h"
#include "wqueue.h"

/* Data is unsent: is it the peer's window that has no room for a segment? */
static bool window_limits(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 unsent = tcb->write_seq - tcb->snd_nxt;
	u32 pipe = xtcp_pipe(tcb);

	return xtcp_usable_window(tcb) < min_t(u32, unsent, tcb->snd_mss) &&
	       (!pipe || pipe + tcb->snd_mss <= tcb->cc.cwnd);
}

static enum xtcp_limit limit_of(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (tcb->snd_una == tcb->write_seq)
		return XTCP_LIMIT_IDLE;
	if (tcb->write_seq == tcb->snd_nxt)
		return xtcp_state_in(sk, XTCPF_CAN_SEND) &&
		       xtcp_writer_waits(sk) ? XTCP_LIMIT_SNDBUF :
		       XTCP_LIMIT_NETWORK;
	return window_limits(sk) ? XTCP_LIMIT_RWND : XTCP_LIMIT_NETWORK;
}

/**
 * xtcp_limit_note() - the reason why nothing more is sent may have changed
 * @sk: the socket, lock held, in a state other than CLOSED, LISTEN and SYN-SENT;
 *	xs->now set
 *
 * Called after data was queued or sent, and after each segment that arrived.
 */
void xtcp_limit_note(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xtcp_chrono_set(&xs->chrono, limit_of(sk), xs->now);
}
