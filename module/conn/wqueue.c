// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanics of the write queue: segments are created, charged, split, joined,
 * trimmed and freed. The decisions which of them are sent, and when, are in
 * output.c and recovery.c.
 *
 * sk_write_queue has the segments that were never sent. xs->sent has the others
 * (enum xtcp_sent).
 */
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "conn.h"
#include "core/window.h"
#include "wqueue.h"

/**
 * xtcp_skb_new() - allocate an empty segment for the write queue
 * @sk: the socket, lock held
 * @gfp: allocation flags
 *
 * Payload goes into fragments; the linear part is room for headers.
 *
 * Return: the segment, or NULL without memory.
 */
struct sk_buff *xtcp_skb_new(struct sock *sk, gfp_t gfp)
{
	u32 room = MAX_HEADER + sizeof(struct ipv6hdr) + XTCP_HDR_MAX;
	struct sk_buff *skb;

	skb = alloc_skb_fclone(room, gfp);
	if (unlikely(!skb))
		return NULL;
	skb->truesize = SKB_TRUESIZE(skb_end_offset(skb));
	if (!sk_wmem_schedule(sk, skb->truesize) && !(gfp & __GFP_NOFAIL)) {
		__kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, room);
	/*
	 * No checksum while data is copied: the device adds it, or
	 * skb_checksum_help().
	 */
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(XTCP_CB(skb), 0, sizeof(struct xtcp_cb));
	return skb;
}

/**
 * xtcp_skb_free() - free a segment that is charged to the socket
 * @sk: the socket, lock held
 * @skb: in no queue
 */
void xtcp_skb_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	tcp_skb_tsorted_anchor_cleanup(skb);
	__kfree_skb(skb);
}

/**
 * xtcp_queue_tail() - append a segment to the write queue
 * @sk: the socket, lock held; charged for the segment
 * @skb: from xtcp_skb_new()
 */
void xtcp_queue_tail(struct sock *sk, struct sk_buff *skb)
{
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
}

/* Sent segments */

static enum xtcp_sent tree_of(const struct xtcp_cb *cb)
{
	if (cb->marks & XTCP_MARK_SACKED)
		return XTCP_SENT_SACKED;
	if ((cb->marks & (XTCP_MARK_LOST | XTCP_MARK_RETRANS)) ==
	    XTCP_MARK_LOST)
		return XTCP_SENT_LOST;
	return XTCP_SENT_FLIGHT;
}

static void tree_insert(struct rb_root *tree, struct sk_buff *skb)
{
	struct rb_node **link = &tree->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		link = seq_before(XTCP_CB(skb)->seq,
				  XTCP_CB(rb_to_skb(parent))->seq) ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, tree);
}

static void leave_by_time(struct sk_buff *skb)
{
	__list_del_entry(&skb->tcp_tsorted_anchor);
	tcp_skb_tsorted_anchor_cleanup(skb);
}

/**
 * xtcp_sent_add() - a segment was sent for the first time
 * @sk: the socket, lock held
 * @skb: in the write queue
 *
 * It leaves sk_write_queue, and becomes the newest in xs->by_time.
 */
void xtcp_sent_add(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	__skb_unlink(skb, &sk->sk_write_queue);
	XTCP_CB(skb)->marks |= XTCP_MARK_SENT;
	tree_insert(&xs->sent[XTCP_SENT_FLIGHT], skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &xs->by_time);
}

/**
 * xtcp_sent_remove() - take a segment out of the sent ones
 * @sk: the socket, lock held
 * @skb: sent; in no queue afterwards
 */
void xtcp_sent_remove(struct sock *sk, struct sk_buff *skb)
{
	enum xtcp_sent tree = tree_of(XTCP_CB(skb));

	rb_erase(&skb->rbnode, &xtcp_sk(sk)->sent[tree]);
	if (tree == XTCP_SENT_FLIGHT)
		leave_by_time(skb);
	XTCP_CB(skb)->marks &= ~XTCP_MARK_SENT;
}

/**
 * xtcp_sent_set_marks() - change the XTCP_MARK_* bits of a sent segment
 * @sk: the socket, lock held
 * @skb: sent
 * @marks: the new bits, with XTCP_MARK_SENT
 *
 * The segment moves to the tree that they select. If that is the one of
 * segments in flight, it becomes the newest in xs->by_time.
 */
