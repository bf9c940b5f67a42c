/* SPDX-License-Identifier: GPL-2.0 */
/* Intended differences: a rule recognises a class by the behaviour of both stacks. */
#ifndef XTCP_DIFFER_EXPLAINER_H
#define XTCP_DIFFER_EXPLAINER_H

#include "comparer.h"

struct rule {
	const char *name;
	const char *where;	/* its entry in Documentation/differences.rst */
	const char *why;
	bool goes_on;		/* both stacks have the same state: continue */
	bool (*knows)(const struct run *r, const struct finding *f);
};

struct rules {
	const struct rule *rule;
	int n;
};

extern const struct rules rules_arrive, rules_call, rules_send;

/* NULL after the last */
const struct rule *rule_at(int at);
/* Return: the number of the rule, or -1 */
int explain(const struct run *r, const struct finding *f);

#endif
