/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks of security modules for passive opens.
 */
#ifndef XTCP_SECURITY_H
#define XTCP_SECURITY_H

#include <linux/security.h>

#include "base/entry.h"

bool xtcp_security_admits(struct xtcp_request *rq, struct sk_buff *skb);

#endif /* XTCP_SECURITY_H */
