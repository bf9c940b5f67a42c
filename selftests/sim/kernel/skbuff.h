/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet buffers. Headers are bytes, but payload is not: a fragment only has the
 * position of its bytes in the stream of the sender (payload.h). So each byte
 * is known at the receiver, and nothing is copied.
 */
#ifndef XTCP_SIM_SKBUFF_H
#define XTCP_SIM_SKBUFF_H

#include "basics.h"
#include "hrtimer.h"
#include "list.h"
#include "rbtree.h"

struct net_device;
struct sock;

#define MAX_SKB_FRAGS		17
#define CHECKSUM_PARTIAL	3
#define SKB_GSO_TCPV4		1
#define SKB_GSO_TCP_ECN		4

/* A page of payload; its references are counted to find leaks. */
struct page {
	int refs;
};

typedef struct {
	struct page *page;
	u32 off;		/* position in the stream, modulo 2^32 */
	u32 size;
} skb_frag_t;

struct skb_shared_info {
	u8 nr_frags;
	u16 gso_size;
	u16 gso_segs;
	u32 gso_type;
	skb_frag_t frags[MAX_SKB_FRAGS];
};

/* Header bytes and fragments, which clones share. */
struct skb_head {
	struct skb_head *next_free;
	int users;
	u32 size;
	struct skb_shared_info shinfo;
	unsigned char bytes[];
};

struct sk_buff {
	union {
		struct {
			struct sk_buff *next;
			struct sk_buff *prev;
			struct net_device *dev;
		};
		struct rb_node rbnode;
	};
	struct list_head tcp_tsorted_anchor;
	struct sock *sk;
	void (*destructor)(struct sk_buff *skb);
	char cb[64] __attribute__((aligned(8)));
	u32 len;
	u32 data_len;
	u32 truesize;
	u32 hash;
	u16 protocol;
	u8 ip_summed;
	u8 dsfield;
	u8 dst_pending_confirm;
	struct skb_head *head;
	unsigned char *data;
	unsigned char *transport;
};

struct sk_buff_head {
	struct sk_buff *next;
	struct sk_buff *prev;
	u32 qlen;
};

extern int skb_live;		/* buffers that are allocated */
extern int skb_frag_refs;	/* references on pages */

