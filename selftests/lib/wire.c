// SPDX-License-Identifier: GPL-2.0
/* A crafted peer on a tun device: see wire.h for what it can say. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "wire.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#ifndef AF_XTCP
#define AF_XTCP 22
#endif

enum { OPT_EOL, OPT_NOP, OPT_MSS, OPT_WS, OPT_SACKOK, OPT_SACK, OPT_TS = 8 };

#define MAXOPTS 24
#define ANY_LATE_US (3600LL * 1000000)

struct spec_opt {
	uint8_t kind, len;
	uint8_t data[40];
	bool any_a, any_b;	/* "*" for the first, the second number */
};

struct spec_num {
	bool given, any, bare;
	uint32_t v;
};

struct spec {
	int64_t after_us, until_us;	/* -1: at once */
	bool timed, ranged;
	uint8_t flags;
	bool psh_free;
	struct spec_num seq, ack, win, urg;
	int len;
	bool any_len;
	bool any_opts;
	int nopts;
	struct spec_opt opt[MAXOPTS];
	/* modifiers */
	int res, doff, cut, keep, tos, ttl, frag, fill;
	bool badsum, sum0, nots;
};

static const uint8_t prefix4[12] = { [10] = 0xff, [11] = 0xff };

int64_t wire_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

void wire_sleep(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

uint8_t wire_pattern(uint64_t off)
{
	return off * 31 + (off >> 8) * 17 + (off >> 16) * 101 + 'a';
}

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *fmt, ...)
{
	va_list ap;

	fputs("# ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* Numbers on the wire. */

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	uint64_t s = sum;

	for (; len > 1; p += 2, len -= 2)
		s += get16(p);
	if (len)
		s += *p << 8;
	while (s >> 32)
		s = (s & 0xffffffff) + (s >> 32);
	return s;
}

static uint16_t sum_fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s;
}

static uint16_t l4_sum(bool v6, const uint8_t *ip, int proto, const uint8_t *p,
		       size_t len)
{
	uint32_t s = proto + len;

	if (v6)
		s = sum_add(s, ip + 8, 32);
	else
		s = sum_add(s, ip + 12, 8);
	return sum_fold(sum_add(s, p, len));
}

/* What was seen, for people. */

static void put_flags(char *s, uint8_t flags)
{
	static const char name[] = "FSRP.UEW";
	int n = 0;

	for (int i = 0; i < 8; i++)
		if (flags & 1 << i)
			s[n++] = name[i];
	if (!n)
		s[n++] = '-';
	s[n] = 0;
}

static int put_options(char *s, size_t size, const uint8_t *o, int len,
		       uint32_t sackbase)
{
	size_t n = 0;
	const char *sep = "";

	if (!len)
		return 0;
	n += snprintf(s + n, size - n, " <");
	for (int i = 0; i < len && n < size - 40; sep = ",") {
		int kind = o[i], l = i + 1 < len ? o[i + 1] : 0;

		n += snprintf(s + n, size - n, "%s", sep);
		if (kind == OPT_EOL || kind == OPT_NOP) {
			n += snprintf(s + n, size - n, kind ? "nop" : "eol");
			i++;
			if (!kind)
				break;
			continue;
		}
		if (l < 2 || i + l > len) {
			n += snprintf(s + n, size - n, "bad %d len %d", kind, l);
			break;
		}
		if (kind == OPT_MSS && l == 4) {
			n += snprintf(s + n, size - n, "mss %u", get16(o + i + 2));
		} else if (kind == OPT_WS && l == 3) {
			n += snprintf(s + n, size - n, "wscale %u", o[i + 2]);
		} else if (kind == OPT_SACKOK && l == 2) {
			n += snprintf(s + n, size - n, "sackOK");
		} else if (kind == OPT_TS && l == 10) {
			n += snprintf(s + n, size - n, "TS val %u ecr %u",
				      get32(o + i + 2), get32(o + i + 6));
		} else if (kind == OPT_SACK) {
			n += snprintf(s + n, size - n, "sack");
			for (int j = 2; j + 8 <= l; j += 8)
				n += snprintf(s + n, size - n, " %u:%u",
					      get32(o + i + j) - sackbase,
					      get32(o + i + j + 4) - sackbase);
		} else {
			n += snprintf(s + n, size - n, "%d len %d", kind, l);
		}
		i += l;
	}
	n += snprintf(s + n, size - n, ">");
	return n;
}

static void describe(struct wire_flow *f, struct wire_seg *g)
{
	const uint8_t *tcp = g->pkt + g->thoff;
	uint32_t sbase = 0, abase = 0;
	char fl[10];
	size_t n;

	if (f) {
		sbase = g->out ? f->isn : f->iss_known ? f->iss : 0;
		abase = !g->out ? f->isn : f->iss_known ? f->iss : 0;
	}
	put_flags(fl, g->flags);
	n = snprintf(g->text, sizeof(g->text), "%s %u:%u(%d)", fl,
		     g->seq - sbase, g->seq - sbase + g->paylen, g->paylen);
	if (g->flags & WF_ACK)
		n += snprintf(g->text + n, sizeof(g->text) - n, " ack %u",
			      g->ack - abase);
	n += snprintf(g->text + n, sizeof(g->text) - n, " win %u", g->win);
	if (g->flags & WF_URG || g->urg)
		n += snprintf(g->text + n, sizeof(g->text) - n, " urg %u", g->urg);
	if (g->res)
		n += snprintf(g->text + n, sizeof(g->text) - n, " res %u", g->res);
	put_options(g->text + n, sizeof(g->text) - n, tcp + 20, g->optlen, abase);
}

static void log_line(struct wire *w, int64_t t, const char *dir, int flow,
		     const char *text)
{
	int64_t us = t - w->t0_us;

	snprintf(w->log[w->nlog++ % WIRE_LOG], sizeof(w->log[0]),
		 "%5lld.%06lld %s%d %s", (long long)us / 1000000,
		 (long long)us % 1000000, dir, flow, text);
}

void wire_dump(struct wire *w)
{
	unsigned int n = w->nlog < WIRE_LOG ? w->nlog : WIRE_LOG;

	pthread_mutex_lock(&w->lock);
	say("the last %u segments (< from the peer, > from the stack, flow number):", n);
	for (unsigned int i = w->nlog - n; i != w->nlog; i++)
		say("%s", w->log[i % WIRE_LOG]);
	pthread_mutex_unlock(&w->lock);
}

