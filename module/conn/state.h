/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place that changes a socket's state, and ends it.
 */
#ifndef XTCP_STATE_H
#define XTCP_STATE_H

#include "base/reason.h"
#include "base/sock.h"

void xtcp_state_event(struct sock *sk, u8 event);
void xtcp_state_fail(struct sock *sk, u8 event, int err);
void xtcp_state_adopt(struct sock *child);
void xtcp_state_fast_open(struct sock *child);
bool xtcp_state_retire(struct sock *sk, u64 wait);
void xtcp_abort(struct sock *sk, enum xtcp_reset_reason reason);
void xtcp_make_orphan(struct sock *sk);
void xtcp_abort_child(struct sock *child);
void xtcp_destroy(struct sock *sk);

#endif /* XTCP_STATE_H */
