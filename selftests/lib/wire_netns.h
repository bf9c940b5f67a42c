/* SPDX-License-Identifier: GPL-2.0 */
/* The stack's network namespace: see wire_netns.c */
#ifndef XTCP_TEST_WIRE_NETNS_H
#define XTCP_TEST_WIRE_NETNS_H

#include "wire_types.h"

/* a new network namespace for this process, with the tun device: 0 or -1 */
int wire_netns(struct wire *w);
/* inject a packet: 0 or -1 */
int wire_raw(struct wire *w, const void *pkt, size_t len);

int wire_mtu(int mtu);
int wire_sysctl(struct wire *w, const char *leaf, const char *value);
long wire_counter(struct wire *w, const char *name);

#endif