static void broken(struct wire *w, const struct wire_seg *g, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void broken(struct wire *w, const struct wire_seg *g, const char *fmt, ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	say("the stack sent a segment that breaks a rule: %s", why);
	say("  %s", g->text);
	w->failed++;
}

/* Reading what the stack sends. */

static struct wire_flow *find_flow(struct wire *w, struct wire_seg *g)
{
	const uint8_t *src = g->pkt + (g->v6 ? 8 : 12);
	const uint8_t *dst = g->pkt + (g->v6 ? 24 : 16);
	int skip = g->v6 ? 0 : 12, len = g->v6 ? 16 : 4;

	for (int i = w->nflows - 1; i >= 0; i--) {
		struct wire_flow *f = &w->flow[i];

		if (f->pport != g->dport || memcmp(f->peer + skip, dst, len))
			continue;
		if (f->lport && f->lport != g->sport)
			continue;
		if (!f->lport && !(g->flags & WF_SYN))
			continue;
		if (memcmp(f->local + skip, src, len))
			continue;
		f->lport = g->sport;
		return f;
	}
	return NULL;
}

/* Options: well-formed, and only where they belong. */
static void check_options(struct wire *w, struct wire_flow *f, struct wire_seg *g)
{
	const uint8_t *o = g->pkt + g->thoff + 20;
	bool syn = g->flags & WF_SYN, ended = false;
	uint64_t seen = 0;

	for (int i = 0; i < g->optlen;) {
		int kind = o[i], l;

		if (ended) {
			if (kind)
				broken(w, g, "MUST-69: byte %d after the end of options", kind);
			i++;
			continue;
		}
		if (kind == OPT_EOL)
			ended = true;
		if (kind <= OPT_NOP) {
			i++;
			continue;
		}
		l = i + 1 < g->optlen ? o[i + 1] : 0;
		if (l < 2 || i + l > g->optlen) {
			broken(w, g, "MUST-68: option %d has length %d", kind, l);
			return;
		}
		if (kind < 64) {
			if (seen & 1ULL << kind)
				broken(w, g, "option %d is there twice", kind);
			seen |= 1ULL << kind;
		}
		if (kind == OPT_MSS && !syn)
			broken(w, g, "MUST-65: MSS on a segment without SYN");
		if (kind == OPT_WS && !syn)
			broken(w, g, "TS-1: window scale on a segment without SYN");
		if (kind == OPT_SACKOK && !syn)
			broken(w, g, "SK-1: SACK-permitted on a segment without SYN");
		if ((kind == OPT_MSS && l != 4) || (kind == OPT_WS && l != 3) ||
		    (kind == OPT_SACKOK && l != 2) || (kind == OPT_TS && l != 10) ||
		    (kind == OPT_SACK && (l < 10 || (l - 2) % 8)))
			broken(w, g, "option %d has length %d", kind, l);
		if (kind == OPT_WS && l == 3) {
			if (o[i + 2] > 14)
				broken(w, g, "window scale %d above 14", o[i + 2]);
			if (f)
				f->stack_ws = o[i + 2];
		}
		if (kind == OPT_TS && l == 10) {
			g->has_ts = true;
			g->tsval = get32(o + i + 2);
			g->tsecr = get32(o + i + 6);
		}
		i += l;
	}
}

static void check_timestamps(struct wire *w, struct wire_flow *f, struct wire_seg *g)
{
	if (g->flags & WF_SYN) {
		f->stack_ts = g->has_ts;
		/* In a simultaneous open the kernel's TCP repeats its SYN's. */
		if (g->flags & WF_ACK && g->has_ts && !f->peer_ts && !(w->ref && f->opened))
			broken(w, g, "TS-7: timestamps on a SYN-ACK, but not on the SYN");
	} else if (f->stack_ts && f->peer_ts) {
		if (!g->has_ts && !(g->flags & WF_RST))
			broken(w, g, "TS-8: timestamps were agreed and are not there");
	} else if (g->has_ts && f->iss_known) {
		broken(w, g, "timestamps were not agreed and are there");
	}
	if (g->has_ts)
		f->ts_last = g->tsval;
}

static void check_edges(struct wire *w, struct wire_flow *f, struct wire_seg *g)
{
	uint32_t end = g->seq + g->paylen, edge;
	int shift = 0;

	if (g->flags & WF_RST || f->unchecked)
		return;
	/* One byte beyond is a zero-window probe. */
	if (g->paylen && f->out_edge_known && !(g->flags & WF_SYN) &&
	    before(f->out_edge + !!(g->paylen == 1), end))
		broken(w, g, "CC-1: %u bytes beyond the peer's window",
		       end - f->out_edge);
	if (!(g->flags & WF_ACK))
		return;
	if (!(g->flags & WF_SYN) && f->stack_ws >= 0 && f->peer_ws >= 0)
		shift = f->stack_ws;
	edge = g->ack + ((uint32_t)g->win << shift);
	/* Rounding by the scale is no shrinking. */
	if (f->in_edge_known && before(edge + (1U << shift) - 1, f->in_edge))
		broken(w, g, "SHLD-14: the right edge of the window moved back by %u",
		       f->in_edge - edge);
	if (!f->in_edge_known || before(f->in_edge, edge))
		f->in_edge = edge;
	f->in_edge_known = true;
}

static void check_payload(struct wire *w, struct wire_flow *f, struct wire_seg *g)
{
	const uint8_t *p = g->pkt + g->thoff + 4 * g->doff;
	uint32_t off = g->seq - f->iss - 1;

	if (f->nopattern || !f->iss_known || g->flags & (WF_RST | WF_SYN | WF_URG))
		return;
	/* A keep-alive or a probe may carry an old or a garbage byte. */
	if (g->paylen == 1 && (int32_t)off < 0)
		return;
	for (int i = 0; i < g->paylen; i++)
		if (p[i] != wire_pattern(off + i)) {
			broken(w, g, "payload differs at stream offset %u", off + i);
			return;
		}
}

static void receive(struct wire *w, uint8_t *pkt, int len, int64_t t)
{
	struct wire_seg *g;
	struct wire_flow *f;
	const uint8_t *tcp;
	int proto, tlen;

	if (len < 20 || (pkt[0] >> 4 == 6 && len < 40))
		return;
	g = calloc(1, sizeof(*g));
	g->pkt = malloc(len);
	memcpy(g->pkt, pkt, len);
	g->t_us = t;
	g->len = len;
	g->v6 = pkt[0] >> 4 == 6;
	if (g->v6) {
		proto = pkt[6];
		g->thoff = 40;
		g->tos = (pkt[0] & 15) << 4 | pkt[1] >> 4;
		g->ttl = pkt[7];
		tlen = get16(pkt + 4);
	} else {
		proto = pkt[9];
		g->thoff = (pkt[0] & 15) * 4;
		g->tos = pkt[1];
		g->ttl = pkt[8];
		tlen = get16(pkt + 2) - g->thoff;
	}
	if (proto != IPPROTO_TCP) {
		if (proto == IPPROTO_ICMP ||
		    (proto == IPPROTO_ICMPV6 && pkt[40] < 128)) {
			char s[80];

			snprintf(s, sizeof(s), "ICMP type %u code %u",
				 pkt[g->thoff], pkt[g->thoff + 1]);
			log_line(w, t, ">", 0, s);
			w->icmp_seen++;
		}
		goto drop;
	}
	snprintf(g->text, sizeof(g->text), "%d bytes", len);
	if (tlen < 20 || g->thoff + tlen != len) {
		broken(w, g, "IP length %d of %d bytes", tlen, len);
		goto drop;
	}
	tcp = g->pkt + g->thoff;
	g->sport = get16(tcp);
	g->dport = get16(tcp + 2);
	g->seq = get32(tcp + 4);
	g->ack = get32(tcp + 8);
	g->doff = tcp[12] >> 4;
	g->res = tcp[12] & 15;
	g->flags = tcp[13];
	g->win = get16(tcp + 14);
	g->urg = get16(tcp + 18);
	g->optlen = g->doff * 4 - 20;
	g->paylen = tlen - g->doff * 4;
	if (g->doff < 5 || g->paylen < 0) {
		broken(w, g, "data offset %d in %d bytes", g->doff, tlen);
		goto drop;
	}
	f = find_flow(w, g);
	if (f && g->flags & WF_SYN && !f->iss_known) {
		f->iss = g->seq;
		f->iss_known = true;
	}
	if (f && g->flags & WF_SYN && !(g->flags & WF_ACK))
		f->opened = true;
	describe(f, g);
	log_line(w, t, ">", f ? (int)(f - w->flow) : -1, g->text);
	if (!g->v6 && sum_fold(sum_add(0, pkt, g->thoff)))
		broken(w, g, "IPv4 header checksum");
	if (!g->v6 && (get16(pkt + 6) & 0xbfff))
		broken(w, g, "fragment field %04x", get16(pkt + 6));
	if (l4_sum(g->v6, pkt, IPPROTO_TCP, tcp, tlen))
		broken(w, g, "MUST-2: TCP checksum");
	if (g->res)
		broken(w, g, "U-1: reserved bits %x", g->res);
	check_options(w, f, g);
	if (!f) {
		w->strays++;
		goto drop;
	}
	check_timestamps(w, f, g);
	check_edges(w, f, g);
	check_payload(w, f, g);
	*f->tail = g;
	f->tail = &g->next;
	return;
drop:
	free(g->pkt);
	free(g);
}

/* Called locked: takes all that is there. */
static void drain(struct wire *w)
{
	static uint8_t buf[WIRE_MAX_SEG + 100];
	bool any = false;
	ssize_t n;

	while ((n = read(w->tun, buf, sizeof(buf))) > 0) {
		receive(w, buf, n, wire_now_us());
		any = true;
	}
	if (any)
		pthread_cond_broadcast(&w->cond);
}

static void *reader(void *arg)
{
	struct wire *w = arg;
	struct pollfd p = { .fd = w->tun, .events = POLLIN };

	while (w->running) {
		if (poll(&p, 1, -1) < 0 || !(p.revents & POLLIN))
			continue;
		pthread_mutex_lock(&w->lock);
		drain(w);
		pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

/* Reading the notation. */

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

static bool number(const char **s, struct spec_num *n)
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

static bool duration(const char **s, int64_t *us)
{
	char *end;
	double v = strtod(*s, &end);

	if (end == *s)
		return false;
	*s = end;
	if (!strncmp(*s, "us", 2)) {
		*us = v;
		*s += 2;
	} else if (!strncmp(*s, "ms", 2)) {
		*us = v * 1000;
		*s += 2;
	} else if (**s == 's') {
		*us = v * 1000000;
		*s += 1;
	} else {
		return false;
	}
	return true;
}

static bool small(const char **s, int *v)
{
	struct spec_num n;

	if (!number(s, &n))
		return false;
	*v = n.v;
	return true;
}

static bool parse_option(const char **s, struct spec *p, uint32_t sackbase)
{
	struct spec_opt *o = &p->opt[p->nopts];
	struct spec_num a, b;

	if (p->nopts == MAXOPTS)
		return false;
	memset(o, 0, sizeof(*o));
	if (word(s, "nop")) {
		o->kind = OPT_NOP;
		o->len = 1;
	} else if (word(s, "eol")) {
		o->kind = OPT_EOL;
		o->len = 1;
	} else if (word(s, "mss")) {
		if (!number(s, &a))
			return false;
		o->kind = OPT_MSS;
		o->len = 4;
		o->any_a = a.any;
		put16(o->data, a.v);
	} else if (word(s, "wscale")) {
		if (!number(s, &a))
			return false;
		o->kind = OPT_WS;
		o->len = 3;
		o->any_a = a.any;
		o->data[0] = a.v;
	} else if (word(s, "sackOK")) {
		o->kind = OPT_SACKOK;
		o->len = 2;
	} else if (word(s, "TS")) {
		if (!word(s, "val") || !number(s, &a) || !word(s, "ecr") ||
		    !number(s, &b))
			return false;
		o->kind = OPT_TS;
		o->len = 10;
		o->any_a = a.any;
		o->any_b = b.any;
		put32(o->data, a.v);
		put32(o->data + 4, b.v);
	} else if (word(s, "sack")) {
		o->kind = OPT_SACK;
		o->len = 2;
		for (;;) {
			skip(s);
			if (**s != '=' && !isdigit((unsigned char)**s) && **s != '-')
				break;
			if (!number(s, &a) || !chr(s, ':') || !number(s, &b) ||
			    o->len > 34)
				return false;
			put32(o->data + o->len - 2, a.v + (a.bare ? 0 : sackbase));
			put32(o->data + o->len + 2, b.v + (b.bare ? 0 : sackbase));
			o->len += 8;
		}
	} else if (word(s, "hex")) {
		unsigned int byte;
		int used;

		skip(s);
		o->kind = 255;	/* its bytes are all in data */
		while (o->len < 40 && sscanf(*s, "%2x%n", &byte, &used) == 1 &&
		       used == 2) {
			o->data[o->len++] = byte;
			*s += 2;
		}
	} else {
		return false;
	}
	p->nopts++;
	return true;
}

static bool parse(const char *s, struct spec *p, uint32_t sackbase)
{
	static const char name[] = "FSRP.UEW";
	struct spec_num end;
	const char *c;

	memset(p, 0, sizeof(*p));
	p->res = p->doff = p->cut = p->keep = p->tos = p->ttl = p->frag = p->fill = -1;
	skip(&s);
	if (chr(&s, '+')) {
		p->timed = true;
		if (!duration(&s, &p->after_us))
			return false;
		p->until_us = p->after_us;
		if (!strncmp(s, "..", 2)) {
			s += 2;
			p->ranged = true;
			if (!duration(&s, &p->until_us))
				return false;
		}
	}
	skip(&s);
	for (; *s && !isspace((unsigned char)*s); s++) {
		if (*s == '-')
			continue;
		if (*s == 'p') {
			p->psh_free = true;
			continue;
		}
		c = strchr(name, *s);
		if (!c)
			return false;
		p->flags |= 1 << (c - name);
	}
	if (!number(&s, &p->seq))
		return false;
	if (chr(&s, ':') && !number(&s, &end))
		return false;
	if (!chr(&s, '('))
		return false;
	if (chr(&s, '*'))
		p->any_len = true;
	else if (!small(&s, &p->len))
		return false;
	if (!chr(&s, ')'))
		return false;
	for (;;) {
		skip(&s);
		if (!*s)
			return true;
		if (chr(&s, '<')) {
			skip(&s);
			if (!strncmp(s, "...", 3)) {
				p->any_opts = true;
				s += 3;
			} else {
				while (parse_option(&s, p, sackbase) && chr(&s, ','))
					;
			}
			if (!chr(&s, '>'))
				return false;
		} else if (word(&s, "ack")) {
			if (!number(&s, &p->ack))
				return false;
		} else if (word(&s, "win")) {
			if (!number(&s, &p->win))
				return false;
		} else if (word(&s, "urg")) {
			if (!number(&s, &p->urg))
				return false;
		} else if (word(&s, "res")) {
			if (!small(&s, &p->res))
				return false;
		} else if (word(&s, "doff")) {
			if (!small(&s, &p->doff))
				return false;
		} else if (word(&s, "cut")) {
			if (!small(&s, &p->cut))
				return false;
		} else if (word(&s, "short")) {
			if (!small(&s, &p->keep))
				return false;
		} else if (word(&s, "tos")) {
			if (!small(&s, &p->tos))
				return false;
		} else if (word(&s, "ttl")) {
			if (!small(&s, &p->ttl))
				return false;
		} else if (word(&s, "frag")) {
			if (!small(&s, &p->frag))
				return false;
		} else if (word(&s, "data")) {
			skip(&s);
			p->fill = (unsigned char)*s++;
		} else if (word(&s, "badsum")) {
			p->badsum = true;
		} else if (word(&s, "sum0")) {
			p->sum0 = true;
		} else if (word(&s, "nots")) {
			p->nots = true;
		} else {
			return false;
		}
	}
}

/* Sending. */

static int put_ip(struct wire_flow *f, uint8_t *p, int proto, int paylen, int tos,
		  int ttl)
{
	static uint16_t id;

	memset(p, 0, 40);
	if (f->w->v6) {
		p[0] = 0x60 | tos >> 4;
		p[1] = tos << 4;
		put16(p + 4, paylen);
		p[6] = proto;
		p[7] = ttl;
		memcpy(p + 8, f->peer, 16);
		memcpy(p + 24, f->local, 16);
		return 40;
	}
	p[0] = 0x45;
	p[1] = tos;
	put16(p + 2, 20 + paylen);
	put16(p + 4, ++id);
	put16(p + 6, 0x4000);
	p[8] = ttl;
	p[9] = proto;
	memcpy(p + 12, f->peer + 12, 4);
	memcpy(p + 16, f->local + 12, 4);
	put16(p + 10, sum_fold(sum_add(0, p, 20)));
	return 20;
}

int wire_raw(struct wire *w, const void *pkt, size_t len)
{
	if (write(w->tun, pkt, len) == (ssize_t)len)
		return 0;
	say("injecting %zu bytes: %s", len, strerror(errno));
	return -1;
}

/* The packet again as fragments, in order. */
static int send_fragments(struct wire_flow *f, const uint8_t *pkt, int len, int size)
{
	static uint32_t id = 0x5eed;
	int hl = f->w->v6 ? 40 : 20;
	uint8_t out[WIRE_MAX_SEG + 100];

	id++;
	for (int off = hl; off < len; off += size) {
		int n = len - off < size ? len - off : size;
		int more = off + n < len, rel = off - hl;

		memcpy(out, pkt, hl);
		if (f->w->v6) {
			put16(out + 4, 8 + n);
			out[6] = IPPROTO_FRAGMENT;
			out[40] = IPPROTO_TCP;
			out[41] = 0;
			put16(out + 42, rel | more);
			put32(out + 44, id);
			memcpy(out + 48, pkt + off, n);
			if (wire_raw(f->w, out, 48 + n))
				return -1;
		} else {
			put16(out + 2, 20 + n);
			put16(out + 4, id);
			put16(out + 6, (more ? 0x2000 : 0) | rel / 8);
			put16(out + 10, 0);
			put16(out + 10, sum_fold(sum_add(0, out, 20)));
			memcpy(out + 20, pkt + off, n);
			if (wire_raw(f->w, out, 20 + n))
				return -1;
		}
	}
	return 0;
}

static int put_spec_options(struct wire_flow *f, struct spec *p, uint8_t *o)
{
	int n = 0;

	for (int i = 0; i < p->nopts; i++) {
		struct spec_opt *op = &p->opt[i];

		if (op->kind == 255) {
			memcpy(o + n, op->data, op->len);
			n += op->len;
			continue;
		}
		o[n] = op->kind;
		if (op->len > 1) {
			o[n + 1] = op->len;
			memcpy(o + n + 2, op->data, op->len - 2);
		}
		if (op->kind == OPT_TS) {
			if (op->any_a)
				put32(o + n + 2, f->tsval);
			else
				f->tsval = get32(op->data);
			if (op->any_b)
				put32(o + n + 6, f->ts_last);
		}
		if (p->flags & WF_SYN && op->kind == OPT_TS)
			f->peer_ts = true;
		if (p->flags & WF_SYN && op->kind == OPT_WS)
			f->peer_ws = op->data[0] > 14 ? 14 : op->data[0];
		n += op->len;
	}
	return n;
}

static int do_inject(struct wire_flow *f, struct spec *p)
{
	static uint8_t pkt[WIRE_MAX_SEG + 100];
	struct wire *w = f->w;
	struct wire_seg g = { .out = true };
	uint8_t opts[120], *tcp;
	int hl, optlen, tlen, doff, ret;
	uint32_t seq, ack;
	bool has_ts = false;

	for (int i = 0; i < p->nopts; i++)
		has_ts |= p->opt[i].kind == OPT_TS;
	if (f->stack_ts && f->peer_ts && !has_ts && !p->nots && !f->nots &&
	    !(p->flags & (WF_SYN | WF_RST)) && p->nopts < MAXOPTS - 3) {
		struct spec_opt *o = &p->opt[p->nopts];

		memset(o, 0, 3 * sizeof(*o));
		o[0].kind = o[1].kind = OPT_NOP;
		o[0].len = o[1].len = 1;
		o[2].kind = OPT_TS;
		o[2].len = 10;
		o[2].any_a = o[2].any_b = true;
		p->nopts += 3;
	}
	if (p->flags & WF_SYN && !(p->flags & WF_RST) && !p->badsum) {
		f->peer_ts = false;
		f->peer_ws = -1;
	}
	optlen = put_spec_options(f, p, opts);
	while (optlen % 4)
		opts[optlen++] = OPT_EOL;
	doff = 5 + optlen / 4;
	tlen = 20 + optlen + p->len;
	if (optlen > 40 || tlen > 65535 - 20) {
		say("%d bytes of options, %d of segment", optlen, tlen);
		return -1;
	}
	hl = put_ip(f, pkt, IPPROTO_TCP, tlen, p->tos >= 0 ? p->tos : 0,
		    p->ttl >= 0 ? p->ttl : 64);
	tcp = pkt + hl;
	seq = p->seq.v + (p->seq.bare ? 0 : f->isn);
	ack = p->ack.v + (p->ack.bare || !f->iss_known ? 0 : f->iss);
	if (!p->ack.given)
		ack = 0;
	memset(tcp, 0, 20);
	put16(tcp, f->pport);
	put16(tcp + 2, f->lport);
	put32(tcp + 4, seq);
	put32(tcp + 8, ack);
	tcp[12] = (p->doff >= 0 ? p->doff : doff) << 4 | (p->res >= 0 ? p->res : 0);
	tcp[13] = p->flags;
	put16(tcp + 14, p->win.given ? p->win.v : f->win);
	put16(tcp + 18, p->urg.v);
	memcpy(tcp + 20, opts, optlen);
	for (int i = 0; i < p->len; i++)
		tcp[20 + optlen + i] = p->fill >= 0 ? p->fill :
			wire_pattern((uint32_t)(seq - f->isn - 1 + i) +
				     (p->flags & WF_SYN ? 1 : 0));
	if (p->cut > 0)
		tlen -= p->cut;
	if (p->keep >= 0)
		tlen = p->keep;
	if (p->cut > 0 || p->keep >= 0)
		put_ip(f, pkt, IPPROTO_TCP, tlen, 0, 64);
	if (tlen >= 18) {
		put16(tcp + 16, l4_sum(w->v6, pkt, IPPROTO_TCP, tcp, tlen));
		if (p->badsum)
			tcp[16 + (p->len & 1)] ^= 0x20;
		if (p->sum0)
			put16(tcp + 16, 0);
	}

	pthread_mutex_lock(&w->lock);
	drain(w);	/* in the order things happened */
	g.pkt = pkt;
	g.thoff = hl;
	g.seq = seq;
	g.ack = ack;
	g.flags = p->flags;
	g.win = get16(tcp + 14);
	g.urg = p->urg.v;
	g.res = p->res > 0 ? p->res : 0;
	g.optlen = optlen;
	g.paylen = p->len;
	describe(f, &g);
	f->t_us = wire_now_us();
	log_line(w, f->t_us, "<", f - w->flow, g.text);
	if (p->ack.given && (f->iss_known || p->ack.bare)) {
		int shift = f->stack_ws >= 0 && f->peer_ws > 0 &&
			    !(p->flags & WF_SYN) ? f->peer_ws : 0;
		uint32_t edge = ack + ((uint32_t)g.win << shift);

		if (!f->out_edge_known || before(f->out_edge, edge))
			f->out_edge = edge;
		f->out_edge_known = true;
	} else if (p->flags & WF_SYN && f->iss_known) {
		f->out_edge = f->iss + 1 + g.win;
		f->out_edge_known = true;
	} else if (p->flags & WF_SYN && !(p->flags & WF_ACK)) {
		f->out_edge_known = false;
	}
	pthread_mutex_unlock(&w->lock);
	if (p->frag > 0)
		ret = send_fragments(f, pkt, hl + tlen, p->frag);
	else
		ret = wire_raw(w, pkt, hl + tlen);
	return ret;
}

int wire_inject(struct wire_flow *f, const char *fmt, ...)
{
	char s[512];
	struct spec p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if (!parse(s, &p, f->iss_known ? f->iss : 0)) {
		say("not a segment: %s", s);
		return -1;
	}
	return do_inject(f, &p);
}

/* Expecting. */

static bool num_differs(const struct spec_num *n, uint32_t base, uint32_t v)
{
	return n->given && !n->any && n->v + (n->bare ? 0 : base) != v;
}

static bool find_option(const struct wire_seg *g, struct spec_opt *want, bool *used)
{
	const uint8_t *o = g->pkt + g->thoff + 20;

	for (int i = 0; i < g->optlen;) {
		int kind = o[i], l;
		const uint8_t *d = o + i + 2;

		if (kind <= OPT_NOP) {
			i++;
			continue;
		}
		l = o[i + 1];
		if (l < 2 || i + l > g->optlen)
			return false;
		if (used[i] || kind != want->kind || l != want->len) {
			i += l;
			continue;
		}
		if (kind == OPT_TS) {
			if ((!want->any_a && memcmp(d, want->data, 4)) ||
			    (!want->any_b && memcmp(d + 4, want->data + 4, 4)))
				return false;
		} else if (!want->any_a && memcmp(d, want->data, l - 2)) {
			return false;
		}
		used[i] = true;
		return true;
	}
	return false;
}

static const char *options_differ(struct wire_flow *f, const struct wire_seg *g,
				  struct spec *p)
{
	const uint8_t *o = g->pkt + g->thoff + 20;
	bool used[48] = { false }, want_ts = false;

	if (p->any_opts)
		return NULL;
	for (int i = 0; i < p->nopts; i++) {
		if (p->opt[i].kind <= OPT_NOP)
			continue;
		want_ts |= p->opt[i].kind == OPT_TS;
		if (!find_option(g, &p->opt[i], used))
			return "options";
	}
	for (int i = 0; i < g->optlen;) {
		if (o[i] == OPT_EOL)
			break;
		if (o[i] == OPT_NOP) {
			i++;
			continue;
		}
		if (!used[i] && !(o[i] == OPT_TS && !want_ts && f->stack_ts && f->peer_ts &&
				  !(g->flags & WF_SYN)))
			return "options";
		if (o[i + 1] < 2)
			break;
		i += o[i + 1];
	}
	return NULL;
}

static const char *differs(struct wire_flow *f, const struct wire_seg *g, struct spec *p)
{
	uint8_t care = p->psh_free ? (uint8_t)~WF_PSH : 0xff;

	if ((g->flags & care) != (p->flags & care))
		return "flags";
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
	return options_differ(f, g, p);
}

/* Waits for a segment of the flow until the deadline; called locked. */
static bool wait_for(struct wire_flow *f, int64_t until)
{
	struct wire *w = f->w;

	for (;;) {
		struct timespec ts = { until / 1000000, until % 1000000 * 1000 };

		drain(w);
		if (f->head)
			return true;
		if (wire_now_us() >= until)
			return false;
		pthread_cond_timedwait(&w->cond, &w->lock, &ts);
	}
}

static struct wire_seg *take(struct wire_flow *f)
{
	struct wire_seg *g = f->head;

	f->head = g->next;
	if (!f->head)
		f->tail = &f->head;
	f->last = *g;
	f->last.pkt = NULL;
	return g;
}

static void drop_seg(struct wire_seg *g)
{
	free(g->pkt);
	free(g);
}

int wire_expect(struct wire_flow *f, const char *fmt, ...)
{
	struct wire *w = f->w;
	int64_t called = wire_now_us(), base = f->t_us, from, until;
	const char *why = NULL;
	struct wire_seg *g;
	struct spec p;
	char s[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if (!parse(s, &p, f->isn)) {
		say("not a segment: %s", s);
		return -1;
	}
	if (!p.timed) {
		from = 0;
		until = (called > base ? called : base) + WIRE_NOW_MS * 1000 + w->slop_us;
	} else {
		int64_t late = p.until_us - p.after_us ? 0 :
			       w->ref ? p.after_us / 8 : p.after_us / 1000;

		/* The kernel's timers have coarse steps that grow with the time. */
		from = base + p.after_us - 4000 - w->slop_us;
		until = base + p.until_us + late + (w->ref ? 20000 : 5000) + w->slop_us;
	}
	pthread_mutex_lock(&w->lock);
	if (!wait_for(f, until)) {
		pthread_mutex_unlock(&w->lock);
		say("expected, but nothing came (waited %lld ms):",
		    (long long)(wire_now_us() - called) / 1000);
		say("  %s", s);
		wire_dump(w);
		return -1;
	}
	g = take(f);
	/* Relative numbers of the first segment were not known when it came. */
	describe(f, g);
	pthread_mutex_unlock(&w->lock);
	why = differs(f, g, &p);
	if (!why && g->t_us < from)
		why = "time: too early";
	if (!why && g->t_us > until)
		why = "time: too late";
	if (why) {
		say("expected (%s):", why);
		say("  %s", s);
		say("came, %.3f ms after the previous segment:", (g->t_us - base) / 1000.0);
		say("  %s", g->text);
		wire_dump(w);
	}
	f->t_us = g->t_us > base ? g->t_us : base;
	drop_seg(g);
	return why || w->failed ? -1 : 0;
}

/* Waits, and takes the next segment into f->last whatever it is: 1, or 0. */
int wire_next(struct wire_flow *f, int ms)
{
	struct wire_seg *g;

	pthread_mutex_lock(&f->w->lock);
	if (!wait_for(f, wire_now_us() + ms * 1000LL)) {
		pthread_mutex_unlock(&f->w->lock);
		return 0;
	}
	g = take(f);
	pthread_mutex_unlock(&f->w->lock);
	if (g->t_us > f->t_us)
		f->t_us = g->t_us;
	drop_seg(g);
	return 1;
}

int wire_pending(struct wire_flow *f)
{
	int n = 0;

	pthread_mutex_lock(&f->w->lock);
	drain(f->w);
	for (struct wire_seg *g = f->head; g; g = g->next)
		n++;
	pthread_mutex_unlock(&f->w->lock);
	return n;
}

void wire_flush(struct wire_flow *f)
{
	while (wire_pending(f))
		wire_next(f, 0);
}

int wire_expect_none(struct wire_flow *f, int ms)
{
	bool came;

	pthread_mutex_lock(&f->w->lock);
	came = wait_for(f, wire_now_us() + ms * 1000LL);
	pthread_mutex_unlock(&f->w->lock);
	if (came) {
		say("expected silence for %d ms, but there came:", ms);
		say("  %s", f->head->text);
		wire_dump(f->w);
	}
	return came || f->w->failed ? -1 : 0;
}

void wire_mark(struct wire_flow *f)
{
	f->t_us = wire_now_us();
}

/* ICMP */

static void icmp_numbers(bool v6, enum wire_icmp what, uint8_t *type, uint8_t *code)
{
	static const uint8_t four[][2] = {
		[WI_NET] = { 3, 0 }, [WI_HOST] = { 3, 1 }, [WI_PROTO] = { 3, 2 },
		[WI_PORT] = { 3, 3 }, [WI_TOOBIG] = { 3, 4 }, [WI_TTL] = { 11, 0 },
		[WI_PARAM] = { 12, 0 }, [WI_ADMIN] = { 3, 13 },
		[WI_QUENCH] = { 4, 0 }, [WI_SRCFAIL] = { 3, 5 },
	}, six[][2] = {
		[WI_NET] = { 1, 0 }, [WI_HOST] = { 1, 3 }, [WI_PROTO] = { 4, 1 },
		[WI_PORT] = { 1, 4 }, [WI_TOOBIG] = { 2, 0 }, [WI_TTL] = { 3, 0 },
		[WI_PARAM] = { 4, 0 }, [WI_ADMIN] = { 1, 1 },
		[WI_QUENCH] = { 100, 0 }, [WI_SRCFAIL] = { 1, 5 },
	};
	const uint8_t *n = v6 ? six[what] : four[what];

	*type = n[0];
	*code = n[1];
}

/*
 * An error about a segment that the stack sent, with this (relative) sequence
 * number; "quoted" bytes of its TCP header come back.
 */
int wire_icmp(struct wire_flow *f, enum wire_icmp what, const char *seq,
	      unsigned int mtu, int quoted)
{
	struct wire *w = f->w;
	uint8_t pkt[200] = { 0 }, *ic, *q, type, code;
	struct spec_num n;
	char text[80];
	int hl, qh, len;

	if (!number(&seq, &n))
		return -1;
	icmp_numbers(w->v6, what, &type, &code);
	qh = w->v6 ? 40 : 20;
	len = 8 + qh + quoted;
	hl = put_ip(f, pkt, w->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len, 0, 64);
	ic = pkt + hl;
	ic[0] = type;
	ic[1] = code;
	if (w->v6)
		put32(ic + 4, mtu);
	else
		put16(ic + 6, mtu);
	/* The quoted header: the other way round, the length of a full segment. */
	q = ic + 8;
	put_ip(f, q, IPPROTO_TCP, 1460, 0, 60);
	memcpy(q + (w->v6 ? 8 : 12), w->v6 ? f->local : f->local + 12, w->v6 ? 16 : 4);
	memcpy(q + (w->v6 ? 24 : 16), w->v6 ? f->peer : f->peer + 12, w->v6 ? 16 : 4);
	if (!w->v6) {
		put16(q + 10, 0);
		put16(q + 10, sum_fold(sum_add(0, q, 20)));
	}
	q += qh;
	put16(q, f->lport);
	put16(q + 2, f->pport);
	put32(q + 4, n.v + (n.bare || !f->iss_known ? 0 : f->iss));
	if (quoted > 12) {
		put32(q + 8, f->isn + 1);
		q[12] = 0x50;
		q[13] = WF_ACK;
	}
	if (w->v6)
		put16(ic + 2, l4_sum(true, pkt, IPPROTO_ICMPV6, ic, len));
	else
		put16(ic + 2, sum_fold(sum_add(0, ic, len)));
	snprintf(text, sizeof(text), "ICMP type %u code %u about seq %s%u mtu %u",
		 type, code, n.bare ? "=" : "", n.v, mtu);
	pthread_mutex_lock(&w->lock);
	drain(w);
	f->t_us = wire_now_us();
	log_line(w, f->t_us, "<", f - w->flow, text);
	pthread_mutex_unlock(&w->lock);
	return wire_raw(w, pkt, hl + len);
}

/* The device and its namespace. */

static int set_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), ok;

	if (fd < 0)
		return -1;
	ok = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return ok ? 0 : -1;
}

int wire_sysctl(struct wire *w, const char *leaf, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), w->ref ? "/proc/sys/net/ipv4/tcp_%s" :
		 "/proc/sys/net/xtcp/%s", leaf);
	return set_file(path, value);
}

