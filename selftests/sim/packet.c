// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in the network.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/basics.h"
#include "packet.h"

static struct packet *unused;

struct packet *packet_new(void)
{
	struct packet *packet = unused;

	if (packet)
		unused = packet->next;
	else
		packet = malloc(sizeof(*packet));
	if (!packet) {
		perror("sim");
		abort();
	}
	memset(packet, 0, sizeof(*packet));
	return packet;
}

/* A copy that is in no queue and has no event. */
struct packet *packet_copy(const struct packet *packet)
{
	struct packet *copy = packet_new();

	*copy = *packet;
	copy->next = NULL;
	copy->event = (struct event){ .run = NULL };
	return copy;
}

void packet_free(struct packet *packet)
{
	if (!RECYCLE) {
		free(packet);
		return;
	}
	packet->next = unused;
	unused = packet;
}

void packet_push(struct packet_queue *q, struct packet *packet)
{
	packet->next = NULL;
	if (q->head)
		q->tail->next = packet;
	else
		q->head = packet;
	q->tail = packet;
	q->packets++;
	q->bytes += packet->size;
}

/* The first packet, or NULL. */
struct packet *packet_pop(struct packet_queue *q)
{
	struct packet *packet = q->head;

	if (!packet)
		return NULL;
	q->head = packet->next;
	q->packets--;
	q->bytes -= packet->size;
	return packet;
}
