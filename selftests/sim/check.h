/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Invariants. A check that fails ends the run.
 */
#ifndef XTCP_SIM_CHECK_H
#define XTCP_SIM_CHECK_H

#include "endpoint.h"
#include "flow.h"
#include "ranges.h"

/**
 * struct ledger - what the checks know of a flow from its packets alone
 * @arrived: positions that arrived at the receiver; the part that was read, too
 * @sacked: positions after @una that ACKs to the sender reported as received
 * @una: highest cumulative ACK that the sender got, as a position
 * @edge: highest right edge of the window that the sender got, as a position
 * @sent: end of what was sent, as a position
 * @resent: bytes that were sent again
 * @needless: bytes that were sent again, and had arrived before
 * @mss: smallest size of full segments so far, bytes
 * @peak: largest number of bytes in flight so far
 * @pace_room: bytes that may leave at once at the pacing rate, less those that left;
 *	negative after a large segment
 * @pace_at: when @pace_room was computed, ns
 * @pace_rate: the pacing rate then, bytes per second
 * @progress_at: when @una last advanced, or nothing was outstanding, ns
 */
struct ledger {
	struct ranges arrived;
	struct ranges sacked;
	u32 una;
	u32 edge;
	u32 sent;
	u64 resent;
	u64 needless;
	u32 mss;
	u32 peak;
	double pace_room;
	u64 pace_at;
	u64 pace_rate;
	u64 progress_at;
};

extern bool check_failed;
extern char check_why[256];

void check_fail(const struct endpoint *e, const char *what);

/* @what is true, or the run ends with the message @text about @e's flow. */
static inline void check_that(bool what, const struct endpoint *e,
			      const char *text)
{
	if (unlikely(!what) && !check_failed)
		check_fail(e, text);
}

void check_setup(const struct scenario *s, struct flow *flows);
void check_connected(const struct endpoint *e);
void check_sent(struct endpoint *e, struct packet *packet);
void check_arrived(struct endpoint *e, const struct packet *packet,
		   const struct xtcp_segment *seg);
void check_event(void);
const struct ledger *check_ledger(u32 flow);

#endif /* XTCP_SIM_CHECK_H */
