// SPDX-License-Identifier: GPL-2.0
#include "tcb.h"

/**
 * xtcp_tcb_start_send() - initialize the send sequence variables
 * @tcb: the TCB
 * @seq: next sequence number to be sent; all before it is acknowledged
 */
void xtcp_tcb_start_send(struct xtcp_tcb *tcb, u32 seq)
{
	tcb->snd_una = seq;
	tcb->snd_nxt = seq;
	tcb->write_seq = seq;
	tcb->round_end = seq;
	tcb->snd_up = seq;
	/* Nagle: no small segment is unacknowledged. */
	tcb->snd_sml = seq;
}

/**
 * xtcp_tcb_start_receive() - initialize the receive sequence variables
 * @tcb: the TCB
 * @seq: next sequence number expected
 * @wnd: the window that the peer knows, bytes
 */
void xtcp_tcb_start_receive(struct xtcp_tcb *tcb, u32 seq, u32 wnd)
{
	tcb->rcv_nxt = seq;
	tcb->rcv_adv = seq + wnd;
	tcb->rcv_shrunk = 0;
	tcb->last_ack_sent = seq;
	tcb->rcv_up = seq;
}
