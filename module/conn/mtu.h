/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segment size and path MTU discovery (RFC 1191, RFC 8201, RFC 4821).
 */
#ifndef XTCP_MTU_H
#define XTCP_MTU_H

#include "base/sock.h"

void xtcp_mss_sync_option(struct sock *sk);
void xtcp_mtu_recheck(struct sock *sk);
void xtcp_mtu_start(struct sock *sk);
u32 xtcp_mtu_probe_len(struct sock *sk);
void xtcp_mtu_probe_acked(struct sock *sk);
void xtcp_mtu_probe_failed(struct sock *sk);
void xtcp_mtu_probe_unclear(struct sock *sk);
bool xtcp_mtu_is_whole(const struct sock *sk);
u64 xtcp_mtu_search_again(const struct sock *sk);

#endif /* XTCP_MTU_H */
