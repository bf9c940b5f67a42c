/* SPDX-License-Identifier: GPL-2.0 */
/* The notation of segments, which wire.h describes: see wire_notation.c */
#ifndef XTCP_TEST_WIRE_NOTATION_H
#define XTCP_TEST_WIRE_NOTATION_H

#include "wire_types.h"

#define WIRE_MAX_OPTS	24

struct wire_num {
	bool given, any, bare;
	uint32_t v;
};

struct wire_opt {
	uint8_t kind, len;
	uint8_t data[40];
	bool any_a, any_b;	/* "*" for the first or the second number */
};

/* A parsed segment. Numeric modifiers that are not given are -1. */
struct wire_spec {
	int64_t after_us, until_us;
	bool timed;		/* false: at once */
	uint8_t flags;
	bool psh_free;
	bool ae;		/* the flag AE */
	int ecn;		/* the IP-ECN field */
	struct wire_num seq, ack, win, urg;
	int len;
	bool any_len;
	bool any_opts;
	int nopts;
	struct wire_opt opt[WIRE_MAX_OPTS];
	int res, doff, cut, keep, tos, ttl, frag, label, fill;
	bool badsum, sum0, nots;
};

bool wire_number(const char **s, struct wire_num *n);
/* sackbase: base of the sequence numbers in a SACK option */
bool wire_parse(const char *s, struct wire_spec *p, uint32_t sackbase);
/* NULL, or the name of the field that differs */
const char *wire_differs(const struct wire_flow *f, const struct wire_seg *g,
			 const struct wire_spec *p);

#endif
