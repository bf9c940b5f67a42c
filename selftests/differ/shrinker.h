/* SPDX-License-Identifier: GPL-2.0 */
/* The shortest script that still shows a difference. */
#ifndef XTCP_DIFFER_SHRINKER_H
#define XTCP_DIFFER_SHRINKER_H

#include "comparer.h"

/* Runs a script; what is found, or D_NONE. */
typedef struct finding (*judge_fn)(const struct script *sc);

/* Makes the script shorter as long as judge() finds the same sort of thing. */
void shrink(struct script *sc, const struct finding *found, judge_fn judge);

#endif
