// SPDX-License-Identifier: GPL-2.0
/*
 * fq_codel (RFC 8290): a queue for each flow, served in turns.
 */
#include "queue.h"

#define QUANTUM		1514	/* bytes */

static void list_push(struct fq_list *list, struct fq_bucket *b)
{
	b->next = NULL;
	if (list->head)
		list->tail->next = b;
	else
		list->head = b;
	list->tail = b;
}

static struct fq_bucket *list_pop(struct fq_list *list)
{
	struct fq_bucket *b = list->head;

	list->head = b->next;
	return b;
}

/* The queue is full: drop the first packet of the longest queue (4.1.3). */
static void drop_from_longest(struct queue *q)
{
	struct fq_bucket *longest = &q->fq.buckets[0];
	u32 i;

	for (i = 1; i < FQ_BUCKETS; i++)
		if (q->fq.buckets[i].packets.bytes > longest->packets.bytes)
			longest = &q->fq.buckets[i];
	queue_drop(q, queue_take(q, &longest->packets));
}

static void push(struct queue *q, struct packet *packet)
{
	struct fq_bucket *b = &q->fq.buckets[packet->flow % FQ_BUCKETS];

	if (q->count >= q->limit)
		drop_from_longest(q);
	queue_admit(q, &b->packets, packet);
	if (b->listed)
		return;
	b->listed = true;
	b->deficit = QUANTUM;
	list_push(&q->fq.new, b);
}

/* RFC 8290 4.2. */
static struct packet *pop(struct queue *q)
{
	struct fq *fq = &q->fq;
	struct packet *packet;
	struct fq_bucket *b;
	struct fq_list *list;

	for (;;) {
		list = fq->new.head ? &fq->new : &fq->old;
		b = list->head;
		if (!b)
			return NULL;
		if (b->deficit <= 0) {
			b->deficit += QUANTUM;
			list_push(&fq->old, list_pop(list));
			continue;
		}
		packet = codel_pop(q, &b->packets, &b->codel);
		if (packet) {
			b->deficit -= packet->size;
			return packet;
		}
		list_pop(list);
		/* A new queue that is empty becomes old first (4.2). */
		if (list == &fq->new && fq->old.head)
			list_push(&fq->old, b);
		else
			b->listed = false;
	}
}

const struct queue_ops queue_fq_codel = {
	.push = push,
	.pop = pop,
};
