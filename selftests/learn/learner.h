/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Active learning (Angluin 1987), with a discrimination tree (Kearns and
 * Vazirani 1994) and binary search in counterexamples (Rivest and Schapire
 * 1993).
 */
#ifndef XTCP_LEARN_LEARNER_H
#define XTCP_LEARN_LEARNER_H

#include "query.h"

void learner_start(void);
/* the smallest machine consistent with the queries for each state */
const struct machine *learner_machine(void);
/* the access word of a state */
const struct word *learner_access(int state);
/* the n-th word that separates a state from others, NULL: no more */
const struct word *learner_suffix(int state, int n);
/* adds a state, for a word to which the machine replies wrongly */
void learner_counterexample(const struct word *word);

#endif