#define SKB_DATA_ALIGN(n)	ALIGN(n, 64)
#define SKB_TRUESIZE(n)							\
	((n) + SKB_DATA_ALIGN(sizeof(struct sk_buff)) +			\
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define SKB_MAX_ORDER(head, order)					\
	((PAGE_SIZE << (order)) - (head) -				\
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

#define skb_shinfo(skb)		(&(skb)->head->shinfo)
#define skb_end_offset(skb)	((skb)->head->size)
#define skb_headlen(skb)	((skb)->len - (skb)->data_len)
#define skb_cloned(skb)		((skb)->head->users > 1)

struct sk_buff *alloc_skb(u32 size, gfp_t gfp);
struct sk_buff *skb_clone(struct sk_buff *skb, gfp_t gfp);
struct sk_buff *pskb_copy(struct sk_buff *skb, gfp_t gfp);
int skb_unclone(struct sk_buff *skb, gfp_t gfp);
void skb_orphan(struct sk_buff *skb);
void kfree_skb(struct sk_buff *skb);
void kfree_skb_partial(struct sk_buff *skb, bool stolen);
void skb_split(struct sk_buff *skb, struct sk_buff *rest, u32 len);
int pskb_trim(struct sk_buff *skb, u32 len);
bool skb_try_coalesce(struct sk_buff *to, struct sk_buff *from, bool *stolen,
		      int *delta);
int skb_copy_bits(const struct sk_buff *skb, u32 offset, void *to, u32 len);

#define alloc_skb_fclone(size, gfp)	alloc_skb(size, gfp)
#define __kfree_skb(skb)		kfree_skb(skb)
#define skb_fclone_busy(sk, skb)	((void)(sk), skb_cloned(skb))
#define tcp_skb_tsorted_save(skb)
#define tcp_skb_tsorted_restore(skb)	((void)(skb))
#define tcp_skb_tsorted_anchor_cleanup(skb) ((void)(skb))
#define skb_set_hash_from_sk(skb, sk)	((skb)->hash = (sk)->sk_txhash)
#define skb_set_dst_pending_confirm(skb, v)				\
	((skb)->dst_pending_confirm = (v))

/* Linear part. */

static inline void skb_reserve(struct sk_buff *skb, u32 n)
{
	skb->data += n;
}

static inline void *skb_push(struct sk_buff *skb, u32 n)
{
	skb->data -= n;
	skb->len += n;
	WARN_ON(skb->data < skb->head->bytes);
	return skb->data;
}

static inline void *skb_put(struct sk_buff *skb, u32 n)
{
	unsigned char *end = skb->data + skb_headlen(skb);

	WARN_ON(end + n > skb->head->bytes + skb->head->size);
	skb->len += n;
	return end;
}

static inline void *__skb_pull(struct sk_buff *skb, u32 n)
{
	WARN_ON(n > skb_headlen(skb));
	skb->len -= n;
	skb->data += n;
	return skb->data;
}

static inline void skb_reset_transport_header(struct sk_buff *skb)
{
	skb->transport = skb->data;
}

/* Fragments. */

#define skb_frag_page(f)	((f)->page)
#define skb_frag_off(f)		((f)->off)
#define skb_frag_size(f)	((f)->size)
#define skb_frag_off_add(f, n)	((f)->off += (n))
#define skb_frag_size_sub(f, n)	((f)->size -= (n))
#define skb_frag_size_add(f, n)	((f)->size += (n))

static inline void page_ref_inc(struct page *page)
{
	page->refs++;
	skb_frag_refs++;
}

static inline void page_ref_dec(struct page *page)
{
	WARN_ON(page->refs <= 0);
	page->refs--;
	skb_frag_refs--;
}

#define skb_frag_unref(skb, i)	page_ref_dec(skb_shinfo(skb)->frags[i].page)

static inline bool skb_can_coalesce(struct sk_buff *skb, int i,
				    const struct page *page, u32 off)
{
	const skb_frag_t *last = skb_shinfo(skb)->frags + i - !!i;

	return i && last->page == page && last->off + last->size == off;
}

/* The reference of the caller moves to the fragment. */
static inline void skb_fill_page_desc(struct sk_buff *skb, int i,
				      struct page *page, u32 off, u32 size)
{
	skb_shinfo(skb)->frags[i] = (skb_frag_t){ page, off, size };
	skb_shinfo(skb)->nr_frags = i + 1;
}

/* Queues. */

static inline void __skb_queue_head_init(struct sk_buff_head *q)
{
	q->next = (struct sk_buff *)q;
	q->prev = (struct sk_buff *)q;
	q->qlen = 0;
}

static inline void __skb_queue_after(struct sk_buff_head *q,
				     struct sk_buff *at, struct sk_buff *skb)
{
	skb->prev = at;
	skb->next = at->next;
	at->next->prev = skb;
	at->next = skb;
	q->qlen++;
}

#define __skb_queue_before(q, at, skb)	__skb_queue_after(q, (at)->prev, skb)
#define __skb_queue_tail(q, skb)	__skb_queue_after(q, (q)->prev, skb)
#define __skb_queue_head(q, skb)					\
	__skb_queue_after(q, (struct sk_buff *)(q), skb)

static inline void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *q)
{
	q->qlen--;
	skb->next->prev = skb->prev;
	skb->prev->next = skb->next;
	skb->next = NULL;
	skb->prev = NULL;
}

static inline bool skb_queue_empty(const struct sk_buff_head *q)
{
	return q->next == (const struct sk_buff *)q;
}

#define skb_queue_empty_lockless(q)	skb_queue_empty(q)

static inline bool skb_queue_is_last(const struct sk_buff_head *q,
				     const struct sk_buff *skb)
{
	return skb->next == (const struct sk_buff *)q;
}

static inline struct sk_buff *skb_peek(const struct sk_buff_head *q)
{
	return skb_queue_empty(q) ? NULL : q->next;
}

static inline struct sk_buff *skb_peek_tail(const struct sk_buff_head *q)
{
	return skb_queue_empty(q) ? NULL : q->prev;
}

static inline struct sk_buff *skb_peek_next(struct sk_buff *skb,
					    const struct sk_buff_head *q)
{
	return skb_queue_is_last(q, skb) ? NULL : skb->next;
}

static inline struct sk_buff *__skb_dequeue(struct sk_buff_head *q)
{
	struct sk_buff *skb = skb_peek(q);

	if (skb)
		__skb_unlink(skb, q);
	return skb;
}

static inline void __skb_queue_purge(struct sk_buff_head *q)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(q)))
		kfree_skb(skb);
}

#define skb_queue_walk(q, skb)						\
	for (skb = (q)->next; skb != (struct sk_buff *)(q);		\
	     skb = skb->next)
#define skb_queue_walk_from(q, skb)					\
	for (; skb != (struct sk_buff *)(q); skb = skb->next)
#define skb_queue_reverse_walk(q, skb)					\
	for (skb = (q)->prev; skb != (struct sk_buff *)(q);		\
	     skb = skb->prev)

/* Trees. */

#define rb_to_skb(node)		rb_entry(node, struct sk_buff, rbnode)

static inline struct sk_buff *skb_of_node(struct rb_node *node)
{
	return node ? rb_to_skb(node) : NULL;
}

#define skb_rb_first(root)	skb_of_node(rb_first(root))
#define skb_rb_last(root)	skb_of_node(rb_last(root))
#define skb_rb_next(skb)	skb_of_node(rb_next(&(skb)->rbnode))
#define skb_rb_prev(skb)	skb_of_node(rb_prev(&(skb)->rbnode))

#endif /* XTCP_SIM_SKBUFF_H */
