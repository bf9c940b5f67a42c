/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Learning a machine by asking (Angluin 1987), with a discrimination tree
 * (Kearns and Vazirani 1994) and the binary search for what a counterexample
 * teaches (Rivest and Schapire 1993).
 */
#ifndef XTCP_LEARN_LEARNER_H
#define XTCP_LEARN_LEARNER_H

#include "query.h"

void learner_start(void);
/* the smallest machine that explains what was asked of each state */
const struct machine *learner_machine(void);
/* the word that leads to a state */
const struct word *learner_access(int state);
/* the n-th word by which a state was told from others, NULL: no more */
const struct word *learner_suffix(int state, int n);
/* a word to which the machine replies wrongly: it has a state more then */
void learner_counterexample(const struct word *word);

#endif
