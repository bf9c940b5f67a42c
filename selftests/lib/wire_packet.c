// SPDX-License-Identifier: GPL-2.0
/* Packets: checksums, parsing, building. */
#include "wire_packet.h"
#include "wire_format.h"
#include "wire_netns.h"
#include "wire_text.h"

#include <string.h>

/* Checksums */

uint32_t wire_sum_add(uint32_t sum, const uint8_t *p, size_t len)
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

uint16_t wire_sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

uint16_t wire_sum(bool v6, const uint8_t *ip, int proto, const uint8_t *p, size_t len)
{
	uint32_t s = proto + len;

	if (v6)
		s = wire_sum_add(s, ip + 8, 32);
	else
		s = wire_sum_add(s, ip + 12, 8);
	return wire_sum_fold(wire_sum_add(s, p, len));
}

/* Parsing */

/* Skips IPv6 extension headers. */
static int skip_options(struct wire_seg *g, int proto, int *paylen)
{
	while (proto == IPPROTO_HOPOPTS || proto == IPPROTO_DSTOPTS) {
		const uint8_t *p = g->pkt + g->thoff;
		int len;

		if (g->thoff + 8 > g->len)
			break;
		proto = p[0];
		len = 8 + p[1] * 8;
		g->thoff += len;
		*paylen -= len;
	}
	return proto;
}

int wire_read_ip(struct wire_seg *g, int *paylen)
{
	const uint8_t *p = g->pkt;

	g->v6 = p[0] >> 4 == 6;
	if (g->v6) {
		g->thoff = 40;
		g->tos = (p[0] & 15) << 4 | p[1] >> 4;
		g->ttl = p[7];
		g->label = get32(p) & 0xfffff;
		*paylen = get16(p + 4);
		return skip_options(g, p[6], paylen);
	}
	g->thoff = (p[0] & 15) * 4;
	g->tos = p[1];
	g->ttl = p[8];
	g->df = p[6] & 0x40;
	*paylen = get16(p + 2) - g->thoff;
	return p[9];
}

void wire_read_tcp(struct wire_seg *g)
{
	const uint8_t *tcp = g->pkt + g->thoff;

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
	g->paylen = g->len - g->thoff - g->doff * 4;
}

/* Building: IP */

static void put_ipv4_sum(uint8_t *ip)
{
	put16(ip + 10, 0);
	put16(ip + 10, wire_sum_fold(wire_sum_add(0, ip, 20)));
}

/* IP header from the peer to the stack; returns its length. */
static int put_ip(struct wire_flow *f, uint8_t *p, int proto, int paylen, int tos,
		  int ttl)
{
	static uint16_t id;

	memset(p, 0, f->w->v6 ? 40 : 20);
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
	put_ipv4_sum(p);
	return 20;
}

/* IP header of a TCP segment, with the modifiers of "s"; returns its length. */
static int put_spec_ip(struct wire_flow *f, const struct wire_spec *s, uint8_t *p,
		       int tlen)
{
	int tos = (s->tos >= 0 ? s->tos : 0) | (s->ecn >= 0 ? s->ecn : 0);
	int len = put_ip(f, p, IPPROTO_TCP, tlen, tos, s->ttl >= 0 ? s->ttl : 64);

	if (f->w->v6 && s->label > 0)
		put32(p, get32(p) | s->label);
	return len;
}

/* Converts the IP header at p to that of a fragment; returns its length. */
static int put_fragment(bool v6, uint8_t *p, int offset, int len, bool more, uint32_t id)
{
	if (v6) {
		put16(p + 4, 8 + len);
		p[6] = IPPROTO_FRAGMENT;
		p[40] = IPPROTO_TCP;
		p[41] = 0;
		put16(p + 42, offset | more);
		put32(p + 44, id);
		return 48;
	}
	put16(p + 2, 20 + len);
	put16(p + 4, id);
	put16(p + 6, (more ? 0x2000 : 0) | offset / 8);
	put_ipv4_sum(p);
	return 20;
}

