/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a socket, and each connection of it, begins with.
 */
#ifndef XTCP_INIT_H
#define XTCP_INIT_H

#include "base/sock.h"

int xtcp_sock_init(struct sock *sk);
void xtcp_connection_begin(struct sock *sk);

#endif /* XTCP_INIT_H */
