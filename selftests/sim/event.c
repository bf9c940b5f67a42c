// SPDX-License-Identifier: GPL-2.0
/*
 * Simulated time: a binary heap of events.
 */
#include <stdio.h>
#include <stdlib.h>

#include "event.h"

u64 event_now;
u64 event_count;

static struct event **heap;
static u32 used, room;
static u64 orders;

static bool is_before(const struct event *a, const struct event *b)
{
	return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static void place(struct event *event, u32 i)
{
	heap[i] = event;
	event->index = i + 1;
}

static void sift_up(struct event *event, u32 i)
{
	while (i && is_before(event, heap[(i - 1) / 2])) {
		place(heap[(i - 1) / 2], i);
		i = (i - 1) / 2;
	}
	place(event, i);
}

static void sift_down(struct event *event, u32 i)
{
	u32 child;

	while ((child = 2 * i + 1) < used) {
		if (child + 1 < used && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], event))
			break;
		place(heap[child], i);
		i = child;
	}
	place(event, i);
}

/* Set an event, or move it, to a time that is not before now, ns. */
void event_at(struct event *event, u64 time)
{
	event_cancel(event);
	if (used == room) {
		room = room ? 2 * room : 1024;
		heap = realloc(heap, room * sizeof(*heap));
		if (!heap) {
			perror("sim");
			abort();
		}
	}
	event->time = time > event_now ? time : event_now;
	event->order = ++orders;
	used++;
	sift_up(event, used - 1);
}

void event_cancel(struct event *event)
{
	u32 i = event->index;
	struct event *last;

	if (!i)
		return;
	event->index = 0;
	last = heap[--used];
	if (last == event)
		return;
	i--;
	if (i && is_before(last, heap[(i - 1) / 2]))
		sift_up(last, i);
	else
		sift_down(last, i);
}

/* Run the next event. Return: false if none is set until @until, ns. */
bool event_next(u64 until)
{
	struct event *event = used ? heap[0] : NULL;

	if (!event || event->time > until)
		return false;
	event_cancel(event);
	event_now = event->time;
	event_count++;
	event->run(event);
	return true;
}
