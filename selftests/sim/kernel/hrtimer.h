/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hrtimers, as events of the simulation (event.h).
 */
#ifndef XTCP_SIM_HRTIMER_H
#define XTCP_SIM_HRTIMER_H

#include "../event.h"
#include "basics.h"

typedef s64 ktime_t;

enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART,
};

enum hrtimer_mode {
	HRTIMER_MODE_ABS,
	HRTIMER_MODE_REL,
	HRTIMER_MODE_ABS_SOFT,
	HRTIMER_MODE_REL_SOFT,
	HRTIMER_MODE_ABS_PINNED_SOFT,
};

struct hrtimer {
	struct event event;
	enum hrtimer_restart (*function)(struct hrtimer *hr);
	ktime_t expires;
	bool running;
};

static inline ktime_t ns_to_ktime(u64 ns)
{
	return ns;
}

static inline s64 ktime_to_ns(ktime_t t)
{
	return t;
}

static inline ktime_t ktime_get(void)
{
	return event_now;
}

static inline u64 ktime_get_ns(void)
{
	return event_now;
}

static inline ktime_t hrtimer_get_expires(const struct hrtimer *hr)
{
	return hr->expires;
}

static inline bool hrtimer_is_queued(const struct hrtimer *hr)
{
	return event_pending(&hr->event);
}

void hrtimer_setup(struct hrtimer *hr,
		   enum hrtimer_restart (*function)(struct hrtimer *hr),
		   clockid_t clock, enum hrtimer_mode mode);
void hrtimer_start(struct hrtimer *hr, ktime_t expires,
		   enum hrtimer_mode mode);
int hrtimer_try_to_cancel(struct hrtimer *hr);

#endif /* XTCP_SIM_HRTIMER_H */
