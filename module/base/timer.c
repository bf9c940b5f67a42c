// SPDX-License-Identifier: GPL-2.0
/*
 * The mechanism of timers: an hrtimer that is cheap to move, under the lock of
 * the object that it belongs to. What an expiry does is in timeout.c and
 * request.c.
 */
#include <linux/hrtimer.h>

#include "timer.h"

/*
 * Take an armed timer out of its queue.
 *
 * It is in none if its callback found the socket owned by a system call, and has
 * left its work to that. hrtimer_try_to_cancel() fails while a callback runs.
 * There are three cases.
 * The callback is the caller (@t->firing). Or the timer has expired, and its
 * callback waits for the lock that the caller holds: waiting for the callback
 * would be a deadlock. Or the callback is that of an earlier expiry, has
 * released the lock and is about to return: this takes moments.
 *
 * Return: false in the first two cases, and if it was in no queue.
 */
static bool timer_cancel(struct xtcp_timer *t)
{
	int canceled;

	while ((canceled = hrtimer_try_to_cancel(&t->hr)) < 0) {
		if (t->firing ||
		    ktime_get() >= hrtimer_get_expires(&t->hr))
			return false;
		cpu_relax();
	}
	return canceled;
}

/**
 * xtcp_timer_arm() - let a timer be due at a time
 * @t: the timer; the caller holds the lock of the object that it belongs to
 * @deadline: ns of ktime_get()
 *
 * A timer that fires before is left alone: see struct xtcp_timer.
 *
 * Return: true if the timer was not armed: then the caller takes a reference
 * on the object for it, which the callback gives back.
 */
bool xtcp_timer_arm(struct xtcp_timer *t, u64 deadline)
{
	bool armed = t->armed;

	t->deadline = deadline;
	if (armed && ktime_to_ns(hrtimer_get_expires(&t->hr)) <= (s64)deadline)
		return false;
	/* It has expired: what is about to run reads the new deadline. */
	if (armed && !timer_cancel(t) && !t->firing)
		return false;
	t->armed = true;
	hrtimer_start(&t->hr, ns_to_ktime(deadline), HRTIMER_MODE_ABS_SOFT);
	return !armed;
}

/**
 * xtcp_timer_disarm() - nothing is due any more, and soon nothing refers to it
 * @t: the timer; the caller holds the lock of the object that it belongs to
 *
 * Return: true if the caller gives back the reference that the timer held. It
 * is false if the timer was not armed, or if its callback, or what that has
 * left to the lock's owner, is about to run and gives the reference back.
 */
bool xtcp_timer_disarm(struct xtcp_timer *t)
{
	t->deadline = 0;
	if (!t->armed)
		return false;
	if (timer_cancel(t)) {
		t->armed = false;
		return true;
	}
	/* A callback cannot cancel its own timer, but it can end it at once. */
	if (t->firing)
		hrtimer_start(&t->hr, 0, HRTIMER_MODE_ABS_SOFT);
	return false;
}

/**
 * xtcp_timer_due() - the callback has the lock: is there something to do
 * @t: the timer
 * @now: ns of ktime_get()
 *
 * Return: true if the deadline has come; it is cleared then. If it is false
 * and @t->deadline is set, the timer fired early and must be armed again.
 */
bool xtcp_timer_due(struct xtcp_timer *t, u64 now)
{
	if (!t->deadline || t->deadline > now)
		return false;
	t->deadline = 0;
	return true;
}

/**
 * xtcp_timer_setup() - a timer that is off
 * @t: the timer
 * @fn: its callback: takes the lock of the object, and brackets its work by
 *	xtcp_timer_begin() and xtcp_timer_end()
 */
void xtcp_timer_setup(struct xtcp_timer *t,
		      enum hrtimer_restart (*fn)(struct hrtimer *hr))
{
	hrtimer_setup(&t->hr, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	t->deadline = 0;
	t->armed = false;
	t->firing = false;
}
