/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rate limits for answers to invalid segments.
 */
#ifndef XTCP_RATELIMIT_H
#define XTCP_RATELIMIT_H

#include "net.h"

bool xtcp_answer_allowed(struct net *net, u64 *last, u64 now);
bool xtcp_challenge_allowed(struct xtcp_net *xn, u64 now);

#endif /* XTCP_RATELIMIT_H */
