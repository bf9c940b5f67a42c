/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rate at which the network delivers data
 * (draft-cheng-iccrg-delivery-rate-estimation, draft-ietf-ccwg-bbr 4.1).
 *
 * Each transmission gets a stamp with the counts of the connection at that time.
 * When the segment is delivered, the difference to the counts of then is what
 * was delivered meanwhile.
 */
#ifndef XTCP_CORE_RATE_H
#define XTCP_CORE_RATE_H

#include "types.h"

/**
 * struct xtcp_rate - delivery of one connection
 * @delivered_time: when data was last delivered, or sent into an empty network,
 *	ns; 0: nothing was sent
 * @first_sent: when the newest segment of those delivered last was sent, or data
 *	was sent into an empty network, ns: the send phase begins there
 * @delivered: sequence numbers delivered so far, modulo 2^32
 * @delivered_ce: segments reported as delivered with a CE mark, modulo 2^32
 * @app_limited: the application left the network idle, until @delivered is
 *	after this number; 0: it did not
 * @best_delivered: sequence numbers of the rate for TCP_INFO; 0: no rate yet
 * @best_interval: time in which they were delivered, us
 * @best_app_limited: the application limited that rate
 * @reneged: in the recovery after a timeout at which the peer had discarded
 *	SACKed data: it is counted in @delivered twice
 */
struct xtcp_rate {
	u64 delivered_time;
	u64 first_sent;
	u32 delivered;
	u32 delivered_ce;
	u32 app_limited;
	u32 best_delivered;
	u32 best_interval;
	bool best_app_limited;
	bool reneged;
};

/**
 * struct xtcp_rate_stamp - the counts of the connection when a segment was sent
 * @delivered: xtcp_rate.delivered
 * @delivered_ce: xtcp_rate.delivered_ce
 * @lost: sequence numbers that were considered lost so far, modulo 2^32
 * @in_flight: sequence numbers in the network, the segment included
 * @app_limited: the application limits the rate
 * @sent_for: time since xtcp_rate.first_sent, us: the send phase
 * @delivered_for: time since xtcp_rate.delivered_time, us
 *
 * Times are differences, so that they have room in 32 bits; the maximum means
 * that or more.
 */
struct xtcp_rate_stamp {
	u32 delivered;
	u32 delivered_ce;
	u32 lost;
	u32 in_flight : 31;
	u32 app_limited : 1;
	u32 sent_for;
	u32 delivered_for;
};

/**
 * struct xtcp_rate_segment - a segment that is sent or delivered
 * @sent: when it was last sent, ns
 * @end_seq: sequence number after it
 * @len: sequence numbers that are delivered
 */
struct xtcp_rate_segment {
	u64 sent;
	u32 end_seq;
	u32 len;
};

/**
 * struct xtcp_rate_sample - the delivery rate that one ACK measures
 * @prior_time: begin of the ACK phase, ns; 0: the ACK delivers nothing
 * @prior_delivered: xtcp_rate.delivered when the newest delivered segment was
 *	sent
 * @prior_delivered_ce: xtcp_rate.delivered_ce then
 * @prior_lost: sequence numbers considered lost until then
 * @in_flight: sequence numbers in the network then, the segment included
 * @end_seq: sequence number after that segment
 * @send_phase: time in which the data of the sample was sent, us
 * @ack_phase: time in which it was delivered, us
 * @interval: the longer of both, us; 0: the ACK measures no rate
 * @delivered: sequence numbers delivered in @interval; 0 without one
 * @delivered_ce: segments delivered with a CE mark meanwhile
 * @lost: sequence numbers found lost meanwhile
 * @app_limited: the application limited the rate
 */
struct xtcp_rate_sample {
	u64 prior_time;
	u32 prior_delivered;
	u32 prior_delivered_ce;
	u32 prior_lost;
	u32 in_flight;
	u32 end_seq;
	u32 send_phase;
	u32 ack_phase;
	u32 interval;
	u32 delivered;
	u32 delivered_ce;
	u32 lost;
	bool app_limited;
};

/**
 * struct xtcp_rate_ack - an ACK, as the estimator looks at it
 * @now: when it arrived, ns
 * @lost: sequence numbers considered lost so far, modulo 2^32
 * @min_rtt: minimum round-trip time, us; ~0 if unknown
 * @recovering: a recovery goes on after it
 */
struct xtcp_rate_ack {
	u64 now;
	u32 lost;
	u32 min_rtt;
	bool recovering;
};

void xtcp_rate_sent(struct xtcp_rate *r, struct xtcp_rate_stamp *p, u64 now,
		    bool idle);
void xtcp_rate_delivered(struct xtcp_rate *r, struct xtcp_rate_sample *rs,
			 const struct xtcp_rate_stamp *p,
			 const struct xtcp_rate_segment *seg, u64 now);
void xtcp_rate_ack(struct xtcp_rate *r, struct xtcp_rate_sample *rs,
		   const struct xtcp_rate_ack *a);
void xtcp_rate_limited(struct xtcp_rate *r, u32 in_flight);
u64 xtcp_rate_bytes_per_sec(const struct xtcp_rate *r);

#endif /* XTCP_CORE_RATE_H */
