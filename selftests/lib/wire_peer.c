// SPDX-License-Identifier: GPL-2.0
/* A crafted peer on a tun device: flows, injected and expected segments. */
#include "wire_peer.h"
#include "wire_clock.h"
#include "wire_format.h"
#include "wire_netns.h"
#include "wire_notation.h"
#include "wire_packet.h"
#include "wire_rules.h"
#include "wire_text.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Receiving: segments of the stack are queued per flow. */

static void drop_seg(struct wire_seg *g)
{
	free(g->pkt);
	free(g);
}

/* A copy of a packet, of which at least the fixed IP header was read. */
static struct wire_seg *new_seg(const uint8_t *pkt, int len, int64_t t_us)
{
	struct wire_seg *g = calloc(1, sizeof(*g));

	g->pkt = malloc(len);
	memcpy(g->pkt, pkt, len);
	g->t_us = t_us;
	g->len = len;
	snprintf(g->text, sizeof(g->text), "%d bytes", len);
	return g;
}

static void log_icmp(struct wire *w, const struct wire_seg *g, int proto)
{
	const uint8_t *p = g->pkt + g->thoff;
	char text[80];

	if (g->len < g->thoff + 2)
		return;
	/* ICMPv6: only errors; the rest is neighbour discovery. */
	if (proto != IPPROTO_ICMP && (proto != IPPROTO_ICMPV6 || p[0] >= 128))
		return;
	snprintf(text, sizeof(text), "ICMP type %u code %u", p[0], p[1]);
	wire_log(w, g->t_us, ">", 0, text);
}

static struct wire_flow *find_flow(struct wire *w, const struct wire_seg *g)
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

/* Checks a segment, and queues it if it belongs to a flow. */
static void receive(struct wire *w, struct wire_seg *g)
{
	struct wire_flow *f;
	int proto, tlen;

	proto = wire_read_ip(g, &tlen);
	if (proto != IPPROTO_TCP) {
		log_icmp(w, g, proto);
		goto drop;
	}
	if (!wire_check_lengths(w, g, tlen))
		goto drop;
	wire_read_tcp(g);
	f = find_flow(w, g);
	if (f && g->flags & WF_SYN && !f->iss_known) {
		f->iss = g->seq;
		f->iss_known = true;
	}
	if (f && g->flags & WF_SYN && !(g->flags & WF_ACK))
		f->opened = true;
	wire_describe(f, g);
	wire_log(w, g->t_us, ">", f ? (int)(f - w->flow) : -1, g->text);
	wire_check_header(w, g);
	wire_check_options(w, f, g);
	if (!f) {
		w->strays++;
		goto drop;
	}
	wire_check_flow(f, g);
	*f->tail = g;
	f->tail = &g->next;
	return;
drop:
	drop_seg(g);
}

