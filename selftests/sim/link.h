/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A link with a rate, and the queue in front of it.
 */
#ifndef XTCP_SIM_LINK_H
#define XTCP_SIM_LINK_H

#include "packet.h"
#include "queue.h"

/**
 * struct link - a link
 * @element: must be first
 * @queue: the packets that wait
 * @rate: bit/s; 0: no limit, and no queue
 * @sending: the packet that is being sent, NULL if none
 * @done: when it is sent
 * @sojourn: called with the queueing delay of each packet, ns; may be NULL
 */
struct link {
	struct element element;
	struct queue queue;
	u64 rate;
	struct packet *sending;
	struct event done;
	void (*sojourn)(u64 ns);
};

void link_setup(struct link *link, const struct queue_ops *ops, u64 rate,
		u64 limit);

#endif /* XTCP_SIM_LINK_H */
