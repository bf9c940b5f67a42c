// SPDX-License-Identifier: GPL-2.0
/* Intended differences in segments sent, and in their times. */
#include "explainer.h"
#include "facts.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "../lib/wire.h"

static bool behind(const struct run *r, int at)
{
	for (int i = 0; i < SLOTS && at >= 0; i++)
		if (r->rec[XTCP][at].look[i].cwnd < r->rec[KERNEL][at].look[i].cwnd &&
		    r->rec[XTCP][at].look[i].state != TCP_LISTEN)
			return true;
	return false;
}

/* After close() there is no socket: cwnd is unknown. */
static bool closed_behind(const struct run *r, const struct finding *f)
{
	bool closed = false;

	for (int i = 0; i < f->step; i++)
		closed |= r->sc->step[i].op == OP_CLOSE;
	return closed && f->what == D_MISSING && !f->seg[KERNEL]->again &&
	       step_of(r, f)->op == OP_SEGMENT && r->rec[XTCP][f->step].nseen;
}

/*
 * Slow start counts bytes: an ACK adds at most two segments to cwnd (RFC 3465),
 * and less than one if it acknowledges less. Data sent later differs, too.
 */
static bool slow_start(const struct run *r, const struct finding *f)
{
	bool text = f->what == D_SEQ || (f->seg[XTCP] && f->seg[XTCP]->len) ||
		    (f->seg[KERNEL] &&
		     (f->seg[KERNEL]->len || f->seg[KERNEL]->flags & WF_FIN));

	return text && (closed_behind(r, f) || behind(r, f->step) || behind(r, f->step - 1));
}

/* XTCP sets PSH on a segment that empties the queue, also after MSG_MORE. */
static bool push_at_end(const struct run *r, const struct finding *f)
{
	return f->what == D_FLAGS &&
	       (f->seg[XTCP]->flags ^ f->seg[KERNEL]->flags) == WF_PSH &&
	       f->seg[XTCP]->flags & WF_PSH;
}

/* Segments that are cut anew for a smaller MSS have it at the end, not where each did. */
static bool push_of_smaller(const struct run *r, const struct finding *f)
{
	bool smaller = false;

	for (int i = 0; i < f->step; i++)
		smaller |= r->sc->step[i].op == OP_ICMP &&
			   r->sc->step[i].what == WI_TOOBIG;
	return smaller && f->what == D_FLAGS && f->seg[KERNEL]->flags & WF_PSH &&
	       (f->seg[XTCP]->flags ^ f->seg[KERNEL]->flags) == WF_PSH;
}

/*
 * Both answer with RST: XTCP for the connection, the kernel's TCP as if there
 * were no connection.
 */
static bool reset_with_ack(const struct run *r, const struct finding *f)
{
	return f->what == D_FLAGS && f->seg[XTCP]->flags == (WF_RST | WF_ACK) &&
	       f->seg[KERNEL]->flags == WF_RST;
}

static bool has_unsent(const struct run *r, const struct finding *f)
{
	for (int i = 0; i < SLOTS; i++)
		if (r->rec[KERNEL][f->step].look[i].outq)
			return true;
	return false;
}

static bool sack_on_data(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP], *k = f->seg[KERNEL];

	/* The kernel's TCP shortens full segments for SACK blocks. */
	if (f->what == D_MISSING)
		return k->len && k->nsack && has_unsent(r, f);
	return (f->what == D_LEN || f->what == D_SACK ||
		(f->what == D_FLAGS && x->len > k->len)) &&
	       k->len && k->nsack && (!x->nsack || !x->len);
}

/* A wrong ACK in SYN-SENT: the kernel's TCP retransmits its SYN at once. */
static bool hurried_syn(const struct run *r, const struct finding *f)
{
	const struct seen *k = f->seg[KERNEL];
	bool connecting = false;

	for (int i = 0; i < SLOTS && f->step; i++) {
		int state = r->rec[XTCP][f->step - 1].look[i].state;

		connecting |= state == TCP_SYN_SENT || state == TCP_SYN_RECV;
	}
	return connecting && k && k->flags & WF_SYN && k->again &&
	       (f->what == D_TIME || f->what == D_MISSING);
}

static bool had_more(const struct run *r, const struct finding *f)
{
	for (int i = 0; i < f->step; i++)
		if (r->sc->step[i].op == OP_SEND && r->sc->step[i].how & HOW_MORE)
			return true;
	return false;
}

