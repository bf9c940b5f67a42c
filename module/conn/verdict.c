// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that xtcp_arrives() refuses: count the reason, and act. One place
 * for sockets, requests and TIME-WAIT entries.
 */
#include "conn.h"

static void count_reason(struct sock *sk, enum xtcp_why why)
{
	struct net *net = sock_net(sk);

	switch (why) {
	case XTCP_WHY_NO_TS:
		xtcp_count(net, NoTimestamp);
		break;
	case XTCP_WHY_PAWS:
		if (sk->sk_state == TCP_TIME_WAIT)
			xtcp_count(net, PAWSTimewait);
		else
			xtcp_count(net, PAWSEstab);
		break;
	case XTCP_WHY_SEQ:
		xtcp_count(net, OutOfWindow);
		break;
	case XTCP_WHY_RST:
		xtcp_count(net, RSTChallenge);
		break;
	case XTCP_WHY_SYN:
		xtcp_count(net, SYNChallenge);
		break;
	case XTCP_WHY_NO_ACK:
		xtcp_count(net, NoAckBit);
		break;
	case XTCP_WHY_ACK_OLD:
		xtcp_count(net, AckTooOld);
		break;
	case XTCP_WHY_ACK_UNSENT:
		xtcp_count(net, AckUnsent);
		break;
	case XTCP_WHY_NEW_SYN:
	case XTCP_WHY_OK:
		break;
	}
}

/**
 * xtcp_refuse() - act on a segment that is not to be processed
 * @refusals: the actions of the object
 * @sk: the object: a socket, a request or a TIME-WAIT entry; locked as its
 *	actions require
 * @verdict: of xtcp_arrives(), not XTCP_ACCEPT
 * @why: of xtcp_arrives()
 * @in: the segment; not consumed
 */
void xtcp_refuse(const struct xtcp_refusals *refusals, struct sock *sk,
		 enum xtcp_verdict verdict, enum xtcp_why why,
		 const struct xtcp_arrival *in)
{
	count_reason(sk, why);
	switch (verdict) {
	case XTCP_DROP_ACK:
		refusals->ack(sk, in);
		break;
	case XTCP_CHALLENGE:
		refusals->challenge(sk, in);
		break;
	case XTCP_RST_VALID:
		refusals->aborted(sk, in);
		break;
	case XTCP_ANSWER_RST:
		if (refusals->reset)
			refusals->reset(sk, in);
		break;
	case XTCP_NEW_SYN:
		if (refusals->reopen)
			refusals->reopen(sk, in);
		break;
	case XTCP_ACCEPT:
	case XTCP_DROP:
		break;
	}
}
