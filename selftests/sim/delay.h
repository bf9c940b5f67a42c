/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Propagation delay, with jitter and reordering.
 */
#ifndef XTCP_SIM_DELAY_H
#define XTCP_SIM_DELAY_H

#include "packet.h"
#include "random.h"
#include "scenario.h"

/**
 * struct delay - an element that delays packets
 * @element: must be first
 * @random: its random numbers
 * @delay: of each packet, ns
 * @spread: additional delay of each flow to that of the flow before, ns
 * @jitter: a random part, 0 to this, ns; packets of a flow stay in order
 * @reorder: probability that a packet is delayed more, and overtaken
 * @reorder_by: this additional delay, ns
 * @hold: packets wait for the next multiple of this, ns; 0: they do not
 * @last: when the last packet of each flow leaves, ns
 */
struct delay {
	struct element element;
	struct random random;
	u64 delay;
	u64 spread;
	u64 jitter;
	double reorder;
	u64 reorder_by;
	u64 hold;
	u64 last[SCENARIO_FLOWS_MAX];
};

void delay_setup(struct delay *delay, u64 seed, const char *part, u64 ns);

#endif /* XTCP_SIM_DELAY_H */
