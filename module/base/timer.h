/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers that are cheap to move.
 */
#ifndef XTCP_TIMER_H
#define XTCP_TIMER_H

#include <linux/hrtimer.h>

/**
 * struct xtcp_timer - an hrtimer that is cheap to move
 * @hr: fires at or before @deadline
 * @deadline: when it is due, ns of ktime_get(); 0 if it is off
 * @armed: @hr is queued, or its callback waits for the lock, or has left its
 *	work to the lock's owner (release_cb)
 * @firing: its callback runs, and holds the lock
 *
 * Moving the deadline later, or switching off, leaves @hr alone: it fires
 * early and arms itself again, or ends. While it is armed the timer holds a
 * reference on the object that it belongs to. The lock of that object protects
 * all fields, and the callback takes it. A callback that finds a socket owned
 * by a system call does not have the lock: it touches nothing here.
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
 * xtcp_timer_begin() - the callback has the lock
 * @t: its timer
 */
static inline void xtcp_timer_begin(struct xtcp_timer *t)
{
	t->armed = false;
	t->firing = true;
}

/**
 * xtcp_timer_end() - the callback is about to release the lock
 * @t: its timer
 */
static inline void xtcp_timer_end(struct xtcp_timer *t)
{
	t->firing = false;
}

/**
 * xtcp_timer_off() - nothing is due any more
 * @t: the timer, its object's lock held; if armed it fires once more and ends
 */
static inline void xtcp_timer_off(struct xtcp_timer *t)
{
	t->deadline = 0;
}

#endif /* XTCP_TIMER_H */
