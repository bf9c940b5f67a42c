/* SPDX-License-Identifier: GPL-2.0 */
/* The machine that the rows of core/fsm.c describe. */
#ifndef XTCP_LEARN_EXPECTED_H
#define XTCP_LEARN_EXPECTED_H

#include "machine.h"

/* minimal */
void expected_machine(struct machine *m);
/* how many rows of the table had a part in it; those that had none are printed */
int expected_rows(void);

/* the same, one input at a time */
void expected_reset(void);
int expected_step(int input);

#endif
