/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random scenarios.
 */
#ifndef XTCP_SIM_GENERATE_H
#define XTCP_SIM_GENERATE_H

#include "scenario.h"

void generate(struct scenario *s, u64 seed);

#endif /* XTCP_SIM_GENERATE_H */
