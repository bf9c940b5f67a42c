// SPDX-License-Identifier: GPL-2.0
/*
 * Rate limits for answers to invalid segments.
 */
#include <linux/random.h>

#include "ratelimit.h"
#include "sock.h"

/**
 * xtcp_answer_allowed() - may an out-of-window segment be answered now
 * @net: namespace
 * @last: when the connection last sent such an answer, ns; 0: never; updated
 * @now: ns of ktime_get()
 *
 * If both ends find each other's segments unacceptable, their answers would
 * loop. So a connection sends at most one ACK per invalid_ratelimit.
 *
 * Context: any. The lock of the connection protects @last; a TIME-WAIT entry
 * has none, so two CPUs may answer at the same time.
 * Return: true if the answer may be sent; it counts as sent.
 */
bool xtcp_answer_allowed(struct net *net, u64 *last, u64 now)
{
	u64 gap = (u64)xtcp_sysctl(net, invalid_ratelimit) * NSEC_PER_MSEC;

	if (*last && now - *last < gap) {
		xtcp_count(net, SkippedOowAck);
		return false;
	}
	*last = now;
	return true;
}

/**
 * xtcp_challenge_allowed() - may a challenge ACK be sent now
 * @xn: the namespace
 * @now: ns of ktime_get()
 *
 * The limit is per second and namespace (RFC 5961 7). It is randomized, so that
 * an attacker cannot count the challenge ACKs of other connections.
 *
 * Context: any, BH may be on.
 * Return: true if it may be sent; it counts as sent.
 */
bool xtcp_challenge_allowed(struct xtcp_net *xn, u64 now)
{
	u32 limit = READ_ONCE(xn->sysctl.challenge_ack_limit);
	u32 second = xtcp_seconds(now);
	bool ok;

	if (limit == INT_MAX)
		return true;
	spin_lock_bh(&xn->challenge_lock);
	if (xn->challenge_second != second) {
		/* limit / 2, plus a random number from 0 to limit. */
		xn->challenge_second = second;
		xn->challenge_left = limit / 2 +
			(u32)(((u64)get_random_u32() * (limit | 1)) >> 32);
	}
	ok = xn->challenge_left > 0;
	if (ok)
		xn->challenge_left--;
	spin_unlock_bh(&xn->challenge_lock);
	return ok;
}
