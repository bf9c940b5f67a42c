// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies (RFC 4987 3.6). core/cookie.h describes the format; here are the
 * keys, and the conditions to send and accept cookies.
 *
 * The only state is one time stamp: when the listener last sent a cookie. An
 * ACK is checked for a cookie only within XTCP_COOKIE_LIFE seconds of it, so a
 * guessed cookie has a chance only during a flood. With XTCP_SYNCOOKIES_ALWAYS
 * each stray ACK is checked.
 */
#include <linux/net.h>
#include <linux/siphash.h>
#include <net/sock_reuseport.h>

#include "base/isn.h"
#include "core/cookie.h"
#include "core/window.h"
#include "ip/ip.h"
#include "request.h"
#include "syncookie.h"

/*
 * Layout of mac_input.options: the bit for timestamps; the position of our
 * window shift.
 */
#define OPTIONS_TS	BIT(16)
#define OPTIONS_SHIFT	8

/**
 * struct mac_input - input of the MAC of a cookie; has no holes
 * @laddr: our address
 * @raddr: the peer's address
 * @lport: our port, network order
 * @rport: the peer's port, network order
 * @irs: the peer's initial sequence number
 * @minute: when the cookie was made, minutes of the monotonic clock
 * @options: the negotiated options: OPTIONS_TS, our window shift from bit
 *	OPTIONS_SHIFT on, and the bits that the TSval carries; 0 without
 *	timestamps
 */
struct mac_input {
	struct in6_addr laddr;
	struct in6_addr raddr;
	__be16 lport;
	__be16 rport;
	u32 irs;
	u32 minute;
	u32 options;
};

static u32 cookie_mac(struct net *net, const struct xtcp_tuple *t, u32 irs,
		      u32 minute, u32 options)
{
	struct mac_input in = {
		.laddr = t->laddr,
		.raddr = t->raddr,
		.lport = t->lport,
		.rport = t->rport,
		.irs = irs,
		.minute = minute,
		.options = options,
	};

	BUILD_BUG_ON(sizeof(in) != 2 * sizeof(struct in6_addr) + 16);
	return siphash(&in, sizeof(in), &xtcp_net(net)->cookie_key);
}

static u32 minute_of(u64 now)
{
	return xtcp_seconds(now) / 60;
}

/*
 * The TSval does not carry our own window shift. It is computed again from the
 * receive buffer limit: if it differs from that in the SYN-ACK, the MAC does
 * not match, and the cookie is rejected.
 */
static u32 options_of(const struct sock *listener, u8 bits)
{
	struct xtcp_cookie_options opt;
	u32 scale = 0;

	xtcp_cookie_options_unpack(bits, &opt);
	if (opt.wscale_ok)
		scale = xtcp_wscale_for(xtcp_window_max(listener));
	return OPTIONS_TS | scale << OPTIONS_SHIFT | bits;
}

/*
 * When a cookie was last sent: seconds of the monotonic clock + 1; 0 is never.
 * A SO_REUSEPORT group shares the stamp: if members joined or left since the
 * SYN, the ACK may be delivered to another one. Context: RCU read side.
 */
static u32 *overflow_stamp(struct sock *listener)
{
	struct sock_reuseport *group = NULL;

	if (listener->sk_reuseport)
		group = rcu_dereference(listener->sk_reuseport_cb);
	return group ? &group->synq_overflow_ts :
		       &xtcp_sk(listener)->listener->last_cookie;
}

static void note_overflow(struct sock *listener, u64 now)
{
	u32 *stamp = overflow_stamp(listener);
	u32 s = xtcp_seconds(now) + 1;

	if (READ_ONCE(*stamp) != s)
		WRITE_ONCE(*stamp, s);
}

static bool overflowed_recently(struct sock *listener, u64 now)
{
	u32 stamp = READ_ONCE(*overflow_stamp(listener));

	/* Signed: another CPU may have stored a value one second ahead. */
	return stamp &&
	       (s32)(xtcp_seconds(now) + 1 - stamp) <= XTCP_COOKIE_LIFE;
}

/* Log once per listen(): the load may be legitimate. */
static void log_flood(const struct sock *listener, const char *what)
{
	struct xtcp_listener *xl = xtcp_sk(listener)->listener;

	if (READ_ONCE(xl->flood_logged) || xchg(&xl->flood_logged, 1))
		return;
	if (listener->sk_family == AF_INET)
		net_info_ratelimited("xtcp: possible SYN flooding on %pI4:%u: %s\n",
				     &listener->sk_rcv_saddr, listener->sk_num,
				     what);
	else
		net_info_ratelimited("xtcp: possible SYN flooding on [%pI6c]:%u: %s\n",
				     &listener->sk_v6_rcv_saddr,
				     listener->sk_num, what);
}

/**
 * xtcp_syncookie_wanted() - decide on a SYN for which no request is kept
 * @listener: not locked; its SYN queue is full, or the sysctl syncookies is
 *	XTCP_SYNCOOKIES_ALWAYS
 *
 * Context: softirq.
 * Return: true to answer with a cookie, false to drop the SYN.
 */
