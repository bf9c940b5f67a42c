/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unit tests on the host. Each TEST() is one point of TAP; a check that fails
 * prints its place, the value and the expected value.
 */
#ifndef XTCP_UNIT_TAP_H
#define XTCP_UNIT_TAP_H

#include <stdarg.h>
#include <stdio.h>

#define __printf(a, b)	__attribute__((format(printf, a, b)))
#define __maybe_unused	__attribute__((unused))

#define TAP_TESTS_MAX	128
#define TAP_SAID_MAX	6	/* failures printed per test */

static struct {
	const char *name;
	void (*run)(void);
} tap_tests[TAP_TESTS_MAX];
static int tap_count;
static int tap_bad;		/* failed checks of the running test */
static char tap_at[128];	/* position in a loop, for messages */

/* TEST(name) { ... }; tests run in the order of the file. */
#define TEST(fn)							\
	static void fn(void);						\
	static void __attribute__((constructor)) fn##_tap(void)		\
	{								\
		tap_tests[tap_count].name = #fn;			\
		tap_tests[tap_count++].run = fn;			\
	}								\
	static void fn(void)

/* Set the text that failures of the checks below print. */
static inline void __printf(1, 2)
at(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tap_at, sizeof(tap_at), format, args);
	va_end(args);
}

static inline void tap_is(const char *file, int line, const char *expr,
			  long long got, long long want)
{
	if (got == want || tap_bad++ >= TAP_SAID_MAX)
		return;
	printf("#   %s:%d: %s%s%s: got %lld (0x%llx), want %lld (0x%llx)\n",
	       file, line, tap_at, *tap_at ? ": " : "", expr,
	       got, (unsigned long long)got, want, (unsigned long long)want);
}

#define is(got, want)							\
	tap_is(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define ok(cond)	tap_is(__FILE__, __LINE__, #cond, !!(cond), 1)
#define no(cond)	tap_is(__FILE__, __LINE__, #cond, !!(cond), 0)

/* A generator with a fixed seed (xorshift64*): all runs are the same. */
static unsigned long long tap_seed = 0x9e3779b97f4a7c15ull;

static inline unsigned int __maybe_unused rnd(void)
{
	tap_seed ^= tap_seed >> 12;
	tap_seed ^= tap_seed << 25;
	tap_seed ^= tap_seed >> 27;
	return tap_seed * 0x2545f4914f6cdd1dull >> 32;
}

int main(void)
{
	int i, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%d\n", tap_count);
	for (i = 0; i < tap_count; i++) {
		tap_bad = 0;
		tap_at[0] = '\0';
		tap_tests[i].run();
		failed += !!tap_bad;
		printf("%sok %d %s\n", tap_bad ? "not " : "", i + 1,
		       tap_tests[i].name);
	}
	return !!failed;
}

#endif /* XTCP_UNIT_TAP_H */
