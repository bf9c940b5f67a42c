/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is charged regardless of the limits, and the memory cgroup of an
 * accepted socket.
 */
#ifndef XTCP_MEMCG_H
#define XTCP_MEMCG_H

#include <net/sock.h>

void xtcp_mem_charge_forced(struct sock *sk, int size);

#ifdef CONFIG_MEMCG
void xtcp_memcg_accept(const struct sock *listener, struct sock *child);
#else
static inline void xtcp_memcg_accept(const struct sock *listener,
				     struct sock *child)
{
}
#endif

#endif /* XTCP_MEMCG_H */