int wire_send_fragments(struct wire_flow *f, const struct wire_seg *g, int size)
{
	static uint32_t id = 0x5eed;
	uint8_t out[WIRE_ROOM];
	int total = g->len - g->thoff;

	id++;
	for (int off = 0; off < total; off += size) {
		int n = total - off < size ? total - off : size, hl;

		memcpy(out, g->pkt, g->thoff);
		hl = put_fragment(f->w->v6, out, off, n, off + n < total, id);
		memcpy(out + hl, g->pkt + g->thoff + off, n);
		if (wire_raw(f->w, out, hl + n))
			return -1;
	}
	return 0;
}

/* Building: TCP */

/* Add negotiated timestamps, unless the segment or the flow has "nots". */
static void add_timestamps(const struct wire_flow *f, struct wire_spec *p)
{
	struct wire_opt *o = &p->opt[p->nopts];

	if (!f->stack_ts || !f->peer_ts || p->nots || f->nots ||
	    p->flags & (WF_SYN | WF_RST) || p->nopts >= WIRE_MAX_OPTS - 3)
		return;
	for (int i = 0; i < p->nopts; i++)
		if (p->opt[i].kind == OPT_TS)
			return;
	memset(o, 0, 3 * sizeof(*o));
	o[0].kind = OPT_NOP;
	o[0].len = 1;
	o[1] = o[0];
	o[2].kind = OPT_TS;
	o[2].len = 10;
	o[2].any_a = true;
	o[2].any_b = true;
	p->nopts += 3;
}

/* Write one option; store the TSval, and the options of a SYN, in the flow. */
static int put_option(struct wire_flow *f, const struct wire_spec *p,
		      const struct wire_opt *op, uint8_t *o)
{
	if (op->kind == OPT_RAW) {
		memcpy(o, op->data, op->len);
		return op->len;
	}
	o[0] = op->kind;
	if (op->len > 1) {
		o[1] = op->len;
		memcpy(o + 2, op->data, op->len - 2);
	}
	if (op->kind == OPT_TS) {
		if (op->any_a)
			put32(o + 2, f->tsval);
		else
			f->tsval = get32(op->data);
		if (op->any_b)
			put32(o + 6, f->ts_last);
	}
	if (op->kind == OPT_FO && op->any_a)
		memcpy(o + 2, f->w->cookie, sizeof(f->w->cookie));
	if (p->flags & WF_SYN && op->kind == OPT_TS)
		f->peer_ts = true;
	if (p->flags & WF_SYN && op->kind == OPT_WS)
		f->peer_ws = op->data[0] > 14 ? 14 : op->data[0];
	return op->len;
}

/* Writes all options with padding; "opts" has room for the longest possible. */
static int put_options(struct wire_flow *f, struct wire_spec *p, uint8_t *opts)
{
	int n = 0;

	add_timestamps(f, p);
	if (p->flags & WF_SYN && !(p->flags & WF_RST) && !p->badsum) {
		f->peer_ts = false;
		f->peer_ws = -1;
	}
	for (int i = 0; i < p->nopts; i++)
		n += put_option(f, p, &p->opt[i], opts + n);
	while (n % 4)
		opts[n++] = OPT_EOL;
	return n;
}

static void put_header(const struct wire_flow *f, const struct wire_spec *p,
		       const struct wire_seg *g, uint8_t *tcp)
{
	int doff = 5 + g->optlen / 4;

	memset(tcp, 0, 20);
	put16(tcp, f->pport);
	put16(tcp + 2, f->lport);
	put32(tcp + 4, g->seq);
	put32(tcp + 8, g->ack);
	tcp[12] = (p->doff >= 0 ? p->doff : doff) << 4 | g->res;
	tcp[13] = p->flags;
	put16(tcp + 14, g->win);
	put16(tcp + 18, g->urg);
}

static void put_payload(const struct wire_flow *f, const struct wire_spec *p,
			const struct wire_seg *g, uint8_t *to)
{
	uint32_t off = g->seq - f->isn - 1;

	for (int i = 0; i < g->paylen; i++)
		to[i] = p->fill >= 0 ? p->fill :
			wire_pattern((uint32_t)(off + i) + !!(p->flags & WF_SYN));
}

