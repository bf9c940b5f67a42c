/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of a network namespace that show and change the state of XTCP: in
 * /proc/net and /proc/sys/net/xtcp.
 */
#ifndef XTCP_SHOW_H
#define XTCP_SHOW_H

#include "base/net.h"

int xtcp_congestion_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos);
int xtcp_available_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			   void *buffer, size_t *lenp, loff_t *ppos);
int xtcp_allowed_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			 void *buffer, size_t *lenp, loff_t *ppos);
int xtcp_sysctl_register(struct xtcp_net *xn, int allow);
void xtcp_sysctl_unregister(struct xtcp_net *xn);
int xtcp_proc_register(struct net *net);
void xtcp_proc_unregister(struct net *net);

#endif /* XTCP_SHOW_H */
