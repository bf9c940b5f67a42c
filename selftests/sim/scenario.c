// SPDX-License-Identifier: GPL-2.0
/*
 * A scenario: what is simulated. One table has all keys, for parsing, printing,
 * the help and shrinking.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scenario.h"

/* Shrinking tries values that are not allowed. */
static bool quiet;

enum kind {
	NUMBER,
	TIME,
	RATE,
	SIZE,
	PERCENT,
	NAME,
};

static const char *const aqms[] = {
	"fifo", "codel", "fq_codel", "step", "dualpi2", NULL,
};

static const char *const ecns[] = { "off", "classic", "accurate", NULL };

/* The order of the algorithms in cc.c. */
const char *const scenario_ccs[] = { "reno", "cubic", "toy", NULL };

/**
 * struct key - one key
 * @name: as the user writes it
 * @kind: of its value
 * @offset: of its field
 * @value: the default, for PERCENT in percent
 * @names: NAME: the values, NULL at the end
 * @help: its meaning
 */
static const struct key {
	const char *name;
	enum kind kind;
	u32 offset;
	double value;
	const char *const *names;
	const char *help;
} keys[] = {
#define KEY(name, field, kind, value, names, help)			\
	{ name, kind, offsetof(struct scenario, field), value, names, help }
	KEY("seed", seed, NUMBER, 1, NULL, "of all random numbers"),
	KEY("time", time, TIME, 60e9, NULL, "how long"),
	KEY("rate", rate, RATE, 10e6, NULL, "of the bottleneck; 0: no limit"),
	KEY("delay", delay, TIME, 20e6, NULL, "of the path, one way"),
	KEY("jitter", jitter, TIME, 0, NULL,
	    "0 to this is added to the delay; packets stay in order"),
	KEY("limit", limit, NUMBER, 1000, NULL,
	    "of the bottleneck's queue, packets"),
	KEY("aqm", aqm, NAME, AQM_FIFO, aqms, "the bottleneck's queue"),
	KEY("mark", mark, TIME, 1e6, NULL,
	    "aqm=step: queueing delay beyond which ECT gets CE"),
	KEY("loss", loss, PERCENT, 0, NULL, "random loss of data"),
	KEY("burst", burst_begin, PERCENT, 0, NULL,
	    "a burst of losses begins at a packet"),
	KEY("burstend", burst_end, PERCENT, 25, NULL,
	    "a burst of losses ends at a packet"),
	KEY("dup", duplicate, PERCENT, 0, NULL, "duplication of data"),
	KEY("reorder", reorder, PERCENT, 0, NULL,
	    "data packets that are delayed by reorderby, and overtaken"),
	KEY("reorderby", reorder_by, TIME, 5e6, NULL, "see reorder"),
	KEY("ackloss", ack_loss, PERCENT, 0, NULL, "random loss of ACKs"),
	KEY("ackrate", ack_rate, RATE, 0, NULL,
	    "of the way back; 0: no limit"),
	KEY("acklimit", ack_limit, NUMBER, 1000, NULL,
	    "of the queue on the way back, packets"),
	KEY("ackhold", ack_hold, TIME, 0, NULL,
	    "ACKs wait for the next multiple of this"),
	KEY("cross", cross, RATE, 0, NULL,
	    "other traffic of this mean rate, on and off, which nothing slows"),
	KEY("routeat", route_at, TIME, 0, NULL,
	    "the route changes then; 0: never"),
	KEY("routerate", route_rate, RATE, 10e6, NULL, "rate after that"),
	KEY("routedelay", route_delay, TIME, 20e6, NULL, "delay after that"),
	KEY("flows", flows, NUMBER, 1, NULL, "number of connections, 1 to 16"),
	KEY("stagger", stagger, TIME, 0, NULL,
	    "from the start of one to that of the next"),
	KEY("spread", spread, TIME, 0, NULL,
	    "additional delay, one way, of each to that of the one before"),
	KEY("bytes", bytes, SIZE, 0, NULL, "that each sends; 0: no end"),
	KEY("write", write, RATE, 0, NULL,
	    "at which the program writes; 0: no limit"),
	KEY("read", read, RATE, 0, NULL,
	    "at which the program reads; 0: no limit"),
	KEY("cc", cc, NAME, 0, scenario_ccs, "congestion control"),
	KEY("cc2", cc2, NAME, 0, scenario_ccs,
	    "that of every second connection"),
	KEY("mtu", mtu, NUMBER, 1500, NULL, "bytes"),
	KEY("tso", tso, NUMBER, 1, NULL, "1: the host sends large segments"),
	KEY("sack", sack, NUMBER, 1, NULL, "1: use SACK"),
	KEY("timestamps", timestamps, NUMBER, 1, NULL, "1: use timestamps"),
	KEY("ecn", ecn, NAME, 0, ecns, "ECN"),
	KEY("wmem", wmem, SIZE, 4194304, NULL,
	    "largest send buffer, bytes"),
	KEY("rmem", rmem, SIZE, 6291456, NULL,
	    "largest receive buffer, bytes"),
	KEY("iss", iss, NUMBER, 4294900000.0, NULL,
	    "initial sequence number"),
	KEY("use", use, PERCENT, 0, NULL,
	    "fail if all connections together use less of the rate"),
#undef KEY
};

