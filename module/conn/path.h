/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports about the path MTU: ICMP errors and black holes.
 */
#ifndef XTCP_PATH_H
#define XTCP_PATH_H

#include "base/sock.h"

void xtcp_mtu_timeout(struct sock *sk);

#endif /* XTCP_PATH_H */