/* RFC 6298 5.7: RTO of 3 s after a retransmitted SYN, with timestamps or not. */
static bool timer_after_lost_syn(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];

	if (!(f->what == D_TIME || f->what == D_MISSING || f->what == D_EXTRA) ||
	    !(n->again || had_more(r, f) || was_set(r, f, TCP_CORK)) || n->flags & WF_SYN)
		return false;
	for (int i = 0; i < f->step; i++)
		for (int j = 0; j < r->rec[XTCP][i].nseen; j++)
			if (r->rec[XTCP][i].seen[j].flags & WF_SYN &&
			    r->rec[XTCP][i].seen[j].again)
				return true;
	return false;
}

/* The timer has retransmitted, and an ACK arrived afterwards. */
static bool acked_after_timeout(const struct run *r, const struct finding *f)
{
	bool timeout = false;

	for (int i = 0; i < f->step; i++) {
		const struct step *s = &r->sc->step[i];

		if (timeout && s->op == OP_SEGMENT && s->flags & WF_ACK)
			return true;
		for (int j = 0; j < r->rec[XTCP][i].nseen; j++)
			timeout |= s->op == OP_WAIT && r->rec[XTCP][i].seen[j].again;
	}
	return false;
}

/*
 * XTCP's probes begin with the current RTO. The kernel's TCP applies its
 * back-off twice.
 */
static bool probe_after_timeout(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];

	return (f->what == D_TIME || f->what == D_MISSING || f->what == D_EXTRA) &&
	       step_of(r, f)->op == OP_WAIT && n->flags == WF_ACK && !n->len &&
	       acked_after_timeout(r, f);
}

/*
 * The kernel's TCP restarts the probe timer with each ACK of a closed window, and gives up
 * after four minutes without an ACK if data is in flight.
 */
static bool closed_window(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];
	int at = -1;

	if (!(f->what == D_TIME || f->what == D_MISSING || f->what == D_EXTRA) ||
	    step_of(r, f)->op != OP_WAIT || !n->again)
		return false;
	for (int i = 0; i < f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].flow == n->flow &&
		    r->sc->step[i].flags & WF_ACK)
			at = i;
	if (at < 0 || r->sc->step[at].win)
		return false;
	return (n->len || n->flags & WF_FIN) ? f->what == D_EXTRA && n->us > 230000000 :
					     n->flags == WF_ACK;
}

/* The segment fills the window that the peer has offered in some step. */
static bool fills_window(const struct run *r, const struct seen *n)
{
	for (int i = 0; i < r->at; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].flow == n->flow &&
		    r->sc->step[i].win == n->len)
			return true;
	return false;
}

/* With timestamps a retransmission, whose time differs, gives an RTT sample. */
static bool sample_of_sent_again(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];

	return (f->what == D_TIME || f->what == D_MISSING || f->what == D_EXTRA) &&
	       step_of(r, f)->op == OP_WAIT && (n->again || fills_window(r, n)) && n->ts &&
	       acked_after_timeout(r, f);
}

static bool sent_again(const struct run *r, int at)
{
	for (int i = 0; i < r->rec[XTCP][at].nseen; i++)
		if (r->rec[XTCP][at].seen[i].again)
			return true;
	return false;
}

/*
 * An RTT was longer than those after it: RFC 6298 2.3 counts the whole
 * difference as variance, the kernel's TCP an eighth of it.
 */
static bool shorter_round_trip(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];
	bool waited = false;
	int samples = 0;

	if (!(f->what == D_TIME || f->what == D_MISSING || f->what == D_EXTRA) ||
	    step_of(r, f)->op != OP_WAIT || !n->again)
		return false;
	for (int i = 0; i < f->step; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_WAIT)
			waited = !sent_again(r, i);
		else if (s->op == OP_SEGMENT && s->flags & WF_ACK && (waited || samples))
			samples++;
	}
	return samples > 1;
}

/*
 * If step @at is a duplicate ACK: the step of the previous ACK on its flow. -1:
 * it is none, or there is no previous one.
 */
static int before_duplicate(const struct run *r, int at)
{
	const struct step *s = &r->sc->step[at];

	if (s->op != OP_SEGMENT || s->ack_at != P_UNA || s->ack || s->n)
		return -1;
	for (int i = at - 1; i >= 0; i--) {
		const struct step *o = &r->sc->step[i];

		if (o->op == OP_SEGMENT && o->flow == s->flow && o->flags & WF_ACK &&
		    !(o->flags & WF_RST))
			return i;
	}
	return -1;
}

