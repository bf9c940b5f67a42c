// SPDX-License-Identifier: GPL-2.0
/* Checks of each segment of the stack, for all tests. */
#include "wire_rules.h"
#include "wire_format.h"
#include "wire_packet.h"
#include "wire_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void wire_broken(struct wire *w, const struct wire_seg *g, const char *fmt, ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	wire_say("the stack sent a segment that breaks a rule: %s", why);
	wire_say("  %s", g->text);
	w->failed++;
}

/* Checks lengths before the TCP header is read. */
bool wire_check_lengths(struct wire *w, const struct wire_seg *g, int tlen)
{
	int doff;

	if (tlen < 20 || g->thoff + tlen != g->len) {
		wire_broken(w, g, "IP length %d of %d bytes", tlen, g->len);
		return false;
	}
	doff = g->pkt[g->thoff + 12] >> 4;
	if (doff < 5 || doff * 4 > tlen) {
		wire_broken(w, g, "data offset %d in %d bytes", doff, tlen);
		return false;
	}
	return true;
}

void wire_check_header(struct wire *w, const struct wire_seg *g)
{
	const uint8_t *ip = g->pkt;

	if (!g->v6 && wire_sum_fold(wire_sum_add(0, ip, g->thoff)))
		wire_broken(w, g, "IPv4 header checksum");
	if (!g->v6 && (get16(ip + 6) & 0xbfff))
		wire_broken(w, g, "fragment field %04x", get16(ip + 6));
	if (wire_sum(g->v6, ip, IPPROTO_TCP, ip + g->thoff, g->len - g->thoff))
		wire_broken(w, g, "MUST-2: TCP checksum");
	if (g->res & (w->accecn ? 0xe : 0xf))
		wire_broken(w, g, "U-1: reserved bits %x", g->res);
}

static void check_option(struct wire *w, const struct wire_seg *g, const uint8_t *o)
{
	int kind = o[0], len = o[1];

	if (!(g->flags & WF_SYN)) {
		if (kind == OPT_MSS)
			wire_broken(w, g, "MUST-65: MSS on a segment without SYN");
		if (kind == OPT_WS)
			wire_broken(w, g, "TS-1: window scale on a segment without SYN");
		if (kind == OPT_SACKOK)
			wire_broken(w, g, "SK-1: SACK-permitted on a segment without SYN");
		if (kind == OPT_FO)
			wire_broken(w, g, "FO-2: Fast Open on a segment without SYN");
	}
	if ((kind == OPT_MSS && len != 4) || (kind == OPT_WS && len != 3) ||
	    (kind == OPT_SACKOK && len != 2) || (kind == OPT_TS && len != 10) ||
	    (kind == OPT_SACK && (len < 10 || (len - 2) % 8)))
		wire_broken(w, g, "option %d has length %d", kind, len);
	else if (kind == OPT_WS && o[2] > 14)
		wire_broken(w, g, "window scale %d above 14", o[2]);
}

/* Store what the checks of later segments need. */
static void learn_option(struct wire_flow *f, struct wire_seg *g, const uint8_t *o)
{
	if (o[0] == OPT_WS && o[1] == 3 && f)
		f->stack_ws = o[2];
	if (o[0] == OPT_FO && o[1] == 10 && f)
		memcpy(f->w->cookie, o + 2, sizeof(f->w->cookie));
	if (o[0] == OPT_TS && o[1] == 10) {
		g->has_ts = true;
		g->tsval = get32(o + 2);
		g->tsecr = get32(o + 6);
	}
}

/* Options: well-formed, and only in segments that may have them. */
void wire_check_options(struct wire *w, struct wire_flow *f, struct wire_seg *g)
{
	const uint8_t *o = g->pkt + g->thoff + 20;
	uint64_t seen = 0;
	int i = 0, len;

	while (i < g->optlen && o[i] != OPT_EOL) {
		if (o[i] == OPT_NOP) {
			i++;
			continue;
		}
		len = i + 1 < g->optlen ? o[i + 1] : 0;
		if (len < 2 || i + len > g->optlen) {
			wire_broken(w, g, "MUST-68: option %d has length %d", o[i], len);
			return;
		}
		if (o[i] < 64) {
			if (seen & 1ULL << o[i])
				wire_broken(w, g, "option %d occurs twice", o[i]);
			seen |= 1ULL << o[i];
		}
		check_option(w, g, o + i);
		learn_option(f, g, o + i);
		i += len;
	}
	for (; i < g->optlen; i++)
		if (o[i])
			wire_broken(w, g, "MUST-69: byte %d after the end of options", o[i]);
}

static void check_timestamps(struct wire_flow *f, const struct wire_seg *g)
{
	struct wire *w = f->w;

	if (g->flags & WF_SYN) {
		f->stack_ts = g->has_ts;
		/*
		 * In a simultaneous open the SYN-ACK of the kernel's TCP
		 * repeats the options of its SYN.
		 */
		if (g->flags & WF_ACK && g->has_ts && !f->peer_ts && !(w->ref && f->opened))
			wire_broken(w, g, "TS-7: timestamps on a SYN-ACK, but not on the SYN");
	} else if (f->stack_ts && f->peer_ts) {
		if (!g->has_ts && !(g->flags & WF_RST))
			wire_broken(w, g, "TS-8: negotiated timestamps are missing");
	} else if (g->has_ts && f->iss_known) {
		wire_broken(w, g, "timestamps that were not negotiated");
	}
	if (g->has_ts)
		f->ts_last = g->tsval;
}

static void check_edges(struct wire_flow *f, const struct wire_seg *g)
{
	uint32_t end = g->seq + g->paylen, limit = f->out_edge, edge;
	int shift = 0;

	if (g->flags & WF_RST || f->unchecked)
		return;
	/* One byte beyond the window is a zero-window probe. */
	if (g->paylen == 1)
		limit++;
	if (g->paylen && f->out_edge_known && !(g->flags & WF_SYN) && before(limit, end))
		wire_broken(f->w, g, "CC-1: %u bytes beyond the peer's window",
			    end - f->out_edge);
	if (!(g->flags & WF_ACK))
		return;
	if (!(g->flags & WF_SYN) && f->stack_ws >= 0 && f->peer_ws >= 0)
		shift = f->stack_ws;
	edge = g->ack + ((uint32_t)g->win << shift);
	/* Rounding to the window scale does not count as shrinking. */
	if (f->in_edge_known && before(edge + (1U << shift) - 1, f->in_edge))
		wire_broken(f->w, g, "SHLD-14: the right edge of the window moved back by %u",
			    f->in_edge - edge);
	if (!f->in_edge_known || before(f->in_edge, edge))
		f->in_edge = edge;
	f->in_edge_known = true;
}

static void check_payload(struct wire_flow *f, const struct wire_seg *g)
{
	const uint8_t *p = g->pkt + g->thoff + 4 * g->doff;
	uint32_t off = g->seq - f->iss - 1;

	if (f->nopattern || !f->iss_known || g->flags & (WF_RST | WF_SYN | WF_URG))
		return;
	/* A keep-alive or window probe may carry an old or arbitrary byte. */
	if (g->paylen == 1 && (int32_t)off < 0)
		return;
	for (int i = 0; i < g->paylen; i++)
		if (p[i] != wire_pattern(off + i)) {
			wire_broken(f->w, g, "payload differs at stream offset %u", off + i);
			return;
		}
}

void wire_check_flow(struct wire_flow *f, const struct wire_seg *g)
{
	check_timestamps(f, g);
	check_edges(f, g);
	check_payload(f, g);
}
