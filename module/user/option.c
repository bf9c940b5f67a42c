// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options. SOL_TCP is handled here. SOL_SOCKET, SOL_IP and SOL_IPV6 go
 * to the kernel's own code, after checks here: options of SOL_SOCKET that would
 * have no effect on an XTCP socket, IP_OPTIONS and multicast memberships are
 * refused, and IPV6_FL_F_REFLECT is handled here.
 */
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "conn/conn.h"
#include "core/cc.h"
#include "info.h"
#include "option.h"

/*
 * Limits of the options, as in the kernel's TCP. KEEPIDLE, KEEPINTVL and
 * LINGER2 are in seconds, KEEPCNT in probes, SYNCNT in retransmissions, MSS in
 * bytes.
 */
#define KEEPIDLE_MAX	32767
#define KEEPINTVL_MAX	32767
#define KEEPCNT_MAX	127
#define SYNCNT_MAX	127
#define LINGER2_MAX	120
#define MSS_USER_MIN	88
#define MSS_USER_MAX	32767

/*
 * TCP_DEFER_ACCEPT is in seconds, xs->defer_accept in retransmissions of the
 * SYN-ACK: the least number that takes @secs, at most 255.
 */
static u8 secs_to_retrans(int secs)
{
	int period = XTCP_RTO_INIT / USEC_PER_SEC;
	int timeout = period;
	u8 n = 0;

	if (secs <= 0)
		return 0;
	n = 1;
	while (secs > period && n < 255) {
		n++;
		timeout = min_t(int, timeout * 2, XTCP_RTO_MAX / USEC_PER_SEC);
		period += timeout;
	}
	return n;
}

static int retrans_to_secs(u8 n)
{
	int timeout = XTCP_RTO_INIT / USEC_PER_SEC;
	int period = 0;

	while (n--) {
		period += timeout;
		timeout = min_t(int, timeout * 2, XTCP_RTO_MAX / USEC_PER_SEC);
	}
	return period;
}

static void set_quickack(struct sock *sk, int val)
{
	if (xtcp_ack_user(sk, val)) {
		xtcp_sk(sk)->now = ktime_get_ns();
		xtcp_ack_send(sk);
	}
}

static void push_now(struct sock *sk)
{
	xtcp_sk(sk)->now = ktime_get_ns();
	xtcp_push(sk);
}

/*
 * TCP_NODELAY on a corked socket: send the queued data now; data that is queued
 * later waits for TCP_CORK again (tcp(7)).
 */
static void push_once(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u8 corked = tcb->corked;

	tcb->corked = 0;
	push_now(sk);
	tcb->corked = corked;
}

static int set_congestion(struct sock *sk, sockptr_t optval, unsigned int len)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	const struct xtcp_cc_ops *ops;
	char name[XTCP_CC_NAME_MAX];
	int n, err = 0;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval,
				 min_t(long, XTCP_CC_NAME_MAX - 1, len));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	ops = xtcp_cc_find(name);
	lock_sock(sk);
	if (xtcp_sk(sk)->cc_locked)
		err = -EPERM;
	else if (!ops)
		err = -ENOENT;
	else if (tcb->cc.ops != ops && !xtcp_cc_allowed(ops) &&
		 !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		err = -EPERM;
	if (!err) {
		if (tcb->cc.ops != ops)
			xtcp_cc_set(&tcb->cc, ops, tcb->snd_mss);
		xtcp_pace_begin(sk);
		xtcp_sk(sk)->cc_chosen = true;
	}
	release_sock(sk);
	return err;
}

static int set_keepidle(struct sock *sk, int val)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (val < 1 || val > KEEPIDLE_MAX)
		return -EINVAL;
	xs->keep_time = val;
	if (sock_flag(sk, SOCK_KEEPOPEN) &&
	    xtcp_state_in(sk, XTCPF_SYNCHRONIZED))
		xtcp_timer_set(sk, &xs->keep,
			       max_t(u64, xs->last_heard + (u64)val *
				     NSEC_PER_SEC, ktime_get_ns()));
	return 0;
}

static int set_window_clamp(struct sock *sk, int val)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (!val) {
		if (sk->sk_state != TCP_CLOSE)
			return -EINVAL;
		xs->window_clamp = XTCP_WINDOW_NO_CLAMP;
		return 0;
	}
	/* As a u32, a negative value exceeds any window: no bound. */
	xs->window_clamp = max_t(u32, val, SOCK_MIN_RCVBUF / 2);
	return 0;
}

