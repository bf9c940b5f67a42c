/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that a seed determines. Each part of the simulator has a
 * generator of its own, so that a change of one does not change the others.
 */
#ifndef XTCP_SIM_RANDOM_H
#define XTCP_SIM_RANDOM_H

#include "core/types.h"

struct random {
	u64 state;
};

void random_seed(struct random *r, u64 seed, const char *part);
u64 random_u64(struct random *r);
u64 random_below(struct random *r, u64 n);
double random_unit(struct random *r);
double random_exponential(struct random *r, double mean);
double random_log_uniform(struct random *r, double low, double high);

/* True with probability @p, 0 to 1. Without a draw if @p is 0. */
static inline bool random_chance(struct random *r, double p)
{
	return p > 0 && random_unit(r) < p;
}

#endif /* XTCP_SIM_RANDOM_H */
