/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers that an attacker must not be able to guess: initial sequence numbers
 * and timestamp offsets.
 */
#ifndef XTCP_ISN_H
#define XTCP_ISN_H

#include "sock.h"

u32 xtcp_isn_base(struct net *net, const struct xtcp_tuple *t);
u32 xtcp_isn(struct net *net, const struct xtcp_tuple *t, u64 now);
u32 xtcp_ts_offset(struct net *net, const struct xtcp_tuple *t);

#endif /* XTCP_ISN_H */
