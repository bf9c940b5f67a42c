// SPDX-License-Identifier: GPL-2.0
/*
 * Use of the congestion window (RFC 2861): a window that the application does
 * not fill says nothing about the path.
 */
#include "seq.h"
#include "usage.h"

/**
 * xtcp_usage_note() - segments were sent, or cwnd kept them back
 * @u: the use of cwnd
 * @una: SND.UNA
 * @nxt: SND.NXT
 * @limited: cwnd keeps data back
 *
 * The result holds for one window of data: its ACKs arrive later.
 */
void xtcp_usage_note(struct xtcp_usage *u, u32 una, u32 nxt, bool limited)
{
	u32 flight = nxt - una;

	if (!limited && seq_before(una, u->end) &&
	    (u->limited || flight <= u->max))
		return;
	u->limited = limited;
	u->max = flight;
	u->end = nxt;
}

/**
 * xtcp_usage_full() - may cwnd grow
 * @u: the use of cwnd
 * @cc: congestion control state
 *
 * In slow start up to twice the data that was in flight, so that cwnd is there
 * when the application has more to send. Source: RFC 2861 3.2.
 *
 * Return: true if so.
 */
bool xtcp_usage_full(const struct xtcp_usage *u, const struct xtcp_cc *cc)
{
	if (u->limited)
		return true;
	return xtcp_cc_slow_start(cc) && cc->cwnd < 2 * u->max;
}

/**
 * xtcp_usage_decay_due() - was cwnd not used whole for one RTO
 * @u: the use of cwnd, after xtcp_usage_note()
 * @cc: congestion control state
 * @flight: FlightSize, bytes
 * @now: ns
 * @rto: retransmission timeout, ns
 *
 * Source: RFC 2861 3.2.
 *
 * Return: true if so: xtcp_usage_decay() is due.
 */
bool xtcp_usage_decay_due(struct xtcp_usage *u, const struct xtcp_cc *cc,
			  u32 flight, u64 now, u64 rto)
{
	if (xtcp_usage_full(u, cc)) {
		u->most = 0;
		u->full = now;
		return false;
	}
	u->most = max_t(u32, u->most, flight);
	return now - u->full >= rto;
}

/**
 * xtcp_usage_decay() - reduce a cwnd that the application does not use
 * @u: the use of cwnd
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 * @now: ns
 *
 * Half way to what was used, but not below the restart window. ssthresh
 * remembers cwnd, so that slow start soon leads back to it.
 *
 * Source: RFC 2861 3.2.
 */
void xtcp_usage_decay(struct xtcp_usage *u, struct xtcp_cc *cc, u32 mss,
		      u64 now)
{
	u32 used = max_t(u32, u->most, xtcp_cc_restart_window(cc, mss));

	if (used < cc->cwnd) {
		xtcp_cc_remember(cc);
		cc->cwnd -= (cc->cwnd - used) / 2;
	}
	u->most = 0;
	u->full = now;
}