/* XTCP ends an orphan at an exact time, the kernel's TCP at a timer expiry. */
static bool orphan_gives_up(const struct run *r, const struct finding *f)
{
	const struct record *rec = r->rec[XTCP];
	const struct seen *x = f->seg[XTCP];

	if (step_of(r, f)->op != OP_WAIT || f->what != D_EXTRA || !x->again ||
	    has_socket(r, x->flow, f->step))
		return false;
	for (int i = 0; i < f->step; i++)
		if (r->sc->step[i].op == OP_CLOSE)
			return rec[f->step].began_us + x->us - rec[i].began_us > 90000000;
	return false;
}

/*
 * Time of XTCP's last transmission of this data before the step; us of the clock; 0:
 * never.
 */
static int64_t sent_before(const struct run *r, const struct seen *n, int before)
{
	for (int i = before - 1; i >= 0; i--) {
		const struct record *x = &r->rec[XTCP][i];

		for (int j = x->nseen - 1; j >= 0; j--)
			if (x->seen[j].flow == n->flow && x->seen[j].seq == n->seq &&
			    x->seen[j].flags == n->flags && x->seen[j].len == n->len)
				return x->began_us + x->seen[j].us;
	}
	return 0;
}

/*
 * Little time passes between waits, but an exact timer may expire then: a
 * retransmission is due 200 ms * 2^n after the last transmission.
 */
static bool due_between_waits(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP];
	int64_t since;

	if (!(f->what == D_EXTRA || f->what == D_FLAGS || f->what == D_SEQ) ||
	    step_of(r, f)->op == OP_WAIT || !x->again)
		return false;
	since = sent_before(r, x, f->step);
	if (!since)
		return false;
	since = r->rec[XTCP][f->step].began_us + x->us - since;
	for (int64_t rto = 200000; rto <= 120000000; rto *= 2)
		if (since >= rto && since - rto < 5000 + rto / 50)
			return true;
	return false;
}

/* TCP_KEEPIDLE has expired when it is set. */
static bool probe_at_once(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP];

	return (f->what == D_EXTRA || f->what == D_SEQ || f->what == D_FLAGS) &&
	       x->again && !x->len && x->flags == WF_ACK && was_set(r, f, TCP_KEEPIDLE);
}

/* XTCP retransmitted the segment at the end of the previous wait. */
static bool again_a_wait_later(const struct run *r, const struct finding *f)
{
	const struct record *x, *k;
	int at = f->step - 1;

	if (f->what != D_MISSING || step_of(r, f)->op != OP_WAIT || !f->seg[KERNEL]->again)
		return false;
	while (at > 0 && r->sc->step[at].op != OP_WAIT)
		at--;
	if (at < 0)
		return false;
	x = &r->rec[XTCP][at];
	k = &r->rec[KERNEL][at];
	return x->nseen > k->nseen && x->seen[x->nseen - 1].seq == f->seg[KERNEL]->seq;
}

/* An ACK without data restarts the cork timer of the kernel's TCP. */
static bool corked_anew(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];

	if (!is_sending(f) || step_of(r, f)->op != OP_WAIT || !n->len ||
	    !was_set(r, f, TCP_CORK))
		return false;
	for (int i = 0; i < f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->rec[XTCP][i].in_established)
			return true;
	return false;
}

/*
 * TCP_NODELAY pushes corked data. The kernel's TCP then also sends data that
 * did not fit the window, as soon as it does.
 */
static bool corked_and_hurried(const struct run *r, const struct finding *f)
{
	return (f->what == D_LEN || f->what == D_MISSING) && f->seg[KERNEL]->len &&
	       was_set(r, f, TCP_CORK) && was_set(r, f, TCP_NODELAY);
}

/* The kernel's TCP splits and merges retransmitted segments, and adds the FIN. */
static bool larger_again(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP], *k = f->seg[KERNEL];

	/* With two sockets to one peer the numbers of one are unknown. */
	return (f->what == D_LEN || f->what == D_FLAGS) &&
	       (x->other_port || (x->again && k->again && x->seq == k->seq)) &&
	       k->len + !!(k->flags & WF_FIN) != x->len + !!(x->flags & WF_FIN);
}

