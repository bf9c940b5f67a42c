// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAIT, and FIN-WAIT-2 of orphans. A namespace has one queue for each of
 * the two states, sorted by the time when an entry ends. Each queue has one
 * timer, which is set for the first entry.
 */
#include <net/inet_ecn.h>

#include "base/ratelimit.h"
#include "base/trace.h"
#include "conn.h"
#include "core/arrive.h"
#include "ip/ip.h"
#include "table/table.h"
#include "timewait.h"

/*
 * Limit of entries that one expiry ends before the timer pauses for a
 * millisecond, so that other work can run. It allows more than 100,000 entries
 * per second.
 */
#define BATCH	128

static struct net *net_of(const struct xtcp_timewait *tw)
{
	return sock_net((const struct sock *)tw);
}

static u32 ms_of(u64 now)
{
	return div_u64(now, NSEC_PER_MSEC);
}

static struct xtcp_tw_queue *queue_of(const struct xtcp_timewait *tw)
{
	struct xtcp_net *xn = xtcp_net(net_of(tw));

	return READ_ONCE(tw->substate) == XTCP_TIME_WAIT ? &xn->tw : &xn->fw2;
}

/*
 * Translate an event of FIN-WAIT-2 to that of TIME-WAIT: a FIN on another CPU
 * may just have changed the state.
 */
static u8 event_in(u8 state, u8 event)
{
	if (state != XTCP_TIME_WAIT)
		return event;
	return event == XTCP_EV_TIMEOUT ? XTCP_EV_2MSL :
	       event == XTCP_EV_RCV_RST ? XTCP_EV_ABORT : event;
}

static void trace_end(struct xtcp_timewait *tw, u8 event)
{
	u8 state = READ_ONCE(tw->substate);
	const struct xtcp_row *row = xtcp_fsm_row(state, event_in(state, event));

	if (!WARN_ON_ONCE(!row))
		xtcp_state_trace((struct sock *)tw, row);
}

/*
 * Remove the entry from the connection table and from its port. Return: false
 * if another CPU has removed it before.
 */
static bool unhash(struct xtcp_timewait *tw, u8 event)
{
	if (!xtcp_table_remove((struct sock *)tw))
		return false;
	trace_end(tw, event);
	xtcp_port_put_tw(tw);
	atomic_dec(&xtcp_net(net_of(tw))->tw.count);
	xtcp_tw_put(tw);
	return true;
}

static struct xtcp_timewait *first_of(const struct xtcp_tw_queue *q)
{
	return rb_entry_safe(rb_first_cached(&q->tree), struct xtcp_timewait,
			     node);
}

/* Remove the entry from the queue. Return: false if it was not queued. */
static bool leave(struct xtcp_tw_queue *q, struct xtcp_timewait *tw)
{
	lockdep_assert_held(&q->lock);
	if (RB_EMPTY_NODE(&tw->node))
		return false;
	rb_erase_cached(&tw->node, &q->tree);
	RB_CLEAR_NODE(&tw->node);
	return true;
}

static void dequeue(struct xtcp_timewait *tw)
{
	struct xtcp_tw_queue *q = queue_of(tw);
	bool queued;

	spin_lock_bh(&q->lock);
	/*
	 * Meanwhile a FIN on another CPU may have moved it to the queue of
	 * TIME-WAIT. The state changes under the lock of the queue of
	 * FIN-WAIT-2.
	 */
	if (unlikely(q != queue_of(tw))) {
		spin_unlock_bh(&q->lock);
		q = queue_of(tw);
		spin_lock_bh(&q->lock);
	}
	queued = leave(q, tw);
	spin_unlock_bh(&q->lock);
	if (queued)
		xtcp_tw_put(tw);
}

/**
 * xtcp_tw_kill() - end an entry early in favor of a new connection
 * @tw: the caller holds a reference
 *
 * Context: any; no lock of level 5 of base/sock.h is held.
 */
void xtcp_tw_kill(struct xtcp_timewait *tw)
{
	unhash(tw, XTCP_EV_RCV_SYN);
	dequeue(tw);
}

static struct xtcp_timewait *pop_expired(struct xtcp_tw_queue *q, u64 now)
{
	struct xtcp_timewait *tw;

