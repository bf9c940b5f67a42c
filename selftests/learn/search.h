/* SPDX-License-Identifier: GPL-2.0 */
/* Equivalence queries: search for a word to which the machine replies wrongly. */
#ifndef XTCP_LEARN_SEARCH_H
#define XTCP_LEARN_SEARCH_H

#include "learner.h"

/**
 * struct search_effort - limits of the search
 * @extra: from each state all sequences of this many inputs are tried, and the state
 *	reached is checked
 * @random: number of words with random inputs that follow
 * @seed: of these
 */
struct search_effort {
	int extra;
	unsigned int random;
	unsigned int seed;
};

/* Return: true if a word was found. */
bool search_counterexample(const struct search_effort *effort, struct word *word);

#endif