/* In the kernel's fast path the data of a segment is processed before its ACK. */
static bool again_before_text(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP], *k = f->seg[KERNEL];

	return f->what == D_ACK && is_segment(r, f) && x->again && k->again &&
	       !r->rec[XTCP][f->step].in_seq &&
	       k->ack == x->ack + step_of(r, f)->n;
}

/* A FIN without data is not limited by cwnd. */
static bool fin_beyond_cwnd(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP];

	return f->what == D_EXTRA && x->flags & WF_FIN && !x->len && !x->again &&
	       (has_unsent(r, f) || step_of(r, f)->op == OP_CLOSE);
}

/* The peer announced a window smaller than this. */
static bool had_window_below(const struct run *r, const struct finding *f, long n)
{
	for (int i = 0; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];
		const struct wire_flow *flow = run_flow(KERNEL, s->flow);
		long win = s->win;

		if (s->op != OP_SEGMENT)
			continue;
		if (!(s->flags & WF_SYN) && flow->peer_ws > 0 && flow->stack_ws >= 0)
			win <<= flow->peer_ws > 14 ? 14 : flow->peer_ws;
		if (win && win < n)
			return true;
	}
	return false;
}

/*
 * Data written while the window had no room for two segments: XTCP limits the
 * segment size at that time. Later it merges only data behind a small segment,
 * to a full one; the kernel's TCP then keeps a limit of twice that window. The
 * shorter segment lacks the PSH or FIN of the longer one.
 */
static bool queued_small(const struct run *r, const struct finding *f)
{
	int xtcp, kernel;

	if (f->what != D_LEN && f->what != D_FLAGS)
		return false;
	xtcp = f->seg[XTCP]->len;
	kernel = f->seg[KERNEL]->len;
	if (f->what == D_FLAGS &&
	    (xtcp == kernel ||
	     (f->seg[XTCP]->flags ^ f->seg[KERNEL]->flags) & ~(WF_PSH | WF_FIN)))
		return false;
	return had_window_below(r, f, 2 * (xtcp > kernel ? xtcp : kernel) + 1);
}

/*
 * After a second timeout for the same data the kernel's TCP begins F-RTO again:
 * an ACK lets new data out. XTCP retransmits.
 */
static bool frto_again(const struct run *r, const struct finding *f)
{
	return step_of(r, f)->op == OP_SEGMENT && f->what == D_SEQ &&
	       f->seg[XTCP]->again && !f->seg[KERNEL]->again && f->seg[KERNEL]->len;
}

/*
 * The kernel's TCP may skip a tail loss probe: the first segment of a wait. It is new
 * data only if there was a probe before.
 */
static bool probe_skipped(const struct run *r, const struct finding *f)
{
	const struct record *x = &r->rec[XTCP][f->step];
	bool sack = false, probed = false;

	for (int i = 0; i < f->step; i++) {
		sack |= r->sc->step[i].sackok;
		probed |= r->sc->step[i].op == OP_WAIT && r->rec[XTCP][i].nseen &&
			  r->rec[XTCP][i].seen[0].again;
	}
	return sack && step_of(r, f)->op == OP_WAIT && f->seg[XTCP] == &x->seen[0] &&
	       (x->seen[0].again || probed) &&
	       (f->what == D_TIME || f->what == D_SEQ || f->what == D_EXTRA ||
		f->what == D_FLAGS || f->what == D_LEN);
}

/*
 * Length of the longest packet that XTCP has sent on a flow before this step,
 * with 40 bytes for the headers.
 */
static uint32_t longest(const struct run *r, int flow, int before)
{
	int n = 0;

	for (int i = 0; i < before; i++)
		for (int j = 0; j < r->rec[XTCP][i].nseen; j++)
			if (r->rec[XTCP][i].seen[j].flow == flow &&
			    r->rec[XTCP][i].seen[j].len > n)
				n = r->rec[XTCP][i].seen[j].len;
	return n + 40;
}

/*
 * RFC 5927 7.2: an error must quote data in flight, and is not acted on at once if larger
 * segments have been acknowledged.
 */
