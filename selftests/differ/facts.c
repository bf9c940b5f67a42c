// SPDX-License-Identifier: GPL-2.0
#include "facts.h"

#include <netinet/tcp.h>

#include "../lib/wire.h"

const struct step *step_of(const struct run *r, const struct finding *f)
{
	return &r->sc->step[f->step];
}

bool is_segment(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags & WF_ACK && !(s->flags & (WF_SYN | WF_RST));
}

bool asks(const struct run *r, const struct finding *f, int level, int opt)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_GET && options[s->what].level == level &&
	       options[s->what].opt == opt;
}

bool is_reset(const struct run *r, const struct finding *f)
{
	return step_of(r, f)->op == OP_SEGMENT && step_of(r, f)->flags & WF_RST;
}

bool only_xtcp_acks(const struct finding *f)
{
	return f->what == D_EXTRA && (f->seg[XTCP]->flags & ~WF_URG) == WF_ACK &&
	       !f->seg[XTCP]->len;
}

bool only_kernel_acks(const struct finding *f)
{
	return f->what == D_MISSING && (f->seg[KERNEL]->flags & ~WF_URG) == WF_ACK &&
	       !f->seg[KERNEL]->len;
}

/*
 * The flow of a socket, or -1. In SYN-SENT getpeername() fails: the flow is
 * that of connect().
 */
static int flow_of_slot(const struct run *r, int slot, int at)
{
	int flow = r->rec[XTCP][at].look[slot].flow;

	for (int i = 0; i <= at && r->rec[XTCP][at].look[slot].state == TCP_SYN_SENT; i++)
		if (r->sc->step[i].op == OP_CONNECT && r->sc->step[i].slot == slot)
			flow = r->sc->step[i].flow;
	return flow;
}

int state_before(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	for (int i = 0; i < SLOTS && f->step; i++) {
		const struct look *l = &r->rec[XTCP][f->step - 1].look[i];
		int flow = flow_of_slot(r, i, f->step - 1);

		if ((s->op == OP_SEGMENT || s->op == OP_ICMP) && flow >= 0 &&
		    flow != s->flow)
			continue;
		if (l->state && l->state != TCP_LISTEN && l->state != TCP_CLOSE)
			return l->state;
	}
	return 0;
}

bool has_socket(const struct run *r, int flow, int at)
{
	for (int i = 0; i < SLOTS && at > 0; i++) {
		int state = r->rec[XTCP][at - 1].look[i].state;

		if (state && state != TCP_LISTEN && state != TCP_CLOSE &&
		    flow_of_slot(r, i, at - 1) == flow)
			return true;
	}
	return false;
}

bool is_sending(const struct finding *f)
{
	return f->what == D_EXTRA || f->what == D_MISSING || f->what == D_LEN ||
	       f->what == D_SEQ || f->what == D_TIME || f->what == D_FLAGS;
}

bool had_flag(const struct run *r, const struct finding *f, int flag)
{
	for (int i = 0; i <= f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].flags & flag)
			return true;
	return false;
}

bool had_icmp(const struct run *r, const struct finding *f, int what)
{
	for (int i = 0; i <= f->step; i++)
		if (r->sc->step[i].op == OP_ICMP &&
		    (what < 0 || r->sc->step[i].what == what))
			return true;
	return false;
}

bool only_polls(const struct run *r, const struct finding *f, int mask)
{
	return f->what == D_POLL &&
	       !((r->rec[XTCP][f->step].look[f->slot].poll ^
		  r->rec[KERNEL][f->step].look[f->slot].poll) & ~mask);
}

bool was_set_before(const struct run *r, int at, int opt)
{
	for (int i = 0; i <= at; i++)
		if (r->sc->step[i].op == OP_SET && options[r->sc->step[i].what].opt == opt)
			return true;
	return false;
}

bool was_set(const struct run *r, const struct finding *f, int opt)
{
	return was_set_before(r, f->step, opt);
}

bool only_echo(const struct seen *a, const struct seen *b)
{
	return a->ts && b->ts && a->tsecr != b->tsecr && a->mss == b->mss &&
	       (a->wscale < 0) == (b->wscale < 0) && a->sackok == b->sackok;
}
