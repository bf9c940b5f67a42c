/* SPDX-License-Identifier: GPL-2.0 */
/* Mealy machines: a reply and a next state for each state and input. */
#ifndef XTCP_LEARN_MACHINE_H
#define XTCP_LEARN_MACHINE_H

#include <stdio.h>

#include "alphabet.h"

#define STATES_MAX	256

/* The initial state is 0. */
struct machine {
	int states;
	int next[STATES_MAX][INPUTS];
	int reply[STATES_MAX][INPUTS];
};

/* the state after a word, from a state; replies may be NULL */
int machine_run(const struct machine *m, int state, const uint8_t *in, int n,
		int *replies);
/* merges equivalent states, and removes unreachable ones */
void machine_minimise(struct machine *m);
/* the shortest word with different replies: false if none */
bool machine_differ(const struct machine *a, const struct machine *b,
		    struct word *word);
/* in the format of graphviz */
void machine_dot(const struct machine *m, FILE *out, const char *title);

#endif
