// SPDX-License-Identifier: GPL-2.0
/* Intended differences: checks of segments and ICMP errors, and answers. */
#include "explainer.h"
#include "facts.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "../lib/wire.h"

/*
 * The segment begins left of the window: below RCV.NXT, or within data or a FIN
 * that the peer sent before.
 */
static bool is_left_of_window(const struct run *r, int at)
{
	const struct record *x = r->rec[XTCP];

	for (int i = 0; i < at; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_SEGMENT && s->flow == r->sc->step[at].flow &&
		    x[at].seq - x[i].seq < (uint32_t)s->n + !!(s->flags & WF_FIN))
			return true;
	}
	return x[at].in_seq < 0;
}

/*
 * The segment begins left of the window. The kernel's TCP accepts it if it ends
 * at or after the number that it last acknowledged.
 */
static bool taken_by_its_end(const struct run *r, int at)
{
	const struct step *s = &r->sc->step[at];
	int32_t end = r->rec[KERNEL][at].in_seq + s->n + !!(s->flags & WF_FIN);

	return s->op == OP_SEGMENT && !(s->flags & (WF_SYN | WF_RST)) && end >= 0 &&
	       is_left_of_window(r, at);
}

static bool ends_at_rcv_nxt(const struct run *r, const struct finding *f)
{
	bool urgent = step_of(r, f)->flags & WF_URG;

	if (taken_by_its_end(r, f->step) &&
	    (only_xtcp_acks(f) || f->what == D_OUTQ || f->what == D_STATE ||
	     (urgent && (f->what == D_POLL || f->what == D_INQ)) ||
	     r->rec[KERNEL][f->step].in_seq < 0))
		return true;
	/* The kernel's TCP has used its ACK, window and urgent pointer. */
	for (int i = 0; i <= f->step; i++) {
		urgent = r->sc->step[i].flags & WF_URG;
		if (taken_by_its_end(r, i) &&
		    (is_sending(f) || asks(r, f, SOL_SOCKET, SO_ERROR) ||
		     (urgent && (only_polls(r, f, POLLPRI | POLLIN) || f->what == D_INQ))))
			return true;
	}
	return false;
}

static bool ack_of_unsent(const struct run *r, const struct finding *f)
{
	return is_segment(r, f) && only_xtcp_acks(f) &&
	       r->rec[XTCP][f->step].in_ack > 0;
}

/* The kernel's TCP drops the segment silently. */
static bool silent_ack_of_unsent(const struct run *r, const struct finding *f)
{
	return ack_of_unsent(r, f) && !r->rec[KERNEL][f->step].nseen;
}

/*
 * An ACK number equal to ISS: the kernel's TCP takes it for an old ACK, and accepts the
 * data of the segment.
 */
static bool ack_of_iss(const struct run *r, const struct finding *f)
{
	if (is_segment(r, f) && !r->rec[XTCP][f->step].ack &&
	    (only_xtcp_acks(f) || f->what == D_SACK || only_polls(r, f, POLLIN) ||
	     (f->what == D_FLAGS && f->seg[KERNEL]->flags & WF_RST)))
		return true;
	for (int i = 0; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_SEGMENT && s->flags & WF_ACK && !r->rec[XTCP][i].ack &&
		    (s->n || s->flags & WF_FIN) && !(s->flags & (WF_SYN | WF_RST)))
			return f->what == D_ACK || f->what == D_INQ;
	}
	return false;
}

/* RFC 5961 5.2 applies in TIME-WAIT, too. */
static bool old_ack_in_time_wait(const struct run *r, const struct finding *f)
{
	return is_segment(r, f) && only_xtcp_acks(f) && !state_before(r, f) &&
	       r->rec[XTCP][f->step].in_established && step_of(r, f)->ack < 0;
}

/* A FIN with such an old ACK is dropped, too. */
static bool fin_with_old_ack(const struct run *r, const struct finding *f)
{
	if (f->what != D_ACK || state_before(r, f))
		return false;
	for (int i = 0; i <= f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].flags & WF_FIN &&
		    r->sc->step[i].ack < 0)
			return true;
	return false;
}

/* CLOSE-WAIT and later states: the peer has sent FIN. */
static bool peer_closed(int state)
{
	return state == TCP_CLOSE_WAIT || state == TCP_CLOSING || state == TCP_LAST_ACK;
}

