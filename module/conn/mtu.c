// SPDX-License-Identifier: GPL-2.0
/*
 * Segment size: the smallest of the peer's MSS, the route's MTU and the size
 * that the search of core/pmtud.c has found. output.c builds and sends the
 * probes. recovery.c detects their loss.
 */
#include <linux/tcp.h>
#include <net/dst.h>

#include "conn.h"
#include "core/window.h"
#include "ip/ip.h"
#include "mtu.h"

/*
 * Minimum cwnd for a probe, in segments: with fewer there may not be enough
 * duplicate ACKs to detect the loss of the probe.
 */
#define PROBE_WINDOW	11

static u64 interval(const struct sock *sk)
{
	return (u64)xtcp_sk_sysctl(sk, probe_interval) * NSEC_PER_SEC;
}

/**
 * xtcp_mtu_search_again() - when larger packets are tried again
 * @sk: the socket, lock held, xs->now set
 *
 * Return: ns of ktime_get().
 */
u64 xtcp_mtu_search_again(const struct sock *sk)
{
	return xtcp_sk(sk)->now + interval(sk);
}

/**
 * xtcp_mss_sync() - recompute the payload of a full segment
 * @sk: the socket, lock held
 *
 * The smaller of the peer's MSS and the size that the path takes, less the
 * options that every segment carries (RFC 9293 3.7.1, MUST-16). TCP_MAXSEG
 * limits it, too; the sysctl min_snd_mss is the lower limit, bytes, before the
 * options are subtracted. xtcp_mss_set() adapts it to the peer's window.
 */
void xtcp_mss_sync(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 floor = xtcp_sk_sysctl(sk, min_snd_mss);
	struct xtcp_pmtud *p = &tcb->pmtud;
	struct xtcp_ecn *e = &tcb->ecn;
	struct dst_entry *dst;
	u32 mss = tcb->peer_mss;
	u32 mtu, headers;

	rcu_read_lock();
	headers = xs->af->header_len + xs->af->ext_len(sk) + XTCP_HDR_MIN;
	dst = xtcp_dst(sk);
	if (!IS_ERR(dst)) {
		mtu = dst_mtu(dst);
		xs->pmtu = mtu;
		mss = min_t(u32, mss, mtu > headers ? mtu - headers : 0);
	} else {
		/*
		 * No route: 0 differs from each MTU, so check_mtu() asks again
		 * as soon as there is a route.
		 */
		xs->pmtu = 0;
	}
	rcu_read_unlock();
	if (xs->user_mss)
		mss = min_t(u32, mss, xs->user_mss);
	mss = max_t(u32, mss, floor);
	xtcp_pmtud_set_max(p, mss + headers);
	if (xtcp_pmtud_on(p)) {
		mss = min_t(u32, mss, p->low > headers ? p->low - headers : 0);
		mss = max_t(u32, mss, floor);
	}
	xs->overhead = headers;
	if (tcb->ts_ok) {
		xs->overhead += XTCP_OPT_TS_LEN;
		mss -= min_t(u32, mss, XTCP_OPT_TS_LEN);
	}
	e->opt_space = xtcp_ecn_option_space(e, xtcp_sk_sysctl(sk, ecn_option));
	xs->overhead += e->opt_space;
	mss -= min_t(u32, mss, e->opt_space);
	xtcp_mss_set(tcb, max_t(u32, mss, 8));
}

/**
 * xtcp_mss_sync_option() - reserve space for the AccECN option, or free it
 * @sk: the socket, lock held
 *
 * Called when an ACK was processed: the peer's first option may have arrived, or
 * ours is no longer sent. cwnd keeps its number of segments.
 */
void xtcp_mss_sync_option(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u16 old = tcb->snd_mss;

	if (likely(tcb->ecn.opt_space ==
		   xtcp_ecn_option_space(&tcb->ecn, xtcp_sk_sysctl(sk, ecn_option))))
		return;
	xtcp_mss_sync(sk);
	if (tcb->snd_mss < old)
		xtcp_cc_mss_reduced(&tcb->cc, old, tcb->snd_mss);
}

/**
 * xtcp_mtu_is_whole() - are routers forbidden to fragment our packets
 * @sk: the socket, lock held
 *
 * Only then does the arrival of a packet prove that the path takes its size.
 *
 * Return: true if routers must not fragment: IPv6, or IPv4 with DF.
 */
bool xtcp_mtu_is_whole(const struct sock *sk)
{
	u8 pmtudisc = READ_ONCE(inet_sk(sk)->pmtudisc);

	return xtcp_sk(sk)->af->family == AF_INET6 ||
	       pmtudisc == IP_PMTUDISC_WANT || pmtudisc == IP_PMTUDISC_DO;
}

