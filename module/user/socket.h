/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of a socket or of its connection: close, shutdown, disconnect.
 */
#ifndef XTCP_SOCKET_H
#define XTCP_SOCKET_H

#include "base/sock.h"

int xtcp_disconnect(struct sock *sk, int flags);
void xtcp_close(struct sock *sk, long timeout);
void xtcp_shutdown(struct sock *sk, int how);
void xtcp_release_cb(struct sock *sk);

#endif /* XTCP_SOCKET_H */
