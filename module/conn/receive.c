// SPDX-License-Identifier: GPL-2.0
/*
 * Data of a segment: in-order data goes to the receive queue, out-of-order data
 * to a tree; urgent data and FIN (RFC 9293 3.10.7.4, sixth to eighth).
 */
#include <linux/rbtree.h>
#include <linux/tcp.h>

#include "ackpolicy.h"
#include "base/memcg.h"
#include "conn.h"
#include "input.h"

static void set_dsack(struct sock *sk, u32 left, u32 right)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (!xtcp_dsack_ok(sk) || !seq_before(left, right))
		return;
	tcb->dsack.left = left;
	tcb->dsack.right = right;
	if (seq_before(left, tcb->rcv_nxt))
		xtcp_sk_count(sk, DSACKOldSent);
	else
		xtcp_sk_count(sk, DSACKOfoSent);
}

/*
 * As set_dsack(). Of several ranges, the first is reported, extended by those
 * that adjoin it (RFC 2883 4).
 */
static void add_dsack(struct sock *sk, u32 left, u32 right)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (tcb->dsack.left == tcb->dsack.right) {
		set_dsack(sk, left, right);
	} else if (seq_leq(left, tcb->dsack.right) &&
		   seq_geq(right, tcb->dsack.left)) {
		tcb->dsack.left = seq_min(tcb->dsack.left, left);
		tcb->dsack.right = seq_max(tcb->dsack.right, right);
	}
}

static void rcv_mss_changed(struct sock *sk, const struct sk_buff *skb, u32 size)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->tcb.rcv_mss = min_t(u32, size, xs->tcb.adv_mss);
	/* Ignore small segments: collapse() merges them if memory is short. */
	if (skb->len >= XTCP_MSS_DEFAULT_V4)
		xtcp_rcvbuf_measure(&xs->rcvbuf, skb->len, skb->truesize);
}

/*
 * Estimate the size of full segments, for the ACK of every second full segment
 * (SHLD-19). Two consecutive segments of the same smaller size mean that full
 * segments have this size now. Below the default MSS this holds only without
 * PSH and FIN, which may mark the end of a write.
 */
static void measure_mss(struct sock *sk, const struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 size = skb_shinfo(skb)->gso_size ?: skb->len;
	u32 last = xs->last_size;

	xs->last_size = 0;
	if (size >= tcb->rcv_mss) {
		if (size != tcb->rcv_mss)
			rcv_mss_changed(sk, skb, size);
		if (!(XTCP_CB(skb)->flags & XTCP_PSH))
			return;
	} else if (size >= XTCP_MSS_DEFAULT_V4 ||
		   (size >= XTCP_MSS_MIN &&
		    !(XTCP_CB(skb)->flags & (XTCP_PSH | XTCP_FIN)))) {
		if (size == last)
			rcv_mss_changed(sk, skb, size);
		xs->last_size = size;
	}
	xtcp_ack_end_of_write(xs);
}

/*
 * Minimum payload of a segment that opens the window, bytes: the memory cost of
 * smaller ones is not typical.
 */
#define GROW_MIN	128

/* Open the window as data arrives, as far as the buffer allows. */
static void grow_window(struct sock *sk, const struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_rcvbuf *r = &xs->rcvbuf;
	u32 limit, step, largest;

	if (skb->len < GROW_MIN)
		return;
	if (unlikely(sk_under_memory_pressure(sk))) {
		r->ssthresh = min_t(u32, r->ssthresh, 4 * xs->tcb.adv_mss);
		return;
	}
	limit = min_t(u32, xtcp_buffer_left(sk), xtcp_window_clamp(xs));
	if (r->ssthresh >= limit)
		return;
	largest = xtcp_rcvbuf_window(r, xtcp_sk_sysctl(sk, rmem[2]));
	step = xtcp_rcvbuf_grow(r, skb->len, skb->truesize, xs->tcb.adv_mss,
				largest);
	r->ssthresh += min_t(u32, step, limit - r->ssthresh);
	/*
	 * An ACK without delay reports the window, and lets the peer's cwnd
	 * grow.
	 */
	if (step)
		xtcp_ack_next(xs);
}

/**
 * xtcp_buffer_grow() - enlarge the receive buffer if necessary
 * @sk: the socket, lock held
 * @window: the window that the buffer must hold, bytes
 *
 * sk_rcvbuf grows up to rmem[2]. Not if SO_RCVBUF fixed it, moderate_rcvbuf is
 * 0 or memory is short.
 */
