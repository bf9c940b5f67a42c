// SPDX-License-Identifier: GPL-2.0
/*
 * The socket of a passive open: a clone of the listener, with the addresses,
 * sequence numbers and options that the request negotiated.
 */
#include <linux/security.h>
#include <net/ip6_route.h>
#include <net/transp_v6.h>

#include "child.h"
#include "conn/conn.h"
#include "ip/ip.h"
#include "listen.h"
#include "table/table.h"

static void child_addresses(struct sock *child, const struct xtcp_request *rq)
{
	struct inet_sock *inet = inet_sk(child);
	const struct sock *from = (const struct sock *)rq;

	child->sk_v6_daddr = from->sk_v6_daddr;
	child->sk_v6_rcv_saddr = from->sk_v6_rcv_saddr;
	inet->inet_dport = from->sk_dport;
	/* From the request: the listener may have released its port by now. */
	inet->inet_num = from->sk_num;
	inet->inet_sport = htons(from->sk_num);
	if (rq->af->family == AF_INET) {
		inet->inet_daddr = from->sk_v6_daddr.s6_addr32[3];
		inet->inet_saddr = from->sk_v6_rcv_saddr.s6_addr32[3];
		inet->inet_rcv_saddr = inet->inet_saddr;
	} else {
		inet->inet_daddr = LOOPBACK4_IPV6;
		inet->inet_saddr = LOOPBACK4_IPV6;
		inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	}
	child->sk_bound_dev_if = from->sk_bound_dev_if;
	if (ipv6_addr_type(&child->sk_v6_daddr) & IPV6_ADDR_LINKLOCAL)
		child->sk_bound_dev_if = rq->iif;
}

/*
 * A copy of the listener's IPv6 options. Context: RCU read side.
 * Return: NULL if there are none, or no memory.
 */
static struct ipv6_txoptions *child_options(struct sock *child,
					    const struct sock *listener)
{
	struct ipv6_txoptions *opt = rcu_dereference(inet6_sk(listener)->opt);

	return opt ? ipv6_dup_options(child, opt) : NULL;
}

/* Reset the fields of the clone that it must not share with the listener. */
static void child_own(struct sock *child, const struct xtcp_request *rq)
{
	struct xtcp_sock *xs = xtcp_sk(child);
	struct inet_sock *inet = inet_sk(child);
	bool pingpong;

	xs->listener = NULL;
	xs->port = NULL;
	xs->hold = NULL;
	xs->port_conns = NULL;
	xs->orphan = false;
	xs->defer_accept = 0;
	WRITE_ONCE(child->sk_shutdown, 0);
	memset(&xs->fo, 0, sizeof(xs->fo));
	INIT_LIST_HEAD(&xs->accept_node);
	RCU_INIT_POINTER(inet->inet_opt, NULL);
	inet->mc_list = NULL;
	child->sk_frag.page = NULL;
	child->sk_frag.offset = 0;
	child->sk_frag.size = 0;
	sock_reset_flag(child, SOCK_RCU_FREE);
	if (child->sk_family == AF_INET6) {
		struct ipv6_pinfo *np = &((struct xtcp6_sock *)child)->inet6;

		inet->pinet6 = np;
		xtcp_clear_fl_list(child);
		np->ipv6_mc_list = NULL;
		np->ipv6_ac_list = NULL;
		np->pktoptions = NULL;
		RCU_INIT_POINTER(np->opt, rq->af == &xtcp_ipv6 ?
				 child_options(child, rq->listener) : NULL);
		np->saddr = child->sk_v6_rcv_saddr;
		np->flow_label = rq->label;
	}
	/* TCP_QUICKACK of the listener */
	pingpong = xs->ato.pingpong;
	xtcp_connection_begin(child);
	xs->ato.pingpong = pingpong;
	xtcp_timers_init(child);
}

/* For TCP_INFO: what the request has done. */
static void child_notes(struct xtcp_sock *xs, const struct xtcp_request *rq)
{
	/* The SYN-ACK; but that of Fast Open is in the queue of the child. */
	xs->delivered = rq->sent || rq->cookie;
	xs->total_retrans = rq->retrans;
	if (!rq->timeouts)
		return;
	xs->total_rto = rq->timeouts;
	xs->rto_recoveries = 1;
	xs->rto_time = xs->now - rq->first_sent;
}

static void child_numbers(struct sock *child, struct xtcp_request *rq,
			  const struct xtcp_segment *seg, u64 now)
{
	struct xtcp_options wish = { .has_uto = !!rq->uto, .uto = rq->uto };
	struct xtcp_sock *xs = xtcp_sk(child);
	struct xtcp_tcb *tcb = &xs->tcb;

	xs->af = rq->af;
	xs->now = now;
	tcb->iss = rq->iss;
	tcb->irs = rq->irs;
	xtcp_tcb_start_send(tcb, rq->iss + 1);
	xtcp_tcb_start_receive(tcb, rq->irs + 1, rq->rcv_wnd);
	xs->copied_seq = tcb->rcv_nxt;
	xs->urg_seq = tcb->rcv_nxt;

	tcb->ts_ok = rq->ts_ok;
	tcb->ts_recent = rq->ts_recent;
	tcb->ts_recent_stamp = xtcp_seconds(now);
	tcb->ts_offset = rq->ts_offset;
	/* With Fast Open the SYN-ACK follows now. */
	tcb->ts_syn = xtcp_ts_clock(rq->first_sent ?: now, rq->ts_offset);
	tcb->sack_ok = rq->sack_ok;
	tcb->wscale_ok = rq->wscale_ok;
	tcb->snd_wscale = rq->snd_wscale;
	tcb->rcv_wscale = rq->rcv_wscale;
	tcb->peer_mss = rq->peer_mss;
	tcb->adv_mss = rq->adv_mss;
	tcb->ecn = rq->ecn;

	/* RFC 7323 2.2: windows are scaled in all segments but SYNs. */
	tcb->snd_wnd = (u32)seg->wnd << tcb->snd_wscale;
	tcb->max_snd_wnd = max_t(u32, tcb->snd_wnd, rq->snd_wnd);
	tcb->snd_wl1 = seg->seq;
	tcb->snd_wl2 = seg->ack;
	xtcp_user_timeout(child, &wish);
	child_notes(xs, rq);
}

