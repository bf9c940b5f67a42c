// SPDX-License-Identifier: GPL-2.0
#include "pmtud.h"

/**
 * xtcp_pmtud_start() - start a search
 * @p: the search; @ptb_mtu, @ptb_seq and @max_acked do not change
 * @base: initial size, bytes
 * @max: limit of peer and interface, bytes
 * @raise: when to search again once the search has ended, ns
 *
 * The first probe has size @max: most paths support it. Source: RFC 4821 7.2.
 */
void xtcp_pmtud_start(struct xtcp_pmtud *p, u32 base, u32 max, u64 raise)
{
	p->low = min_t(u32, base, max);
	p->high = max;
	p->max = max;
	p->probe = 0;
	p->next = 0;
	p->raise = raise;
	p->top = true;
}

/**
 * xtcp_pmtud_set_max() - set the limit of peer, interface and route
 * @p: the search
 * @max: the limit, bytes; may be unchanged
 *
 * A smaller limit takes effect at once. A larger one is reached only by probes
 * (RFC 4821 7.2).
 *
 * Return: true if the probe in flight is larger: it will not arrive, so it is
 * not in flight any more (xtcp_pmtud.probe is 0).
 */
bool xtcp_pmtud_set_max(struct xtcp_pmtud *p, u32 max)
{
	p->max = max;
	p->high = min_t(u32, p->high, max);
	p->low = min_t(u32, p->low, max);
	if (p->probe <= max)
		return false;
	p->probe = 0;
	return true;
}

/**
 * xtcp_pmtud_next() - choose the size of the next probe
 * @p: the search
 * @threshold: the search ends if it could gain less than this, bytes
 * @now: ns
 * @interval: time between searches, ns
 *
 * Source: RFC 4821 7.3; 7.4: one probe at a time.
 *
 * Return: the size of the packet, bytes; 0 if no probe is due.
 */
u32 xtcp_pmtud_next(struct xtcp_pmtud *p, u32 threshold, u64 now, u64 interval)
{
	if (!xtcp_pmtud_on(p) || p->probe || now < p->next)
		return 0;
	threshold = max_t(u32, threshold, 1);
	if (p->high - p->low < threshold) {
		if (now < p->raise)
			return 0;
		/* The path may have changed: search again. */
		p->raise = now + interval;
		p->high = p->max;
		p->top = true;
		if (p->high - p->low < threshold)
			return 0;
	}
	if (p->top)
		return p->high;
	return p->low + (p->high - p->low + 1) / 2;
}

/**
 * xtcp_pmtud_sent() - record a probe that was sent
 * @p: the search
 * @size: return value of xtcp_pmtud_next()
 * @seq: first sequence number of the probe
 * @end: sequence number after the probe
 */
void xtcp_pmtud_sent(struct xtcp_pmtud *p, u32 size, u32 seq, u32 end)
{
	p->probe = size;
	p->probe_seq = seq;
	p->probe_end = end;
}

/**
 * xtcp_pmtud_acked() - SND.UNA has advanced
 * @p: the search
 * @una: SND.UNA
 *
 * Return: true if the probe arrived: segments may be larger from now on
 * (RFC 4821 7.6.1).
 */
bool xtcp_pmtud_acked(struct xtcp_pmtud *p, u32 una)
{
	if (!p->probe || seq_before(una, p->probe_end))
		return false;
	p->low = p->probe;
	p->probe = 0;
	p->top = false;
	return true;
}

/**
 * xtcp_pmtud_failed() - only the probe was lost
 * @p: the search
 * @next: no probe before this time, ns
 *
 * Source: RFC 4821 7.6.2.
 */
void xtcp_pmtud_failed(struct xtcp_pmtud *p, u64 next)
{
	p->high = max_t(u32, p->probe - 1, p->low);
	p->probe = 0;
	p->top = false;
	p->next = next;
}

/**
 * xtcp_pmtud_inconclusive() - the probe was lost with other data: inconclusive
 * @p: the search
 * @next: no probe before this time, ns
 *
 * Source: RFC 4821 7.6.3, 7.6.4.
 */
void xtcp_pmtud_inconclusive(struct xtcp_pmtud *p, u64 next)
{
	p->probe = 0;
	p->next = next;
}

/**
 * xtcp_pmtud_black_hole() - retransmissions failed: suspect a black hole
 * @p: the search, possibly not started; @p->max is set
 * @size: size of the packets that were lost, bytes
 * @base: size to fall back to, bytes
 * @floor: least size, bytes
 * @next: no probe before this time, ns
 * @raise: when to search again once the search has ended, ns
 *
 * The first fallback is @base. If packets of that size are lost as well, the
 * size is halved. If the lost packets are not larger than the new size, their
 * size is not the cause: nothing changes.
 *
 * Source: RFC 4821 7.7.
 *
 * Return: true if segments must be smaller from now on.
 */
bool xtcp_pmtud_black_hole(struct xtcp_pmtud *p, u32 size, u32 base, u32 floor,
			   u64 next, u64 raise)
{
	u32 low = base;

	if (xtcp_pmtud_on(p) && p->low <= base)
		low = max_t(u32, p->low / 2, floor);
	if (size <= low)
		return false;
	xtcp_pmtud_start(p, low, p->max, raise);
	/* Large packets were just lost: do not start with @max. */
	p->top = false;
	p->next = next;
	/* Larger packets arrived on the path as it was before. */
	p->max_acked = min_t(u32, p->max_acked, low);
	return true;
}

/**
 * xtcp_pmtud_check_ptb() - check an ICMP "packet too big"
 * @p: the search
 * @mtu: the MTU it reports, bytes
 * @seq: the sequence number it quotes; in flight
 * @sent: size of the largest packet that may be in flight, bytes
 *
 * Source: RFC 5927 7.2: the MTU must be smaller than a packet that was sent. If
 * packets larger than the MTU were acknowledged before, the report must be
 * confirmed: the segment it quotes has to time out.
 *
 * Return: whether to ignore the report, to act on it, or to wait for a timeout
 * that confirms it.
 */
enum xtcp_ptb xtcp_pmtud_check_ptb(struct xtcp_pmtud *p, u32 mtu, u32 seq,
				   u32 sent)
{
	if (mtu >= sent)
		return XTCP_PTB_IGNORE;
	if (mtu >= p->max_acked)
		return XTCP_PTB_ACCEPT;
	if (!p->ptb_mtu) {
		p->ptb_seq = seq;
		p->ptb_mtu = max_t(u32, mtu, 1);
	}
	return XTCP_PTB_CONFIRM;
}

/**
 * xtcp_pmtud_acked_size() - packets were acknowledged
 * @p: the search
 * @size: size of the largest of them, bytes
 * @una: SND.UNA
 *
 * An unconfirmed report is dropped if the segment it quotes is acknowledged.
 */
void xtcp_pmtud_acked_size(struct xtcp_pmtud *p, u32 size, u32 una)
{
	p->max_acked = max_t(u32, p->max_acked, size);
	if (p->ptb_mtu && seq_after(una, p->ptb_seq))
		p->ptb_mtu = 0;
}

/**
 * xtcp_pmtud_confirm_ptb() - the retransmission timer expired: confirm a report
 * @p: the search
 *
 * Return: the reported MTU, which is confirmed now, bytes; 0 if there is none.
 */
u32 xtcp_pmtud_confirm_ptb(struct xtcp_pmtud *p)
{
	u32 mtu = p->ptb_mtu;

	if (!mtu)
		return 0;
	p->ptb_mtu = 0;
	p->max_acked = min_t(u32, p->max_acked, mtu);
	return mtu;
}