void xtcp_buffer_grow(struct sock *sk, u32 window)
{
	int space;

	if ((sk->sk_userlocks & SOCK_RCVBUF_LOCK) ||
	    !xtcp_sk_sysctl(sk, moderate_rcvbuf) || sk_under_memory_pressure(sk))
		return;
	space = min(xtcp_rcvbuf_space(&xtcp_sk(sk)->rcvbuf, window),
		    xtcp_sk_sysctl(sk, rmem[2]));
	if (space > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, space);
}

/* Update the estimates about peer and path from in-order data. */
static void measure(struct sock *sk, const struct sk_buff *skb,
		    const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	measure_mss(sk, skb);
	if (xtcp_rcvbuf_window_due(&xs->rcvbuf, XTCP_CB(skb)->end_seq))
		xtcp_rcvbuf_measure_window(&xs->rcvbuf, XTCP_CB(skb)->end_seq,
					   xtcp_rcv_wnd(tcb), xs->now);
	if (tcb->ts_ok && seg->opt.has_ts &&
	    seg->opt.tsecr != xs->rcvbuf.tsecr && skb->len >= tcb->rcv_mss)
		xtcp_rcvbuf_measure_ts(&xs->rcvbuf, seg->opt.tsecr,
				       xtcp_ts_clock(xs->now, tcb->ts_offset) -
				       seg->opt.tsecr);
	grow_window(sk, skb);
}

/* Memory */

/* Is there room for @skb, if the socket may be charged @factor * sk_rcvbuf? */
static bool rmem_has_room(struct sock *sk, struct sk_buff *skb, u32 factor)
{
	return atomic_read(&sk->sk_rmem_alloc) / factor <=
	       READ_ONCE(sk->sk_rcvbuf) &&
	       sk_rmem_schedule(sk, skb, skb->truesize);
}

/*
 * A run is a sequence of out-of-order segments that adjoin. Its first segment
 * is in the tree xs->runs and has the end of the run (run_end), so that the end
 * is found without walking the segments. The first segment leaves that tree
 * when its run becomes part of the run before, or when all of its run leaves
 * xs->ooo.
 */
static void run_erase(struct xtcp_sock *xs, struct xtcp_cb *cb)
{
	if (RB_EMPTY_NODE(&cb->run))
		return;
	rb_erase(&cb->run, &xs->runs);
	RB_CLEAR_NODE(&cb->run);
}

/* The last run that begins at or before @seq, or NULL. */
static struct xtcp_cb *run_before(struct xtcp_sock *xs, u32 seq)
{
	struct rb_node *node = xs->runs.rb_node;
	struct xtcp_cb *run = NULL;

	while (node) {
		struct xtcp_cb *other = rb_entry(node, struct xtcp_cb, run);

		if (seq_before(seq, other->seq)) {
			node = node->rb_left;
		} else {
			run = other;
			node = node->rb_right;
		}
	}
	return run;
}

static void run_insert(struct xtcp_sock *xs, struct xtcp_cb *cb)
{
	struct rb_node **p = &xs->runs.rb_node;
	struct rb_node *parent = NULL;

	while (*p) {
		parent = *p;
		p = seq_before(cb->seq, rb_entry(parent, struct xtcp_cb,
						 run)->seq) ?
		    &parent->rb_left : &parent->rb_right;
	}
	cb->run_end = cb->end_seq;
	rb_link_node(&cb->run, parent, p);
	rb_insert_color(&cb->run, &xs->runs);
}

/* A segment arrived: it starts a run, extends one, or joins several. */
static void run_join(struct xtcp_sock *xs, struct xtcp_cb *cb)
{
	struct xtcp_cb *run = run_before(xs, cb->seq), *other;
	struct rb_node *next;

	if (run && seq_leq(cb->seq, run->run_end)) {
		RB_CLEAR_NODE(&cb->run);
		run->run_end = seq_max(run->run_end, cb->end_seq);
	} else {
		run_insert(xs, cb);
		run = cb;
	}
	while ((next = rb_next(&run->run))) {
		other = rb_entry(next, struct xtcp_cb, run);
		if (seq_after(other->seq, run->run_end))
			break;
		run->run_end = seq_max(run->run_end, other->run_end);
		run_erase(xs, other);
	}
}