/* The segment begins beyond a FIN of the peer, which may be out of order. */
static bool beyond_fin(const struct run *r, int at)
{
	for (int i = 0; i < at; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_SEGMENT && s->flags & WF_FIN &&
		    s->flow == r->sc->step[at].flow &&
		    (int32_t)(r->rec[XTCP][at].place - r->rec[XTCP][i].place) > s->n)
			return true;
	}
	return false;
}

/*
 * After its FIN, the peer sends data that covers the number of the FIN. A stack
 * keeps either the FIN or the data.
 */
static bool text_for_fin(const struct run *r, const struct finding *f)
{
	if (!(f->what == D_STATE || f->what == D_INQ || f->what == D_ACK))
		return false;
	for (int i = 0; i < f->step; i++) {
		const struct step *fin = &r->sc->step[i];
		uint32_t number = r->rec[XTCP][i].place + fin->n;

		if (fin->op != OP_SEGMENT || !(fin->flags & WF_FIN))
			continue;
		for (int j = i + 1; j <= f->step; j++)
			if (r->sc->step[j].op == OP_SEGMENT &&
			    r->sc->step[j].flow == fin->flow &&
			    number - r->rec[XTCP][j].place <
			    (uint32_t)r->sc->step[j].n)
				return true;
	}
	return false;
}

/* The kernel's TCP has accepted data or a FIN beyond the peer's FIN. */
static bool took_more(const struct run *r, const struct finding *f)
{
	const struct look *x, *k;

	if (f->what == D_INQ) {
		x = &r->rec[XTCP][f->step].look[f->slot];
		k = &r->rec[KERNEL][f->step].look[f->slot];
		if (k->inq < x->inq)
			return false;
	} else if (f->what != D_ACK || f->seg[KERNEL]->ack - f->seg[XTCP]->ack > 1 << 16) {
		return false;
	}
	for (int i = 1; i <= f->step; i++)
		for (int j = 0; j < SLOTS && r->sc->step[i].op == OP_SEGMENT; j++)
			if ((peer_closed(r->rec[XTCP][i - 1].look[j].state) ||
			     beyond_fin(r, i)) &&
			    (r->sc->step[i].n || r->sc->step[i].flags & WF_FIN))
				return true;
	return false;
}

static bool text_after_fin(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);
	int end = r->rec[XTCP][f->step].in_seq + s->n + !!(s->flags & WF_FIN);
	bool reset = f->what == D_FLAGS && f->seg[KERNEL]->flags == WF_RST;
	/* XTCP's ACK is not compared if it is the first that covers the FIN. */
	bool only_reset = f->what == D_MISSING && f->seg[KERNEL]->flags == WF_RST;

	if (took_more(r, f))
		return true;
	return is_segment(r, f) &&
	       (peer_closed(state_before(r, f)) || !state_before(r, f)) &&
	       ((end > 0 && only_xtcp_acks(f)) || reset || only_reset);
}

/*
 * Without ACK, RST and SYN, or with SYN and FIN but no ACK: the kernel's TCP
 * drops the segment before it checks the sequence number.
 */
static bool without_ack(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && only_xtcp_acks(f) &&
	       (!(s->flags & (WF_ACK | WF_RST | WF_SYN)) ||
		(s->flags & (WF_ACK | WF_SYN | WF_FIN)) == (WF_SYN | WF_FIN));
}

/* Simultaneous open: the peer's SYN-ACK completes the handshake. */
static bool ends_crossing(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && (s->flags & (WF_SYN | WF_ACK)) == (WF_SYN | WF_ACK) &&
	       state_before(r, f) == TCP_SYN_RECV;
}

static bool crossed_syn_ack(const struct run *r, const struct finding *f)
{
	return ends_crossing(r, f) && f->what == D_MISSING &&
	       f->seg[KERNEL]->flags == WF_ACK && !f->seg[KERNEL]->len;
}

static bool crossed_without_ts(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP];

	if (f->what == D_STATE)
		x = r->rec[XTCP][f->step].seen;
	return ends_crossing(r, f) && step_of(r, f)->ts <= 0 && x && x->ts &&
	       (f->what == D_STATE || f->what == D_SACK || f->what == D_FLAGS);
}

/*
 * RFC 6093: the pointer is one beyond the urgent octet. Zero means an octet
 * before the segment.
 */
