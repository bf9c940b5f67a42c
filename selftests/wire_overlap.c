// SPDX-License-Identifier: GPL-2.0
/*
 * A stream in segments of all sizes that overlap and arrive in all orders. The
 * ACK and the SACK blocks are checked after each segment, the bytes at the end.
 *
 * The stream is STEPS steps of UNIT bytes. These cases are enumerated:
 *   cuts      all ways to cut the steps into 1 to 6 segments, in all orders
 *   overlaps  one step for each segment, the rest for the last one, in all
 *             orders. Each segment may also begin a step early, end a step
 *             late, or both (not beyond the stream, which would repeat cases).
 *             Up to 4 segments: all combinations. 5 segments: if any begins
 *             early, none ends late. 6 segments: all begin early, all end late,
 *             or all do both
 *   twice     all cuts into 1 to 4 segments, in all orders; one of the segments
 *             is repeated at any later time
 *
 * All cases of a test follow each other in the stream of one connection.
 */
#include "lib/wire_test.h"

#define STEPS	6
#define UNIT	10

struct piece {
	int from, to;		/* in steps */
};

struct overlap {
	struct wire_flow *f;
	int fd;
	bool sack, dsack;
	int base;		/* offset of the case in the stream */
	int count;		/* cases */
	unsigned int have;	/* one bit per step that arrived */
};

/* Steps received in order. */
static int in_order(unsigned int have)
{
	return __builtin_ctz(~have);
}

static unsigned int steps_of(struct piece p)
{
	return (1U << p.to) - (1U << p.from);
}

static int number(const struct overlap *o, int step)
{
	return 1 + o->base + step * UNIT;
}

/*
 * RFC 2018 4: each SACK block is a complete run of received steps; the first contains the
 * latest segment. RFC 2883 4: the DSACK block with duplicated data comes before them.
 */
static const char *wrong_blocks(const struct overlap *o, struct piece p,
				unsigned int before)
{
	unsigned int told = 0, held = o->have & ~((2U << in_order(o->have)) - 1);
	const char *s = strstr(o->f->last.text, "sack ");
	int from, to, used;

	s = s ? s + 5 : "";
	if (o->dsack && !(steps_of(p) & ~before)) {
		if (sscanf(s, " %d:%d%n", &from, &to, &used) != 2 ||
		    from != number(o, p.from) || to != number(o, p.to))
			return "no DSACK block for a duplicate";
		s += used;
	}
	for (int i = 0; sscanf(s, " %d:%d%n", &from, &to, &used) == 2; i++, s += used) {
		struct piece block = {
			(from - number(o, 0)) / UNIT, (to - number(o, 0)) / UNIT,
		};

		if (number(o, block.from) != from || number(o, block.to) != to ||
		    block.from < 0 || block.to > STEPS || block.from >= block.to)
			return "a block of data that did not arrive";
		if (told & steps_of(block) || held & 1U << block.to ||
		    (block.from && held & 1U << (block.from - 1)))
			return "a block that is not a complete run";
		if (!i && steps_of(p) & held && steps_of(p) & ~steps_of(block))
			return "the first block is not that of the latest segment";
		told |= steps_of(block);
	}
	return told == held ? NULL : "the blocks are not all of the queued data";
}

/*
 * Injects a segment: the ACK may be delayed only if it is in order and there is no hole.
 */
static int arrive(struct overlap *o, struct piece p)
{
	unsigned int before = o->have;
	const char *when, *why;
	int held;

	o->have |= steps_of(p);
	held = before >> in_order(before);
	when = !held && in_order(o->have) > in_order(before) ? "+0ms..60ms " : "";
	if (wire_inject(o->f, ". %d:%d(%d) ack 1", number(o, p.from), number(o, p.to),
			(p.to - p.from) * UNIT) ||
	    wire_expect(o->f, "%s. 1:1(0) ack %d <...>", when,
			number(o, in_order(o->have))))
		return -1;
	why = wrong_blocks(o, p, before);
	if (!why || (!o->sack && !strstr(o->f->last.text, "sack")))
		return 0;
	fprintf(stderr, "# %s: %s\n", why, o->f->last.text);
	return -1;
}

/* One case: the segments in this order. */
static int deliver(struct overlap *o, const struct piece *pieces, const int *order, int n)
{
	int want = STEPS * UNIT, got;

	o->have = 0;
	for (int i = 0; i < n; i++)
		if (arrive(o, pieces[order[i]]))
			goto fail;
	got = wire_read_sum(o->f, o->fd, want + 1);
	if (got != want) {
		fprintf(stderr, "# delivered %d bytes of %d\n", got, want);
		goto fail;
	}
	o->base += want;
	o->count++;
	return 0;
fail:
	fprintf(stderr, "# case %d, the pieces in steps of %d bytes:", o->count, UNIT);
	for (int i = 0; i < n; i++)
		fprintf(stderr, " %d-%d", pieces[order[i]].from, pieces[order[i]].to);
	fputc('\n', stderr);
	return -1;
}

/* Delivers all permutations of order[at] to order[n - 1]. */
static int in_all_orders(struct overlap *o, const struct piece *pieces, int *order,
			 int at, int n)
{
	int ret = 0;

	if (at == n)
		return deliver(o, pieces, order, n);
	for (int i = at; i < n && !ret; i++) {
		int first = order[i];

		order[i] = order[at];
		order[at] = first;
		ret = in_all_orders(o, pieces, order, at + 1, n);
		order[at] = order[i];
		order[i] = first;
	}
	return ret;
}

