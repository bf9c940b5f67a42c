// SPDX-License-Identifier: GPL-2.0
#include "window.h"

#define WND_FIELD_MAX	65535u

/**
 * xtcp_wscale_for() - the shift count to offer
 * @space: largest receive window we may come to offer, bytes
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
 * xtcp_wscale_agree() - both SYNs are known: scale, or not
 * @tcb: the connection; @rcv_wscale holds what we offered or will
 * @peer: the options of the peer's SYN
 *
 * Source: RFC 7323 2.2 (both or none) and 2.3 (above 14 is 14).
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

/**
 * xtcp_window_offer() - the receive window to offer now
 * @tcb: the connection
 * @space: free receive buffer, bytes
 * @full: the whole receive buffer, bytes
 *
 * The right edge never moves back (SHLD-14) and moves forward only by
 * min(half the buffer, MSS) or more (MUST-39, RFC 9293 3.8.6.2.2). But a peer
 * whose segments were made for a larger window would wait for ever if the buffer
 * is empty, and what was promised is less than one of them: it gets all there is.
 *
 * Return: bytes from RCV.NXT on, never less than is already promised.
 */
u32 xtcp_window_offer(const struct xtcp_tcb *tcb, u32 space, u32 full)
{
	u32 now = xtcp_rcv_wnd(tcb);
	u32 step = min_t(u32, full / 2, tcb->rcv_mss);
	u32 max = WND_FIELD_MAX << tcb->rcv_wscale;
	u32 unit = 1u << tcb->rcv_wscale;

	space = min_t(u32, space, max);
	/* What the field cannot say is not offered, if it can say anything. */
	if (space >= unit)
		space &= ~(unit - 1);
	if (space >= now + step)
		return space;
	/* Nothing better will come, and what there is may hold no segment. */
	return now < tcb->rcv_mss && space > now && space + unit > full ?
	       space : now;
}

/**
 * xtcp_window_advertise() - a segment leaves that says this window
 * @tcb: the connection; its right edge is moved
 * @wnd: bytes from RCV.NXT, of xtcp_window_offer()
 * @syn: SYN or SYN-ACK, whose window is never scaled (RFC 7323 2.2)
 *
 * Rounding must not pull the edge back: it goes up where the field cannot say
 * the promise exactly (RFC 7323 2.4).
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
	return field;
}

/**
 * xtcp_window_worth_telling() - is a window update due without any data
 * @tcb: the connection
 * @offer: of xtcp_window_offer(), bytes
 * @full: the whole receive buffer, bytes
 *
 * True when the reader made room enough that the peer should hear of it: the
 * window was closed and is open, or it doubled, by two segments at least, or
 * grew by half the buffer.
 *
 * Return: true if the update must be sent.
 */
bool xtcp_window_worth_telling(const struct xtcp_tcb *tcb, u32 offer, u32 full)
{
	u32 now = xtcp_rcv_wnd(tcb);
	u32 grown = offer - now;

	if (offer <= now)
		return false;
	if (now < tcb->rcv_mss)
		return true;
	return grown >= min_t(u32, full / 2, max_t(u32, 2 * tcb->rcv_mss, now));
}

/* How large the peer's buffer is, as far as its windows tell. */
static u32 peer_buffer(const struct xtcp_tcb *tcb)
{
	return tcb->peer_buf ?: tcb->max_snd_wnd;
}

/**
 * xtcp_bound_to_window() - how much of @len one segment may carry
 * @tcb: the connection
 * @len: bytes
 *
 * Half of the largest window that the peer offers. If one segment took all
 * of it, nothing could follow while it is under way, and a receiver that waits
 * for a second segment before it sends an ACK would wait for its timer. A peer
 * with a window below the default MSS is short of memory: it gets segments that
 * fill the window, as long as these are not silly themselves.
 *
 * Source: RFC 9293 3.8.6.2.1 (SWS avoidance), SHLD-18 and SHLD-19.
 *
 * Return: bytes, @len while no window is known.
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
 * xtcp_mss_set() - peer and path are known to take segments of this size
 * @tcb: the connection
 * @mss: bytes of payload
 */
void xtcp_mss_set(struct xtcp_tcb *tcb, u16 mss)
{
	tcb->path_mss = mss;
	tcb->snd_mss = xtcp_bound_to_window(tcb, mss);
}

/**
 * xtcp_window_take() - read the peer's window
 * @tcb: the connection
 * @seg: an acceptable segment with ACK and without SYN
 *
 * Source: RFC 9293 3.10.7.4 fifth check: only from a segment newer than the
 * one of the last update, and not from one whose ACK is old.
 *
 * Segments may be larger once the window is.
 *
 * Return: true if SND.WND changed.
 */
bool xtcp_window_take(struct xtcp_tcb *tcb, const struct xtcp_segment *seg)
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
 * xtcp_window_stays() - the window is open, and was too small to use for long
 * @tcb: the connection, with nothing in flight
 *
 * The timer overrules silly window avoidance, which takes the largest window for
 * an estimate of the peer's buffer: the peer may have made that smaller (RFC 9293
 * 3.8.6.2.1). So what it offers now is the estimate from here on; else each window
 * of this size would wait for the timer.
 */
void xtcp_window_stays(struct xtcp_tcb *tcb)
{
	tcb->peer_buf = tcb->snd_wnd;
	xtcp_mss_set(tcb, tcb->path_mss);
}

/**
 * xtcp_usable_window() - how much the peer's window lets us send now
 * @tcb: the connection
 *
 * Return: bytes from SND.NXT on; 0 when the peer pulled its window in behind
 * what is in flight (MUST-34).
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
 * xtcp_worth_sending() - silly window avoidance and Nagle's rule
 * @tcb: the connection
 * @len: bytes queued and not yet sent
 * @usable: bytes that window and congestion window allow
 * @fin: a FIN stands behind @len
 *
 * Source: RFC 9293 3.8.6.2.1 (MUST-38) and 3.7.4 with A.3: one small segment
 * may be outstanding, not two.
 *
 * Return: true if a segment may leave now.
 */
bool xtcp_worth_sending(const struct xtcp_tcb *tcb, u32 len, u32 usable,
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
 * xtcp_worth_filling() - may a small segment take the last of the window
 * @tcb: the connection; more is queued than fits the window
 * @n: what the window has room for, bytes
 *
 * One at a time, as by Nagle's rule, where a rest of the window is bad for both:
 *
 * What is less than a unit of the window field the peer cannot say. It has to round
 * up (RFC 7323 2.4), and so promises more at each ACK, room or not; the window never
 * closes, and opens by no more than that.
 *
 * Where a window has no place for two of the path's segments, we make them smaller
 * (xtcp_bound_to_window()). Then it is what the whole window takes that must be half
 * of the largest (RFC 9293 3.8.6.2.1, (3)), and not each piece: less than all of it
 * may be too little for the peer to acknowledge before its timer says so. Half a
 * segment is the least.
 *
 * Return: true if the @n bytes may leave.
 */
bool xtcp_worth_filling(const struct xtcp_tcb *tcb, u32 n)
{
	u32 tail = n % tcb->snd_mss;

	if (small_in_flight(tcb))
		return false;
	if (tail < 1u << tcb->snd_wscale)
		return n > tail || tcb->snd_nxt != tcb->snd_una;
	return tcb->snd_mss < tcb->path_mss && tail >= tcb->snd_mss / 2 &&
	       tcb->snd_wnd >= peer_buffer(tcb) / 2;
}
