// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors that quote a segment of ours: path MTU, hard errors and soft
 * errors.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/dst.h>
#include <net/icmp.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "conn/conn.h"
#include "icmp.h"
#include "open/open.h"
#include "table/table.h"

/*
 * RFC 5927 4.1: is the quoted sequence number in flight? SND.NXT is accepted,
 * too, as in the kernel's TCP: a pure ACK has it.
 */
static bool icmp_seq_ok(struct sock *sk, u32 seq)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return seq_between(seq, tcb->snd_una, tcb->snd_nxt);
}

static void mtu_error(struct sock *sk, u32 mtu, u32 seq)
{
	WRITE_ONCE(xtcp_sk(sk)->pmtu_pending, mtu);
	WRITE_ONCE(xtcp_sk(sk)->pmtu_seq, seq);
	if (sock_owned_by_user(sk)) {
		set_bit(XTCP_DEFER_MTU, &xtcp_sk(sk)->deferred);
		return;
	}
	xtcp_sk(sk)->now = ktime_get_ns();
	xtcp_mtu_ptb(sk);
}

/*
 * In SYN-SENT and SYN-RECEIVED an error ends the attempt, so that a program can
 * try its next address (RFC 5461 4). In other states each error is soft (RFC
 * 5927 5.2): it is stored, and reported if the connection times out.
 *
 * @want_hard: report the error at once in other states: for IPv4 with
 *	IP_RECVERR, for IPv6 with IPV6_RECVERR if it is fatal
 *
 * While a system call owns the socket, any error is only stored.
 */
static void icmp_report(struct sock *sk, int err, bool want_hard)
{
	/* Fast Open: a program may have accepted the socket, so it is soft. */
	if (xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV) &&
	    !xtcp_is_fastopen_child(sk)) {
		if (sock_owned_by_user(sk))
			WRITE_ONCE(sk->sk_err_soft, err);
		else
			xtcp_state_fail(sk, XTCP_EV_TIMEOUT, err);
		return;
	}
	if (want_hard && !sock_owned_by_user(sk)) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	} else {
		WRITE_ONCE(sk->sk_err_soft, err);
	}
}

/*
 * Only a hard error (@gone: port or protocol unreachable) drops a request. Soft
 * errors are ignored (MUST-56).
 */
static void request_error(struct xtcp_request *rq, u32 seq, bool gone)
{
	if (seq != rq->iss)
		xtcp_count(sock_net((struct sock *)rq), OutOfWindowIcmps);
	else if (gone)
		xtcp_request_drop(rq, XTCP_EV_TIMEOUT);
}

/*
 * Is the error about a segment in flight of an open connection? Context: locked
 * with bh_lock_sock(); a system call may own the socket.
 */
static bool icmp_in_window(struct sock *sk, const struct xtcp_icmp *err)
{
	if (sk->sk_state == TCP_CLOSE)
		return false;
	if (icmp_seq_ok(sk, err->seq))
		return true;
	xtcp_count(sock_net(sk), OutOfWindowIcmps);
	return false;
}

/* RFC 6069: a router had no route for the segment. */
static void no_route(struct sock *sk, const struct xtcp_icmp *err)
{
	if (!sock_owned_by_user(sk))
		xtcp_recovery_unreachable(sk, err->seq);
}

static void v4_socket_error(struct sock *sk, struct sk_buff *skb,
			    const struct xtcp_icmp *err)
{
	int no;

	switch (err->type) {
	case ICMP_PARAMETERPROB:
		no = EPROTO;
		break;
	case ICMP_TIME_EXCEEDED:
		no = EHOSTUNREACH;
		break;
	case ICMP_DEST_UNREACH:
		if (err->code > NR_ICMP_UNREACH)
			return;
		if (err->code == ICMP_FRAG_NEEDED) {
			mtu_error(sk, err->info, err->seq);
			return;
		}
		no = icmp_err_convert[err->code].errno;
		if (err->code == ICMP_NET_UNREACH ||
		    err->code == ICMP_HOST_UNREACH)
			no_route(sk, err);
		break;
	case ICMP_REDIRECT:
		if (!sock_owned_by_user(sk)) {
			struct dst_entry *dst = __sk_dst_check(sk, 0);

			if (dst)
				dst->ops->redirect(dst, sk, skb);
		}
		return;
	default:
		/* MUST-55: ignore Source Quench; all other types, too. */
		return;
	}
	if (xtcp_recverr(sk))
		ip_icmp_error(sk, skb, no, err->tuple.rport, err->info,
			      skb->data + err->offset);
	icmp_report(sk, no, xtcp_recverr(sk));
}

