// SPDX-License-Identifier: GPL-2.0
/*
 * differ: runs the same random scripts on XTCP and on the kernel's TCP, and
 * compares the results.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../lib/wire.h"
#include "comparer.h"
#include "explainer.h"
#include "generator.h"
#include "shrinker.h"

static const char usage[] =
"Usage: differ [-v] [-k] [-c] [-w MS] [-n SCRIPTS] [-l STEPS] [-s SEED]\n"
"       differ [-v] -r FILE\n"
"       differ -e\n"
"\n"
"Runs random scripts of socket calls, segments, ICMP and waiting on AF_XTCP and\n"
"on the kernel's TCP, step by step, and compares the results. Needs root and\n"
"xtcp.ko; use scripts/vm --virtual-time, because scripts wait for minutes.\n"
"\n"
"  -n SCRIPTS  number of scripts (default: 1000)\n"
"  -l STEPS    steps of a script (default: 30)\n"
"  -s SEED     seed of the first script; the next ones have SEED + 1 and so on\n"
"              (default: random)\n"
"  -r FILE     run this script, in the format in which scripts are printed (-: stdin)\n"
"  -c          control run with the kernel's TCP on both sides: each difference is\n"
"              then a fault of differ itself\n"
"  -w MS       limit of a wait step, for runs in real time\n"
"  -k          continue after a difference, and print less about each\n"
"  -v          show the results of both stacks in each step\n"
"  -e          list the classes of intended differences, with their entries in\n"
"              Documentation/differences.rst\n"
"  -h          show this text\n"
"\n"
"Exit status: 0 if all differences are intended, 1 if not, 2 if the scripts could\n"
"not be run.\n";

static struct run run;
static struct comparer comparer;
static unsigned long *counts;	/* per rule */
static unsigned long steps_run, steps_wanted, parted;
static struct settings {
	unsigned long seed;
	int n, nsteps;
	const char *file;
	bool keep_going, control;
} set = { .n = 1000, .nsteps = 30 };

static int longest_wait;
static bool verbose, brief, counting;

/*
 * An intended difference after which the run continues. More time would not
 * remove it.
 */
static bool is_meant(const struct run *r, const struct finding *f)
{
	int rule = explain(r, f);

	if (rule < 0 || !rule_at(rule)->goes_on)
		return false;
	if (counting)
		counts[rule]++;
	return true;
}

/*
 * Waits as long as more time may remove the difference: timers of the kernel's
 * TCP expire late.
 */
static struct finding settle(struct finding f)
{
	int64_t begin = wire_now_us(), spare;
	bool counted = counting;

	/* Intended differences were counted at the first comparison. */
	counting = false;
	if (run.sc->step[run.at].op != OP_WAIT || is_meant(&run, &f))
		goto out;
	spare = 60000 + (begin - run.acted_us) / 7;
	for (int i = 1; i <= 16 && f.what; i++) {
		/* Segments sent during this wait need more time again. */
		if (f.what == D_EXTRA) {
			int64_t since = run_since(&run, XTCP, f.seg[XTCP]);

			if (spare < 60000 + since / 7)
				spare = 60000 + since / 7;
		}
		run_on(&run, begin + spare * i / 8);
		f = compare(&comparer, &run);
	}
out:
	counting = counted;
	return f;
}

static void show_step(int i);

static int give_reason(const struct finding *f)
{
	int rule = explain(&run, f);

	if (rule >= 0 && counting)
		counts[rule]++;
	return rule;
}

/*
 * Runs a script to its end, or to the first difference after which it cannot
 * continue. @rule: the rule that explains this difference, or -1.
 */
static struct finding run_script(const struct script *sc, int *rule)
{
	struct finding f = { 0 };

	*rule = -1;
	run_begin(&run, sc);
	compare_begin(&comparer, is_meant);
	for (run.at = 0; run.at < sc->nsteps; run.at++) {
		run_step(&run);
		f = compare(&comparer, &run);
		if (f.what)
			f = settle(f);
		if (verbose)
			show_step(run.at);
		*rule = f.what ? give_reason(&f) : -1;
		/*
		 * compare() stopped at the segments: the sockets may differ,
		 * too.
		 */
		if (*rule >= 0 && rule_at(*rule)->goes_on && f.slot < 0) {
			f = compare_sockets(&comparer, &run);
			if (f.what)
				*rule = give_reason(&f);
		}
		if (f.what && (*rule < 0 || !rule_at(*rule)->goes_on))
			break;
		f.what = D_NONE;
		compare_keep(&comparer, &run);
		if (counting)
			steps_run++;
	}
	run_end(&run);
	return f;
}

