/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The route of a socket, whatever the IP version.
 */
#ifndef XTCP_ROUTE_H
#define XTCP_ROUTE_H

#include "af.h"

struct dst_entry *xtcp_dst(struct sock *sk);
u16 xtcp_mss_advertise(const struct xtcp_af *af, const struct dst_entry *dst,
		       u16 user_mss);

#endif /* XTCP_ROUTE_H */
