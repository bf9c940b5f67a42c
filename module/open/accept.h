/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Start and end of a listener, and accept().
 */
#ifndef XTCP_ACCEPT_H
#define XTCP_ACCEPT_H

#include "base/sock.h"

void xtcp_listen_end(struct sock *sk);
void xtcp_listen_expel(struct sock *sk, struct sock *other);

#endif /* XTCP_ACCEPT_H */
