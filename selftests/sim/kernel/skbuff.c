// SPDX-License-Identifier: GPL-2.0
/*
 * Packet buffers: allocation, sharing, and the arithmetic of fragments.
 */
#include "../payload.h"
#include "kernel.h"

/* Freed buffers of the sizes that are used all the time. */
#define CACHED_SIZE	512

static struct sk_buff *free_skbs;
static struct skb_head *free_heads;

int skb_live;
int skb_frag_refs;

static void *must(void *p)
{
	if (!p) {
		perror("sim");
		abort();
	}
	return p;
}

static struct skb_head *head_new(u32 size)
{
	struct skb_head *head = free_heads;

	if (size > CACHED_SIZE) {
		head = must(malloc(sizeof(*head) + size));
	} else if (head) {
		free_heads = head->next_free;
	} else {
		head = must(malloc(sizeof(*head) + CACHED_SIZE));
	}
	head->users = 1;
	head->size = size;
	memset(&head->shinfo, 0, offsetof(struct skb_shared_info, frags));
	return head;
}

static void head_put(struct skb_head *head)
{
	int i;

	if (--head->users)
		return;
	for (i = 0; i < head->shinfo.nr_frags; i++)
		page_ref_dec(head->shinfo.frags[i].page);
	if (head->size > CACHED_SIZE || !RECYCLE) {
		free(head);
		return;
	}
	head->next_free = free_heads;
	free_heads = head;
}

static struct sk_buff *skb_struct_new(void)
{
	struct sk_buff *skb = free_skbs;

	if (skb)
		free_skbs = skb->next;
	else
		skb = must(malloc(sizeof(*skb)));
	memset(skb, 0, sizeof(*skb));
	skb_live++;
	return skb;
}

struct sk_buff *alloc_skb(u32 size, gfp_t gfp)
{
	struct sk_buff *skb = skb_struct_new();

	(void)gfp;
	skb->head = head_new(SKB_DATA_ALIGN(size));
	skb->data = skb->head->bytes;
	skb->truesize = SKB_TRUESIZE(skb->head->size);
	return skb;
}

struct sk_buff *skb_clone(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *copy = skb_struct_new();

	(void)gfp;
	*copy = *skb;
	copy->next = NULL;
	copy->prev = NULL;
	copy->sk = NULL;
	copy->destructor = NULL;
	copy->head->users++;
	return copy;
}

/* A head of its own for @skb, which shares the pages. */
static void head_copy(struct sk_buff *skb)
{
	struct skb_head *old = skb->head;
	struct skb_head *head = head_new(old->size);
	int i;

	memcpy(head->bytes, old->bytes, old->size);
	head->shinfo = old->shinfo;
	for (i = 0; i < head->shinfo.nr_frags; i++)
		page_ref_inc(head->shinfo.frags[i].page);
	skb->data = head->bytes + (skb->data - old->bytes);
	skb->head = head;
}

struct sk_buff *pskb_copy(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *copy = skb_clone(skb, gfp);
	struct skb_head *old = copy->head;

	head_copy(copy);
	head_put(old);
	return copy;
}

int skb_unclone(struct sk_buff *skb, gfp_t gfp)
{
	struct skb_head *old = skb->head;

	(void)gfp;
	if (!skb_cloned(skb))
		return 0;
	head_copy(skb);
	head_put(old);
	return 0;
}

void skb_orphan(struct sk_buff *skb)
{
	if (skb->destructor)
		skb->destructor(skb);
	skb->destructor = NULL;
	skb->sk = NULL;
}

static void skb_struct_free(struct sk_buff *skb)
{
	skb_live--;
	if (!RECYCLE) {
		free(skb);
		return;
	}
	skb->next = free_skbs;
	free_skbs = skb;
}

void kfree_skb(struct sk_buff *skb)
{
	if (!skb)
		return;
	skb_orphan(skb);
	head_put(skb->head);
	skb_struct_free(skb);
}

void kfree_skb_partial(struct sk_buff *skb, bool stolen)
{
	(void)stolen;
	kfree_skb(skb);
}

/* Keep the first @len bytes of the fragments; move the others to @rest. */
static void frags_split(struct skb_shared_info *si, struct skb_shared_info *to,
			u32 len)
{
	int i, kept = 0;

	for (i = 0; i < si->nr_frags; i++) {
		skb_frag_t *f = &si->frags[i];
		u32 here = min_t(u32, len, f->size);
		skb_frag_t tail = { f->page, f->off + here, f->size - here };

		len -= here;
		if (here && tail.size)
			page_ref_inc(f->page);
		if (tail.size)
			to->frags[to->nr_frags++] = tail;
		f->size = here;
		kept += !!here;
	}
	si->nr_frags = kept;
}

/* The payload of both is in fragments; @rest has none yet. */
void skb_split(struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	u32 moved = skb->len - len;

	WARN_ON(skb_headlen(skb) || skb_cloned(skb));
	frags_split(skb_shinfo(skb), skb_shinfo(rest), len);
	skb->len -= moved;
	skb->data_len -= moved;
	rest->len += moved;
	rest->data_len += moved;
}

int pskb_trim(struct sk_buff *skb, u32 len)
{
	struct skb_shared_info cut = { .nr_frags = 0 };
	int i;

	WARN_ON(len < skb_headlen(skb) || skb_cloned(skb));
	frags_split(skb_shinfo(skb), &cut, len - skb_headlen(skb));
	for (i = 0; i < cut.nr_frags; i++)
		page_ref_dec(cut.frags[i].page);
	skb->data_len -= skb->len - len;
	skb->len = len;
	return 0;
}

/*
 * As in the kernel, only if there is room for all fragments, and only payload
 * that is in fragments.
 */
bool skb_try_coalesce(struct sk_buff *to, struct sk_buff *from, bool *stolen,
		      int *delta)
{
	struct skb_shared_info *a = skb_shinfo(to), *b = skb_shinfo(from);
	int i;

	*stolen = false;
	if (skb_headlen(from) || skb_headlen(to) || skb_cloned(to) ||
	    a->nr_frags + b->nr_frags > MAX_SKB_FRAGS)
		return false;
	for (i = 0; i < b->nr_frags; i++) {
		page_ref_inc(b->frags[i].page);
		a->frags[a->nr_frags++] = b->frags[i];
	}
	*delta = from->truesize - SKB_TRUESIZE(from->head->size) + 1;
	to->len += from->len;
	to->data_len += from->len;
	to->truesize += *delta;
	return true;
}

/* Payload in fragments becomes bytes here: receive.c copies small segments. */
int skb_copy_bits(const struct sk_buff *skb, u32 offset, void *to, u32 len)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 linear = skb_headlen(skb), i;
	u8 *byte = to;
	int f;

	if (offset + len > skb->len)
		return -EFAULT;
	for (; len && offset < linear; len--)
		*byte++ = skb->data[offset++];
	offset -= min_t(u32, offset, linear);
	for (f = 0; len && f < si->nr_frags; f++) {
		for (i = offset; len && i < si->frags[f].size; i++, len--)
			*byte++ = payload_byte(si->frags[f].off + i);
		offset -= min_t(u32, offset, si->frags[f].size);
	}
	return 0;
}