static void ooo_erase(struct xtcp_sock *xs, struct sk_buff *skb)
{
	if (xs->ooo_last == skb)
		xs->ooo_last = skb_rb_prev(skb);
	run_erase(xs, XTCP_CB(skb));
	rb_erase(&skb->rbnode, &xs->ooo);
	RB_CLEAR_NODE(&skb->rbnode);
	/* rbnode shares its memory with the list pointers and the device. */
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

/**
 * xtcp_ooo_purge() - free all out-of-order segments
 * @sk: the socket, lock held
 */
void xtcp_ooo_purge(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&xs->ooo))) {
		ooo_erase(xs, skb);
		kfree_skb(skb);
	}
	xs->ooo_last = NULL;
	xtcp_sack_clear(&xs->sacks);
}

/* Small segments take far more memory than they have payload. */
static bool wasteful(const struct sk_buff *skb)
{
	return skb->truesize > skb->len + skb->len / 2;
}

/*
 * Find the wasteful neighbours from @skb on whose payload fits into one page.
 *
 * Return: their payload, bytes; 0 if @skb is not wasteful. @cost is set to the
 * memory that they take, bytes.
 */
static u32 run_of_small(struct sk_buff_head *q, struct sk_buff *skb, u32 *cost)
{
	u32 start = XTCP_CB(skb)->seq, end = start;

	*cost = 0;
	skb_queue_walk_from(q, skb) {
		u32 to = XTCP_CB(skb)->seq + skb->len;

		if (!wasteful(skb) || seq_after(XTCP_CB(skb)->seq, end) ||
		    (int)(to - start) > (int)SKB_MAX_ORDER(0, 0))
			break;
		end = to;
		*cost += skb->truesize;
	}
	return end - start;
}

/*
 * Replace the run at @skb, @n bytes, by a copy in @big. Return: the segment
 * after the run, or NULL.
 */
static struct sk_buff *replace_run(struct sock *sk, struct sk_buff *skb,
				   struct sk_buff *big, u32 n)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct xtcp_cb *cb = XTCP_CB(big);
	struct sk_buff *next;

	*cb = *XTCP_CB(skb);
	__skb_queue_before(q, skb, big);
	while (big->len < n) {
		/* Segments may overlap: skip the bytes of the one before. */
		u32 old = cb->seq + big->len - XTCP_CB(skb)->seq;
		u32 len = skb->len - old;

		skb_copy_bits(skb, old, skb_put(big, len), len);
		cb->end_seq = XTCP_CB(skb)->end_seq;
		cb->flags |= XTCP_CB(skb)->flags;
		next = skb_peek_next(skb, q);
		__skb_unlink(skb, q);
		kfree_skb(skb);
		skb = next;
	}
	skb_set_owner_r(big, sk);
	return skb;
}

/*
 * Where collapse() continues: at the last segment that it has visited, because
 * newer segments may join it; at the first segment if there is none. The queue
 * is sorted by end_seq.
 */
static struct sk_buff *not_collapsed(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb, *first = NULL;
	u32 from = xs->collapsed_seq;

	/* xs->collapsed_seq is before the unread data: it is obsolete. */
	if (xs->tcb.rcv_nxt - from > xs->tcb.rcv_nxt - xs->copied_seq)
		from = xs->copied_seq;
	skb_queue_reverse_walk(q, skb) {
		first = skb;
		if (seq_leq(XTCP_CB(skb)->end_seq, from))
			break;
	}
	return first;
}

/*
 * Merge small neighbours where this saves memory, from not_collapsed() on. The
 * next call is due when another eighth of the buffer is charged. So the cost
 * per segment does not depend on the length of the queue.
 */
static void collapse(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb = not_collapsed(sk), *big;
	u32 n, cost;

	while (skb) {
		n = run_of_small(q, skb, &cost);
		big = n ? alloc_skb(n, GFP_ATOMIC) : NULL;
		if (big && big->truesize < cost) {
			skb = replace_run(sk, skb, big, n);
			continue;
		}
		kfree_skb(big);
		skb = skb_peek_next(skb, q);
	}
	skb = skb_peek_tail(q);
	if (skb)
		xs->collapsed_seq = XTCP_CB(skb)->end_seq;
	xs->collapse_at = atomic_read(&sk->sk_rmem_alloc) +
			  READ_ONCE(sk->sk_rcvbuf) / 8;
}