static int any_order(struct overlap *o, const struct piece *pieces, int n)
{
	int order[STEPS] = { 0, 1, 2, 3, 4, 5 };

	return in_all_orders(o, pieces, order, 0, n);
}

/* Cuts the stream at each step whose bit is set in "where". */
static int cut(unsigned int where, struct piece *pieces)
{
	int n = 0, from = 0;

	for (int step = 1; step <= STEPS; step++)
		if (step == STEPS || where & 1U << (step - 1)) {
			pieces[n++] = (struct piece){ from, step };
			from = step;
		}
	return n;
}

static int all_cuts(struct overlap *o)
{
	struct piece pieces[STEPS];

	for (unsigned int where = 0; where < 1U << (STEPS - 1); where++)
		if (any_order(o, pieces, cut(where, pieces)))
			return -1;
	return 0;
}

/* @early, @late: one bit for each segment that begins early or ends late. */
static int overlap(struct overlap *o, int n, unsigned int early, unsigned int late)
{
	struct piece pieces[STEPS];

	/* The first cannot begin early, the last cannot end late. */
	if (early & 1 || late & 1U << (n - 1))
		return 0;
	for (int i = 0; i < n; i++) {
		pieces[i].from = i - !!(early & 1U << i);
		pieces[i].to = (i == n - 1 ? STEPS : i + 1) + !!(late & 1U << i);
	}
	return any_order(o, pieces, n);
}

static int all_overlaps(struct overlap *o)
{
	for (int n = 2; n <= 5; n++)
		for (unsigned int early = 0; early < 1U << n; early++)
			for (unsigned int late = 0; late < 1U << n; late++)
				if ((n < 5 || !early || !late) &&
				    overlap(o, n, early, late))
					return -1;
	for (int both = 1; both <= 3; both++)
		if (overlap(o, STEPS, both & 1 ? 0x3e : 0, both & 2 ? 0x1f : 0))
			return -1;
	return 0;
}

/* Repeats segment order[which] before segment order[when]. */
static int deliver_again(struct overlap *o, const struct piece *pieces, const int *order,
			 int n, int which, int when)
{
	int longer[STEPS + 1], m = 0;

	for (int i = 0; i <= n; i++) {
		if (i == when)
			longer[m++] = order[which];
		if (i < n)
			longer[m++] = order[i];
	}
	return deliver(o, pieces, longer, m);
}

static int orders_again(struct overlap *o, const struct piece *pieces, int *order,
			int at, int n)
{
	int ret = 0;

	for (int which = 0; at == n && which < n && !ret; which++)
		for (int when = which + 1; when <= n && !ret; when++)
			ret = deliver_again(o, pieces, order, n, which, when);
	for (int i = at; i < n && !ret; i++) {
		int first = order[i];

		order[i] = order[at];
		order[at] = first;
		ret = orders_again(o, pieces, order, at + 1, n);
		order[at] = order[i];
		order[i] = first;
	}
	return ret;
}

static int all_again(struct overlap *o)
{
	for (unsigned int where = 0; where < 1U << (STEPS - 1); where++) {
		int order[STEPS] = { 0, 1, 2, 3, 4, 5 };
		struct piece pieces[STEPS];
		int n = cut(where, pieces);

		if (n <= 4 && orders_again(o, pieces, order, 0, n))
			return -1;
	}
	return 0;
}

/* The sequence numbers wrap within the first hundred cases. */
#define enumerate(all, options, with_sack, with_dsack) do {		\
	struct overlap o = {						\
		.f = self->f, .sack = with_sack, .dsack = with_dsack,	\
	};								\
									\
	wire_sysctl(&self->w, "dsack", o.dsack ? "1" : "0");		\
	wire_sysctl(&self->w, "invalid_ratelimit", "0");			\
	self->f->isn = 0xfffff000;					\
	passive(options);						\
	o.fd = self->fd;						\
	ASSERT_EQ(0, all(&o));						\
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 1));		\
	TH_LOG("%d cases", o.count);					\
} while (0)

TEST_F_TIMEOUT(wire, cuts, 7200)
{
	enumerate(all_cuts, "mss 1460", false, false);
}

TEST_F_TIMEOUT(wire, cuts_sack, 7200)
{
	enumerate(all_cuts, "mss 1460,sackOK", true, false);
}

TEST_F_TIMEOUT(wire, overlaps, 7200)
{
	enumerate(all_overlaps, "mss 1460", false, false);
}

TEST_F_TIMEOUT(wire, overlaps_sack, 7200)
{
	enumerate(all_overlaps, "mss 1460,sackOK", true, false);
}

TEST_F_TIMEOUT(wire, twice, 7200)
{
	enumerate(all_again, "mss 1460", false, false);
}

TEST_F_TIMEOUT(wire, twice_sack, 7200)
{
	enumerate(all_again, "mss 1460,sackOK", true, false);
}

TEST_F_TIMEOUT(wire, twice_dsack, 7200)
{
	enumerate(all_again, "mss 1460,sackOK", true, true);
}

TEST_HARNESS_MAIN
