/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the wire share. Include it first; tests take wire.h. */
#ifndef XTCP_TEST_WIRE_IMPL_H
#define XTCP_TEST_WIRE_IMPL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "wire.h"

#define WIRE_MAX_SEG	65536
#define WIRE_ROOM	(WIRE_MAX_SEG + 100)	/* with headers around it */
#define WIRE_MAX_OPTS	24

enum wire_option {
	OPT_EOL,
	OPT_NOP,
	OPT_MSS,
	OPT_WS,
	OPT_SACKOK,
	OPT_SACK,
	OPT_TS = 8,
	OPT_FO = 34,
	OPT_RAW = 255,	/* of the notation alone: bytes as they are */
};

/* The letters of the flags, from the lowest bit. */
#define WIRE_FLAG_LETTERS	"FSRP.UEW"

struct wire_num {
	bool given, any, bare;
	uint32_t v;
};

struct wire_opt {
	uint8_t kind, len;
	uint8_t data[40];
	bool any_a, any_b;	/* "*" for the first, the second number */
};

/* A segment in the notation. Modifiers that are not there are -1. */
struct wire_spec {
	int64_t after_us, until_us;
	bool timed;		/* otherwise: at once */
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

static inline uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* wire_notation.c */

bool wire_number(const char **s, struct wire_num *n);
/* sackbase: what numbers in a SACK option are relative to */
bool wire_parse(const char *s, struct wire_spec *p, uint32_t sackbase);
/* NULL, or the name of what is not as it should be */
const char *wire_differs(const struct wire_flow *f, const struct wire_seg *g,
			 const struct wire_spec *p);

/* wire_packet.c */

uint32_t wire_sum_add(uint32_t sum, const uint8_t *p, size_t len);
uint16_t wire_sum_fold(uint32_t sum);
/* with the pseudo-header: 0 if what is there is right */
uint16_t wire_sum(bool v6, const uint8_t *ip, int proto, const uint8_t *p, size_t len);
/* reads the IP header: the protocol; *paylen: what the header says follows */
int wire_read_ip(struct wire_seg *g, int *paylen);
void wire_read_tcp(struct wire_seg *g);
/* into g->pkt, which has room: 0, or -1 if there is no such segment */
int wire_build(struct wire_flow *f, struct wire_spec *p, struct wire_seg *g);
void wire_build_icmp(struct wire_flow *f, struct wire_seg *g, enum wire_icmp what,
		     uint32_t seq, unsigned int mtu, int quoted);
/* the packet again as fragments of so many payload bytes, in order */
int wire_send_fragments(struct wire_flow *f, const struct wire_seg *g, int size);

/* wire_rules.c */

void wire_broken(struct wire *w, const struct wire_seg *g, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* in this order; false: there is no TCP header to read */
bool wire_check_lengths(struct wire *w, const struct wire_seg *g, int tlen);
void wire_check_header(struct wire *w, const struct wire_seg *g);
/* f may be NULL: then the segment is nobody's */
void wire_check_options(struct wire *w, struct wire_flow *f, struct wire_seg *g);
void wire_check_flow(struct wire_flow *f, const struct wire_seg *g);

/* wire_text.c */

void wire_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* fills in g->text; f may be NULL: then all numbers are bare */
void wire_describe(const struct wire_flow *f, struct wire_seg *g);
void wire_log(struct wire *w, int64_t t_us, const char *direction, int flow,
	      const char *text);

/* wire_netns.c */

/* a new one for this process, with the tun device: 0 or -1 */
int wire_netns(struct wire *w);
/* a packet as if it came from the peer */
int wire_raw(struct wire *w, const void *pkt, size_t len);

#endif