static void put_sum(const struct wire_spec *p, const struct wire_seg *g)
{
	uint8_t *tcp = g->pkt + g->thoff;
	int tlen = g->len - g->thoff;

	if (tlen < 18)
		return;
	put16(tcp + 16, wire_sum(g->v6, g->pkt, IPPROTO_TCP, tcp, tlen));
	if (p->badsum)
		tcp[16 + (p->len & 1)] ^= 0x20;
	if (p->sum0)
		put16(tcp + 16, 0);
}

int wire_build(struct wire_flow *f, struct wire_spec *p, struct wire_seg *g)
{
	uint8_t opts[WIRE_MAX_OPTS * 44], *tcp;
	int tlen;

	g->out = true;
	g->v6 = f->w->v6;
	g->seq = p->seq.v + (p->seq.bare ? 0 : f->isn);
	if (p->ack.given)
		g->ack = p->ack.v + (p->ack.bare || !f->iss_known ? 0 : f->iss);
	g->flags = p->flags;
	g->res = (p->res > 0 ? p->res : 0) | p->ae;
	g->win = p->win.given ? p->win.v : f->win;
	g->urg = p->urg.v;
	g->optlen = put_options(f, p, opts);
	g->paylen = p->len;
	tlen = 20 + g->optlen + g->paylen;
	if (g->optlen > 40 || tlen > 65535 - 20) {
		wire_say("%d bytes of options, %d of segment", g->optlen, tlen);
		return -1;
	}
	g->thoff = put_spec_ip(f, p, g->pkt, tlen);
	tcp = g->pkt + g->thoff;
	put_header(f, p, g, tcp);
	memcpy(tcp + 20, opts, g->optlen);
	put_payload(f, p, g, tcp + 20 + g->optlen);
	if (p->cut > 0)
		tlen -= p->cut;
	if (p->keep >= 0)
		tlen = p->keep;
	if (p->cut > 0 || p->keep >= 0)
		put_spec_ip(f, p, g->pkt, tlen);
	g->len = g->thoff + tlen;
	put_sum(p, g);
	return 0;
}

/* Building: ICMP */

static const uint8_t *icmp_numbers(bool v6, enum wire_icmp what)
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

	return v6 ? six[what] : four[what];
}

/* The packet that an ICMP error quotes: sent by the stack to the peer. */
static void put_quoted(struct wire_flow *f, uint8_t *q, uint32_t seq, int quoted)
{
	bool v6 = f->w->v6;
	int hl = put_ip(f, q, IPPROTO_TCP, 1460, 0, 60);

	memcpy(q + (v6 ? 8 : 12), v6 ? f->local : f->local + 12, v6 ? 16 : 4);
	memcpy(q + (v6 ? 24 : 16), v6 ? f->peer : f->peer + 12, v6 ? 16 : 4);
	if (!v6)
		put_ipv4_sum(q);
	q += hl;
	put16(q, f->lport);
	put16(q + 2, f->pport);
	put32(q + 4, seq);
	if (quoted > 12) {
		put32(q + 8, f->isn + 1);
		q[12] = 0x50;
		q[13] = WF_ACK;
	}
}

void wire_build_icmp(struct wire_flow *f, struct wire_seg *g, enum wire_icmp what,
		     uint32_t seq, unsigned int mtu, int quoted)
{
	bool v6 = f->w->v6;
	const uint8_t *number = icmp_numbers(v6, what);
	int len = 8 + (v6 ? 40 : 20) + quoted;
	uint8_t *p;

	g->thoff = put_ip(f, g->pkt, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len, 0, 64);
	g->len = g->thoff + len;
	p = g->pkt + g->thoff;
	memset(p, 0, len);
	p[0] = number[0];
	p[1] = number[1];
	if (v6)
		put32(p + 4, mtu);
	else
		put16(p + 6, mtu);
	put_quoted(f, p + 8, seq, quoted);
	if (v6)
		put16(p + 2, wire_sum(true, g->pkt, IPPROTO_ICMPV6, p, len));
	else
		put16(p + 2, wire_sum_fold(wire_sum_add(0, p, len)));
}
