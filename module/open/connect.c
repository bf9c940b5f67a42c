// SPDX-License-Identifier: GPL-2.0
/*
 * Active open: connect().
 */
#include <linux/in.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/transp_v6.h>

#include "accept.h"
#include "base/isn.h"
#include "conn/conn.h"
#include "core/window.h"
#include "ip/ip.h"
#include "listen.h"
#include "open.h"
#include "table/table.h"

/*
 * The local port
 *
 * An XTCP connection claims only its 4-tuple: a port may serve connections of
 * both stacks to different peers. The kernel's TCP does not know the tuples of
 * XTCP, so XTCP prefers the ports that the kernel's TCP tries last. Offsets
 * count from the low end of net.ipv4.ip_local_port_range:
 *
 * - connect() of the kernel's TCP tries odd offsets only when the even ones are
 *   used up. So XTCP tries odd offsets first.
 * - bind() of the kernel's TCP to port 0 tries odd offsets first. So XTCP skips
 *   ports that any socket of the kernel's TCP uses, as long as there are
 *   others.
 */

/*
 * The passes over the port range. The first two try the odd or the even
 * offsets, and skip ports that any socket of the kernel's TCP uses. The last
 * one tries all ports, and skips those where the kernel's TCP has the tuple or
 * a listener for it.
 */
enum pass {
	PASS_ODD,
	PASS_EVEN,
	PASS_ALL,
};

/* The addresses of the peer's segments if @sk used @port. */
static void tuple_with(const struct sock *sk, u16 port, struct xtcp_tuple *t)
{
	*t = (struct xtcp_tuple){
		.laddr = sk->sk_v6_rcv_saddr,
		.raddr = sk->sk_v6_daddr,
		.lport = htons(port),
		.rport = sk->sk_dport,
		.dif = sk->sk_bound_dev_if,
	};
}

static bool kernel_minds(const struct sock *sk, u16 port, enum pass pass)
{
	struct net *net = sock_net(sk);
	struct xtcp_tuple t;
	bool minds;

	if (!xtcp_kernel_binds(net, port))
		return false;
	if (pass != PASS_ALL)
		return true;
	tuple_with(sk, port, &t);
	rcu_read_lock();
	minds = xtcp_kernel_owns(net, &t) || xtcp_kernel_listens(net, &t);
	rcu_read_unlock();
	return minds;
}

/*
 * Try every @step-th port of the range, from a random one on (RFC 6056 3.3.1).
 * Return: 0; -EADDRINUSE if no port is free; -ENOMEM; -EINTR.
 */
static int try_ports(struct sock *sk, u32 low, u32 range, u32 step,
		     enum pass pass, struct xtcp_tw_reuse *next)
{
	u32 n = DIV_ROUND_UP(range, step);
	u32 start = n ? get_random_u32_below(n) : 0;
	struct net *net = sock_net(sk);
	u32 i;
	int err;