/*
 * TCP_FASTOPEN: @val is the maximum number of Fast Open connections whose
 * handshake is not complete (RFC 7413 5.1, PendingFastOpenRequests).
 */
static int set_fastopen(struct sock *sk, int val)
{
	struct net *net = sock_net(sk);

	if (val < 0 || !xtcp_state_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	xtcp_fastopen_key_once(net);
	WRITE_ONCE(xtcp_sk(sk)->fo.max_pending,
		   min(val, READ_ONCE(net->core.sysctl_somaxconn)));
	return 0;
}

static int set_fastopen_connect(struct sock *sk, int val)
{
	if (val < 0 || val > 1)
		return -EINVAL;
	if (!(xtcp_sysctl(sock_net(sk), fastopen) & XTCP_FO_CLIENT))
		return -EOPNOTSUPP;
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	xtcp_sk(sk)->fo.on_connect = val;
	return 0;
}

static int set_fastopen_no_cookie(struct sock *sk, int val)
{
	if (val < 0 || val > 1 ||
	    !xtcp_state_in(sk, TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	WRITE_ONCE(xtcp_sk(sk)->fo.no_cookie, val);
	return 0;
}

/* TCP_FASTOPEN_KEY: @optval has one or two keys of 16 bytes. */
static int set_fastopen_key(struct sock *sk, sockptr_t optval, unsigned int len)
{
	u8 raw[XTCP_FO_KEYS_MAX * XTCP_FO_KEY_LEN];
	int err;

	if (len != XTCP_FO_KEY_LEN && len != sizeof(raw))
		return -EINVAL;
	if (copy_from_sockptr(raw, optval, len))
		return -EFAULT;
	lock_sock(sk);
	err = xtcp_fastopen_set_keys(&xtcp_sk(sk)->fo.keys, raw,
				     len / XTCP_FO_KEY_LEN);
	release_sock(sk);
	memzero_explicit(raw, sizeof(raw));
	return err;
}

static int set_locked(struct sock *sk, int name, int val)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	switch (name) {
	case TCP_NODELAY:
		xs->tcb.nagle_off = !!val;
		if (val)
			push_once(sk);
		return 0;
	case TCP_CORK:
		xs->tcb.corked = !!val;
		if (!val)
			push_now(sk);
		return 0;
	case TCP_MAXSEG:
		if (val && (val < MSS_USER_MIN || val > MSS_USER_MAX))
			return -EINVAL;
		xs->user_mss = val;
		return 0;
	case TCP_KEEPIDLE:
		return set_keepidle(sk, val);
	case TCP_KEEPINTVL:
		if (val < 1 || val > KEEPINTVL_MAX)
			return -EINVAL;
		xs->keep_intvl = val;
		return 0;
	case TCP_KEEPCNT:
		if (val < 1 || val > KEEPCNT_MAX)
			return -EINVAL;
		xs->keep_probes = val;
		return 0;
	case TCP_SYNCNT:
		if (val < 1 || val > SYNCNT_MAX)
			return -EINVAL;
		xs->syn_retries = val;
		return 0;
	case TCP_LINGER2:
		xs->linger2 = val < 0 ? -1 : min(val, LINGER2_MAX);
		return 0;
	case TCP_DEFER_ACCEPT:
		xs->defer_accept = secs_to_retrans(val);
		return 0;
	case TCP_WINDOW_CLAMP:
		return set_window_clamp(sk, val);
	case TCP_QUICKACK:
		set_quickack(sk, val);
		return 0;
	case TCP_USER_TIMEOUT:
		if (val < 0)
			return -EINVAL;
		xs->user_timeout = val;
		return 0;
	case TCP_RTO_MAX_MS:
		if (val < MSEC_PER_SEC || val > XTCP_RTO_MAX / USEC_PER_MSEC)
			return -EINVAL;
		WRITE_ONCE(xs->rto_max, val * USEC_PER_MSEC);
		xs->tcb.rtt.rto_max = xs->rto_max;
		return 0;
	case TCP_INQ:
		if (val < 0 || val > 1)
			return -EINVAL;
		xs->recv_inq = val;
		return 0;
	case TCP_NOTSENT_LOWAT:
		WRITE_ONCE(xs->notsent_lowat, val);
		sk->sk_write_space(sk);
		return 0;
	case TCP_FASTOPEN:
		return set_fastopen(sk, val);
	case TCP_FASTOPEN_CONNECT:
		return set_fastopen_connect(sk, val);
	case TCP_FASTOPEN_NO_COOKIE:
		return set_fastopen_no_cookie(sk, val);
	default:
		return -ENOPROTOOPT;
	}
}

/*
 * IPV6_FL_F_REFLECT: accepted sockets send with the peer's flow label. It is
 * implemented here because ipv6_flowlabel_opt() supports it for IPPROTO_TCP
 * only.
 *
 * Return: 0; -EPERM if flowlabel_consistency forbids it; -ESRCH if it is not
 * set and shall be removed; -EINVAL for other actions.
 */
static int set_reflect(struct sock *sk, const struct in6_flowlabel_req *req)
{
	int err = 0;

	lock_sock(sk);
	if (req->flr_action == IPV6_FL_A_GET) {
		if (READ_ONCE(sock_net(sk)->ipv6.sysctl.flowlabel_consistency))
			err = -EPERM;
		else
			xtcp_set_repflow(sk, 1);
	} else if (req->flr_action != IPV6_FL_A_PUT) {
		err = -EINVAL;
	} else if (xtcp_repflow(sk)) {
		inet6_sk(sk)->flow_label = 0;
		xtcp_set_repflow(sk, 0);
	} else {
		err = -ESRCH;
	}
	release_sock(sk);
	return err;
}

static int set_flowlabel(struct sock *sk, sockptr_t val, unsigned int len)
{
	struct in6_flowlabel_req req;

	/* ipv6_setsockopt() returns the errno for a short request. */
	if (len >= sizeof(req)) {
		if (copy_from_sockptr(&req, val, sizeof(req)))
			return -EFAULT;
		/* ipv6_flowlabel_opt() ignores the flags of RENEW. */
		if ((req.flr_flags & IPV6_FL_F_REFLECT) &&
		    req.flr_action != IPV6_FL_A_RENEW)
			return set_reflect(sk, &req);
	}
	return ipv6_setsockopt(sk, SOL_IPV6, IPV6_FLOWLABEL_MGR, val, len);
}

/* A stream socket cannot be a member of a multicast group. */
static bool joins_group(const struct sock *sk, int level, int name,
			unsigned int len)
{
	if (level == SOL_IP)
		return name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP;
	return level == SOL_IPV6 && sk->sk_family == AF_INET6 &&
	       len >= sizeof(struct ipv6_mreq) &&
	       (name == IPV6_ADD_MEMBERSHIP || name == IPV6_DROP_MEMBERSHIP);
}

static int set_ip(struct sock *sk, int level, int name, sockptr_t val,
		  unsigned int len)
{
	int err;

	if (joins_group(sk, level, name, len))
		return -EPROTO;
	if (level == SOL_IP || sk->sk_family == AF_INET)
		return ip_setsockopt(sk, level, name, val, len);
	if (level == SOL_IPV6 && name == IPV6_FLOWLABEL_MGR)
		return set_flowlabel(sk, val, len);
	err = ipv6_setsockopt(sk, level, name, val, len);
	if (err)
		return err;
	/* Extension headers may have changed: recompute the MSS. */
	lock_sock(sk);
	if (xtcp_state_in(sk, XTCPF_SYNCHRONIZED))
		xtcp_mss_sync(sk);
	release_sock(sk);
	return 0;
}

/*
 * Options of SOL_SOCKET that the socket layer accepts for any socket, but that
 * would have no effect on an XTCP socket. Return: true to refuse the option;
 * false for a value that switches the feature off.
 */
static bool option_unsupported(int name, int val)
{
	switch (name) {
	case SO_TIMESTAMP_OLD:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_OLD:
	case SO_TIMESTAMPNS_NEW:
	case SO_TIMESTAMPING_OLD:
	case SO_TIMESTAMPING_NEW:
	case SO_BUSY_POLL:
	case SO_PREFER_BUSY_POLL:
	case SO_BUSY_POLL_BUDGET:
		return val;
	case SO_TXTIME:
		return true;
	default:
		return false;
	}
}

/**
 * xtcp_sock_setsockopt() - setsockopt() (proto_ops.setsockopt)
 * @sock: the socket
 * @level: any level; SOL_SOCKET only if the kernel has SOCK_CUSTOM_SOCKOPT
 * @name: the option
 * @val: its value
 * @len: bytes at @val
 *
 * Context: process; takes the socket lock.
 * Return: 0; -ENOPROTOOPT if the option is not supported; -EFAULT; or the errno
 * of sock_setsockopt() or xtcp_setsockopt().
 */
int xtcp_sock_setsockopt(struct socket *sock, int level, int name,
			 sockptr_t val, unsigned int len)
{
	int n;

	if (level != SOL_SOCKET)
		return sock_common_setsockopt(sock, level, name, val, len);
	if (len >= sizeof(n)) {
		if (copy_from_sockptr(&n, val, sizeof(n)))
			return -EFAULT;
		if (option_unsupported(name, n))
			return -ENOPROTOOPT;
	}
	return sock_setsockopt(sock, level, name, val, len);
}

/**
 * xtcp_setsockopt() - setsockopt() (proto.setsockopt)
 * @sk: the socket
 * @level: SOL_TCP, SOL_IP or SOL_IPV6
 * @name: the option
 * @val: its value
 * @len: bytes at @val
 *
 * Context: process; takes the socket lock.
 * Return: 0; -ENOPROTOOPT if the option is not supported; -EINVAL for a value
 * that is too short or out of range, or in the wrong state; -EFAULT; -ENOENT
 * for an unknown TCP_CONGESTION; -EOPNOTSUPP for TCP_FASTOPEN_CONNECT without
 * the sysctl; -EPROTO for multicast memberships; the errno of
 * xtcp_fastopen_set_keys(), ip_setsockopt() or ipv6_setsockopt().
 */
int xtcp_setsockopt(struct sock *sk, int level, int name, sockptr_t val,
		    unsigned int len)
{
	int n, err;

	/* Source routes are not supported (RFC 7126; differences.rst). */
	if (level == SOL_IP && name == IP_OPTIONS)
		return -ENOPROTOOPT;
	if (level != SOL_TCP)
		return set_ip(sk, level, name, val, len);
	if (name == TCP_CONGESTION)
		return set_congestion(sk, val, len);
	if (name == TCP_FASTOPEN_KEY)
		return set_fastopen_key(sk, val, len);
	/* The value is a name, which may be shorter than an int. */
	if (name == TCP_ULP)
		return -ENOPROTOOPT;
	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&n, val, sizeof(n)))
		return -EFAULT;
	lock_sock(sk);
	err = set_locked(sk, name, n);
	release_sock(sk);
	return err;
}

