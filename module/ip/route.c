// SPDX-License-Identifier: GPL-2.0
/*
 * The route of a socket, for IPv4 and IPv6.
 */
#include <net/dst.h>

#include "ip.h"

/* The minimum of the RTO: "rto_min" of ip-route(8) is always locked. */
static void take_rto_min(struct sock *sk, const struct dst_entry *dst)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u64 us = xs->rto_min;

	if (dst_metric_locked(dst, RTAX_RTO_MIN))
		us = (u64)dst_metric(dst, RTAX_RTO_MIN) * USEC_PER_MSEC;
	xs->tcb.rtt.rto_min = clamp_t(u64, us, 1, XTCP_RTO_MAX);
}

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
	if (!err) {
		dst = __sk_dst_get(sk);
		take_rto_min(sk, dst);
		return dst;
	}
	if (err == -ENETUNREACH || err == -EHOSTUNREACH)
		WRITE_ONCE(sk->sk_err_soft, -err);
	return ERR_PTR(err);
}

/**
 * xtcp_route_attributes() - apply attributes of the route to a new connection
 * @sk: the socket, lock held or not yet visible to others; tcb.adv_mss is set
 * @dst: its route
 *
 * Those of ip-route(8) that the kernel's TCP looks at when a connection begins.
 * "rto_min" and "quickack" have effect later, too. The kernel stores "rtt" in
 * ms, times 8.
 *
 * Source: tcp_init_metrics() and tcp_select_initial_window() of the kernel.
 */
void xtcp_route_attributes(struct sock *sk, const struct dst_entry *dst)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_cc_route *cc = &xs->tcb.cc.route;

	take_rto_min(sk, dst);
	cc->initial = dst_metric(dst, RTAX_INITCWND);
	cc->ssthresh = dst_metric(dst, RTAX_SSTHRESH);
	if (dst_metric_locked(dst, RTAX_CWND))
		cc->clamp = dst_metric(dst, RTAX_CWND);
	xs->route_rtt = min_t(u64, (u64)dst_metric(dst, RTAX_RTT) *
			      (USEC_PER_MSEC / 8), XTCP_RTO_MAX);
	xs->route_reordering = dst_metric(dst, RTAX_REORDERING);
	xs->route_window = dst_metric(dst, RTAX_WINDOW);
	xs->rcvbuf.ssthresh = xtcp_route_first_window(dst, xs->tcb.adv_mss,
						      xs->tcb.ts_ok,
						      xtcp_buffer_window(sk));
}

/**
 * xtcp_route_window() - limit a window of a request to that of the route
 * @sk: the listener, whose TCP_WINDOW_CLAMP has precedence
 * @dst: the route of the request
 * @window: bytes
 *
 * Return: bytes, not more than @window.
 */
u32 xtcp_route_window(const struct sock *sk, const struct dst_entry *dst,
		      u32 window)
{
	u32 limit = dst_metric(dst, RTAX_WINDOW);

	if (!limit || xtcp_sk(sk)->window_clamp != XTCP_WINDOW_NO_CLAMP)
		return window;
	return min_t(u32, window, limit);
}

/**
 * xtcp_route_window_max() - the largest window that a child may offer later
 * @sk: the listener
 * @dst: the route of the request
 *
 * Return: bytes.
 */
u32 xtcp_route_window_max(const struct sock *sk, const struct dst_entry *dst)
{
	return xtcp_route_window(sk, dst, xtcp_window_max(sk));
}

/**
 * xtcp_route_first_window() - the first window, limited by "initrwnd"
 * @dst: the route
 * @mss: the MSS that we announce, bytes
 * @ts_ok: both sides use timestamps
 * @space: payload that the receive buffer holds, bytes
 *
 * Return: bytes, not more than @space.
 */
u32 xtcp_route_first_window(const struct dst_entry *dst, u16 mss, bool ts_ok,
			    u32 space)
{
	u32 segs = dst_metric(dst, RTAX_INITRWND);
	u32 window;

	if (ts_ok && mss > XTCP_OPT_TS_LEN)
		mss -= XTCP_OPT_TS_LEN;
	window = xtcp_rcvbuf_first(space, max_t(u16, mss, 1));
	return segs ? min_t(u64, window, (u64)segs * mss) : window;
}

/**
 * xtcp_route_quickack() - does the route forbid to delay ACKs
 * @sk: the socket, lock held
 *
 * Return: true with "quickack 1".
 */
bool xtcp_route_quickack(const struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get((struct sock *)sk);

	return dst && dst_metric(dst, RTAX_QUICKACK);
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
