// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanism of timers: an hrtimer whose deadline is cheap to move, protected by
 * the lock of the object that contains it. timeout.c and request.c handle the
 * expiry.
 */
#include <linux/hrtimer.h>

#include "timer.h"

/*
 * Cancel an armed timer.
 *
 * If its callback found the socket owned by a system call and deferred its work
 * to release_cb, the timer is not queued and there is nothing to cancel.
 * Otherwise hrtimer_try_to_cancel() fails only while a callback runs. There are
 * three cases:
 *
 * The caller is the callback (@t->firing).
 *
 * The timer has expired, and its callback waits for the lock that the caller
 * holds. Waiting for the callback would be a deadlock.
 *
 * The callback is that of an earlier expiry. It has released the lock and is
 * about to return: wait for it.
 *
 * Return: true if the timer was cancelled; false in the first two cases, and if
 * it was not queued.
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
 * xtcp_timer_arm() - set the deadline of a timer
 * @t: the timer; the caller holds the lock of its object
 * @deadline: ns of ktime_get()
 *
 * If the hrtimer fires before @deadline, it is not moved: see struct
 * xtcp_timer.
 *
 * Return: true if the timer was not armed. Then the caller takes a reference on
 * the object, which the callback drops.
 */
bool xtcp_timer_arm(struct xtcp_timer *t, u64 deadline)
{
	bool armed = t->armed;

	t->deadline = deadline;
	if (armed && ktime_to_ns(hrtimer_get_expires(&t->hr)) <= (s64)deadline)
		return false;
	/* It has expired: the pending callback reads the new deadline. */
	if (armed && !timer_cancel(t) && !t->firing)
		return false;
	t->armed = true;
	hrtimer_start(&t->hr, ns_to_ktime(deadline), HRTIMER_MODE_ABS_SOFT);
	return !armed;
}

/**
 * xtcp_timer_disarm() - stop a timer, and drop its reference soon
 * @t: the timer; the caller holds the lock of its object
 *
 * Return: true if the caller has to drop the reference that the timer held.
 * False if the timer was not armed, or if its callback, or the work that it
 * deferred to the lock's owner, is about to run and drops the reference.
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
	/* A callback cannot cancel its own timer: let it fire at once. */
	if (t->firing)
		hrtimer_start(&t->hr, 0, HRTIMER_MODE_ABS_SOFT);
	return false;
}

/**
 * xtcp_timer_due() - has the deadline passed; called by the callback
 * @t: the timer; the caller holds the lock of its object
 * @now: ns of ktime_get()
 *
 * Return: true if the deadline has passed; it is cleared. If it is false and
 * @t->deadline is set, the timer fired early and must be armed again.
 */
bool xtcp_timer_due(struct xtcp_timer *t, u64 now)
{
	if (!t->deadline || t->deadline > now)
		return false;
	t->deadline = 0;
	return true;
}

/**
 * xtcp_timer_setup() - initialize a timer, off
 * @t: the timer
 * @fn: its callback: takes the lock of the object, and calls xtcp_timer_begin()
 *	before and xtcp_timer_end() after its work
 */
void xtcp_timer_setup(struct xtcp_timer *t,
		      enum hrtimer_restart (*fn)(struct hrtimer *hr))
{
	hrtimer_setup(&t->hr, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	t->deadline = 0;
	t->armed = false;
	t->firing = false;
}
