// SPDX-License-Identifier: GPL-2.0
#include "explainer.h"

#include <errno.h>
#include <stddef.h>

#include "../lib/wire.h"

static const struct step *step_of(const struct run *r, const struct finding *f)
{
	return &r->sc->step[f->step];
}

static bool connect_on_listener(const struct run *r, const struct finding *f)
{
	return step_of(r, f)->op == OP_CONNECT && f->what == D_ERRNO &&
	       r->rec[KERNEL][f->step].err == EISCONN;
}

const struct rule rules[] = {
	{ "connect-listener", "connect() on a listening socket",
	  "turns it active (RFC 9293 3.10.1)", connect_on_listener },
};

const int nrules = sizeof(rules) / sizeof(rules[0]);

int explain(const struct run *r, const struct finding *f)
{
	for (int i = 0; i < nrules; i++)
		if (rules[i].knows(r, f))
			return i;
	return -1;
}
