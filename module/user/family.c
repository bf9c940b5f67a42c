// SPDX-License-Identifier: GPL-2.0
/*
 * The address family: socket(AF_XTCP, SOCK_STREAM, ...), its proto and
 * proto_ops tables, bind() and connect().
 */
#include <linux/bpf-cgroup.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/net.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/transp_v6.h>

#include "base/memcg.h"
#include "conn/conn.h"
#include "ip/ip.h"
#include "open/open.h"
#include "option.h"
#include "socket.h"
#include "stream.h"
#include "table/table.h"
#include "user.h"

/*
 * Memory accounting over all XTCP sockets, in the fields of struct proto that
 * the kernel's TCP also uses.
 */
static atomic_long_t memory_allocated;
static DEFINE_PER_CPU(int, memory_per_cpu);
struct percpu_counter xtcp_sockets;
static unsigned long memory_pressure;
long xtcp_sysctl_mem[3];
static int sysctl_wmem[3] = { 4096, 16 * 1024, 4 * 1024 * 1024 };
static int sysctl_rmem[3] = { 4096, 131072, 6 * 1024 * 1024 };

static void enter_memory_pressure(struct sock *sk)
{
	if (READ_ONCE(memory_pressure))
		return;
	WRITE_ONCE(memory_pressure, 1);
	xtcp_count(sock_net(sk), MemoryPressures);
}

static void leave_memory_pressure(struct sock *sk)
{
	WRITE_ONCE(memory_pressure, 0);
}

/*
 * proto.get_port: called by bpf_bind() with a port, in a cgroup's program at
 * connect(). The program may not sleep, but taking a hold on a port sleeps, so
 * the port is refused. The caller returns -EADDRINUSE for any error.
 */
static int refuse_port(struct sock *sk, unsigned short port)
{
	return -EADDRINUSE;
}

/* .close leaves multicast memberships alone: inet_release() has ended them. */
#define XTCP_PROTO							\
	.owner = THIS_MODULE,						\
	.close = xtcp_close,						\
	.disconnect = xtcp_disconnect,					\
	.init = xtcp_sock_init,						\
	.shutdown = xtcp_shutdown,					\
	.setsockopt = xtcp_setsockopt,					\
	.getsockopt = xtcp_getsockopt,					\
	.keepalive = xtcp_set_keepalive,				\
	.get_port = refuse_port,					\
	.rehash = xtcp_listen_rehash,					\
	.sendmsg = xtcp_sendmsg,					\
	.backlog_rcv = xtcp_backlog_rcv,				\
	.release_cb = xtcp_release_cb,					\
	.stream_memory_free = xtcp_stream_memory_free,			\
	.enter_memory_pressure = enter_memory_pressure,			\
	.leave_memory_pressure = leave_memory_pressure,			\
	.sockets_allocated = &xtcp_sockets,				\
	.memory_allocated = &memory_allocated,				\
	.per_cpu_fw_alloc = &memory_per_cpu,				\
	.memory_pressure = &memory_pressure,				\
	.sysctl_mem = xtcp_sysctl_mem,					\
	.sysctl_wmem = sysctl_wmem,					\
	.sysctl_rmem = sysctl_rmem,					\
	.max_header = MAX_HEADER + XTCP_HDR_MAX,			\
	.slab_flags = SLAB_TYPESAFE_BY_RCU

struct proto xtcp_prot = {
	.name = "XTCP",
	.obj_size = sizeof(struct xtcp_sock),
	XTCP_PROTO,
};

struct proto xtcp6_prot = {
	.name = "XTCPv6",
	.obj_size = sizeof(struct xtcp6_sock),
	XTCP_IPV6_PINFO_OFFSET(struct xtcp6_sock, inet6)
	XTCP_PROTO,
};

/* bind() */

