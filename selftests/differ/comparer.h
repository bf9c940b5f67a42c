/* SPDX-License-Identifier: GPL-2.0 */
/* Compares the records of one step on both stacks. */
#ifndef XTCP_DIFFER_COMPARER_H
#define XTCP_DIFFER_COMPARER_H

#include "executor.h"

enum difference {
	D_NONE,
	D_BROKEN,	/* an invalid segment of XTCP */
	D_RETURN, D_ERRNO, D_BYTES, D_STATE, D_POLL, D_INQ, D_OUTQ,
	D_MISSING,	/* a segment sent only by the kernel's TCP */
	D_EXTRA,	/* a segment sent only by XTCP */
	D_FLAGS, D_SEQ, D_ACK, D_LEN, D_PAYLOAD, D_WINDOW, D_URGENT, D_OPTIONS,
	D_SACK, D_TIME, D_LATE_ACK, D_HEADER, DIFFERENCES,
};

extern const char *const difference_names[];

/* The first difference of two records. */
struct finding {
	enum difference what;
	int step;
	int slot;			/* of the socket that differs, or -1 */
	const struct seen *seg[SIDES];	/* NULL: none */
	bool acks_parted;		/* ACK numbers differed before */
};

/* State from earlier steps. */
struct comparer {
	/* whether a difference of a socket is intended and ignored */
	bool (*meant)(const struct run *r, const struct finding *f);
	uint32_t acked[SIDES][FLOWS];	/* highest ACK number of the stack */
	bool acked_known[SIDES][FLOWS];
	uint32_t acked_before[SIDES][FLOWS];
	bool known_before[SIDES][FLOWS];
	int full[FLOWS];	/* longest payload so far, bytes */
	bool more;		/* data of the same write may follow */
	bool parted;			/* ACK numbers differed after a step */
};

void compare_begin(struct comparer *c,
		   bool (*meant)(const struct run *r, const struct finding *f));
/* may be repeated after more time, until compare_keep() */
struct finding compare(struct comparer *c, const struct run *r);
/* compares only the sockets */
struct finding compare_sockets(const struct comparer *c, const struct run *r);
void compare_keep(struct comparer *c, const struct run *r);

#endif