int wire_sysctl_get(struct wire *w, const char *leaf, long *value)
{
	char path[128];
	FILE *in;
	int n;

	snprintf(path, sizeof(path), w->ref ? "/proc/sys/net/ipv4/tcp_%s" :
		 "/proc/sys/net/xtcp/%s", leaf);
	in = fopen(path, "r");
	if (!in)
		return -1;
	n = fscanf(in, "%ld", value);
	fclose(in);
	return n == 1 ? 0 : -1;
}

/* A counter by its name, in the files that nstat reads; -1: no such name. */
long wire_counter(struct wire *w, const char *name)
{
	static const char *const ref[] = { "/proc/net/netstat", "/proc/net/snmp", NULL };
	static const char *const own[] = { "/proc/net/xtcp_netstat", "/proc/net/xtcp_snmp", NULL };
	static char names[16384], values[16384];
	long v = -1;

	for (const char *const *path = w->ref ? ref : own; *path && v < 0; path++) {
		FILE *in = fopen(*path, "r");

		if (!in)
			continue;
		while (v < 0 && fgets(names, sizeof(names), in) &&
		       fgets(values, sizeof(values), in)) {
			char *n1, *n2, *a, *b;

			/* The IP layer has names that look the same. */
			if (w->ref && strncmp(names, "Tcp", 3))
				continue;
			a = strtok_r(names, "\n ", &n1);
			b = strtok_r(values, "\n ", &n2);
			while (a && b) {
				if (!strcmp(a, name)) {
					v = atol(b);
					break;
				}
				a = strtok_r(NULL, "\n ", &n1);
				b = strtok_r(NULL, "\n ", &n2);
			}
		}
		fclose(in);
	}
	return v;
}

