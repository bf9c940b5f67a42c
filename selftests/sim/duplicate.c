// SPDX-License-Identifier: GPL-2.0
/*
 * Duplication.
 */
#include "duplicate.h"

static void take(struct element *element, struct packet *packet)
{
	struct duplicate *duplicate = (struct duplicate *)element;

	if (random_chance(&duplicate->random, duplicate->rate))
		element_pass(element, packet_copy(packet));
	element_pass(element, packet);
}

void duplicate_setup(struct duplicate *duplicate, u64 seed, double rate)
{
	memset(duplicate, 0, sizeof(*duplicate));
	duplicate->element.take = take;
	random_seed(&duplicate->random, seed, "duplicate");
	duplicate->rate = rate;
}