static bool urgent_zero(const struct run *r, const struct finding *f)
{
	const struct step *s = r->sc->step;
	bool zero = false;

	for (int i = 0; i <= f->step; i++)
		zero |= s[i].op == OP_SEGMENT && s[i].flags & WF_URG && !s[i].urg;
	return zero && (only_polls(r, f, POLLPRI | POLLIN) || f->what == D_INQ ||
			(step_of(r, f)->op == OP_RECV &&
			 (f->what == D_ERRNO || f->what == D_RETURN)));
}

/*
 * An urgent pointer to an octet beyond the FIN, in a segment before or after
 * it. The kernel's TCP accepts it. It replaces an earlier octet that was not
 * read, so close() finds no unread data.
 */
static bool urgent_after_fin(const struct run *r, const struct finding *f)
{
	bool aborts = step_of(r, f)->op == OP_CLOSE && f->seg[XTCP] &&
		      f->seg[XTCP]->flags & WF_RST;

	return had_flag(r, f, WF_URG) && had_flag(r, f, WF_FIN) &&
	       (only_polls(r, f, POLLPRI) || f->what == D_INQ || aborts ||
		step_of(r, f)->op == OP_RECV);
}

static bool crossed_syn(const struct run *r, const struct finding *f)
{
	return f->what == D_OPTIONS && f->seg[XTCP]->flags == (WF_SYN | WF_ACK) &&
	       state_before(r, f) && f->seg[KERNEL]->wscale >= 0;
}

static bool echo_of_delayed(const struct run *r, const struct finding *f)
{
	return f->what == D_OPTIONS &&
	       only_echo(f->seg[XTCP], f->seg[KERNEL]);
}

static bool is_soft(int what)
{
	return what == WI_NET || what == WI_HOST || what == WI_TTL || what == WI_PARAM ||
	       what == WI_ADMIN || what == WI_SRCFAIL;
}

/*
 * ICMP error for a request: the kernel's TCP drops the request if the error is soft, and
 * only then.
 */
static bool icmp_for_request(const struct run *r, const struct finding *f)
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
		if (s->op == OP_ICMP && listening && !open &&
		    (is_soft(s->what) || s->what == WI_PORT || s->what == WI_PROTO))
			return true;
	}
	return false;
}

static int sign(int32_t n)
{
	return (n > 0) - (n < 0);
}

/*
 * The segment begins or ends inside the window of one stack and outside the
 * window of the other, or it ends at or crosses the right edge.
 */
static bool at_edge(const struct run *r, int at)
{
	int32_t x = r->rec[XTCP][at].in_room, k = r->rec[KERNEL][at].in_room;
	int n = r->sc->step[at].n;

	return r->sc->step[at].op == OP_SEGMENT && r->rec[XTCP][at].in_established &&
	       (!x || !k || sign(x) != sign(k) || sign(x + n) != sign(k + n) ||
		(x < 0 && x + n > 0));
}

static bool kernel_resets(const struct finding *f)
{
	return f->what == D_FLAGS && f->seg[KERNEL]->flags & WF_RST;
}

/* Without window scaling the kernel's TCP announces 65535, but accepts more. */
static bool unsaid_window(const struct run *r, const struct finding *f)
{
	int at = step_of(r, f)->flow, win = 0;
	const struct wire_flow *flow = run_flow(KERNEL, at);

	if (step_of(r, f)->op != OP_SEGMENT || r->rec[KERNEL][f->step].in_room >= 0 ||
	    (flow->peer_ws >= 0 && flow->stack_ws >= 0))
		return false;
	for (int i = 0; i < f->step; i++)
		for (int j = 0; j < r->rec[KERNEL][i].nseen; j++)
			if (r->rec[KERNEL][i].seen[j].flow == at)
				win = r->rec[KERNEL][i].seen[j].win;
	return win == 65535 && (only_xtcp_acks(f) || f->what == D_SACK ||
				f->what == D_OUTQ || kernel_resets(f) ||
				(is_reset(r, f) && only_kernel_acks(f)));
}

