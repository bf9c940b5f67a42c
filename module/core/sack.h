/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Selective acknowledgment (RFC 2018) and reports of duplicates (RFC 2883): the
 * receiver's list, and the checks of the peer's SACK blocks.
 */
#ifndef XTCP_CORE_SACK_H
#define XTCP_CORE_SACK_H

#include "tcb.h"

/**
 * struct xtcp_sack_list - runs of data held out of order, newest first
 * @n: number of valid entries of @block, 0 to XTCP_SACK_MAX
 * @block: the runs, in the order of the option; [0] contains the latest segment
 */
struct xtcp_sack_list {
	u8 n;
	struct xtcp_sack_block block[XTCP_SACK_MAX];
};

/**
 * enum xtcp_sack_kind - meaning of a received SACK block
 * @XTCP_SACK_BAD: invalid; ignored and counted
 * @XTCP_SACK_NEW: the peer holds these bytes
 * @XTCP_SACK_DUP: the peer received these bytes twice
 */
enum xtcp_sack_kind {
	XTCP_SACK_BAD,
	XTCP_SACK_NEW,
	XTCP_SACK_DUP,
};

/**
 * xtcp_sack_clear() - empty the list: nothing is held out of order
 * @list: the list
 */
static inline void xtcp_sack_clear(struct xtcp_sack_list *list)
{
	list->n = 0;
}

void xtcp_sack_add(struct xtcp_sack_list *list, u32 left, u32 right);
void xtcp_sack_advance(struct xtcp_sack_list *list, u32 rcv_nxt);
void xtcp_sack_fill(const struct xtcp_sack_list *list, struct xtcp_tcb *tcb,
		    struct xtcp_options *opt);
enum xtcp_sack_kind xtcp_sack_check(const struct xtcp_tcb *tcb,
				    const struct xtcp_segment *seg, u32 i);

#endif /* XTCP_CORE_SACK_H */