static int check_port_right(struct sock *sk, u16 port)
{
	struct net *net = sock_net(sk);

	if (port && inet_port_requires_bind_service(net, port) &&
	    !ns_capable(net->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	return 0;
}

static int check_v4(struct sock *sk, __be32 addr)
{
	struct net *net = sock_net(sk);
	u32 table = l3mdev_fib_table_by_index(net, sk->sk_bound_dev_if) ?:
		    RT_TABLE_LOCAL;
	int type = inet_addr_type_table(net, addr, table);

	if (READ_ONCE(net->ipv4.sysctl_ip_nonlocal_bind) || xtcp_freebind(sk))
		return 0;
	if (addr == htonl(INADDR_ANY) || type == RTN_LOCAL ||
	    type == RTN_MULTICAST || type == RTN_BROADCAST)
		return 0;
	return -EADDRNOTAVAIL;
}

/*
 * @ifindex: in: the device that the socket is bound to, 0 if none. Out:
 *	@scope_id if @sin6 is a link-local address and @scope_id is not 0, else
 *	unchanged.
 * Return: 0, -EINVAL, -ENODEV or -EADDRNOTAVAIL.
 */
static int check_v6(struct sock *sk, const struct sockaddr_in6 *sin6,
		    u32 scope_id, int *ifindex)
{
	const struct in6_addr *addr = &sin6->sin6_addr;
	int type = ipv6_addr_type(addr);
	struct net *net = sock_net(sk);
	struct net_device *dev = NULL;
	int err = 0;

	if (type == IPV6_ADDR_ANY)
		return 0;
	if (type & IPV6_ADDR_MULTICAST)
		return -EINVAL;
	rcu_read_lock();
	if (type & IPV6_ADDR_LINKLOCAL) {
		if (scope_id)
			*ifindex = scope_id;
		err = *ifindex ? 0 : -EINVAL;
	}
	if (!err && *ifindex) {
		dev = dev_get_by_index_rcu(net, *ifindex);
		err = dev ? 0 : -ENODEV;
	}
	if (!err && !READ_ONCE(net->ipv6.sysctl.ip_nonlocal_bind) &&
	    !xtcp_freebind(sk) && !ipv6_chk_addr(net, addr, dev, 0))
		err = -EADDRNOTAVAIL;
	rcu_read_unlock();
	return err;
}

static bool may_bind(const struct sock *sk)
{
	return sk->sk_state == TCP_CLOSE && !xtcp_sk(sk)->port;
}

/*
 * Read and check the address @uaddr of @len bytes. Return: 0 with the local
 * address in @addr (IPv4 as ::ffff:a.b.c.d), the port in @port and the device
 * in @ifindex; or errno.
 */
static int bind_address(struct sock *sk, struct sockaddr_unsized *uaddr,
			int len, struct in6_addr *addr, u16 *port, int *ifindex)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)uaddr;

	*ifindex = sk->sk_bound_dev_if;
	if (sk->sk_family == AF_INET) {
		if (len < (int)sizeof(*sin))
			return -EINVAL;
		if (sin->sin_family != AF_INET &&
		    sin->sin_family != xtcp_family &&
		    /* AF_INET accepts AF_UNSPEC too, for old programs. */
		    (sin->sin_family != AF_UNSPEC ||
		     sin->sin_addr.s_addr != htonl(INADDR_ANY)))
			return -EAFNOSUPPORT;
		*port = ntohs(sin->sin_port);
		ipv6_addr_set_v4mapped(sin->sin_addr.s_addr, addr);
		return check_v4(sk, sin->sin_addr.s_addr);
	}
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (sin6->sin6_family != AF_INET6 && sin6->sin6_family != xtcp_family)
		return -EAFNOSUPPORT;
	*port = ntohs(sin6->sin6_port);
	*addr = sin6->sin6_addr;
	if (!may_bind(sk))
		return -EINVAL;
	if (!ipv6_addr_v4mapped(addr))
		return check_v6(sk, sin6, xtcp_scope_id(sin6, len), ifindex);
	if (ipv6_only_sock(sk))
		return -EINVAL;
	return check_v4(sk, addr->s6_addr32[3]);
}

static void set_local(struct sock *sk, const struct in6_addr *addr)
{
	struct inet_sock *inet = inet_sk(sk);

	sk->sk_v6_rcv_saddr = *addr;
	if (ipv6_addr_v4mapped(addr))
		inet->inet_saddr = addr->s6_addr32[3];
	else
		inet->inet_saddr = ipv6_addr_any(addr) ? 0 : LOOPBACK4_IPV6;
	inet->inet_rcv_saddr = inet->inet_saddr;
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->saddr = *addr;
}