static bool other_window(const struct run *r, const struct finding *f)
{
	bool numbers = f->what == D_LATE_ACK || f->what == D_ACK || f->what == D_INQ ||
		       f->what == D_SACK || f->what == D_STATE ||
		       only_xtcp_acks(f) || only_kernel_acks(f) ||
		       (f->what == D_EXTRA && f->seg[XTCP]->flags & WF_RST) ||
		       (f->what == D_RETURN && step_of(r, f)->op == OP_RECV);

	for (int i = 0; i < f->step && numbers; i++)
		if (at_edge(r, i))
			return true;
	/* The options have changed the window, but it was not announced yet. */
	if (step_of(r, f)->op == OP_SEGMENT && r->rec[XTCP][f->step].in_room < 0 &&
	    (was_set(r, f, TCP_WINDOW_CLAMP) || was_set(r, f, SO_RCVBUF)))
		return true;
	return at_edge(r, f->step) || unsaid_window(r, f);
}

static bool syn_for_request(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags & WF_SYN && !(s->flags & WF_RST) &&
	       f->what == D_MISSING && f->seg[KERNEL]->flags & WF_RST &&
	       !state_before(r, f) && r->rec[XTCP][f->step].in_established;
}

/*
 * SYN-ACK for a request, with the number of the first SYN: XTCP drops it
 * silently. The kernel's TCP accepts the data after the SYN.
 */
static bool syn_ack_for_request(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags & WF_SYN && s->flags & WF_ACK &&
	       only_kernel_acks(f) && !state_before(r, f) &&
	       r->rec[XTCP][f->step].in_established &&
	       r->rec[XTCP][f->step].in_seq == -1;
}

/*
 * After a FIN of the peer, the kernel's TCP reports data in SACK blocks that it
 * has already dropped.
 */
static bool sack_beyond_fin(const struct run *r, const struct finding *f)
{
	const struct seen *k = f->seg[KERNEL];
	bool told = k && k->flags == WF_ACK && !k->len && k->nsack;

	return had_flag(r, f, WF_FIN) &&
	       ((told && (f->what == D_MISSING || f->what == D_FLAGS)) ||
		(only_xtcp_acks(f) && f->seg[XTCP]->nsack) || f->what == D_SACK);
}

static bool text_in_time_wait(const struct run *r, const struct finding *f)
{
	return only_kernel_acks(f) && is_segment(r, f) && !state_before(r, f) &&
	       r->rec[XTCP][f->step].in_established && !r->rec[XTCP][f->step].nseen;
}

/* The segment is older than an earlier one with another window. */
static bool window_is_old(const struct run *r, int at)
{
	const struct step *s = &r->sc->step[at];

	for (int i = 0; i < at; i++) {
		const struct step *o = &r->sc->step[i];

		if (o->op == OP_SEGMENT && o->flags & WF_ACK && o->flow == s->flow &&
		    o->win != s->win &&
		    (int32_t)(r->rec[XTCP][i].seq - r->rec[XTCP][at].seq) > 0)
			return true;
	}
	return false;
}

/* RFC 9293 3.10.7.4: the older window is ignored, so snd_wnd differs. */
static bool older_window(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];

	if (!is_sending(f) || n->flags & (WF_SYN | WF_RST))
		return false;
	for (int i = 0; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_SEGMENT && s->flags & WF_ACK &&
		    !(s->flags & (WF_SYN | WF_RST)) && window_is_old(r, i))
			return true;
	}
	return false;
}

/* In TIME-WAIT a RST inside the window, but not at RCV.NXT, gets a challenge ACK. */
static bool challenge_in_time_wait(const struct run *r, const struct finding *f)
{
	return is_reset(r, f) && only_xtcp_acks(f) && !state_before(r, f) &&
	       r->rec[XTCP][f->step].in_seq > 0;
}

/*
 * RFC 5961 3.2: a RST is accepted only at RCV.NXT. The kernel's TCP also
 * accepts it at the end of its out-of-order data, and just before a FIN.
 */
static bool reset_elsewhere(const struct run *r, const struct finding *f)
{
	if (!is_reset(r, f) || !(f->what == D_STATE || only_xtcp_acks(f)))
		return false;
	for (int i = 0; i < SLOTS; i++)
		if (r->rec[KERNEL][f->step].look[i].state == TCP_CLOSE &&
		    r->rec[XTCP][f->step].look[i].state != TCP_CLOSE)
			return true;
	return false;
}

