// SPDX-License-Identifier: GPL-2.0
/*
 * The text of a segment: in order to the reader, out of order into a tree;
 * urgent data and FIN (RFC 9293 3.10.7.4, sixth to eighth).
 */
#include <linux/rbtree.h>
#include <linux/tcp.h>

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

/* The same, of several runs the first, and what adjoins it (RFC 2883 4). */
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
	/* What is small is copied together when memory is short (collapse()). */
	if (skb->len >= XTCP_MSS_DEFAULT_V4)
		xtcp_rcvbuf_measure(&xs->rcvbuf, skb->len, skb->truesize);
}

/*
 * The size of full segments, for "every second full segment" (SHLD-19). Two of
 * the same smaller size in a row are full ones of now, unless PSH says that they
 * are the end of what was written.
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
	/* Written, and perhaps all that is: see xtcp_window_update(). */
	if (xs->small < 2)
		xs->small++;
}

/* Less than this is no measure of what segments cost, bytes. */
#define GROW_MIN	128

/* The window opens with what comes, as far as the buffer allows. */
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
	limit = min_t(u32, xtcp_buffer_left(sk), xs->window_clamp);
	if (r->ssthresh >= limit)
		return;
	largest = xtcp_rcvbuf_window(r, xtcp_sk_sysctl(sk, rmem[2]));
	step = xtcp_rcvbuf_step(r, skb->len, skb->truesize, xs->tcb.adv_mss,
				largest);
	r->ssthresh += min_t(u32, step, limit - r->ssthresh);
	/* The peer, and its congestion window, should hear of it. */
	if (step && !xs->quickack)
		xs->quickack = 1;
}

/* Text came in order: what it tells of peer and path. */
static void measure(struct sock *sk, const struct sk_buff *skb,
		    const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	measure_mss(sk, skb);
	if (xtcp_rcvbuf_came_due(&xs->rcvbuf, XTCP_CB(skb)->end_seq))
		xtcp_rcvbuf_came(&xs->rcvbuf, XTCP_CB(skb)->end_seq,
				 xtcp_rcv_wnd(tcb), xs->now);
	if (tcb->ts_ok && seg->opt.has_ts &&
	    seg->opt.tsecr != xs->rcvbuf.tsecr && skb->len >= tcb->rcv_mss)
		xtcp_rcvbuf_echo(&xs->rcvbuf, seg->opt.tsecr,
				 xtcp_ts_clock(xs->now, tcb->ts_offset) -
				 seg->opt.tsecr);
	grow_window(sk, skb);
}

/* Data came: an ACK is owed. */
static void ack_owed(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	xs->ack_sched = true;
	xs->last_rcv = xs->now;
}

/* Memory */

/* @factor: how many times SO_RCVBUF may be charged. */
static bool rmem_has_room(struct sock *sk, struct sk_buff *skb, u32 factor)
{
	return atomic_read(&sk->sk_rmem_alloc) / factor <=
	       READ_ONCE(sk->sk_rcvbuf) &&
	       sk_rmem_schedule(sk, skb, skb->truesize);
}

/*
 * Runs: of the segments out of order that adjoin, the first stands in a tree of
 * its own and knows where they end. So no run is ever walked, however many pieces
 * it has. It leaves the tree of runs when its run joins the one before, or when
 * the whole run does.
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

/* A segment came: it begins a run, or makes one longer, or several one. */
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
	/* The node shares its place with the list pointers and the device. */
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

/**
 * xtcp_ooo_purge() - drop all that waits out of order
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
	xtcp_sack_forget(&xs->sacks);
}

/* Small segments take far more memory than they carry bytes. */
static bool wasteful(const struct sk_buff *skb)
{
	return skb->truesize > skb->len + skb->len / 2;
}

/*
 * From @skb on, neighbours that one page holds. Return: how many bytes they have;
 * @cost is what they take.
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

/* Put @big, which has room for @n bytes, in the place of the run at @skb. */
static struct sk_buff *replace_run(struct sock *sk, struct sk_buff *skb,
				   struct sk_buff *big, u32 n)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct xtcp_cb *cb = XTCP_CB(big);
	struct sk_buff *next;

	*cb = *XTCP_CB(skb);
	__skb_queue_before(q, skb, big);
	while (big->len < n) {
		/* Each in the queue goes on behind the one before. */
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
 * The last segment of the receive queue that was looked at before, which what came
 * since may join; or the first. They are in the order of their ends.
 */
static struct sk_buff *not_collapsed(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb, *first = NULL;
	u32 from = xs->collapsed;

	/* Of long ago: it says nothing of what is here. */
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
 * Copy neighbours together where that takes less memory. Each is looked at once,
 * and not before there is an eighth of the buffer of them, so that what a segment
 * costs does not depend on how many wait.
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
		xs->collapsed = XTCP_CB(skb)->end_seq;
	xs->collapse_at = atomic_read(&sk->sk_rmem_alloc) +
			  READ_ONCE(sk->sk_rcvbuf) / 8;
}

/*
 * An empty queue takes one segment, also beyond the limit for all sockets: what a
 * reader waits for makes no way for others if it is dropped, and comes again by a
 * timer of the peer's.
 */
static bool take_by_force(struct sock *sk, const struct sk_buff *skb)
{
	if (!skb_queue_empty(&sk->sk_receive_queue))
		return false;
	xtcp_mem_force(sk, skb->truesize);
	return true;
}

/*
 * Make room for what comes in order, and was promised by the window: what it
 * takes beside its bytes may charge the buffer twice. What waits out of order
 * can be sent again (RFC 2018 8 lets a receiver take back what it SACKed).
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
 * The same for what comes out of order: the sender must see by SACK what is lost,
 * or it waits for its timer. But nothing that is here is dropped for it.
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

/* @skb is next in order, and charged or about to be. */
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
 * Eighth: FIN (RFC 9293 3.10.7.4). All before it has been taken. Return: true if
 * it is the first.
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

/* The hole is filled: what waited behind it follows (MUST-59). */
static bool drain_ooo(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	/* The end of what just arrived: behind it nothing came once more. */
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
		/* What stands behind it is no text. */
		if (fin)
			return true;
	}
	if (skb)
		xtcp_sack_advance(&xs->sacks, xs->tcb.rcv_nxt);
	else
		xtcp_sack_forget(&xs->sacks);
	return false;
}

