// SPDX-License-Identifier: GPL-2.0
/*
 * Explores all interleavings of two CPUs and a clock: depth-first search.
 *
 * A CPU is a coroutine. It yields wherever the other CPU could run. A choice is
 * which CPU continues, or whether time passes, or choose() in a scenario. The
 * choices of a run are stored. The next run repeats them up to the last one
 * with an untried alternative, and takes that alternative. When there is none,
 * all runs were made.
 *
 * A run ends early in a state that was seen before. A state consists of the
 * shared state, and of the position of each CPU: a hash of all values that it
 * has read since cpu_fresh().
 */
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "explore.h"

#define STACK_SIZE	(32 * 1024)
#define DEPTH_MAX	2048
#define SEEN_SIZE	(8u * 1024 * 1024)
#define NOTES_SIZE	8192

static struct processor {
	ucontext_t context;
	void *fake_stack;		/* of ASan */
	bool (*ready)(void);		/* condition of cpu_wait(), or NULL */
	bool spins;			/* until the shared state changes */
	u64 spun;			/* the shared state at cpu_spin() */
	bool done;
	u64 sum;
	char stack[STACK_SIZE];
} cpus[CPUS];

static const struct scenario *scenario;
static enum cpu running;

static ucontext_t explorer;
static void *explorer_fake_stack;
static const void *explorer_stack;
static size_t explorer_size;

static struct {
	unsigned int taken;
	unsigned int count;
} choices[DEPTH_MAX];
static unsigned int depth;		/* number of choices in this run */
static unsigned int known;		/* choices repeated from the last run */

static u64 *seen;
static unsigned int seen_count;

static bool notes_wanted;
static char notes[NOTES_SIZE];
static size_t notes_len;