	spin_lock_bh(&q->lock);
	tw = first_of(q);
	if (tw && tw->ends <= now)
		leave(q, tw);
	else
		tw = NULL;
	spin_unlock_bh(&q->lock);
	return tw;
}

static enum hrtimer_restart queue_fires(struct hrtimer *hr)
{
	struct xtcp_tw_queue *q = container_of(hr, struct xtcp_tw_queue, timer);
	u64 now = ktime_get_ns();
	struct xtcp_timewait *tw;
	u32 n = 0;

	while (n++ < BATCH && (tw = pop_expired(q, now))) {
		unhash(tw, XTCP_EV_TIMEOUT);
		xtcp_tw_put(tw);
	}

	spin_lock(&q->lock);
	tw = first_of(q);
	/*
	 * Under the lock, as in add_to(): otherwise an entry that is added
	 * after first_of() could start the timer, and this call would overwrite
	 * its expiry.
	 */
	if (tw)
		hrtimer_start(hr, ns_to_ktime(max_t(u64, tw->ends,
						    now + NSEC_PER_MSEC)),
			      HRTIMER_MODE_ABS_SOFT);
	spin_unlock(&q->lock);
	return HRTIMER_NORESTART;
}

static bool ends_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct xtcp_timewait, node)->ends <
	       rb_entry(b, struct xtcp_timewait, node)->ends;
}

/*
 * Queue an entry that ends at @ends, or move it. A queued entry holds a
 * reference. TCP_LINGER2 lets a user choose the time, so new entries are not
 * always the last: the queue is a tree.
 */
static void add_to(struct xtcp_tw_queue *q, struct xtcp_timewait *tw, u64 ends)
{
	lockdep_assert_held(&q->lock);
	if (!leave(q, tw))
		refcount_inc(&tw->c.skc_refcnt);
	tw->ends = ends;
	if (rb_add_cached(&tw->node, &q->tree, ends_before))
		hrtimer_start(&q->timer, ns_to_ktime(ends),
			      HRTIMER_MODE_ABS_SOFT);
}

/* Start or restart TIME-WAIT. */
static void enqueue(struct xtcp_timewait *tw, u64 ends)
{
	struct xtcp_tw_queue *q = &xtcp_net(net_of(tw))->tw;

	spin_lock_bh(&q->lock);
	add_to(q, tw, ends);
	spin_unlock_bh(&q->lock);
}

