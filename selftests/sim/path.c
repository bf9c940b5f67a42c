// SPDX-License-Identifier: GPL-2.0
/*
 * The path: which elements follow each other, changes of the route, and other
 * traffic that passes the bottleneck.
 */
#include "endpoint.h"
#include "kernel/kernel.h"
#include "path.h"

static const struct scenario *scenario;

/* Other traffic: packets of this size, in periods of this mean length. */
#define CROSS_SIZE	1000		/* bytes */
#define CROSS_PERIOD	500e6		/* ns */

static void arrive(struct element *element, struct packet *packet)
{
	if (packet->to)
		endpoint_receive(packet);
	else
		packet_free(packet);
}

static const struct queue_ops *const aqms[] = {
	[AQM_FIFO] = &queue_fifo,
	[AQM_CODEL] = &queue_codel,
	[AQM_FQ_CODEL] = &queue_fq_codel,
	[AQM_STEP] = &queue_step,
	[AQM_DUALPI2] = &queue_dualpi2,
};

/* Packets that are on the way keep their delay. */
static void change_route(struct event *event)
{
	struct path *path = container_of(event, struct path, route);

	path->bottleneck.rate = scenario->route_rate;
	path->delay.delay = scenario->route_delay;
	path->ack_delay.delay = scenario->route_delay;
}

/* One packet of other traffic, or the start of a period without. */
static void cross(struct event *event)
{
	struct path *path = container_of(event, struct path, cross);
	struct packet *packet;

	if (event_now >= path->cross_until) {
		path->cross_on = !path->cross_on;
		path->cross_until = event_now + 1 +
			random_exponential(&path->cross_random, CROSS_PERIOD);
	}
	if (!path->cross_on) {
		event_at(event, path->cross_until);
		return;
	}
	packet = packet_new();
	packet->flow = FLOW_CROSS;
	packet->size = CROSS_SIZE;
	path->bottleneck.element.take(&path->bottleneck.element, packet);
	event_at(event, event_now +
		 CROSS_SIZE * 8ull * NSEC_PER_SEC / path->cross_rate);
}

static void setup_events(struct path *path, const struct scenario *s)
{
	event_setup(&path->route, change_route);
	if (s->route_at)
		event_at(&path->route, s->route_at);
	random_seed(&path->cross_random, s->seed, "cross");
	event_setup(&path->cross, cross);
	/* It is on half of the time. */
	path->cross_rate = 2 * s->cross;
	if (s->cross)
		event_at(&path->cross, 0);
}

void path_setup(struct path *path, const struct scenario *s)
{
	scenario = s;
	memset(path, 0, sizeof(*path));
	loss_setup(&path->loss, s->seed, "loss", s->loss);
	path->loss.begin = s->burst_begin;
	path->loss.end = s->burst_end;
	duplicate_setup(&path->duplicate, s->seed, s->duplicate);
	link_setup(&path->bottleneck, aqms[s->aqm], s->rate, s->limit);
	path->bottleneck.queue.mark = s->mark;
	if (s->aqm == AQM_DUALPI2)
		dualpi2_setup(&path->bottleneck.queue, s->seed);
	delay_setup(&path->delay, s->seed, "delay", s->delay);
	path->delay.spread = s->spread;
	path->delay.jitter = s->jitter;
	path->delay.reorder = s->reorder;
	path->delay.reorder_by = s->reorder_by;
	loss_setup(&path->ack_loss, s->seed, "ack loss", s->ack_loss);
	link_setup(&path->ack_link, &queue_fifo, s->ack_rate, s->ack_limit);
	delay_setup(&path->ack_delay, s->seed, "ack delay", s->delay);
	path->ack_delay.spread = s->spread;
	path->ack_delay.hold = s->ack_hold;
	path->arrive.take = arrive;

	path->loss.element.next = &path->duplicate.element;
	path->duplicate.element.next = &path->bottleneck.element;
	path->bottleneck.element.next = &path->delay.element;
	path->delay.element.next = &path->arrive;
	path->ack_loss.element.next = &path->ack_link.element;
	path->ack_link.element.next = &path->ack_delay.element;
	path->ack_delay.element.next = &path->arrive;
	setup_events(path, s);
}

/* Round-trip time of a handshake over the empty path, us. */
u32 path_rtt(const struct scenario *s, u32 flow)
{
	return max_t(u64, 1, 2 * (s->delay + s->spread * flow) / NSEC_PER_USEC);
}