void xtcp_sent_set_marks(struct sock *sk, struct sk_buff *skb, u8 marks)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	enum xtcp_sent from = tree_of(XTCP_CB(skb)), to;

	XTCP_CB(skb)->marks = marks;
	to = tree_of(XTCP_CB(skb));
	if (from == to)
		return;
	rb_erase(&skb->rbnode, &xs->sent[from]);
	if (from == XTCP_SENT_FLIGHT)
		leave_by_time(skb);
	tree_insert(&xs->sent[to], skb);
	if (to == XTCP_SENT_FLIGHT)
		list_add_tail(&skb->tcp_tsorted_anchor, &xs->by_time);
}

/**
 * xtcp_sent_newest() - a segment in flight was sent again
 * @sk: the socket, lock held
 * @skb: in the tree XTCP_SENT_FLIGHT
 */
void xtcp_sent_newest(struct sock *sk, struct sk_buff *skb)
{
	list_move_tail(&skb->tcp_tsorted_anchor, &xtcp_sk(sk)->by_time);
}

/**
 * xtcp_sent_sort() - put a segment to its place in the order of transmissions
 * @sk: the socket, lock held
 * @skb: in the tree XTCP_SENT_FLIGHT; older than most of the others
 */
void xtcp_sent_sort(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *other;

	list_for_each_entry(other, &xs->by_time, tcp_tsorted_anchor) {
		if (other != skb && XTCP_CB(other)->sent >= XTCP_CB(skb)->sent)
			break;
	}
	list_move_tail(&skb->tcp_tsorted_anchor, &other->tcp_tsorted_anchor);
}

/**
 * xtcp_sent_first() - the oldest segment that was sent and not acknowledged
 * @sk: the socket, lock held
 *
 * Return: the segment, or NULL.
 */
struct sk_buff *xtcp_sent_first(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *first = skb_rb_first(&xs->sent[XTCP_SENT_FLIGHT]);
	struct sk_buff *skb;
	int i;

	for (i = XTCP_SENT_FLIGHT + 1; i < XTCP_SENT_TREES; i++) {
		if (likely(RB_EMPTY_ROOT(&xs->sent[i])))
			continue;
		skb = skb_rb_first(&xs->sent[i]);
		if (!first || seq_before(XTCP_CB(skb)->seq,
					 XTCP_CB(first)->seq))
			first = skb;
	}
	return first;
}

/**
 * xtcp_sent_single() - is exactly one segment in flight
 * @sk: the socket, lock held; no segment is lost or SACKed
 *
 * Return: true if so.
 */
bool xtcp_sent_single(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct rb_node *node = xs->sent[XTCP_SENT_FLIGHT].rb_node;

	return node && !node->rb_left && !node->rb_right &&
	       xtcp_segments(rb_to_skb(node)) == 1;
}

/**
 * xtcp_sent_find() - the first segment of a tree that ends after a number
 * @sk: the socket, lock held
 * @tree: which tree
 * @seq: the sequence number
 *
 * Return: the segment, or NULL.
 */