int wire_mtu(struct wire *w, int mtu)
{
	struct ifreq ifr = { .ifr_name = "tun0", .ifr_mtu = mtu };
	int s = socket(AF_INET, SOCK_DGRAM, 0), ret;

	(void)w;
	ret = ioctl(s, SIOCSIFMTU, &ifr);
	close(s);
	return ret;
}

/* IPv6 is ready when a packet to the peer would leave from our address. */
static int wait_for_ipv6(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9) };

	inet_pton(AF_INET6, "2001:db8::2", &to.sin6_addr);
	for (int i = 0; i < 2000; i++) {
		struct sockaddr_in6 me = { 0 };
		socklen_t len = sizeof(me);
		/* Each time a new one: a socket keeps the address it once had. */
		int s = socket(AF_INET6, SOCK_DGRAM, 0);
		bool ok = !connect(s, (struct sockaddr *)&to, sizeof(to)) &&
			  !getsockname(s, (struct sockaddr *)&me, &len) &&
			  !memcmp(&me.sin6_addr, &to.sin6_addr, 15) &&
			  me.sin6_addr.s6_addr[15] == 1;

		close(s);
		if (ok)
			return 0;
		wire_sleep(1);
	}
	return -1;
}

static int set_up_device(struct wire *w)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "tun0" };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	struct in6_ifreq i6 = { .ifr6_prefixlen = 64 };
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s4, s6, ret = -1;

	w->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (w->tun < 0 || ioctl(w->tun, TUNSETIFF, &ifr) < 0)
		return -1;
	set_file("/proc/sys/net/ipv6/conf/tun0/addr_gen_mode", "1");
	set_file("/proc/sys/net/ipv6/conf/tun0/router_solicitations", "0");
	set_file("/proc/sys/net/ipv6/conf/tun0/accept_dad", "0");
	set_file("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
	set_file("/proc/sys/net/ipv4/conf/default/rp_filter", "0");
	set_file("/proc/sys/net/ipv4/conf/tun0/rp_filter", "0");
	/* Limits of the IP layer that are not what is tested. */
	set_file("/proc/sys/net/ipv4/icmp_ratelimit", "0");
	set_file("/proc/sys/net/ipv6/icmp/ratelimit", "0");
	s4 = socket(AF_INET, SOCK_DGRAM, 0);
	s6 = socket(AF_INET6, SOCK_DGRAM, 0);
	if (s4 < 0 || s6 < 0)
		goto out;
	ioctl(s4, SIOCSIFFLAGS, &lo);
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = inet_addr("192.0.2.1");
	if (ioctl(s4, SIOCSIFADDR, &ifr))
		goto out;
	sin->sin_addr.s_addr = inet_addr("255.255.255.0");
	if (ioctl(s4, SIOCSIFNETMASK, &ifr))
		goto out;
	sin->sin_addr.s_addr = inet_addr("192.0.2.255");
	ioctl(s4, SIOCSIFBRDADDR, &ifr);
	/* With IFF_NOARP as it is: no duplicate address detection. */
	if (ioctl(s4, SIOCGIFFLAGS, &ifr))
		goto out;
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(s4, SIOCSIFFLAGS, &ifr) || ioctl(s4, SIOCGIFINDEX, &ifr))
		goto out;
	i6.ifr6_ifindex = ifr.ifr_ifindex;
	inet_pton(AF_INET6, "2001:db8::1", &i6.ifr6_addr);
	if (ioctl(s6, SIOCSIFADDR, &i6))
		goto out;
	ret = wait_for_ipv6();