/* Receive all packets that are available; called locked. */
static void drain(struct wire *w)
{
	static uint8_t buf[WIRE_ROOM];
	bool any = false;
	ssize_t n;

	while ((n = read(w->tun, buf, sizeof(buf))) > 0) {
		if (n >= (buf[0] >> 4 == 6 ? 40 : 20))
			receive(w, new_seg(buf, n, wire_now_us()));
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

/* Injecting */

/* Set the right edge of the peer's window after an injected segment. */
static void move_out_edge(struct wire_flow *f, const struct wire_spec *p,
			  const struct wire_seg *g)
{
	bool syn = g->flags & WF_SYN;
	uint32_t edge;
	int shift = 0;

	if (p->ack.given && (f->iss_known || p->ack.bare)) {
		if (f->stack_ws >= 0 && f->peer_ws > 0 && !syn)
			shift = f->peer_ws;
		edge = g->ack + ((uint32_t)g->win << shift);
		if (!f->out_edge_known || before(f->out_edge, edge))
			f->out_edge = edge;
		f->out_edge_known = true;
	} else if (syn && f->iss_known) {
		f->out_edge = f->iss + 1 + g->win;
		f->out_edge_known = true;
	} else if (syn && !(g->flags & WF_ACK)) {
		f->out_edge_known = false;
	}
}

/* Log an injected segment as the latest event of its flow; called locked. */
static void log_injected(struct wire_flow *f, const char *text)
{
	f->t_us = wire_now_us();
	wire_log(f->w, f->t_us, "<", f - f->w->flow, text);
}

int wire_inject(struct wire_flow *f, const char *fmt, ...)
{
	static uint8_t pkt[WIRE_ROOM];
	struct wire_seg g = { .pkt = pkt };
	struct wire_spec p;
	char s[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if (!wire_parse(s, &p, f->iss_known ? f->iss : 0)) {
		wire_say("not a segment: %s", s);
		return -1;
	}
	if (wire_build(f, &p, &g))
		return -1;
	pthread_mutex_lock(&f->w->lock);
	drain(f->w);	/* so that the log is in order */
	wire_describe(f, &g);
	log_injected(f, g.text);
	move_out_edge(f, &p, &g);
	pthread_mutex_unlock(&f->w->lock);
	if (p.frag > 0)
		return wire_send_fragments(f, &g, p.frag);
	return wire_raw(f->w, g.pkt, g.len);
}

/*
 * Inject an ICMP error that quotes a segment of the stack: with sequence number
 * @seq, in the notation of segments, and @quoted bytes of its TCP header.
 */
int wire_icmp(struct wire_flow *f, enum wire_icmp what, const char *seq,
	      unsigned int mtu, int quoted)
{
	uint8_t pkt[200] = { 0 };
	struct wire_seg g = { .pkt = pkt };
	struct wire_num n;
	char text[80];

	if (!wire_number(&seq, &n))
		return -1;
	wire_build_icmp(f, &g, what, n.v + (n.bare || !f->iss_known ? 0 : f->iss),
			mtu, quoted);
	snprintf(text, sizeof(text), "ICMP type %u code %u about seq %s%u mtu %u",
		 pkt[g.thoff], pkt[g.thoff + 1], n.bare ? "=" : "", n.v, mtu);
	pthread_mutex_lock(&f->w->lock);
	drain(f->w);
	log_injected(f, text);
	pthread_mutex_unlock(&f->w->lock);
	return wire_raw(f->w, g.pkt, g.len);
}

/* Expecting */

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

/* Removes the next segment of the flow, which must have one; called locked. */
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

/* Widening of a time bound in real time: XTCP_SLOP_MS in wire.h. */
static int64_t slop(const struct wire *w, int64_t us)
{
	return w->slop_us > 0 ? w->slop_us + us * 3 / 100 : 0;
}

/* Earliest and latest time of the segment; @base: the flow's previous event. */
static void bounds(const struct wire *w, const struct wire_spec *p, int64_t base,
		   int64_t *from, int64_t *until)
{
	int64_t now = wire_now_us(), late = 0;

	if (!p->timed) {
		*from = 0;
		*until = (now > base ? now : base) + WIRE_NOW_MS * 1000 +
			 slop(w, WIRE_NOW_MS * 1000);
		return;
	}
	/*
	 * The kernel's TCP uses the timer wheel: the longer the timeout, the
	 * coarser its resolution.
	 */
	if (p->until_us == p->after_us)
		late = p->after_us / (w->ref ? 8 : 1000);
	late += w->ref ? 20000 : 5000;
	*from = base + p->after_us - 4000 - slop(w, p->after_us);
	*until = base + p->until_us + late + slop(w, p->until_us);
}

/* Waits for the next segment and removes it; NULL: none came. */
static struct wire_seg *next_seg(struct wire_flow *f, int64_t until)
{
	struct wire_seg *g = NULL;

	pthread_mutex_lock(&f->w->lock);
	if (wait_for(f, until)) {
		g = take(f);
		/* iss may have been unknown when the segment was logged. */
		wire_describe(f, g);
	}
	pthread_mutex_unlock(&f->w->lock);
	return g;
}

int wire_expect(struct wire_flow *f, const char *fmt, ...)
{
	int64_t called = wire_now_us(), base = f->t_us, from, until;
	struct wire_seg *g;
	struct wire_spec p;
	const char *why;
	char s[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if (!wire_parse(s, &p, f->isn)) {
		wire_say("not a segment: %s", s);
		return -1;
	}
	bounds(f->w, &p, base, &from, &until);
	g = next_seg(f, until);
	if (!g) {
		wire_say("expected, but nothing came (waited %lld ms):",
			 (long long)(wire_now_us() - called) / 1000);
		wire_say("  %s", s);
		wire_dump(f->w);
		return -1;
	}
	why = wire_differs(f, g, &p);
	if (!why && g->t_us < from)
		why = "time: too early";
	if (!why && g->t_us > until)
		why = "time: too late";
	if (why) {
		wire_say("expected (%s):", why);
		wire_say("  %s", s);
		wire_say("came, %.3f ms after the previous segment:",
			 (g->t_us - base) / 1000.0);
		wire_say("  %s", g->text);
		wire_dump(f->w);
	}
	f->t_us = g->t_us > base ? g->t_us : base;
	drop_seg(g);
	return why || f->w->failed ? -1 : 0;
}

/* Wait for any segment, and store it in f->last. Return: 1; 0: none came. */
int wire_next(struct wire_flow *f, int ms)
{
	struct wire_seg *g = next_seg(f, wire_now_us() + ms * 1000LL);

	if (!g)
		return 0;
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
		wire_say("expected no segment for %d ms, but got:", ms);
		wire_say("  %s", f->head->text);
		wire_dump(f->w);
	}
	return came || f->w->failed ? -1 : 0;
}

void wire_mark(struct wire_flow *f)
{
	f->t_us = wire_now_us();
}

/* Flows */

static void address(struct wire *w, uint8_t *a, int host)
{
	static const uint8_t net4[16] = { [10] = 0xff, 0xff, 192, 0, 2 };
	static const uint8_t net6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	memcpy(a, w->v6 ? net6 : net4, 16);
	a[15] = host;
}

void wire_peer(struct wire_flow *f, int host)
{
	address(f->w, f->peer, host);
}

/* Another connection with the same addresses and ports, and another ISN. */
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

/* A flow with a new peer port. @lport 0: taken from the SYN of the stack. */
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
	f->pport = 20000 + (w->forgotten + w->nflows) % 40000;
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

/*
 * End all flows; new ones have other ports. For tests with many connections.
 * Later segments of the stack on the old flows count as strays.
 */
void wire_forget(struct wire *w)
{
	pthread_mutex_lock(&w->lock);
	drain(w);
	for (int i = 0; i < w->nflows; i++)
		while (w->flow[i].head)
			drop_seg(take(&w->flow[i]));
	w->forgotten += w->nflows;
	w->nflows = 0;
	pthread_mutex_unlock(&w->lock);
}

/* Setup and teardown */

int wire_start(struct wire *w, bool v6)
{
	const char *slop_ms = getenv("XTCP_SLOP_MS"), *ref = getenv("XTCP_REFERENCE");
	pthread_condattr_t attr;

	memset(w, 0, sizeof(*w));
	w->tun = -1;
	w->v6 = v6;
	w->ref = ref && atoi(ref);
	w->slop_us = slop_ms ? atoi(slop_ms) * 1000 : 0;
	w->t0_us = wire_now_us();
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->cond, &attr);
	if (wire_netns(w)) {
		wire_say("no namespace with a tun device: %s", strerror(errno));
		return -1;
	}
	/*
	 * Disable what goes beyond RFC 5681. Errors are ignored: not every
	 * stack has all of these sysctls.
	 */
	wire_sysctl(w, "congestion_control", "reno");
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
	if (w->tun >= 0)
		close(w->tun);
}