/* For the shrinker: an explained difference is D_NONE. */
static struct finding judge(const struct script *sc)
{
	int rule;
	struct finding f = run_script(sc, &rule);

	if (rule >= 0)
		f.what = D_NONE;
	return f;
}

/* Output */

static void show_flags(int flags)
{
	const char *letters = "FSRP.UEW";

	for (int i = 0; letters[i]; i++)
		if (flags & 1 << i)
			putchar(letters[i]);
	if (!flags)
		putchar('-');
}

static void show_segment(const struct seen *n)
{
	printf("%8.3f ms  %d%s ", n->us / 1000.0, n->flow, n->other_port ? "?" : "");
	show_flags(n->flags);
	printf(" %u:%u(%d)", n->seq, n->seq + n->len, n->len);
	if (n->flags & WF_ACK)
		printf(" ack %u", n->ack);
	printf(" win %d", n->win);
	if (n->urg)
		printf(" urg %d", n->urg);
	if (n->mss >= 0)
		printf(" mss %d", n->mss);
	if (n->wscale >= 0)
		printf(" wscale %d", n->wscale);
	if (n->sackok)
		printf(" sackOK");
	if (n->ts)
		printf(" TS ecr %u", n->tsecr);
	for (int i = 0; i < n->nsack; i += 2)
		printf(" sack %u:%u", n->sack[i], n->sack[i + 1]);
	putchar('\n');
}

static void show_side(const char *name, const struct record *rec)
{
	printf("#     %s returned %d", name, rec->ret);
	if (rec->err)
		printf(" (%s)", strerror(rec->err));
	for (int i = 0; i < SLOTS; i++)
		if (rec->look[i].state)
			printf("; socket %d: state %d poll %x inq %d outq %d cwnd %d", i,
			       rec->look[i].state, rec->look[i].poll, rec->look[i].inq,
			       rec->look[i].outq, rec->look[i].cwnd);
	putchar('\n');
	for (int i = 0; i < rec->nseen; i++) {
		printf("#       ");
		show_segment(&rec->seen[i]);
	}
	if (rec->lost)
		printf("#       and %d more segments\n", rec->lost);
}

static void show_step(int i)
{
	char text[300];

	step_print(&run.sc->step[i], text, sizeof(text));
	printf("# %2d: %s\n", i + 1, text);
	show_side("xtcp:  ", &run.rec[XTCP][i]);
	show_side("kernel:", &run.rec[KERNEL][i]);
}

static void show_difference(struct script *sc, const struct finding *f)
{
	printf("# difference: %s, at step %d\n", difference_names[f->what], f->step + 1);
	for (int i = brief ? f->step : 0; i <= f->step; i++)
		show_step(i);
	if (sc->seed)
		printf("# seed %lu; the script, to be run by differ -r:\n", sc->seed);
	script_print(sc, "");
	fflush(stdout);
}

static void show_shortest(struct script *sc, const struct finding *found)
{
	static struct run first;
	struct script whole = *sc;
	struct finding f = *found;
	int rule;

	first = run;
	counting = false;
	shrink(sc, &f, judge);
	f = run_script(sc, &rule);
	if (f.what) {
		show_difference(sc, &f);
		return;
	}
	printf("# seed %lu: the difference did not occur again\n", whole.seed);
	run = first;
	run.sc = &whole;
	brief = false;
	show_difference(&whole, found);
	brief = set.keep_going;
}

/* Main program */

static int replay(const char *path)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "r") : stdin;
	struct script sc;
	struct finding f;
	int rule;

	if (!in) {
		fprintf(stderr, "differ: %s: %s\n", path, strerror(errno));
		return 2;
	}
	if (script_read(in, &sc))
		return 2;
	f = run_script(&sc, &rule);
	if (!f.what) {
		printf("# no difference\n");
		return 0;
	}
	if (rule >= 0) {
		printf("# %s at step %d: %s: %s\n", difference_names[f.what], f.step + 1,
		       rule_at(rule)->where, rule_at(rule)->why);
		return 0;
	}
	show_difference(&sc, &f);
	return 1;
}

static void limit_waits(struct script *sc)
{
	for (int i = 0; i < sc->nsteps && longest_wait; i++)
		if (sc->step[i].op == OP_WAIT && sc->step[i].n > longest_wait)
			sc->step[i].n = longest_wait;
}