out:
	close(s4);
	close(s6);
	return ret;
}

int wire_start(struct wire *w, bool v6)
{
	const char *slop = getenv("XTCP_SLOP_MS"), *ref = getenv("XTCP_REFERENCE");
	pthread_condattr_t attr;

	memset(w, 0, sizeof(*w));
	w->v6 = v6;
	w->ref = ref && atoi(ref);
	w->slop_us = slop ? atoi(slop) * 1000 : 0;
	w->t0_us = wire_now_us();
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->cond, &attr);
	if (unshare(CLONE_NEWNET) || set_up_device(w)) {
		say("no namespace with a tun device: %s", strerror(errno));
		return -1;
	}
	/*
	 * Plain RFC 5681 wherever the stack knows more; what a stack does not
	 * have need not be turned off.
	 */
	wire_sysctl(w, "congestion_control", "reno");
	wire_sysctl(w, "early_retrans", "0");
	wire_sysctl(w, "recovery", "0");
	wire_sysctl(w, "frto", "0");
	wire_sysctl(w, "no_metrics_save", "1");
	wire_sysctl(w, "ecn", "0");
	wire_sysctl(w, "rto_min_us", "200000");
	w->running = true;
	if (pthread_create(&w->reader, NULL, reader, w))
		return -1;
	return 0;
}

