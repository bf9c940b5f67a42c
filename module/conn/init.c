// SPDX-License-Identifier: GPL-2.0
/*
 * Initial state of a socket, and of each of its connections.
 */
#include <linux/slab.h>
#include <net/inet_common.h>
#include <net/transp_v6.h>

#include "conn.h"
#include "ip/ip.h"
#include "output.h"

static void xtcp_destruct(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	kfree(xs->listener);
	kfree(rcu_dereference_protected(xs->fo.keys, true));
	if (sk->sk_family == AF_INET6)
		inet6_sock_destruct(sk);
	else
		inet_sock_destruct(sk);
}

/**
 * xtcp_connection_begin() - initialize the state of a new connection
 * @sk: the socket, lock held, or not yet visible to others
 *
 * A socket may have several connections, one after the other. The options of
 * the user stay.
 */
void xtcp_connection_begin(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	const struct xtcp_cc_ops *cc = tcb->cc.ops;
	u8 nagle_off = tcb->nagle_off, corked = tcb->corked;

	memset(tcb, 0, sizeof(*tcb));
	tcb->nagle_off = nagle_off;
	tcb->corked = corked;
	tcb->cc.ops = cc;
	tcb->cc.cwnd = xtcp_cc_initial_window(XTCP_MSS_DEFAULT_V4);
	tcb->cc.ssthresh = XTCP_SSTHRESH_INF;
	tcb->snd_mss = XTCP_MSS_DEFAULT_V4;
	tcb->path_mss = XTCP_MSS_DEFAULT_V4;
	tcb->peer_mss = XTCP_MSS_DEFAULT_V4;
	xtcp_rtt_init(&tcb->rtt);
	tcb->rtt.rto_min = xs->rto_min;
	tcb->rtt.rto_max = xs->rto_max;
	xtcp_rack_init(&tcb->rack);

	memset_startat(xs, 0, sent);
	INIT_LIST_HEAD(&xs->by_time);
	xtcp_rcvbuf_init(&xs->rcvbuf);
	memset_startat(&xs->fo, 0, syn_held);
}

/**
 * xtcp_sock_init() - initialize a new socket (proto.init)
 * @sk: zeroed, except for the fields that sock_init_data() sets
 *
 * Return: 0.
 */
int xtcp_sock_init(struct sock *sk)
{
	struct net *net = sock_net(sk);
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->xn = xtcp_net(net);
	xs->tcb.cc.ops = xtcp_sk_sysctl(sk, congestion_control);
	xs->rto_min = min_t(u32, xtcp_sk_sysctl(sk, rto_min_us), XTCP_RTO_MAX);
	xs->rto_max = xtcp_sk_sysctl(sk, rto_max_ms) * USEC_PER_MSEC;
	xtcp_connection_begin(sk);
	xtcp_timers_init(sk);
	INIT_LIST_HEAD(&xs->accept_node);
	xs->af = sk->sk_family == AF_INET ? &xtcp_ipv4 : &xtcp_ipv6;
	xs->window_clamp = XTCP_WINDOW_NO_CLAMP;

	if (sk->sk_family == AF_INET) {
		ipv6_addr_set_v4mapped(0, &sk->sk_v6_rcv_saddr);
		ipv6_addr_set_v4mapped(0, &sk->sk_v6_daddr);
	}
	sk->sk_state = TCP_CLOSE;
	sk->sk_destruct = xtcp_destruct;
	sk->sk_write_space = xtcp_write_space;
	/* sock_wfree() need not wake writers: ACK processing does. */
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	WRITE_ONCE(sk->sk_sndbuf, xtcp_sk_sysctl(sk, wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, xtcp_sk_sysctl(sk, rmem[1]));
	sk_sockets_allocated_inc(sk);
	return 0;
}
