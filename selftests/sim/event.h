/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simulated time: events run in the order of their time, and those of the same
 * time in the order in which they were set.
 */
#ifndef XTCP_SIM_EVENT_H
#define XTCP_SIM_EVENT_H

#include "core/types.h"

/**
 * struct event - something that happens at a time
 * @run: called then; may set the event again
 * @time: ns
 * @order: number of the call that set it
 * @index: place in the heap plus 1; 0: not set
 */
struct event {
	void (*run)(struct event *event);
	u64 time;
	u64 order;
	u32 index;
};

extern u64 event_now;	/* ns */
extern u64 event_count;	/* events that have run */

static inline void event_setup(struct event *event,
			       void (*run)(struct event *event))
{
	*event = (struct event){ .run = run };
}

static inline bool event_pending(const struct event *event)
{
	return event->index;
}

void event_at(struct event *event, u64 time);
void event_cancel(struct event *event);
bool event_next(u64 until);

#endif /* XTCP_SIM_EVENT_H */
