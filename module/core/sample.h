/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The changes that one ACK makes, for loss detection and congestion control.
 */
#ifndef XTCP_CORE_SAMPLE_H
#define XTCP_CORE_SAMPLE_H

#include "rate.h"
#include "segment.h"

/**
 * struct xtcp_sample - the changes that one ACK makes
 * @seg: the segment that carries the ACK
 * @now: when it arrived, ns
 * @prior_una: SND.UNA before it
 * @prior_flight: FlightSize before it, bytes
 * @prior_sacked: bytes SACKed before it
 * @prior_lost: bytes that had been considered lost before it
 * @prior_delivered: sequence numbers that had been delivered before it, modulo
 *	2^32
 * @acked: sequence numbers cumulatively acknowledged, SYN and FIN included
 * @sacked: sequence numbers newly SACKed
 * @segs: segments newly delivered, cumulatively or by SACK
 * @size: payload of the largest segment, of the packets acknowledged in full,
 *	bytes; 0: none
 * @sent: when the last of the cumulatively acknowledged segments was sent, ns;
 *	0: no RTT sample, because one of them was retransmitted (Karn)
 * @rtt: round-trip time that it measured, us; 0 if none
 * @round_start: it acknowledges all that was sent before the last such ACK
 * @original: it delivers data that was in flight at the last timeout and was
 *	never retransmitted
 * @dsack: it reports a duplicate (RFC 2883)
 * @dsack_end: sequence number after that
 * @dsack_len: its length
 * @rate: the delivery rate that it measures
 */
struct xtcp_sample {
	const struct xtcp_segment *seg;
	u64 now;
	u32 prior_una;
	u32 prior_flight;
	u32 prior_sacked;
	u32 prior_lost;
	u32 prior_delivered;
	u32 acked;
	u32 sacked;
	u32 segs;
	u32 size;
	u64 sent;
	u32 rtt;
	bool round_start;
	bool original;
	bool dsack;
	u32 dsack_end;
	u32 dsack_len;
	struct xtcp_rate_sample rate;
};

#endif /* XTCP_CORE_SAMPLE_H */
