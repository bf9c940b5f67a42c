// SPDX-License-Identifier: GPL-2.0
#include "window.h"

#define WND_FIELD_MAX	65535u

/**
 * xtcp_wscale_for() - the shift count for our SYN
 * @space: largest receive window that we may offer later, bytes
 *
 * Return: the smallest shift with which @space fits the field, 0 to 14
 * (RFC 7323 2.3).
 */
u8 xtcp_wscale_for(u32 space)
{
	u8 shift = 0;

	while (shift < XTCP_WSCALE_MAX && space >> shift > WND_FIELD_MAX)
		shift++;
	return shift;
}

/**
 * xtcp_wscale_agree() - negotiate window scaling, with both SYNs known
 * @tcb: the connection; rcv_wscale is the shift that our SYN has or will have
 * @peer: the options of the peer's SYN
 *
 * Source: RFC 7323 2.2 (both sides or none) and 2.3 (14 is the maximum).
 */
void xtcp_wscale_agree(struct xtcp_tcb *tcb, const struct xtcp_options *peer)
{
	tcb->wscale_ok = tcb->wscale_ok && peer->has_wscale;
	if (!tcb->wscale_ok) {
		tcb->snd_wscale = 0;
		tcb->rcv_wscale = 0;
		return;
	}
	tcb->snd_wscale = min_t(u8, peer->wscale, XTCP_WSCALE_MAX);
}

/* With less space than so many segments, rounding would take too much of it. */
#define WHOLE_SEGMENTS_MIN	4

/*
 * Without window scaling: whole segments, but not of a small window: a peer with
 * smaller segments would wait until half of the largest window is open (RFC 9293
 * 3.8.6.2.1).
 */
static u32 whole_segments(const struct xtcp_tcb *tcb, u32 space)
{
	if (tcb->rcv_wscale || !tcb->rcv_mss ||
	    space / WHOLE_SEGMENTS_MIN < tcb->rcv_mss)
		return space;
	return space - space % tcb->rcv_mss;
}

/**
 * xtcp_window_offer() - the receive window to offer now
 * @tcb: the connection
 * @space: free receive buffer, bytes
 * @full: the whole receive buffer, bytes
 *
 * The right edge never moves back (SHLD-14). It moves forward only by min(half
 * the buffer, MSS) or more (MUST-39, RFC 9293 3.8.6.2.2).
 *
 * Without window scaling a window of some segments is a multiple of full segments:
 * then the last segment that fits is a full one. As __tcp_select_window() of the
 * kernel.
 *
 * Exception: the buffer is empty, and the window offered so far is smaller than
 * the peer's segments. Then the window cannot grow by such a step, and a peer
 * that waits to send a full segment would wait forever. Offer all the space.
 *
 * Return: bytes from RCV.NXT on, not less than the window offered so far.
 */
u32 xtcp_window_offer(const struct xtcp_tcb *tcb, u32 space, u32 full)
{
	u32 now = xtcp_said_wnd(tcb);
	u32 step = min_t(u32, full / 2, tcb->rcv_mss);
	u32 max = WND_FIELD_MAX << tcb->rcv_wscale;
	u32 unit = 1u << tcb->rcv_wscale;

	space = min_t(u32, space, max);
	/* Round down to a unit of the window field, if at least one fits. */
	if (space >= unit)
		space &= ~(unit - 1);
	if (whole_segments(tcb, space) >= now + step)
		return whole_segments(tcb, space);
	/* The buffer is empty: this is all the space there will be. */
	return now < tcb->rcv_mss && space > now && space + unit > full ?
	       space : now;
}

/**
 * xtcp_window_follow() - the receive window with the sysctl shrink_window
 * @tcb: the connection
 * @space: free receive buffer, bytes
 * @full: the whole receive buffer, bytes
 *
 * The window follows the free space: its right edge moves back if less is free
 * than was offered, which RFC 9293 3.8.6 discourages (SHLD-14). Little space is
 * offered as zero. Only with window scaling; else as xtcp_window_offer().
 *
 * Source: __tcp_select_window() of the kernel.
 *
 * Return: bytes from RCV.NXT on.
 */
u32 xtcp_window_follow(const struct xtcp_tcb *tcb, u32 space, u32 full)
{
	u32 unit = 1u << tcb->rcv_wscale;

	if (!tcb->rcv_wscale || space >= xtcp_said_wnd(tcb))
		return xtcp_window_offer(tcb, space, full);
	space &= ~(unit - 1);
	if (space < full / 2 && (space < full / 16 || space < tcb->rcv_mss))
		return 0;
	return space;
}

