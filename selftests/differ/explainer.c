// SPDX-License-Identifier: GPL-2.0
/* Which differences are meant; each is in Documentation/differences.rst. */
#include "explainer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>

#include "../lib/wire.h"

static const struct step *step_of(const struct run *r, const struct finding *f)
{
	return &r->sc->step[f->step];
}

static bool connect_on_listener(const struct run *r, const struct finding *f)
{
	return step_of(r, f)->op == OP_CONNECT && f->what == D_ERRNO &&
	       r->rec[KERNEL][f->step].err == EISCONN;
}

/* A segment with ACK, and without RST and SYN. */
static bool is_segment(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags & WF_ACK && !(s->flags & (WF_SYN | WF_RST));
}

static bool only_xtcp_acks(const struct finding *f)
{
	return f->what == D_EXTRA && f->seg[XTCP]->flags == WF_ACK && !f->seg[XTCP]->len;
}

static bool ack_of_unsent(const struct run *r, const struct finding *f)
{
	return is_segment(r, f) && only_xtcp_acks(f) &&
	       r->rec[XTCP][f->step].in_ack > 0;
}

/* CLOSE-WAIT and what follows: the peer has said FIN. */
static bool peer_closed(int state)
{
	return state == TCP_CLOSE_WAIT || state == TCP_CLOSING || state == TCP_LAST_ACK;
}

static int state_before(const struct run *r, const struct finding *f)
{
	for (int i = 0; i < SLOTS && f->step; i++) {
		int state = r->rec[XTCP][f->step - 1].look[i].state;

		if (state && state != TCP_LISTEN && state != TCP_CLOSE)
			return state;
	}
	return 0;
}

/* Text, or a FIN, beyond a FIN. */
static bool text_after_fin(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);
	int end = r->rec[XTCP][f->step].in_seq + s->n + !!(s->flags & WF_FIN);
	bool reset = f->what == D_FLAGS && f->seg[KERNEL]->flags == WF_RST;

	return is_segment(r, f) && s->op == OP_SEGMENT && end > 0 &&
	       (peer_closed(state_before(r, f)) || !state_before(r, f)) &&
	       (only_xtcp_acks(f) || (reset && f->seg[XTCP]->flags == WF_ACK));
}

static bool crossed_syn(const struct run *r, const struct finding *f)
{
	return f->what == D_OPTIONS && f->seg[XTCP]->flags == (WF_SYN | WF_ACK) &&
	       state_before(r, f) && f->seg[KERNEL]->wscale >= 0;
}

static bool push_at_end(const struct run *r, const struct finding *f)
{
	return f->what == D_FLAGS &&
	       (f->seg[XTCP]->flags ^ f->seg[KERNEL]->flags) == WF_PSH &&
	       f->seg[XTCP]->flags & WF_PSH;
}

/* The same RST; that of the kernel's TCP is one for a segment, not a socket. */
static bool reset_with_ack(const struct run *r, const struct finding *f)
{
	return f->what == D_FLAGS && f->seg[XTCP]->flags == (WF_RST | WF_ACK) &&
	       f->seg[KERNEL]->flags == WF_RST;
}

static bool only_echo(const struct seen *a, const struct seen *b)
{
	return a->ts && b->ts && a->tsecr != b->tsecr && a->mss == b->mss &&
	       (a->wscale < 0) == (b->wscale < 0) && a->sackok == b->sackok;
}

static bool echo_of_delayed(const struct run *r, const struct finding *f)
{
	return f->what == D_OPTIONS && f->acks_parted &&
	       only_echo(f->seg[XTCP], f->seg[KERNEL]);
}

static bool sack_on_data(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP], *k = f->seg[KERNEL];

	return (f->what == D_LEN || f->what == D_SACK) && k->len && k->nsack && !x->nsack;
}

