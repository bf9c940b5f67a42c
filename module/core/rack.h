/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RACK: loss detection by the time of transmission (RFC 8985 section 6).
 */
#ifndef XTCP_CORE_RACK_H
#define XTCP_CORE_RACK_H

#include "types.h"

/* RFC 8985 6.2, step 4: recoveries for which a DSACK widens the window. */
#define XTCP_RACK_PERSIST	16

/* Bits of the sysctl recovery, with the meaning of net.ipv4.tcp_recovery. */
#define XTCP_RACK_ON		1
#define XTCP_RACK_STATIC	2	/* DSACK does not widen the window */
#define XTCP_RACK_NO_THRESH	4	/* DupThresh does not close the window */

/**
 * struct xtcp_rack - state of RACK
 * @xmit: when the most recently sent segment of those delivered was last sent,
 *	ns; 0: none was delivered
 * @end_seq: sequence number after that segment
 * @rtt: its round-trip time, us
 * @fack: highest sequence number delivered; valid if @xmit is not 0
 * @dsack_round: with @dsack_seen, the round ends when SND.UNA reaches it
 * @mult: multiplier of the reordering window, from 1 to 255
 * @persist: recoveries until @mult becomes 1 again
 * @dsack_seen: this round had a DSACK
 * @reordered: reordering was seen
 * @late: distance of the segment that arrived most out of order since the caller
 *	cleared it: from its start to @fack, sequence numbers; 0: none did
 * @advanced: @xmit has advanced since losses were last looked for
 */
struct xtcp_rack {
	u64 xmit;
	u32 end_seq;
	u32 rtt;
	u32 fack;
	u32 dsack_round;
	u32 late;
	u8 mult;
	u8 persist;
	u8 dsack_seen:1;
	u8 reordered:1;
	u8 advanced:1;
};

/**
 * struct xtcp_rack_segment - a segment that RACK looks at
 * @sent: when it was last sent, ns
 * @seq: its sequence number
 * @end_seq: sequence number after it
 * @retransmitted: it was sent more than once
 * @older: the timestamp echo is older than @sent, so that the delivered copy is
 *	an earlier one
 */
struct xtcp_rack_segment {
	u64 sent;
	u32 seq;
	u32 end_seq;
	bool retransmitted;
	bool older;
};

/**
 * struct xtcp_rack_path - what the reordering window depends on
 * @min_rtt: minimum round-trip time, us
 * @srtt: smoothed round-trip time, us
 * @sacked: segments that are SACKed
 * @thresh: DupThresh, segments
 * @recovering: in fast recovery, or in recovery after a timeout
 * @flags: XTCP_RACK_* bits
 */
struct xtcp_rack_path {
	u32 min_rtt;
	u32 srtt;
	u32 sacked;
	u32 thresh;
	bool recovering;
	u8 flags;
};

void xtcp_rack_init(struct xtcp_rack *r);
void xtcp_rack_delivered(struct xtcp_rack *r,
			 const struct xtcp_rack_segment *seg, u64 now,
			 u32 min_rtt);
void xtcp_rack_dsack(struct xtcp_rack *r, u32 una, u32 nxt);
void xtcp_rack_una(struct xtcp_rack *r, u32 una);
void xtcp_rack_recovered(struct xtcp_rack *r);
u32 xtcp_rack_window(const struct xtcp_rack *r,
		     const struct xtcp_rack_path *path);
bool xtcp_rack_overtaken(const struct xtcp_rack *r, u64 sent, u32 end_seq);
u64 xtcp_rack_due(const struct xtcp_rack *r, u64 sent, u32 window);

#endif /* XTCP_CORE_RACK_H */
