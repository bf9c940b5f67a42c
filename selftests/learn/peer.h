/* SPDX-License-Identifier: GPL-2.0 */
/* The running module as the subject of learning. */
#ifndef XTCP_LEARN_PEER_H
#define XTCP_LEARN_PEER_H

#include "alphabet.h"

/* a network namespace with the crafted peer: 0 or -1 */
int peer_start(bool v6, bool verbose);
void peer_stop(void);

/* a new socket, and a peer with new ports */
void peer_reset(void);
/* executes an input: the number of the reply */
int peer_step(int input);

#endif