	for (i = 0; i < n; i++) {
		u16 port = low + (start + i) % n * step;

		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		if (inet_is_local_reserved_port(net, port) ||
		    kernel_minds(sk, port, pass))
			continue;
		err = xtcp_port_enter(sk, port, next);
		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRINUSE;
}

static int connect_any(struct sock *sk, struct xtcp_tw_reuse *next)
{
	u32 low, range, odd;
	int kernel_low, kernel_high;
	int err;

	xtcp_port_range(sk, &low, &range);
	inet_get_local_port_range(sock_net(sk), &kernel_low, &kernel_high);
	/* Distance from low to the first port at an odd offset: 0 or 1. */
	odd = (low - kernel_low) % 2 ? 0 : 1;
	err = try_ports(sk, low + odd, range - odd, 2, PASS_ODD, next);
	if (err == -EADDRINUSE)
		err = try_ports(sk, low + !odd, range - !odd, 2, PASS_EVEN,
				next);
	if (err == -EADDRINUSE)
		err = try_ports(sk, low, range, 1, PASS_ALL, next);
	return err == -EADDRINUSE ? -EADDRNOTAVAIL : err;
}

/*
 * A listener connects to a peer that has just connected to it: the request or
 * child of that peer has the 4-tuple. It would be dropped together with the
 * listener anyway (RFC 9293 3.10.1), so drop it first.
 */
static void end_own_connection(struct sock *sk)
{
	struct xtcp_tuple t;
	struct sock *other;

	xtcp_tuple_of(sk, &t);
	rcu_read_lock();
	other = xtcp_table_lookup(sock_net(sk), &t);
	rcu_read_unlock();
	if (!other)
		return;
	if (other->sk_state != TCP_NEW_SYN_RECV) {
		if (other->sk_state != TCP_TIME_WAIT)
			xtcp_listen_expel(sk, other);
	} else if (xtcp_rq(other)->listener == sk) {
		xtcp_request_drop(xtcp_rq(other), XTCP_EV_CLOSE);
	}
	xtcp_entry_put(other);
}

static int connect_bound(struct sock *sk, struct xtcp_tw_reuse *next)
{
	struct xtcp_tuple t;
	bool taken;

	tuple_with(sk, inet_sk(sk)->inet_num, &t);
	rcu_read_lock();
	taken = xtcp_kernel_owns(sock_net(sk), &t);
	rcu_read_unlock();
	if (taken)
		return -EADDRNOTAVAIL;
	if (sk->sk_state == TCP_LISTEN)
		end_own_connection(sk);
	return xtcp_table_insert(sk, next);
}

/*
 * Insert @sk into the connection table. An unbound socket gets a port; a bound
 * one keeps its port. Both addresses and the peer's port are set.
 *
 * Context: process, socket lock held.
 * Return: 0; -EADDRNOTAVAIL if no port is free for this peer; -ENOMEM;
 * -EINTR if the task is being killed.
 */
static int enter_table(struct sock *sk)
{
	struct xtcp_tw_reuse next = { .may = xtcp_tw_may_reuse };
	int err;

	if (xtcp_sk(sk)->port)
		err = connect_bound(sk, &next);
	else
		err = connect_any(sk, &next);
	if (next.old) {
		xtcp_tw_kill(next.old);
		xtcp_tw_put(next.old);
	}
	return err;
}

/* The peer, and the contents of our SYN */

/**
 * struct peer - the destination of connect()
 * @addr: the address; IPv4 as ::ffff:a.b.c.d
 * @port: network order
 * @saddr: IPv4: the preferred source address of the route
 * @ifindex: the device to bind to, 0 if none
 * @flow_label: IPv6: traffic class and flow label of sin6_flowinfo, 0 if unset
 * @af: IPv4 or IPv6
 */
struct peer {
	struct in6_addr addr;
	__be16 port;
	__be32 saddr;
	int ifindex;
	__be32 flow_label;
	const struct xtcp_af *af;
};

static int find_v4(struct sock *sk, __be32 daddr, struct peer *peer)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 fl4;
	struct rtable *rt;
	bool bcast;

	/* 0.0.0.0 is this host: the socket's own address, else loopback. */
	if (!daddr)
		daddr = inet->inet_saddr ?: htonl(INADDR_LOOPBACK);
	if (ipv4_is_multicast(daddr))
		return -ENETUNREACH;
	flowi4_init_output(&fl4, sk->sk_bound_dev_if, READ_ONCE(sk->sk_mark),
			   ip_sock_rt_tos(sk), ip_sock_rt_scope(sk),
			   IPPROTO_TCP, inet_sk_flowi_flags(sk), daddr,
			   inet->inet_saddr, peer->port, inet->inet_sport,
			   sk->sk_uid);
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	bcast = rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
	ip_rt_put(rt);
	if (bcast)
		return -ENETUNREACH;
	ipv6_addr_set_v4mapped(daddr, &peer->addr);
	peer->saddr = fl4.saddr;
	peer->af = &xtcp_ipv4;
	return 0;
}

/*
 * sin6_flowinfo is used only with IPV6_FLOWINFO_SEND. Once a socket of the
 * namespace has an exclusive flow label, a label is valid only if this socket
 * obtained it by IPV6_FLOWLABEL_MGR.
 */