static bool too_big_doubted(const struct run *r, const struct finding *f)
{
	bool told = f->what == D_RETURN && asks(r, f, SOL_TCP, TCP_MAXSEG);

	/* D_EXTRA: IP has fragmented a segment of the kernel's TCP. */
	if (!told && (!is_sending(f) || !f->seg[f->what == D_EXTRA ? XTCP : KERNEL]->len))
		return false;
	for (int i = 0; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];
		const struct record *x = &r->rec[XTCP][i];

		if (s->op == OP_ICMP && s->what == WI_TOOBIG &&
		    (x->in_seq < 0 || x->in_ack >= 0 || x->ack + 40 > (uint32_t)s->n ||
		     longest(r, s->flow, i) <= (uint32_t)s->n))
			return true;
	}
	return false;
}

/* RFC 6298 5.3: an ACK for a part of a segment acknowledges new data. */
static bool ack_within_segment(const struct run *r, const struct finding *f, int at)
{
	const struct step *s = &r->sc->step[at];
	uint32_t ack = r->rec[XTCP][at].ack;

	if (s->op != OP_SEGMENT || !(s->flags & WF_ACK))
		return false;
	for (int i = 0; i < at; i++)
		for (int j = 0; j < r->rec[XTCP][i].nseen; j++) {
			const struct seen *n = &r->rec[XTCP][i].seen[j];

			if (n->flow == s->flow && n->len > 1 &&
			    ack - n->seq - 1 < (uint32_t)n->len - 1)
				return true;
		}
	return false;
}

static bool part_acked(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_MISSING ? f->seg[KERNEL] : f->seg[XTCP];

	if (!(f->what == D_TIME || f->what == D_MISSING || f->what == D_EXTRA ||
	      f->what == D_SEQ) || !n->again)
		return false;
	for (int i = 0; i <= f->step; i++)
		if (ack_within_segment(r, f, i))
			return true;
	return false;
}

/* Data held back by MSG_MORE leaves with another segment, or later. */
static bool after_more(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];

	return (f->what == D_MISSING || f->what == D_EXTRA || f->what == D_LEN) && n->len &&
	       had_more(r, f);
}

/*
 * RFC 5681 2: an ACK with the same ACK number and window is a duplicate, with
 * any sequence number. The kernel's TCP ignores the first one with a new
 * sequence number. It counts one with a smaller window, and one that restores
 * the window.
 */
static bool other_duplicate(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_MISSING ? f->seg[KERNEL] : f->seg[XTCP];

	if (!(f->what == D_EXTRA || f->what == D_SEQ || f->what == D_MISSING) ||
	    !n->len)
		return false;
	for (int i = 0; i <= f->step; i++) {
		int before = before_duplicate(r, i);
		const struct step *s = r->sc->step;

		if (before < 0)
			continue;
		if (f->what == D_MISSING && s[i].win != s[before].win)
			return true;
		if (f->what != D_MISSING &&
		    (s[before].flags & WF_SYN ||
		     (int32_t)(r->rec[XTCP][before].seq - r->rec[XTCP][i].seq) < 0))
			return true;
	}
	return false;
}

/* A SACK block does not end at the end of a segment. */
static bool sacked_in_part(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_EXTRA ? f->seg[XTCP] : f->seg[KERNEL];

	if (!(f->what == D_EXTRA || f->what == D_MISSING || f->what == D_LEN ||
	      f->what == D_SEQ) || !n->len)
		return false;
	for (int i = 0; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];
		uint32_t right = r->rec[XTCP][i].ack + s->right;
		bool bound = false;

		if (s->op != OP_SEGMENT || !s->right)
			continue;
		for (int j = 0; j < i; j++)
			for (int k = 0; k < r->rec[XTCP][j].nseen; k++) {
				const struct seen *x = &r->rec[XTCP][j].seen[k];

				bound |= x->flow == s->flow && x->seq + x->len == right;
			}
		if (!bound)
			return true;
	}
	return false;
}

/* Some data segment of this flow was shorter than another. */
static bool had_shorter(const struct run *r, const struct seen *n)
{
	int shortest = 1 << 16, length = n->len;

	for (int i = 0; i < r->at; i++)
		for (int j = 0; j < r->rec[XTCP][i].nseen; j++) {
			const struct seen *o = &r->rec[XTCP][i].seen[j];

			if (o->flow != n->flow || !o->len)
				continue;
			shortest = o->len < shortest ? o->len : shortest;
			length = o->len > length ? o->len : length;
		}
	return shortest < length;
}

