/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XTCP_PACE_H
#define XTCP_PACE_H

#include "base/sock.h"

void xtcp_pace_update(struct sock *sk);
bool xtcp_pace_hold(struct sock *sk);
void xtcp_pace_sent(struct sock *sk, struct sk_buff *copy, struct xtcp_cb *cb);
u32 xtcp_pace_size(const struct sock *sk);

#endif /* XTCP_PACE_H */
