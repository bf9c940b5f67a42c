// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for sockets, and the global variables of the module.
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

/**
 * xtcp_window_max() - the largest window that the socket may offer later
 * @sk: the socket
 *
 * Return: bytes: if the user set SO_RCVBUF, the payload that it holds; else the
 * largest buffer that rmem allows, as if segments took no more memory than their
 * payload. As tcp_select_initial_window() of the kernel.
 */
u32 xtcp_window_max(const struct sock *sk)
{
	int space = READ_ONCE(sk->sk_rcvbuf);

	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		return xtcp_buffer_window(sk);
	space = max_t(int, space, xtcp_sk_sysctl(sk, rmem[2]));
	return min_t(u32, space, xtcp_window_clamp(xtcp_sk(sk)));
}