/**
 * xtcp_mtu_recheck() - adapt to the MTU of the route before a retransmission
 * @sk: the socket, lock held
 *
 * An ICMP error to another connection to the same peer may have reduced the
 * MTU. The route of this socket is stale then, and this host would drop larger
 * packets.
 */
void xtcp_mtu_recheck(struct sock *sk)
{
	struct dst_entry *dst;
	bool changed;

	rcu_read_lock();
	dst = xtcp_dst(sk);
	changed = !IS_ERR(dst) && dst_mtu(dst) != xtcp_sk(sk)->pmtu;
	rcu_read_unlock();
	if (changed)
		xtcp_mss_sync(sk);
}

/**
 * xtcp_mtu_start() - start the path MTU search of a new connection
 * @sk: the socket, lock held; tcb.path_mss is that of peer and route
 *
 * Only if the sysctl mtu_probing is 2. With 1 a search starts after a black
 * hole.
 *
 * Source: RFC 4821 7.2.
 */
void xtcp_mtu_start(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct net *net = sock_net(sk);

	if (xtcp_sysctl(net, mtu_probing) < 2 || !xtcp_mtu_is_whole(sk))
		return;
	xtcp_pmtud_start(&xs->tcb.pmtud,
			 xtcp_sysctl(net, base_mss) + xs->overhead,
			 xs->tcb.pmtud.max, xtcp_mtu_search_again(sk));
	xtcp_mss_sync(sk);
}

/**
 * xtcp_mtu_probe_len() - size of the path MTU probe that is to be sent next
 * @sk: the socket, lock held, xs->now set
 *
 * A probe consists of queued data. One is sent at a time, not during loss
 * recovery, not with urgent data, and only if enough data and window follow it:
 * then duplicate ACKs report its loss.
 *
 * Source: RFC 4821 7.4.
 *
 * Return: bytes of payload; 0: no probe.
 */
u32 xtcp_mtu_probe_len(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	struct net *net = sock_net(sk);
	u32 size, len, needed;

	if (likely(!xtcp_pmtud_on(&tcb->pmtud)))
		return 0;
	if (tcb->recovery != XTCP_REC_OPEN || xs->retransmits ||
	    tcb->urg_out || tcb->cc.cwnd < PROBE_WINDOW * tcb->snd_mss ||
	    !xtcp_mtu_is_whole(sk))
		return 0;
	size = xtcp_pmtud_next(&tcb->pmtud, xtcp_sysctl(net, probe_threshold),
			       xs->now, interval(sk));
	if (size <= xs->overhead + tcb->snd_mss)
		return 0;
	len = size - xs->overhead;
	needed = len + (xtcp_reordering(sk) + 1) * tcb->snd_mss;
	if (tcb->write_seq - tcb->snd_nxt <= needed ||
	    xtcp_usable_window(tcb) < needed || tcb->cc.cwnd < needed)
		return 0;
	return len;
}

/**
 * xtcp_mtu_probe_acked() - use the larger size if a probe is acknowledged
 * @sk: the socket, lock held; snd_una has advanced
 *
 * cwnd is in bytes and stays as it is (RFC 4821 7.6.1).
 */
void xtcp_mtu_probe_acked(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (likely(!xtcp_pmtud_acked(&tcb->pmtud, tcb->snd_una)))
		return;
	xtcp_sk_count(sk, MTUPSuccess);
	xtcp_mss_sync(sk);
}

/*
 * Earliest time of the next probe, ns. The loss of a probe does not reduce
 * cwnd, so it must be rarer than losses that do: with Reno there are W/2 round
 * trips between these, W being cwnd in segments (RFC 4821 7.6.2).
 */
static u64 after_loss(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;
	u64 rounds = tcb->cc.cwnd / (2 * tcb->snd_mss) + 1;

	return xs->now + rounds * xtcp_rtt_srtt(&tcb->rtt) * NSEC_PER_USEC;
}

/**
 * xtcp_mtu_probe_failed() - only the probe was lost: its size is too large
 * @sk: the socket, lock held
 */
void xtcp_mtu_probe_failed(struct sock *sk)
{
	xtcp_sk_count(sk, MTUPFail);
	xtcp_pmtud_failed(&xtcp_sk(sk)->tcb.pmtud, after_loss(sk));
}

/**
 * xtcp_mtu_probe_unclear() - a probe is retransmitted after other losses, too
 * @sk: the socket, lock held
 *
 * Its loss proves nothing about its size (RFC 4821 7.6.4). After a timeout the
 * next probe waits for the sysctl probe_interval, because no duplicate ACKs
 * arrived.
 */
void xtcp_mtu_probe_unclear(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	xtcp_pmtud_inconclusive(&tcb->pmtud, tcb->recovery == XTCP_REC_LOSS ?
				xtcp_mtu_search_again(sk) : after_loss(sk));
}
