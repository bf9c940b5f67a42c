/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: the state that every algorithm has, and the interface by
 * which an algorithm is selected (RFC 5681; MAY-18 allows others).
 */
#ifndef XTCP_CORE_CC_H
#define XTCP_CORE_CC_H

#include "prr.h"
#include "rate.h"
#include "types.h"
#include "undo.h"

#define XTCP_CC_NAME_MAX	16	/* as TCP_CA_NAME_MAX */
#define XTCP_CC_PRIV		96	/* private state, bytes */
#define XTCP_SSTHRESH_INF	0x7fffffffu

struct xtcp_cc_ops;

/**
 * struct xtcp_cc_route - limits that the administrator set for the route
 * @initial: initial window and restart window, segments; 0: RFC 6928
 * @clamp: upper limit of cwnd, segments; 0: none
 * @ssthresh: initial slow start threshold, segments; 0: XTCP_SSTHRESH_INF
 */
struct xtcp_cc_route {
	u32 initial;
	u32 clamp;
	u32 ssthresh;
};

/**
 * struct xtcp_cc - the state of congestion control
 * @ops: the algorithm
 * @rate: pacing rate that the algorithm states, bytes per second; 0: it follows
 *	from @cwnd
 * @cwnd: congestion window, bytes
 * @ssthresh: slow start threshold, bytes; initially XTCP_SSTHRESH_INF
 * @acked: bytes acknowledged towards the next growth in congestion avoidance
 * @cwnd_limited: at an ACK: @cwnd limits the sender, not the application or the
 *	peer's window: only then @cwnd grows (xtcp_usage_full())
 * @after_timeout: in recovery after a timeout: slow start grows by at most one
 *	segment per ACK (RFC 3465 2.3)
 * @priv: private state of the algorithm
 * @route: limits of the route, set before xtcp_cc_start()
 */
struct xtcp_cc {
	const struct xtcp_cc_ops *ops;
	u64 rate;
	u32 cwnd;
	u32 ssthresh;
	u32 acked;
	bool cwnd_limited;
	bool after_timeout;
	u64 priv[XTCP_CC_PRIV / 8];
	struct xtcp_cc_route route;
};

/**
 * struct xtcp_cc_ack - an ACK, as an algorithm looks at it
 * @now: when it arrived, ns
 * @mss: bytes of payload in a full segment
 * @acked: bytes that it newly acknowledges, less those that were SACKed before
 * @srtt: smoothed round-trip time, us; 0 if unknown
 * @rtt: round-trip time that it measured, us; 0 if none
 * @round_start: it is the first ACK of a round trip
 * @min_rtt: minimum round-trip time of the last minutes, us; ~0 if unknown
 * @delivered: bytes delivered so far, modulo 2^32, by this ACK included
 * @in_flight: bytes in the network after it
 * @newly_delivered: bytes that it delivers, also by SACK
 * @newly_lost: bytes that it shows to be lost
 * @rate: the delivery rate that it measures
 */
struct xtcp_cc_ack {
	u64 now;
	u32 mss;
	u32 acked;
	u32 srtt;
	u32 rtt;
	bool round_start;
	u32 min_rtt;
	u32 delivered;
	u32 in_flight;
	u32 newly_delivered;
	u32 newly_lost;
	const struct xtcp_rate_sample *rate;
};

/**
 * struct xtcp_cc_ops - one algorithm
 * @name: name for TCP_CONGESTION
 * @paced: segments must leave at the pacing rate, by a timer if not by the qdisc
 * @pace_initial: that includes the initial window
 * @init: the connection is established, or the algorithm is selected; may be
 *	NULL
 * @on_ack: new bytes were acknowledged; may increase cwnd. Not called in fast
 *	recovery, nor if the ACK reports a CE mark; called in recovery after a
 *	timeout
 * @on_rate: any ACK, after loss detection and @on_ack; may set cwnd; may be NULL
 * @on_loss: a loss was detected with @flight bytes outstanding; returns the new
 *	ssthresh, bytes, and leaves cwnd to the caller
 * @on_timeout: the retransmission timer expired, after @on_loss; may be NULL
 * @undo: the last reduction for a loss was wrong; cwnd and ssthresh are restored
 *	by the caller; may be NULL
 * @on_ecn: the peer reported a CE mark (RFC 3168 6.1.2) with @flight bytes
 *	outstanding; returns the new cwnd, bytes, which may be one segment
 */
struct xtcp_cc_ops {
	const char *name;
	bool paced;
	bool pace_initial;
	void (*init)(struct xtcp_cc *cc, u32 mss);
	void (*on_ack)(struct xtcp_cc *cc, const struct xtcp_cc_ack *a);
	void (*on_rate)(struct xtcp_cc *cc, const struct xtcp_cc_ack *a);
	u32 (*on_loss)(struct xtcp_cc *cc, u32 mss, u32 flight);
	void (*on_timeout)(struct xtcp_cc *cc);
	void (*undo)(struct xtcp_cc *cc);
	u32 (*on_ecn)(struct xtcp_cc *cc, u32 mss, u32 flight);
};

extern const struct xtcp_cc_ops xtcp_reno;
extern const struct xtcp_cc_ops xtcp_cubic;

const struct xtcp_cc_ops *xtcp_cc_at(u32 i);
u32 xtcp_cc_index(const struct xtcp_cc_ops *ops);
const struct xtcp_cc_ops *xtcp_cc_find(const char *name);
void xtcp_cc_set(struct xtcp_cc *cc, const struct xtcp_cc_ops *ops, u32 mss);
void xtcp_cc_start(struct xtcp_cc *cc, u32 mss, bool syn_lost);
void xtcp_cc_clamp(struct xtcp_cc *cc, u32 mss);
void xtcp_cc_loss(struct xtcp_cc *cc, u32 mss, u32 flight);
void xtcp_cc_ecn(struct xtcp_cc *cc, u32 mss, u32 flight);
void xtcp_cc_timeout(struct xtcp_cc *cc, u32 mss, u32 flight, bool first);
void xtcp_cc_recovered(struct xtcp_cc *cc, bool fast);
void xtcp_cc_recovering(struct xtcp_cc *cc, struct xtcp_prr *prr,
			const struct xtcp_prr_ack *a);
void xtcp_cc_undo(struct xtcp_cc *cc, const struct xtcp_undo *u, u32 mss,
		  u32 flight, u32 acked);
void xtcp_cc_remember(struct xtcp_cc *cc);
void xtcp_cc_idle(struct xtcp_cc *cc, u32 mss);
void xtcp_cc_mss_reduced(struct xtcp_cc *cc, u32 old, u32 mss);
u32 xtcp_cc_initial_window(u32 mss);
u32 xtcp_cc_restart_window(const struct xtcp_cc *cc, u32 mss);

/**
 * xtcp_cc_slow_start() - is cwnd below ssthresh
 * @cc: congestion control state
 *
 * Return: true in slow start, false in congestion avoidance.
 */
static inline bool xtcp_cc_slow_start(const struct xtcp_cc *cc)
{
	return cc->cwnd < cc->ssthresh;
}

#endif /* XTCP_CORE_CC_H */
