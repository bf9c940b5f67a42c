/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP Fast Open (RFC 7413): keys and cookies of a server, what a client knows of
 * servers, and the limits of both. Sending and taking data on a SYN is done where
 * other data is: output.c, input.c, request.c.
 */
#ifndef XTCP_FASTOPEN_H
#define XTCP_FASTOPEN_H

#include "base/sock.h"

/* Bits of the sysctl fastopen, those of net.ipv4.tcp_fastopen. */
#define XTCP_FO_CLIENT			0x001
#define XTCP_FO_SERVER			0x002
#define XTCP_FO_CLIENT_NO_COOKIE	0x004
#define XTCP_FO_SERVER_NO_COOKIE	0x200
#define XTCP_FO_ALL_LISTENERS		0x400

#define XTCP_FO_KEY_LEN		sizeof(siphash_key_t)
#define XTCP_FO_KEYS_MAX	2

/* What the kernel's uapi calls tcp_fastopen_client_fail. */
#define XTCP_FO_FAIL_NO_COOKIE		1
#define XTCP_FO_FAIL_NOT_ACKED		2
#define XTCP_FO_FAIL_RETRANSMITTED	3

/**
 * struct xtcp_fastopen_keys - what cookies are made with
 * @n: how many there are
 * @key: the first makes cookies; those of the second are still taken
 * @rcu: frees it
 */
struct xtcp_fastopen_keys {
	u32 n;
	siphash_key_t key[XTCP_FO_KEYS_MAX];
	struct rcu_head rcu;
};

/**
 * enum xtcp_fastopen_answer - what a listener does with a SYN
 * @XTCP_FO_PLAIN: no Fast Open: the SYN-ACK acknowledges the SYN, no more
 * @XTCP_FO_GIVE: the same, and the SYN-ACK brings a cookie
 * @XTCP_FO_OPEN: a socket at once, with the SYN's data
 * @XTCP_FO_OPEN_GIVE: the same, and the SYN-ACK brings a newer cookie
 */
enum xtcp_fastopen_answer {
	XTCP_FO_PLAIN,
	XTCP_FO_GIVE,
	XTCP_FO_OPEN,
	XTCP_FO_OPEN_GIVE,
};

void xtcp_fastopen_net_init(struct xtcp_net *xn);
void xtcp_fastopen_net_exit(struct xtcp_net *xn);
void xtcp_fastopen_unblock(struct xtcp_net *xn);

/* keys */
void xtcp_fastopen_key_once(struct net *net);
int xtcp_fastopen_set_keys(struct xtcp_fastopen_keys __rcu **where,
			   const u8 *raw, u32 n);
u32 xtcp_fastopen_get_keys(struct xtcp_fastopen_keys __rcu **where, u8 *raw);

/* the server's side */
void xtcp_fastopen_listen(struct sock *sk, int backlog);
enum xtcp_fastopen_answer
xtcp_fastopen_judge(struct sock *listener, const struct dst_entry *dst,
		    const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		    struct xtcp_cookie *fresh);
void xtcp_fastopen_pending(struct sock *listener, struct sock *child);
void xtcp_fastopen_settled(struct sock *child, bool reset);
void xtcp_fastopen_forget_resets(struct xtcp_listener *xl);

/* the client's side */
bool xtcp_fastopen_prepare(struct sock *sk);
void xtcp_fastopen_answered(struct sock *sk, const struct xtcp_segment *seg);
void xtcp_fastopen_timeout(struct sock *sk, bool expired);

#endif /* XTCP_FASTOPEN_H */
