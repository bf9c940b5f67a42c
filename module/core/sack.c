// SPDX-License-Identifier: GPL-2.0
#include "sack.h"

static void drop_block(struct xtcp_sack_list *list, u32 i)
{
	list->n--;
	memmove(&list->block[i], &list->block[i + 1],
		(list->n - i) * sizeof(list->block[0]));
}

/**
 * xtcp_sack_add() - a segment was put into the out-of-order queue
 * @list: the list
 * @left: first sequence number of the run that contains the segment
 * @right: sequence number after the run
 *
 * Runs that overlap or touch the new one are merged with it. It becomes the
 * first (RFC 2018 4). If the list is full, the oldest run is dropped: it was
 * reported before.
 */
void xtcp_sack_add(struct xtcp_sack_list *list, u32 left, u32 right)
{
	u32 i = 0;

	while (i < list->n) {
		struct xtcp_sack_block *b = &list->block[i];

		if (seq_after(b->left, right) || seq_before(b->right, left)) {
			i++;
			continue;
		}
		if (seq_before(b->left, left))
			left = b->left;
		if (seq_after(b->right, right))
			right = b->right;
		drop_block(list, i);
		/* The larger run may touch one that was skipped before. */
		i = 0;
	}
	if (list->n == XTCP_SACK_MAX)
		list->n--;
	memmove(&list->block[1], &list->block[0],
		list->n * sizeof(list->block[0]));
	list->block[0].left = left;
	list->block[0].right = right;
	list->n++;
}

/**
 * xtcp_sack_advance() - RCV.NXT has advanced: remove the runs that it reached
 * @list: the list
 * @rcv_nxt: RCV.NXT
 */
void xtcp_sack_advance(struct xtcp_sack_list *list, u32 rcv_nxt)
{
	u32 i = 0;

	while (i < list->n) {
		if (seq_leq(list->block[i].left, rcv_nxt))
			drop_block(list, i);
		else
			i++;
	}
}

/**
 * xtcp_sack_fill() - set the SACK blocks of the next ACK
 * @list: the list
 * @tcb: the connection; its duplicate to report is moved to @opt
 * @opt: the options of the ACK; has_ts is already set
 *
 * As many blocks as fit: four, or three with a timestamp (RFC 2018 3). A
 * duplicate is the first block, and is reported only once (RFC 2883 4).
 */
void xtcp_sack_fill(const struct xtcp_sack_list *list, struct xtcp_tcb *tcb,
		    struct xtcp_options *opt)
{
	u32 max = opt->has_ts ? XTCP_SACK_MAX - 1 : XTCP_SACK_MAX;
	u32 i;

	opt->nsack = 0;
	if (!tcb->sack_ok)
		return;
	if (tcb->dsack.left != tcb->dsack.right) {
		opt->sack[opt->nsack++] = tcb->dsack;
		tcb->dsack.right = tcb->dsack.left;
	}
	for (i = 0; i < list->n && opt->nsack < max; i++)
		opt->sack[opt->nsack++] = list->block[i];
}

/**
 * xtcp_sack_check() - check a SACK block of the peer
 * @tcb: the connection, before this ACK is processed
 * @seg: the segment
 * @i: index of the block
 *
 * Source: RFC 2018; RFC 2883 5: the first block reports a duplicate if it lies
 * at or below SEG.ACK, or within the second block. A block beyond SND.NXT is
 * invalid; so is one that begins before SND.UNA or ends at or below SEG.ACK,
 * unless it reports a duplicate.
 *
 * Return: whether the block is new, reports a duplicate, or is to be ignored.
 */
enum xtcp_sack_kind xtcp_sack_check(const struct xtcp_tcb *tcb,
				    const struct xtcp_segment *seg, u32 i)
{
	const struct xtcp_sack_block *b = &seg->opt.sack[i];

	if (!seq_before(b->left, b->right) || seq_after(b->right, tcb->snd_nxt))
		return XTCP_SACK_BAD;
	if (i == 0) {
		if (seq_leq(b->right, seg->ack)) {
			/* The same limit as for SEG.ACK. */
			if (seq_before(b->left, xtcp_oldest_ack(tcb)))
				return XTCP_SACK_BAD;
			return XTCP_SACK_DUP;
		}
		if (seg->opt.nsack > 1 && seq_leq(b[1].right, tcb->snd_nxt) &&
		    seq_geq(b->left, b[1].left) && seq_leq(b->right, b[1].right))
			return XTCP_SACK_DUP;
	}
	if (seq_before(b->left, tcb->snd_una) || seq_leq(b->right, seg->ack))
		return XTCP_SACK_BAD;
	return XTCP_SACK_NEW;
}
