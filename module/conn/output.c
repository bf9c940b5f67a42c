// SPDX-License-Identifier: GPL-2.0
/*
 * What is sent when: the write queue, the windows, SYN, FIN and probes.
 */
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/dst.h>

#include "conn.h"
#include "core/window.h"
#include "deadline.h"
#include "mtu.h"
#include "output.h"

/**
 * xtcp_skb_new() - an empty segment for the write queue
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
	/* So that nobody sums what the device, or the core, will. */
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(XTCP_CB(skb), 0, sizeof(struct xtcp_cb));
	return skb;
}

/**
 * xtcp_skb_free() - free a segment that was charged to the socket
 * @sk: the socket, lock held
 * @skb: not in any queue
 */
void xtcp_skb_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	__kfree_skb(skb);
}

/**
 * xtcp_queue_tail() - a segment joins the write queue
 * @sk: the socket, lock held; charged for it
 * @skb: of xtcp_skb_new()
 */
void xtcp_queue_tail(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	if (!xs->send_head)
		xs->send_head = skb;
}

/**
 * xtcp_write_queue_purge() - drop all that is queued
 * @sk: the socket, lock held
 */
void xtcp_write_queue_purge(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		xtcp_skb_free(sk, skb);
	xs->send_head = NULL;
	xs->tcb.sacked_out = 0;
	xs->tcb.lost_out = 0;
	xs->tcb.retrans_out = 0;
	sk_mem_reclaim(sk);
}

/* The queued payload may be shared with a clone on its way out. */
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

/* Drop @n bytes from the front of @skb, all of whose payload is fragments. */
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
 * xtcp_trim() - make a queued segment one's own, without what is acknowledged
 * @sk: the socket, lock held
 * @skb: in the write queue; its fragments are not shared after this
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
 * xtcp_split() - cut a queued segment in two
 * @sk: the socket, lock held
 * @skb: in the write queue
 * @len: payload that stays in it, counted from its sequence number, bytes;
 *	more than 0, less than all
 * @gfp: allocation flags
 *
 * The rest follows in a segment of its own with the same marks.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_split(struct sock *sk, struct sk_buff *skb, u32 len, gfp_t gfp)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
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
	/* In what pieces it left, if it did. */
	skb_shinfo(rest)->gso_size = skb_shinfo(skb)->gso_size;

	/* What was charged for the fragments moves with them. */
	n = rest->len;
	skb->truesize -= n;
	rest->truesize += n;
	sk_wmem_queued_add(sk, rest->truesize - n);
	sk_mem_charge(sk, rest->truesize - n);
	__skb_queue_after(&sk->sk_write_queue, skb, rest);
	if (xs->send_head == skb && cb->sent && !XTCP_CB(rest)->sent)
		xs->send_head = rest;
	return 0;
}

/**
 * xtcp_size_goal() - how much one segment of the write queue may carry
 * @sk: the socket, lock held
 *
 * Return: bytes: what a device takes in one piece, in whole segments, and half
 * of the peer's window at most.
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

static bool fin_follows(const struct sock *sk, const struct sk_buff *skb)
{
	return (XTCP_CB(skb)->flags & XTCP_FIN) &&
	       skb_queue_is_last(&sk->sk_write_queue, skb);
}

/**
 * xtcp_piece() - how much of a segment may leave in one piece
 * @sk: the socket, lock held
 * @skb: in the write queue
 *
 * The urgent pointer counts from each segment's own number: who cuts a large
 * segment below us would repeat one pointer in all of the pieces. So it is with
 * some values of the ACE field (xtcp_ecn_alone()).
 *
 * Return: bytes, a segment at least.
 */
u32 xtcp_piece(const struct sock *sk, const struct sk_buff *skb)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if ((tcb->urg_out && seq_before(XTCP_CB(skb)->seq, tcb->snd_up)) ||
	    xtcp_ecn_alone(&tcb->ecn))
		return tcb->snd_mss;
	return min_t(u32, xtcp_size_goal(sk),
		     xtcp_cc_burst(&tcb->cc, tcb->snd_mss,
				   xtcp_rtt_srtt(&tcb->rtt)));
}

/*
 * How many bytes of @skb, the first unsent segment, may leave now; 0: none.
 * @limited is set if it is the congestion window that says so.
 */
