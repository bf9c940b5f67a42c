// SPDX-License-Identifier: GPL-2.0
/*
 * sim - simulate XTCP connections over a path
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "generate.h"
#include "run.h"
#include "shrink.h"
#include "trace.h"

static void usage(FILE *file)
{
	fputs("Usage: sim [-q] [-o DIRECTORY] [KEY=VALUE...]\n"
	      "       sim -r COUNT [-s SEED]\n"
	      "       sim -g SEED\n"
	      "\n"
	      "Simulates a scenario, checks invariants after each event, and prints\n"
	      "figures. The same scenario always has the same result.\n"
	      "\n"
	      "  -g SEED       print the random scenario of a seed\n"
	      "  -o DIRECTORY  write CSV files there, for the script plot\n"
	      "  -q            print only a failure\n"
	      "  -r COUNT      run random scenarios; those that fail are made as\n"
	      "                simple as possible, and printed\n"
	      "  -s SEED       of the first random scenario (1); that of each other is\n"
	      "                one more\n"
	      "\n"
	      "Keys, and their defaults. TIME needs a unit (s, ms, us), RATE is in\n"
	      "bit/s (k, M, G), SIZE in bytes (k, M), PERCENT ends with %.\n"
	      "\n", file);
	scenario_help(file);
	fputs("\nExit status: 0; 1 if an invariant does not hold; 2 if the usage is\n"
	      "wrong or a file cannot be written.\n", file);
}

static int run_one(const struct scenario *s, bool print)
{
	struct report r;
	char line[SCENARIO_LINE_MAX];

	if (!run_scenario(s, &r, print))
		return 0;
	scenario_print(s, line, sizeof(line));
	fprintf(stderr, "sim: %s\nsim: scenario: %s\n", check_why, line);
	return 1;
}

static void print_scenario(const char *what, const struct scenario *s)
{
	char line[SCENARIO_LINE_MAX];

	scenario_print(s, line, sizeof(line));
	printf("%s%s\n", what, line);
}

/* After so many failures the others hardly tell more. */
#define FAILURES_MAX	3

static int run_random(u64 count, u64 seed)
{
	struct scenario s;
	char why[256];
	int failed = 0;
	u64 i;

	for (i = 0; i < count && failed < FAILURES_MAX; i++) {
		generate(&s, seed + i);
		if (!shrink_fails(&s, why, sizeof(why)))
			continue;
		failed++;
		printf("seed %llu fails: %s\n",
		       (unsigned long long)(seed + i), why);
		print_scenario("  scenario: ", &s);
		fflush(stdout);
		shrink(&s, why, sizeof(why));
		print_scenario("  simpler:  ", &s);
		printf("  fails:    %s\n", why);
		fflush(stdout);
	}
	printf("%llu random scenarios from seed %llu, %d failed\n",
	       (unsigned long long)i, (unsigned long long)seed, failed);
	return failed ? 1 : 0;
}

/* A number of the command line; exits if it is none. */
static u64 number(const char *text)
{
	char *end;
	u64 value = strtoull(text, &end, 0);

	if (end == text || *end || *text == '-') {
		fprintf(stderr, "sim: %s: not a number\n", text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	const char *directory = NULL;
	u64 count = 0, seed = 1;
	struct scenario s;
	bool print = true;
	int option, status;

	scenario_default(&s);
	while ((option = getopt(argc, argv, "g:ho:qr:s:")) != -1) {
		switch (option) {
		case 'g':
			generate(&s, number(optarg));
			print_scenario("", &s);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		case 'o':
			directory = optarg;
			break;
		case 'q':
			print = false;
			break;
		case 'r':
			count = number(optarg);
			break;
		case 's':
			seed = number(optarg);
			break;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (count)
		return run_random(count, seed);
	for (; optind < argc; optind++)
		if (scenario_parse(&s, argv[optind]))
			return 2;
	if (directory && trace_open(directory))
		return 2;
	status = run_one(&s, print);
	return trace_close() ? 2 : status;
}