static u64 *number_of(struct scenario *s, const struct key *k)
{
	return (u64 *)((char *)s + k->offset);
}

static double *percent_of(struct scenario *s, const struct key *k)
{
	return (double *)((char *)s + k->offset);
}

static double value_of(const struct scenario *s, const struct key *k)
{
	struct scenario *from = (struct scenario *)s;

	return k->kind == PERCENT ? *percent_of(from, k) * 100 :
				    (double)*number_of(from, k);
}

static void value_set(struct scenario *s, const struct key *k, double value)
{
	if (k->kind == PERCENT)
		*percent_of(s, k) = value / 100;
	else
		*number_of(s, k) = value;
}

void scenario_default(struct scenario *s)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		value_set(s, &keys[i], keys[i].value);
}

/* Multiply @value by the unit @text, or return false if there is none such. */
static bool unit(enum kind kind, const char *text, double *value)
{
	static const struct {
		const char *name;
		enum kind kind;
		double factor;
	} units[] = {
		{ "s", TIME, 1e9 }, { "ms", TIME, 1e6 }, { "us", TIME, 1e3 },
		{ "ns", TIME, 1 },
		{ "", RATE, 1 }, { "k", RATE, 1e3 }, { "M", RATE, 1e6 },
		{ "G", RATE, 1e9 },
		{ "", SIZE, 1 }, { "k", SIZE, 1024 }, { "M", SIZE, 1048576 },
		{ "%", PERCENT, 1 }, { "", NUMBER, 1 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].kind != kind || strcmp(units[i].name, text))
			continue;
		*value *= units[i].factor;
		return true;
	}
	/* "0" needs no unit. */
	return !*text && !*value;
}

static bool parse_value(struct scenario *s, const struct key *k,
			const char *text)
{
	double value;
	char *end;
	u32 i;

	if (k->kind == NAME) {
		for (i = 0; k->names[i]; i++) {
			if (strcmp(k->names[i], text))
				continue;
			value_set(s, k, i);
			return true;
		}
		return false;
	}
	value = strtod(text, &end);
	if (end == text || value < 0 || !unit(k->kind, end, &value) ||
	    (k->kind == PERCENT && value > 100))
		return false;
	value_set(s, k, value);
	return true;
}

static const struct key *find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static int refused(const char *word, const char *why)
{
	if (!quiet)
		fprintf(stderr, "sim: %s: %s (sim -h lists the keys)\n", word,
			why);
	return -EINVAL;
}

