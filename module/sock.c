// SPDX-License-Identifier: GPL-2.0
/*
 * What every file may ask of the module, its namespaces and a socket.
 */
#include "sock.h"

int xtcp_family __read_mostly = AF_XTCP;
unsigned int xtcp_net_id __read_mostly;

/**
 * xtcp_tuple_of() - the addresses of an entry
 * @sk: a socket with both addresses set, a request or a TIME-WAIT entry
 * @t: filled in
 */
void xtcp_tuple_of(const struct sock *sk, struct xtcp_tuple *t)
{
	t->laddr = sk->sk_v6_rcv_saddr;
	t->raddr = sk->sk_v6_daddr;
	t->lport = htons(sk->sk_num);
	t->rport = sk->sk_dport;
	t->dif = sk->sk_bound_dev_if;
	t->sdif = 0;
}