/**
 * xtcp_child_syn_ack_late() - was the SYN-ACK of a child only late
 * @child: the child
 * @seg: the segment that acknowledges it
 *
 * Return: true if its retransmission was unnecessary.
 */
bool xtcp_child_syn_ack_late(const struct sock *child,
			     const struct xtcp_segment *seg)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(child)->tcb;

	return tcb->ts_ok && xtcp_undo_syn(&seg->opt, tcb->ts_syn);
}

/**
 * xtcp_child_rtt() - the round-trip time of a handshake that is complete now
 * @rq: the request
 * @late: the SYN-ACK was retransmitted, but only late (xtcp_child_syn_ack_late())
 * @now: ns
 *
 * None from a retransmitted SYN-ACK (Karn, RFC 6298 3) unless that was unnecessary.
 * rq->first_sent is 0 if none was sent yet (Fast Open), or if the time is unknown
 * (SYN cookie).
 *
 * Return: us; 0: unknown.
 */
u32 xtcp_child_rtt(const struct xtcp_request *rq, bool late, u64 now)
{
	if (!rq->first_sent || (rq->again && !late))
		return 0;
	return max_t(u32, div_u64(now - rq->first_sent, NSEC_PER_USEC), 1);
}

/**
 * xtcp_child_new() - create the socket of a request
 * @rq: the request; its lock is held, unless it was never published; its route
 *	moves to the child
 * @seg: the ACK that completes the handshake; for Fast Open, the SYN
 * @now: ns of ktime_get()
 *
 * Context: softirq, RCU read side.
 * Return: the child in SYN-RECEIVED, locked, in no table yet, with one
 * reference for the caller besides its own; NULL if there is no memory.
 */
struct sock *xtcp_child_new(struct xtcp_request *rq,
			    const struct xtcp_segment *seg, u64 now)
{
	struct sock *parent = rq->listener;
	struct sock *child = sk_clone_lock(parent, GFP_ATOMIC);
	struct dst_entry *dst;
	u32 rtt;

	if (!child)
		return NULL;
	/*
	 * TCP_SYN_RECV, not TCP_NEW_SYN_RECV, which identifies a request in the
	 * connection table (entry.h).
	 */
	xtcp_state_store(child, TCP_SYN_RECV);
	child->sk_mark = rq->mark;
	child_addresses(child, rq);
	child_own(child, rq);
	child_numbers(child, rq, seg, now);
	security_sk_clone(parent, child);
	xtcp_set_inet_id(child, get_random_u16());
	child->sk_txhash = rq->hash;

	dst = rq->dst;
	rq->dst = NULL;
	if (dst) {
		if (child->sk_family == AF_INET6 && rq->af == &xtcp_ipv6)
			inet6_sk(child)->dst_cookie =
				rt6_get_cookie(dst_rt6_info(dst));
		sk_setup_caps(child, dst);
		xtcp_cc_select(child, dst);
		xtcp_route_attributes(child, dst);
	}
	/* Data may come much later than the ACK of the SYN-ACK. */
	rtt = rq->acked ? rq->rtt :
	      xtcp_child_rtt(rq, xtcp_child_syn_ack_late(child, seg), now);
	if (rtt)
		xtcp_rtt_sample(&xtcp_sk(child)->tcb.rtt, rtt);
	xtcp_port_inherit(child, parent);
	if (!xtcp_sk(child)->port) {
		xtcp_child_discard(child);
		return NULL;
	}
	return child;
}

/**
 * xtcp_child_discard() - free a child that was never in a table
 * @child: of xtcp_child_new(), locked; it is unlocked and freed
 */
void xtcp_child_discard(struct sock *child)
	__releases(&child->sk_lock.slock)
{
	xtcp_state_store(child, TCP_CLOSE);
	sock_set_flag(child, SOCK_DEAD);
	bh_unlock_sock(child);
	xtcp_destroy(child);
	sock_put(child);
}

/**
 * xtcp_child_queue() - queue a child for accept(), or reset it
 * @rq: its request
 * @child: locked; the caller's reference is dropped, and the child unlocked
 *
 * It is reset if the listener is closed.
 */
void xtcp_child_queue(struct xtcp_request *rq, struct sock *child)
	__releases(&child->sk_lock.slock)
{
	struct sock *listener = rq->listener;

	if (xtcp_listen_queue(rq, child))
		listener->sk_data_ready(listener);
	else
		xtcp_abort_child(child);
	bh_unlock_sock(child);
	sock_put(child);
}
