// SPDX-License-Identifier: GPL-2.0
/*
 * Reports about the path MTU: an ICMP error that names an MTU, or a black hole,
 * where segments are lost repeatedly without an ICMP error.
 */
#include <net/dst.h>

#include "conn.h"
#include "ip/ip.h"
#include "mtu.h"
#include "output.h"
#include "path.h"
#include "recovery.h"
#include "wqueue.h"

/* Size of the largest packet that can be in flight, bytes. */
static u32 largest_sent(const struct xtcp_sock *xs)
{
	return max_t(u32, xs->tcb.snd_mss + xs->overhead, xs->tcb.pmtud.probe);
}

/*
 * Reduce the MTU of the route to @mtu, bytes. It never grows here.
 * xtcp_mtu_ptb() has ignored values below the minimum of the protocol: 68 for
 * IPv4 (RFC 1191 3), 1280 for IPv6 (RFC 8201 4).
 *
 * Return: true if segments became smaller.
 */
static bool narrow(struct sock *sk, u32 mtu)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u16 old = xs->tcb.snd_mss;
	struct dst_entry *dst;

	rcu_read_lock();
	dst = xtcp_dst(sk);
	if (!IS_ERR(dst) && mtu < dst_mtu(dst))
		dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	rcu_read_unlock();
	xtcp_mss_sync(sk);
	if (xs->tcb.snd_mss >= old)
		return false;
	xtcp_sk_count(sk, MTUReduced);
	xtcp_cc_mss_reduced(&xs->tcb.cc, old, xs->tcb.snd_mss);
	return true;
}

/**
 * xtcp_mtu_ptb() - process an ICMP error that reports a smaller MTU
 * @sk: the socket, lock held; xs->pmtu_pending is the reported MTU,
 *	xs->pmtu_seq the quoted sequence number
 *
 * Segments that were too large are retransmitted as smaller ones. This is no
 * sign of congestion (RFC 1191 6.4): cwnd changes only in bytes, to as many
 * segments as before.
 *
 * Source: RFC 5927 4.1 (the quoted segment must be in flight) and 7.2 (if
 * larger packets have arrived before, a timeout must confirm the report).
 */
void xtcp_mtu_ptb(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 mtu = READ_ONCE(xs->pmtu_pending);
	u32 seq = READ_ONCE(xs->pmtu_seq);
	u32 probe = tcb->pmtud.probe;

	if (!xtcp_state_in(sk, XTCPF_SYNCHRONIZED) || mtu < xs->af->mtu_min ||
	    seq_before(seq, tcb->snd_una) || !seq_before(seq, tcb->snd_nxt)) {
		xtcp_sk_count(sk, OutOfWindowIcmps);
		return;
	}
	switch (xtcp_pmtud_check_ptb(&tcb->pmtud, mtu, seq, largest_sent(xs))) {
	case XTCP_PTB_IGNORE:
		xtcp_sk_count(sk, OutOfWindowIcmps);
		return;
	case XTCP_PTB_CONFIRM:
		xtcp_sk_count(sk, MTUDoubted);
		return;
	case XTCP_PTB_ACCEPT:
		break;
	}
	if (narrow(sk, mtu)) {
		xtcp_resend_for_mtu(sk);
	} else if (probe && !tcb->pmtud.probe) {
		/* Only the probe was too large. */
		xtcp_sk_count(sk, MTUPFail);
		xtcp_resend_probe(sk);
	}
}

/*
 * If the oldest segment was retransmitted R1 times (sysctl retries1), routers
 * may drop it for its size without an ICMP error (RFC 4821 7.7): reduce the
 * size.
 */
static void black_hole(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_sent_first(sk);
	struct net *net = sock_net(sk);
	u32 size, floor;

	if (!skb || !xtcp_sysctl(net, mtu_probing) || !xtcp_mtu_is_whole(sk) ||
	    xs->retransmits < (u32)xtcp_sysctl(net, retries1))
		return;
	size = min_t(u32, xtcp_payload(skb), xs->tcb.snd_mss) + xs->overhead;
	floor = max_t(u32, xtcp_sysctl(net, mtu_probe_floor),
		      xtcp_sysctl(net, min_snd_mss)) + xs->overhead;
	if (!xtcp_pmtud_black_hole(&xs->tcb.pmtud, size,
				   xtcp_sysctl(net, base_mss) + xs->overhead,
				   floor, xs->now, xtcp_mtu_search_again(sk)))
		return;
	xtcp_count(net, MTUBlackHole);
	xtcp_mss_sync(sk);
}

/**
 * xtcp_mtu_timeout() - reduce the segment size at a retransmission timeout
 * @sk: the socket, lock held, in a synchronized state, the window not closed
 *
 * Called before the segment is retransmitted, which may be too large. A timeout
 * confirms a pending ICMP report (RFC 5927 7.2).
 */
void xtcp_mtu_timeout(struct sock *sk)
{
	u32 mtu = xtcp_pmtud_confirm_ptb(&xtcp_sk(sk)->tcb.pmtud);

	if (mtu)
		narrow(sk, mtu);
	else
		black_hole(sk);
}
