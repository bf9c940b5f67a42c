// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the results of one step on both stacks. Not compared:
 *
 * - when a pure ACK of new data is sent. After a wait of DELACK_MS both stacks
 *   must have acknowledged the same data;
 * - the size of the window, except whether it is zero.
 */
#include "comparer.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/wire.h"

#define DELACK_MS	250	/* longer than the delayed ACK of both stacks */

const char *const difference_names[] = {
	"none", "XTCP sent an invalid segment", "return value", "errno", "bytes read", "state",
	"poll", "SIOCINQ", "SIOCOUTQ", "segment missing", "segment extra", "flags", "seq", "ack",
	"length", "payload", "window", "urgent pointer", "options", "SACK", "time",
	"not acknowledged", "IP header",
};

void compare_begin(struct comparer *c,
		   bool (*meant)(const struct run *r, const struct finding *f))
{
	memset(c, 0, sizeof(*c));
	c->meant = meant;
}

void compare_keep(struct comparer *c, const struct run *r)
{
	if (memcmp(c->acked[XTCP], c->acked[KERNEL], sizeof(c->acked[XTCP])))
		c->parted = true;
	memcpy(c->acked_before, c->acked, sizeof(c->acked));
	memcpy(c->known_before, c->acked_known, sizeof(c->acked_known));
}

/* The only SACK block is a DSACK (RFC 2883): it reports no hole. */
static bool only_dsack(const struct seen *n)
{
	return n->nsack == 2 && (int32_t)(n->sack[1] - n->ack) <= 0;
}

/*
 * A pure ACK that reports no hole. A probe has an old sequence number (again):
 * a timer sends it.
 */
static bool only_says(const struct seen *n)
{
	return (n->flags & ~WF_URG) == WF_ACK && !n->len && !n->again &&
	       (!n->nsack || only_dsack(n));
}

/*
 * Records the ACK number of a segment. Return: true for a pure ACK of new data
 * with an open window, whose time is not compared.
 */
static bool is_plain_ack(struct comparer *c, int side, const struct seen *n)
{
	bool newer = !c->acked_known[side][n->flow] ||
		     (int32_t)(n->ack - c->acked[side][n->flow]) > 0;

	if (n->flags & WF_RST) {
		/* After a RST no ACK is expected. */
		c->acked[side][n->flow] = 0;
		c->acked_known[side][n->flow] = false;
		return false;
	}
	if (!(n->flags & WF_ACK))
		return false;
	if (newer) {
		c->acked[side][n->flow] = n->ack;
		c->acked_known[side][n->flow] = true;
	}
	return newer && only_says(n) && n->window;
}

/*
 * The next segment to compare, of one flow and local port: the order between
 * two connections may differ.
 */
static const struct seen *next_seen(struct comparer *c, int side, int flow, bool other,
				    const struct record *rec, int *at)
{
	while (*at < rec->nseen) {
		const struct seen *n = &rec->seen[(*at)++];

		if (n->flow == flow && n->other_port == other && !is_plain_ack(c, side, n))
			return n;
	}
	return NULL;
}

/*
 * In this step the stack has sent a pure ACK with the same number, which
 * next_seen() skipped as the first ACK of its data.
 */
static bool was_said(const struct record *rec, const struct seen *n)
{
	for (int i = 0; i < rec->nseen && only_says(n); i++)
		if (only_says(&rec->seen[i]) && rec->seen[i].flow == n->flow &&
		    rec->seen[i].ack == n->ack)
			return true;
	return false;
}

/* Both segments have a window scale, or neither (-1). */
static bool same_sign(int a, int b)
{
	return (a ^ b) >= 0;
}

/*
 * A DSACK is sent once, with the next ACK, whose time may differ: one segment
 * may have one block more.
 */
static bool same_sack(const struct seen *a, const struct seen *b)
{
	int i = 0, j = 0;

	if (a->nsack == b->nsack + 2 && (int32_t)(a->sack[1] - a->ack) <= 0)
		i = 2;
	if (b->nsack == a->nsack + 2 && (int32_t)(b->sack[1] - b->ack) <= 0)
		j = 2;
	return a->nsack - i == b->nsack - j &&
	       !memcmp(a->sack + i, b->sack + j, (a->nsack - i) * sizeof(a->sack[0]));
}

/*
 * Times may differ by jiffies and by the rounding of the kernel's timer wheel,
 * up to an eighth. On slow machines (XTCP_SLOP_MS) calls take milliseconds,
 * too.
 */
static bool same_time(const struct run *r, const struct seen *a, const struct seen *b)
{
	int64_t d = a->us < b->us ? b->us - a->us : a->us - b->us;
	int64_t since = run_since(r, KERNEL, b);
	const char *slop_ms = getenv("XTCP_SLOP_MS");

	return d <= 25000 + since / 7 + 20000 * (slop_ms ? atoi(slop_ms) : 0);
}

/*
 * A full segment may be followed by more data of the same write. PSH is not
 * compared then: it depends on how the stack splits the write (GSO).
 */
static bool may_be_followed(struct comparer *c, const struct seen *n)
{
	if (n->len > c->full[n->flow])
		c->full[n->flow] = n->len;
	return n->len && n->len == c->full[n->flow];
}

