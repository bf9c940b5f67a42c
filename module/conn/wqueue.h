/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The write queue: sk_write_queue has the segments that were never sent,
 * xs->sent the others.
 */
#ifndef XTCP_WQUEUE_H
#define XTCP_WQUEUE_H

#include "base/sock.h"

void xtcp_sent_add(struct sock *sk, struct sk_buff *skb);
void xtcp_sent_remove(struct sock *sk, struct sk_buff *skb);
void xtcp_sent_set_marks(struct sock *sk, struct sk_buff *skb, u8 marks);
void xtcp_sent_newest(struct sock *sk, struct sk_buff *skb);
void xtcp_sent_sort(struct sock *sk, struct sk_buff *skb);
bool xtcp_sent_single(const struct sock *sk);
struct sk_buff *xtcp_sent_first(const struct sock *sk);
struct sk_buff *xtcp_sent_find(const struct sock *sk, enum xtcp_sent tree,
			       u32 seq);
void xtcp_unsend(struct sock *sk);
int xtcp_trim(struct sock *sk, struct sk_buff *skb, gfp_t gfp);
int xtcp_split(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp);
bool xtcp_gather(struct sock *sk, u32 len);
bool xtcp_detach_fin(struct sock *sk, struct sk_buff *skb);

/* The first segment that was never sent, or NULL. */
static inline struct sk_buff *xtcp_send_head(const struct sock *sk)
{
	return skb_peek(&sk->sk_write_queue);
}

static inline bool xtcp_nothing_unsent(const struct sock *sk)
{
	return skb_queue_empty(&sk->sk_write_queue);
}

#endif /* XTCP_WQUEUE_H */
