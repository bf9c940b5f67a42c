/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A listener begins and ends, and accept() takes its children.
 */
#ifndef XTCP_ACCEPT_H
#define XTCP_ACCEPT_H

#include "base/sock.h"

int xtcp_listen_start(struct sock *sk, int backlog);
void xtcp_listen_end(struct sock *sk);
void xtcp_listen_stop(struct sock *sk);
void xtcp_listen_expel(struct sock *sk, struct sock *other);
struct sock *xtcp_accept(struct sock *sk, struct proto_accept_arg *arg);

#endif /* XTCP_ACCEPT_H */
