/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What security modules are asked about connections, and who may open sockets.
 */
#ifndef XTCP_SECURITY_H
#define XTCP_SECURITY_H

#include <linux/security.h>

#include "base/entry.h"

bool xtcp_security_admits(struct xtcp_request *rq, struct sk_buff *skb);

#endif /* XTCP_SECURITY_H */
