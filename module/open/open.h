/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Opening connections: the interface of open/ to the rooms above it: listeners,
 * requests and active opens.
 */
#ifndef XTCP_OPEN_H
#define XTCP_OPEN_H

#include "base/entry.h"

/* accept.c */
int xtcp_listen_start(struct sock *sk, int backlog);
void xtcp_listen_stop(struct sock *sk);
struct sock *xtcp_accept(struct sock *sk, struct proto_accept_arg *arg);

/* admission.c */
void xtcp_listen_rcv(struct sock *sk, struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     u32 iss);

/* connect.c */
int xtcp_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len,
		 bool sending);

/* handshake.c */
void xtcp_request_rcv(struct xtcp_request *rq, struct sk_buff *skb,
		      const struct xtcp_tuple *t,
		      const struct xtcp_segment *seg);

/* listen.c */
int xtcp_listen_table_init(void);
void xtcp_listen_table_exit(void);
struct sock *xtcp_listen_next(unsigned long *id);
struct sock *xtcp_listen_lookup(struct net *net, const struct xtcp_tuple *t);
struct sock *xtcp_listen_pick(struct sock *sk, struct sk_buff *skb,
			      const struct xtcp_tuple *t);
void xtcp_listen_rehash(struct sock *sk);

/* request.c */
void xtcp_request_drop(struct xtcp_request *rq, u8 event);

#endif /* XTCP_OPEN_H */