static u32 how_much(struct sock *sk, struct sk_buff *skb, bool *limited)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	bool last = skb_queue_is_last(&sk->sk_write_queue, skb);
	u32 usable = xtcp_usable_window(tcb);
	u32 pipe = xtcp_pipe(tcb);
	u32 room = tcb->cc.cwnd > pipe ? tcb->cc.cwnd - pipe : 0;
	u32 n, tail;

	/* A window of less than a segment is kept for one segment at a time. */
	if (room < tcb->snd_mss) {
		if (pipe) {
			*limited = true;
			return 0;
		}
		room = tcb->snd_mss;
	}
	n = min_t(u32, skb->len, min_t(u32, usable, room));
	if (n < skb->len && room < usable)
		*limited = true;
	n = min_t(u32, n, xtcp_piece(sk, skb));

	/* Whole segments; what is left over goes if it is worth it. */
	tail = n % tcb->snd_mss;
	if (!tail)
		return n;
	if (n == skb->len && !last)
		return n;
	if (n == usable && n < skb->len && xtcp_worth_filling(tcb, n))
		return n;
	if (n > tail && n < skb->len)
		return n - tail;
	if (xtcp_worth_sending(tcb, n == skb->len ? tail : skb->len, tail,
			       fin_follows(sk, skb)))
		return n;
	return n - tail;
}

static bool fin_fits(const struct xtcp_tcb *tcb, const struct sk_buff *skb)
{
	return seq_leq(XTCP_CB(skb)->end_seq, tcb->snd_una + tcb->snd_wnd);
}

/* A FIN rides on data that fits the window; it itself does not: take it off. */
static bool detach_fin(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *fin = xtcp_skb_new(sk, GFP_ATOMIC);

	if (!fin)
		return false;
	XTCP_CB(skb)->flags &= ~XTCP_FIN;
	XTCP_CB(skb)->end_seq--;
	XTCP_CB(fin)->seq = XTCP_CB(skb)->end_seq;
	XTCP_CB(fin)->end_seq = XTCP_CB(fin)->seq + 1;
	XTCP_CB(fin)->flags = XTCP_FIN | XTCP_ACK;
	__skb_queue_after(&sk->sk_write_queue, skb, fin);
	sk_wmem_queued_add(sk, fin->truesize);
	sk_mem_charge(sk, fin->truesize);
	return true;
}

static void sent_new(struct sock *sk, struct sk_buff *skb)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	xs->send_head = skb_queue_is_last(&sk->sk_write_queue, skb) ?
			NULL : skb_queue_next(&sk->sk_write_queue, skb);
	tcb->snd_nxt = XTCP_CB(skb)->end_seq;
	/* With more behind it, it was full when queued, or fills the window. */
	if ((!xs->send_head || !xtcp_usable_window(tcb)) &&
	    skb->len % tcb->snd_mss &&
	    !xtcp_pmtud_hits(&tcb->pmtud, XTCP_CB(skb)->seq, tcb->snd_nxt))
		tcb->snd_sml = tcb->snd_nxt;
}

/* Does the first fragment of @next go on where the last of @skb ends? */
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

/* The fragments of @next move to the end of @skb. */
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
 * The text of @next, the segment after @skb, moves to the end of @skb, and it is
 * gone. Both were sent, or neither.
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
	__skb_unlink(next, &sk->sk_write_queue);
	xtcp_skb_free(sk, next);
	return true;
}

/* The pieces that a segment left in, bytes, or a part of them. */
static u32 piece_sent(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_size ?: skb->len;
}

/* May @skb and @next, which were sent, go again as one? */
static bool may_join(const struct sk_buff *skb, const struct sk_buff *next,
		     u32 goal)
{
	u8 flags = XTCP_CB(skb)->flags | XTCP_CB(next)->flags;

	return skb->len && next->len && skb->len + next->len <= goal &&
	       XTCP_CB(skb)->marks == XTCP_CB(next)->marks &&
	       !(flags & (XTCP_SYN | XTCP_FIN));
}

/**
 * xtcp_join_sent() - the send buffer is full: with text?
 * @sk: the socket, lock held
 *
 * Small segments take far more memory than they carry bytes. If a buffer is full of
 * such, all sent, what the peer has may be too little for it to acknowledge at
 * once (SHLD-19 speaks of full segments), so that both wait for its timer. Copies of
 * the write queue need not be cut as the segments were: together they leave room for
 * more. A joined one counts as sent when its oldest part was, so that no sample of
 * the round trip is too short.
 */
void xtcp_join_sent(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue), *next;
	u32 goal = xtcp_size_goal(sk), piece;

	if (READ_ONCE(sk->sk_wmem_queued) / 2 <=
	    xs->tcb.write_seq - xs->tcb.snd_una || xs->tcb.pmtud.probe)
		return;
	while (skb && skb != xs->send_head) {
		next = skb_peek_next(skb, &sk->sk_write_queue);
		if (!next || next == xs->send_head)
			break;
		piece = min(piece_sent(skb), piece_sent(next));
		if (may_join(skb, next, goal) && absorb(sk, skb, next))
			skb_shinfo(skb)->gso_size = piece;
		else
			skb = next;
	}
}

