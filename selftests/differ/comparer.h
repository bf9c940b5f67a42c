/* SPDX-License-Identifier: GPL-2.0 */
/* Two records of one step, side by side. */
#ifndef XTCP_DIFFER_COMPARER_H
#define XTCP_DIFFER_COMPARER_H

#include "executor.h"

enum difference {
	D_NONE,
	D_BROKEN,	/* a segment of XTCP's that is wrong, whatever the other sent */
	D_RETURN, D_ERRNO, D_BYTES, D_STATE, D_POLL, D_INQ, D_OUTQ,
	D_MISSING,	/* a segment that the kernel's TCP sent */
	D_EXTRA,	/* one that only XTCP sent */
	D_FLAGS, D_SEQ, D_ACK, D_LEN, D_PAYLOAD, D_WINDOW, D_URGENT, D_OPTIONS,
	D_SACK, D_TIME, D_LATE_ACK, D_HEADER, DIFFERENCES,
};

extern const char *const difference_names[];

/* Where two records part. */
struct finding {
	enum difference what;
	int step;
	int slot;			/* of the socket, if it is one's */
	const struct seen *seg[SIDES];	/* NULL: none */
	bool acks_parted;		/* what was acknowledged when */
};

/* What the comparison knows from the steps before. */
struct comparer {
	/* what is passed over in what programs see: a reason, and all goes on */
	bool (*meant)(const struct run *r, const struct finding *f);
	uint32_t acked[SIDES][FLOWS];	/* by the stack */
	bool acked_known[SIDES][FLOWS];
	uint32_t acked_before[SIDES][FLOWS];
	bool known_before[SIDES][FLOWS];
	int full[FLOWS];	/* the longest segment so far */
	bool more;
	bool parted;			/* a step left ACKs apart */
};

void compare_begin(struct comparer *c,
		   bool (*meant)(const struct run *r, const struct finding *f));
/* can be done again, after more time, until compare_keep() */
struct finding compare(struct comparer *c, const struct run *r);
/* what programs see alone */
struct finding compare_sockets(const struct comparer *c, const struct run *r);
void compare_keep(struct comparer *c, const struct run *r);

#endif
