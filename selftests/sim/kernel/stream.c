// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of a program. Data that is "copied" to a page keeps its position in
 * the stream, which is the offset in the page. There are two pages in turn, so
 * that not all data can be joined to one fragment.
 */
#include "../payload.h"
#include "kernel.h"

#define PAGE_FRAG_SIZE	32768

static struct page pages[2];

bool sk_page_frag_refill(struct sock *sk, struct page_frag *frag)
{
	(void)sk;
	if (frag->page && frag->offset < frag->size)
		return true;
	frag->size = (frag->offset / PAGE_FRAG_SIZE + 1) * PAGE_FRAG_SIZE;
	frag->page = &pages[frag->offset / PAGE_FRAG_SIZE & 1];
	return true;
}

int skb_copy_to_page_nocache(struct sock *sk, struct iov_iter *from,
			     struct sk_buff *skb, struct page *page, u32 off,
			     int copy)
{
	(void)page;
	(void)off;
	from->count -= copy;
	skb->len += copy;
	skb->data_len += copy;
	skb->truesize += copy;
	sk_wmem_queued_add(sk, copy);
	sk_mem_charge(sk, copy);
	return 0;
}

/* Compare the bytes of @skb with those that are next in the stream. */
int skb_copy_datagram_msg(const struct sk_buff *skb, u32 offset,
			  struct msghdr *msg, u32 n)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	struct iov_iter *to = &msg->msg_iter;
	u32 linear = skb_headlen(skb), here;
	int i;

	for (; n && offset < linear; n--)
		to->bad |= skb->data[offset++] != payload_byte(to->position++);
	offset -= min_t(u32, offset, linear);
	for (i = 0; n && i < si->nr_frags; i++) {
		const skb_frag_t *f = &si->frags[i];

		if (offset < f->size) {
			here = min_t(u32, n, f->size - offset);
			to->bad |= f->off + offset != to->position;
			to->position += here;
			n -= here;
			offset = 0;
		} else {
			offset -= f->size;
		}
	}
	to->bad |= n;
	return 0;
}
