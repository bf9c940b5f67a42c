/* SPDX-License-Identifier: GPL-2.0 */
/* Membership queries: the replies to a word. Each word is asked only once. */
#ifndef XTCP_LEARN_QUERY_H
#define XTCP_LEARN_QUERY_H

#include "machine.h"

/**
 * struct subject - the system that is learned
 * @reset: back to the initial state
 * @step: executes an input; the number of the reply
 */
struct subject {
	void (*reset)(void);
	int (*step)(int input);
};

/**
 * struct query_counts - statistics
 * @words: words asked
 * @steps: inputs in them
 * @known: answers from the cache
 */
struct query_counts {
	unsigned int words, steps, known;
};

void query_start(const struct subject *subject);
struct query_counts query_counts(void);

/*
 * The replies to a word, one per input. The program ends if a prefix of the
 * word was answered differently before.
 */
void query(const struct word *word, int *replies);
/* a cached word to which the machine replies differently */
bool query_refutes(const struct machine *m, struct word *word);

#endif
