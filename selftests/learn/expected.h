/* SPDX-License-Identifier: GPL-2.0 */
/* The machine that follows from the rows of core/fsm.c. */
#ifndef XTCP_LEARN_EXPECTED_H
#define XTCP_LEARN_EXPECTED_H

#include "machine.h"

/* minimised */
void expected_machine(struct machine *m);
/* number of rows of the table that were used; unused ones are printed */
int expected_rows(void);

/* the same, one input at a time */
void expected_reset(void);
int expected_step(int input);

#endif
