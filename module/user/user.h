/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of user/ that main.c registers or initializes: the address family,
 * the protos, the count of sockets and the memory limits (pages).
 */
#ifndef XTCP_USER_H
#define XTCP_USER_H

#include <linux/net.h>
#include <linux/percpu_counter.h>
#include <net/sock.h>

extern struct net_proto_family xtcp_family_ops;
extern struct proto xtcp_prot;
extern struct proto xtcp6_prot;
extern struct percpu_counter xtcp_sockets;
extern long xtcp_sysctl_mem[3];

#endif /* XTCP_USER_H */