/* BPF programs of the cgroup may refuse the address or replace it. */
static int bpf_before_bind(struct sock *sk, struct sockaddr_unsized *uaddr,
			   int *len, u32 *flags)
{
	if (sk->sk_family == AF_INET)
		return *len < (int)sizeof(struct sockaddr_in) ? -EINVAL :
		       xtcp_bpf_bind(sk, uaddr, len, CGROUP_INET4_BIND, flags);
	return *len < SIN6_LEN_RFC2133 ? -EINVAL :
	       xtcp_bpf_bind(sk, uaddr, len, CGROUP_INET6_BIND, flags);
}

static int bpf_after_bind(struct sock *sk)
{
	int err = sk->sk_family == AF_INET ?
		  BPF_CGROUP_RUN_PROG_INET4_POST_BIND(sk) :
		  BPF_CGROUP_RUN_PROG_INET6_POST_BIND(sk);

	if (err) {
		xtcp_port_put(sk);
		inet_sk(sk)->inet_sport = 0;
	}
	return err;
}

static int bind_locked(struct sock *sk, const struct in6_addr *addr, u16 port,
		       int ifindex)
{
	struct in6_addr old = sk->sk_v6_rcv_saddr;
	int old_ifindex = sk->sk_bound_dev_if;
	bool v6only = sk->sk_ipv6only;
	int err = 0;

	if (!may_bind(sk))
		return -EINVAL;
	set_local(sk, addr);
	WRITE_ONCE(sk->sk_bound_dev_if, ifindex);
	if (!ipv6_addr_any(addr) && !ipv6_addr_v4mapped(addr))
		sk->sk_ipv6only = 1;
	if (port || !xtcp_bind_address_no_port(sk))
		err = xtcp_port_bind(sk, port);
	if (!err)
		err = bpf_after_bind(sk);
	if (err) {
		sk->sk_ipv6only = v6only;
		WRITE_ONCE(sk->sk_bound_dev_if, old_ifindex);
		set_local(sk, &old);
		return err;
	}
	/*
	 * On an IPv6 socket, ::ffff:0.0.0.0 counts as a bound address: it
	 * limits the socket to IPv4.
	 */
	if (sk->sk_family == AF_INET6 ? !ipv6_addr_any(addr) :
	    !!inet_sk(sk)->inet_saddr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	inet_sk(sk)->inet_daddr = 0;
	inet_sk(sk)->inet_dport = 0;
	sk_dst_reset(sk);
	return 0;
}

static int xtcp_bind(struct socket *sock, struct sockaddr_unsized *uaddr,
		     int len)
{
	struct sock *sk = sock->sk;
	struct in6_addr addr;
	u32 flags = 0;
	int ifindex;
	u16 port;
	int err;

	err = bpf_before_bind(sk, uaddr, &len, &flags);
	if (err)
		return err;
	lock_sock(sk);
	err = bind_address(sk, uaddr, len, &addr, &port, &ifindex);
	if (!err && !(flags & BIND_NO_CAP_NET_BIND_SERVICE))
		err = check_port_right(sk, port);
	if (!err)
		err = bind_locked(sk, &addr, port, ifindex);
	release_sock(sk);
	xtcp_hold_reap(sk);
	return err;
}

/* connect() */

/*
 * Wait until the handshake ends, a signal arrives or @timeo (jiffies) expires. With
 * @writing, data follows at once.
 * Return: false if @timeo expired.
 */
static bool wait_for_connect(struct sock *sk, long timeo, bool writing)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	sk->sk_write_pending += writing;
	while (xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
		if (signal_pending(current) || !timeo)
			break;
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	sk->sk_write_pending -= writing;
	return timeo;
}

/*
 * bpf_bind() on an IPv4 socket sets inet_rcv_saddr only: copy it to
 * sk_v6_rcv_saddr, which is the address that XTCP uses.
 */
static int bpf_before_connect4(struct sock *sk, struct sockaddr_unsized *uaddr,
			       int *len)
{
	int err = xtcp_bpf_connect4(sk, uaddr, len);

	ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr,
			       &sk->sk_v6_rcv_saddr);
	return err;
}

