/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A listener begins and ends, and accept() takes its children.
 */
#ifndef XTCP_ACCEPT_H
#define XTCP_ACCEPT_H

#include "base/sock.h"

void xtcp_listen_end(struct sock *sk);
void xtcp_listen_expel(struct sock *sk, struct sock *other);

#endif /* XTCP_ACCEPT_H */