bool xtcp_syncookie_wanted(struct sock *listener)
{
	struct net *net = sock_net(listener);

	switch (xtcp_sysctl(net, syncookies)) {
	case XTCP_SYNCOOKIES_NEVER:
		xtcp_count(net, ReqQFullDrop);
		log_flood(listener, "SYNs are dropped");
		return false;
	case XTCP_SYNCOOKIES_OVERFLOW:
		log_flood(listener, "cookies are sent");
		break;
	}
	xtcp_count(net, ReqQFullDoCookies);
	return true;
}

/* The options of the request as bits of the TSval. */
static u8 bits_of(const struct xtcp_request *rq)
{
	struct xtcp_cookie_options opt = {
		.wscale_ok = rq->wscale_ok,
		.sack_ok = rq->sack_ok,
		.snd_wscale = rq->snd_wscale,
	};

	return xtcp_cookie_options_pack(&opt);
}

/**
 * xtcp_syncookie_make() - make the initial sequence number that is a cookie
 * @rq: has irs and the options of the SYN, and is in no table; iss is set, and
 *	without timestamps SACK and window scaling are turned off
 * @t: its addresses
 * @now: ns of ktime_get()
 *
 * Source: RFC 4987 3.6. Context: softirq, RCU read side.
 */
void xtcp_syncookie_make(struct xtcp_request *rq, const struct xtcp_tuple *t,
			 u64 now)
{
	struct net *net = sock_net(rq->listener);
	u32 minute = minute_of(now);
	u32 options = 0;

	if (rq->ts_ok) {
		options = options_of(rq->listener, bits_of(rq));
	} else {
		rq->sack_ok = 0;
		rq->wscale_ok = 0;
		rq->snd_wscale = 0;
		rq->rcv_wscale = 0;
	}
	rq->cookie = 1;
	rq->iss = xtcp_cookie_encode(xtcp_isn_base(net, t),
				     cookie_mac(net, t, rq->irs, minute,
						options),
				     minute, rq->peer_mss);
	note_overflow(rq->listener, now);
	xtcp_count(net, SyncookiesSent);
}

/**
 * xtcp_syncookie_tsval() - the TSval of a SYN-ACK that is a cookie
 * @rq: of xtcp_syncookie_make(), with timestamps
 * @clock: our timestamp clock
 *
 * Return: as xtcp_cookie_tsval().
 */
u32 xtcp_syncookie_tsval(const struct xtcp_request *rq, u32 clock)
{
	return xtcp_cookie_tsval(clock, bits_of(rq));
}

/**
 * xtcp_syncookie_check() - check whether an ACK acknowledges a cookie
 * @listener: not locked
 * @t: the addresses of the segment
 * @seg: the segment; it has ACK and not RST
 * @now: ns of ktime_get()
 *
 * Return: the MSS to use for the peer, bytes; 0: it is a stray ACK.
 * Source: RFC 4987 A. Context: softirq, RCU read side.
 */
u16 xtcp_syncookie_check(struct sock *listener, const struct xtcp_tuple *t,
			 const struct xtcp_segment *seg, u64 now)
{
	struct net *net = sock_net(listener);
	int when = xtcp_sysctl(net, syncookies);
	u32 mac[XTCP_COOKIE_MINUTES];
	u32 minute = minute_of(now);
	u32 options = 0;
	u16 mss;
	u32 i;

	if (when == XTCP_SYNCOOKIES_NEVER || (seg->flags & XTCP_SYN))
		return 0;
	if (when == XTCP_SYNCOOKIES_OVERFLOW &&
	    !overflowed_recently(listener, now))
		return 0;
	if (seg->opt.has_ts)
		options = options_of(listener,
				     seg->opt.tsecr & XTCP_COOKIE_TS_BITS);
	for (i = 0; i < XTCP_COOKIE_MINUTES; i++)
		mac[i] = cookie_mac(net, t, seg->seq - 1, minute - i, options);
	mss = xtcp_cookie_decode(seg->ack - 1, xtcp_isn_base(net, t), mac,
				 minute);
	if (mss)
		xtcp_count(net, SyncookiesRecv);
	else
		xtcp_count(net, SyncookiesFailed);
	return mss;
}

/**
 * xtcp_syncookie_restore() - fill in a request from a cookie
 * @rq: a new request
 * @seg: the ACK that xtcp_syncookie_check() accepted
 * @mss: the MSS that xtcp_syncookie_check() returned, bytes
 *
 * The caller sets the window.
 */
void xtcp_syncookie_restore(struct xtcp_request *rq,
			    const struct xtcp_segment *seg, u16 mss)
{
	struct xtcp_cookie_options opt;

	rq->cookie = 1;
	rq->irs = seg->seq - 1;
	rq->iss = seg->ack - 1;
	rq->peer_mss = mss;
	if (seg->opt.has_ts) {
		xtcp_cookie_options_unpack(seg->opt.tsecr, &opt);
		rq->ts_ok = 1;
		rq->ts_recent = seg->opt.tsval;
		rq->sack_ok = opt.sack_ok;
		rq->wscale_ok = opt.wscale_ok;
		rq->snd_wscale = opt.snd_wscale;
	}
}
