/* SPDX-License-Identifier: GPL-2.0 */
/* Equivalence queries: search for a word with a wrong reply of the machine. */
#ifndef XTCP_LEARN_SEARCH_H
#define XTCP_LEARN_SEARCH_H

#include "learner.h"

/**
 * struct search_effort - limits of the search
 * @extra: all sequences of this many inputs are tried from each state, and the
 *	reached state is checked
 * @random: number of words with random inputs that follow
 * @seed: of the random words
 */
struct search_effort {
	int extra;
	unsigned int random;
	unsigned int seed;
};

/* Return: true if a word was found. */
bool search_counterexample(const struct search_effort *effort, struct word *word);

#endif