/**
 * xtcp_worth_reading() - is there enough for a reader that waits
 * @sk: the socket
 * @n: bytes that are there
 * @target: what it waits for (SO_RCVLOWAT)
 *
 * Also less is, if the peer can hardly send more before it is read.
 *
 * Return: true if the reader shall be woken.
 */
bool xtcp_worth_reading(const struct sock *sk, u32 n, u32 target)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return n >= target || xtcp_free_space(sk) < tcb->rcv_mss ||
	       xtcp_rcv_wnd(tcb) <= tcb->rcv_mss;
}

/**
 * xtcp_wake_reader() - tell who waits to read, if it is worth it
 * @sk: the socket, lock held
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

/* Return: true if the peer's FIN was taken. */
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
		ack_owed(sk);
		queue_in_order(sk, skb, false);
	} else {
		/* A lone FIN. */
		xs->tcb.rcv_nxt = cb->end_seq;
		kfree_skb(skb);
	}
	if (holes) {
		/* CC-16: at once when a hole is filled, or some remain. */
		xs->ack_now = true;
		/* What stands behind a FIN is no text. */
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

	/* Mostly it goes to the end. */
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

	/* What came before and is covered by it is not needed any more. */
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
 * What holds all of it already, or NULL. Also what is here in part is reported
 * (RFC 2883 4).
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
 * The run that the segment just arrived is part of comes first in the next ACK,
 * also if it brought nothing new (RFC 2018 4), and right behind the report of a
 * duplicate (RFC 2883 4).
 */
static void report_run(struct xtcp_sock *xs, u32 seq)
{
	const struct xtcp_cb *run = run_before(xs, seq);

	xtcp_sack_add(&xs->sacks, run->seq, run->run_end);
}

static void take_out_of_order(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 seq = XTCP_CB(skb)->seq;
	struct sk_buff *here;

	/* RFC 5681 4.2: the sender must learn of the hole. */
	xs->ack_now = true;
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
	skb_set_owner_r(skb, sk);
	ooo_insert(sk, skb);
	report_run(xs, seq);
}

/* Cut off what lies right of the window; a FIN there is not taken (SA-1f). */
static bool trim_to_window(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_cb *cb = XTCP_CB(skb);
	u32 right = xtcp_sk(sk)->tcb.rcv_nxt + xtcp_rcv_wnd(&xtcp_sk(sk)->tcb);
	u32 over = cb->end_seq - right;

	if (seq_leq(cb->end_seq, right))
		return true;
	if (cb->flags & XTCP_FIN) {
		cb->flags &= ~XTCP_FIN;
		cb->end_seq--;
		over--;
	}
	xtcp_sk(sk)->ack_now = true;
	if (!over)
		return skb->len > 0;
	if (over >= skb->len || pskb_trim(skb, skb->len - over))
		return false;
	cb->end_seq -= over;
	return true;
}

/**
 * xtcp_receive() - the text and FIN of a segment
 * @sk: the socket, lock held, in ESTABLISHED, FIN-WAIT-1 or FIN-WAIT-2
 * @skb: the segment, skb->data at its payload; consumed
 * @seg: judged acceptable; SEG.LEN is not 0
 *
 * Source: RFC 9293 3.10.7.4, seventh and eighth.
 *
 * Return: true if the peer's FIN was taken: then the caller posts
 * XTCP_EV_RCV_FIN, and wakes who waits to read.
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
		xs->ack_now = true;
		xtcp_quick_acks(xs);
		xtcp_sk_count(sk, ZeroWindowDrop);
		goto drop;
	}
	if (seq_leq(cb->end_seq, xs->tcb.rcv_nxt)) {
		/* All of it is old. */
		set_dsack(sk, cb->seq, cb->end_seq);
		xs->ack_now = true;
		xtcp_quick_acks(xs);
		goto drop;
	}
	xs->data_segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	if (seq_after(cb->seq, xs->tcb.rcv_nxt)) {
		take_out_of_order(sk, skb);
		return false;
	}
	if (skb->len && !make_room(sk, skb)) {
		xs->ack_now = true;
		xtcp_sk_count(sk, RcvQDrop);
		/* Nothing comes in before something is read. */
		sk->sk_data_ready(sk);
		goto drop;
	}
	return take_in_order(sk, skb, seg);
drop:
	kfree_skb(skb);
	return false;
}

/* Urgent data */

/* The byte that the pointer means, as the sysctl stdurg reads it. */
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

/* An older urgent byte that nobody read becomes part of nothing: skip it. */
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
 * xtcp_urgent() - the urgent pointer of a segment
 * @sk: the socket, lock held, the peer's FIN not yet taken
 * @skb: the segment, skb->data at its payload
 * @seg: judged acceptable
 *
 * The user gets SIGURG and POLLPRI when the pointer is news (MUST-32), and the
 * byte when it is here.
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
	off = xs->urg_seq - seg->seq;
	if (off >= seg->len || skb_copy_bits(skb, off, &byte, 1))
		return;
	WRITE_ONCE(xs->urg_data, XTCP_URG_VALID | byte);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}