void wire_stop(struct wire *w)
{
	if (w->running) {
		w->running = false;
		pthread_cancel(w->reader);
		pthread_join(w->reader, NULL);
	}
	close(w->tun);
}

static void address(struct wire *w, uint8_t *a, int host)
{
	memset(a, 0, 16);
	if (w->v6) {
		a[0] = 0x20;
		a[1] = 0x01;
		a[2] = 0x0d;
		a[3] = 0xb8;
		put16(a + 14, host);
	} else {
		memcpy(a, prefix4, 12);
		a[12] = 192;
		a[14] = 2;
		a[15] = host;
	}
}

void wire_peer(struct wire_flow *f, int host)
{
	address(f->w, f->peer, host);
}

void wire_again(struct wire_flow *f)
{
	f->isn += 0x10000000;
	f->iss = 0;
	f->iss_known = false;
	f->opened = false;
	f->stack_ts = false;
	f->peer_ts = false;
	f->stack_ws = -1;
	f->peer_ws = -1;
	f->out_edge_known = false;
	f->in_edge_known = false;
	f->in_off = 0;
	f->out_off = 0;
}

/* A new peer port; lport 0: that of the SYN which the stack sends to it. */
struct wire_flow *wire_flow(struct wire *w, uint16_t lport)
{
	struct wire_flow *f;