/* RFC 5681 2: cwnd counts bytes, so small segments do not fill it. */
static bool cwnd_in_bytes(const struct run *r, const struct finding *f)
{
	int at;

	if (!f->seg[XTCP] || !f->seg[XTCP]->len || f->seg[XTCP]->again ||
	    !(f->what == D_EXTRA || (is_sending(f) && f->seg[KERNEL] &&
				     !f->seg[KERNEL]->len)))
		return false;
	/* Without a socket cwnd is unknown. */
	if (is_segment(r, f) && !state_before(r, f))
		return had_shorter(r, f->seg[XTCP]) ||
		       r->rec[XTCP][f->step].in_ack < 0;
	at = step_of(r, f)->op == OP_CLOSE ? f->step - 1 : f->step;
	for (int i = 0; i < SLOTS; i++) {
		const struct look *k = &r->rec[KERNEL][at].look[i];
		int cwnd = r->rec[XTCP][at].look[i].cwnd;

		if (k->cwnd && k->unacked >= k->cwnd &&
		    (cwnd == k->cwnd ||
		     (cwnd > k->cwnd && had_shorter(r, f->seg[XTCP]))))
			return true;
	}
	return false;
}

/* The peer has shrunk its window: the kernel's TCP uses an earlier sequence number. */
static bool seq_in_window(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP], *k = f->seg[KERNEL];

	/* XTCP's segment was skipped as the first ACK of its data. */
	for (int i = 0; i < r->rec[XTCP][f->step].nseen && only_kernel_acks(f); i++)
		if (r->rec[XTCP][f->step].seen[i].ack == k->ack)
			x = &r->rec[XTCP][f->step].seen[i];
	return (f->what == D_SEQ || f->what == D_FLAGS || f->what == D_MISSING) &&
	       x && k && !x->len && !k->len && (int32_t)(x->seq - k->seq) > 0 &&
	       !((x->flags ^ k->flags) & ~WF_URG);
}

/* The right edge of the window that a segment announces. */
static uint32_t edge_said(const struct run *r, int at)
{
	const struct step *s = &r->sc->step[at];
	const struct wire_flow *flow = run_flow(KERNEL, s->flow);
	int shift = !(s->flags & WF_SYN) && flow->peer_ws > 0 && flow->stack_ws >= 0 ?
		    flow->peer_ws : 0;

	return r->rec[KERNEL][at].ack + ((uint32_t)s->win << shift);
}

/* The kernel's TCP adds a FIN to data that fills the window. */
static bool fin_beyond_window(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP], *k = f->seg[KERNEL];
	int at = -1;

	if (f->what != D_FLAGS || !(k->flags & WF_FIN) || x->flags & WF_FIN ||
	    x->seq != k->seq || x->len != k->len)
		return false;
	for (int i = 0; i <= f->step; i++)
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].flow == k->flow &&
		    r->sc->step[i].flags & WF_ACK && r->rec[XTCP][i].in_ack <= 0)
			at = i;
	return at >= 0 && k->seq + k->len == edge_said(r, at);
}

/*
 * Data that fills the window, or the rest of it, and is at least half of the largest
 * window: RFC 9293 3.8.6.2.1.
 */
static bool fills_small_window(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP];

	if (f->what != D_EXTRA || !x->len)
		return false;
	for (int i = 0; i <= f->step; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_SEGMENT && s->flow == x->flow &&
		    (x->len == s->win || x->seq + x->len == edge_said(r, i)))
			return true;
	}
	return false;
}

/* RFC 6069: the kernel's TCP reverts the back-off of the timer. */
static bool unreachable(const struct run *r, const struct finding *f)
{
	const struct seen *n = f->what == D_MISSING ? f->seg[KERNEL] : f->seg[XTCP];

	return (f->what == D_TIME || f->what == D_MISSING || f->what == D_EXTRA) &&
	       n->again && (had_icmp(r, f, WI_NET) || had_icmp(r, f, WI_HOST));
}

/* The error reports an MTU of 0, or one below 68. */
static bool too_big_for_zero(const struct run *r, const struct finding *f)
{
	bool told = f->what == D_RETURN && asks(r, f, SOL_TCP, TCP_MAXSEG);

	for (int i = 0; i <= f->step; i++)
		if (r->sc->step[i].op == OP_ICMP && r->sc->step[i].what == WI_TOOBIG &&
		    r->sc->step[i].n < 68 &&
		    (told || f->what == D_MISSING || f->what == D_LEN))
			return true;
	return false;
}

