/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers whose deadline is cheap to move.
 */
#ifndef XTCP_TIMER_H
#define XTCP_TIMER_H

#include <linux/hrtimer.h>

/**
 * struct xtcp_timer - an hrtimer whose deadline is cheap to move
 * @hr: fires at or before @deadline
 * @deadline: when the timer is due, ns of ktime_get(); 0 if it is off
 * @armed: @hr is queued, or its callback waits for the lock, or the callback
 *	deferred its work to the lock's owner (release_cb)
 * @firing: the callback runs and holds the lock
 *
 * @hr is not touched if the deadline moves to a later time or the timer is
 * switched off: the callback runs early, and then arms @hr again or ends. While
 * it is armed, the timer holds a reference on the object that contains it.
 *
 * The lock of that object protects all fields; the callback takes it. If a
 * system call owns the socket, the callback does not hold the lock and must not
 * access the fields.
 */
struct xtcp_timer {
	struct hrtimer hr;
	u64 deadline;
	bool armed;
	bool firing;
};

void xtcp_timer_setup(struct xtcp_timer *t,
		      enum hrtimer_restart (*fn)(struct hrtimer *hr));
bool xtcp_timer_arm(struct xtcp_timer *t, u64 deadline);
bool xtcp_timer_disarm(struct xtcp_timer *t);
bool xtcp_timer_due(struct xtcp_timer *t, u64 now);

/**
 * xtcp_timer_begin() - start of a callback's work, with the lock held
 * @t: its timer
 */
static inline void xtcp_timer_begin(struct xtcp_timer *t)
{
	t->armed = false;
	t->firing = true;
}

/**
 * xtcp_timer_end() - end of a callback's work, before it releases the lock
 * @t: its timer
 */
static inline void xtcp_timer_end(struct xtcp_timer *t)
{
	t->firing = false;
}

/**
 * xtcp_timer_off() - switch a timer off
 * @t: the timer, its object's lock held; if armed it fires once more and ends
 */
static inline void xtcp_timer_off(struct xtcp_timer *t)
{
	t->deadline = 0;
}

#endif /* XTCP_TIMER_H */
