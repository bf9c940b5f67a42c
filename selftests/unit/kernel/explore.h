/* SPDX-License-Identifier: GPL-2.0 */
/* Explores all interleavings of two CPUs and a clock. */
#ifndef XTCP_UNIT_EXPLORE_H
#define XTCP_UNIT_EXPLORE_H

#include "types.h"

enum cpu {
	CPU_USER,
	CPU_SOFTIRQ,
	CPUS,
};

/**
 * struct scenario - the system to explore
 * @begin: initialises the shared state
 * @clock: true if time may pass now
 * @tick: lets time pass
 * @digest: a hash of the shared state
 * @plain: a hash of the part that CPUs read directly; functions that return
 *	other parts call cpu_sees()
 * @check: checks invariants; called at each point where another CPU could run;
 *	false stops the exploration
 * @end: called when neither a CPU nor the clock can continue; as @check
 * @user: program of CPU_USER
 * @softirq: program of CPU_SOFTIRQ
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
 * struct explored - statistics
 * @states: number of different states
 * @ends: number of runs to the end
 */
struct explored {
	unsigned int states;
	unsigned int ends;
};

struct explored explore(const struct scenario *s);

/* For code that runs on a CPU */
void cpu_point(void);
void cpu_spin(void);
void cpu_wait(bool (*ready)(void));
void cpu_fresh(u64 state);
u64 cpu_sees(u64 value);
enum cpu cpu_id(void);
unsigned int choose(unsigned int count);
u64 mix(u64 hash, u64 value);

/* For checks */
bool cpu_spins(enum cpu cpu);
void __attribute__((format(printf, 1, 2))) note(const char *format, ...);

#endif /* XTCP_UNIT_EXPLORE_H */