/*
 * Accept a segment into an empty queue, even beyond the memory limit of all
 * sockets (sk_prot->sysctl_mem). A drop would stall the connection until the
 * peer's retransmission timer expires, and the reader has nothing to read that
 * would free memory.
 */
static bool take_by_force(struct sock *sk, const struct sk_buff *skb)
{
	if (!skb_queue_empty(&sk->sk_receive_queue))
		return false;
	xtcp_mem_charge_forced(sk, skb->truesize);
	return true;
}

/*
 * Make room for in-order data, which the window has promised. Because of the
 * overhead, up to twice sk_rcvbuf may be charged. Out-of-order segments are
 * dropped if necessary: the peer retransmits them (RFC 2018 8 lets a receiver
 * discard data that it has SACKed).
 */
static bool make_room(struct sock *sk, struct sk_buff *skb)
{
	if (rmem_has_room(sk, skb, 1))
		return true;
	if (atomic_read(&sk->sk_rmem_alloc) >= xtcp_sk(sk)->collapse_at)
		collapse(sk);
	if (rmem_has_room(sk, skb, 2))
		return true;
	collapse(sk);
	if (rmem_has_room(sk, skb, 2))
		return true;
	if (!RB_EMPTY_ROOT(&xtcp_sk(sk)->ooo)) {
		xtcp_ooo_purge(sk);
		xtcp_sk_count(sk, OFODrop);
		if (rmem_has_room(sk, skb, 2))
			return true;
	}
	return take_by_force(sk, skb);
}

/*
 * Make room for an out-of-order segment: without its SACK block the sender does
 * not see the loss, and waits for its timer. But no queued segment is dropped
 * for it.
 */
static bool make_room_ooo(struct sock *sk, struct sk_buff *skb)
{
	if (rmem_has_room(sk, skb, 1))
		return true;
	if (atomic_read(&sk->sk_rmem_alloc) < xtcp_sk(sk)->collapse_at)
		return false;
	collapse(sk);
	return rmem_has_room(sk, skb, 1);
}

/* In order */

