// SPDX-License-Identifier: GPL-2.0
/*
 * Owners of packet buffers.
 */
#include "kernel.h"

struct net init_net;
void *sim_net_generic;

static void free_received(struct sk_buff *skb)
{
	atomic_sub(skb->truesize, &skb->sk->sk_rmem_alloc);
	sk_mem_uncharge(skb->sk, skb->truesize);
}

void skb_set_owner_r(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = free_received;
	atomic_add(skb->truesize, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, skb->truesize);
}

static void free_sent(struct sk_buff *skb)
{
	atomic_sub(skb->truesize, &skb->sk->sk_wmem_alloc);
}

void skb_set_owner_w(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = free_sent;
	atomic_add(skb->truesize, &sk->sk_wmem_alloc);
}
