// SPDX-License-Identifier: GPL-2.0
/* The notation of segments: parsing, and comparison with a segment. */
#include "wire_notation.h"
#include "wire_format.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Words and numbers */

static void skip(const char **s)
{
	while (isspace((unsigned char)**s))
		(*s)++;
}

static bool word(const char **s, const char *what)
{
	size_t n = strlen(what);

	skip(s);
	if (strncmp(*s, what, n) || isalnum((unsigned char)(*s)[n]))
		return false;
	*s += n;
	return true;
}

static bool chr(const char **s, char c)
{
	skip(s);
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

bool wire_number(const char **s, struct wire_num *n)
{
	char *end;

	memset(n, 0, sizeof(*n));
	n->given = true;
	if (chr(s, '*')) {
		n->any = true;
		return true;
	}
	n->bare = chr(s, '=');
	skip(s);
	n->v = strtoll(*s, &end, 0);
	if (end == *s)
		return false;
	*s = end;
	return true;
}

static bool small(const char **s, int *v)
{
	struct wire_num n;

	if (!wire_number(s, &n))
		return false;
	*v = n.v;
	return true;
}

static bool duration(const char **s, int64_t *us)
{
	static const struct {
		const char *name;
		int us;
	} unit[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	char *end;
	double v = strtod(*s, &end);

	if (end == *s)
		return false;
	for (size_t i = 0; i < COUNT(unit); i++)
		if (!strncmp(end, unit[i].name, strlen(unit[i].name))) {
			*us = v * unit[i].us;
			*s = end + strlen(unit[i].name);
			return true;
		}
	return false;
}

/* Options */

static bool parse_mss(const char **s, struct wire_opt *o, uint32_t sackbase)
{
	struct wire_num n;

	if (!wire_number(s, &n))
		return false;
	o->any_a = n.any;
	put16(o->data, n.v);
	return true;
}

static bool parse_wscale(const char **s, struct wire_opt *o, uint32_t sackbase)
{
	struct wire_num n;

	if (!wire_number(s, &n))
		return false;
	o->any_a = n.any;
	o->data[0] = n.v;
	return true;
}

static bool parse_ts(const char **s, struct wire_opt *o, uint32_t sackbase)
{
	struct wire_num val, ecr;

	if (!word(s, "val") || !wire_number(s, &val) || !word(s, "ecr") ||
	    !wire_number(s, &ecr))
		return false;
	o->any_a = val.any;
	o->any_b = ecr.any;
	put32(o->data, val.v);
	put32(o->data + 4, ecr.v);
	return true;
}

static bool parse_sack(const char **s, struct wire_opt *o, uint32_t sackbase)
{
	struct wire_num start, end;

	for (;;) {
		skip(s);
		if (**s != '=' && !isdigit((unsigned char)**s) && **s != '-')
			return true;
		if (!wire_number(s, &start) || !chr(s, ':') || !wire_number(s, &end) ||
		    o->len > 34)
			return false;
		put32(o->data + o->len - 2, start.v + (start.bare ? 0 : sackbase));
		put32(o->data + o->len + 2, end.v + (end.bare ? 0 : sackbase));
		o->len += 8;
	}
}

/* "*": a cookie of 8 bytes, the length that the stack uses. */
static bool parse_fo(const char **s, struct wire_opt *o, uint32_t sackbase)
{
	unsigned int byte;
	int used;

	if (chr(s, '*')) {
		o->any_a = true;
		o->len = 10;
		return true;
	}
	while (o->len < 40 && sscanf(*s, "%2x%n", &byte, &used) == 1 && used == 2) {
		o->data[o->len++ - 2] = byte;
		*s += 2;
	}
	return true;
}

static bool parse_hex(const char **s, struct wire_opt *o, uint32_t sackbase)
{
	unsigned int byte;
	int used;

	skip(s);
	while (o->len < 40 && sscanf(*s, "%2x%n", &byte, &used) == 1 && used == 2) {
		o->data[o->len++] = byte;
		*s += 2;
	}
	return true;
}

static const struct {
	const char *name;
	uint8_t kind, len;	/* parse() may increase it */
	bool (*parse)(const char **s, struct wire_opt *o, uint32_t sackbase);
} options[] = {
	{ "nop", OPT_NOP, 1, NULL },
	{ "eol", OPT_EOL, 1, NULL },
	{ "mss", OPT_MSS, 4, parse_mss },
	{ "wscale", OPT_WS, 3, parse_wscale },
	{ "sackOK", OPT_SACKOK, 2, NULL },
	{ "TS", OPT_TS, 10, parse_ts },
	{ "sack", OPT_SACK, 2, parse_sack },
	{ "fo", OPT_FO, 2, parse_fo },
	{ "hex", OPT_RAW, 0, parse_hex },
};

static bool parse_option(const char **s, struct wire_spec *p, uint32_t sackbase)
{
	struct wire_opt *o = &p->opt[p->nopts];

	if (p->nopts == WIRE_MAX_OPTS)
		return false;
	for (size_t i = 0; i < COUNT(options); i++) {
		if (!word(s, options[i].name))
			continue;
		memset(o, 0, sizeof(*o));
		o->kind = options[i].kind;
		o->len = options[i].len;
		if (options[i].parse && !options[i].parse(s, o, sackbase))
			return false;
		p->nopts++;
		return true;
	}
	return false;
}

/* Parses options after the "<" */
static bool parse_options(const char **s, struct wire_spec *p, uint32_t sackbase)
{
	skip(s);
	if (!strncmp(*s, "...", 3)) {
		p->any_opts = true;
		*s += 3;
	} else {
		while (parse_option(s, p, sackbase) && chr(s, ','))
			;
	}
	return chr(s, '>');
}

/* The fields of a segment, from left to right */

/* Parses a time after the "+" */
static bool parse_time(const char **s, struct wire_spec *p)
{
	p->timed = true;
	if (!duration(s, &p->after_us))
		return false;
	p->until_us = p->after_us;
	if (strncmp(*s, "..", 2))
		return true;
	*s += 2;
	return duration(s, &p->until_us);
}

static bool parse_flags(const char **s, struct wire_spec *p)
{
	static const char letters[] = WIRE_FLAG_LETTERS;
	const char *c;

	skip(s);
	for (; **s && !isspace((unsigned char)**s); (*s)++) {
		if (**s == '-')
			continue;
		if (**s == 'p') {
			p->psh_free = true;
			continue;
		}
		if (**s == 'e') {
			p->ae = true;
			continue;
		}
		c = strchr(letters, **s);
		if (!c)
			return false;
		p->flags |= 1 << (c - letters);
	}
	return true;
}

/* SEQ[:END](LEN): END is only for readability. */
static bool parse_range(const char **s, struct wire_spec *p)
{
	struct wire_num end;

	if (!wire_number(s, &p->seq) || (chr(s, ':') && !wire_number(s, &end)) ||
	    !chr(s, '('))
		return false;
	p->any_len = chr(s, '*');
	return (p->any_len || small(s, &p->len)) && chr(s, ')');
}

static bool parse_field(const char **s, struct wire_spec *p)
{
	const struct {
		const char *name;
		struct wire_num *to;
	} number[] = { { "ack", &p->ack }, { "win", &p->win }, { "urg", &p->urg } };
	const struct {
		const char *name;
		int *to;
	} modifier[] = {
		{ "res", &p->res }, { "doff", &p->doff }, { "cut", &p->cut },
		{ "short", &p->keep }, { "tos", &p->tos }, { "ttl", &p->ttl },
		{ "frag", &p->frag }, { "label", &p->label },
	};
	const struct {
		const char *name;
		bool *to;
	} flag[] = { { "badsum", &p->badsum }, { "sum0", &p->sum0 }, { "nots", &p->nots } };
	static const char *const ecn[] = { "notect", "ect1", "ect0", "ce" };

	for (size_t i = 0; i < COUNT(number); i++)
		if (word(s, number[i].name))
			return wire_number(s, number[i].to);
	for (size_t i = 0; i < COUNT(modifier); i++)
		if (word(s, modifier[i].name))
			return small(s, modifier[i].to);
	for (size_t i = 0; i < COUNT(flag); i++)
		if (word(s, flag[i].name)) {
			*flag[i].to = true;
			return true;
		}
	for (size_t i = 0; i < COUNT(ecn); i++)
		if (word(s, ecn[i])) {
			p->ecn = i;
			return true;
		}
	if (!word(s, "data"))
		return false;
	skip(s);
	if (!**s)
		return false;
	p->fill = (unsigned char)*(*s)++;
	return true;
}

bool wire_parse(const char *s, struct wire_spec *p, uint32_t sackbase)
{
	bool ok;

	memset(p, 0, sizeof(*p));
	p->res = -1;
	p->doff = -1;
	p->cut = -1;
	p->keep = -1;
	p->tos = -1;
	p->ttl = -1;
	p->frag = -1;
	p->label = -1;
	p->fill = -1;
	p->ecn = -1;
	ok = (!chr(&s, '+') || parse_time(&s, p)) && parse_flags(&s, p) &&
	     parse_range(&s, p);
	skip(&s);
	while (ok && *s) {
		if (chr(&s, '<'))
			ok = parse_options(&s, p, sackbase);
		else
			ok = parse_field(&s, p);
		skip(&s);
	}
	return ok;
}

/* Comparison */

static bool num_differs(const struct wire_num *n, uint32_t base, uint32_t v)
{
	return n->given && !n->any && n->v + (n->bare ? 0 : base) != v;
}

static bool option_differs(const struct wire_opt *want, const uint8_t *data)
{
	if (want->kind == OPT_TS)
		return (!want->any_a && memcmp(data, want->data, 4)) ||
		       (!want->any_b && memcmp(data + 4, want->data + 4, 4));
	return !want->any_a && memcmp(data, want->data, want->len - 2);
}

/* @used: true at the offset of each option that has matched */
static bool find_option(const struct wire_seg *g, const struct wire_opt *want, bool *used)
{
	const uint8_t *o = g->pkt + g->thoff + 20;

	for (int i = 0, len; i < g->optlen; i += len) {
		len = 1;
		if (o[i] <= OPT_NOP)
			continue;
		len = i + 1 < g->optlen ? o[i + 1] : 0;
		if (len < 2 || i + len > g->optlen)
			return false;
		if (want->kind == OPT_RAW && !used[i] && len == want->len &&
		    !memcmp(o + i, want->data, len)) {
			used[i] = true;
			return true;
		}
		if (used[i] || o[i] != want->kind || len != want->len)
			continue;
		if (option_differs(want, o + i + 2))
			return false;
		used[i] = true;
		return true;
	}
	return false;
}

static bool options_differ(const struct wire_flow *f, const struct wire_seg *g,
			   const struct wire_spec *p)
{
	const uint8_t *o = g->pkt + g->thoff + 20;
	bool used[48] = { false }, free_ts;

	/* The expectation may omit timestamps that were negotiated. */
	free_ts = f->stack_ts && f->peer_ts && !(g->flags & WF_SYN);
	for (int i = 0; i < p->nopts; i++) {
		if (p->opt[i].kind <= OPT_NOP)
			continue;
		if (p->opt[i].kind == OPT_TS)
			free_ts = false;
		if (!find_option(g, &p->opt[i], used))
			return true;
	}
	for (int i = 0; i < g->optlen && o[i] != OPT_EOL;) {
		if (o[i] == OPT_NOP) {
			i++;
			continue;
		}
		if (!used[i] && !(o[i] == OPT_TS && free_ts))
			return true;
		if (i + 1 == g->optlen || o[i + 1] < 2)
			break;
		i += o[i + 1];
	}
	return false;
}

const char *wire_differs(const struct wire_flow *f, const struct wire_seg *g,
			 const struct wire_spec *p)
{
	uint8_t care = p->psh_free ? (uint8_t)~WF_PSH : 0xff;

	if ((g->flags & care) != (p->flags & care) || (g->res & 1) != p->ae)
		return "flags";
	if (p->ecn >= 0 && (g->tos & 3) != p->ecn)
		return "IP-ECN field";
	if (num_differs(&p->seq, f->iss_known ? f->iss : 0, g->seq))
		return "sequence number";
	if (!p->any_len && g->paylen != p->len)
		return "length";
	if (num_differs(&p->ack, f->isn, g->ack))
		return "ack";
	if (!(p->flags & WF_ACK) && g->ack && !p->ack.given)
		return "ack field";
	if (num_differs(&p->win, 0, g->win))
		return "window";
	if (num_differs(&p->urg, 0, g->urg))
		return "urgent pointer";
	if (!p->any_opts && options_differ(f, g, p))
		return "options";
	return NULL;
}
