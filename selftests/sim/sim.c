// SPDX-License-Identifier: GPL-2.0
/*
 * sim - simulate XTCP connections over a path
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "run.h"
#include "trace.h"

static void usage(FILE *file)
{
	fputs("Usage: sim [-q] [-o DIRECTORY] [KEY=VALUE...]\n"
	      "\n"
	      "Simulates a scenario, checks invariants after each event, and prints\n"
	      "figures. The same scenario always has the same result.\n"
	      "\n"
	      "  -o DIRECTORY  write CSV files there, for the script plot\n"
	      "  -q            print only a failure\n"
	      "\n"
	      "Keys, and their defaults. TIME needs a unit (s, ms, us), RATE is in\n"
	      "bit/s (k, M, G), SIZE in bytes (k, M), PERCENT may end with %.\n"
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

int main(int argc, char **argv)
{
	const char *directory = NULL;
	struct scenario s;
	bool print = true;
	int option, status;

	scenario_default(&s);
	while ((option = getopt(argc, argv, "ho:q")) != -1) {
		switch (option) {
		case 'h':
			usage(stdout);
			return 0;
		case 'o':
			directory = optarg;
			break;
		case 'q':
			print = false;
			break;
		default:
			usage(stderr);
			return 2;
		}
	}
	for (; optind < argc; optind++)
		if (scenario_parse(&s, argv[optind]))
			return 2;
	if (directory && trace_open(directory))
		return 2;
	status = run_one(&s, print);
	return trace_close() ? 2 : status;
}
