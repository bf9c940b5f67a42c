// SPDX-License-Identifier: GPL-2.0
#include "rcvbuf.h"

#define SPACE_MAX	0x7fffffffu

/*
 * Limit of the bytes that are counted per round trip: 16 times this fits into
 * 32 bits. Reads beyond it do not enlarge the buffer further.
 */
#define READ_MAX	0x07ffffffu

/* Ticks, about 4.6 minutes; eight times this fits into 32 bits. */
#define RTT_MAX		0x10000000u

static u32 ticks(u64 now)
{
	return now >> XTCP_RCVBUF_TICK;
}

/**
 * xtcp_rcvbuf_init() - initial state: nothing measured
 * @r: the receiver
 */
void xtcp_rcvbuf_init(struct xtcp_rcvbuf *r)
{
	memset(r, 0, sizeof(*r));
	r->ratio = XTCP_RCVBUF_RATIO;
	r->ssthresh = XTCP_RCVBUF_FIRST;
}

/**
 * xtcp_rcvbuf_first() - the first window of a connection
 * @space: payload that the buffer holds, bytes
 * @mss: payload of a full segment with the options of the connection, bytes, not
 *	0
 *
 * It has room for whole segments, if the buffer holds one. As
 * tcp_select_initial_window() of the kernel.
 *
 * Return: bytes, at most XTCP_RCVBUF_FIRST.
 */
u32 xtcp_rcvbuf_first(u32 space, u32 mss)
{
	if (space > mss)
		space -= space % mss;
	return min_t(u32, space, XTCP_RCVBUF_FIRST);
}

/**
 * xtcp_rcvbuf_start() - the connection is established
 * @r: the receiver
 * @rcv_nxt: RCV.NXT
 * @window: the window offered so far, bytes
 * @mss: the MSS that we announced, bytes
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
 * xtcp_rcvbuf_space() - size of the buffer that holds a window
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
 * xtcp_rcvbuf_measure() - the size of full segments has changed
 * @r: the receiver
 * @len: payload of one segment as it arrived, bytes
 * @truesize: memory of the segment, bytes
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
 * xtcp_rcvbuf_measure_window() - measure the time in which a window arrives
 * @r: the receiver
 * @rcv_nxt: RCV.NXT after the data
 * @window: RCV.WND, bytes
 * @now: ns
 *
 * A peer that fills its window does so once per round trip; other peers take
 * longer. So only the minimum counts.
 */
void xtcp_rcvbuf_measure_window(struct xtcp_rcvbuf *r, u32 rcv_nxt, u32 window,
				u64 now)
{
	if (!xtcp_rcvbuf_window_due(r, rcv_nxt))
		return;
	if (r->rtt_at)
		rtt_sample(r, ticks(now) - r->rtt_at, false);
	r->rtt_at = ticks(now) ?: 1;
	r->rtt_seq = rcv_nxt + window;
}

/**
 * xtcp_rcvbuf_measure_ts() - measure the round trip by a timestamp echo
 * @r: the receiver
 * @tsecr: TSecr of a full segment; not the one of the last measurement
 * @ms: its age, ms; 0: no measurement
 *
 * A data segment echoes the TSval of the ACK that allowed it to be sent. Such
 * samples are not for the RTO (RFC 7323 4.1: only ACKs of new data are).
 *
 * Source: tcp_rcv_rtt_measure_ts() of the kernel.
 */
void xtcp_rcvbuf_measure_ts(struct xtcp_rcvbuf *r, u32 tsecr, u32 ms)
{
	r->tsecr = tsecr;
	if (ms)
		rtt_sample(r, min_t(u64, (u64)ms * 1000000 >> XTCP_RCVBUF_TICK,
				    RTT_MAX), true);
}

/**
 * xtcp_rcvbuf_grow() - growth of the window for an arriving segment
 * @r: the receiver
 * @len: payload, bytes
 * @truesize: memory of the segment, bytes
 * @mss: the MSS that we announced, bytes
 * @largest: window of the largest buffer allowed, bytes
 *
 * The window grows by twice the data that arrived, to stay ahead of a sender in
 * slow start.
 *
 * If the segment takes more memory than @ratio accounts for, its memory is
 * halved until its payload accounts for it, and @largest is halved as often.
 * The window grows only up to that value, as in __tcp_grow_window() of the
 * kernel.
 *
 * Return: bytes; 0 for no growth.
 */
u32 xtcp_rcvbuf_grow(const struct xtcp_rcvbuf *r, u32 len, u32 truesize,
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
 * xtcp_rcvbuf_read() - the program has read: adjust the buffer
 * @r: the receiver
 * @copied_seq: next byte to read
 * @rcv_nxt: RCV.NXT
 * @mss: the MSS that we announced, bytes
 * @now: ns; the arrival time of the last segment is accurate enough
 *
 * Once per round trip. If more was read than in any round trip before, the
 * window should be twice that amount plus 16 segments, to absorb losses, and
 * larger in proportion to the growth, because the sender may grow as much
 * again. Data that waits unread is subtracted from the amount.
 *
 * Source: tcp_rcv_space_adjust() of the kernel.
 *
 * Return: the window that the buffer must hold, bytes; 0: no change.
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
		/* Growth in 1/16, at most fourfold. */
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
