/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How large the receive buffer and the window are to be: dynamic right-sizing.
 * The window is the most that a peer may send in a round trip, so a buffer has
 * the right size if it holds what the program reads in two of them.
 */
#ifndef XTCP_CORE_RCVBUF_H
#define XTCP_CORE_RCVBUF_H

#include "seq.h"
#include "types.h"

/* The clock here: ns are shifted right by so much, to 1.024 us. */
#define XTCP_RCVBUF_TICK	10

/* Before segments came: half of the buffer is payload. In 1/256. */
#define XTCP_RCVBUF_RATIO	128

/* What the window of a SYN says at most, and so the first to be offered. */
#define XTCP_RCVBUF_FIRST	65535u

/**
 * struct xtcp_rcvbuf - what is measured of a connection's receiver
 * @rtt8: round-trip time as the receiver sees it, ticks, times 8; 0: unknown
 * @rtt_seq: when RCV.NXT gets there, a window has come since @rtt_at
 * @rtt_at: when @rtt_seq was set, ticks; 0: it was not
 * @tsecr: the last echo that was timed
 * @space: bytes read in a round trip, as of the last that was measured
 * @seq: the next byte to read when the current round trip began
 * @at: when that was, ticks
 * @ssthresh: the largest window to offer now, bytes; grows with what arrives
 * @ratio: payload in the memory of a full segment, 1/256
 */
struct xtcp_rcvbuf {
	u32 rtt8;
	u32 rtt_seq;
	u32 rtt_at;
	u32 tsecr;
	u32 space;
	u32 seq;
	u32 at;
	u32 ssthresh;
	u8 ratio;
};

/**
 * xtcp_rcvbuf_window() - how much payload a buffer has room for
 * @r: the receiver
 * @space: size of the buffer, or what of it is free, bytes
 *
 * Return: bytes; 0 if nothing is free.
 */
static inline u32 xtcp_rcvbuf_window(const struct xtcp_rcvbuf *r, int space)
{
	return space > 0 ? ((u64)space * r->ratio) >> 8 : 0;
}

/**
 * xtcp_rcvbuf_came_due() - has a whole window come
 * @r: the receiver
 * @rcv_nxt: RCV.NXT
 *
 * If not, xtcp_rcvbuf_came() would do nothing.
 *
 * Return: true if xtcp_rcvbuf_came() has something to do.
 */
static inline bool xtcp_rcvbuf_came_due(const struct xtcp_rcvbuf *r,
					u32 rcv_nxt)
{
	return !r->rtt_at || !seq_before(rcv_nxt, r->rtt_seq);
}

/**
 * xtcp_rcvbuf_read_due() - is a round trip over
 * @r: the receiver
 * @now: ns; when the last segment came will do
 *
 * If not, xtcp_rcvbuf_read() would do nothing.
 *
 * Return: true if xtcp_rcvbuf_read() has something to do.
 */
static inline bool xtcp_rcvbuf_read_due(const struct xtcp_rcvbuf *r, u64 now)
{
	return r->rtt8 &&
	       (u32)(now >> XTCP_RCVBUF_TICK) - r->at >= r->rtt8 >> 3;
}

void xtcp_rcvbuf_init(struct xtcp_rcvbuf *r);
void xtcp_rcvbuf_start(struct xtcp_rcvbuf *r, u32 rcv_nxt, u32 window, u32 mss,
		       u64 now);
int xtcp_rcvbuf_space(const struct xtcp_rcvbuf *r, u32 window);
void xtcp_rcvbuf_measure(struct xtcp_rcvbuf *r, u32 len, u32 truesize);
void xtcp_rcvbuf_came(struct xtcp_rcvbuf *r, u32 rcv_nxt, u32 window, u64 now);
void xtcp_rcvbuf_echo(struct xtcp_rcvbuf *r, u32 tsecr, u32 ms);
u32 xtcp_rcvbuf_step(const struct xtcp_rcvbuf *r, u32 len, u32 truesize,
		     u32 mss, u32 largest);
u32 xtcp_rcvbuf_read(struct xtcp_rcvbuf *r, u32 copied_seq, u32 rcv_nxt,
		     u32 mss, u64 now);

#endif /* XTCP_CORE_RCVBUF_H */
