// SPDX-License-Identifier: GPL-2.0
/*
 * DualPI2 (RFC 9332): a queue for ECT(1), with a step marker, and one for all
 * other packets, with PI2. Their probabilities are coupled.
 */
#include "kernel/kernel.h"
#include "queue.h"

#define TARGET		15000000.0	/* ns */
#define UPDATE		16000000ull	/* ns */
#define ALPHA		0.16		/* Hz: 0.1 * 16 ms / (100 ms)^2 */
#define BETA		3.0		/* Hz: 0.3 / 100 ms */
#define COUPLING	2.0
#define STEP		1000000ull	/* ns */
#define C_WEIGHT	0.1		/* share of the classic queue */

static u64 delay_of(const struct packet_queue *packets)
{
	return packets->head ? event_now - packets->head->queued_at : 0;
}

/* RFC 9332 A.1: the PI controller. */
static void update(struct event *event)
{
	struct queue *q = container_of(event, struct queue, dualpi2.update);
	struct dualpi2 *d = &q->dualpi2;
	u64 now = delay_of(&q->packets);

	d->p_prime += ALPHA * (now - TARGET) / 1e9 +
		      BETA * ((double)now - (double)d->prev_delay) / 1e9;
	d->p_prime = min(max(d->p_prime, 0.0), 1.0 / COUPLING);
	d->prev_delay = now;
	event_at(event, event_now + UPDATE);
}

static void push(struct queue *q, struct packet *packet)
{
	bool scalable = packet->ecn == ECN_ECT_1 || packet->ecn == ECN_CE;

	queue_admit(q, scalable ? &q->dualpi2.l : &q->packets, packet);
}

/* A packet of the low-latency queue: step, or coupled probability. */
static struct packet *pop_l(struct queue *q)
{
	struct dualpi2 *d = &q->dualpi2;
	u64 delay = delay_of(&d->l);
	struct packet *packet = queue_take(q, &d->l);

	if (delay > STEP || random_chance(&d->random, COUPLING * d->p_prime))
		queue_mark(q, packet);
	return packet;
}

/* A packet of the classic queue: the square of the probability. */
static struct packet *pop_c(struct queue *q)
{
	struct dualpi2 *d = &q->dualpi2;
	struct packet *packet;

	while ((packet = queue_take(q, &q->packets))) {
		if (!random_chance(&d->random, d->p_prime * d->p_prime) ||
		    queue_mark(q, packet))
			break;
		queue_drop(q, packet);
	}
	return packet;
}

/* Weighted round robin between the two. */
static struct packet *pop(struct queue *q)
{
	struct dualpi2 *d = &q->dualpi2;
	struct packet *packet = NULL;

	if (d->l.head && (!q->packets.head || d->credit < 1)) {
		if (q->packets.head)
			d->credit += C_WEIGHT;
		return pop_l(q);
	}
	if (q->packets.head) {
		d->credit = max(d->credit - 1, 0.0);
		packet = pop_c(q);
	}
	return packet || !d->l.head ? packet : pop_l(q);
}

const struct queue_ops queue_dualpi2 = {
	.push = push,
	.pop = pop,
};

/* Start the periodic update. */
void dualpi2_setup(struct queue *q, u64 seed)
{
	random_seed(&q->dualpi2.random, seed, "dualpi2");
	event_setup(&q->dualpi2.update, update);
	event_at(&q->dualpi2.update, event_now + UPDATE);
}
