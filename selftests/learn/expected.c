// SPDX-License-Identifier: GPL-2.0
/*
 * The replies that follow from the state table. States, actions and errors are
 * those of core/fsm.c. This file maps inputs to events, by RFC 9293 unless
 * another source is named, and adds the effects of calls and segments without
 * an event.
 */
#include "expected.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fsm.h"

/**
 * struct tcp - all that is visible to the user and the peer
 * @state: of the connection; XTCP_LISTEN or XTCP_CLOSED if there is none
 * @file: the user has a socket
 * @opened: listen() or connect() was called
 * @listens: the socket is a listener
 * @queued: a connection is in the accept queue, possibly closed
 * @unread: the connection in the queue has an unread octet
 * @ended: ... an unread end of file
 * @error: ... this SO_ERROR
 * @half: half of 2MSL has passed
 */
struct tcp {
	u8 state;
	bool file;
	bool opened;
	bool listens;
	bool queued;
	bool unread;
	bool ended;
	u8 error;
	bool half;
};

#define ROWS_MAX	256

static bool row_used[ROWS_MAX];

/* Events */

static const struct {
	u16 action;
	const char *segment;
} sends[] = {
	{ XTCP_ACT_SND_SYN, "SYN" },
	{ XTCP_ACT_SND_SYN_ACK, "SYN-ACK" },
	{ XTCP_ACT_SND_ACK, "ACK" },
	{ XTCP_ACT_SND_FIN, "FIN" },
	{ XTCP_ACT_SND_RST, "RST" },
};

static bool is_request(u8 state)
{
	return state == XTCP_SYN_RCVD_PASSIVE;
}

/* Effects of a row that the user sees: now, or after accept(). */
static void tell_user(struct tcp *t, const struct xtcp_row *row, struct reply *r)
{
	bool eof = row->actions & XTCP_ACT_EOF;

	if (is_request(row->state) && row->actions & XTCP_ACT_CONNECTED)
		t->queued = true;
	if (!t->file)
		return;
	if (row->actions & XTCP_ACT_CONNECTED)
		r->up = true;
	if (t->queued) {
		t->ended |= eof;
		t->error = row->error ?: t->error;
		return;
	}
	r->eof |= eof;
	r->error = row->error ?: r->error;
}

/* Return: true if the table has a row for the event. */
static bool event(struct tcp *t, u8 what, struct reply *r)
{
	const struct xtcp_row *row = xtcp_fsm_row(t->state, what);
	u32 i;

	if (!row)
		return false;
	row_used[row - xtcp_fsm] = true;
	for (i = 0; i < ARRAY_SIZE(sends); i++)
		if (row->actions & sends[i].action)
			reply_segment(r, sends[i].segment);
	tell_user(t, row, r);
	if (row->actions & XTCP_ACT_WAIT_2MSL)
		t->half = false;
	t->state = row->next;
	return true;
}

/* The end of a connection leaves its listener in LISTEN. */
static void fall_back(struct tcp *t)
{
	if (t->state == XTCP_CLOSED && t->listens)
		t->state = XTCP_LISTEN;
	if (t->state != XTCP_TIME_WAIT)
		t->half = false;
}

/* Calls */

/*
 * close() of a listener: requests are dropped silently, connections in the
 * accept queue are reset (3.10.4, 3.10.5 for each), then the listener is
 * closed.
 */
static void end_listener(struct tcp *t, u8 what, struct reply *r)
{
	if (is_request(t->state))
		event(t, XTCP_EV_CLOSE, r);
	else if (t->state != XTCP_LISTEN)
		event(t, XTCP_EV_ABORT, r);
	t->state = XTCP_LISTEN;
	event(t, what, r);
	t->listens = false;
	t->queued = false;
	t->unread = false;
	t->ended = false;
	t->error = 0;
}

static int do_listen(struct tcp *t, struct reply *r)
{
	if (t->opened)
		return NOT_CALLED;
	event(t, XTCP_EV_PASSIVE_OPEN, r);
	t->opened = true;
	t->listens = true;
	return 0;
}

static int do_connect(struct tcp *t, struct reply *r)
{
	if (t->listens)
		end_listener(t, XTCP_EV_ACTIVE_OPEN, r);
	else if (!t->opened)
		event(t, XTCP_EV_ACTIVE_OPEN, r);
	else
		return NOT_CALLED;
	t->opened = true;
	return 0;
}

/* IN_ACCEPT also closes the listener, without a segment or another effect. */
static int do_accept(struct tcp *t, struct reply *r)
{
	if (!t->listens)
		return NOT_CALLED;
	if (!t->queued)
		return -EAGAIN;
	r->data = t->unread;
	r->error = t->error;
	/* After an error the end of file is not reported. */
	r->eof = t->ended && !t->error;
	if (t->state == XTCP_LISTEN)
		t->state = XTCP_CLOSED;
	t->listens = false;
	t->queued = false;
	t->unread = false;
	t->ended = false;
	t->error = 0;
	return 0;
}

