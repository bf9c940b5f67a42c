// SPDX-License-Identifier: GPL-2.0
/*
 * Learns the state machine of the running module, and compares it with the
 * machine of the rows of core/fsm.c that this program was built with.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "expected.h"
#include "fsm.h"
#include "learner.h"
#include "peer.h"
#include "search.h"

static const char usage[] =
"Usage: learner [-6] [-s] [-x N] [-r N] [-S SEED] [-o FILE] [-v]\n"
"       learner -m [OPTION...]\n"
"\n"
"Learns the state machine of the loaded xtcp.ko from the segments that it sends\n"
"and the results of its calls, and compares it with the machine of the table.\n"
"Needs root; use scripts/vm --virtual-time, because it waits for each timer.\n"
"Prints TAP.\n"
"\n"
"  -6       over IPv6\n"
"  -s       stop at the first difference from the table\n"
"  -x N     check each state by all sequences of N inputs (default: 1)\n"
"  -r N     also check N random words (default: 500)\n"
"  -S SEED  seed of the random words (default: 1)\n"
"  -o FILE  write the learned machine for graphviz\n"
"  -v       show each step and each segment\n"
"  -m       learn the machine of the table instead, without xtcp.ko: a test of the\n"
"           learner\n"
"\n"
"Exit status: 0 if the machines are equal, 1 if not, 2 if the run is not possible,\n"
"3 if the same word got two different replies.\n";

static struct {
	bool v6, stop, verbose, itself;
	struct search_effort effort;
	const char *file;
} want = {
	.effort = { .extra = 1, .random = 500, .seed = 1 },
};

static const struct subject module = { peer_reset, peer_step };
static const struct subject table = { expected_reset, expected_step };

static struct machine expected, learned;
static unsigned int equivalence_queries;

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static unsigned int number(const char *text, const char *what)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (!*text || *end || n > 100000000) {
		fprintf(stderr, "learner: %s needs a number, not '%s'; see -h\n",
			what, text);
		exit(2);
	}
	return n;
}

static void parse_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "6sx:r:S:o:vmh")) != -1) {
		switch (c) {
		case '6':
			want.v6 = true;
			break;
		case 's':
			want.stop = true;
			break;
		case 'x':
			want.effort.extra = number(optarg, "-x");
			break;
		case 'r':
			want.effort.random = number(optarg, "-r");
			break;
		case 'S':
			/* xorshift never leaves 0 */
			want.effort.seed = number(optarg, "-S") ?: 1;
			break;
		case 'o':
			want.file = optarg;
			break;
		case 'v':
			want.verbose = true;
			break;
		case 'm':
			want.itself = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		exit(2);
	}
}

/* The current hypothesis, minimised. */
static void take_learned(void)
{
	learned = *learner_machine();
	machine_minimise(&learned);
}

static void show_difference(const struct word *word)
{
	int real[WORD_MAX], says[WORD_MAX], i;

	query(word, real);
	machine_run(&expected, 0, word->in, word->n, says);
	printf("# the shortest word that distinguishes them: ");
	word_print(word);
	printf("\n");
	for (i = 0; i < word->n; i++) {
		printf("#   %-14s %s", input_name(word->in[i]), reply_text(real[i]));
		if (real[i] != says[i])
			printf("    (the table: %s)", reply_text(says[i]));
		printf("\n");
	}
}

/*
 * With -s: compares hypothesis and table, and corrects the hypothesis where the
 * module agrees with the table. Return: true if the module differs from the
 * table.
 */
static bool differs_already(struct word *word)
{
	int real[WORD_MAX], says[WORD_MAX];

	while (machine_differ(learner_machine(), &expected, word)) {
		query(word, real);
		machine_run(&expected, 0, word->in, word->n, says);
		if (memcmp(real, says, word->n * sizeof(*real)))
			return true;
		learner_counterexample(word);
	}
	return false;
}

static void learn(void)
{
	struct word word;

	learner_start();
	for (;;) {
		if (want.stop && differs_already(&word))
			return;
		equivalence_queries++;
		if (!search_counterexample(&want.effort, &word))
			return;
		printf("# %d states; counterexample: ", learner_machine()->states);
		word_print(&word);
		printf("\n");
		fflush(stdout);
		learner_counterexample(&word);
	}
}

static void write_diagram(void)
{
	FILE *out;

	if (!want.file)
		return;
	out = fopen(want.file, "w");
	if (!out) {
		fprintf(stderr, "learner: %s: %s\n", want.file, strerror(errno));
		exit(2);
	}
	machine_dot(&learned, out, want.itself ? "The table's machine, learned" :
		    "The machine of the running module, learned");
	fclose(out);
}

static void summarize(double since)
{
	struct query_counts counts = query_counts();
	int rows = expected_rows();

	printf("# learned: %d states, %d inputs\n", learned.states, INPUTS);
	printf("# the table: %d states, by %d of its %u rows\n", expected.states, rows,
	       xtcp_fsm_rows);
	printf("# %u membership queries of %u steps, %u more answered from the cache\n",
	       counts.words, counts.steps, counts.known);
	printf("# %u equivalence queries: all sequences of %d inputs after each state\n",
	       equivalence_queries, want.effort.extra);
	printf("# and %u random words of seed %u; %.0f s of virtual time\n",
	       want.effort.random, want.effort.seed, seconds() - since);
}

int main(int argc, char **argv)
{
	double since = seconds();
	struct word word;
	bool differ;

	parse_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	expected_machine(&expected);
	if (!want.itself && peer_start(want.v6, want.verbose)) {
		fputs("learner: no crafted peer: run it as root, with tun and xtcp.ko, in scripts/vm\n",
		      stderr);
		return 2;
	}
	query_start(want.itself ? &table : &module);
	learn();
	take_learned();
	differ = machine_differ(&learned, &expected, &word);
	write_diagram();
	summarize(since);
	if (differ)
		show_difference(&word);
	if (!want.itself)
		peer_stop();
	printf("%s 1 the machine learned over IPv%d equals the table\n",
	       differ ? "not ok" : "ok", want.v6 ? 6 : 4);
	return differ;
}