/**
 * xtcp_window_advertise() - the window field of a segment to send
 * @tcb: the connection; its right edge is advanced
 * @wnd: bytes from RCV.NXT on, of xtcp_window_offer() or xtcp_window_follow(); 0
 *	if memory is short
 * @syn: SYN or SYN-ACK, whose window is never scaled (RFC 7323 2.2)
 *
 * The window is rounded up to a unit of the field, so that rounding does not
 * move the right edge back (RFC 7323 2.4).
 *
 * Return: the window field.
 */
u16 xtcp_window_advertise(struct xtcp_tcb *tcb, u32 wnd, bool syn)
{
	u8 shift = syn ? 0 : tcb->rcv_wscale;
	u32 field = (wnd + (1u << shift) - 1) >> shift;
	u32 edge;

	field = min_t(u32, field, WND_FIELD_MAX);
	edge = tcb->rcv_nxt + (field << shift);
	if (seq_after(edge, tcb->rcv_adv))
		tcb->rcv_adv = edge;
	if (!syn)
		tcb->rcv_shrunk = tcb->rcv_adv - edge;
	return field;
}

/**
 * xtcp_window_update_possible() - can a read make a window update due
 * @tcb: the connection
 * @full: the whole receive buffer, bytes
 *
 * A cheap check before xtcp_window_offer() and xtcp_window_update_due().
 *
 * Return: false if no offer up to @full can make an update due, because the
 * current window is more than half of @full and at least a segment.
 */
bool xtcp_window_update_possible(const struct xtcp_tcb *tcb, u32 full)
{
	u32 now = xtcp_said_wnd(tcb);

	return now <= full - full / 2 || now < tcb->rcv_mss;
}

/**
 * xtcp_window_update_due() - is a window update due without data to send
 * @tcb: the connection
 * @offer: of xtcp_window_offer(), bytes
 * @full: the whole receive buffer, bytes
 *
 * An update is due if the window has grown, and was smaller than a segment, or
 * has grown by half the buffer, or has doubled and grown by two segments.
 *
 * Return: true if the update must be sent.
 */
bool xtcp_window_update_due(const struct xtcp_tcb *tcb, u32 offer, u32 full)
{
	u32 now = xtcp_said_wnd(tcb);
	u32 grown = offer - now;

	if (offer <= now)
		return false;
	if (now < tcb->rcv_mss)
		return true;
	return grown >= min_t(u32, full / 2, max_t(u32, 2 * tcb->rcv_mss, now));
}

/* Estimate of the peer's buffer, from the windows it offered. */
static u32 peer_buffer(const struct xtcp_tcb *tcb)
{
	return tcb->peer_buf ?: tcb->max_snd_wnd;
}

/**
 * xtcp_bound_to_window() - limit a segment to the peer's window
 * @tcb: the connection
 * @len: bytes
 *
 * The limit is half of the estimate of the peer's buffer. If one segment filled
 * the window, no other could follow while it is in flight, and a receiver that
 * sends an ACK for every second segment would wait for its delayed ACK timer.
 *
 * If the estimate is not above the default MSS, the peer is short of memory: a
 * segment may fill the window, but is at least XTCP_MSS_MIN, options included.
 *
 * Source: RFC 9293 3.8.6.2.1 (SWS avoidance), 3.8.6.3 (SHLD-18, SHLD-19).
 *
 * Return: bytes; @len if no window is known yet.
 */
u32 xtcp_bound_to_window(const struct xtcp_tcb *tcb, u32 len)
{
	u32 least = XTCP_MSS_MIN - (tcb->ts_ok ? XTCP_OPT_TS_LEN : 0);
	u32 bound = peer_buffer(tcb);

	if (bound <= 1)
		return len;
	if (bound > XTCP_MSS_DEFAULT_V4)
		bound /= 2;
	return min_t(u32, len, max_t(u32, bound, least));
}

/**
 * xtcp_mss_set() - set the MSS of peer and path
 * @tcb: the connection
 * @mss: payload of a full segment, bytes
 */
void xtcp_mss_set(struct xtcp_tcb *tcb, u16 mss)
{
	tcb->path_mss = mss;
	tcb->snd_mss = xtcp_bound_to_window(tcb, mss);
}

/**
 * xtcp_window_rcv() - update the peer's window
 * @tcb: the connection
 * @seg: an acceptable segment with ACK and without SYN
 *
 * Source: RFC 9293 3.10.7.4 fifth check: only from a segment not older than
 * that of the last update, and not if SEG.ACK is below SND.UNA.
 *
 * If the window exceeds the estimate of the peer's buffer, segments may become
 * larger.
 *
 * Return: true if SND.WND changed.
 */
