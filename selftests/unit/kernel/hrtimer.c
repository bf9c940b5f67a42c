// SPDX-License-Identifier: GPL-2.0
/*
 * hrtimers that behave like those of kernel/time/hrtimer.c, with one CPU that
 * runs the callbacks. A timer leaves the queue before its callback starts.
 * While the callback runs, the timer can be queued again, but not cancelled.
 * The other CPU may run before each call.
 */
#include <linux/hrtimer.h>

#include "explore.h"

#define TIMERS_MAX 4

u64 clock_now;

static struct hrtimer *timers[TIMERS_MAX];
static int timer_count;

ktime_t ktime_get(void)
{
	cpu_point();
	return cpu_sees(clock_now);
}

u64 ktime_get_ns(void)
{
	return ktime_get();
}

/* Only the other CPU can end the loop. */
void cpu_relax(void)
{
	cpu_spin();
}

void hrtimer_setup(struct hrtimer *hr,
		   enum hrtimer_restart (*function)(struct hrtimer *hr),
		   clockid_t clock, enum hrtimer_mode mode)
{
	(void)clock;
	(void)mode;
	memset(hr, 0, sizeof(*hr));
	hr->function = function;
	timers[timer_count++] = hr;
}

void hrtimer_start(struct hrtimer *hr, ktime_t expires, enum hrtimer_mode mode)
{
	(void)mode;
	cpu_point();
	note("start(%lld)", (long long)expires);
	hr->expires = expires;
	hr->queued = true;
}

int hrtimer_try_to_cancel(struct hrtimer *hr)
{
	int was_queued;

	cpu_point();
	if (hr->running) {
		note("cancel=-1");
		return cpu_sees(-1);
	}
	was_queued = hr->queued;
	hr->queued = false;
	note("cancel=%d", was_queued);
	return cpu_sees(was_queued);
}

bool hrtimer_is_queued(struct hrtimer *hr)
{
	cpu_point();
	return cpu_sees(hr->queued);
}

ktime_t hrtimer_get_expires(const struct hrtimer *hr)
{
	cpu_point();
	return cpu_sees(hr->expires);
}

/* Forget all timers, at the start of a run. */
void hrtimer_forget(void)
{
	timer_count = 0;
}

/* The queued timer that expires first, or NULL. */
struct hrtimer *hrtimer_next(void)
{
	struct hrtimer *next = NULL;
	int i;

	for (i = 0; i < timer_count; i++)
		if (timers[i]->queued &&
		    (!next || timers[i]->expires < next->expires))
			next = timers[i];
	return next;
}

bool hrtimer_expired(void)
{
	struct hrtimer *next = hrtimer_next();

	return next && next->expires <= (ktime_t)clock_now;
}

/* As __run_hrtimer(), for the timer that expired first. */
void hrtimer_run(void)
{
	struct hrtimer *hr = hrtimer_next();

	hr->queued = false;
	hr->running = true;
	note("fires");
	hr->function(hr);
	cpu_point();
	hr->running = false;
	note("returns");
}