static bool urgent_reset(const struct run *r, const struct finding *f)
{
	return f->what == D_FLAGS && f->seg[XTCP]->flags == (WF_RST | WF_ACK) &&
	       f->seg[KERNEL]->flags == (WF_RST | WF_ACK | WF_URG);
}

/* Without an MSS option in the SYN the kernel's TCP ignores TCP_MAXSEG. */
static bool maxseg(const struct run *r, const struct finding *f)
{
	const struct seen *x = f->seg[XTCP];

	if (f->what == D_LEN)
		return x->len < f->seg[KERNEL]->len && was_set(r, f, TCP_MAXSEG);
	/* With MSG_MORE only a full segment is sent: XTCP's is smaller. */
	for (int i = 0; i < f->step && f->what == D_EXTRA; i++) {
		const struct step *s = &r->sc->step[i];

		if (s->op == OP_SET && options[s->what].opt == TCP_MAXSEG &&
		    s->n <= x->len + 12 && x->len)
			return true;
	}
	return false;
}

/* The kernel's TCP resets TCP_MAXSEG when a connection is aborted. */
static bool maxseg_kept(const struct run *r, const struct finding *f)
{
	bool given_up = false;

	for (int i = 1; i < f->step; i++)
		for (int j = 0; j < SLOTS; j++)
			given_up |= r->rec[XTCP][i - 1].look[j].state != TCP_CLOSE &&
				    r->rec[XTCP][i].look[j].state == TCP_CLOSE;
	return given_up && was_set(r, f, TCP_MAXSEG) &&
	       (f->what == D_OPTIONS ? f->seg[XTCP]->mss < f->seg[KERNEL]->mss :
		asks(r, f, SOL_TCP, TCP_MAXSEG));
}

/* PSH on data sent into a small window after the SWS override timeout. */
static bool push_of_probe(const struct run *r, const struct finding *f)
{
	return f->what == D_FLAGS && step_of(r, f)->op == OP_WAIT &&
	       (f->seg[XTCP]->flags ^ f->seg[KERNEL]->flags) == WF_PSH;
}

/* The kernel's TCP sends two probes into a closed window, one for the urgent pointer. */
static bool urgent_probe(const struct run *r, const struct finding *f)
{
	const struct seen *k = f->seg[KERNEL];

	return step_of(r, f)->op == OP_WAIT && k && k->flags == (WF_ACK | WF_URG) &&
	       !k->len && (f->what == D_SEQ || f->what == D_MISSING);
}

/* The kernel's TCP ignores a smaller window in a duplicate ACK, except zero. */
static bool window_taken(const struct run *r, const struct finding *f)
{
	const struct seen *k = f->seg[KERNEL];
	bool again = false;
	uint32_t edge;
	int at = -1;

	if (f->what != D_MISSING || k->flags & WF_RST)
		return false;
	for (int i = 0; i <= f->step; i++) {
		again |= r->sc->step[i].op == OP_AGAIN;
		if (r->sc->step[i].op == OP_SEGMENT && r->sc->step[i].flow == k->flow &&
		    r->sc->step[i].flags & WF_ACK && !(r->sc->step[i].flags & WF_RST) &&
		    !(r->sc->step[i].flags & WF_SYN && r->rec[XTCP][i].in_established) &&
		    r->rec[XTCP][i].in_ack <= 0)
			at = i;
	}
	if (at < 0)
		return false;
	/* A SYN of a new connection offered another scale. */
	edge = again ? r->rec[KERNEL][at].ack + r->sc->step[at].win : edge_said(r, at);
	return (int32_t)(k->seq + k->len + !!(k->flags & WF_FIN) - edge) > 0;
}