/* Make the first unsent segment carry @len bytes; more than that is queued. */
static bool gather(struct sock *sk, u32 len)
{
	struct sk_buff *skb = xtcp_sk(sk)->send_head;
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

/* Sends the first unsent segment, or what of it may leave. */
static bool send_one(struct sock *sk, struct sk_buff *skb, bool *limited)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 n;

	if (!skb->len) {
		/* A lone FIN. */
		if (!fin_fits(&xs->tcb, skb))
			return false;
	} else {
		/* What a window cut off is made whole by what follows. */
		if (unlikely(xs->tcb.snd_sml == XTCP_CB(skb)->seq) &&
		    skb->len < xs->tcb.snd_mss)
			gather(sk, xs->tcb.snd_mss);
		n = how_much(sk, skb, limited);
		if (!n)
			return false;
		if (n < skb->len && xtcp_split(sk, skb, n, GFP_ATOMIC))
			return false;
		/* A FIN that the window has no place for goes by itself. */
		if ((XTCP_CB(skb)->flags & XTCP_FIN) &&
		    !fin_fits(&xs->tcb, skb) && !detach_fin(sk, skb))
			return false;
	}
	if (xtcp_transmit(sk, skb, false))
		return false;
	sent_new(sk, skb);
	return true;
}

/* What came of trying to send a probe of the path. */
enum probe {
	PROBE_NONE,
	PROBE_SENT,
	PROBE_WAITS,	/* for room in the window */
};

static enum probe send_probe(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u32 len = xtcp_mtu_probe_len(sk);
	u32 pipe = xtcp_pipe(tcb);
	struct sk_buff *skb;

	if (likely(!len))
		return PROBE_NONE;
	/* The window is large enough: what is in flight makes room for it. */
	if (pipe + len > tcb->cc.cwnd)
		return PROBE_WAITS;
	if (!gather(sk, len))
		return PROBE_NONE;
	skb = xs->send_head;
	xtcp_pmtud_sent(&tcb->pmtud, len + xs->overhead, XTCP_CB(skb)->seq,
			XTCP_CB(skb)->end_seq);
	if (xtcp_transmit(sk, skb, false)) {
		xtcp_pmtud_unclear(&tcb->pmtud, xs->now);
		return PROBE_NONE;
	}
	sent_new(sk, skb);
	return PROBE_SENT;
}

/* Return: true if there may be more to send. */
static bool send_next(struct sock *sk, bool *limited)
{
	switch (send_probe(sk)) {
	case PROBE_SENT:
		return true;
	case PROBE_WAITS:
		*limited = true;
		return false;
	default:
		return send_one(sk, xtcp_sk(sk)->send_head, limited);
	}
}

/* RFC 5681 4.1: the window is from another time. */
static void restart_after_idle(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;
	u64 rto = (u64)xtcp_rtt_rto(&tcb->rtt) * NSEC_PER_USEC;

	if (tcb->snd_una == tcb->snd_nxt && xs->last_sent &&
	    xs->now - xs->last_sent > rto &&
	    xtcp_sk_sysctl(sk, slow_start_after_idle))
		xtcp_cc_idle(&tcb->cc, tcb->snd_mss);
}

/* The route's MTU may have changed under us, by ICMP to somebody else too. */
static void check_mtu(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_get(sk);

	if (dst && unlikely(dst_mtu(dst) != xtcp_sk(sk)->pmtu))
		xtcp_mss_sync(sk);
}

/* Growing the window is only earned by using it (RFC 7661's question). */
static void note_use(struct xtcp_tcb *tcb, bool limited)
{
	tcb->cc.cwnd_limited = limited ||
		(xtcp_cc_slow_start(&tcb->cc) &&
		 2 * xtcp_flight(tcb) > tcb->cc.cwnd);
}

/**
 * xtcp_push() - send what may be sent
 * @sk: the socket, lock held, xs->now set
 *
 * Windows, Nagle's rule and silly window avoidance decide (RFC 9293 3.8.6.2.1,
 * RFC 5681 3.1); timers are set for what is in flight, or waits for a window.
 */
