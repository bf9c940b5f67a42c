/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Active open.
 */
#ifndef XTCP_CONNECT_H
#define XTCP_CONNECT_H

#include "base/sock.h"

int xtcp_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len,
		 bool sending);

#endif /* XTCP_CONNECT_H */