static int bpf_before_connect(struct sock *sk, struct sockaddr_unsized *uaddr,
			      int *len)
{
	if (!uaddr)
		return -EINVAL;
	if (sk->sk_family == AF_INET)
		return *len < (int)sizeof(struct sockaddr_in) ? -EINVAL :
		       bpf_before_connect4(sk, uaddr, len);
	return *len < SIN6_LEN_RFC2133 ? -EINVAL :
	       xtcp_bpf_connect6(sk, uaddr, len);
}

/*
 * @sending: called for MSG_FASTOPEN: hold the SYN until its data is queued.
 * Return: -EINPROGRESS if the open has begun, or another errno.
 */
static int start_connect(struct socket *sock, struct sockaddr_unsized *uaddr,
			 int len, bool sending)
{
	struct sock *sk = sock->sk;
	int err;

	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		return -EALREADY;
	case SS_UNCONNECTED:
		break;
	default:
		return -EINVAL;
	}
	/* OPEN in LISTEN turns the listener active (RFC 9293 3.10.1). */
	if (!xtcp_state_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		return -EISCONN;
	err = bpf_before_connect(sk, uaddr, &len);
	if (err)
		return err;
	err = xtcp_connect(sk, uaddr, len, sending);
	if (err)
		return err;
	sock->state = SS_CONNECTING;
	return -EINPROGRESS;
}

static int finish_connect(struct socket *sock)
{
	struct sock *sk = sock->sk;
	int err;

	if (sk->sk_state != TCP_CLOSE) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	err = sock_error(sk) ?: -ECONNABORTED;
	sock->state = SS_UNCONNECTED;
	sk->sk_disconnects++;
	if (xtcp_disconnect(sk, 0))
		sock->state = SS_DISCONNECTING;
	return err;
}

/*
 * Wait for the end of the handshake.
 *
 * Return: 0 if the connection is established. Parameter @err if it is not,
 * because the call does not block or SO_SNDTIMEO expired. -EINTR or
 * -ERESTARTSYS after a signal. -EPIPE if another task disconnected the socket
 * meanwhile. Otherwise the error that ended the attempt.
 */
static int await_connect(struct socket *sock, int flags, bool writing, int err)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int disconnects = sk->sk_disconnects;
	bool in_time;

	if (xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		if (!timeo)
			return err;
		in_time = wait_for_connect(sk, timeo, writing);
		/*
		 * Another task disconnected the socket, and may have started
		 * another connection.
		 */
		if (disconnects != sk->sk_disconnects)
			return -EPIPE;
		if (xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV))
			return in_time ? sock_intr_errno(timeo) : err;
	}
	return finish_connect(sock);
}

static int connect_locked(struct socket *sock, struct sockaddr_unsized *uaddr,
			  int len, int flags)
{
	struct sock *sk = sock->sk;
	int err;

	if (len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family == AF_UNSPEC) {
		sk->sk_disconnects++;
		err = xtcp_disconnect(sk, flags);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
		return err;
	}
	err = start_connect(sock, uaddr, len, false);
	if (err != -EINPROGRESS && err != -EALREADY)
		return err;
	/*
	 * TCP_FASTOPEN_CONNECT: the SYN waits for data, but connect() reports
	 * success now, and EISCONN if called again.
	 */
	if (xtcp_sk(sk)->fo.syn_held)
		return err == -EALREADY ? -EISCONN : 0;
	return await_connect(sock, flags, false, err);
}

static int xtcp_sock_connect(struct socket *sock,
			     struct sockaddr_unsized *uaddr, int len, int flags)
{
	int err;

	lock_sock(sock->sk);
	err = connect_locked(sock, uaddr, len, flags);
	release_sock(sock->sk);
	xtcp_hold_reap(sock->sk);
	return err;
}

/* The other calls */

static int xtcp_sock_accept(struct socket *sock, struct socket *newsock,
			    struct proto_accept_arg *arg)
{
	struct sock *child = xtcp_accept(sock->sk, arg);

	if (!child)
		return arg->err;
	lock_sock(child);
	sock_rps_record_flow(child);
	xtcp_memcg_accept(sock->sk, child);
	sock_graft(child, newsock);
	xtcp_set_custom_sockopt(newsock);
	newsock->state = SS_CONNECTED;
	release_sock(child);
	return 0;
}

XTCP_ACCEPT_OP(xtcp_sock_accept)