/*
 * An entry in FIN-WAIT-2, TIME-WAIT or LAST-ACK that the kernel's TCP has dropped for a RST
 * that was not at RCV.NXT, or that only touched the window.
 */
static bool reset_ended_entry(const struct run *r, const struct finding *f)
{
	if (!(f->what == D_EXTRA || f->what == D_MISSING || f->what == D_FLAGS) ||
	    state_before(r, f) ||
	    (f->seg[KERNEL] && !(f->seg[KERNEL]->flags & (WF_RST | WF_SYN))))
		return false;
	for (int i = 0; i < f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].flags & WF_RST &&
		    r->rec[XTCP][i].in_established && r->rec[XTCP][i].in_seq)
			return true;
	return false;
}

/* The RST begins left of the window and ends in it, or there is no socket. */
static bool reset_at_left_edge(const struct run *r, const struct finding *f)
{
	return is_reset(r, f) && only_kernel_acks(f) &&
	       (is_left_of_window(r, f->step) || !state_before(r, f));
}

/*
 * After SHUT_RD the kernel's TCP answers a FIN out of order with RST, like
 * data. Only data needs a reader (RFC 9293 SHLD-3).
 */
static bool fin_without_reader(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return is_segment(r, f) && s->flags & WF_FIN && !s->n &&
	       ((f->what == D_FLAGS && f->seg[XTCP]->flags & WF_ACK) ||
		f->what == D_MISSING) &&
	       f->seg[KERNEL]->flags == WF_RST && r->rec[XTCP][f->step].in_seq >= 0;
}

/*
 * The number of the urgent octet is just before this segment, where its header
 * is in memory.
 */
static bool lies_in_header(const struct run *r, int at)
{
	for (int i = 0; i <= at; i++) {
		const struct step *s = &r->sc->step[i];
		uint32_t urgent = r->rec[XTCP][i].place + s->urg - 1;

		if (s->op == OP_SEGMENT && s->flags & WF_URG &&
		    r->sc->step[at].op == OP_SEGMENT &&
		    r->rec[XTCP][at].place - urgent - 1 < 60)
			return true;
	}
	return false;
}

/*
 * The kernel's TCP takes the urgent octet from a header. accept() may return a
 * socket with this event later.
 */
static bool urgent_in_header(const struct run *r, const struct finding *f)
{
	if (!only_polls(r, f, POLLPRI) ||
	    !(r->rec[KERNEL][f->step].look[f->slot].poll & POLLPRI))
		return false;
	for (int i = 0; i < f->step && step_of(r, f)->op == OP_ACCEPT; i++)
		if (lies_in_header(r, i))
			return true;
	return is_segment(r, f) && lies_in_header(r, f->step);
}

/* TIME-WAIT of the kernel's TCP ends at the next tick of its timer wheel. */
static bool time_wait_is_over(const struct run *r, const struct finding *f)
{
	long waited = 0;

	for (int i = 0; i < f->step; i++)
		if (r->sc->step[i].op == OP_WAIT)
			waited += r->sc->step[i].n;
	return waited > 59000 && step_of(r, f)->op == OP_SEGMENT && !state_before(r, f) &&
	       (f->what == D_FLAGS || f->what == D_EXTRA) &&
	       f->seg[XTCP]->flags & WF_RST;
}

static bool syn_at_rcv_nxt(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags == WF_SYN && f->what == D_FLAGS &&
	       f->seg[XTCP]->flags & (WF_SYN | WF_RST) &&
	       f->seg[KERNEL]->flags == WF_ACK && !state_before(r, f) &&
	       !r->rec[XTCP][f->step].in_seq;
}

/* FIN-WAIT-2 of an orphan: RFC 5961 4.2 applies there, too. */
static bool syn_for_orphan(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags & WF_SYN && !state_before(r, f) &&
	       f->what == D_FLAGS && f->seg[XTCP]->flags == WF_ACK &&
	       f->seg[KERNEL]->flags & WF_RST && r->rec[XTCP][f->step].in_established;
}

/* RFC 7323 4.3 (2) checks only the sequence number of the segment. */
static bool echo_in_time_wait(const struct run *r, const struct finding *f)
{
	return f->what == D_OPTIONS && step_of(r, f)->op == OP_SEGMENT &&
	       !state_before(r, f) && only_echo(f->seg[XTCP], f->seg[KERNEL]);
}

