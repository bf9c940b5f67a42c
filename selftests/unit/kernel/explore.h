/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two processors and a clock, in every order.
 */
#ifndef XTCP_UNIT_EXPLORE_H
#define XTCP_UNIT_EXPLORE_H

#include "types.h"

enum cpu {
	CPU_USER,
	CPU_SOFTIRQ,
	CPUS,
};

/**
 * struct scenario - what is explored
 * @begin: sets the shared state as it is at the beginning
 * @clock: true if time may pass now
 * @tick: it does
 * @digest: a number for the shared state
 * @plain: a number for that of it which is read without a function of ours;
 *	 what these return goes through cpu_sees()
 * @check: looks at it whenever one could go on; false ends it all
 * @end: no processor can go on; as @check
 * @user: what CPU_USER does
 * @softirq: what CPU_SOFTIRQ does
 */
struct scenario {
	void (*begin)(void);
	bool (*clock)(void);
	void (*tick)(void);
	u64 (*digest)(void);
	u64 (*plain)(void);
	bool (*check)(void);
	bool (*end)(void);
	void (*user)(void);
	void (*softirq)(void);
};

/**
 * struct explored - how much there was
 * @states: different ones that were seen
 * @ends: runs to the end
 */
struct explored {
	unsigned int states;
	unsigned int ends;
};

struct explored explore(const struct scenario *s);

/* For what runs on a processor */
void cpu_point(void);
void cpu_spin(void);
void cpu_wait(bool (*ready)(void));
void cpu_fresh(u64 state);
u64 cpu_sees(u64 value);
enum cpu cpu_id(void);
unsigned int choose(unsigned int count);
u64 mix(u64 hash, u64 value);

/* For the checks */
bool cpu_spins(enum cpu cpu);
void __attribute__((format(printf, 1, 2))) note(const char *format, ...);

#endif /* XTCP_UNIT_EXPLORE_H */
