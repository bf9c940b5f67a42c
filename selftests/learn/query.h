/* SPDX-License-Identifier: GPL-2.0 */
/* Membership queries: what is replied to a word, asked no more than once. */
#ifndef XTCP_LEARN_QUERY_H
#define XTCP_LEARN_QUERY_H

#include "machine.h"

/**
 * struct subject - what is learned
 * @reset: begin anew
 * @step: one input; the number of the reply
 */
struct subject {
	void (*reset)(void);
	int (*step)(int input);
};

/**
 * struct query_counts - what it took
 * @words: that were asked
 * @steps: inputs in them
 * @known: answers that were remembered
 */
struct query_counts {
	unsigned int words, steps, known;
};

void query_start(const struct subject *subject);
struct query_counts query_counts(void);

/*
 * The replies to a word, one for each input. A word that is answered otherwise
 * than it, or its beginning, was before ends the program.
 */
void query(const struct word *word, int *replies);
/* a word that was asked, and that the machine replies to differently */
bool query_refutes(const struct machine *m, struct word *word);

#endif
