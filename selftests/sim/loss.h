/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loss: independent, and in bursts (Gilbert-Elliott).
 */
#ifndef XTCP_SIM_LOSS_H
#define XTCP_SIM_LOSS_H

#include "packet.h"
#include "random.h"

/**
 * struct loss - an element that loses packets
 * @element: must be first
 * @random: its random numbers
 * @rate: probability of an independent loss
 * @begin: probability at each packet that a burst begins
 * @end: probability at each packet that a burst ends
 * @bursting: all packets are lost
 * @count: packets lost
 */
struct loss {
	struct element element;
	struct random random;
	double rate;
	double begin;
	double end;
	bool bursting;
	u64 count;
};

void loss_setup(struct loss *loss, u64 seed, const char *part, double rate);

#endif /* XTCP_SIM_LOSS_H */
