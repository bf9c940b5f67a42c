/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Executes each step on both stacks, first on one, then on the other. Each
 * stack has its own namespace with a crafted peer; the clock is the same.
 */
#ifndef XTCP_DIFFER_EXECUTOR_H
#define XTCP_DIFFER_EXECUTOR_H

#include <stdint.h>

#include "script.h"

#define MAX_SEEN	48	/* recorded per step */

enum { XTCP, KERNEL, SIDES };

/* A segment of the stack; numbers are relative to each side's SYN. */
struct seen {
	int64_t us;		/* since the step began */
	int flow;
	bool other_port;	/* from another local port than that of the flow */
	bool again;		/* a retransmission, also in part */
	uint8_t flags;
	uint32_t seq, ack;
	int len;
	uint32_t sum;		/* checksum of the payload */
	int win, urg;
	long window;		/* win, scaled */
	int mss, wscale;	/* -1: no such option */
	bool sackok, ts;
	uint32_t tsecr;
	int nsack;
	uint32_t sack[8];
	int tos, ttl;
};

/* A socket after a step. */
struct look {
	int state, poll, inq, outq;
	int cwnd, unacked;	/* segments */
	int flow;		/* flow of its peer, or -1 */
};

/* The result of a step on one stack. */
struct record {
	int ret, err;
	uint32_t sum;		/* checksum of the data of recv() */
	/*
	 * of the peer's segment, relative to each side's SYN; ICMP: ack is the
	 * highest ACK number of the peer
	 */
	uint32_t seq, ack;
	uint32_t place;		/* seq, relative to the first SYN of the peer */
	/*
	 * seq and ack, relative to RCV.NXT and SND.NXT of the stack; ICMP: the
	 * quoted number, relative to SND.UNA and SND.NXT
	 */
	int32_t in_seq, in_ack;
	int32_t in_room;	/* from its end to the right edge of the window */
	bool in_established;	/* the stack has answered the peer's SYN */
	bool had_ts;		/* the segment had timestamps */
	uint32_t tsval;		/* if so, its TSval */
	int nseen, lost;
	bool broken;		/* XTCP sent an invalid segment */
	struct seen seen[MAX_SEEN];
	struct look look[SLOTS];
	int64_t began_us;
};

struct run {
	const struct script *sc;
	int at;			/* the current step */
	bool ended;		/* no more recording */
	int64_t began_us;	/* time of the step */
	int64_t acted_us;	/* last step that may have started a timer */
	uint32_t number;	/* of the script: selects addresses and ports */
	struct record rec[SIDES][MAX_STEPS];
};

/* control: the kernel's TCP on both sides */
int stacks_start(bool control);
void run_begin(struct run *r, const struct script *sc);
/* executes step r->at, with its waiting, and records the sockets */
void run_step(struct run *r);
/* waits in the same step, and records the sockets again */
void run_on(struct run *r, int64_t until_us);
void run_end(struct run *r);
const struct wire_flow *run_flow(int side, int flow);
/* time since the start of the timer that sent the segment, as far as known */
int64_t run_since(const struct run *r, int side, const struct seen *n);

#endif
