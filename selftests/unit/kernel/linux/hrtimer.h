/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the kernel's hrtimers that timer.c and timeout.c use, for the
 * host: see ../hrtimer.c.
 */
#ifndef XTCP_UNIT_HRTIMER_H
#define XTCP_UNIT_HRTIMER_H

#include <time.h>

#include "types.h"

#define container_of(ptr, type, member)					\
	((type *)((char *)(ptr) - offsetof(type, member)))

typedef s64 ktime_t;

enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART,
};

enum hrtimer_mode {
	HRTIMER_MODE_ABS_SOFT,
};

struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *hr);
	ktime_t expires;
	bool queued;
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

ktime_t ktime_get(void);
u64 ktime_get_ns(void);
void cpu_relax(void);
void hrtimer_setup(struct hrtimer *hr,
		   enum hrtimer_restart (*function)(struct hrtimer *hr),
		   clockid_t clock, enum hrtimer_mode mode);
void hrtimer_start(struct hrtimer *hr, ktime_t expires,
		   enum hrtimer_mode mode);
int hrtimer_try_to_cancel(struct hrtimer *hr);
bool hrtimer_is_queued(struct hrtimer *hr);
ktime_t hrtimer_get_expires(const struct hrtimer *hr);

/* For the test: the clock, and the softirq that runs expired timers. */
extern u64 clock_now;

void hrtimer_forget(void);
struct hrtimer *hrtimer_next(void);
bool hrtimer_expired(void);
void hrtimer_run(void);

#endif /* XTCP_UNIT_HRTIMER_H */