bool xtcp_window_rcv(struct xtcp_tcb *tcb, const struct xtcp_segment *seg)
{
	u32 wnd = (u32)seg->wnd << tcb->snd_wscale;
	bool changed, grown;

	if (seq_before(seg->ack, tcb->snd_una))
		return false;
	if (!seq_before(tcb->snd_wl1, seg->seq) &&
	    !(tcb->snd_wl1 == seg->seq && seq_leq(tcb->snd_wl2, seg->ack)))
		return false;
	changed = wnd != tcb->snd_wnd;
	tcb->snd_wnd = wnd;
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = seg->ack;
	grown = wnd > peer_buffer(tcb);
	tcb->max_snd_wnd = max_t(u32, tcb->max_snd_wnd, wnd);
	if (grown) {
		tcb->peer_buf = wnd < tcb->max_snd_wnd ? wnd : 0;
		if (tcb->snd_mss < tcb->path_mss)
			xtcp_mss_set(tcb, tcb->path_mss);
	}
	return changed;
}

/**
 * xtcp_window_reduce_estimate() - the SWS override timer expired
 * @tcb: the connection, with nothing in flight and the window open
 *
 * SWS avoidance takes the largest window as an estimate of the peer's buffer.
 * The peer may have reduced its buffer since (RFC 9293 3.8.6.2.1). So reduce
 * the estimate to the current window; otherwise each window of this size would
 * wait for the timer.
 */
void xtcp_window_reduce_estimate(struct xtcp_tcb *tcb)
{
	tcb->peer_buf = tcb->snd_wnd;
	xtcp_mss_set(tcb, tcb->path_mss);
}

/**
 * xtcp_usable_window() - bytes that the peer's window allows to send now
 * @tcb: the connection
 *
 * Return: bytes from SND.NXT on; 0 if the peer moved its right edge back below
 * SND.NXT (MUST-34).
 */
u32 xtcp_usable_window(const struct xtcp_tcb *tcb)
{
	s32 usable = tcb->snd_una + tcb->snd_wnd - tcb->snd_nxt;

	return usable > 0 ? usable : 0;
}

static bool small_in_flight(const struct xtcp_tcb *tcb)
{
	return seq_after(tcb->snd_sml, tcb->snd_una) &&
	       seq_leq(tcb->snd_sml, tcb->snd_nxt);
}

/**
 * xtcp_may_send() - SWS avoidance and the Nagle algorithm
 * @tcb: the connection
 * @len: bytes queued and not yet sent
 * @usable: bytes that the peer's window and cwnd allow
 * @fin: a FIN follows @len
 *
 * Source: RFC 9293 3.8.6.2.1 (MUST-38) and 3.7.4 with A.3: at most one small
 * segment may be in flight.
 *
 * Return: true if a segment may be sent now.
 */
bool xtcp_may_send(const struct xtcp_tcb *tcb, u32 len, u32 usable,
		   bool fin)
{
	u32 n = min_t(u32, len, usable);

	if (n >= tcb->snd_mss)
		return true;
	if (n < len)
		return n && n >= peer_buffer(tcb) / 2 &&
		       (tcb->nagle_off || tcb->snd_nxt == tcb->snd_una);
	if (fin)
		return true;
	if (tcb->urg_out)
		return true;
	if (tcb->corked)
		return false;
	if (tcb->nagle_off)
		return true;
	return !small_in_flight(tcb);
}

/**
 * xtcp_may_fill_window() - may a small segment fill the rest of the window
 * @tcb: the connection; more is queued than fits the window
 * @n: room in the window, bytes
 *
 * No other small segment may be in flight, as with the Nagle algorithm. The
 * remainder of the window is used in two cases:
 *
 * 1. It is less than a unit of the peer's window field. The peer cannot express
 *    it and has to round up (RFC 7323 2.4). So each ACK offers a little more
 *    than the peer has room for: if the remainder stayed unused, the window
 *    would never close, and open by no more than that.
 *
 * 2. The window does not hold two segments of the path's size, so segments are
 *    made smaller (xtcp_bound_to_window()). Then condition (3) of RFC 9293
 *    3.8.6.2.1, half of the largest window, applies to the whole window and not
 *    to each segment: if less than the window is sent, the peer may delay its
 *    ACK until its timer expires. The segment has at least half of snd_mss.
 *
 * Return: true if the @n bytes may be sent.
 */
bool xtcp_may_fill_window(const struct xtcp_tcb *tcb, u32 n)
{
	u32 tail = n % tcb->snd_mss;

	if (small_in_flight(tcb))
		return false;
	if (tail < 1u << tcb->snd_wscale)
		return n > tail || tcb->snd_nxt != tcb->snd_una;
	return tcb->snd_mss < tcb->path_mss && tail >= tcb->snd_mss / 2 &&
	       tcb->snd_wnd >= peer_buffer(tcb) / 2;
}
