/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the timers of a connection do when they expire.
 */
#ifndef XTCP_TIMEOUT_H
#define XTCP_TIMEOUT_H

#include "base/sock.h"

void xtcp_timers_init(struct sock *sk);
void xtcp_timers_deferred(struct sock *sk, unsigned long bits);

#endif /* XTCP_TIMEOUT_H */