static void queue_init(struct xtcp_tw_queue *q)
{
	spin_lock_init(&q->lock);
	q->tree = RB_ROOT_CACHED;
	hrtimer_setup(&q->timer, queue_fires, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
}

/* End all entries. There may be max_tw_buckets of them, so let others run. */
static void queue_end(struct xtcp_tw_queue *q)
{
	struct xtcp_timewait *tw;

	hrtimer_cancel(&q->timer);
	while ((tw = pop_expired(q, U64_MAX))) {
		unhash(tw, XTCP_EV_ABORT);
		xtcp_tw_put(tw);
		cond_resched();
	}
	hrtimer_cancel(&q->timer);
}

/**
 * xtcp_tw_net_init() - set up the queues of a new namespace
 * @xn: the namespace
 */
void xtcp_tw_net_init(struct xtcp_net *xn)
{
	queue_init(&xn->tw);
	queue_init(&xn->fw2);
}

/**
 * xtcp_tw_net_exit() - end all entries of a namespace that is removed
 * @xn: the namespace; no packet arrives any more
 *
 * Context: process; may sleep.
 */
void xtcp_tw_net_exit(struct xtcp_net *xn)
{
	queue_end(&xn->tw);
	queue_end(&xn->fw2);
	WARN_ON(atomic_read(&xn->tw.count));
}

static struct xtcp_timewait *tw_alloc(struct sock *sk)
{
	struct xtcp_timewait *tw;
	struct sock *to;

	tw = xtcp_tw_alloc();
	if (!tw)
		return NULL;
	to = (struct sock *)tw;
	refcount_set(&to->sk_refcnt, 0);
	to->sk_family = sk->sk_family;
	to->sk_prot = sk->sk_prot;
	to->sk_state = TCP_TIME_WAIT;
	to->sk_reuse = sk->sk_reuse;
	to->sk_reuseport = sk->sk_reuseport;
	to->sk_ipv6only = sk->sk_ipv6only;
	to->sk_bound_dev_if = sk->sk_bound_dev_if;
	write_pnet(&to->sk_net, sock_net(sk));
	atomic64_set(&to->sk_cookie, 0);
	sk_node_init(&to->sk_node);
	to->sk_v6_daddr = sk->sk_v6_daddr;
	to->sk_v6_rcv_saddr = sk->sk_v6_rcv_saddr;
	to->sk_daddr = sk->sk_daddr;
	to->sk_rcv_saddr = sk->sk_rcv_saddr;
	to->sk_portpair = sk->sk_portpair;
	RB_CLEAR_NODE(&tw->node);
	return tw;
}

/**
 * xtcp_tw_enter() - replace a socket by a small entry
 * @sk: the socket, lock held, in the connection table; out of it on success
 * @substate: XTCP_TIME_WAIT, or XTCP_FIN_WAIT_2 of an orphan
 * @wait: time until the entry ends, ns
 *
 * Source: RFC 9293 3.6.1 (MUST-13).
 *
 * Return: false without memory, with max_tw_buckets entries, or if @sk was not
 * in the table. Then there is no TIME-WAIT, and in FIN-WAIT-2 the socket itself
 * must wait.
 */
bool xtcp_tw_enter(struct sock *sk, u8 substate, u64 wait)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	atomic_t *count = &xtcp_sk(sk)->xn->tw.count;
	struct xtcp_timewait *tw;
	struct xtcp_tw_queue *q;
	struct xtcp_flow flow;
	bool replaced;

	if (atomic_read(count) >= xtcp_sk_sysctl(sk, max_tw_buckets))
		return false;
	tw = tw_alloc(sk);
	if (!tw)
		return false;
	xs->af->flow_take(sk, &flow);
	tw->af = xs->af;
	tw->snd_nxt = xs->tcb.snd_nxt;
	tw->rcv_nxt = xs->tcb.rcv_nxt;
	tw->rcv_wnd = xtcp_rcv_wnd(&xs->tcb);
	tw->oldest_ack = xtcp_oldest_ack(&xs->tcb);
	tw->ts_recent = xs->tcb.ts_recent;
	tw->ts_recent_stamp = xs->tcb.ts_recent_stamp;
	tw->last_ms = ms_of(xs->now);
	tw->ts_offset = xs->tcb.ts_offset;
	tw->mark = sk->sk_mark;
	tw->rcv_wscale = xs->tcb.rcv_wscale;
	tw->tos = flow.tos;
	tw->priority = flow.priority;
	tw->hash = sk->sk_txhash;
	tw->label = flow.label;
	tw->substate = substate;
	tw->ts_ok = xs->tcb.ts_ok;
	tw->transparent = flow.transparent;

	xtcp_port_take_tw(sk, tw);
	atomic_inc(count);
	if (substate == XTCP_TIME_WAIT)
		xtcp_sk_count(sk, TW);
	/*
	 * One reference for the table, one for this function. The fields must
	 * be visible before: a lookup takes a reference unless it is zero.
	 */
	smp_wmb();
	refcount_set(&tw->c.skc_refcnt, 2);
	/*
	 * Under the lock of the queue: an entry that is found in the table is
	 * also found in the queue.
	 */
	q = queue_of(tw);
	spin_lock_bh(&q->lock);
	replaced = xtcp_table_replace(sk, (struct sock *)tw);
	if (replaced)
		add_to(q, tw, xs->now + wait);
	spin_unlock_bh(&q->lock);
	if (!replaced) {
		xtcp_port_put_tw(tw);
		atomic_dec(count);
		xtcp_tw_put(tw);
	}
	xtcp_tw_put(tw);
	return replaced;
}

/**
 * xtcp_tw_may_reuse() - may an active open reuse the tuple of an entry
 * @tw: the entry, in the table
 * @sk: the socket that connects; on success its write_seq is set beyond the
 *	numbers of the entry
 *
 * The timestamps must distinguish old segments from new ones (RFC 7323 B.2): both
 * ends used them. The sysctl tw_reuse must allow it (1 everywhere, 2 on
 * loopback), and its delay must have passed since the last segment. A program
 * that has bound the port gets it at once: it has no other choice. As
 * tcp_twsk_unique() of the kernel.
 *
 * Context: under the lock of the bucket.
 * Return: true if @sk may have the tuple: the caller removes @tw.
 */