/*
 * RFC 9293 3.10.7.4: the sequence number is checked first, the ACK fifth, in
 * SYN-RECEIVED, too.
 */
static bool request_out_of_window(const struct run *r, const struct finding *f)
{
	return is_segment(r, f) &&
	       ((f->what == D_FLAGS && f->seg[XTCP]->flags == WF_ACK) ||
		f->what == D_MISSING) &&
	       f->seg[KERNEL]->flags == WF_RST && !state_before(r, f) &&
	       r->rec[XTCP][f->step].in_seq;
}

/* RFC 7323 4.3 checks the sequence number, not the age of the ACK. */
static bool echo_with_old_ack(const struct run *r, const struct finding *f)
{
	if (f->what != D_OPTIONS || !only_echo(f->seg[XTCP], f->seg[KERNEL]))
		return false;
	for (int i = 0; i <= f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].ack < 0)
			return true;
	return false;
}

/* The right edge does not move back when the buffer is reduced (SHLD-14). */
static bool window_kept(const struct run *r, const struct finding *f)
{
	return was_set(r, f, SO_RCVBUF) &&
	       (((f->what == D_WINDOW || f->what == D_FLAGS) && f->seg[XTCP]->window &&
		 !f->seg[KERNEL]->window) ||
		((only_kernel_acks(f) || f->what == D_ACK) && !f->seg[KERNEL]->window));
}

/*
 * Duplicate data with an ACK that is too old: the stacks check the two in a
 * different order.
 */
static bool repeated_with_old_ack(const struct run *r, const struct finding *f)
{
	return is_segment(r, f) && f->what == D_SACK && !f->seg[KERNEL]->nsack &&
	       step_of(r, f)->ack < 0 && r->rec[XTCP][f->step].in_seq < 0;
}

static bool is_elsewhere(const struct run *r, int at)
{
	const struct record *x = &r->rec[XTCP][at], *k = &r->rec[KERNEL][at];

	return r->sc->step[at].op == OP_SEGMENT && (x->seq != k->seq || x->ack != k->ack);
}

/* The peer's numbers depend on the time of each stack's ACKs. */
static bool other_place(const struct run *r, const struct finding *f)
{
	bool arrived = f->what == D_ACK || f->what == D_LATE_ACK || f->what == D_INQ ||
		       f->what == D_SACK ||
		       (f->what == D_RETURN && step_of(r, f)->op == OP_RECV);

	if (asks(r, f, SOL_TCP, TCP_QUICKACK))
		return f->acks_parted;
	/* The new data may differ, and whether a RST is accepted. */
	for (int i = 0; i < f->step; i++)
		if (is_elsewhere(r, i) && ((arrived && r->sc->step[i].n) ||
					   r->sc->step[i].flags & WF_RST))
			return true;
	return is_elsewhere(r, f->step);
}

/*
 * SA-S9: a SYN-ACK may carry data; the kernel's TCP drops it until it is retransmitted.
 */
static bool text_on_syn_ack(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	return s->op == OP_SEGMENT && s->flags & WF_SYN && s->n && f->slot >= 0 &&
	       r->rec[XTCP][f->step - 1].look[f->slot].state == TCP_SYN_SENT &&
	       (only_polls(r, f, POLLIN) || f->what == D_INQ);
}

/* Without a socket XTCP sends no SACK blocks. */
static bool sack_without_socket(const struct run *r, const struct finding *f)
{
	return f->what == D_SACK && !f->seg[XTCP]->nsack && !state_before(r, f);
}

static bool lacks_timestamps(const struct run *r, int at)
{
	const struct step *s = &r->sc->step[at];
	bool agreed = false;

	/* A SYN offers timestamps; later segments and SYN-ACKs have them if agreed. */
	for (int i = 0; i < at; i++)
		for (int j = 0; j < r->rec[XTCP][i].nseen; j++) {
			const struct seen *n = &r->rec[XTCP][i].seen[j];

			if (n->flow == s->flow && !(n->flags & WF_RST))
				agreed = n->ts && n->flags & WF_ACK;
		}
	return s->op == OP_SEGMENT && s->flags & WF_ACK && agreed &&
	       !(s->flags & (WF_SYN | WF_RST)) && !r->rec[XTCP][at].had_ts;
}

/*
 * A segment lacks the agreed timestamps, in this step or before (for example
 * reopened from TIME-WAIT).
 */