static int find_flowinfo(struct sock *sk, const struct sockaddr_in6 *sin6,
			 struct peer *peer)
{
	struct ip6_flowlabel *label;
	__be32 flowinfo = 0;

	if (xtcp_sndflow(sk)) {
		flowinfo = sin6->sin6_flowinfo & IPV6_FLOWINFO_MASK;
		IP6_ECN_flow_init(flowinfo);
	}
	if (flowinfo & IPV6_FLOWLABEL_MASK) {
		label = fl6_sock_lookup(sk, flowinfo);
		if (IS_ERR(label))
			return -EINVAL;
		fl6_sock_release(label);
	}
	peer->flow_label = flowinfo;
	return 0;
}

static int find_v6(struct sock *sk, const struct sockaddr_in6 *sin6,
		   u32 scope_id, struct peer *peer)
{
	int type = ipv6_addr_type(&sin6->sin6_addr);

	if (type & IPV6_ADDR_MULTICAST)
		return -ENETUNREACH;
	peer->addr = sin6->sin6_addr;
	if (type == IPV6_ADDR_ANY)
		peer->addr = in6addr_loopback;
	if (type & IPV6_ADDR_LINKLOCAL) {
		if (scope_id) {
			if (!sk_dev_equal_l3scope(sk, scope_id))
				return -EINVAL;
			peer->ifindex = scope_id;
		}
		if (!peer->ifindex)
			return -EINVAL;
	}
	peer->af = &xtcp_ipv6;
	return 0;
}

/* Resolve the destination and fill in @peer. The socket is not changed. */
static int find_peer(struct sock *sk, struct sockaddr_unsized *uaddr, int len,
		     struct peer *peer)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)uaddr;
	int err;

	peer->ifindex = sk->sk_bound_dev_if;
	peer->flow_label = 0;
	if (sk->sk_family == AF_INET) {
		if (len < (int)sizeof(*sin))
			return -EINVAL;
		if (sin->sin_family != AF_INET && sin->sin_family != xtcp_family)
			return -EAFNOSUPPORT;
		peer->port = sin->sin_port;
		return find_v4(sk, sin->sin_addr.s_addr, peer);
	}
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (sin6->sin6_family != AF_INET6 && sin6->sin6_family != xtcp_family)
		return -EAFNOSUPPORT;
	peer->port = sin6->sin6_port;
	err = find_flowinfo(sk, sin6, peer);
	if (err)
		return err;
	/* :: is this host, over IPv4 if bound to an IPv4-mapped address. */
	if (ipv6_addr_any(&sin6->sin6_addr) &&
	    ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
		return find_v4(sk, htonl(INADDR_LOOPBACK), peer);
	if (!ipv6_addr_v4mapped(&sin6->sin6_addr))
		return find_v6(sk, sin6, xtcp_scope_id(sin6, len), peer);
	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	return find_v4(sk, sin6->sin6_addr.s6_addr32[3], peer);
}

/*
 * Copy the addresses into the socket. An unset IPv6 source address is set when
 * the route is looked up.
 */
static void set_peer(struct sock *sk, const struct peer *peer)
{
	struct inet_sock *inet = inet_sk(sk);

	inet->inet_dport = peer->port;
	sk->sk_v6_daddr = peer->addr;
	sk->sk_bound_dev_if = peer->ifindex;
	xtcp_sk(sk)->af = peer->af;
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->flow_label = peer->flow_label;
	if (peer->af == &xtcp_ipv6) {
		inet->inet_saddr = LOOPBACK4_IPV6;
		inet->inet_rcv_saddr = LOOPBACK4_IPV6;
		return;
	}
	inet->inet_daddr = peer->addr.s6_addr32[3];
	if (inet->inet_saddr)
		return;
	inet->inet_saddr = peer->saddr;
	inet->inet_rcv_saddr = peer->saddr;
	ipv6_addr_set_v4mapped(peer->saddr, &sk->sk_v6_rcv_saddr);
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->saddr = sk->sk_v6_rcv_saddr;
}

