/* SPDX-License-Identifier: GPL-2.0 */
/* Equivalence queries: looking for a word that the learned machine has wrong. */
#ifndef XTCP_LEARN_SEARCH_H
#define XTCP_LEARN_SEARCH_H

#include "learner.h"

/**
 * struct search_effort - how hard to look
 * @extra: each state is entered, left by all sequences of so many inputs, and
 *	what is reached is checked
 * @random: then so many words, that go on at random for a while
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
