// SPDX-License-Identifier: GPL-2.0
/*
 * PRR (RFC 9937): during fast recovery cwnd approaches ssthresh in proportion
 * to the data that is delivered. Neither does the sender pause until half of
 * the flight has drained, nor does it send a burst if much was lost.
 */
#include "prr.h"

/**
 * xtcp_prr_start() - fast recovery begins
 * @p: PRR of the connection
 * @recover_fs: RecoverFS, bytes: FlightSize before this ACK, without what was
 *	SACKed before it
 *
 * Source: RFC 9937 6. The data of this ACK counts as delivered in recovery.
 */
void xtcp_prr_start(struct xtcp_prr *p, u32 recover_fs)
{
	p->delivered = 0;
	p->out = 0;
	p->recover_fs = max_t(u32, recover_fs, 1);
}

/* RFC 9937 6: bytes that may be sent for this ACK. */
static s64 sndcnt(const struct xtcp_prr *p, const struct xtcp_prr_ack *a)
{
	s64 owed = (s64)p->delivered - p->out;
	s64 n;

	if (a->inflight > a->ssthresh)
		return (s64)div_u64((u64)p->delivered * a->ssthresh +
				    p->recover_fs - 1, p->recover_fs) - p->out;
	n = max_t(s64, owed, a->delivered);
	if (a->safe)
		n += a->mss;
	return min_t(s64, a->ssthresh - a->inflight, n);
}

/**
 * xtcp_prr_cwnd() - process an ACK that delivers data in fast recovery
 * @p: PRR of the connection
 * @a: the ACK
 *
 * Source: RFC 9937 6.
 *
 * Return: the new cwnd, bytes.
 */
u32 xtcp_prr_cwnd(struct xtcp_prr *p, const struct xtcp_prr_ack *a)
{
	s64 n;

	p->delivered += a->delivered;
	n = max_t(s64, sndcnt(p, a), 0);
	/* The first ACK lets the fast retransmission out. */
	if (!p->out && !n)
		n = a->mss;
	return a->inflight + n;
}
