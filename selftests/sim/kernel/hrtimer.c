// SPDX-License-Identifier: GPL-2.0
/*
 * hrtimers: a timer leaves the queue before its callback runs.
 */
#include "kernel.h"

static void fires(struct event *event)
{
	struct hrtimer *hr = container_of(event, struct hrtimer, event);
	enum hrtimer_restart again;

	hr->running = true;
	again = hr->function(hr);
	hr->running = false;
	if (again == HRTIMER_RESTART && !event_pending(&hr->event))
		event_at(&hr->event, hr->expires);
}

void hrtimer_setup(struct hrtimer *hr,
		   enum hrtimer_restart (*function)(struct hrtimer *hr),
		   clockid_t clock, enum hrtimer_mode mode)
{
	(void)clock;
	(void)mode;
	memset(hr, 0, sizeof(*hr));
	event_setup(&hr->event, fires);
	hr->function = function;
}

void hrtimer_start(struct hrtimer *hr, ktime_t expires, enum hrtimer_mode mode)
{
	if (mode == HRTIMER_MODE_REL || mode == HRTIMER_MODE_REL_SOFT)
		expires += event_now;
	hr->expires = expires;
	event_at(&hr->event, max_t(u64, expires, event_now));
}

int hrtimer_try_to_cancel(struct hrtimer *hr)
{
	if (hr->running)
		return -1;
	if (!event_pending(&hr->event))
		return 0;
	event_cancel(&hr->event);
	return 1;
}