/* With -k, a difference of the same kind is printed at most twice. */
static bool is_known(const struct finding *f)
{
	static unsigned long known[200];
	static int nknown;
	unsigned long sort = f->what * 100 + run.sc->step[f->step].op;
	int n = 0;

	for (int i = 0; i < SIDES; i++)
		sort = sort * 257 + (f->seg[i] ? f->seg[i]->flags + 1 : 0);
	for (int i = 0; i < nknown; i++)
		n += known[i] == sort;
	if (n == 2 || nknown == 200)
		return true;
	known[nknown++] = sort;
	return false;
}

/*
 * If the host delays the guest within a step, the clock advances between the
 * two stacks. A difference caused by this does not occur again.
 */
static bool shows_again(const struct script *sc, struct finding *f)
{
	struct finding again;
	int rule;

	counting = false;
	for (int i = 0; i < 3; i++) {
		again = run_script(sc, &rule);
		if (again.what && rule < 0) {
			*f = again;
			return true;
		}
	}
	printf("# seed %lu: %s at step %d, but not in three further runs\n", sc->seed,
	       difference_names[f->what], f->step + 1);
	return false;
}

static int try_scripts(void)
{
	int bad = 0;

	for (int i = 0; i < set.n; i++) {
		struct script sc;
		struct finding f;
		int rule;

		script_generate(&sc, set.seed + i, set.nsteps);
		limit_waits(&sc);
		steps_wanted += set.nsteps;
		counting = true;
		f = run_script(&sc, &rule);
		if (!f.what)
			continue;
		parted++;
		if (rule >= 0 || !shows_again(&sc, &f))
			continue;
		bad++;
		if (is_known(&f))
			continue;
		printf("# script %d\n", i + 1);
		show_shortest(&sc, &f);
		if (!set.keep_going)
			break;
	}
	return bad;
}

static int all_rules(void)
{
	int n = 0;

	while (rule_at(n))
		n++;
	return n;
}

static void summary(void)
{
	for (int i = 0; rule_at(i); i++)
		if (counts[i])
			printf("# %6lu %s (%s)\n", counts[i], rule_at(i)->name,
			       rule_at(i)->where);
	printf("# %lu of %lu steps compared, %lu scripts ended early by a difference\n",
	       steps_run, steps_wanted, parted);
}

static int set_one(int c, const char *value)
{
	switch (c) {
	case 'n':
		set.n = atoi(value);
		return 0;
	case 'l':
		set.nsteps = atoi(value);
		return 0;
	case 's':
		set.seed = strtoul(value, NULL, 0);
		return 0;
	case 'r':
		set.file = value;
		return 0;
	case 'w':
		longest_wait = atoi(value);
		return 0;
	case 'c':
		set.control = true;
		return 0;
	case 'k':
		set.keep_going = true;
		brief = true;
		return 0;
	case 'v':
		verbose = true;
		return 0;
	}
	return -1;
}

static int list_rules(void)
{
	for (int i = 0; rule_at(i); i++)
		printf("%s\t%s\n", rule_at(i)->name, rule_at(i)->where);
	return 0;
}

/* Return: the exit status, or -1 to continue. */
static int read_settings(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:l:s:r:w:ckveh")) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (c == 'e')
			return list_rules();
		if (set_one(c, optarg)) {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (set.nsteps < 1 || set.nsteps > MAX_STEPS || set.n < 1) {
		fprintf(stderr, "differ: -l needs 1 to %d, -n at least 1; see -h\n", MAX_STEPS);
		return 2;
	}
	return -1;
}

int main(int argc, char **argv)
{
	int status = read_settings(argc, argv), bad;

	if (status >= 0)
		return status;
	setvbuf(stdout, NULL, _IOLBF, 0);
	counts = calloc(all_rules(), sizeof(*counts));
	if (!counts)
		return 2;
	if (stacks_start(set.control)) {
		fprintf(stderr, "differ: no namespaces with tun devices: %s\n",
			strerror(errno));
		return 2;
	}
	if (set.file)
		return replay(set.file);
	if (!set.seed)
		set.seed = time(NULL) * 1000003UL % 1000000000;
	printf("TAP version 13\n1..1\n# seed %lu, %d scripts of %d steps\n", set.seed,
	       set.n, set.nsteps);
	bad = try_scripts();
	summary();
	if (bad)
		printf("# %d scripts with a difference that is not intended\n", bad);
	printf("%sok 1 differ\n", bad ? "not " : "");
	return bad ? 1 : 0;
}