static int parse_word(struct scenario *s, char *word)
{
	char *value = strchr(word, '=');
	const struct key *k;

	if (!value)
		return refused(word, "not KEY=VALUE");
	*value++ = '\0';
	k = find(word);
	if (!k)
		return refused(word, "no such key");
	if (!parse_value(s, k, value))
		return refused(value, "no value, or no unit, of this key");
	return 0;
}

/* Values that would divide by 0, or overflow an array. */
static int check_limits(const struct scenario *s)
{
	if (!s->time)
		return refused("time", "must not be 0");
	if (!s->flows || s->flows > SCENARIO_FLOWS_MAX)
		return refused("flows", "must be 1 to 16");
	if (s->mtu < 576 || s->mtu > 65535)
		return refused("mtu", "must be 576 to 65535");
	if (s->limit < 2 || s->ack_limit < 2)
		return refused("limit, acklimit", "must be 2 or more");
	if (s->wmem < 16384 || s->rmem < 16384 || s->wmem > 1 << 30 ||
	    s->rmem > 1 << 30)
		return refused("wmem, rmem", "must be 16k to 1024M");
	return 0;
}

/*
 * Set the keys that @line has; the others keep their values. Return: 0 or
 * -EINVAL, with a message.
 */
int scenario_parse(struct scenario *s, const char *line)
{
	char copy[SCENARIO_LINE_MAX];
	char *word, *rest;
	int err = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " \t\n", &rest); word && !err;
	     word = strtok_r(NULL, " \t\n", &rest))
		err = parse_word(s, word);
	return err ? err : check_limits(s);
}

static void print_value(const struct key *k, double v, char *text, size_t size)
{
	if (k->kind == NAME)
		snprintf(text, size, "%s", k->names[(int)v]);
	else if (k->kind == PERCENT)
		snprintf(text, size, "%.15g%%", v);
	else if (k->kind != TIME || !v)
		snprintf(text, size, "%.0f", v);
	else
		snprintf(text, size, "%.15gms", v / 1e6);
}

/* The line that scenario_parse() reads: the keys that differ from the default. */
void scenario_print(const struct scenario *s, char *line, size_t size)
{
	char text[64];
	size_t used = 0;
	u32 i;

	*line = '\0';
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		double v = value_of(s, &keys[i]);

		if (v == keys[i].value && strcmp(keys[i].name, "seed"))
			continue;
		print_value(&keys[i], v, text, sizeof(text));
		used += snprintf(line + used, size - used, "%s%s=%s",
				 used ? " " : "", keys[i].name, text);
		if (used >= size)
			return;
	}
}

void scenario_help(FILE *file)
{
	static const char *const kinds[] = {
		"NUMBER", "TIME", "RATE", "SIZE", "PERCENT", "NAME",
	};
	char text[64];
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *k = &keys[i];

		print_value(k, k->value, text, sizeof(text));
		fprintf(file, "  %-11s%-8s %s (%s)\n", k->name,
			kinds[k->kind], k->help, text);
		for (j = 0; k->kind == NAME && k->names[j]; j++)
			fprintf(file, "%s%s", j ? ", " : "\t\t      ",
				k->names[j]);
		if (k->kind == NAME)
			fprintf(file, "\n");
	}
}

int scenario_keys(void)
{
	return ARRAY_SIZE(keys);
}

/*
 * Make one key simpler, for shrinking: its default (@step 0), or half (@step 1).
 * Return: false if this changes nothing.
 */
bool scenario_simplify(struct scenario *s, int key, int step)
{
	const struct key *k = &keys[key];
	double old = value_of(s, k), new = k->value;

	/* Another seed is another scenario, and so is another expectation. */
	if (!strcmp(k->name, "seed") || !strcmp(k->name, "use"))
		return false;
	if (step) {
		if (k->kind == NAME || old < 2 || old == new)
			return false;
		new = k->kind == PERCENT ? old / 2 : (double)(u64)(old / 2);
	}
	if (new == old)
		return false;
	value_set(s, k, new);
	quiet = true;
	return !check_limits(s);
}
