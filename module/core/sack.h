/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Selective acknowledgment (RFC 2018) and duplicates reported by it (RFC
 * 2883): the list the receiver keeps, and the checks of what a peer claims.
 */
#ifndef XTCP_CORE_SACK_H
#define XTCP_CORE_SACK_H

#include "tcb.h"

/**
 * struct xtcp_sack_list - the runs held out of order, newest first
 * @n: how many of @block are set
 * @block: as they go out; [0] holds the segment that came last
 */
struct xtcp_sack_list {
	u8 n;
	struct xtcp_sack_block block[XTCP_SACK_MAX];
};

/**
 * enum xtcp_sack_kind - what a received block says
 * @XTCP_SACK_BAD: impossible; ignored and counted
 * @XTCP_SACK_NEW: these bytes are held by the peer
 * @XTCP_SACK_DUP: these bytes came to the peer twice
 */
enum xtcp_sack_kind {
	XTCP_SACK_BAD,
	XTCP_SACK_NEW,
	XTCP_SACK_DUP,
};

/**
 * xtcp_sack_forget() - nothing is held out of order
 * @list: the runs known
 */
static inline void xtcp_sack_forget(struct xtcp_sack_list *list)
{
	list->n = 0;
}

void xtcp_sack_add(struct xtcp_sack_list *list, u32 left, u32 right);
void xtcp_sack_advance(struct xtcp_sack_list *list, u32 rcv_nxt);
void xtcp_sack_fill(const struct xtcp_sack_list *list, struct xtcp_tcb *tcb,
		    struct xtcp_options *opt);
enum xtcp_sack_kind xtcp_sack_judge(const struct xtcp_tcb *tcb,
				    const struct xtcp_segment *seg, u32 i);

#endif /* XTCP_CORE_SACK_H */