static int xtcp_sock_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state == SS_UNCONNECTED && sock->type == SOCK_STREAM &&
	    xtcp_state_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		err = xtcp_listen_start(sk, backlog);
	release_sock(sk);
	xtcp_hold_reap(sk);
	return err;
}

static int xtcp_sock_shutdown(struct socket *sock, int how)
{
	int err = inet_shutdown(sock, how);

	xtcp_hold_reap(sock->sk);
	return err;
}

/*
 * RFC 7413 4.2.2, client: connect() and the first write in one call
 * (MSG_FASTOPEN), or the first write after connect() with TCP_FASTOPEN_CONNECT.
 * Sets *@copied to the number of bytes that the SYN carries. Return: as
 * connect().
 */
static int open_with_data(struct socket *sock, struct msghdr *msg, int *copied)
{
	int flags = msg->msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0;
	struct sockaddr_unsized *uaddr = msg->msg_name;
	struct sock *sk = sock->sk;
	int err;

	if (!(xtcp_sysctl(sock_net(sk), fastopen) & XTCP_FO_CLIENT) ||
	    (uaddr && msg->msg_namelen >= (int)sizeof(uaddr->sa_family) &&
	     uaddr->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (sock->state == SS_UNCONNECTED || xtcp_sk(sk)->fo.syn_held) {
		err = xtcp_control_messages(sk, msg);
		if (err)
			return err;
	}
	if (!xtcp_sk(sk)->fo.syn_held) {
		err = start_connect(sock, uaddr, msg->msg_namelen, true);
		if (err == -EALREADY)
			return await_connect(sock, flags, true, err);
		if (err != -EINPROGRESS)
			return err;
	}
	*copied = xtcp_syn_release(sk, msg);
	return await_connect(sock, flags, true, -EINPROGRESS);
}

static int send_opening(struct socket *sock, struct msghdr *msg)
{
	struct sock *sk = sock->sk;
	int on_syn = 0;
	int ret;

	ret = open_with_data(sock, msg, &on_syn);
	/*
	 * The data on the SYN is sent: report it as written even if the wait
	 * ended early (no blocking, timeout or signal).
	 */
	if (ret && on_syn && xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV))
		return on_syn;
	if (ret)
		return sk_stream_error(sk, msg->msg_flags, ret);
	if (on_syn && !msg_data_left(msg))
		return on_syn;
	ret = xtcp_send_locked(sk, msg);
	return ret < 0 && on_syn ? on_syn : ret + on_syn;
}

static int xtcp_sock_sendmsg(struct socket *sock, struct msghdr *msg,
			     size_t size)
{
	struct sock *sk = sock->sk;
	bool opening;
	int ret;

	lock_sock(sk);
	opening = (msg->msg_flags & MSG_FASTOPEN) || xtcp_sk(sk)->fo.syn_held;
	if (unlikely(opening))
		ret = send_opening(sock, msg);
	else
		ret = xtcp_send_locked(sk, msg);
	release_sock(sk);
	if (unlikely(opening))
		xtcp_hold_reap(sk);
	return ret;
}

static int xtcp_sock_recvmsg(struct socket *sock, struct msghdr *msg,
			     size_t size, int flags)
{
	return xtcp_recvmsg(sock->sk, msg, size, flags);
}

static int xtcp_sock_ioctl(struct socket *sock, unsigned int cmd,
			   unsigned long arg)
{
	int err = xtcp_ioctl(sock->sk, cmd, arg);

	if (err != -ENOIOCTLCMD)
		return err;
	return sock->sk->sk_family == AF_INET ? inet_ioctl(sock, cmd, arg) :
						inet6_ioctl(sock, cmd, arg);
}

#define XTCP_OPS							\
	.owner = THIS_MODULE,						\
	.bind = xtcp_bind,						\
	.connect = xtcp_sock_connect,					\
	.socketpair = sock_no_socketpair,				\
	.accept = XTCP_ACCEPT_OP_NAME(xtcp_sock_accept),		\
	.poll = xtcp_poll,						\
	.ioctl = xtcp_sock_ioctl,					\
	.gettstamp = sock_gettstamp,					\
	.listen = xtcp_sock_listen,					\
	.shutdown = xtcp_sock_shutdown,					\
	.setsockopt = xtcp_sock_setsockopt,				\
	.getsockopt = sock_common_getsockopt,				\
	.sendmsg = xtcp_sock_sendmsg,					\
	.recvmsg = xtcp_sock_recvmsg,					\
	.mmap = sock_no_mmap,						\
	.peek_len = xtcp_peek_len,					\
	.splice_read = xtcp_splice_read,				\
	.set_peek_off = sk_set_peek_off,				\
	.set_rcvlowat = xtcp_set_rcvlowat

static const struct proto_ops xtcp_ops = {
	.family = PF_INET,
	.release = inet_release,
	.getname = inet_getname,
	XTCP_OPS,
};

static const struct proto_ops xtcp6_ops = {
	.family = PF_INET6,
	.release = inet6_release,
	.getname = inet6_getname,
	XTCP_OPS,
};

/* socket() */

static void init_inet(struct sock *sk)
{
	struct net *net = sock_net(sk);
	struct inet_sock *inet = inet_sk(sk);

	inet->uc_ttl = -1;
	inet->mc_ttl = 1;
	inet->mc_index = 0;
	inet->mc_list = NULL;
	inet->rcv_tos = 0;
	xtcp_set_mc_defaults(sk);
	inet->pmtudisc = READ_ONCE(net->ipv4.sysctl_ip_no_pmtu_disc) ?
			 IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;
	xtcp_set_inet_id(sk, 0);
	sk->sk_txrehash = READ_ONCE(net->core.sysctl_txrehash);
}

static void init_inet6(struct sock *sk)
{
	struct ipv6_pinfo *np = &((struct xtcp6_sock *)sk)->inet6;
	struct net *net = sock_net(sk);

	inet_sk(sk)->pinet6 = np;
	np->hop_limit = -1;
	np->mcast_hops = IPV6_DEFAULT_MCASTHOPS;
	np->pmtudisc = IPV6_PMTUDISC_WANT;
	xtcp_set_mc_defaults6(sk);
	xtcp_set_repflow(sk, READ_ONCE(net->ipv6.sysctl.flowlabel_reflect) &
			 FLOWLABEL_REFLECT_ESTABLISHED);
	sk->sk_ipv6only = READ_ONCE(net->ipv6.sysctl.bindv6only);
}

static bool may_open(struct net *net)
{
	switch (xtcp_sysctl(net, allow)) {
	case XTCP_ALLOW_NONE:
		return false;
	case XTCP_ALLOW_ADMIN:
		return capable(CAP_NET_ADMIN);
	case XTCP_ALLOW_NO_SANDBOX:
		return !task_no_new_privs(current);
	default:
		return true;
	}
}

static int xtcp_create(struct net *net, struct socket *sock, int protocol,
		       int kern)
{
	bool v6 = protocol == IPPROTO_IPV6;
	struct sock *sk;
	int err;

	if (!kern && !may_open(net))
		return -EACCES;
	if (v6 && !xtcp_ipv6_enabled())
		return -EAFNOSUPPORT;
	if (sock->type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	if (protocol && protocol != IPPROTO_TCP && !v6)
		return -EPROTONOSUPPORT;

	sock->state = SS_UNCONNECTED;
	sock->ops = v6 ? &xtcp6_ops : &xtcp_ops;
	sk = sk_alloc(net, v6 ? PF_INET6 : PF_INET, GFP_KERNEL,
		      v6 ? &xtcp6_prot : &xtcp_prot, kern);
	if (!sk)
		return -ENOBUFS;
	sock_init_data(sock, sk);
	xtcp_set_custom_sockopt(sock);
	sk->sk_protocol = IPPROTO_XTCP;
	sk->sk_backlog_rcv = sk->sk_prot->backlog_rcv;
	init_inet(sk);
	if (v6)
		init_inet6(sk);
	xtcp_sock_init(sk);

	if (!kern) {
		err = BPF_CGROUP_RUN_PROG_INET_SOCK(sk);
		if (err) {
			xtcp_close(sk, 0);
			sock->sk = NULL;
			return err;
		}
	}
	return 0;
}

struct net_proto_family xtcp_family_ops = {
	.create = xtcp_create,
	.owner = THIS_MODULE,
};
