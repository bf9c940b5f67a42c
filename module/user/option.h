/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Socket options.
 */
#ifndef XTCP_OPTION_H
#define XTCP_OPTION_H

#include <linux/sockptr.h>

#include "base/sock.h"

int xtcp_sock_setsockopt(struct socket *sock, int level, int name,
			 sockptr_t val, unsigned int len);
int xtcp_setsockopt(struct sock *sk, int level, int name, sockptr_t val,
		    unsigned int len);
int xtcp_getsockopt(struct sock *sk, int level, int name, char __user *val,
		    int __user *len);

#endif /* XTCP_OPTION_H */