/*
 * POSIX: ENOTCONN if the socket is not connected, or no longer. SYN-SENT:
 * ABORT, as by connect(AF_UNSPEC), and ECONNRESET. No effect on a listener.
 */
static int do_shutdown(struct tcp *t, struct reply *r)
{
	switch (t->state) {
	case XTCP_CLOSED:
	case XTCP_TIME_WAIT:
		return -ENOTCONN;
	case XTCP_SYN_SENT:
		event(t, XTCP_EV_ABORT, r);
		r->error = ECONNRESET;
		return 0;
	default:
		if (!t->listens)
			event(t, XTCP_EV_CLOSE, r);
		return 0;
	}
}

/* In TIME-WAIT the socket is already detached (3.6.1). */
static int do_close(struct tcp *t, u8 what, struct reply *r)
{
	t->file = false;
	if (t->listens)
		end_listener(t, what, r);
	else if (t->state != XTCP_TIME_WAIT)
		event(t, what, r);
	return 0;
}

static int call(struct tcp *t, int input, struct reply *r)
{
	if (!t->file)
		return NOT_CALLED;
	switch (input) {
	case IN_LISTEN:
		return do_listen(t, r);
	case IN_CONNECT:
		return do_connect(t, r);
	case IN_ACCEPT:
		return do_accept(t, r);
	case IN_SHUTDOWN:
		return do_shutdown(t, r);
	case IN_CLOSE:
		return do_close(t, XTCP_EV_CLOSE, r);
	default:
		return do_close(t, XTCP_EV_ABORT, r);
	}
}

/* SEGMENT ARRIVES (3.10.7) */

/**
 * struct arrival - a segment, relative to the connection
 * @old: left of RCV.NXT; otherwise at RCV.NXT, or a SYN in the window
 * @acks_fin: acknowledges our FIN, if it was sent
 */
struct arrival {
	bool syn, ack, fin, rst, data;
	bool old;
	bool acks_fin;
};

static bool had_fin(u8 state)
{
	return state == XTCP_CLOSE_WAIT || state == XTCP_CLOSING ||
	       state == XTCP_LAST_ACK || state == XTCP_TIME_WAIT;
}

/* The segment that the peer sends for an input: see alphabet.h. */
static struct arrival arrival_of(const struct tcp *t, int input)
{
	struct arrival a = {
		.syn = input == IN_SYN || input == IN_SYN_AGAIN || input == IN_SYN_ACK,
		.fin = input == IN_FIN || input == IN_FIN_CROSSING,
		.data = input == IN_DATA,
		.rst = input == IN_RST,
	};

	a.ack = !a.syn || input == IN_SYN_ACK;
	a.old = input == IN_SYN_AGAIN || input == IN_SYN_ACK ||
		((a.fin || a.data) && had_fin(t->state));
	a.acks_fin = input == IN_ACK || input == IN_FIN;
	return a;
}

/* 3.10.7.1 */
static void arrives_closed(const struct arrival *a, struct reply *r)
{
	if (!a->rst)
		reply_segment(r, "RST");
}

/* 3.10.7.2; SYNs are dropped while the accept queue is full. */
static void arrives_listen(struct tcp *t, const struct arrival *a, struct reply *r)
{
	if (a->rst)
		return;
	if (a->ack)
		reply_segment(r, "RST");
	else if (a->syn && !t->queued)
		event(t, XTCP_EV_RCV_SYN, r);
}

/* 3.10.7.3 */
static void arrives_syn_sent(struct tcp *t, const struct arrival *a, struct reply *r)
{
	if (a->rst)
		event(t, XTCP_EV_RCV_RST, r);
	else if (a->syn)
		event(t, a->ack ? XTCP_EV_RCV_SYN_ACK : XTCP_EV_RCV_SYN, r);
}

/* 3.10.7.4 first: an unacceptable segment is answered and dropped. */
static void arrives_old(struct tcp *t, const struct arrival *a, struct reply *r)
{
	if (is_request(t->state) && a->syn && !a->ack)
		/* Our answer was lost (3.8.1). */
		reply_segment(r, "SYN-ACK");
	else if (t->state == XTCP_SYN_RCVD && a->syn && a->ack)
		/* The SYN-ACK crossed ours (3.5, figure 7). */
		event(t, XTCP_EV_RCV_ACK_OF_SYN, r);
	else if (t->state == XTCP_TIME_WAIT && a->fin)
		event(t, XTCP_EV_RCV_FIN, r);
	else
		/* Also the challenge ACK for a SYN (RFC 5961 4.2). */
		reply_segment(r, "ACK");
}

