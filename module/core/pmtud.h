/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What size of packet the path takes: the search of RFC 4821 by probes, and how
 * far ICMP is believed about it (RFC 5927 7). Sizes are those of whole IP
 * packets.
 */
#ifndef XTCP_CORE_PMTUD_H
#define XTCP_CORE_PMTUD_H

#include "seq.h"

/**
 * enum xtcp_claim - what becomes of a "packet too big"
 * @XTCP_CLAIM_IGNORE: nothing that was sent can have caused it
 * @XTCP_CLAIM_WAIT: larger packets arrived before: only a timeout makes it true
 * @XTCP_CLAIM_TAKE: believe it
 */
enum xtcp_claim {
	XTCP_CLAIM_IGNORE,
	XTCP_CLAIM_WAIT,
	XTCP_CLAIM_TAKE,
};

/**
 * struct xtcp_pmtud - the search for the largest packet that the path takes
 * @low: search_low: it takes this; segments are made for it. 0: no search
 * @high: search_high: nothing larger is tried
 * @max: what peer and interface allow; @high begins here, again and again
 * @probe: the size under trial, 0 if none is
 * @probe_seq: first sequence number of the probe
 * @probe_end: the number after it
 * @next: no probe before, ns
 * @raise: when a search that has ended begins anew, ns
 * @top: the next probe is of size @high, not one from the middle
 * @max_acked: the largest packet that is known to have arrived
 * @claim: the size that ICMP named and that waits for a proof, 0 if none
 * @claim_seq: the sequence number it quoted
 */
struct xtcp_pmtud {
	u32 low;
	u32 high;
	u32 max;
	u32 probe;
	u32 probe_seq;
	u32 probe_end;
	u64 next;
	u64 raise;
	bool top;
	u32 max_acked;
	u32 claim;
	u32 claim_seq;
};

void xtcp_pmtud_start(struct xtcp_pmtud *p, u32 base, u32 max, u64 raise);
bool xtcp_pmtud_bound(struct xtcp_pmtud *p, u32 max);
u32 xtcp_pmtud_next(struct xtcp_pmtud *p, u32 threshold, u64 now, u64 interval);
void xtcp_pmtud_sent(struct xtcp_pmtud *p, u32 size, u32 seq, u32 end);
bool xtcp_pmtud_acked(struct xtcp_pmtud *p, u32 una);
void xtcp_pmtud_failed(struct xtcp_pmtud *p, u64 next);
void xtcp_pmtud_unclear(struct xtcp_pmtud *p, u64 next);
bool xtcp_pmtud_black_hole(struct xtcp_pmtud *p, u32 size, u32 base, u32 floor,
			   u64 next, u64 raise);
enum xtcp_claim xtcp_pmtud_claim(struct xtcp_pmtud *p, u32 mtu, u32 seq,
				 u32 sent);
void xtcp_pmtud_arrived(struct xtcp_pmtud *p, u32 size, u32 una);
u32 xtcp_pmtud_proven(struct xtcp_pmtud *p);

/**
 * xtcp_pmtud_on() - is there a search
 * @p: the search
 *
 * Return: true if there is one.
 */
static inline bool xtcp_pmtud_on(const struct xtcp_pmtud *p)
{
	return p->low;
}

/**
 * xtcp_pmtud_hits() - is any of the probe among these sequence numbers
 * @p: the search
 * @seq: the first
 * @end: the number after the last
 *
 * Return: true if at least one byte of the probe is.
 */
static inline bool xtcp_pmtud_hits(const struct xtcp_pmtud *p, u32 seq, u32 end)
{
	return p->probe && seq_before(seq, p->probe_end) &&
	       seq_after(end, p->probe_seq);
}

#endif /* XTCP_CORE_PMTUD_H */