static bool send_buffer(const struct run *r, const struct finding *f)
{
	const struct look *x, *k;

	if (f->what == D_RETURN)
		return step_of(r, f)->op == OP_SEND;
	if (f->what == D_ERRNO && step_of(r, f)->op == OP_SEND)
		return r->rec[XTCP][f->step].err == EAGAIN ||
		       r->rec[KERNEL][f->step].err == EAGAIN;
	if (f->what != D_POLL)
		return false;
	x = &r->rec[XTCP][f->step].look[f->slot];
	k = &r->rec[KERNEL][f->step].look[f->slot];
	return (x->poll ^ k->poll) == POLLOUT && x->outq > 0;
}

static bool is_soft(int what)
{
	return what == WI_NET || what == WI_HOST || what == WI_TTL || what == WI_PARAM ||
	       what == WI_ADMIN || what == WI_SRCFAIL;
}

/* Half-open, and ICMP said something about it: the kernel's TCP has dropped it. */
static bool soft_icmp_for_request(const struct run *r, const struct finding *f)
{
	for (int i = 1; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];
		const struct look *l = r->rec[XTCP][i - 1].look;
		bool listening = false, open = false;

		for (int j = 0; j < SLOTS; j++) {
			listening |= l[j].state == TCP_LISTEN;
			open |= l[j].state && l[j].state != TCP_LISTEN &&
				l[j].state != TCP_CLOSE;
		}
		if (s->op == OP_ICMP && is_soft(s->what) && listening && !open)
			return true;
	}
	return false;
}

/* Within the window of one stack, beyond that of the other; or at the edge. */
static bool other_window(const struct run *r, const struct finding *f)
{
	int32_t x = r->rec[XTCP][f->step].in_room, k = r->rec[KERNEL][f->step].in_room;

	return step_of(r, f)->op == OP_SEGMENT && r->rec[XTCP][f->step].in_established &&
	       ((x < 0) != (k < 0) || !x || !k);
}

static bool syn_for_request(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags & WF_SYN && !(s->flags & WF_RST) &&
	       f->what == D_MISSING && f->seg[KERNEL]->flags & WF_RST &&
	       !state_before(r, f) && r->rec[XTCP][f->step].in_established;
}

const struct rule rules[] = {
	{ "icmp-request", "Soft ICMP errors do not end a request",
	  "RFC 9293 MUST-56", false, soft_icmp_for_request },
	{ "window", "Receive window", "is another one, and its edge exact", false,
	  other_window },
	{ "syn-request", "SYN within the window in SYN-RECEIVED",
	  "back to LISTEN in silence (RFC 9293 3.10.7.4)", false, syn_for_request },
	{ "ack-unsent", "ACK of what was never sent",
	  "is answered (RFC 9293 3.10.7.4, fifth check)", false, ack_of_unsent },
	{ "connect-listener", "connect() on a listening socket",
	  "turns it active (RFC 9293 3.10.1)", false, connect_on_listener },
	{ "text-after-fin", "Text after the peer's FIN",
	  "is ignored and acknowledged", false, text_after_fin },
	{ "crossed-syn", "SYN-ACK of a simultaneous open",
	  "offers only what the peer's SYN did", true, crossed_syn },
	{ "push", "PSH", "is on what empties the queue (MUST-61)", true, push_at_end },
	{ "reset-form", "RST for data after close()",
	  "has the connection's numbers, and an ACK", false, reset_with_ack },
	{ "ts-echo", "Delayed ACKs", "decide which timestamp is echoed", true,
	  echo_of_delayed },
	{ "sack-on-data", "SACK on segments with data",
	  "only where there is room", false, sack_on_data },
	{ "send-buffer", "Send buffer", "what fits is counted in another way", false,
	  send_buffer },
};

const int nrules = ARRAY_SIZE(rules);

int explain(const struct run *r, const struct finding *f)
{
	for (int i = 0; i < nrules; i++)
		if (rules[i].knows(r, f))
			return i;
	return -1;
}
