/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The local port of an active open.
 */
#ifndef XTCP_CONNECT_H
#define XTCP_CONNECT_H

#include "sock.h"

int xtcp_port_connect(struct sock *sk);

#endif /* XTCP_CONNECT_H */
