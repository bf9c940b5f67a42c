/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TLP: a probe for losses at the end of a flight (RFC 8985 section 7).
 */
#ifndef XTCP_CORE_TLP_H
#define XTCP_CORE_TLP_H

#include "types.h"

/* RFC 8985 7.2: delay of the peer's ACK of a single segment, us. */
#define XTCP_TLP_ACK_DELAY	200000u

/*
 * Added to the probe timeout of more segments, us. On a path without delay the
 * peer's scheduling takes longer than two round trips. The value is that of the
 * kernel's TCP with its usual clock of 250 Hz.
 */
#define XTCP_TLP_SLACK		8000u

/**
 * struct xtcp_tlp - state of TLP
 * @active: a probe was sent, and it is not known whether it repaired a loss
 * @is_retrans: it was a retransmission
 * @end_seq: SND.NXT after the probe
 * @flight: FlightSize before the probe, bytes
 */
struct xtcp_tlp {
	bool active;
	bool is_retrans;
	u32 end_seq;
	u32 flight;
};

/**
 * struct xtcp_tlp_ack - an ACK, as TLP looks at it
 * @ack: SEG.ACK
 * @dsack: it reports a duplicate that ends at or before the probe's end
 * @plain_dup: it acknowledges nothing new, SACKs nothing new, has no data
 */
struct xtcp_tlp_ack {
	u32 ack;
	bool dsack;
	bool plain_dup;
};

u32 xtcp_tlp_timeout(u32 srtt, bool single);
void xtcp_tlp_sent(struct xtcp_tlp *t, u32 nxt, u32 flight, bool is_retrans);
bool xtcp_tlp_repaired(struct xtcp_tlp *t, const struct xtcp_tlp_ack *a);

#endif /* XTCP_CORE_TLP_H */
