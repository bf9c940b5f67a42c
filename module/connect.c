// SPDX-License-Identifier: GPL-2.0
/*
 * The local port of an active open.
 *
 * A connection of XTCP takes nothing but its own 4-tuple: any port may serve
 * connections of both stacks to different peers. The kernel's TCP does not know
 * of the tuples of XTCP, so XTCP chooses the ports that the kernel chooses last:
 * its connect() takes those at an even distance from the low end of
 * net.ipv4.ip_local_port_range, and the others only when these are used up. Its
 * bind() to port 0 takes the others first; but a port that any socket of the
 * kernel's TCP uses is left out here, as long as there are enough.
 */
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <net/ip.h>

#include "connect.h"
#include "hash.h"
#include "kerneltcp.h"
#include "listen.h"
#include "port.h"
#include "request.h"
#include "timewait.h"

/* What a pass over the ports leaves out. */
enum pass {
	PASS_ODD,	/* ports used by the kernel, and those of its connect() */
	PASS_EVEN,	/* ports used by the kernel */
	PASS_ALL,	/* tuples of the kernel, and ports where it listens */
};

static bool kernel_has_tuple(const struct sock *sk, u16 port)
{
	struct xtcp_tuple t = {
		.laddr = sk->sk_v6_rcv_saddr,
		.raddr = sk->sk_v6_daddr,
		.lport = htons(port),
		.rport = sk->sk_dport,
		.dif = sk->sk_bound_dev_if,
	};

	return xtcp_kernel_owns(sock_net(sk), &t);
}

static bool kernel_minds(const struct sock *sk, u16 port, enum pass pass)
{
	bool minds;

	if (!xtcp_kernel_binds(sock_net(sk), port))
		return false;
	if (pass != PASS_ALL)
		return true;
	rcu_read_lock();
	minds = kernel_has_tuple(sk, port) || xtcp_kernel_listens(sk, port);
	rcu_read_unlock();
	return minds;
}

/* From a random port on (RFC 6056 3.3.1), every @step of them. */
static int try_ports(struct sock *sk, u32 low, u32 range, u32 step,
		     enum pass pass, struct xtcp_successor *next)
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

static int connect_any(struct sock *sk, struct xtcp_successor *next)
{
	u32 low, range, odd;
	int kernel_low, kernel_high;
	int err;

	xtcp_port_range(sk, &low, &range);
	inet_get_local_port_range(sock_net(sk), &kernel_low, &kernel_high);
	/* How far the first port at an odd distance is. */
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
 * A listener that turns active towards a peer that has just connected to it: the
 * request or child has the tuple, and would end with the listener (RFC 9293
 * 3.10.1).
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

/**
 * xtcp_port_connect() - enter the connection table, with a port of our choice
 * @sk: both addresses and the peer's port are set; hashed on success
 *
 * A socket that is bound keeps its port.
 *
 * Context: process, socket lock held.
 * Return: 0; -EADDRNOTAVAIL if no port is free for this peer; -ENOMEM;
 * -EINTR for a task that is killed.
 */
int xtcp_port_connect(struct sock *sk)
{
	struct xtcp_successor next = { .may = xtcp_tw_give_way };
	int err;

	if (sk->sk_state == TCP_LISTEN)
		end_own_connection(sk);
	if (xtcp_sk(sk)->port) {
		rcu_read_lock();
		err = kernel_has_tuple(sk, inet_sk(sk)->inet_num) ?
		      -EADDRNOTAVAIL : xtcp_table_insert(sk, &next);
		rcu_read_unlock();
	} else {
		err = connect_any(sk, &next);
	}
	if (next.old) {
		xtcp_tw_kill(next.old);
		xtcp_tw_put(next.old);
	}
	return err;
}