bool xtcp_tw_may_reuse(struct xtcp_timewait *tw, struct sock *sk)
{
	int reuse = xtcp_sysctl(sock_net(sk), reuse_tw);
	struct sock *old = (struct sock *)tw;
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool loopback;

	if (tw->substate != XTCP_TIME_WAIT)
		return false;
	loopback = ipv6_addr_loopback(&old->sk_v6_daddr) ||
		   (ipv6_addr_v4mapped(&old->sk_v6_daddr) &&
		    ipv4_is_loopback(old->sk_v6_daddr.s6_addr32[3]));
	if (!tw->ts_ok)
		return false;
	if (!xs->hold && (!reuse || (reuse == 2 && !loopback) ||
			  ms_of(xs->now) - READ_ONCE(tw->last_ms) <=
			  (u32)xtcp_sysctl(sock_net(sk), tw_reuse_delay)))
		return false;
	/*
	 * RFC 9293 3.4.1: beyond all segments that may still be in the network.
	 */
	xs->tcb.write_seq = tw->snd_nxt + 65535 + 2;
	if (!xs->tcb.write_seq)
		xs->tcb.write_seq = 1;
	return true;
}

/* SEGMENT ARRIVES */

/* Fill in the variables that xtcp_arrives() checks (RFC 9293 3.10.7.4). */
static void tw_tcb(const struct xtcp_timewait *tw, struct xtcp_tcb *tcb)
{
	memset(tcb, 0, sizeof(*tcb));
	xtcp_tcb_start_send(tcb, tw->snd_nxt);
	xtcp_tcb_start_receive(tcb, tw->rcv_nxt, tw->rcv_wnd);
	tcb->ts_ok = tw->ts_ok;
	tcb->ts_recent = tw->ts_recent;
	tcb->ts_recent_stamp = tw->ts_recent_stamp;
	tcb->max_snd_wnd = tw->snd_nxt - tw->oldest_ack;
	tcb->acked = tcb->max_snd_wnd;
}

/* Flow of the answers of an entry to a segment with the addresses @t. */
static void tw_flow(const struct xtcp_timewait *tw, const struct xtcp_tuple *t,
		    struct xtcp_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	flow->net = net_of(tw);
	flow->tuple = t;
	flow->oif = tw->c.skc_bound_dev_if;
	flow->mark = tw->mark;
	flow->priority = tw->priority;
	flow->hash = tw->hash;
	flow->label = tw->label;
	flow->tos = tw->tos;
	flow->transparent = tw->transparent;
}

static void tw_send_ack(struct xtcp_timewait *tw, const struct sk_buff *skb,
			const struct xtcp_tuple *t, u64 now)
{
	struct xtcp_segment out = {
		.seq = tw->snd_nxt,
		.ack = tw->rcv_nxt,
		.flags = XTCP_ACK,
		.wnd = min_t(u32, tw->rcv_wnd >> tw->rcv_wscale, 65535),
	};
	struct xtcp_flow flow;

	if (tw->ts_ok) {
		out.opt.has_ts = 1;
		out.opt.tsval = xtcp_ts_clock(now, tw->ts_offset);
		out.opt.tsecr = tw->ts_recent;
	}
	tw_flow(tw, t, &flow);
	xtcp_flow_answer(&flow, skb);
	xtcp_flow_send(&flow, NULL, &out);
}

/*
 * RFC 6191 2, RFC 9293 3.6.1 (MAY-2): may a SYN open a new connection on the
 * tuple of the entry?
 */
static bool may_reopen(const struct xtcp_timewait *tw,
		       const struct xtcp_tcb *tcb,
		       const struct xtcp_segment *seg)
{
	return tw->substate == XTCP_TIME_WAIT &&
	       (seg->flags & (XTCP_SYN | XTCP_ACK | XTCP_RST | XTCP_FIN)) ==
	       XTCP_SYN && xtcp_time_wait_reopens(tcb, seg);
}

