// SPDX-License-Identifier: GPL-2.0
/*
 * Loss. The model of bursts is that of netem's "loss gemodel p r" in its
 * simplest form: nothing is lost outside of bursts, everything inside.
 */
#include "loss.h"

static void take(struct element *element, struct packet *packet)
{
	struct loss *loss = (struct loss *)element;
	bool lost = loss->bursting;

	if (random_chance(&loss->random, loss->bursting ? loss->end :
							  loss->begin))
		loss->bursting = !loss->bursting;
	if (lost || random_chance(&loss->random, loss->rate)) {
		loss->count++;
		packet_free(packet);
		return;
	}
	element_pass(element, packet);
}

/* Without bursts; the caller may set them afterwards. */
void loss_setup(struct loss *loss, u64 seed, const char *part, double rate)
{
	memset(loss, 0, sizeof(*loss));
	loss->element.take = take;
	random_seed(&loss->random, seed, part);
	loss->rate = rate;
}
