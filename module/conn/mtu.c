// SPDX-License-Identifier: GPL-2.0
/*
 * The size of segments: what the peer, the route and the search of
 * core/pmtud.c allow. Probes are built and sent in output.c; what their loss
 * means is decided in recovery.c.
 */
#include <linux/tcp.h>
#include <net/dst.h>

#include "conn.h"
#include "core/window.h"
#include "ip/ip.h"
#include "mtu.h"

/* A window of less has no duplicate ACKs to spare for a probe's loss. */
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
 * MUST-16: what the peer takes and what the path takes, less the options that
 * every segment carries; and not more than its window has room for.
 */
void xtcp_mss_sync(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 floor = xtcp_sk_sysctl(sk, min_snd_mss);
	struct xtcp_pmtud *p = &tcb->pmtud;
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
		/* To be asked again as soon as there is a route. */
		xs->pmtu = 0;
	}
	rcu_read_unlock();
	if (xs->user_mss)
		mss = min_t(u32, mss, xs->user_mss);
	mss = max_t(u32, mss, floor);
	xtcp_pmtud_bound(p, mss + headers);
	if (xtcp_pmtud_on(p)) {
		mss = min_t(u32, mss, p->low > headers ? p->low - headers : 0);
		mss = max_t(u32, mss, floor);
	}
	xs->overhead = headers;
	if (tcb->ts_ok) {
		xs->overhead += XTCP_OPT_TS_LEN;
		mss -= min_t(u32, mss, XTCP_OPT_TS_LEN);
	}
	xtcp_mss_set(tcb, max_t(u32, mss, 8));
}

/**
 * xtcp_mtu_is_whole() - does what arrives say that the path takes its size
 * @sk: the socket, lock held
 *
 * A packet that routers may cut says nothing about the path.
 *
 * Return: true if it does: nobody on the way may cut a packet.
 */
bool xtcp_mtu_is_whole(const struct sock *sk)
{
	u8 pmtudisc = READ_ONCE(inet_sk(sk)->pmtudisc);

	return xtcp_sk(sk)->af->family == AF_INET6 ||
	       pmtudisc == IP_PMTUDISC_WANT || pmtudisc == IP_PMTUDISC_DO;
}

/**
 * xtcp_mtu_recheck() - before something is sent again: does the path take as much
 * @sk: the socket, lock held
 *
 * Another connection to the same peer may have been told that it does not. Then
 * the route is stale, and all that is larger would be dropped on this machine.
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
 * xtcp_mtu_start() - a connection begins: search, if that is wanted
 * @sk: the socket, lock held; tcb.path_mss is that of peer and route
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
 * xtcp_mtu_probe_len() - should what is sent next be a probe
 * @sk: the socket, lock held, xs->now set
 *
 * One at a time, of data that waits, when nothing is amiss; and with so much
 * data and window behind it that duplicate ACKs would tell of its loss.
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
	needed = len + (xtcp_sysctl(net, reordering) + 1) * tcb->snd_mss;
	if (tcb->write_seq - tcb->snd_nxt <= needed ||
	    xtcp_usable_window(tcb) < needed || tcb->cc.cwnd < needed)
		return 0;
	return len;
}

/**
 * xtcp_mtu_probe_acked() - SND.UNA moved: did a probe arrive
 * @sk: the socket, lock held
 *
 * The congestion window counts bytes and stays as it is (RFC 4821 7.6.1).
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
 * A lost probe does not slow the connection, so it must be rarer than the
 * losses that would: W/2 round trips lie between those of Reno
 * (RFC 4821 7.6.2).
 */
static u64 after_loss(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;
	u64 rounds = tcb->cc.cwnd / (2 * tcb->snd_mss) + 1;

	return xs->now + rounds * xtcp_rtt_srtt(&tcb->rtt) * NSEC_PER_USEC;
}

/**
 * xtcp_mtu_probe_failed() - the probe was lost, and nothing else
 * @sk: the socket, lock held
 */
void xtcp_mtu_probe_failed(struct sock *sk)
{
	xtcp_sk_count(sk, MTUPFail);
	xtcp_pmtud_failed(&xtcp_sk(sk)->tcb.pmtud, after_loss(sk));
}

/**
 * xtcp_mtu_probe_unclear() - the probe is sent again, among other losses
 * @sk: the socket, lock held
 *
 * After a timeout the next probe waits for long: no duplicate ACKs came.
 */
void xtcp_mtu_probe_unclear(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	xtcp_pmtud_unclear(&tcb->pmtud, tcb->recovery == XTCP_REC_LOSS ?
			   xtcp_mtu_search_again(sk) : after_loss(sk));
}