static bool queue_tail_merge(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	bool stolen;
	int delta;

	if (!tail || XTCP_CB(tail)->end_seq != XTCP_CB(skb)->seq ||
	    (XTCP_CB(tail)->flags & XTCP_FIN))
		return false;
	if (!skb_try_coalesce(tail, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	XTCP_CB(tail)->end_seq = XTCP_CB(skb)->end_seq;
	XTCP_CB(tail)->flags |= XTCP_CB(skb)->flags;
	kfree_skb_partial(skb, stolen);
	return true;
}

/* Queue @skb, the next in order. @charged: the socket is already charged. */
static void queue_in_order(struct sock *sk, struct sk_buff *skb, bool charged)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 end = XTCP_CB(skb)->end_seq;

	xs->bytes_received += end - xs->tcb.rcv_nxt;
	xs->tcb.rcv_nxt = end;
	if (charged)
		skb_orphan(skb);
	if (queue_tail_merge(sk, skb))
		return;
	skb_set_owner_r(skb, sk);
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/*
 * Eighth check: FIN (RFC 9293 3.10.7.4). All data before it has been received.
 * Return: true if it is the first FIN.
 */
static bool stream_rcv_fin(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (xs->rcv_fin)
		return false;
	xs->rcv_fin = true;
	xtcp_ooo_purge(sk);
	return true;
}

/*
 * A hole is filled: take the out-of-order segments behind it before the ACK is
 * sent (RFC 9293 3.10.7.4, MUST-59). Return: true if there was a FIN.
 */
static bool drain_ooo(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	/* End of the segment that just arrived: no duplicate lies behind it. */
	u32 high = xs->tcb.rcv_nxt;
	struct sk_buff *skb;
	bool fin;

	while ((skb = skb_rb_first(&xs->ooo))) {
		struct xtcp_cb *cb = XTCP_CB(skb);

		if (seq_after(cb->seq, xs->tcb.rcv_nxt))
			break;
		ooo_erase(xs, skb);
		if (seq_before(cb->seq, high))
			add_dsack(sk, cb->seq, seq_min(cb->end_seq, high));
		if (seq_leq(cb->end_seq, xs->tcb.rcv_nxt)) {
			kfree_skb(skb);
			continue;
		}
		fin = cb->flags & XTCP_FIN;
		queue_in_order(sk, skb, true);
		/* Nothing after the FIN is data. */
		if (fin)
			return true;
	}
	if (skb)
		xtcp_sack_advance(&xs->sacks, xs->tcb.rcv_nxt);
	else
		xtcp_sack_clear(&xs->sacks);
	return false;
}

/**
 * xtcp_worth_reading() - is there enough data to wake a reader
 * @sk: the socket; poll() does not hold its lock
 * @n: unread bytes
 * @target: bytes that the reader waits for (SO_RCVLOWAT)
 *
 * Less than @target is enough if the peer can hardly send more before a read:
 * the buffer or the window has room for one segment at most.
 *
 * Return: true if the reader is to be woken.
 */
bool xtcp_worth_reading(const struct sock *sk, u32 n, u32 target)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return n >= target || xtcp_free_space(sk) < tcb->rcv_mss ||
	       xtcp_said_wnd(tcb) <= tcb->rcv_mss;
}

/**
 * xtcp_wake_reader() - wake the reader if necessary
 * @sk: the socket, lock held
 *
 * The reason is enough data, the peer's FIN, or the end of the connection.
 */
void xtcp_wake_reader(struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	if (!sock_flag(sk, SOCK_DEAD) &&
	    (xs->rcv_fin || sk->sk_state == TCP_CLOSE ||
	     xtcp_worth_reading(sk, xs->tcb.rcv_nxt - xs->copied_seq,
				READ_ONCE(sk->sk_rcvlowat))))
		sk->sk_data_ready(sk);
}

/*
 * Process a segment that begins at rcv_nxt or before, and ends after it.
 * Return: true if the peer's FIN was taken.
 */
static bool take_in_order(struct sock *sk, struct sk_buff *skb,
			  const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_cb *cb = XTCP_CB(skb);
	bool fin = cb->flags & XTCP_FIN;
	bool holes = !RB_EMPTY_ROOT(&xs->ooo);

	if (seq_before(cb->seq, xs->tcb.rcv_nxt))
		set_dsack(sk, cb->seq, xs->tcb.rcv_nxt);
	if (skb->len) {
		measure(sk, skb, seg);
		xtcp_ack_owed(xs);
		queue_in_order(sk, skb, false);
	} else {
		/* A FIN without data. */
		xs->tcb.rcv_nxt = cb->end_seq;
		kfree_skb(skb);
	}
	if (holes) {
		/*
		 * RFC 5681 4.2: ACK at once if all or part of a hole is
		 * filled.
		 */
		xtcp_ack_now(xs);
		/* Nothing after a FIN is data. */
		if (!fin)
			fin = drain_ooo(sk);
	}
	if (fin && stream_rcv_fin(sk))
		return true;
	xtcp_wake_reader(sk);
	return false;
}

/* Out of order */

static void ooo_insert(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_cb *cb = XTCP_CB(skb);
	struct rb_node **p = &xs->ooo.rb_node;
	struct rb_node *parent = NULL;
	struct sk_buff *other, *next;

	/* Most segments go to the end. */
	if (xs->ooo_last && seq_geq(cb->seq, XTCP_CB(xs->ooo_last)->seq)) {
		parent = &xs->ooo_last->rbnode;
		p = &parent->rb_right;
	}
	while (*p) {
		parent = *p;
		other = rb_to_skb(parent);
		p = seq_before(cb->seq, XTCP_CB(other)->seq) ?
		    &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &xs->ooo);
	if (!xs->ooo_last || !skb_rb_next(skb))
		xs->ooo_last = skb;
	run_join(xs, cb);

	/* Free older segments that this one covers. */
	while ((next = skb_rb_next(skb)) &&
	       seq_leq(XTCP_CB(next)->end_seq, cb->end_seq)) {
		add_dsack(sk, XTCP_CB(next)->seq, XTCP_CB(next)->end_seq);
		ooo_erase(xs, next);
		kfree_skb(next);
		xtcp_sk_count(sk, OFOMerge);
	}
	if (next && seq_before(XTCP_CB(next)->seq, cb->end_seq))
		add_dsack(sk, XTCP_CB(next)->seq, cb->end_seq);
}

/*
 * Find the segment that covers all of @cb, or NULL. An overlap is reported by
 * DSACK, also a partial one (RFC 2883 4).
 */
static struct sk_buff *ooo_covers(struct sock *sk, const struct xtcp_cb *cb)
{
	struct rb_node *node = xtcp_sk(sk)->ooo.rb_node;
	struct sk_buff *prev = NULL;
	u32 end;

	while (node) {
		struct sk_buff *other = rb_to_skb(node);

		if (seq_leq(XTCP_CB(other)->seq, cb->seq)) {
			prev = other;
			node = node->rb_right;
		} else {
			node = node->rb_left;
		}
	}
	if (!prev)
		return NULL;
	end = XTCP_CB(prev)->end_seq;
	if (seq_leq(end, cb->seq))
		return NULL;
	if (seq_leq(cb->end_seq, end)) {
		add_dsack(sk, cb->seq, cb->end_seq);
		return prev;
	}
	add_dsack(sk, cb->seq, end);
	return NULL;
}

/*
 * The first SACK block of the next ACK is the run that the latest segment is
 * part of, also if that was a duplicate (RFC 2018 4). A DSACK block precedes it
 * (RFC 2883 4).
 */
static void report_run(struct xtcp_sock *xs, u32 seq)
{
	const struct xtcp_cb *run = run_before(xs, seq);

	xtcp_sack_add(&xs->sacks, run->seq, run->run_end);
}

/*
 * The receive buffer has to hold the data of a round trip, the next one, and
 * what waits out of order meanwhile. A child that was not accepted, or an orphan,
 * gets no larger buffer.
 *
 * Source: tcp_data_queue_ofo() and tcp_rcvbuf_grow() of the kernel.
 */
static void grow_for_holes(struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 waits = XTCP_CB(xs->ooo_last)->end_seq - xs->tcb.rcv_nxt;

	if (sk->sk_socket)
		xtcp_buffer_grow(sk, min_t(u64, 2ULL * xs->rcvbuf.space + waits,
					   INT_MAX));
}

static void take_out_of_order(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 seq = XTCP_CB(skb)->seq;
	struct sk_buff *here;

	/* RFC 5681 4.2: report the hole to the sender at once. */
	xtcp_ack_now(xs);
	if (skb->len)
		measure_mss(sk, skb);
	xs->rcv_ooopack += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	here = ooo_covers(sk, XTCP_CB(skb));
	if (here) {
		kfree_skb(skb);
		report_run(xs, XTCP_CB(here)->seq);
		return;
	}
	if (!make_room_ooo(sk, skb)) {
		xtcp_sk_count(sk, OFODrop);
		kfree_skb(skb);
		return;
	}
	xtcp_sk_count(sk, OFOQueue);
	/* Without SACK, the duplicate ACKs must not differ in their window. */
	if (xs->tcb.sack_ok)
		grow_window(sk, skb);
	skb_set_owner_r(skb, sk);
	ooo_insert(sk, skb);
	report_run(xs, seq);
	grow_for_holes(sk);
}

/*
 * Cut off data right of the window, and a FIN behind such data (RFC 9293
 * 3.10.7.4, first).
 *
 * A FIN exactly at the right edge is taken, also at a zero window: it needs no
 * memory, and the peer would have to probe until there is a window. If all was
 * read, a segment that begins in the window is taken as a whole: the reader
 * waits for it, and the peer would have to send the rest again. RFC 9293 allows
 * to trim, but does not require it. As the kernel's TCP.
 *
 * Return: false if nothing is left, or without memory.
 */
static bool trim_to_window(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_cb *cb = XTCP_CB(skb);
	u32 wnd = xtcp_rcv_wnd(&xtcp_sk(sk)->tcb);
	u32 right = xtcp_sk(sk)->tcb.rcv_nxt + wnd;
	u32 over = cb->end_seq - right;

	if (seq_leq(cb->end_seq, right) ||
	    (over == 1 && (cb->flags & XTCP_FIN)) ||
	    (wnd && skb_queue_empty(&sk->sk_receive_queue)))
		return true;
	if (cb->flags & XTCP_FIN) {
		cb->flags &= ~XTCP_FIN;
		cb->end_seq--;
		over--;
	}
	xtcp_ack_now(xtcp_sk(sk));
	if (!over)
		return skb->len > 0;
	if (over >= skb->len || pskb_trim(skb, skb->len - over))
		return false;
	cb->end_seq -= over;
	return true;
}

/**
 * xtcp_receive() - process the data and the FIN of a segment
 * @sk: the socket, lock held, in ESTABLISHED, FIN-WAIT-1 or FIN-WAIT-2
 * @skb: the segment, skb->data at its payload; consumed
 * @seg: an acceptable segment; SEG.LEN is not 0
 *
 * Source: RFC 9293 3.10.7.4, seventh and eighth.
 *
 * Return: true if the peer's FIN was taken: then the caller posts
 * XTCP_EV_RCV_FIN, and wakes the reader.
 */
bool xtcp_receive(struct sock *sk, struct sk_buff *skb,
		  const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_cb *cb = XTCP_CB(skb);

	memset(cb, 0, sizeof(*cb));
	cb->seq = seg->seq + !!(seg->flags & XTCP_SYN);
	cb->end_seq = seg->end_seq;
	cb->flags = seg->flags;

	if (!trim_to_window(sk, skb)) {
		xtcp_ack_now(xs);
		xtcp_ack_quick(xs);
		xtcp_sk_count(sk, ZeroWindowDrop);
		goto drop;
	}
	if (seq_leq(cb->end_seq, xs->tcb.rcv_nxt)) {
		/* All of the data is old. */
		set_dsack(sk, cb->seq, cb->end_seq);
		xtcp_ack_now(xs);
		xtcp_ack_quick(xs);
		goto drop;
	}
	xs->data_segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	if (seq_after(cb->seq, xs->tcb.rcv_nxt)) {
		take_out_of_order(sk, skb);
		return false;
	}
	if (skb->len && !make_room(sk, skb)) {
		xtcp_ack_now(xs);
		xs->tcb.rcv_nomem = 1;
		xtcp_sk_count(sk, RcvQDrop);
		/* No data is accepted until the user reads: wake the reader. */
		sk->sk_data_ready(sk);
		goto drop;
	}
	return take_in_order(sk, skb, seg);
drop:
	kfree_skb(skb);
	return false;
}

/* Urgent data */

/*
 * Sequence number of the urgent byte. The urgent pointer names the byte after
 * it (RFC 9293 3.8.5, MUST-62), or with the sysctl stdurg the byte itself (RFC
 * 1122 4.2.2.4).
 */
static u32 urgent_seq(struct sock *sk, const struct xtcp_segment *seg)
{
	u32 at = seg->seq + seg->urp;

	return xtcp_sk_sysctl(sk, stdurg) ? at : at - 1;
}

static bool urgent_is_news(const struct xtcp_sock *xs, u32 at)
{
	if (seq_after(xs->copied_seq, at) || seq_before(at, xs->tcb.rcv_nxt))
		return false;
	return !xs->urg_data || seq_after(at, xs->urg_seq);
}

/*
 * The next byte of the stream is an older urgent byte that was not read. It is
 * not inline data: skip it.
 */
static void forget_urgent(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

	if (!xs->urg_data || xs->urg_seq != xs->copied_seq ||
	    sock_flag(sk, SOCK_URGINLINE) || xs->copied_seq == xs->tcb.rcv_nxt)
		return;
	xs->copied_seq++;
	if (skb && !seq_before(xs->copied_seq, XTCP_CB(skb)->end_seq)) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		__kfree_skb(skb);
	}
}

