/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path: its elements, there and back.
 */
#ifndef XTCP_SIM_PATH_H
#define XTCP_SIM_PATH_H

#include "delay.h"
#include "duplicate.h"
#include "link.h"
#include "loss.h"
#include "scenario.h"

/**
 * struct path - a path that all flows share
 * @loss: first, so that it does not depend on the queue
 * @duplicate: second
 * @bottleneck: the link with the queue that is managed
 * @delay: propagation
 * @arrive: the end of both ways: packets reach their endpoint
 * @ack_loss: first on the way back
 * @ack_link: the link of the way back
 * @ack_delay: propagation, and aggregation
 * @route: the route changes
 * @cross: other traffic
 * @cross_random: its random numbers
 * @cross_rate: its rate while it is on, bit/s
 * @cross_until: end of the current on or off period, ns
 * @cross_on: it is on
 */
struct path {
	struct loss loss;
	struct duplicate duplicate;
	struct link bottleneck;
	struct delay delay;
	struct element arrive;
	struct loss ack_loss;
	struct link ack_link;
	struct delay ack_delay;
	struct event route;
	struct event cross;
	struct random cross_random;
	u64 cross_rate;
	u64 cross_until;
	bool cross_on;
};

void path_setup(struct path *path, const struct scenario *s);
u32 path_rtt(const struct scenario *s, u32 flow);

#endif /* XTCP_SIM_PATH_H */
