// SPDX-License-Identifier: GPL-2.0
#include "rcvbuf.h"

#define SPACE_MAX	0x7fffffffu

/* More than any window; keeps the sums below within 32 bits. */
#define READ_MAX	0x07ffffffu

/* Some minutes, ticks; eight of them fit into 32 bits. */
#define RTT_MAX		0x10000000u

static u32 ticks(u64 now)
{
	return now >> XTCP_RCVBUF_TICK;
}

/**
 * xtcp_rcvbuf_init() - nothing is known yet
 * @r: the receiver
 */
void xtcp_rcvbuf_init(struct xtcp_rcvbuf *r)
{
	memset(r, 0, sizeof(*r));
	r->ratio = XTCP_RCVBUF_RATIO;
	r->ssthresh = XTCP_RCVBUF_FIRST;
}

/**
 * xtcp_rcvbuf_start() - the connection is established
 * @r: the receiver
 * @rcv_nxt: RCV.NXT
 * @window: the window that was offered, bytes
 * @mss: the MSS that was offered, bytes
 * @now: ns
 */
void xtcp_rcvbuf_start(struct xtcp_rcvbuf *r, u32 rcv_nxt, u32 window, u32 mss,
		       u64 now)
{
	r->space = max_t(u32, 1, min_t(u32, window, 10 * mss));
	r->seq = rcv_nxt;
	r->at = ticks(now);
}

/**
 * xtcp_rcvbuf_space() - the buffer that holds a window
 * @r: the receiver
 * @window: bytes of payload
 *
 * Return: bytes, INT_MAX at most.
 */
int xtcp_rcvbuf_space(const struct xtcp_rcvbuf *r, u32 window)
{
	u32 whole = window / r->ratio;

	if (whole >= SPACE_MAX >> 8)
		return SPACE_MAX;
	return (whole << 8) + ((window % r->ratio) << 8) / r->ratio;
}

/**
 * xtcp_rcvbuf_measure() - full segments have changed their size
 * @r: the receiver
 * @len: payload of one as it arrived, bytes
 * @truesize: the memory that it takes, bytes
 */
void xtcp_rcvbuf_measure(struct xtcp_rcvbuf *r, u32 len, u32 truesize)
{
	u32 ratio = (min_t(u32, len, 0xffffff) << 8) / max_t(u32, truesize, 1);

	r->ratio = min_t(u32, max_t(u32, ratio, 1), U8_MAX);
}

static void rtt_sample(struct xtcp_rcvbuf *r, u32 rtt, bool smooth)
{
	rtt = min_t(u32, max_t(u32, rtt, 1), RTT_MAX);
	if (!r->rtt8 || rtt < r->rtt8 >> 3)
		r->rtt8 = rtt << 3;
	else if (smooth)
		r->rtt8 += rtt - (r->rtt8 >> 3);
}

/**
 * xtcp_rcvbuf_came() - text came in order: has a whole window, in this time
 * @r: the receiver
 * @rcv_nxt: RCV.NXT behind it
 * @window: RCV.WND, bytes
 * @now: ns
 *
 * A peer that fills its window does so once in a round trip; one that does not
 * takes longer. So only the least time counts.
 */
void xtcp_rcvbuf_came(struct xtcp_rcvbuf *r, u32 rcv_nxt, u32 window, u64 now)
{
	if (!xtcp_rcvbuf_came_due(r, rcv_nxt))
		return;
	if (r->rtt_at)
		rtt_sample(r, ticks(now) - r->rtt_at, false);
	r->rtt_at = ticks(now) ?: 1;
	r->rtt_seq = rcv_nxt + window;
}

/**
 * xtcp_rcvbuf_echo() - a full segment answers a timestamp of ours
 * @r: the receiver
 * @tsecr: the timestamp, one that was not timed before
 * @ms: how old it is, milliseconds; 0 says nothing
 *
 * Source: RFC 7323 4.1: what a receiver measures by the ACKs it sent.
 */
void xtcp_rcvbuf_echo(struct xtcp_rcvbuf *r, u32 tsecr, u32 ms)
{
	r->tsecr = tsecr;
	if (ms)
		rtt_sample(r, min_t(u64, (u64)ms * 1000000 >> XTCP_RCVBUF_TICK,
				    RTT_MAX), true);
}

/**
 * xtcp_rcvbuf_step() - how much larger the window may become by a segment
 * @r: the receiver
 * @len: its payload, bytes
 * @truesize: the memory that it takes, bytes
 * @mss: the MSS that was offered, bytes
 * @largest: the window of the largest buffer there may be, bytes
 *
 * As a sender in slow start: twice what came. Segments that take more memory than
 * a full one open the window only as far as a buffer that may still grow would
 * hold so many of them.
 *
 * Return: bytes.
 */
u32 xtcp_rcvbuf_step(const struct xtcp_rcvbuf *r, u32 len, u32 truesize,
		     u32 mss, u32 largest)
{
	u32 cost = xtcp_rcvbuf_window(r, truesize);

	if (cost <= len)
		return 2 * max_t(u32, len, mss);
	do {
		cost >>= 1;
		largest >>= 1;
		if (r->ssthresh > largest)
			return 0;
	} while (cost > len);
	return 2 * len;
}

/**
 * xtcp_rcvbuf_read() - the program has read
 * @r: the receiver
 * @copied_seq: the next byte to read
 * @rcv_nxt: RCV.NXT
 * @mss: the MSS that was offered, bytes
 * @now: ns; when the last segment came will do
 *
 * Once in a round trip: if more was read than in the one before, the window
 * should be twice that, for losses, and larger still by what the sender may add
 * meanwhile.
 *
 * Return: the window that the buffer should have room for, bytes; 0: as it is.
 */
u32 xtcp_rcvbuf_read(struct xtcp_rcvbuf *r, u32 copied_seq, u32 rcv_nxt,
		     u32 mss, u64 now)
{
	u32 copied, wait, window = 0;

	if (!xtcp_rcvbuf_read_due(r, now))
		return 0;
	copied = min_t(u32, copied_seq - r->seq, READ_MAX);
	wait = rcv_nxt - copied_seq;
	copied = copied > wait ? copied - wait : 0;
	if (copied > r->space) {
		/* In 1/16, and not to the skies. */
		u32 grown = min_t(u32, 16 * (copied - r->space) / r->space, 64);

		window = 2 * copied + 16 * mss;
		window = min_t(u64, window + ((u64)window * grown >> 3),
			       SPACE_MAX);
		r->space = copied;
	}
	r->seq = copied_seq;
	r->at = ticks(now);
	return window;
}
