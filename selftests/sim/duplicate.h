/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Duplication.
 */
#ifndef XTCP_SIM_DUPLICATE_H
#define XTCP_SIM_DUPLICATE_H

#include "packet.h"
#include "random.h"

/**
 * struct duplicate - an element that sends some packets twice
 * @element: must be first
 * @random: its random numbers
 * @rate: probability
 */
struct duplicate {
	struct element element;
	struct random random;
	double rate;
};

void duplicate_setup(struct duplicate *duplicate, u64 seed, double rate);

#endif /* XTCP_SIM_DUPLICATE_H */
