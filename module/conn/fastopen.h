/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP Fast Open (RFC 7413): keys and cookies of a server, what a client knows of
 * servers, and the limits of both. Sending and taking data on a SYN is done where
 * other data is: output.c, input.c, request.c.
 */
#ifndef XTCP_FASTOPEN_H
#define XTCP_FASTOPEN_H

#include "base/sock.h"

/* What the kernel's uapi calls tcp_fastopen_client_fail. */
#define XTCP_FO_FAIL_NO_COOKIE		1
#define XTCP_FO_FAIL_NOT_ACKED		2
#define XTCP_FO_FAIL_RETRANSMITTED	3

void xtcp_fastopen_settled(struct sock *child, bool reset);
void xtcp_fastopen_answered(struct sock *sk, const struct xtcp_segment *seg);
void xtcp_fastopen_timeout(struct sock *sk, bool expired);

#endif /* XTCP_FASTOPEN_H */