static bool reopens(struct xtcp_timewait *tw, const struct xtcp_tcb *tcb,
		    const struct xtcp_segment *seg, u32 *iss)
{
	if (!iss || !may_reopen(tw, tcb, seg))
		return false;
	*iss = tw->snd_nxt + 65535 + 2;
	if (!*iss)
		*iss = 1;
	xtcp_count(net_of(tw), TWReopened);
	xtcp_tw_kill(tw);
	return true;
}

/*
 * Change FIN-WAIT-2 to TIME-WAIT, and remove the entry from the queue. Return:
 * false if another CPU has processed the same FIN before.
 */
static bool leave_fin_wait_2(struct xtcp_timewait *tw, u32 rcv_nxt)
{
	struct xtcp_tw_queue *q = &xtcp_net(net_of(tw))->fw2;
	bool queued, first;

	spin_lock_bh(&q->lock);
	first = tw->substate == XTCP_FIN_WAIT_2;
	queued = first && leave(q, tw);
	if (first) {
		WRITE_ONCE(tw->substate, XTCP_TIME_WAIT);
		tw->rcv_nxt = rcv_nxt;
	}
	spin_unlock_bh(&q->lock);
	if (queued)
		xtcp_tw_put(tw);
	return first;
}

/* The peer's FIN: FIN-WAIT-2 becomes TIME-WAIT. */
static void tw_rcv_fin(struct xtcp_timewait *tw, const struct sk_buff *skb,
		       const struct xtcp_tuple *t, u32 rcv_nxt, u64 now)
{
	if (!leave_fin_wait_2(tw, rcv_nxt))
		return;
	xtcp_state_trace((struct sock *)tw,
			 xtcp_fsm_row(XTCP_FIN_WAIT_2, XTCP_EV_RCV_FIN));
	xtcp_count(net_of(tw), TW);
	tw_send_ack(tw, skb, t, now);
	enqueue(tw, now + XTCP_2MSL_NS);
}

/*
 * RFC 7323 4.3 (2) for an acceptable segment, which has a timestamp if ts_ok is
 * set (xtcp_arrives()). Last.ACK.sent is rcv_nxt here.
 */
static void take_timestamp(struct xtcp_timewait *tw,
			   const struct xtcp_segment *seg, u64 now)
{
	WRITE_ONCE(tw->last_ms, ms_of(now));
	if (tw->ts_ok && !seq_after(seg->seq, tw->rcv_nxt)) {
		tw->ts_recent = seg->opt.tsval;
		tw->ts_recent_stamp = xtcp_seconds(now);
	}
}

/*
 * Process an acceptable segment in FIN-WAIT-2 of an orphan. New data has no
 * reader: a RST reports its loss to the peer (RFC 9293 3.6.1, SHLD-3). A FIN
 * without new data starts TIME-WAIT.
 */
static void tw_rcv_fin_wait_2(struct xtcp_timewait *tw, struct sk_buff *skb,
			      const struct xtcp_tuple *t,
			      const struct xtcp_segment *seg, u64 now)
{
	struct xtcp_flow flow;

	if (seg->len && seq_after(seg->seq + seg->len, tw->rcv_nxt)) {
		xtcp_count(net_of(tw), AbortOnData);
		tw_flow(tw, t, &flow);
		xtcp_reset_flow(&flow, skb, seg, XTCP_RESET_DATA);
		if (unhash(tw, XTCP_EV_ABORT))
			dequeue(tw);
	} else if ((seg->flags & XTCP_FIN) &&
		   seg->end_seq == tw->rcv_nxt + 1) {
		tw_rcv_fin(tw, skb, t, seg->end_seq, now);
	}
}

/* In TIME-WAIT a FIN is acknowledged and restarts 2MSL (RFC 9293 3.10.7.4). */
static void fin_again(struct xtcp_timewait *tw, const struct sk_buff *skb,
		      const struct xtcp_tuple *t, u64 now)
{
	xtcp_state_trace((struct sock *)tw,
			 xtcp_fsm_row(XTCP_TIME_WAIT, XTCP_EV_RCV_FIN));
	enqueue(tw, now + XTCP_2MSL_NS);
	tw_send_ack(tw, skb, t, now);
}