	pthread_mutex_lock(&w->lock);
	if (w->nflows == WIRE_FLOWS)
		abort();
	f = &w->flow[w->nflows];
	memset(f, 0, sizeof(*f));
	f->w = w;
	address(w, f->local, 1);
	address(w, f->peer, 2);
	f->lport = lport;
	f->pport = 20000 + w->nflows;
	f->isn = 0x11110000 * (w->nflows % 8 + 1);
	f->win = 65535;
	f->tsval = 1000;
	f->stack_ws = -1;
	f->peer_ws = -1;
	f->tail = &f->head;
	f->t_us = wire_now_us();
	w->nflows++;
	pthread_mutex_unlock(&w->lock);
	return f;
}

/* Socket calls. */

socklen_t wire_sockaddr(struct wire *w, struct sockaddr_storage *ss,
			const uint8_t *addr, uint16_t port)
{
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *s4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (w->v6) {
		s6->sin6_family = AF_INET6;
		s6->sin6_port = htons(port);
		if (addr)
			memcpy(&s6->sin6_addr, addr, 16);
		return sizeof(*s6);
	}
	s4->sin_family = AF_INET;
	s4->sin_port = htons(port);
	if (addr)
		memcpy(&s4->sin_addr, addr + 12, 4);
	return sizeof(*s4);
}

