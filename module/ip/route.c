// SPDX-License-Identifier: GPL-2.0
/*
 * The route of a socket, for IPv4 and IPv6.
 */
#include <net/dst.h>

#include "ip.h"

/**
 * xtcp_dst() - the route of a connected socket
 * @sk: the socket, lock held
 *
 * A stale route is looked up again. If there is no route (ENETUNREACH,
 * EHOSTUNREACH), sk_err_soft stores the error: the connection reports it if it
 * times out. The errno of a blackhole or prohibit route (EINVAL, EACCES) is not
 * stored: the connection then reports ETIMEDOUT.
 *
 * Context: socket lock, RCU read side.
 * Return: the route, without a reference; or ERR_PTR.
 */
struct dst_entry *xtcp_dst(struct sock *sk)
{
	u32 cookie = sk->sk_family == AF_INET6 ? inet6_sk(sk)->dst_cookie : 0;
	struct dst_entry *dst;
	int err;

	if (xtcp_sk(sk)->af->family == AF_INET)
		cookie = 0;
	dst = __sk_dst_check(sk, cookie);
	if (likely(dst))
		return dst;
	err = xtcp_sk(sk)->af->route(sk);
	if (!err)
		return __sk_dst_get(sk);
	if (err == -ENETUNREACH || err == -EHOSTUNREACH)
		WRITE_ONCE(sk->sk_err_soft, -err);
	return ERR_PTR(err);
}

/**
 * xtcp_mss_advertise() - the MSS option to send
 * @af: IPv4 or IPv6
 * @dst: the route
 * @user_mss: TCP_MAXSEG, bytes, 0 if not set
 *
 * The MSS follows from the MTU of the device or route, not from a path MTU that
 * ICMP reported (RFC 9293 3.7.1). On Linux 6.1 dst_metric_advmss() returns the
 * latter, if there is one.
 *
 * Return: bytes, at most 65535.
 */
u16 xtcp_mss_advertise(const struct xtcp_af *af, const struct dst_entry *dst,
		       u16 user_mss)
{
	u32 mss = dst_metric_advmss(dst);

	if (user_mss)
		mss = min_t(u32, mss, user_mss);
	return min_t(u32, mss, 65535);
}
