// SPDX-License-Identifier: GPL-2.0
/*
 * A link sends one packet at a time.
 */
#include "kernel/kernel.h"
#include "link.h"

static void send_next(struct link *link)
{
	struct packet *packet = link->queue.ops->pop(&link->queue);
	u64 bits;

	if (!packet)
		return;
	if (link->sojourn)
		link->sojourn(event_now - packet->queued_at);
	link->sending = packet;
	bits = packet->size * 8ull;
	/* The rate may have become "no limit" meanwhile. */
	event_at(&link->done, event_now + (link->rate ?
		 bits * NSEC_PER_SEC / link->rate : 0));
}

static void sent(struct event *event)
{
	struct link *link = container_of(event, struct link, done);
	struct packet *packet = link->sending;

	link->sending = NULL;
	element_pass(&link->element, packet);
	send_next(link);
}

static void take(struct element *element, struct packet *packet)
{
	struct link *link = (struct link *)element;

	if (!link->rate && !link->sending) {
		packet->queued_at = event_now;
		element_pass(element, packet);
		return;
	}
	link->queue.ops->push(&link->queue, packet);
	if (!link->sending)
		send_next(link);
}

void link_setup(struct link *link, const struct queue_ops *ops, u64 rate,
		u64 limit)
{
	memset(link, 0, sizeof(*link));
	link->element.take = take;
	link->queue.ops = ops;
	link->queue.limit = limit;
	link->rate = rate;
	event_setup(&link->done, sent);
}
