// SPDX-License-Identifier: GPL-2.0
#include "pmtud.h"

/**
 * xtcp_pmtud_start() - begin to search
 * @p: the search; what ICMP claimed, and what arrived, stays
 * @base: the size to begin with
 * @max: what peer and interface allow
 * @raise: when to look for more once the search has ended, ns
 *
 * Source: RFC 4821 7.2. The first probe is of size @max: most paths take that.
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
 * xtcp_pmtud_bound() - what peer, interface and route allow changed, perhaps
 * @p: the search
 * @max: the size now
 *
 * More than before is for the search to find (RFC 4821 7.2); less is believed.
 *
 * Return: true if the probe in flight is larger: it will not arrive.
 */
bool xtcp_pmtud_bound(struct xtcp_pmtud *p, u32 max)
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
 * xtcp_pmtud_next() - the size to try next
 * @p: the search
 * @threshold: the search ends where less than this is to be gained, bytes
 * @now: ns
 * @interval: how long a search that has ended rests, ns
 *
 * Source: RFC 4821 7.3; 7.4 for one probe at a time.
 *
 * Return: the size of the packet; 0: none is due.
 */
u32 xtcp_pmtud_next(struct xtcp_pmtud *p, u32 threshold, u64 now, u64 interval)
{
	if (!xtcp_pmtud_on(p) || p->probe || now < p->next)
		return 0;
	threshold = max_t(u32, threshold, 1);
	if (p->high - p->low < threshold) {
		if (now < p->raise)
			return 0;
		/* The path may have become another. */
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
 * xtcp_pmtud_sent() - a probe is on its way
 * @p: the search
 * @size: of xtcp_pmtud_next()
 * @seq: its first sequence number
 * @end: the number after it
 */
void xtcp_pmtud_sent(struct xtcp_pmtud *p, u32 size, u32 seq, u32 end)
{
	p->probe = size;
	p->probe_seq = seq;
	p->probe_end = end;
}

/**
 * xtcp_pmtud_acked() - SND.UNA moved
 * @p: the search
 * @una: SND.UNA
 *
 * Return: true if the probe arrived: larger segments may be sent
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
 * xtcp_pmtud_failed() - the probe was lost, and nothing else
 * @p: the search
 * @next: when the next may be sent, ns
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
 * xtcp_pmtud_unclear() - the probe was lost among others: that says nothing
 * @p: the search
 * @next: when it may be tried again, ns
 *
 * Source: RFC 4821 7.6.3, 7.6.4.
 */
void xtcp_pmtud_unclear(struct xtcp_pmtud *p, u64 next)
{
	p->probe = 0;
	p->next = next;
}

/**
 * xtcp_pmtud_black_hole() - a segment was sent again and again, for nothing
 * @p: the search, perhaps not begun; @p->max is set
 * @size: of its packets
 * @base: the size to fall back to
 * @floor: no smaller than this
 * @next: no probe before, ns
 * @raise: when to look for more once the search has ended, ns
 *
 * The first time @base; then halves, in case it is still too much. Packets that
 * are small already cannot be lost for their size.
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
	/* What was just seen to vanish is not the first to be tried again. */
	p->top = false;
	p->next = next;
	/* Nor does it count any more what arrived on the path as it was. */
	p->max_acked = min_t(u32, p->max_acked, low);
	return true;
}

/**
 * xtcp_pmtud_claim() - ICMP says that a packet was too big
 * @p: the search
 * @mtu: the size that it says the path takes
 * @seq: the sequence number it quotes, in flight
 * @sent: the largest packet that is in flight
 *
 * Source: RFC 5927 7.2: it must be smaller than what was sent, and if more than
 * it says has arrived before, the segment it quotes must be seen not to.
 *
 * Return: whether to ignore the report, to believe it, or to wait for a
 * timeout that confirms it.
 */
enum xtcp_claim xtcp_pmtud_claim(struct xtcp_pmtud *p, u32 mtu, u32 seq,
				 u32 sent)
{
	if (mtu >= sent)
		return XTCP_CLAIM_IGNORE;
	if (mtu >= p->max_acked)
		return XTCP_CLAIM_TAKE;
	if (!p->claim) {
		p->claim_seq = seq;
		p->claim = max_t(u32, mtu, 1);
	}
	return XTCP_CLAIM_WAIT;
}

/**
 * xtcp_pmtud_arrived() - packets of a size were acknowledged
 * @p: the search
 * @size: the largest of them
 * @una: SND.UNA
 *
 * A claim about what has arrived after all is forgotten.
 */
void xtcp_pmtud_arrived(struct xtcp_pmtud *p, u32 size, u32 una)
{
	p->max_acked = max_t(u32, p->max_acked, size);
	if (p->claim && seq_after(una, p->claim_seq))
		p->claim = 0;
}

/**
 * xtcp_pmtud_proven() - the retransmission timer expired
 * @p: the search
 *
 * Return: the size that ICMP claimed and that is now believed, 0 if none.
 */
u32 xtcp_pmtud_proven(struct xtcp_pmtud *p)
{
	u32 mtu = p->claim;

	if (!mtu)
		return 0;
	p->claim = 0;
	p->max_acked = min_t(u32, p->max_acked, mtu);
	return mtu;
}