u64 mix(u64 hash, u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

/* Record a step of the run, which is printed if the run fails. */
void note(const char *format, ...)
{
	va_list args;

	if (!notes_wanted || notes_len >= NOTES_SIZE - 64)
		return;
	notes_len += sprintf(notes + notes_len, " %c:",
			     running == CPU_USER ? 'u' : 's');
	va_start(args, format);
	notes_len += vsnprintf(notes + notes_len, 48, format, args);
	va_end(args);
}

/* The behaviour of the CPU from now on may depend on @value. */
u64 cpu_sees(u64 value)
{
	cpus[running].sum = mix(cpus[running].sum, value);
	return value;
}

/* Choices */

static unsigned int pick(unsigned int count)
{
	if (count < 2)
		return 0;
	if (depth >= DEPTH_MAX) {
		printf("Bail out! too deep\n");
		exit(1);
	}
	if (depth >= known) {
		choices[depth].taken = 0;
		choices[depth].count = count;
	}
	return choices[depth++].taken;
}

/* Return: 0 to @count - 1; each value is returned in some run. */
unsigned int choose(unsigned int count)
{
	return cpu_sees(pick(count));
}

/* Return: false if all alternatives were tried. */
static bool next_run(void)
{
	while (depth) {
		depth--;
		if (++choices[depth].taken < choices[depth].count) {
			known = depth + 1;
			return true;
		}
	}
	return false;
}

static u64 state_now(void)
{
	u64 state = scenario->digest();
	int i;

	for (i = 0; i < CPUS; i++) {
		state = mix(state, cpus[i].sum);
		state = mix(state, cpus[i].spins);
		state = mix(state, cpus[i].spun);
	}
	return state ?: 1;
}

static bool is_new(void)
{
	u64 state = state_now();
	unsigned int i = state % SEEN_SIZE;

	while (seen[i] && seen[i] != state)
		i = (i + 1) % SEEN_SIZE;
	if (seen[i])
		return false;
	if (++seen_count > SEEN_SIZE / 2) {
		printf("Bail out! too many states\n");
		exit(1);
	}
	seen[i] = state;
	return true;
}

/* Coroutines */

static void give_way(void)
{
	struct processor *cpu = &cpus[running];

	__sanitizer_start_switch_fiber(cpu->done ? NULL : &cpu->fake_stack,
				       explorer_stack, explorer_size);
	swapcontext(&cpu->context, &explorer);
	__sanitizer_finish_switch_fiber(cpu->fake_stack, NULL, NULL);
	cpu_sees(scenario->plain());
}

static void cpu_main(void)
{
	__sanitizer_finish_switch_fiber(NULL, &explorer_stack, &explorer_size);
	if (running == CPU_USER)
		scenario->user();
	else
		scenario->softirq();
	cpus[running].done = true;
	cpus[running].sum = 0;
	give_way();
}

static void go_on(enum cpu id)
{
	struct processor *cpu = &cpus[id];

	running = id;
	cpu->spins = false;
	cpu->ready = NULL;
	__sanitizer_start_switch_fiber(&explorer_fake_stack, cpu->stack,
				       STACK_SIZE);
	swapcontext(&explorer, &cpu->context);
	__sanitizer_finish_switch_fiber(explorer_fake_stack, NULL, NULL);
}

static void cpu_reset(struct processor *cpu)
{
	/* The previous run may have stopped in the middle of a coroutine. */
	__asan_unpoison_memory_region(cpu->stack, STACK_SIZE);
	getcontext(&cpu->context);
	cpu->context.uc_stack.ss_sp = cpu->stack;
	cpu->context.uc_stack.ss_size = STACK_SIZE;
	makecontext(&cpu->context, cpu_main, 0);
	cpu->ready = NULL;
	cpu->spins = false;
	cpu->spun = 0;
	cpu->done = false;
	cpu->sum = 0;
}

/* Yield: the other CPU, or the clock, may run first. */
void cpu_point(void)
{
	give_way();
}

/*
 * Yield in a loop that spins. If the shared state is the same as at the last
 * call, this CPU continues only when it has changed.
 */
void cpu_spin(void)
{
	struct processor *cpu = &cpus[running];
	u64 state = scenario->digest();

	cpu->spins = cpu->spun == state;
	cpu->spun = state;
	give_way();
}

/* Yield until @ready is true. */
void cpu_wait(bool (*ready)(void))
{
	cpus[running].ready = ready;
	give_way();
}

/* The CPU holds nothing: its position is @state, whatever it read before. */
void cpu_fresh(u64 state)
{
	cpus[running].sum = mix(running + 1, state);
	cpus[running].spun = 0;
}

enum cpu cpu_id(void)
{
	return running;
}

/* Runs */

static bool can_go_on(const struct processor *cpu)
{
	if (cpu->spins)
		return cpu->spun != scenario->digest();
	return !cpu->done && (!cpu->ready || cpu->ready());
}

bool cpu_spins(enum cpu cpu)
{
	return cpus[cpu].spins && !can_go_on(&cpus[cpu]);
}

/* One step. Return: false if none is possible. */
static bool step(void)
{
	enum cpu able[CPUS];
	unsigned int count = 0, choice;
	int i;

	for (i = 0; i < CPUS; i++)
		if (can_go_on(&cpus[i]))
			able[count++] = i;
	choice = pick(count + scenario->clock());
	if (choice < count)
		go_on(able[choice]);
	else if (scenario->clock())
		scenario->tick();
	else
		return false;
	return true;
}

enum outcome {
	RUN_WRONG,
	RUN_KNOWN,
	RUN_ENDED,
};

static enum outcome run(void)
{
	int i;

	depth = 0;
	scenario->begin();
	for (i = 0; i < CPUS; i++)
		cpu_reset(&cpus[i]);
	do {
		if (depth < known)
			continue;
		if (!scenario->check())
			return RUN_WRONG;
		if (!is_new())
			return RUN_KNOWN;
	} while (step());
	return scenario->end() ? RUN_ENDED : RUN_WRONG;
}

static void tell_of_it(void)
{
	known = depth;
	notes_len = 0;
	notes_wanted = true;
	run();
	notes_wanted = false;
	printf("# wrong after:%s\n", notes);
}

/**
 * explore() - all runs of a scenario, until one fails
 * @s: the scenario
 *
 * Return: statistics.
 */
struct explored explore(const struct scenario *s)
{
	struct explored all = {};
	enum outcome outcome;

	scenario = s;
	known = 0;
	seen_count = 0;
	seen = calloc(SEEN_SIZE, sizeof(*seen));
	do {
		outcome = run();
		all.ends += outcome == RUN_ENDED;
	} while (outcome != RUN_WRONG && next_run());
	free(seen);
	if (outcome == RUN_WRONG)
		tell_of_it();
	all.states = seen_count;
	return all;
}
