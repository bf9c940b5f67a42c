/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP Fast Open (RFC 7413): keys and cookies of a server, the cache of a
 * client, and the limits of both. Data on a SYN is sent and received where
 * other data is: in output.c, input.c and admission.c.
 */
#ifndef XTCP_FASTOPEN_H
#define XTCP_FASTOPEN_H

#include "base/sock.h"

/*
 * Values of enum tcp_fastopen_client_fail of the kernel's uapi, for TCP_INFO.
 */
#define XTCP_FO_FAIL_NO_COOKIE		1
#define XTCP_FO_FAIL_NOT_ACKED		2
#define XTCP_FO_FAIL_RETRANSMITTED	3

void xtcp_fastopen_settled(struct sock *child, bool reset);
void xtcp_fastopen_answered(struct sock *sk, const struct xtcp_segment *seg);
void xtcp_fastopen_timeout(struct sock *sk, bool expired);

#endif /* XTCP_FASTOPEN_H */
