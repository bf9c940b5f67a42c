// SPDX-License-Identifier: GPL-2.0
/* Intended differences visible to programs. */
#include "explainer.h"
#include "facts.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "../lib/wire.h"

static bool connect_on_listener(const struct run *r, const struct finding *f)
{
	return step_of(r, f)->op == OP_CONNECT && f->what == D_ERRNO &&
	       r->rec[KERNEL][f->step].err == EISCONN;
}

/*
 * SO_RCVLOWAT: the socket is readable below the mark if no more data fits. That
 * depends on the window.
 */
static bool low_water(const struct run *r, const struct finding *f)
{
	return only_polls(r, f, POLLIN) && was_set(r, f, SO_RCVLOWAT) &&
	       (was_set(r, f, TCP_WINDOW_CLAMP) || was_set(r, f, SO_RCVBUF));
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

static bool clamp_asked(const struct run *r, const struct finding *f)
{
	return asks(r, f, SOL_TCP, TCP_WINDOW_CLAMP);
}

/* After a failed connect() the kernel's TCP counts its SYN as unsent. */
static bool queue_of_closed(const struct run *r, const struct finding *f)
{
	/* An ICMP error may be in its error queue. */
	int mask = POLLOUT | (had_icmp(r, f, -1) ? POLLERR : 0);

	return (f->what == D_OUTQ || only_polls(r, f, mask)) &&
	       r->rec[XTCP][f->step].look[f->slot].state == TCP_CLOSE &&
	       !r->rec[XTCP][f->step].look[f->slot].outq;
}

/* The kernel's TCP queues the error also without IP_RECVERR. */
static bool error_queue(const struct run *r, const struct finding *f)
{
	return only_polls(r, f, POLLERR) && had_icmp(r, f, -1) &&
	       r->rec[KERNEL][f->step].look[f->slot].poll & POLLERR;
}

/* SHUTDOWN in SYN-RECEIVED of an active open (RFC 9293 3.10.4). */
static bool shutdown_in_syn_received(const struct run *r, const struct finding *f)
{
	return step_of(r, f)->op == OP_SHUTDOWN && state_before(r, f) == TCP_SYN_RECV;
}

/* An ACK clears soft errors, except in the fast path of the kernel's TCP. */
static bool soft_error_kept(const struct run *r, const struct finding *f)
{
	int said = r->rec[XTCP][f->step].ret;

	return asks(r, f, SOL_SOCKET, SO_ERROR) && (!said || said == ETIMEDOUT) &&
	       had_icmp(r, f, -1);
}

/* ABORT (RFC 9293 3.10.5): in CLOSING and LAST-ACK no RST, as both FINs were sent. */
static bool abort_at_end(const struct run *r, const struct finding *f)
{
	int state = state_before(r, f);

	return step_of(r, f)->op == OP_CLOSE && f->what == D_MISSING &&
	       f->seg[KERNEL]->flags & WF_RST &&
	       (state == TCP_LAST_ACK || state == TCP_CLOSING);
}

/*
 * A delayed ACK is sent at close(): the TIME-WAIT entry that replaces the socket has no
 * delayed ACK timer.
 */
static bool acked_by_close(const struct run *r, const struct finding *f)
{
	for (int i = 0; i < f->step && f->what == D_LATE_ACK; i++) {
		const struct record *x = &r->rec[XTCP][i], *k = &r->rec[KERNEL][i];

		if (r->sc->step[i].op == OP_CLOSE && x->nseen > k->nseen &&
		    x->seen[0].flags == WF_ACK && !x->seen[0].len)
			return true;
	}
	return false;
}

/*
 * Reading frees buffer space; the size that causes a window update is up to each stack.
 */
static bool window_update(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_MISSING ? f->seg[KERNEL] : f->seg[XTCP];

	return step_of(r, f)->op == OP_RECV && n && n->flags == WF_ACK && !n->len &&
	       (f->what == D_MISSING || f->what == D_EXTRA);
}

/* The user timeout ends the connection at its time, not at the next retransmission. */
static bool user_timeout(const struct run *r, const struct finding *f)
{
	bool gone = (f->what == D_EXTRA || f->what == D_FLAGS) &&
		    f->seg[XTCP]->flags & WF_RST;

	return was_set(r, f, TCP_USER_TIMEOUT) &&
	       (step_of(r, f)->op == OP_WAIT ?
		f->what == D_STATE || (f->what == D_MISSING &&
				       (f->seg[KERNEL]->again || f->seg[KERNEL]->other_port)) :
		gone && !state_before(r, f));
}

/* XTCP deducts options from the value only after they are agreed. */
static bool maxseg_asked(const struct run *r, const struct finding *f)
{
	int state = r->rec[XTCP][f->step].look[step_of(r, f)->slot].state;

	return asks(r, f, SOL_TCP, TCP_MAXSEG) &&
	       (state == TCP_SYN_SENT || state == TCP_CLOSE);
}

/* With little space left, the kernel's TCP reports the urgent octet alone as readable. */
static bool urgent_to_read(const struct run *r, const struct finding *f)
{
	return only_polls(r, f, POLLIN) && had_flag(r, f, WF_URG) &&
	       !r->rec[XTCP][f->step].look[f->slot].inq;
}

/*
 * shutdown() before connect() or listen(): the kernel's TCP shuts down the new
 * connection.
 */
static bool early_shutdown(const struct run *r, const struct finding *f)
{
	bool open = false, shut = false;

	for (int i = 0; i <= f->step; i++) {
		int op = r->sc->step[i].op;

		shut |= op == OP_SHUTDOWN && !open;
		open |= op == OP_LISTEN || op == OP_CONNECT;
	}
	return open && shut && f->what == D_MISSING && f->seg[KERNEL]->flags & WF_FIN;
}

/*
 * The queue of handshakes is full: XTCP sends a cookie. The kernel's TCP has syncookies 0
 * here, and sends none.
 */
static bool short_backlog(const struct run *r, const struct finding *f)
{
	return f->what == D_EXTRA && f->seg[XTCP]->flags == (WF_SYN | WF_ACK) &&
	       step_of(r, f)->op == OP_SEGMENT;
}

static bool cork_after_shutdown(const struct run *r, const struct finding *f)
{
	return asks(r, f, SOL_TCP, TCP_CORK) && !r->rec[XTCP][f->step].ret;
}

/* RST on an active open in SYN-RECEIVED (RFC 9293 3.10.7.4). */
static bool refused_in_syn_received(const struct run *r, const struct finding *f)
{
	return f->what == D_ERRNO && r->rec[XTCP][f->step].err == ECONNREFUSED &&
	       r->rec[KERNEL][f->step].err == ECONNRESET;
}

static const struct rule rules[] = {
	{ "connect-listener", "``connect()`` on a listening socket",
	  "the socket becomes active (RFC 9293 3.10.1)", false,
	  connect_on_listener },
	{ "refused", "RST in SYN-RECEIVED",
	  "after an active open it causes ECONNREFUSED", true,
	  refused_in_syn_received },
	{ "error-queue", "``IP_RECVERR``",
	  "errors are queued only if the option is set", true, error_queue },
	{ "shutdown-syn-rcvd", "``shutdown()`` in SYN-RECEIVED",
	  "it sends FIN (RFC 9293 3.10.4)", false, shutdown_in_syn_received },
	{ "soft-error", "``SO_ERROR``", "the next ACK clears a soft error",
	  true, soft_error_kept },
	{ "abort-at-end", "``close()`` in CLOSING and LAST-ACK",
	  "no RST is sent (RFC 9293 3.10.5)", false, abort_at_end },
	{ "acked-by-close", "FIN-WAIT-2 without a socket",
	  "a pending ACK is sent before (MUST-40)", true, acked_by_close },
	{ "window-update", "Receive window",
	  "an update is sent at another time", true, window_update },
	{ "user-timeout", "Timers", "the end of TCP_USER_TIMEOUT is exact",
	  false, user_timeout },
	{ "clamp", "Receive window",
	  "TCP_WINDOW_CLAMP returns the value that was set", true,
	  clamp_asked },
	{ "outq-closed", "``SIOCOUTQ``", "it is zero if nothing is queued",
	  true, queue_of_closed },
	{ "maxseg-asked", "``TCP_MAXSEG``",
	  "it counts no options before they are agreed on", true,
	  maxseg_asked },
	{ "backlog", "``listen()``", "a full queue of handshakes is answered with cookies",
	  false, short_backlog },
	{ "urgent-to-read", "Urgent pointer",
	  "the urgent octet does not make the socket readable", false,
	  urgent_to_read },
	{ "early-shutdown", "``shutdown()`` without a connection",
	  "it has no effect later", false, early_shutdown },
	{ "cork-shutdown", "``TCP_CORK``", "shutdown() clears it", true,
	  cork_after_shutdown },
	{ "low-water", "Receive window",
	  "it determines when SO_RCVLOWAT is reached", true, low_water },
	{ "send-buffer", "Send buffer",
	  "the overhead of data is counted differently", false, send_buffer },
};

const struct rules rules_call = { rules, ARRAY_SIZE(rules) };
