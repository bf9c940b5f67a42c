/* SPDX-License-Identifier: GPL-2.0 */
/* The checks of each segment of the stack: see wire_rules.c */
#ifndef XTCP_TEST_WIRE_RULES_H
#define XTCP_TEST_WIRE_RULES_H

#include "wire_types.h"

void wire_broken(struct wire *w, const struct wire_seg *g, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* to be called in this order; false: no complete TCP header */
bool wire_check_lengths(struct wire *w, const struct wire_seg *g, int tlen);
void wire_check_header(struct wire *w, const struct wire_seg *g);
/* f may be NULL: the segment belongs to no flow */
void wire_check_options(struct wire *w, struct wire_flow *f, struct wire_seg *g);
void wire_check_flow(struct wire_flow *f, const struct wire_seg *g);

#endif
