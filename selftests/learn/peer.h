/* SPDX-License-Identifier: GPL-2.0 */
/* The running module as something that inputs can be given to. */
#ifndef XTCP_LEARN_PEER_H
#define XTCP_LEARN_PEER_H

#include "alphabet.h"

/* a network namespace with the crafted peer: 0 or -1 */
int peer_start(bool v6, bool verbose);
void peer_stop(void);

/* a new socket, and a new peer that it has never heard of */
void peer_reset(void);
/* one input: the number of the reply */
int peer_step(int input);

#endif
