/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listeners: their lookup table and their queues.
 */
#ifndef XTCP_LISTEN_H
#define XTCP_LISTEN_H

#include "base/entry.h"

int xtcp_listen_join(struct sock *sk);
void xtcp_listen_leave(struct sock *sk);
void xtcp_listen_pause(struct sock *sk);
void xtcp_listen_resume(struct sock *sk);
bool xtcp_listen_link(struct xtcp_request *rq);
void xtcp_listen_unlink(struct xtcp_request *rq);
bool xtcp_listen_queue(struct xtcp_request *rq, struct sock *child);

#endif /* XTCP_LISTEN_H */
