// SPDX-License-Identifier: GPL-2.0
/*
 * The route of a socket, whatever the IP version.
 */
#include <net/dst.h>

#include "ip.h"

/**
 * xtcp_dst() - the route of a connected socket
 * @sk: the socket
 *
 * A route that went stale is looked up again. That there is none is what a
 * connection that times out fails with; a blackhole or a prohibition says
 * nothing but a lookup's errno (EINVAL, EACCES), so the timeout speaks.
 *
 * Context: socket lock, RCU read side.
 * Return: the route, or ERR_PTR.
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
 * @user_mss: TCP_MAXSEG, 0 if not set
 *
 * Return: bytes, by the device's MTU and not the path's (RFC 9293 3.7.1).
 */
u16 xtcp_mss_advertise(const struct xtcp_af *af, const struct dst_entry *dst,
		       u16 user_mss)
{
	u32 mss = dst_metric_advmss(dst);

	if (user_mss)
		mss = min_t(u32, mss, user_mss);
	return min_t(u32, mss, 65535);
}
