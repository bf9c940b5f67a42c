/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Path MTU discovery: the search by probes of RFC 4821, and the checks of ICMP
 * reports (RFC 5927 7). Sizes are those of whole IP packets, bytes.
 */
#ifndef XTCP_CORE_PMTUD_H
#define XTCP_CORE_PMTUD_H

#include "seq.h"

/**
 * enum xtcp_ptb - how an ICMP "packet too big" is handled
 * @XTCP_PTB_IGNORE: no packet in flight is larger than the MTU: ignore it
 * @XTCP_PTB_CONFIRM: larger packets have arrived: act only after a timeout
 * @XTCP_PTB_ACCEPT: act on it now
 */
enum xtcp_ptb {
	XTCP_PTB_IGNORE,
	XTCP_PTB_CONFIRM,
	XTCP_PTB_ACCEPT,
};

/**
 * struct xtcp_pmtud - the search for the path MTU
 * @low: search_low: packets of this size arrive; segments are made for it. 0:
 *	no search
 * @high: search_high: larger sizes are not tried
 * @max: limit of peer and interface; each search starts with @high at @max
 * @probe: size of the probe in flight, 0 if none
 * @probe_seq: first sequence number of the probe
 * @probe_end: sequence number after the probe
 * @next: no probe before this time, ns
 * @raise: when a search that has ended starts again, ns
 * @top: the next probe has size @high, not one between @low and @high
 * @max_acked: size of the largest packet that was acknowledged
 * @ptb_mtu: size from an ICMP report that is not confirmed yet, 0 if none
 * @ptb_seq: the sequence number quoted by that report
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
	u32 ptb_mtu;
	u32 ptb_seq;
};

void xtcp_pmtud_start(struct xtcp_pmtud *p, u32 base, u32 max, u64 raise);
bool xtcp_pmtud_set_max(struct xtcp_pmtud *p, u32 max);
u32 xtcp_pmtud_next(struct xtcp_pmtud *p, u32 threshold, u64 now, u64 interval);
void xtcp_pmtud_sent(struct xtcp_pmtud *p, u32 size, u32 seq, u32 end);
bool xtcp_pmtud_acked(struct xtcp_pmtud *p, u32 una);
void xtcp_pmtud_failed(struct xtcp_pmtud *p, u64 next);
void xtcp_pmtud_inconclusive(struct xtcp_pmtud *p, u64 next);
bool xtcp_pmtud_black_hole(struct xtcp_pmtud *p, u32 size, u32 base, u32 floor,
			   u64 next, u64 raise);
enum xtcp_ptb xtcp_pmtud_check_ptb(struct xtcp_pmtud *p, u32 mtu, u32 seq,
				   u32 sent);
void xtcp_pmtud_acked_size(struct xtcp_pmtud *p, u32 size, u32 una);
u32 xtcp_pmtud_confirm_ptb(struct xtcp_pmtud *p);

/**
 * xtcp_pmtud_on() - is the search in use
 * @p: the search
 *
 * Return: true if it was started.
 */
static inline bool xtcp_pmtud_on(const struct xtcp_pmtud *p)
{
	return p->low;
}

/**
 * xtcp_pmtud_overlaps_probe() - do sequence numbers overlap the probe in flight
 * @p: the search
 * @seq: first sequence number
 * @end: sequence number after the last
 *
 * Return: true if they include at least one byte of the probe.
 */
static inline bool xtcp_pmtud_overlaps_probe(const struct xtcp_pmtud *p,
					     u32 seq, u32 end)
{
	return p->probe && seq_before(seq, p->probe_end) &&
	       seq_after(end, p->probe_seq);
}

#endif /* XTCP_CORE_PMTUD_H */
