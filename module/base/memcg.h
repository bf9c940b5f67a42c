/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which memory cgroup pays for an accepted socket.
 */
#ifndef XTCP_MEMCG_H
#define XTCP_MEMCG_H

#include <net/sock.h>

#ifdef CONFIG_MEMCG
void xtcp_memcg_accept(const struct sock *listener, struct sock *child);
#else
static inline void xtcp_memcg_accept(const struct sock *listener,
				     struct sock *child)
{
}
#endif

#endif /* XTCP_MEMCG_H */