int wire_socket(struct wire *w)
{
	int fd, one = 1;

	if (w->ref)
		fd = socket(w->v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	else
		fd = socket(AF_XTCP, SOCK_STREAM | SOCK_NONBLOCK,
			    w->v6 ? IPPROTO_IPV6 : IPPROTO_TCP);
	if (fd < 0)
		say("socket: %s", strerror(errno));
	else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		say("SO_REUSEADDR: %s", strerror(errno));
	return fd;
}

int wire_bind(struct wire *w, int fd, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(w, &ss, NULL, port);
	int ret = bind(fd, (struct sockaddr *)&ss, len);

	if (ret)
		say("bind to port %u: %s", port, strerror(errno));
	return ret;
}

int wire_listen(struct wire *w, uint16_t port, int backlog)
{
	int fd = wire_socket(w);

	if (fd < 0)
		return -1;
	if (wire_bind(w, fd, port) || listen(fd, backlog)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Not blocking: 0 or -errno, mostly -EINPROGRESS. */
int wire_connect(struct wire_flow *f, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(f->w, &ss, f->peer, f->pport);

	f->t_us = wire_now_us();
	return connect(fd, (struct sockaddr *)&ss, len) ? -errno : 0;
}

/* What is in the accept queue now, or -errno. */
int wire_accept(int lfd)
{
	int fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

int wire_write(struct wire_flow *f, int fd, int n)
{
	uint8_t *buf = malloc(n + 1);
	int ret;

	for (int i = 0; i < n; i++)
		buf[i] = wire_pattern(f->out_off + i);
	f->t_us = wire_now_us();
	ret = send(fd, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (ret < 0)
		ret = -errno;
	else
		f->out_off += ret;
	free(buf);
	return ret;
}

/* One recv(): bytes, all of them right, 0 at the end, -errno, -EBADMSG. */
int wire_read(struct wire_flow *f, int fd, int max)
{
	uint8_t *buf = malloc(max);
	int ret = recv(fd, buf, max, MSG_DONTWAIT);

	if (ret < 0)
		ret = -errno;
	for (int i = 0; i < ret; i++)
		if (buf[i] != wire_pattern(f->in_off + i)) {
			say("read the wrong byte at stream offset %llu",
			    (unsigned long long)f->in_off + i);
			ret = -EBADMSG;
		}
	if (ret > 0)
		f->in_off += ret;
	free(buf);
	return ret;
}

/* Reads until nothing is there: the number of bytes, or -EBADMSG. */
int wire_read_sum(struct wire_flow *f, int fd, int want)
{
	int sum = 0, n;

	while (sum < want) {
		n = wire_read(f, fd, want - sum);
		if (n == -EBADMSG)
			return n;
		if (n <= 0)
			break;
		sum += n;
	}
	return sum;
}

int wire_state(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len))
		return -errno;
	return ti.tcpi_state;
}

int wire_int(int fd, int level, int opt)
{
	int v = 0;
	socklen_t len = sizeof(v);

	return getsockopt(fd, level, opt, &v, &len) ? -errno : v;
}

int wire_error(int fd)
{
	return wire_int(fd, SOL_SOCKET, SO_ERROR);
}

int wire_poll(int fd, int events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) < 0 ? -errno : p.revents;
}

/* The peer opens; "opts" are those of its SYN. */
int wire_passive(struct wire_flow *f, int lfd, const char *opts)
{
	int fd;

	if (wire_inject(f, "S 0:0(0) win %u <%s>", f->win, opts) ||
	    wire_expect(f, "S. 0:0(0) ack 1 <...>") ||
	    wire_inject(f, ". 1:1(0) ack 1"))
		return -1;
	fd = wire_accept(lfd);
	if (fd < 0) {
		say("accept: %s", strerror(-fd));
		return -1;
	}
	return fd;
}

/* The stack opens; "opts" are those of the peer's SYN-ACK. */
int wire_active(struct wire_flow *f, int fd, const char *opts)
{
	int ret;

	if (fd < 0)
		fd = wire_socket(f->w);
	ret = wire_connect(f, fd);
	if (ret != -EINPROGRESS) {
		say("connect: %s", strerror(-ret));
		return -1;
	}
	if (wire_expect(f, "S 0:0(0) <...>") ||
	    wire_inject(f, "S. 0:0(0) ack 1 win %u <%s>", f->win, opts) ||
	    wire_expect(f, ". 1:1(0) ack 1"))
		return -1;
	if (wire_state(fd) != TCP_ESTABLISHED) {
		say("not established but state %d", wire_state(fd));
		return -1;
	}
	return fd;
}