static bool without_timestamps(const struct run *r, const struct finding *f)
{
	for (int i = 0; i < f->step; i++)
		if (lacks_timestamps(r, i) && is_sending(f))
			return true;
	return lacks_timestamps(r, f->step);
}

/* RFC 7323 5.3: a TSval below TS.Recent is old, also by one. */
static bool old_by_one(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP];

	return is_segment(r, f) && r->rec[XTCP][f->step].had_ts && x && x->ts &&
	       x->tsecr - r->rec[XTCP][f->step].tsval == 1 &&
	       (f->what == D_EXTRA || f->what == D_SACK || f->what == D_ACK);
}

/* The buffer is smaller than the announced window: the data accepted differs. */
static bool no_room(const struct run *r, const struct finding *f)
{
	bool took = f->what == D_ACK || f->what == D_INQ || f->what == D_SACK;

	if (!was_set(r, f, SO_RCVBUF) ||
	    !(took || (is_segment(r, f) && (only_xtcp_acks(f) || only_kernel_acks(f) ||
					    f->what == D_STATE))))
		return false;
	for (int i = 0; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_SEGMENT && (s->n || s->flags & WF_FIN) &&
		    (r->rec[XTCP][i].in_seq > 0 || was_set_before(r, i, SO_RCVBUF)))
			return true;
	}
	return false;
}

/*
 * The segment repeats data in the out-of-order queue and begins at the end of a queued
 * segment: the kernel's TCP appends it and does not detect the duplicate.
 */
static bool repeated_next_to_piece(const struct run *r, const struct finding *f)
{
	const struct step *s = step_of(r, f);

	if (f->what != D_SACK || !is_segment(r, f) || !s->n ||
	    f->seg[XTCP]->nsack <= f->seg[KERNEL]->nsack ||
	    f->seg[XTCP]->sack[0] - r->rec[XTCP][f->step].seq >= (uint32_t)s->n)
		return false;
	for (int i = 0; i < f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].n &&
		    r->rec[XTCP][i].seq + r->sc->step[i].n ==
		    r->rec[XTCP][f->step].seq)
			return true;
	return false;
}

