/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Size of the receive buffer and of the window: dynamic right-sizing. A peer
 * sends at most one window per round trip. So a buffer is large enough if it
 * holds the data that the program reads in two round trips.
 */
#ifndef XTCP_CORE_RCVBUF_H
#define XTCP_CORE_RCVBUF_H

#include "seq.h"
#include "types.h"

/* Unit of time: ns shifted right by this, a tick of 1.024 us. */
#define XTCP_RCVBUF_TICK	10

/* Initial ratio of payload to memory, in 1/256: half of the buffer. */
#define XTCP_RCVBUF_RATIO	128

/* Maximum of the window field in a SYN, and so the first window, bytes. */
#define XTCP_RCVBUF_FIRST	65535u

/**
 * struct xtcp_rcvbuf - measurements of a receiver
 * @rtt8: round-trip time measured by the receiver, ticks, times 8; 0: unknown
 * @rtt_seq: once RCV.NXT reaches this, a full window has arrived since @rtt_at
 * @rtt_at: when @rtt_seq was set, ticks; 0: not set
 * @tsecr: the last TSecr that was used for a measurement
 * @space: bytes read per round trip: the largest so far
 * @seq: first unread byte at the start of the current round trip
 * @at: start of the current round trip, ticks
 * @ssthresh: limit of the window, bytes; grows as data arrives
 * @ratio: payload per memory of a full segment, in 1/256, 1 to 255
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
 * xtcp_rcvbuf_window() - payload that fits into memory of a buffer
 * @r: the receiver
 * @space: size of the buffer, or of its free part, bytes
 *
 * Return: bytes; 0 if @space is not positive.
 */
static inline u32 xtcp_rcvbuf_window(const struct xtcp_rcvbuf *r, int space)
{
	return space > 0 ? ((u64)space * r->ratio) >> 8 : 0;
}

/**
 * xtcp_rcvbuf_window_due() - has a window arrived since the last measurement
 * @r: the receiver
 * @rcv_nxt: RCV.NXT
 *
 * Spares the call of xtcp_rcvbuf_measure_window() if it would do nothing.
 *
 * Return: true if xtcp_rcvbuf_measure_window() must be called.
 */
static inline bool xtcp_rcvbuf_window_due(const struct xtcp_rcvbuf *r,
					  u32 rcv_nxt)
{
	return !r->rtt_at || !seq_before(rcv_nxt, r->rtt_seq);
}

/**
 * xtcp_rcvbuf_read_due() - has a round trip passed
 * @r: the receiver
 * @now: ns; the arrival time of the last segment is accurate enough
 *
 * Spares the call of xtcp_rcvbuf_read() if it would do nothing.
 *
 * Return: true if xtcp_rcvbuf_read() must be called.
 */
static inline bool xtcp_rcvbuf_read_due(const struct xtcp_rcvbuf *r, u64 now)
{
	return r->rtt8 &&
	       (u32)(now >> XTCP_RCVBUF_TICK) - r->at >= r->rtt8 >> 3;
}

void xtcp_rcvbuf_init(struct xtcp_rcvbuf *r);
u32 xtcp_rcvbuf_first(u32 space, u32 mss);
void xtcp_rcvbuf_start(struct xtcp_rcvbuf *r, u32 rcv_nxt, u32 window, u32 mss,
		       u64 now);
int xtcp_rcvbuf_space(const struct xtcp_rcvbuf *r, u32 window);
void xtcp_rcvbuf_measure(struct xtcp_rcvbuf *r, u32 len, u32 truesize);
void xtcp_rcvbuf_measure_window(struct xtcp_rcvbuf *r, u32 rcv_nxt, u32 window,
				u64 now);
void xtcp_rcvbuf_measure_ts(struct xtcp_rcvbuf *r, u32 tsecr, u32 ms);
u32 xtcp_rcvbuf_grow(const struct xtcp_rcvbuf *r, u32 len, u32 truesize,
		     u32 mss, u32 largest);
u32 xtcp_rcvbuf_read(struct xtcp_rcvbuf *r, u32 copied_seq, u32 rcv_nxt,
		     u32 mss, u64 now);

#endif /* XTCP_CORE_RCVBUF_H */