void xtcp_push(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool limited = false;
	bool sent = false;

	if (!xs->send_head ||
	    !xtcp_state_in(sk, XTCPF_SYNCHRONIZED | TCPF_SYN_RECV))
		return;
	/*
	 * In SYN-RECEIVED data waits for the handshake (RFC 9293 3.10.2), unless
	 * a cookie vouches for the peer (RFC 7413 4.2.2).
	 */
	if (sk->sk_state == TCP_SYN_RECV && !xtcp_opened_fast(sk))
		return;
	/* RFC 3168 6.1.2: marked, with one segment: the timer says when. */
	if (unlikely(xs->tcb.ecn.hold)) {
		xtcp_rtx_arm(sk);
		return;
	}
	check_mtu(sk);
	restart_after_idle(sk);
	while (xs->send_head && send_next(sk, &limited))
		sent = true;
	if (sent)
		note_use(&xs->tcb, limited);
	else if (limited)
		xs->tcb.cc.cwnd_limited = true;
	xtcp_rtx_arm(sk);
}

/**
 * xtcp_syn_prepare() - our SYN or SYN-ACK stands in the write queue
 * @sk: the socket, lock held, with an empty queue
 *
 * Return: 0 or -ENOBUFS.
 */
int xtcp_syn_prepare(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	/* connect() may sleep, a segment may not. */
	gfp_t gfp = sk->sk_state == TCP_SYN_RECV ? GFP_ATOMIC :
						   sk->sk_allocation;
	struct sk_buff *skb = xtcp_skb_new(sk, gfp);

	if (!skb)
		return -ENOBUFS;
	XTCP_CB(skb)->seq = xs->tcb.iss;
	XTCP_CB(skb)->end_seq = xs->tcb.iss + 1;
	XTCP_CB(skb)->flags = XTCP_SYN;
	xtcp_queue_tail(sk, skb);
	xs->send_head = NULL;
	return 0;
}

/*
 * RFC 7413 4.2.2, client: the SYN, and with it the data that is queued behind it
 * (stream.c saw to it that it fits).
 */
static void send_syn_and_data(struct sock *sk, struct sk_buff *syn,
			      struct sk_buff *data)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	/* If nothing left, the timer sends a SYN, and the data comes later. */
	if (xtcp_transmit_syn_data(sk, syn, data))
		return;
	xs->fo.data_sent = true;
	xs->tcb.snd_nxt = XTCP_CB(data)->end_seq;
	xs->send_head = NULL;
}

/**
 * xtcp_syn_send() - send SYN, or SYN-ACK at a simultaneous or fast open
 * @sk: the socket, lock held, in SYN-SENT or SYN-RECEIVED; the SYN is that of
 *	xtcp_syn_prepare()
 *
 * A SYN that is held (struct xtcp_fastopen) stays in the queue.
 */
void xtcp_syn_send(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	if (sk->sk_state == TCP_SYN_RECV) {
		XTCP_CB(skb)->flags = XTCP_SYN | XTCP_ACK;
		/* The peer's SYN came before the data that ours waited for. */
		xs->fo.held = false;
		xs->fo.option &= xs->fo.passive;
	}
	if (xs->fo.held)
		return;
	/* What rode on a SYN before stays sent. */
	xs->tcb.snd_nxt = seq_max(xs->tcb.snd_nxt, xs->tcb.iss + 1);
	/* If nothing left, the timer tries again. */
	if (sk->sk_state == TCP_SYN_SENT && xs->send_head)
		send_syn_and_data(sk, skb, xs->send_head);
	else
		xtcp_transmit(sk, skb, false);
	/* RFC 7413 4.2.2: what is sent again is a plain SYN or SYN-ACK. */
	xs->fo.option = false;
	if (!xs->retrans_stamp)
		xs->retrans_stamp = xs->now;
	xtcp_rtx_restart(sk);
}

/**
 * xtcp_syn_data_back() - the peer acknowledged our SYN, and not all of its data
 * @sk: the socket, lock held; what is acknowledged has left the queue
 *
 * It dropped the rest, so that this is as if it was never sent, and leaves as
 * new data does.
 *
 * Source: RFC 7413 4.2.2, client, 4.
 */
void xtcp_syn_data_back(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);

	if (!skb || skb == xs->send_head)
		return;
	/* Without memory the timer sends it again. */
	if (xtcp_trim(sk, skb, GFP_ATOMIC))
		return;
	XTCP_CB(skb)->sent = 0;
	xs->tcb.snd_nxt = xs->tcb.snd_una;
	xs->send_head = skb;
}

/**
 * xtcp_fin_queue() - a FIN behind all queued data
 * @sk: the socket, lock held
 *
 * It rides on the last segment if that has not left.
 */
