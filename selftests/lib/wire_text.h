/* SPDX-License-Identifier: GPL-2.0 */
/* Segments as text: see wire_text.c */
#ifndef XTCP_TEST_WIRE_TEXT_H
#define XTCP_TEST_WIRE_TEXT_H

#include "wire_types.h"

void wire_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* fills in g->text; f may be NULL: then numbers are absolute */
void wire_describe(const struct wire_flow *f, struct wire_seg *g);
void wire_log(struct wire *w, int64_t t_us, const char *direction, int flow,
	      const char *text);
void wire_dump(struct wire *w);

#endif
