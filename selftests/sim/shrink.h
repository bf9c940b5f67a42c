/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs in a process of their own, and the search for a simpler scenario that
 * fails, too.
 */
#ifndef XTCP_SIM_SHRINK_H
#define XTCP_SIM_SHRINK_H

#include "scenario.h"

bool shrink_fails(const struct scenario *s, char *why, size_t size);
void shrink(struct scenario *s, char *why, size_t size);

#endif /* XTCP_SIM_SHRINK_H */
