/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the path says of the size of packets.
 */
#ifndef XTCP_PATH_H
#define XTCP_PATH_H

#include "base/sock.h"

void xtcp_mtu_timeout(struct sock *sk);

#endif /* XTCP_PATH_H */
