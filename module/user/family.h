/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The address family, for who registers it.
 */
#ifndef XTCP_FAMILY_H
#define XTCP_FAMILY_H

#include <linux/net.h>
#include <linux/percpu_counter.h>
#include <net/sock.h>

extern struct net_proto_family xtcp_family_ops;
extern struct proto xtcp_prot;
extern struct proto xtcp6_prot;
extern struct percpu_counter xtcp_sockets;
extern long xtcp_sysctl_mem[3];

#endif /* XTCP_FAMILY_H */