static const struct rule rules[] = {
	{ "small-window", "Small windows",
	  "they are filled (RFC 9293 3.8.6.2.1)", false, fills_small_window },
	{ "unreachable", "Network and host unreachable",
	  "they do not change the timer (not RFC 6069)", false, unreachable },
	{ "too-big-zero", "\"Packet too big\"",
	  "an error without an MTU is ignored", false, too_big_for_zero },
	{ "too-big-doubted", "\"Packet too big\"",
	  "it must quote data in flight and name a new MTU (RFC 5927 7.2)",
	  false, too_big_doubted },
	{ "urgent-reset", "RST", "it has no urgent pointer", true,
	  urgent_reset },
	{ "hurried-syn", "SYN after a wrong ACK", "it waits for its timer",
	  false, hurried_syn },
	{ "lost-syn", "Retransmitted SYN or SYN-ACK",
	  "the RTO is then 3 s (RFC 6298 5.7)", false, timer_after_lost_syn },
	{ "probe-after-timeout", "Timers",
	  "probes begin with the current timeout", false, probe_after_timeout },
	{ "closed-window", "Timers",
	  "an ACK does not restart the timer of a closed window", false,
	  closed_window },
	{ "sample-again", "Timers",
	  "a round trip measured by a retransmission is exact", false,
	  sample_of_sent_again },
	{ "shorter-trip", "Timers",
	  "a shorter round trip counts as variance (RFC 6298 2.3)", false,
	  shorter_round_trip },
	{ "orphan-gives-up", "Timers", "the end of an orphan is exact", false,
	  orphan_gives_up },
	{ "due-now", "Timers", "a timer may expire between two waits", false,
	  due_between_waits },
	{ "probe-at-once", "Timers", "a keepalive may be due", false,
	  probe_at_once },
	{ "again-later", "Timers",
	  "they are exact, so retransmissions leave at other times", true,
	  again_a_wait_later },
	{ "corked-anew", "``TCP_CORK``",
	  "it holds data back for 200 ms, whatever arrives", false,
	  corked_anew },
	{ "corked-hurried", "``TCP_CORK``",
	  "it holds back data for which TCP_NODELAY found no room", false,
	  corked_and_hurried },
	{ "larger-again", "Retransmissions",
	  "the segments are those of the first transmission", false,
	  larger_again },
	{ "again-first", "Retransmissions",
	  "they are sent before data of the same segment is processed", true,
	  again_before_text },
	{ "fin-cwnd", "FIN and the congestion window",
	  "cwnd does not limit a FIN", false, fin_beyond_cwnd },
	{ "queued-small", "Small windows",
	  "queued data leaves in segments of that size", false, queued_small },
	{ "frto-again", "Undo",
	  "a second timeout does not begin F-RTO again (RFC 5682 3.1)", false,
	  frto_again },
	{ "probe-skipped", "Loss recovery",
	  "a tail loss probe is sent when it is due", false, probe_skipped },
	{ "window-taken", "Windows of the peer", "any newer segment sets it",
	  false, window_taken },
	{ "fin-window", "Windows of the peer",
	  "a FIN needs room in it, like data", false, fin_beyond_window },
	{ "urgent-probe", "Urgent pointer",
	  "each probe of a closed window has it", false, urgent_probe },
	{ "seq-in-window", "Windows of the peer",
	  "SEQ is SND.NXT, whatever the window", false, seq_in_window },
	{ "part-acked", "ACK of a part of a segment",
	  "it restarts the timer (RFC 6298 5.3)", false, part_acked },
	{ "more", "``MSG_MORE``", "it is valid for one call", false,
	  after_more },
	{ "other-dup", "Duplicate ACKs",
	  "they may have a new SEQ, but not a new window (RFC 5681 2)", false,
	  other_duplicate },
	{ "sacked-in-part", "SACK blocks",
	  "only whole segments count as received", false, sacked_in_part },
	{ "cwnd-bytes", "Reno", "cwnd is counted in bytes", false,
	  cwnd_in_bytes },
	{ "maxseg", "``TCP_MAXSEG``", "it limits segments in all cases", false,
	  maxseg },
	{ "maxseg-kept", "``TCP_MAXSEG``",
	  "it survives the end of a connection", false, maxseg_kept },
	{ "push", "PSH", "it is set on segments that empty the queue (MUST-61)",
	  true, push_at_end },
	{ "push-smaller", "PSH",
	  "segments that are cut for a smaller MSS have it at their end", false,
	  push_of_smaller },
	{ "push-probe", "PSH",
	  "it is set on segments that empty the queue (MUST-61)", true,
	  push_of_probe },
	{ "reset-form", "RST for data after ``close()``",
	  "it has SND.NXT and an ACK", false, reset_with_ack },
	{ "sack-on-data", "SACK on segments with data",
	  "blocks are sent only if there is room", false, sack_on_data },
	{ "slow-start", "Reno", "it counts bytes (RFC 5681 3.1, RFC 3465)",
	  false, slow_start },
};

const struct rules rules_send = { rules, ARRAY_SIZE(rules) };
