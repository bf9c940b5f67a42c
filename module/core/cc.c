// SPDX-License-Identifier: GPL-2.0
#include "cc.h"

static const struct xtcp_cc_ops *const algorithms[] = {
	&xtcp_reno,
	&xtcp_cubic,
};

/**
 * xtcp_cc_at() - iterate over the algorithms
 * @i: 0, 1, 2 and so on; below 32
 *
 * Return: the algorithm, or NULL after the last one.
 */
const struct xtcp_cc_ops *xtcp_cc_at(u32 i)
{
	return i < ARRAY_SIZE(algorithms) ? algorithms[i] : NULL;
}

/**
 * xtcp_cc_index() - the argument with which xtcp_cc_at() returns an algorithm
 * @ops: the algorithm
 *
 * Return: the index.
 */
u32 xtcp_cc_index(const struct xtcp_cc_ops *ops)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(algorithms) - 1; i++)
		if (algorithms[i] == ops)
			break;
	return i;
}

/**
 * xtcp_cc_find() - find an algorithm by its name
 * @name: NUL-terminated, as TCP_CONGESTION gives it
 *
 * Return: the algorithm, or NULL if there is none with that name.
 */
const struct xtcp_cc_ops *xtcp_cc_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (!strcmp(algorithms[i]->name, name))
			return algorithms[i];
	return NULL;
}

/**
 * xtcp_cc_set() - select an algorithm; cwnd does not change
 * @cc: congestion control state
 * @ops: the algorithm
 * @mss: bytes of payload in a full segment
 */
void xtcp_cc_set(struct xtcp_cc *cc, const struct xtcp_cc_ops *ops, u32 mss)
{
	cc->ops = ops;
	cc->rate = 0;
	memset(cc->priv, 0, sizeof(cc->priv));
	if (ops->init)
		ops->init(cc, mss);
}

/**
 * xtcp_cc_initial_window() - the initial congestion window
 * @mss: bytes of payload in a full segment
 *
 * Return: bytes, by RFC 6928 2.
 */
u32 xtcp_cc_initial_window(u32 mss)
{
	return min_t(u32, 10 * mss, max_t(u32, 2 * mss, 14600));
}

static u32 in_bytes(u32 segs, u32 mss)
{
	return min_t(u64, (u64)segs * mss, XTCP_SSTHRESH_INF);
}

/**
 * xtcp_cc_clamp() - apply the limit of the route to cwnd
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 */
void xtcp_cc_clamp(struct xtcp_cc *cc, u32 mss)
{
	if (cc->route.clamp)
		cc->cwnd = min_t(u32, cc->cwnd, in_bytes(cc->route.clamp, mss));
}

/**
 * xtcp_cc_restart_window() - the initial window of a connection
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 *
 * It is also the restart window (RFC 5681 4.1).
 *
 * Return: bytes: that of the route, or xtcp_cc_initial_window().
 */
u32 xtcp_cc_restart_window(const struct xtcp_cc *cc, u32 mss)
{
	return cc->route.initial ? in_bytes(cc->route.initial, mss) :
				   xtcp_cc_initial_window(mss);
}

static u32 initial_ssthresh(const struct xtcp_cc_route *r, u32 mss)
{
	u32 segs = r->ssthresh;

	if (!segs)
		return XTCP_SSTHRESH_INF;
	if (r->clamp)
		segs = min_t(u32, segs, r->clamp);
	return in_bytes(segs, mss);
}

/**
 * xtcp_cc_start() - the connection is established
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 * @syn_lost: SYN or SYN-ACK was lost more than once: the initial window is one
 *	segment (RFC 6928 2; RFC 5681 3.1 reduces it after the first loss)
 */
void xtcp_cc_start(struct xtcp_cc *cc, u32 mss, bool syn_lost)
{
	cc->cwnd = syn_lost ? mss : xtcp_cc_restart_window(cc, mss);
	xtcp_cc_clamp(cc, mss);
	cc->ssthresh = initial_ssthresh(&cc->route, mss);
	cc->acked = 0;
	cc->cwnd_limited = false;
	cc->after_timeout = false;
	if (cc->ops->init)
		cc->ops->init(cc, mss);
}

/**
 * xtcp_cc_loss() - enter fast recovery
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 * @flight: FlightSize, bytes, without the segments sent by limited transmit
 *
 * With SACK a sender replaces what is SACKed by new data while the loss is not
 * yet certain. So FlightSize may exceed cwnd; only what cwnd allowed counts.
 *
 * Source: RFC 5681 3.2 step 2.
 */