static bool icmp_v4_is_hard(const struct xtcp_icmp *err)
{
	return err->type == ICMP_DEST_UNREACH &&
	       (err->code == ICMP_PROT_UNREACH ||
		err->code == ICMP_PORT_UNREACH);
}

/**
 * xtcp_icmp_v4() - process an ICMP error that quotes a TCP segment
 * @net: namespace
 * @skb: the error, not consumed; skb->data is the quoted IP header
 * @err: its parsed contents
 *
 * Context: softirq, RCU read side.
 * Return: true if the quoted connection is ours.
 */
bool xtcp_icmp_v4(struct net *net, struct sk_buff *skb,
		  const struct xtcp_icmp *err)
{
	struct sock *sk = xtcp_table_lookup(net, &err->tuple);

	if (!sk)
		return false;
	if (sk->sk_state == TCP_NEW_SYN_RECV) {
		request_error(xtcp_rq(sk), err->seq, icmp_v4_is_hard(err));
	} else if (sk->sk_state != TCP_TIME_WAIT) {
		bh_lock_sock(sk);
		if (icmp_in_window(sk, err))
			v4_socket_error(sk, skb, err);
		bh_unlock_sock(sk);
	}
	xtcp_entry_put(sk);
	return true;
}

static void v6_socket_error(struct sock *sk, struct sk_buff *skb,
			    const struct xtcp_icmp *err)
{
	bool fatal;
	int no;

	if (err->type == ICMPV6_PKT_TOOBIG) {
		mtu_error(sk, err->info, err->seq);
		return;
	}
	if (err->type == NDISC_REDIRECT) {
		if (!sock_owned_by_user(sk)) {
			struct dst_entry *dst;

			dst = __sk_dst_check(sk, inet6_sk(sk)->dst_cookie);
			if (dst)
				dst->ops->redirect(dst, sk, skb);
		}
		return;
	}
	if (err->type == ICMPV6_DEST_UNREACH &&
	    (err->code == ICMPV6_NOROUTE || err->code == ICMPV6_ADDR_UNREACH))
		no_route(sk, err);
	fatal = icmpv6_err_convert(err->type, err->code, &no);
	if (xtcp_recverr6(sk))
		ipv6_icmp_error(sk, skb, no, err->tuple.rport, err->info,
				skb->data + err->offset);
	icmp_report(sk, no, fatal && xtcp_recverr6(sk));
}

static bool icmp_v6_is_hard(const struct xtcp_icmp *err)
{
	return err->type == ICMPV6_DEST_UNREACH &&
	       err->code == ICMPV6_PORT_UNREACH;
}

/**
 * xtcp_icmp_v6() - process an ICMPv6 error that quotes a TCP segment
 * @net: namespace
 * @skb: the error, not consumed; skb->data is the quoted IPv6 header
 * @err: its parsed contents
 *
 * Context: softirq, RCU read side.
 * Return: true if the quoted connection is ours.
 */
bool xtcp_icmp_v6(struct net *net, struct sk_buff *skb,
		  const struct xtcp_icmp *err)
{
	struct sock *sk = xtcp_table_lookup(net, &err->tuple);

	if (!sk)
		return false;
	if (sk->sk_state == TCP_NEW_SYN_RECV) {
		request_error(xtcp_rq(sk), err->seq, icmp_v6_is_hard(err));
	} else if (sk->sk_state != TCP_TIME_WAIT) {
		bh_lock_sock(sk);
		if (icmp_in_window(sk, err))
			v6_socket_error(sk, skb, err);
		bh_unlock_sock(sk);
	}
	xtcp_entry_put(sk);
	return true;
}
