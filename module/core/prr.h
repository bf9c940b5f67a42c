/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PRR: the congestion window during fast recovery (RFC 9937).
 */
#ifndef XTCP_CORE_PRR_H
#define XTCP_CORE_PRR_H

#include "types.h"

/**
 * struct xtcp_prr - state of PRR in one recovery, with the names of RFC 9937
 * @delivered: prr_delivered: bytes delivered in this recovery
 * @out: prr_out: bytes sent in this recovery; also counted outside of recovery
 * @recover_fs: RecoverFS: bytes in flight at its start that can still be
 *	delivered, at least 1
 */
struct xtcp_prr {
	u32 delivered;
	u32 out;
	u32 recover_fs;
};

/**
 * struct xtcp_prr_ack - an ACK in recovery, as PRR looks at it
 * @delivered: bytes it delivered, cumulatively and by SACK
 * @inflight: bytes in the network after it (xtcp_pipe())
 * @ssthresh: bytes
 * @mss: bytes of payload in a full segment
 * @safe: it advanced SND.UNA, and indicated no further loss
 */
struct xtcp_prr_ack {
	u32 delivered;
	u32 inflight;
	u32 ssthresh;
	u32 mss;
	bool safe;
};

void xtcp_prr_start(struct xtcp_prr *p, u32 recover_fs);
u32 xtcp_prr_cwnd(struct xtcp_prr *p, const struct xtcp_prr_ack *a);

#endif /* XTCP_CORE_PRR_H */