static enum difference compare_segments(const struct comparer *c, const struct run *r,
					const struct seen *a, const struct seen *b)
{
	if ((a->flags ^ b->flags) & ~WF_PSH)
		return D_FLAGS;
	/* Two sockets to one peer: the numbers are relative to the other socket's SYN. */
	if (a->other_port)
		return a->len == b->len ? D_NONE : D_LEN;
	if (a->seq != b->seq)
		return D_SEQ;
	if (a->ack != b->ack)
		return D_ACK;
	if (a->len != b->len)
		return D_LEN;
	if (a->sum != b->sum)
		return D_PAYLOAD;
	if (a->flags != b->flags && !c->more)
		return D_FLAGS;
	if (!(a->flags & WF_RST) && !a->window != !b->window)
		return D_WINDOW;
	if (a->urg != b->urg)
		return D_URGENT;
	if (a->mss != b->mss || !same_sign(a->wscale, b->wscale) ||
	    a->sackok != b->sackok || a->ts != b->ts || a->tsecr != b->tsecr)
		return D_OPTIONS;
	if (!same_sack(a, b))
		return D_SACK;
	if (a->tos != b->tos || a->ttl != b->ttl)
		return D_HEADER;
	if (!same_time(r, a, b))
		return D_TIME;
	return D_NONE;
}

static enum difference compare_flow(struct comparer *c, const struct run *r,
				    struct finding *f, int flow, bool other)
{
	const struct record *x = &r->rec[XTCP][r->at], *k = &r->rec[KERNEL][r->at];
	int at[SIDES] = { 0 };
	enum difference d;

	for (;;) {
		const struct seen *a = next_seen(c, XTCP, flow, other, x, &at[XTCP]);
		const struct seen *b = next_seen(c, KERNEL, flow, other, k, &at[KERNEL]);

		f->seg[XTCP] = a;
		f->seg[KERNEL] = b;
		if (!a && !b)
			return D_NONE;
		if ((!a && was_said(x, b)) || (!b && was_said(k, a)))
			continue;
		if (!a)
			return D_MISSING;
		if (!b)
			return D_EXTRA;
		c->more = may_be_followed(c, a);
		d = compare_segments(c, r, a, b);
		if (d)
			return d;
	}
}

static enum difference compare_all_segments(struct comparer *c, const struct run *r,
					    struct finding *f)
{
	memcpy(c->acked, c->acked_before, sizeof(c->acked));
	memcpy(c->acked_known, c->known_before, sizeof(c->acked_known));
	if (r->sc->step[r->at].op == OP_AGAIN) {
		/* The base of the relative numbers has changed. */
		memset(c->acked, 0, sizeof(c->acked));
		memset(c->acked_known, 0, sizeof(c->acked_known));
	}
	for (int i = 0; i < 2 * FLOWS; i++) {
		enum difference d = compare_flow(c, r, f, i / 2, i % 2);

		if (d)
			return d;
	}
	return D_NONE;
}

static enum difference compare_acked(struct comparer *c, const struct run *r)
{
	const struct step *s = &r->sc->step[r->at];

	if (s->op != OP_WAIT || s->n < DELACK_MS)
		return D_NONE;
	for (int i = 0; i < FLOWS; i++)
		if (c->acked[XTCP][i] != c->acked[KERNEL][i] &&
		    c->acked_known[XTCP][i] && c->acked_known[KERNEL][i])
			return D_LATE_ACK;
	return D_NONE;
}

static bool look_differs(const struct look *x, const struct look *k, enum difference what)
{
	switch (what) {
	case D_STATE:
		return x->state != k->state;
	case D_POLL:
		return x->poll != k->poll;
	case D_INQ:
		return x->inq != k->inq;
	default:
		return x->outq != k->outq;
	}
}

static enum difference compare_results(const struct run *r)
{
	const struct record *x = &r->rec[XTCP][r->at], *k = &r->rec[KERNEL][r->at];

	if (x->ret != k->ret)
		return (x->ret < 0) != (k->ret < 0) ? D_ERRNO : D_RETURN;
	if (x->err != k->err)
		return D_ERRNO;
	if (x->sum != k->sum)
		return D_BYTES;
	return D_NONE;
}

struct finding compare_sockets(const struct comparer *c, const struct run *r)
{
	static const enum difference whats[] = { D_STATE, D_POLL, D_INQ, D_OUTQ };
	const struct record *x = &r->rec[XTCP][r->at], *k = &r->rec[KERNEL][r->at];
	struct finding f = { .step = r->at };

	for (f.slot = 0; f.slot < SLOTS; f.slot++)
		for (size_t i = 0; i < ARRAY_SIZE(whats); i++) {
			f.what = whats[i];
			if (look_differs(&x->look[f.slot], &k->look[f.slot], f.what) &&
			    !c->meant(r, &f))
				return f;
		}
	f.slot = -1;
	f.what = D_NONE;
	return f;
}

struct finding compare(struct comparer *c, const struct run *r)
{
	struct finding f = { .step = r->at, .slot = -1 };

	f.acks_parted = c->parted;
	f.what = r->rec[XTCP][r->at].broken ? D_BROKEN : compare_results(r);
	if (f.what)
		return f;
	f.what = compare_all_segments(c, r, &f);
	if (f.what)
		return f;
	f = compare_sockets(c, r);
	if (f.what)
		return f;
	f.what = compare_acked(c, r);
	return f;
}
