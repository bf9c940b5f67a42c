// SPDX-License-Identifier: GPL-2.0
/*
 * Propagation delay, with jitter, reordering, and aggregation: a medium that is
 * shared in turns, as Wi-Fi, delivers the packets of each turn together.
 */
#include "delay.h"
#include "kernel/kernel.h"

static void leaves(struct event *event)
{
	struct packet *packet = container_of(event, struct packet, event);

	element_pass(packet->at, packet);
}

/* When @packet leaves, if no other packet matters. */
static u64 time_of(struct delay *delay, const struct packet *packet)
{
	u64 at = event_now + delay->delay;

	if (packet->flow != FLOW_CROSS)
		at += delay->spread * packet->flow;
	if (delay->jitter)
		at += random_below(&delay->random, delay->jitter);
	if (delay->hold)
		at = (at + delay->hold - 1) / delay->hold * delay->hold;
	return at;
}

static void take(struct element *element, struct packet *packet)
{
	struct delay *delay = (struct delay *)element;
	u64 at = time_of(delay, packet);
	u64 *last;

	if (random_chance(&delay->random, delay->reorder)) {
		at += delay->reorder_by;
	} else if (packet->flow != FLOW_CROSS) {
		last = &delay->last[packet->flow];
		at = max(at, *last);
		*last = at;
	}
	event_setup(&packet->event, leaves);
	packet->at = element;
	event_at(&packet->event, at);
}

/* Only a delay; the caller may set the other fields afterwards. */
void delay_setup(struct delay *delay, u64 seed, const char *part, u64 ns)
{
	memset(delay, 0, sizeof(*delay));
	delay->element.take = take;
	random_seed(&delay->random, seed, part);
	delay->delay = ns;
}
