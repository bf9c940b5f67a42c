// SPDX-License-Identifier: GPL-2.0
#include "explainer.h"

/* The first match counts: the most general rules come last. */
static const struct rules *const all[] = { &rules_arrive, &rules_call, &rules_send };

const struct rule *rule_at(int at)
{
	for (size_t i = 0; i < ARRAY_SIZE(all) && at >= 0; at -= all[i++]->n)
		if (at < all[i]->n)
			return &all[i]->rule[at];
	return NULL;
}

int explain(const struct run *r, const struct finding *f)
{
	const struct rule *rule;

	for (int i = 0; (rule = rule_at(i)); i++)
		if (rule->knows(r, f))
			return i;
	return -1;
}
