// SPDX-License-Identifier: GPL-2.0
/* Removes steps, first in large groups, then simplifies the remaining ones. */
#include "shrinker.h"

static const struct finding *wanted;
static int wanted_op;
static judge_fn judge;

/* The script still shows the same kind of difference at the same kind of step. */
static bool still(const struct script *sc)
{
	struct finding f = judge(sc);

	return f.what == wanted->what && sc->step[f.step].op == wanted_op;
}

static bool without(struct script *sc, int at, int n)
{
	static struct script less;

	less = *sc;
	script_remove(&less, at, n);
	if (!less.nsteps || !still(&less))
		return false;
	*sc = less;
	return true;
}

static bool remove_steps(struct script *sc)
{
	bool any = false;

	for (int n = sc->nsteps / 2; n >= 1; n /= 2)
		for (int at = sc->nsteps - n; at >= 0; at--)
			if (at + n <= sc->nsteps && without(sc, at, n))
				any = true;
	return any;
}

static bool with(struct script *sc, int at, struct step s)
{
	struct step old = sc->step[at];

	sc->step[at] = s;
	if (still(sc))
		return true;
	sc->step[at] = old;
	return false;
}

static bool plainer_int(struct script *sc, int at, int *v, struct step *s, int plain)
{
	int old = *v;

	if (old == plain)
		return false;
	*v = plain;
	if (with(sc, at, *s))
		return true;
	*v = old;
	return false;
}

static bool smaller(struct script *sc, int at, struct step *s)
{
	static const int plain[] = { 0, 1, 100, 1000 };

	for (int i = 0; i < 4; i++)
		if (s->n > plain[i] && plainer_int(sc, at, &s->n, s, plain[i]))
			return true;
	return false;
}

static bool plainer(struct script *sc, int at)
{
	struct step s = sc->step[at];
	bool any = false;

	any |= plainer_int(sc, at, &s.mss, &s, 0);
	any |= plainer_int(sc, at, &s.wscale, &s, -1);
	any |= plainer_int(sc, at, &s.sackok, &s, 0);
	any |= plainer_int(sc, at, &s.ts, &s, 0);
	any |= plainer_int(sc, at, &s.right, &s, 0);
	any |= plainer_int(sc, at, &s.win, &s, 65535);
	any |= plainer_int(sc, at, &s.seq, &s, 0);
	any |= plainer_int(sc, at, &s.ack, &s, 0);
	any |= plainer_int(sc, at, &s.urg, &s, 0);
	any |= plainer_int(sc, at, &s.how, &s, 0);
	any |= smaller(sc, at, &s);
	for (int bit = 1; bit < 256; bit *= 2)
		if (s.flags & bit && s.ack_at == 0)
			any |= plainer_int(sc, at, &s.flags, &s, s.flags & ~bit);
	return any;
}

void shrink(struct script *sc, const struct finding *found, judge_fn fn)
{
	bool any = true;

	wanted = found;
	wanted_op = sc->step[found->step].op;
	judge = fn;
	sc->nsteps = found->step + 1;
	for (int round = 0; any && round < 4; round++) {
		any = remove_steps(sc);
		if (sc->v6) {
			sc->v6 = false;
			if (still(sc))
				any = true;
			else
				sc->v6 = true;
		}
		for (int i = 0; i < sc->nsteps; i++)
			any |= plainer(sc, i);
	}
}