static const struct rule rules[] = {
	{ "icmp-request", "Soft ICMP errors do not end a request",
	  "they are only noted (RFC 9293 MUST-56)", false, icmp_for_request },
	{ "window", "Receive window",
	  "the two windows differ, and so do their edges", false,
	  other_window },
	{ "no-room", "Receive buffer", "data that does not fit is acknowledged",
	  false, no_room },
	{ "repeated-piece", "Duplicate SACK",
	  "a part that arrived before is reported", true,
	  repeated_next_to_piece },
	{ "syn-request", "SYN within the window in SYN-RECEIVED",
	  "the request returns to LISTEN silently (RFC 9293 3.10.7.4)", false,
	  syn_for_request },
	{ "syn-ack-request", "SYN within the window in SYN-RECEIVED",
	  "a SYN left of the window is dropped with its data", false,
	  syn_ack_for_request },
	{ "ack-unsent", "Unacceptable ACK numbers",
	  "an ACK of unsent data is answered (RFC 9293 3.10.7.4, fifth check)",
	  true, silent_ack_of_unsent },
	{ "ack-far", "Unacceptable ACK numbers",
	  "an ACK up to 2^31 ahead counts as an ACK of unsent data", false,
	  ack_of_unsent },
	{ "ack-of-iss", "Unacceptable ACK numbers",
	  "an ACK before the first octet is answered, too", false, ack_of_iss },
	{ "old-ack-time-wait", "Unacceptable ACK numbers",
	  "they are answered in TIME-WAIT, too", true, old_ack_in_time_wait },
	{ "old-ack-orphan", "Unacceptable ACK numbers",
	  "a FIN in such a segment is not accepted", false, fin_with_old_ack },
	{ "text-after-fin", "Data after the peer's FIN",
	  "it is ignored and acknowledged", false, text_after_fin },
	{ "text-for-fin", "Data after the peer's FIN",
	  "data in the place of the FIN replaces it", false, text_for_fin },
	{ "no-flags", "The window check",
	  "it applies to segments without ACK, RST and SYN, too",
	  true, without_ack },
	{ "rst-time-wait", "RST in TIME-WAIT",
	  "it is checked as in other states (RFC 5961 3.2)", false,
	  challenge_in_time_wait },
	{ "rst-elsewhere", "RST",
	  "it is accepted at RCV.NXT only (RFC 5961 3.2)", false,
	  reset_elsewhere },
	{ "rst-left-edge", "RST",
	  "a RST left of the window is dropped (RFC 5961 3.2)", true,
	  reset_at_left_edge },
	{ "rst-orphan", "FIN-WAIT-2 without a socket",
	  "a RST that is not exact does not end it", false, reset_ended_entry },
	{ "left-edge", "The window check",
	  "empty segments at its edges are not acceptable (RFC 9293 3.10.7.4)",
	  false, ends_at_rcv_nxt },
	{ "echo-old-ack", "Timestamps",
	  "TS.Recent is updated by segments with old ACKs (RFC 7323 4.3)", true,
	  echo_with_old_ack },
	{ "window-kept", "Receive window",
	  "its right edge never moves back (RFC 9293 SHLD-14)", false,
	  window_kept },
	{ "sack-no-socket", "FIN-WAIT-2 without a socket",
	  "the entry sends no SACK blocks", true, sack_without_socket },
	{ "other-place", "Delayed ACKs",
	  "the two stacks delay ACKs differently", false, other_place },
	{ "syn-ack-text", "SYN-ACK with data",
	  "the data is accepted (RFC 9293 3.10.7.3)", false, text_on_syn_ack },
	{ "old-ack-dsack", "The window check",
	  "duplicate data is answered with a DSACK", true,
	  repeated_with_old_ack },
	{ "no-timestamps", "Segments without the agreed timestamps",
	  "they are dropped", false, without_timestamps },
	{ "old-by-one", "Timestamps",
	  "a TSval that is older by one is old (RFC 7323 5.3)", false, old_by_one },
	{ "fin-no-reader", "FIN out of order after ``shutdown()``",
	  "it is not data, and is queued", false, fin_without_reader },
	{ "urgent-in-header", "Urgent pointer",
	  "the urgent octet is never taken from a header", false,
	  urgent_in_header },
	{ "time-wait-over", "Timers", "TIME-WAIT lasts exactly 60 s", false,
	  time_wait_is_over },
	{ "syn-at-rcv-nxt", "SYN in TIME-WAIT",
	  "it may have the number after the FIN's (RFC 9293 MAY-2)", false,
	  syn_at_rcv_nxt },
	{ "syn-orphan", "FIN-WAIT-2 without a socket",
	  "a SYN gets a challenge ACK (RFC 5961 4.2)", false, syn_for_orphan },
	{ "echo-time-wait", "Timestamps", "they are echoed in TIME-WAIT, too",
	  true, echo_in_time_wait },
	{ "crossed-syn-ack", "SYN-ACK of a simultaneous open",
	  "it is not acknowledged (RFC 9293 3.5 figure 7)", true,
	  crossed_syn_ack },
	{ "crossed-no-ts", "SYN-ACK of a simultaneous open",
	  "it needs timestamps if the SYN had them (RFC 7323 3.2)", false,
	  crossed_without_ts },
	{ "urgent-zero", "Urgent pointer",
	  "zero means an octet in the past (RFC 6093)", false, urgent_zero },
	{ "urgent-after-fin", "Data after the peer's FIN",
	  "urgent data after it is ignored, too", false, urgent_after_fin },
	{ "sack-beyond-fin", "Data after the peer's FIN",
	  "it is not reported in SACK blocks", true, sack_beyond_fin },
	{ "time-wait-text", "Data after the peer's FIN",
	  "it is not answered in TIME-WAIT", true, text_in_time_wait },
	{ "older-window", "Windows of the peer",
	  "an older segment does not set it (RFC 9293 3.10.7.4, fifth check)",
	  false, older_window },
	{ "request-window", "The window check",
	  "the sequence number is checked first (RFC 9293 3.10.7.4)", false,
	  request_out_of_window },
	{ "crossed-syn", "SYN-ACK of a simultaneous open",
	  "it offers only the options of the peer's SYN", true, crossed_syn },
	{ "ts-echo", "Delayed ACKs",
	  "they determine which timestamp is echoed", true,
	  echo_of_delayed },
};

const struct rules rules_arrive = { rules, ARRAY_SIZE(rules) };
