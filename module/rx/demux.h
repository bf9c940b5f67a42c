/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose is a packet: a connection's, a listener's, a port's that XTCP holds,
 * or the kernel's TCP's.
 */
#ifndef XTCP_DEMUX_H
#define XTCP_DEMUX_H

#include "base/sock.h"
#include "ip/ip.h"

bool xtcp_demux(struct sk_buff *skb, const struct xtcp_tuple *t,
		const struct xtcp_af *af);

#endif /* XTCP_DEMUX_H */
