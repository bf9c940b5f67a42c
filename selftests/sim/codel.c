// SPDX-License-Identifier: GPL-2.0
/*
 * CoDel (RFC 8289), for one queue and for those of fq_codel.
 */
#include <math.h>

#include "queue.h"

#define TARGET		5000000ull	/* ns */
#define INTERVAL	100000000ull	/* ns */
#define FULL_PACKET	1500		/* bytes */

/* RFC 8289 5.3: when the next packet is dropped. */
static u64 control_law(u64 t, u32 count)
{
	return t + INTERVAL / sqrt(count);
}

/*
 * RFC 8289 5.6: the next packet. @ok: the delay was above the target for an
 * interval.
 */
static struct packet *next(struct queue *q, struct packet_queue *from,
			   struct codel *c, bool *ok)
{
	struct packet *packet = queue_take(q, from);

	*ok = false;
	if (!packet || event_now - packet->queued_at < TARGET ||
	    from->bytes <= FULL_PACKET) {
		c->first_above_time = 0;
	} else if (!c->first_above_time) {
		c->first_above_time = event_now + INTERVAL;
	} else {
		*ok = event_now >= c->first_above_time;
	}
	return packet;
}

/* Mark @packet, or drop it and return the next. */
static struct packet *punish(struct queue *q, struct packet_queue *from,
			     struct codel *c, struct packet *packet, bool *ok)
{
	if (queue_mark(q, packet))
		return packet;
	queue_drop(q, packet);
	return next(q, from, c, ok);
}

/* RFC 8289 5.5: time to drop, more and more often. */
static struct packet *drop_more(struct queue *q, struct packet_queue *from,
				struct codel *c, struct packet *packet, bool ok)
{
	while (packet && c->dropping && event_now >= c->drop_next) {
		struct packet *first = packet;

		c->count++;
		packet = punish(q, from, c, packet, &ok);
		if (!ok)
			c->dropping = false;
		else
			c->drop_next = control_law(c->drop_next, c->count);
		if (packet == first)
			break;
	}
	return packet;
}

/* The next packet of a queue of @q, or NULL (RFC 8289 5.5). */
struct packet *codel_pop(struct queue *q, struct packet_queue *from,
			 struct codel *c)
{
	struct packet *packet;
	u32 delta;
	bool ok;

	packet = next(q, from, c, &ok);
	if (c->dropping) {
		if (ok)
			return drop_more(q, from, c, packet, ok);
		c->dropping = false;
	} else if (ok) {
		packet = punish(q, from, c, packet, &ok);
		c->dropping = true;
		/* Dropping ended a short time ago: continue with its rate. */
		delta = c->count - c->lastcount;
		c->count = 1;
		if (delta > 1 && event_now - c->drop_next < 16 * INTERVAL)
			c->count = delta;
		c->drop_next = control_law(event_now, c->count);
		c->lastcount = c->count;
	}
	return packet;
}

static void push(struct queue *q, struct packet *packet)
{
	queue_admit(q, &q->packets, packet);
}

static struct packet *pop(struct queue *q)
{
	return codel_pop(q, &q->packets, &q->codel);
}

const struct queue_ops queue_codel = {
	.push = push,
	.pop = pop,
};
