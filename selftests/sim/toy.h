/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A toy algorithm of congestion control.
 */
#ifndef XTCP_SIM_TOY_H
#define XTCP_SIM_TOY_H

#include "core/cc.h"

extern const struct xtcp_cc_ops toy;

#endif /* XTCP_SIM_TOY_H */
