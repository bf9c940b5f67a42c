/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SEGMENT ARRIVES: the checks that precede any processing in SYN-SENT (RFC 9293
 * 3.10.7.3), and in SYN-RECEIVED and the synchronized states (3.10.7.4, first
 * to fifth check), with PAWS (RFC 7323 5) and the rules against blind attacks
 * (RFC 5961).
 */
#ifndef XTCP_CORE_ARRIVE_H
#define XTCP_CORE_ARRIVE_H

#include "tcb.h"

/**
 * enum xtcp_verdict - how a segment is handled
 * @XTCP_ACCEPT: process it
 * @XTCP_DROP: drop it silently
 * @XTCP_DROP_ACK: drop it and answer with an ACK
 * @XTCP_CHALLENGE: drop it and answer with a challenge ACK (RFC 5961)
 * @XTCP_RST_VALID: the peer has reset the connection
 * @XTCP_ANSWER_RST: drop it, answer <SEQ=SEG.ACK><CTL=RST>, stay in the state
 * @XTCP_NEW_SYN: passive SYN-RECEIVED only: drop it; its new SYN ends the
 *	request
 */
enum xtcp_verdict {
	XTCP_ACCEPT,
	XTCP_DROP,
	XTCP_DROP_ACK,
	XTCP_CHALLENGE,
	XTCP_RST_VALID,
	XTCP_ANSWER_RST,
	XTCP_NEW_SYN,
};

/**
 * enum xtcp_why - the reason for a verdict, for counters and traces
 * @XTCP_WHY_OK: the segment is acceptable
 * @XTCP_WHY_NO_TS: timestamps were negotiated, but the segment has none
 * @XTCP_WHY_PAWS: its timestamp is older than TS.Recent
 * @XTCP_WHY_SEQ: it lies outside the window
 * @XTCP_WHY_RST: a RST in the window, not at RCV.NXT
 * @XTCP_WHY_SYN: a SYN that is challenged (RFC 5961 4.2)
 * @XTCP_WHY_NEW_SYN: a SYN for a request, which it ends if it is in the window
 * @XTCP_WHY_NO_ACK: the ACK bit is off
 * @XTCP_WHY_ACK_OLD: SEG.ACK is below xtcp_oldest_ack()
 * @XTCP_WHY_ACK_UNSENT: SEG.ACK is above SND.NXT; in SYN-RECEIVED also if it
 *	does not acknowledge our SYN
 */
enum xtcp_why {
	XTCP_WHY_OK,
	XTCP_WHY_NO_TS,
	XTCP_WHY_PAWS,
	XTCP_WHY_SEQ,
	XTCP_WHY_RST,
	XTCP_WHY_SYN,
	XTCP_WHY_NEW_SYN,
	XTCP_WHY_NO_ACK,
	XTCP_WHY_ACK_OLD,
	XTCP_WHY_ACK_UNSENT,
};

bool xtcp_seq_acceptable(const struct xtcp_tcb *tcb,
			 const struct xtcp_segment *seg);
bool xtcp_paws_old(const struct xtcp_tcb *tcb, u32 tsval, u32 now);
enum xtcp_verdict xtcp_arrives(const struct xtcp_tcb *tcb, u8 state,
			       const struct xtcp_segment *seg, u32 now,
			       enum xtcp_why *why);
enum xtcp_verdict xtcp_arrives_syn_sent(const struct xtcp_tcb *tcb,
					const struct xtcp_segment *seg,
					u32 ts_now);
bool xtcp_time_wait_reopens(const struct xtcp_tcb *tcb,
			    const struct xtcp_segment *seg);
void xtcp_ts_recent_update(struct xtcp_tcb *tcb,
			   const struct xtcp_segment *seg, u32 now);
void xtcp_reset_reply(const struct xtcp_segment *seg,
		      struct xtcp_segment *rst);

#endif /* XTCP_CORE_ARRIVE_H */