static int get_congestion(struct sock *sk, char __user *val,
			  int __user *optlen, int len)
{
	char name[XTCP_CC_NAME_MAX] = "";

	/* connect() and the end of a connection reinitialize the TCB. */
	lock_sock(sk);
	strscpy(name, xtcp_sk(sk)->tcb.cc.ops->name, sizeof(name));
	release_sock(sk);
	len = min_t(unsigned int, len, sizeof(name));
	if (put_user(len, optlen) || copy_to_user(val, name, len))
		return -EFAULT;
	return 0;
}

/* No congestion control algorithm has data for TCP_CC_INFO: return length 0. */
static int get_cc_info(int __user *optlen)
{
	return put_user(0, optlen) ? -EFAULT : 0;
}

/*
 * TCP_FASTOPEN_KEY: copy the keys that were set on the socket, cut to @len
 * bytes. The keys of the namespace are not returned: only root may read them.
 */
static int get_fastopen_key(struct sock *sk, char __user *val,
			    int __user *optlen, int len)
{
	u8 raw[XTCP_FO_KEYS_MAX * XTCP_FO_KEY_LEN];
	u32 n;
	int err = 0;

	n = xtcp_fastopen_get_keys(&xtcp_sk(sk)->fo.keys, raw);
	len = min_t(unsigned int, len, n * XTCP_FO_KEY_LEN);
	if (put_user(len, optlen) || copy_to_user(val, raw, len))
		err = -EFAULT;
	memzero_explicit(raw, sizeof(raw));
	return err;
}

