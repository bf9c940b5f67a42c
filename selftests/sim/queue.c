// SPDX-License-Identifier: GPL-2.0
/*
 * Queues without much management: tail drop, and a step marker.
 */
#include "queue.h"

/* Drop a packet that is in no queue. */
void queue_drop(struct queue *q, struct packet *packet)
{
	q->drops++;
	packet_free(packet);
}

/* Mark a packet, or return false if its sender does not understand marks. */
bool queue_mark(struct queue *q, struct packet *packet)
{
	if (packet->ecn == ECN_NOT_ECT)
		return false;
	packet->ecn = ECN_CE;
	q->marks++;
	return true;
}

/* Put a packet into one of the queues of @q. Return: false if it is dropped. */
bool queue_admit(struct queue *q, struct packet_queue *to,
		 struct packet *packet)
{
	if (q->count >= q->limit) {
		queue_drop(q, packet);
		return false;
	}
	packet->queued_at = event_now;
	packet_push(to, packet);
	q->count++;
	q->bytes += packet->size;
	return true;
}

/* The first packet of one of the queues of @q, or NULL. */
struct packet *queue_take(struct queue *q, struct packet_queue *from)
{
	struct packet *packet = packet_pop(from);

	if (packet) {
		q->count--;
		q->bytes -= packet->size;
	}
	return packet;
}

static void push(struct queue *q, struct packet *packet)
{
	queue_admit(q, &q->packets, packet);
}

static struct packet *pop(struct queue *q)
{
	return queue_take(q, &q->packets);
}

const struct queue_ops queue_fifo = {
	.push = push,
	.pop = pop,
};

/* Marks when a packet leaves: the delay of the packet itself is known then. */
static struct packet *pop_step(struct queue *q)
{
	struct packet *packet = pop(q);

	if (packet && event_now - packet->queued_at > q->mark)
		queue_mark(q, packet);
	return packet;
}

const struct queue_ops queue_step = {
	.push = push,
	.pop = pop_step,
};
