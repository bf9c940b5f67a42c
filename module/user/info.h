/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_INFO. */
#ifndef XTCP_INFO_H
#define XTCP_INFO_H

#include <net/sock.h>

int xtcp_info_get(struct sock *sk, char __user *val, int __user *optlen,
		  int len);

#endif /* XTCP_INFO_H */
