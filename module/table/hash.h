/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connection table: sockets, requests and TIME-WAIT entries (entry.h) by
 * 4-tuple and namespace.
 */
#ifndef XTCP_HASH_H
#define XTCP_HASH_H

#include "base/entry.h"

bool xtcp_devs_overlap(struct net *net, int a, int b);

#endif /* XTCP_HASH_H */
