/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listeners: the table that finds them, and their queues.
 */
#ifndef XTCP_LISTEN_H
#define XTCP_LISTEN_H

#include "base/entry.h"

int xtcp_listen_table_init(void);
void xtcp_listen_table_exit(void);
struct sock *xtcp_listen_next(unsigned long *id);
struct sock *xtcp_listen_lookup(struct net *net, const struct xtcp_tuple *t);
struct sock *xtcp_listen_pick(struct sock *sk, struct sk_buff *skb,
			      const struct xtcp_tuple *t);
int xtcp_listen_join(struct sock *sk);
void xtcp_listen_leave(struct sock *sk);
void xtcp_listen_pause(struct sock *sk);
void xtcp_listen_resume(struct sock *sk);
bool xtcp_listen_link(struct xtcp_request *rq);
void xtcp_listen_unlink(struct xtcp_request *rq);
bool xtcp_listen_queue(struct xtcp_request *rq, struct sock *child);

#endif /* XTCP_LISTEN_H */
