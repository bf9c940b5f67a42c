/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Undo of a reduction of cwnd that proves wrong: Eifel (RFC 3522, RFC 4015),
 * DSACK (RFC 3708), F-RTO (RFC 5682).
 */
#ifndef XTCP_CORE_UNDO_H
#define XTCP_CORE_UNDO_H

#include "segment.h"
#include "types.h"

/**
 * struct xtcp_undo - what is known of the last reduction
 * @armed: cwnd was reduced for a loss, and that was not taken back
 * @stamped: @stamp is valid
 * @marker: SND.UNA at the reduction
 * @cwnd: before it, bytes
 * @ssthresh: before it, bytes
 * @resent: segments retransmitted since
 * @dups: of these, segments that the peer has reported as duplicates
 * @stamp: TSval of the first retransmission (RFC 3522 3.2, RetransmitTS)
 */
struct xtcp_undo {
	bool armed;
	bool stamped;
	u32 marker;
	u32 cwnd;
	u32 ssthresh;
	u32 resent;
	u32 dups;
	u32 stamp;
};

/**
 * struct xtcp_frto - F-RTO after a timeout (RFC 5682 3.1)
 * @active: it is not known yet whether the timeout was spurious
 */
struct xtcp_frto {
	bool active;
};

/**
 * struct xtcp_frto_ack - an ACK after a timeout, as F-RTO looks at it
 * @advanced: it advanced SND.UNA
 * @recovered: it acknowledges all that was sent before the timeout
 * @original: it delivers data that was sent before the timeout and never again
 * @no_progress: it is a duplicate ACK, or SACKs new data
 * @sent_new: new data was sent since the timeout
 * @may_send_new: new data is queued, and the peer's window allows it
 */
struct xtcp_frto_ack {
	bool advanced;
	bool recovered;
	bool original;
	bool no_progress;
	bool sent_new;
	bool may_send_new;
};

/**
 * enum xtcp_frto_action - the consequence of an ACK for F-RTO
 * @XTCP_FRTO_NONE: go on as usual
 * @XTCP_FRTO_SEND_NEW: send new data instead of retransmissions
 * @XTCP_FRTO_SPURIOUS: the timeout was spurious
 */
enum xtcp_frto_action {
	XTCP_FRTO_NONE,
	XTCP_FRTO_SEND_NEW,
	XTCP_FRTO_SPURIOUS,
};

void xtcp_undo_begin(struct xtcp_undo *u, u32 una, u32 cwnd, u32 ssthresh);
void xtcp_undo_resent(struct xtcp_undo *u, u32 segs, u32 tsval);
void xtcp_undo_dsack(struct xtcp_undo *u, u32 end, u32 segs);
bool xtcp_undo_eifel(const struct xtcp_undo *u, u32 tsecr);
bool xtcp_undo_all_dups(const struct xtcp_undo *u);
bool xtcp_undo_syn(const struct xtcp_options *opt, u32 first);
u32 xtcp_undo_cwnd(const struct xtcp_undo *u, u32 cwnd, u32 flight, u32 acked,
		   u32 initial);
enum xtcp_frto_action xtcp_frto_ack(struct xtcp_frto *f,
				    const struct xtcp_frto_ack *a);

#endif /* XTCP_CORE_UNDO_H */
