/* SPDX-License-Identifier: GPL-2.0 */
/* Random scripts, determined by a seed. */
#ifndef XTCP_DIFFER_GENERATOR_H
#define XTCP_DIFFER_GENERATOR_H

#include "script.h"

void script_generate(struct script *sc, unsigned long seed, int nsteps);

#endif