/* Fourth: a SYN in the window. */
static void arrives_syn(struct tcp *t, struct reply *r)
{
	if (is_request(t->state))
		event(t, XTCP_EV_RCV_SYN, r);
	else
		/* RFC 5961 4.2; also in TIME-WAIT: there is no listener. */
		reply_segment(r, "ACK");
}

/* Fifth */
static void arrives_ack(struct tcp *t, const struct arrival *a, struct reply *r)
{
	if (t->state == XTCP_SYN_RCVD || is_request(t->state))
		event(t, XTCP_EV_RCV_ACK_OF_SYN, r);
	else if (a->acks_fin)
		event(t, XTCP_EV_RCV_ACK_OF_FIN, r);
}

/* Seventh. Data after close() is lost, so RST is sent (3.6.1). */
static void arrives_text(struct tcp *t, struct reply *r)
{
	if (!t->file) {
		event(t, XTCP_EV_ABORT, r);
		return;
	}
	reply_segment(r, "ACK");
	if (t->queued)
		t->unread = true;
	else
		r->data = true;
}

static void arrives_synchronized(struct tcp *t, const struct arrival *a,
				 struct reply *r)
{
	if (a->old) {
		arrives_old(t, a, r);
	} else if (a->rst) {
		/* Second; no row in TIME-WAIT (RFC 1337 3). */
		event(t, XTCP_EV_RCV_RST, r);
	} else if (a->syn) {
		arrives_syn(t, r);
	} else {
		arrives_ack(t, a, r);
		if (a->data)
			arrives_text(t, r);
		if (a->fin)
			event(t, XTCP_EV_RCV_FIN, r);
	}
}

static void arrives(struct tcp *t, int input, struct reply *r)
{
	struct arrival a = arrival_of(t, input);

	switch (t->state) {
	case XTCP_CLOSED:
		arrives_closed(&a, r);
		break;
	case XTCP_LISTEN:
		arrives_listen(t, &a, r);
		break;
	case XTCP_SYN_SENT:
		arrives_syn_sent(t, &a, r);
		break;
	default:
		arrives_synchronized(t, &a, r);
		break;
	}
}

/* Timeouts (3.10.8) */

static void time_passes(struct tcp *t, struct reply *r)
{
	switch (t->state) {
	case XTCP_ESTABLISHED:
	case XTCP_CLOSE_WAIT:
		/* Nothing in flight. */
		break;
	case XTCP_FIN_WAIT_2:
		/* 3.6.1: no time limit while the socket has a user. */
		if (!t->file)
			event(t, XTCP_EV_TIMEOUT, r);
		break;
	case XTCP_TIME_WAIT:
		if (t->half)
			event(t, XTCP_EV_2MSL, r);
		else
			t->half = true;
		break;
	default:
		event(t, XTCP_EV_TIMEOUT, r);
		break;
	}
}

/* Complete steps */

static int step(struct tcp *t, int input)
{
	struct reply r;

	reply_clear(&r);
	if (input < INPUT_CALLS)
		r.call = call(t, input, &r);
	else if (input == IN_TIME)
		time_passes(t, &r);
	else
		arrives(t, input, &r);
	fall_back(t);
	return reply_number(&r, input);
}

/* memset(): states are compared with memcmp(), padding included. */
static void begin(struct tcp *t)
{
	memset(t, 0, sizeof(*t));
	t->state = XTCP_CLOSED;
	t->file = true;
}

static int find(struct tcp *all, int *n, const struct tcp *t)
{
	int i;

	for (i = 0; i < *n; i++)
		if (!memcmp(&all[i], t, sizeof(*t)))
			return i;
	if (*n == STATES_MAX) {
		fprintf(stderr, "the table gives more than %d states\n", STATES_MAX);
		exit(2);
	}
	all[(*n)++] = *t;
	return i;
}

void expected_machine(struct machine *m)
{
	static struct tcp all[STATES_MAX];
	struct tcp t;
	int head, i;

	memset(m, 0, sizeof(*m));
	begin(&t);
	find(all, &m->states, &t);
	for (head = 0; head < m->states; head++)
		for (i = 0; i < INPUTS; i++) {
			t = all[head];
			m->reply[head][i] = step(&t, i);
			m->next[head][i] = find(all, &m->states, &t);
		}
	machine_minimise(m);
}

int expected_rows(void)
{
	int n = 0;
	u32 i;

	for (i = 0; i < xtcp_fsm_rows; i++) {
		if (row_used[i])
			n++;
		else
			printf("# no word reaches the row %s %s\n",
			       xtcp_state_name(xtcp_fsm[i].state),
			       xtcp_event_name(xtcp_fsm[i].event));
	}
	return n;
}

static struct tcp one;

void expected_reset(void)
{
	begin(&one);
}

int expected_step(int input)
{
	return step(&one, input);
}
