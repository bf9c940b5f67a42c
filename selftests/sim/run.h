/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run of a scenario.
 */
#ifndef XTCP_SIM_RUN_H
#define XTCP_SIM_RUN_H

#include "report.h"
#include "scenario.h"

int run_scenario(const struct scenario *s, struct report *r, bool print);

#endif /* XTCP_SIM_RUN_H */