void xtcp_fin_queue(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (xs->fin_queued)
		return;
	if (!xs->send_head || !skb) {
		/* Without it we could not close: insist on the memory. */
		skb = xtcp_skb_new(sk, sk->sk_allocation | __GFP_NOFAIL);
		XTCP_CB(skb)->seq = xs->tcb.write_seq;
		XTCP_CB(skb)->end_seq = xs->tcb.write_seq;
		xtcp_queue_tail(sk, skb);
	}
	XTCP_CB(skb)->flags |= XTCP_FIN | XTCP_ACK;
	XTCP_CB(skb)->end_seq++;
	xs->tcb.write_seq++;
	xs->fin_queued = true;
	xs->tcb.corked = 0;
	xtcp_push(sk);
}

/**
 * xtcp_probe_send() - ask whether the peer's window is still closed
 * @sk: the socket, lock held
 *
 * If the window has room, but less than silly window avoidance asks for, what
 * fits is sent (the override of RFC 9293 3.8.6.2.1). Else the probe is a
 * segment that the peer must answer, since it lies before its window.
 *
 * Return: true if data (or a FIN) was sent or will be, false for a probe.
 */
bool xtcp_probe_send(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = xs->send_head;
	u32 usable = xtcp_usable_window(&xs->tcb);
	bool silly;
	u32 n;

	if (skb && skb->len && usable) {
		/* Else it is Nagle's rule or a cork that is overruled. */
		silly = usable < min_t(u32, skb->len, xs->tcb.snd_mss);
		n = min_t(u32, usable, min_t(u32, skb->len, xs->tcb.snd_mss));
		if (n < skb->len && xtcp_split(sk, skb, n, GFP_ATOMIC))
			return true;
		if (!xtcp_transmit(sk, skb, false))
			sent_new(sk, skb);
		if (silly)
			xtcp_window_stays(&xs->tcb);
		return true;
	}
	if (skb && !skb->len && fin_fits(&xs->tcb, skb)) {
		if (!xtcp_transmit(sk, skb, false))
			sent_new(sk, skb);
		return true;
	}
	xtcp_transmit_bare(sk, XTCP_ACK, xs->tcb.snd_una - 1);
	return false;
}

/*
 * An ACK is owed. The peer may have no more to send before it comes: if it sent
 * less than a full segment, Nagle's rule holds back the next one of that kind. So
 * when all is read, and no reply is to be expected that the ACK could ride on.
 */
static bool peer_waits_for_ack(const struct sock *sk, bool read)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	if (xs->tcb.rcv_nxt - xs->tcb.last_ack_sent > xs->tcb.rcv_mss)
		return true;
	return read && (xs->small > 1 || (xs->small && !xs->pingpong)) &&
	       !atomic_read(&sk->sk_rmem_alloc);
}

/**
 * xtcp_window_update() - the user reads: does the peer need to hear of it
 * @sk: the socket, lock held
 * @read: something was taken from the receive queue
 */
void xtcp_window_update(struct sock *sk, bool read)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 full = xtcp_full_space(sk);
	u32 offer;

	if (!xtcp_state_in(sk, TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
			       TCPF_FIN_WAIT2))
		return;
	offer = xtcp_window_offer(&xs->tcb, xtcp_free_space(sk), full);
	if (xtcp_window_worth_telling(&xs->tcb, offer, full) ||
	    (xs->ack_sched && peer_waits_for_ack(sk, read))) {
		xs->now = ktime_get_ns();
		xtcp_ack_send(sk);
	}
}

/* Room for writers */

static u32 notsent_lowat(const struct sock *sk)
{
	return READ_ONCE(xtcp_sk(sk)->notsent_lowat) ?:
	       xtcp_sk_sysctl(sk, notsent_lowat);
}

/**
 * xtcp_stream_memory_free() - may more be queued (proto.stream_memory_free)
 * @sk: the socket
 * @wake: asked in order to wake somebody: then half of the limit must be free
 *
 * Return: true if more may be queued.
 */
bool xtcp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 unsent = READ_ONCE(tcb->write_seq) - READ_ONCE(tcb->snd_nxt);

	if (READ_ONCE(sk->sk_wmem_queued) >= READ_ONCE(sk->sk_sndbuf))
		return false;
	return (unsent << wake) < notsent_lowat(sk);
}

/**
 * xtcp_write_space() - room came: wake who waits for it (sk_write_space)
 * @sk: the socket
 */
void xtcp_write_space(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	if (!sock || !sk_stream_is_writeable(sk))
		return;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT |
					   EPOLLWRNORM | EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}