struct sk_buff *xtcp_sent_find(const struct sock *sk, enum xtcp_sent tree,
			       u32 seq)
{
	struct rb_node *node = xtcp_sk(sk)->sent[tree].rb_node;
	struct sk_buff *found = NULL;

	while (node) {
		struct sk_buff *skb = rb_to_skb(node);

		if (seq_after(XTCP_CB(skb)->end_seq, seq)) {
			found = skb;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * xtcp_queue_empty() - is there nothing to send, and nothing in flight
 * @sk: the socket, lock held
 *
 * Return: true if the write queue has no segment.
 */
bool xtcp_queue_empty(const struct sock *sk)
{
	return skb_queue_empty(&sk->sk_write_queue) && !xtcp_sent_first(sk);
}

/* Put @rest, split off from @skb, behind @skb. */
static void insert_after(struct sock *sk, struct sk_buff *skb,
			 struct sk_buff *rest)
{
	enum xtcp_sent tree;

	if (!(XTCP_CB(skb)->marks & XTCP_MARK_SENT)) {
		__skb_queue_after(&sk->sk_write_queue, skb, rest);
		return;
	}
	tree = tree_of(XTCP_CB(skb));
	tree_insert(&xtcp_sk(sk)->sent[tree], rest);
	if (tree == XTCP_SENT_FLIGHT)
		list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
}

/**
 * xtcp_unsend() - treat the sent segments as if they had never been sent
 * @sk: the socket, lock held; none is marked
 */
void xtcp_unsend(struct sock *sk)
{
	struct rb_root *tree = &xtcp_sk(sk)->sent[XTCP_SENT_FLIGHT];
	struct sk_buff *skb;

	while ((skb = skb_rb_last(tree))) {
		xtcp_sent_remove(sk, skb);
		XTCP_CB(skb)->sent = 0;
		__skb_queue_head(&sk->sk_write_queue, skb);
	}
}

/**
 * xtcp_write_queue_purge() - free all segments of the write queue
 * @sk: the socket, lock held
 */
void xtcp_write_queue_purge(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb, *next;
	int i;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		xtcp_skb_free(sk, skb);
	for (i = 0; i < XTCP_SENT_TREES; i++) {
		rbtree_postorder_for_each_entry_safe(skb, next, &xs->sent[i],
						     rbnode)
			xtcp_skb_free(sk, skb);
		xs->sent[i] = RB_ROOT;
	}
	INIT_LIST_HEAD(&xs->by_time);
	xs->tcb.sacked_out = 0;
	xs->tcb.lost_out = 0;
	xs->tcb.retrans_out = 0;
	sk_mem_reclaim(sk);
}

/* Make @skb writable: a clone in a lower queue may share its head. */
static int unshare(struct sock *sk, struct sk_buff *skb, gfp_t gfp)
{
	int old = skb->truesize;
	int err = skb_unclone(skb, gfp);

	if (!err && skb->truesize != old) {
		sk_wmem_queued_add(sk, skb->truesize - old);
		sk_mem_charge(sk, skb->truesize - old);
	}
	return err;
}

/* Drop @n bytes from the front of @skb, whose payload is all in fragments. */
static void eat_front(struct sk_buff *skb, u32 n)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 left = n;
	int i, kept = 0;

	for (i = 0; i < si->nr_frags; i++) {
		u32 size = skb_frag_size(&si->frags[i]);

		if (left >= size) {
			skb_frag_unref(skb, i);
			left -= size;
			continue;
		}
		si->frags[kept] = si->frags[i];
		skb_frag_off_add(&si->frags[kept], left);
		skb_frag_size_sub(&si->frags[kept], left);
		left = 0;
		kept++;
	}
	si->nr_frags = kept;
	skb->len -= n;
	skb->data_len -= n;
	skb->truesize -= n;
}

/**
 * xtcp_trim() - make a queued segment writable, drop its acknowledged bytes
 * @sk: the socket, lock held
 * @skb: in the write queue; shared with no clone afterwards
 * @gfp: allocation flags
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_trim(struct sock *sk, struct sk_buff *skb, gfp_t gfp)
{
	u32 n = XTCP_CB(skb)->acked;

	if (unshare(sk, skb, gfp))
		return -ENOMEM;
	if (n) {
		eat_front(skb, n);
		XTCP_CB(skb)->acked = 0;
		sk_wmem_queued_add(sk, -(int)n);
		sk_mem_uncharge(sk, n);
	}
	return 0;
}

/**
 * xtcp_split() - split a queued segment
 * @sk: the socket, lock held
 * @skb: in the write queue
 * @len: payload that stays in it, counted from its sequence number, bytes; more
 *	than 0, less than all
 * @gfp: allocation flags
 *
 * The rest becomes the next segment of the queue. It gets the same XTCP_MARK_*
 * bits; XTCP_MARK_EOR, FIN and PSH move to it.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_split(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp)
{
	struct xtcp_cb *cb = XTCP_CB(skb);
	struct sk_buff *rest;
	u32 n;

	if (xtcp_trim(sk, skb, gfp))
		return -ENOMEM;
	rest = xtcp_skb_new(sk, gfp);
	if (!rest)
		return -ENOMEM;

	*XTCP_CB(rest) = *cb;
	XTCP_CB(rest)->seq = cb->seq + len;
	cb->end_seq = cb->seq + len;
	cb->flags &= ~(XTCP_FIN | XTCP_PSH);
	cb->marks &= ~XTCP_MARK_EOR;
	skb_split(skb, rest, len);
	/* If it was sent, both parts were sent in segments of this size. */
	skb_shinfo(rest)->gso_size = skb_shinfo(skb)->gso_size;

	/* The charge of the fragments moves with them. */
	n = rest->len;
	skb->truesize -= n;
	rest->truesize += n;
	sk_wmem_queued_add(sk, rest->truesize - n);
	sk_mem_charge(sk, rest->truesize - n);
	insert_after(sk, skb, rest);
	return 0;
}

/**
 * xtcp_size_goal() - limit of the payload of one skb of the write queue
 * @sk: the socket, lock held
 *
 * Return: bytes: the full segments that a device takes in one skb, within the
 * limit of xtcp_bound_to_window(); one segment at least.
 */
u32 xtcp_size_goal(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 mss = tcb->snd_mss;
	u32 max = sk->sk_gso_max_size > 0xff00 ? 0xff00 : sk->sk_gso_max_size;
	u32 segs = READ_ONCE(sk->sk_gso_max_segs);

	if (max <= MAX_HEADER + XTCP_HDR_MAX || !segs)
		return mss;
	max = xtcp_bound_to_window(tcb, max - MAX_HEADER - XTCP_HDR_MAX);
	segs = min_t(u32, segs, max / mss);
	return max_t(u32, segs, 1) * mss;
}

/* Does the first fragment of @next begin where the last of @skb ends? */
static bool frags_touch(const struct sk_buff *skb, const struct sk_buff *next)
{
	const skb_frag_t *first = &skb_shinfo(next)->frags[0];

	return skb_shinfo(next)->nr_frags &&
	       skb_can_coalesce((struct sk_buff *)skb,
				skb_shinfo(skb)->nr_frags, skb_frag_page(first),
				skb_frag_off(first));
}

static bool frags_fit(const struct sk_buff *skb, const struct sk_buff *next)
{
	return skb_shinfo(skb)->nr_frags + skb_shinfo(next)->nr_frags <=
	       MAX_SKB_FRAGS + frags_touch(skb, next);
}

/* Move the fragments of @next to the end of @skb. */
static void move_frags(struct sk_buff *skb, struct sk_buff *next)
{
	struct skb_shared_info *to = skb_shinfo(skb);
	struct skb_shared_info *from = skb_shinfo(next);
	int joined = frags_touch(skb, next);

	if (joined) {
		skb_frag_size_add(&to->frags[to->nr_frags - 1],
				  skb_frag_size(&from->frags[0]));
		skb_frag_unref(next, 0);
	}
	memcpy(&to->frags[to->nr_frags], &from->frags[joined],
	       (from->nr_frags - joined) * sizeof(from->frags[0]));
	to->nr_frags += from->nr_frags - joined;
	from->nr_frags = 0;
}

/*
 * Move the payload of @next, the segment after @skb, to the end of @skb, and
 * free @next. Both were sent, or neither. Return: false if @next stays: no room
 * for its fragments, no memory, or MSG_EOR.
 */
static bool absorb(struct sock *sk, struct sk_buff *skb, struct sk_buff *next)
{
	u32 n = next->len;

	if ((XTCP_CB(skb)->marks & XTCP_MARK_EOR) || !frags_fit(skb, next) ||
	    xtcp_trim(sk, skb, GFP_ATOMIC) || xtcp_trim(sk, next, GFP_ATOMIC))
		return false;
	move_frags(skb, next);
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	next->len = 0;
	next->data_len = 0;
	next->truesize -= n;
	XTCP_CB(skb)->end_seq = XTCP_CB(next)->end_seq;
	XTCP_CB(skb)->flags |= XTCP_CB(next)->flags;
	XTCP_CB(skb)->marks |= XTCP_CB(next)->marks & XTCP_MARK_EOR;
	if (XTCP_CB(next)->marks & XTCP_MARK_SENT)
		xtcp_sent_remove(sk, next);
	else
		__skb_unlink(next, &sk->sk_write_queue);
	xtcp_skb_free(sk, next);
	return true;
}

/**
 * xtcp_gather() - make the first unsent segment carry a number of bytes
 * @sk: the socket, lock held; sk_write_queue is not empty
 * @len: payload, bytes
 *
 * Joins it with the segments that follow, and splits the last of them.
 *
 * Return: false without enough data or memory, or at a MSG_EOR. Some segments
 * may have been joined even then.
 */
bool xtcp_gather(struct sock *sk, u32 len)
{
	struct sk_buff *skb = xtcp_send_head(sk);
	struct sk_buff *next;
	u32 rest;

	while (skb->len < len) {
		rest = len - skb->len;
		next = skb_peek_next(skb, &sk->sk_write_queue);
		if (!next || !next->len)
			return false;
		if (next->len > rest && xtcp_split(sk, next, rest, GFP_ATOMIC))
			return false;
		if (!absorb(sk, skb, next))
			return false;
	}
	return skb->len == len || !xtcp_split(sk, skb, len, GFP_ATOMIC);
}

/*
 * Payload of each of the segments that @skb was sent as, bytes. gso_size is 0
 * if it was sent as one segment, or is a part of one.
 */
static u32 piece_sent(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_size ?: skb->len;
}

/* May @skb and @next, which were sent, become one skb? */
static bool may_join(const struct sk_buff *skb, const struct sk_buff *next,
		     u32 goal)
{
	u8 flags = XTCP_CB(skb)->flags | XTCP_CB(next)->flags;

	return skb->len && next->len && skb->len + next->len <= goal &&
	       XTCP_CB(skb)->end_seq == XTCP_CB(next)->seq &&
	       XTCP_CB(skb)->marks == XTCP_CB(next)->marks &&
	       !(flags & (XTCP_SYN | XTCP_FIN));
}

/**
 * xtcp_join_sent() - join small segments that fill the send buffer
 * @sk: the socket, lock held
 *
 * Small segments take far more memory than they have payload. If the send
 * buffer is full of small segments, and all are sent, the peer may have too
 * little data to send an ACK at once (SHLD-19 is about full segments). Then
 * both sides wait for the delayed ACK timer of the peer.
 *
 * The segments of the write queue need not keep the boundaries of the segments
 * that were sent. So join them to make room for more data. A joined segment
 * counts as sent when its oldest part was, so that no RTT sample is too short.
 *
 * Nothing is joined if payload is at least half of the memory, or while a path
 * MTU probe is in flight. Segments that are lost or SACKed stay as they are.
 */
void xtcp_join_sent(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = skb_rb_first(&xs->sent[XTCP_SENT_FLIGHT]), *next;
	u32 goal = xtcp_size_goal(sk), piece;

	if (READ_ONCE(sk->sk_wmem_queued) / 2 <=
	    xs->tcb.write_seq - xs->tcb.snd_una || xs->tcb.pmtud.probe)
		return;
	while (skb && (next = skb_rb_next(skb))) {
		piece = min(piece_sent(skb), piece_sent(next));
		if (may_join(skb, next, goal) && absorb(sk, skb, next))
			skb_shinfo(skb)->gso_size = piece;
		else
			skb = next;
	}
}

/**
 * xtcp_detach_fin() - move the FIN of a queued segment to a segment of its own
 * @sk: the socket, lock held
 * @skb: in the write queue, never sent, with data and FIN
 *
 * Return: false without memory.
 */
bool xtcp_detach_fin(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *fin = xtcp_skb_new(sk, GFP_ATOMIC);

	if (!fin)
		return false;
	XTCP_CB(skb)->flags &= ~XTCP_FIN;
	XTCP_CB(skb)->end_seq--;
	XTCP_CB(fin)->seq = XTCP_CB(skb)->end_seq;
	XTCP_CB(fin)->end_seq = XTCP_CB(fin)->seq + 1;
	XTCP_CB(fin)->flags = XTCP_FIN | XTCP_ACK;
	insert_after(sk, skb, fin);
	sk_wmem_queued_add(sk, fin->truesize);
	sk_mem_charge(sk, fin->truesize);
	return true;
}