static int get_maxseg(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	if (xtcp_state_in(sk, TCPF_CLOSE | TCPF_LISTEN) && xs->user_mss)
		return xs->user_mss;
	return xs->tcb.snd_mss;
}

/*
 * Upper bound of the receive window, bytes: TCP_WINDOW_CLAMP if set; otherwise
 * the window that a connection's receive buffer allows; 0 if there is no
 * connection.
 */
static int get_window_clamp(const struct sock *sk)
{
	u32 clamp = xtcp_window_clamp(xtcp_sk(sk));

	if (clamp != XTCP_WINDOW_NO_CLAMP)
		return clamp;
	if (!xtcp_state_in(sk, XTCPF_SYNCHRONIZED))
		return 0;
	return xtcp_rcvbuf_window(&xtcp_sk(sk)->rcvbuf,
				  READ_ONCE(sk->sk_rcvbuf));
}

static int get_value(struct sock *sk, int name, int *val)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	switch (name) {
	case TCP_NODELAY:
		*val = xs->tcb.nagle_off;
		return 0;
	case TCP_CORK:
		*val = xs->tcb.corked;
		return 0;
	case TCP_MAXSEG:
		*val = get_maxseg(sk);
		return 0;
	case TCP_KEEPIDLE:
		*val = xtcp_keep_time(sk);
		return 0;
	case TCP_KEEPINTVL:
		*val = xtcp_keep_intvl(sk);
		return 0;
	case TCP_KEEPCNT:
		*val = xtcp_keep_probes(sk);
		return 0;
	case TCP_SYNCNT:
		*val = xtcp_syn_retries(sk);
		return 0;
	case TCP_LINGER2:
		*val = xs->linger2 < 0 ? -1 : xs->linger2 ?:
		       xtcp_sysctl(sock_net(sk), fin_timeout);
		return 0;
	case TCP_DEFER_ACCEPT:
		*val = retrans_to_secs(xs->defer_accept);
		return 0;
	case TCP_WINDOW_CLAMP:
		*val = get_window_clamp(sk);
		return 0;
	case TCP_QUICKACK:
		*val = !xs->ato.pingpong;
		return 0;
	case TCP_USER_TIMEOUT:
		*val = xs->user_timeout;
		return 0;
	case TCP_RTO_MAX_MS:
		*val = xs->rto_max / USEC_PER_MSEC;
		return 0;
	case TCP_INQ:
		*val = xs->recv_inq;
		return 0;
	case TCP_NOTSENT_LOWAT:
		*val = READ_ONCE(xs->notsent_lowat);
		return 0;
	case TCP_FASTOPEN:
		*val = xs->fo.max_pending;
		return 0;
	case TCP_FASTOPEN_CONNECT:
		*val = xs->fo.on_connect;
		return 0;
	case TCP_FASTOPEN_NO_COOKIE:
		*val = xs->fo.no_cookie;
		return 0;
	case TCP_IS_MPTCP:
		*val = 0;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/**
 * xtcp_getsockopt() - getsockopt() (proto.getsockopt)
 * @sk: the socket
 * @level: SOL_TCP, SOL_IP or SOL_IPV6
 * @name: the option
 * @val: buffer for its value
 * @optlen: in: bytes at @val; out: bytes written
 *
 * Context: process; may take the socket lock.
 * Return: 0; -ENOPROTOOPT if the option is not supported; -EINVAL for a
 * negative length; -EFAULT; or the errno of ip_getsockopt() or
 * ipv6_getsockopt().
 */
int xtcp_getsockopt(struct sock *sk, int level, int name, char __user *val,
		    int __user *optlen)
{
	int len, n, err;

	if (level != SOL_TCP)
		return level != SOL_IP && sk->sk_family == AF_INET6 ?
		       ipv6_getsockopt(sk, level, name, val, optlen) :
		       ip_getsockopt(sk, level, name, val, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (name == TCP_INFO)
		return xtcp_info_get(sk, val, optlen, len);
	if (name == TCP_CONGESTION)
		return get_congestion(sk, val, optlen, len);
	if (name == TCP_CC_INFO)
		return get_cc_info(optlen);
	if (name == TCP_FASTOPEN_KEY)
		return get_fastopen_key(sk, val, optlen, len);
	err = get_value(sk, name, &n);
	if (err)
		return err;
	len = min_t(unsigned int, len, sizeof(n));
	if (put_user(len, optlen) || copy_to_user(val, &n, len))
		return -EFAULT;
	return 0;
}
