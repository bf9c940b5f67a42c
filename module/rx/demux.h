/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Demultiplexing: is a packet for a connection, for a listener, for a port that
 * XTCP holds, or for the kernel's TCP?
 */
#ifndef XTCP_DEMUX_H
#define XTCP_DEMUX_H

#include "base/sock.h"
#include "ip/ip.h"

bool xtcp_demux(struct sk_buff *skb, const struct xtcp_tuple *t,
		const struct xtcp_af *af);

#endif /* XTCP_DEMUX_H */