static void tw_challenge(struct sock *sk, const struct xtcp_arrival *in)
{
	struct xtcp_timewait *tw = xtcp_tw(sk);

	if (xtcp_answer_allowed(sock_net(sk), &tw->last_oow, in->now))
		tw_send_ack(tw, in->skb, in->t, in->now);
}

/* The peer's FIN again: our ACK was lost. Send it, and restart 2MSL. */
static void tw_ack(struct sock *sk, const struct xtcp_arrival *in)
{
	struct xtcp_timewait *tw = xtcp_tw(sk);

	if (tw->substate == XTCP_TIME_WAIT && (in->seg->flags & XTCP_FIN) &&
	    in->seg->end_seq == tw->rcv_nxt)
		fin_again(tw, in->skb, in->t, in->now);
	else
		tw_challenge(sk, in);
}

/* RFC 1337 3: a RST ends TIME-WAIT only without the sysctl rfc1337. */
static void tw_aborted(struct sock *sk, const struct xtcp_arrival *in)
{
	struct xtcp_timewait *tw = xtcp_tw(sk);

	if (tw->substate == XTCP_TIME_WAIT &&
	    xtcp_sysctl(sock_net(sk), rfc1337))
		xtcp_count(sock_net(sk), TWRstIgnored);
	else if (unhash(tw, XTCP_EV_RCV_RST))
		dequeue(tw);
}

static const struct xtcp_refusals tw_refusals = {
	.ack = tw_ack,
	.challenge = tw_challenge,
	.aborted = tw_aborted,
};

/**
 * xtcp_tw_yield() - let the kernel's TCP reuse the tuple of an entry
 * @tw: the caller holds a reference
 * @seg: a SYN to a port that belongs to the kernel's TCP now
 *
 * Return: true if the entry has ended; false if the SYN must not open a new
 * connection (RFC 9293 MAY-2, RFC 6191 2).
 */
bool xtcp_tw_yield(struct xtcp_timewait *tw, const struct xtcp_segment *seg)
{
	struct xtcp_tcb tcb;

	tw_tcb(tw, &tcb);
	if (!may_reopen(tw, &tcb, seg))
		return false;
	xtcp_count(net_of(tw), TWReopened);
	xtcp_tw_kill(tw);
	return true;
}

/**
 * xtcp_tw_rcv() - process a segment of a TIME-WAIT or FIN-WAIT-2 entry
 * @tw: the caller holds a reference
 * @skb: not consumed
 * @t: the addresses and ports of the segment
 * @seg: the parsed segment; its checksum is valid
 * @iss: set for XTCP_TW_LISTEN: ISN of the new connection; NULL if there is no
 *	listener
 *
 * Source: RFC 9293 3.10.7.4, TIME-WAIT; RFC 1337 3 (sysctl rfc1337).
 *
 * Return: whether the segment is processed, or is a SYN for the listener.
 */
enum xtcp_tw_verdict xtcp_tw_rcv(struct xtcp_timewait *tw, struct sk_buff *skb,
				 const struct xtcp_tuple *t,
				 const struct xtcp_segment *seg, u32 *iss)
{
	struct xtcp_arrival in = {
		.skb = skb,
		.t = t,
		.seg = seg,
		.now = ktime_get_ns(),
	};
	enum xtcp_verdict verdict;
	struct xtcp_tcb tcb;
	enum xtcp_why why;

	tw_tcb(tw, &tcb);
	if (reopens(tw, &tcb, seg, iss))
		return XTCP_TW_LISTEN;

	verdict = xtcp_arrives(&tcb, tw->substate, seg, xtcp_seconds(in.now),
			       &why);
	if (verdict != XTCP_ACCEPT) {
		xtcp_refuse(&tw_refusals, (struct sock *)tw, verdict, why, &in);
		return XTCP_TW_DONE;
	}
	take_timestamp(tw, seg, in.now);
	if (tw->substate == XTCP_FIN_WAIT_2)
		tw_rcv_fin_wait_2(tw, skb, t, seg, in.now);
	else if (seg->flags & XTCP_FIN)
		fin_again(tw, skb, t, in.now);
	return XTCP_TW_DONE;
}