/* Set the MSS, window scale, ECN and options that our SYN offers. */
static void offer(struct sock *sk, const struct dst_entry *dst)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	xtcp_cc_select(sk, dst);
	tcb->peer_mss = xs->af->mss_default;
	tcb->adv_mss = xtcp_mss_advertise(xs->af, dst, xs->user_mss);
	xtcp_route_attributes(sk, dst);
	tcb->ts_ok = xtcp_sk_sysctl(sk, timestamps);
	tcb->sack_ok = xtcp_sk_sysctl(sk, sack);
	tcb->wscale_ok = xtcp_sk_sysctl(sk, window_scaling);
	if (tcb->wscale_ok)
		tcb->rcv_wscale = xtcp_wscale_for(xtcp_window_max(sk));
	tcb->ecn.want = xtcp_ecn_policy(xtcp_sk_sysctl(sk, ecn), true);
	if (tcb->ecn.want == XTCP_ECN_OFF &&
	    dst_feature(dst, RTAX_FEATURE_ECN))
		tcb->ecn.want = XTCP_ECN_CLASSIC;
	tcb->ecn.all_ect = xtcp_sk_sysctl(sk, ecn_generalized);
}

static void choose_numbers(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	struct xtcp_tuple t;

	xtcp_tuple_of(sk, &t);
	/*
	 * write_seq is set if the socket replaces a TIME-WAIT entry
	 * (xtcp_tw_may_reuse()): the ISN continues its sequence numbers
	 * (RFC 9293 3.4.1).
	 */
	tcb->iss = tcb->write_seq ?: xtcp_isn(sock_net(sk), &t, xs->now);
	tcb->ts_offset = xtcp_ts_offset(sock_net(sk), &t);
	tcb->ts_syn = xtcp_ts_clock(xs->now, tcb->ts_offset);
	xtcp_tcb_start_send(tcb, tcb->iss);
	/* The SYN is queued, but not sent yet. */
	tcb->write_seq++;
	xtcp_set_inet_id(sk, get_random_u16());
	sk_set_txhash(sk);
}

/*
 * Fast Open holds the SYN until there is data for it: sendmsg(MSG_FASTOPEN) has
 * the data already, with TCP_FASTOPEN_CONNECT the first write brings it.
 */
static void fast_open(struct sock *sk, bool sending)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!sending && !(xs->fo.on_connect && (xtcp_sk_sysctl(sk, fastopen) &
						XTCP_FO_CLIENT)))
		return;
	xs->fo.syn_data_ok = xtcp_fastopen_prepare(sk);
	xs->fo.syn_held = sending || xs->fo.syn_data_ok;
}

/* Fields of the socket before connect(): give_back() restores them. */
struct before {
	struct in6_addr v6_rcv_saddr;
	struct in6_addr v6_daddr;
	struct in6_addr np_saddr;
	__be32 saddr;
	__be32 rcv_addr4;
	__be32 daddr;
	__be32 flow_label;
	__be16 sport;
	__be16 dport;
	int ifindex;
	bool bound;
	struct xtcp_ato ato;
	const struct xtcp_af *af;
};

static void remember(struct sock *sk, struct before *was)
{
	const struct inet_sock *inet = inet_sk(sk);
	const struct xtcp_sock *xs = xtcp_sk(sk);

	was->v6_rcv_saddr = sk->sk_v6_rcv_saddr;
	was->v6_daddr = sk->sk_v6_daddr;
	was->saddr = inet->inet_saddr;
	was->rcv_addr4 = inet->inet_rcv_saddr;
	was->daddr = inet->inet_daddr;
	was->sport = inet->inet_sport;
	was->dport = inet->inet_dport;
	was->ifindex = sk->sk_bound_dev_if;
	if (sk->sk_family == AF_INET6) {
		was->np_saddr = inet6_sk(sk)->saddr;
		was->flow_label = inet6_sk(sk)->flow_label;
	}
	was->bound = xs->port;
	was->ato = xs->ato;
	was->af = xs->af;
}

