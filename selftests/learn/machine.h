/* SPDX-License-Identifier: GPL-2.0 */
/* Mealy machines: a reply for each state and input, and the next state. */
#ifndef XTCP_LEARN_MACHINE_H
#define XTCP_LEARN_MACHINE_H

#include <stdio.h>

#include "alphabet.h"

#define STATES_MAX	256

/* It begins in state 0. */
struct machine {
	int states;
	int next[STATES_MAX][INPUTS];
	int reply[STATES_MAX][INPUTS];
};

/* the state after a word from a state; replies may be NULL */
int machine_run(const struct machine *m, int state, const uint8_t *in, int n,
		int *replies);
/* merges states that no word tells apart, and leaves out what is not reached */
void machine_minimise(struct machine *m);
/* the shortest word to which the machines reply differently: false if none */
bool machine_differ(const struct machine *a, const struct machine *b,
		    struct word *word);
/* as a diagram, for graphviz */
void machine_dot(const struct machine *m, FILE *out, const char *title);

#endif
