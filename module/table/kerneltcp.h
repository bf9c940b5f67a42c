/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's own TCP has: the questions that XTCP asks so that it takes
 * nothing away from it.
 */
#ifndef XTCP_KERNELTCP_H
#define XTCP_KERNELTCP_H

#include "base/sock.h"

bool xtcp_kernel_binds(struct net *net, u16 port);
bool xtcp_kernel_listens(const struct sock *sk, u16 port);
bool xtcp_kernel_owns(struct net *net, const struct xtcp_tuple *t);

#endif /* XTCP_KERNELTCP_H */
