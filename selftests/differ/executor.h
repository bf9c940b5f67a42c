/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Both stacks in lockstep: a step on one, then the same on the other, each in a
 * namespace of its own with a crafted peer, at the same virtual time.
 */
#ifndef XTCP_DIFFER_EXECUTOR_H
#define XTCP_DIFFER_EXECUTOR_H

#include <stdint.h>

#include "script.h"

#define MAX_SEEN	48	/* segments in one step */

enum { XTCP, KERNEL, SIDES };

/* A segment that a stack sent; numbers are relative to each side's SYN. */
struct seen {
	int64_t us;		/* since the step began */
	int flow;
	bool other_port;	/* not from where the flow's segments come */
	bool again;		/* its text, or part of it, has been sent before */
	uint8_t flags;
	uint32_t seq, ack;
	int len;
	uint32_t sum;		/* of the payload */
	int win, urg;
	long window;		/* win, scaled */
	int mss, wscale;	/* -1: not there */
	bool sackok, ts;
	uint32_t tsecr;
	int nsack;
	uint32_t sack[8];
	int tos, ttl;
};

/* What a program sees of a socket after a step. */
struct look {
	int state, poll, inq, outq;
	int cwnd, unacked;	/* segments */
	int flow;		/* of its peer, or -1 */
};

/* What one step was on one stack. */
struct record {
	int ret, err;
	uint32_t sum;		/* of what recv() gave */
	/* of the peer's segment, from each side's SYN on; of ICMP what was acked */
	uint32_t seq, ack;
	uint32_t place;		/* seq, from the peer's very first SYN on */
	/* seq and ack, against what the stack sent and said it expects */
	int32_t in_seq, in_ack;
	int32_t in_room;	/* from its end to the right edge of the window */
	bool in_established;	/* the stack has answered its SYN */
	bool had_ts;		/* timestamps, and this one */
	uint32_t tsval;
	int nseen, lost;
	bool broken;		/* a segment that no TCP may send */
	struct seen seen[MAX_SEEN];
	struct look look[SLOTS];
	int64_t began_us;
};

struct run {
	const struct script *sc;
	int at;			/* the step that is done now */
	bool ended;		/* nothing is recorded any more */
	int64_t began_us;	/* the step */
	int64_t acted_us;	/* when something but waiting was done */
	uint32_t number;
	struct record rec[SIDES][MAX_STEPS];
};

/* control: the kernel's TCP on both sides */
int stacks_start(bool control);
void run_begin(struct run *r, const struct script *sc);
/* does step r->at, waiting included, and looks */
void run_step(struct run *r);
/* lets more time pass in the same step, and looks again */
void run_on(struct run *r, int64_t until_us);
void run_end(struct run *r);
const struct wire_flow *run_flow(int side, int flow);
/* since what began the timer that the segment comes from, as far as one can know */
int64_t run_since(const struct run *r, int side, const struct seen *n);

#endif
