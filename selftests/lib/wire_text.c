// SPDX-License-Identifier: GPL-2.0
/* Segments as text, and a log of the last ones. */
#include "wire_text.h"
#include "wire_format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void wire_say(const char *fmt, ...)
{
	va_list ap;

	fputs("# ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void add(struct wire_seg *g, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct wire_seg *g, const char *fmt, ...)
{
	size_t n = strlen(g->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(g->text + n, sizeof(g->text) - n, fmt, ap);
	va_end(ap);
}

static void add_flags(struct wire_seg *g)
{
	for (int i = 0; i < 8; i++)
		if (g->flags & 1 << i)
			add(g, "%c", WIRE_FLAG_LETTERS[i]);
	if (g->res & 1)
		add(g, "e");
	if (!g->flags && !(g->res & 1))
		add(g, "-");
}

static void add_option(struct wire_seg *g, const uint8_t *o, uint32_t sackbase)
{
	int kind = o[0], len = o[1];

	if (kind == OPT_MSS && len == 4) {
		add(g, "mss %u", get16(o + 2));
	} else if (kind == OPT_WS && len == 3) {
		add(g, "wscale %u", o[2]);
	} else if (kind == OPT_SACKOK && len == 2) {
		add(g, "sackOK");
	} else if (kind == OPT_TS && len == 10) {
		add(g, "TS val %u ecr %u", get32(o + 2), get32(o + 6));
	} else if (kind == OPT_SACK) {
		add(g, "sack");
		for (int i = 2; i + 8 <= len; i += 8)
			add(g, " %u:%u", get32(o + i) - sackbase,
			    get32(o + i + 4) - sackbase);
	} else {
		add(g, "%d len %d", kind, len);
	}
}

static void add_options(struct wire_seg *g, uint32_t sackbase)
{
	const uint8_t *o = g->pkt + g->thoff + 20;
	const char *sep = "";

	if (!g->optlen)
		return;
	add(g, " <");
	for (int i = 0; i < g->optlen; sep = ",") {
		int kind = o[i], len = i + 1 < g->optlen ? o[i + 1] : 0;

		add(g, "%s", sep);
		if (kind == OPT_EOL) {
			add(g, "eol");
			break;
		}
		if (kind == OPT_NOP) {
			add(g, "nop");
			i++;
			continue;
		}
		if (len < 2 || i + len > g->optlen) {
			add(g, "bad %d len %d", kind, len);
			break;
		}
		add_option(g, o + i, sackbase);
		i += len;
	}
	add(g, ">");
}

void wire_describe(const struct wire_flow *f, struct wire_seg *g)
{
	uint32_t peer = f ? f->isn : 0, stack = f && f->iss_known ? f->iss : 0;
	static const char *const ecn[] = { "", "ect1", "ect0", "ce" };
	uint32_t sbase = g->out ? peer : stack, abase = g->out ? stack : peer;

	g->text[0] = 0;
	add_flags(g);
	add(g, " %u:%u(%d)", g->seq - sbase, g->seq - sbase + g->paylen, g->paylen);
	if (g->flags & WF_ACK)
		add(g, " ack %u", g->ack - abase);
	add(g, " win %u", g->win);
	if (g->flags & WF_URG || g->urg)
		add(g, " urg %u", g->urg);
	if (g->res & 0xe)
		add(g, " res %u", g->res);
	if (g->tos & 3)
		add(g, " %s", ecn[g->tos & 3]);
	add_options(g, abase);
}

void wire_log(struct wire *w, int64_t t_us, const char *direction, int flow,
	      const char *text)
{
	int64_t us = t_us - w->t0_us;

	snprintf(w->log[w->nlog++ % WIRE_LOG], sizeof(w->log[0]),
		 "%5lld.%06lld %s%d %s", (long long)us / 1000000,
		 (long long)us % 1000000, direction, flow, text);
}

void wire_dump(struct wire *w)
{
	unsigned int n = w->nlog < WIRE_LOG ? w->nlog : WIRE_LOG;

	pthread_mutex_lock(&w->lock);
	wire_say("the last %u segments (< from the peer, > from the stack, flow number):", n);
	for (unsigned int i = w->nlog - n; i != w->nlog; i++)
		wire_say("%s", w->log[i % WIRE_LOG]);
	pthread_mutex_unlock(&w->lock);
}