/**
 * xtcp_urgent() - process the urgent pointer of a segment
 * @sk: the socket, lock held, the peer's FIN not yet taken
 * @skb: the segment, skb->data at its payload
 * @seg: an acceptable segment
 *
 * The user gets SIGURG when the pointer advances (RFC 9293 3.8.5,
 * MUST-32). When the urgent byte has arrived, poll() returns EPOLLPRI, and
 * MSG_OOB reads the byte.
 *
 * Source: RFC 9293 3.10.7.4, sixth; RFC 6093.
 */
void xtcp_urgent(struct sock *sk, struct sk_buff *skb,
		 const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 at, off;
	u8 byte;

	if (seg->flags & XTCP_URG && seg->urp) {
		at = urgent_seq(sk, seg);
		if (urgent_is_news(xs, at)) {
			xtcp_sk_count(sk, UrgentRcvd);
			sk_send_sigurg(sk);
			forget_urgent(sk);
			xs->urg_data = XTCP_URG_NOTYET;
			xs->urg_seq = at;
			xs->tcb.rcv_up = at + 1;
		}
	}
	if (xs->urg_data != XTCP_URG_NOTYET)
		return;
	off = xs->urg_seq - seg->seq - !!(seg->flags & XTCP_SYN);
	if (off >= seg->len || skb_copy_bits(skb, off, &byte, 1))
		return;
	WRITE_ONCE(xs->urg_data, XTCP_URG_VALID | byte);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}
