// SPDX-License-Identifier: GPL-2.0
/*
 * How often what is wrong may be answered.
 */
#include <linux/random.h>

#include "ratelimit.h"
#include "sock.h"

/**
 * xtcp_answer_allowed() - may an out-of-window segment be answered now
 * @net: namespace
 * @last: when the connection last did, ns; updated
 * @now: ns of ktime_get()
 *
 * Two ends that find each other's segments unacceptable must not answer for
 * ever: one ACK per connection and invalid_ratelimit.
 *
 * Return: true if the answer may be sent; it is counted as sent.
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
 * xtcp_challenge_allowed() - may a challenge ACK leave now
 * @xn: the namespace
 * @now: ns of ktime_get()
 *
 * So many a second in all, and in a way that tells others nothing (RFC 5961 7).
 *
 * Return: true if it may; it is counted as sent.
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
		/* Half the limit and a random half: its use is not countable. */
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