void xtcp_cc_loss(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	flight = min_t(u32, flight, cc->cwnd);
	cc->ssthresh = cc->ops->on_loss(cc, mss, flight);
	cc->cwnd = cc->ssthresh;
	cc->acked = 0;
}

/**
 * xtcp_cc_ecn() - the peer reported the first CE mark of a window of data
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 * @flight: FlightSize before the ACK that reported the CE mark, bytes
 *
 * The reduction is that for a loss, without recovery. cwnd may become one
 * segment; it never grows. Source: RFC 3168 6.1.2.
 */
void xtcp_cc_ecn(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	u32 cwnd = cc->ops->on_ecn(cc, mss, min_t(u32, flight, cc->cwnd));

	cc->cwnd = min_t(u32, cc->cwnd, cwnd);
	cc->ssthresh = max_t(u32, cc->cwnd, 2 * mss);
	cc->acked = 0;
}

/**
 * xtcp_cc_timeout() - the retransmission timer expired
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 * @flight: FlightSize, bytes
 * @first: the first expiry for this data; later ones do not change ssthresh
 *
 * Source: RFC 5681 3.1, equation 4 and the text after it.
 */
void xtcp_cc_timeout(struct xtcp_cc *cc, u32 mss, u32 flight, bool first)
{
	if (first)
		cc->ssthresh = cc->ops->on_loss(cc, mss, flight);
	if (cc->ops->on_timeout)
		cc->ops->on_timeout(cc);
	cc->cwnd = mss;
	cc->acked = 0;
	cc->after_timeout = true;
}

/**
 * xtcp_cc_recovering() - an ACK delivered data in fast recovery
 * @cc: congestion control state
 * @prr: PRR of the connection
 * @a: the ACK
 *
 * Source: RFC 9937.
 */
void xtcp_cc_recovering(struct xtcp_cc *cc, struct xtcp_prr *prr,
			const struct xtcp_prr_ack *a)
{
	cc->cwnd = xtcp_prr_cwnd(prr, a);
}

/**
 * xtcp_cc_recovered() - all data outstanding at the loss is acknowledged
 * @cc: congestion control state
 * @fast: after fast recovery that reduced ssthresh
 *
 * Source: RFC 5681 3.2 step 6, RFC 9937 6.4.
 */
void xtcp_cc_recovered(struct xtcp_cc *cc, bool fast)
{
	if (fast)
		cc->cwnd = cc->ssthresh;
	cc->after_timeout = false;
}

/**
 * xtcp_cc_undo() - the last reduction for a loss was wrong
 * @cc: congestion control state
 * @u: cwnd and ssthresh before it
 * @mss: bytes of payload in a full segment
 * @flight: FlightSize, bytes
 * @acked: bytes that the ACK newly acknowledged
 */
void xtcp_cc_undo(struct xtcp_cc *cc, const struct xtcp_undo *u, u32 mss,
		  u32 flight, u32 acked)
{
	cc->cwnd = xtcp_undo_cwnd(u, cc->cwnd, flight, acked,
				  xtcp_cc_initial_window(mss));
	cc->ssthresh = max_t(u32, cc->ssthresh, u->ssthresh);
	cc->after_timeout = false;
	if (cc->ops->undo)
		cc->ops->undo(cc);
}

/**
 * xtcp_cc_remember() - cwnd is about to be reduced, but not for congestion
 * @cc: congestion control state
 *
 * ssthresh keeps what is known of the path. Source: RFC 2861 3.2.
 */
void xtcp_cc_remember(struct xtcp_cc *cc)
{
	cc->ssthresh = max_t(u32, cc->ssthresh, cc->cwnd - cc->cwnd / 4);
}

/**
 * xtcp_cc_idle() - nothing was sent for longer than the RTO
 * @cc: congestion control state
 * @mss: bytes of payload in a full segment
 *
 * Source: RFC 5681 4.1: cwnd is at most the restart window.
 */
void xtcp_cc_idle(struct xtcp_cc *cc, u32 mss)
{
	xtcp_cc_remember(cc);
	cc->cwnd = min_t(u32, cc->cwnd, xtcp_cc_restart_window(cc, mss));
	cc->acked = 0;
}

/**
 * xtcp_cc_mss_reduced() - the path MTU is smaller than assumed
 * @cc: congestion control state
 * @old: bytes of payload in a full segment until now
 * @mss: bytes of payload in a full segment from now on
 *
 * cwnd stays the same in segments, not in bytes: otherwise a burst of more
 * segments would be sent. Source: RFC 5681 3.1.
 */
void xtcp_cc_mss_reduced(struct xtcp_cc *cc, u32 old, u32 mss)
{
	cc->cwnd = max_t(u32, cc->cwnd / old * mss + cc->cwnd % old * mss / old, mss);
}