static void give_back(struct sock *sk, const struct before *was)
{
	struct inet_sock *inet = inet_sk(sk);
	struct xtcp_sock *xs = xtcp_sk(sk);

	xtcp_table_remove(sk);
	if (!was->bound)
		xtcp_port_put(sk);
	xtcp_connection_begin(sk);
	sk->sk_v6_rcv_saddr = was->v6_rcv_saddr;
	sk->sk_v6_daddr = was->v6_daddr;
	inet->inet_saddr = was->saddr;
	inet->inet_rcv_saddr = was->rcv_addr4;
	inet->inet_daddr = was->daddr;
	inet->inet_sport = was->sport;
	inet->inet_dport = was->dport;
	sk->sk_bound_dev_if = was->ifindex;
	if (sk->sk_family == AF_INET6) {
		inet6_sk(sk)->saddr = was->np_saddr;
		inet6_sk(sk)->flow_label = was->flow_label;
	}
	xs->ato = was->ato;
	xs->af = was->af;
	sk_dst_reset(sk);
}

/*
 * All steps of connect() that can fail. On success the socket is in the table
 * and its SYN in the write queue.
 */
static int prepare_syn(struct sock *sk, const struct peer *peer, bool sending)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	int err;

	xs->now = ktime_get_ns();
	set_peer(sk, peer);
	rcu_read_lock();
	err = xs->af->route(sk);
	if (!err)
		offer(sk, __sk_dst_get(sk));
	rcu_read_unlock();
	if (err)
		return err;
	err = enter_table(sk);
	if (err)
		return err;
	fast_open(sk, sending);
	/* The flow has a source port now: the route must be looked up again. */
	sk_dst_reset(sk);
	choose_numbers(sk);
	return xtcp_syn_prepare(sk);
}

/**
 * xtcp_connect() - active open (proto.connect)
 * @sk: the socket, lock held, in CLOSED or LISTEN
 * @uaddr: the peer
 * @len: length of @uaddr, bytes
 * @sending: MSG_FASTOPEN: the SYN is held until xtcp_syn_release()
 *
 * A listener turns active; its queues are emptied. A call that fails leaves the
 * socket as it was, and a listener in LISTEN.
 *
 * Source: RFC 9293 3.10.1.
 * Context: process; sleeps.
 * Return: 0: the SYN was sent, or is held for Fast Open; -EINVAL,
 * -EAFNOSUPPORT: invalid address; -ENETUNREACH or another errno of the route
 * lookup; -EADDRNOTAVAIL: no free port for this peer; -ENOMEM; -ENOBUFS;
 * -EINTR: the task is being killed.
 */
int xtcp_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len,
		 bool sending)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool listening = sk->sk_state == TCP_LISTEN;
	struct before was;
	struct peer peer;
	int err;

	sock_owned_by_me(sk);
	if (!uaddr || len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	err = find_peer(sk, uaddr, len, &peer);
	if (err)
		return err;
	if (listening) {
		/*
		 * No other socket may start to listen on the port until it is
		 * decided whether this one remains a listener.
		 */
		mutex_lock(&xs->xn->listen_lock);
		xtcp_listen_pause(sk);
	}
	remember(sk, &was);
	xtcp_connection_begin(sk);
	/*
	 * Keep TCP_QUICKACK as it was set before: 0 lets the ACK of the SYN-ACK
	 * wait for data (xtcp_ack_with_data()).
	 */
	xs->ato.pingpong = was.ato.pingpong;
	err = prepare_syn(sk, &peer, sending);
	if (err)
		give_back(sk, &was);
	if (listening && err)
		xtcp_listen_resume(sk);
	else if (listening)
		xtcp_listen_end(sk);
	if (listening)
		mutex_unlock(&xs->xn->listen_lock);
	if (err)
		return err;
	WRITE_ONCE(sk->sk_err, 0);
	sock_reset_flag(sk, SOCK_DONE);
	xs->now = ktime_get_ns();
	/* The SYN is sent now: no valid TSecr is older (RFC 7323 3.2). */
	xs->tcb.ts_syn = xtcp_ts_clock(xs->now, xs->tcb.ts_offset);
	xtcp_sk_count(sk, ActiveOpens);
	xtcp_state_event(sk, XTCP_EV_ACTIVE_OPEN);
	/* Wake accept() and poll(): the socket does not listen any more. */
	if (listening)
		sk->sk_state_change(sk);
	return 0;
}
