/* SPDX-License-Identifier: GPL-2.0 */
/* Finds a shorter script that shows the same difference. */
#ifndef XTCP_DIFFER_SHRINKER_H
#define XTCP_DIFFER_SHRINKER_H

#include "comparer.h"

/* Runs a script; the difference found, or D_NONE. */
typedef struct finding (*judge_fn)(const struct script *sc);

/* Shortens the script while judge() finds the same kind of difference. */
void shrink(struct script *sc, const struct finding *found, judge_fn judge);

#endif
