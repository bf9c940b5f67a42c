// SPDX-License-Identifier: GPL-2.0
/*
 * Invariants: of each packet, compared with a ledger that is kept from the
 * packets alone; of the sender's state, after each event; and of its queues,
 * after some events, because this takes time.
 */
#include <math.h>

#include "check.h"
#include "conn/pace.h"
#include "conn/wqueue.h"
#include "toy.h"

/* The queues are checked after every so many events. */
#define DEEP_INTERVAL	101

/* 10^-9: a probability that no run meets. */
#define UNLIKELY	0.000000001

bool check_failed;
char check_why[256];

static const struct scenario *scenario;
static struct flow *flows;
static struct ledger ledgers[SCENARIO_FLOWS_MAX];
static double stall_factor;

/* End the run: an invariant does not hold. */
void check_fail(const struct endpoint *e, const char *what)
{
	const struct xtcp_tcb *tcb = &e->xs.tcb;

	check_failed = true;
	snprintf(check_why, sizeof(check_why),
		 "%.6f s: flow %u, %s: %s (una %u nxt %u wnd %u cwnd %u sacked %u lost %u retrans %u recovery %u)",
		 event_now / 1e9, e->flow, e->sender ? "sender" : "receiver",
		 what, tcb->snd_una - tcb->iss, tcb->snd_nxt - tcb->iss,
		 tcb->snd_wnd, tcb->cc.cwnd, tcb->sacked_out, tcb->lost_out,
		 tcb->retrans_out, tcb->recovery);
}

const struct ledger *check_ledger(u32 flow)
{
	return &ledgers[flow];
}

/*
 * How many times the RTO may pass without progress. The timer doubles with each
 * retransmission that is lost; so many in a row are lost less than once in 10^9
 * times.
 */
static double stall_limit(const struct scenario *s)
{
	double lost = 1 - (1 - s->loss) * (1 - s->ack_loss);

	if (s->burst_begin > 0)
		lost = max(lost, 1 - s->burst_end);
	/* Queues that others keep full drop a part of what arrives. */
	if (s->cross || s->flows > 1 || s->aqm != AQM_FIFO)
		lost = 1 - (1 - lost) * 0.8;
	return exp2(1 + max(1.0, ceil(log(UNLIKELY) /
				      log(max(lost, UNLIKELY)))));
}

/* @f: the flows of the scenario, in an array. */
void check_setup(const struct scenario *s, struct flow *f)
{
	scenario = s;
	flows = f;
	memset(ledgers, 0, sizeof(ledgers));
	stall_factor = stall_limit(s);
}

/* Packets */

static u32 position_of(const struct endpoint *e, u32 seq)
{
	return seq - e->xs.tcb.iss - 1;
}

static u32 get32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/*
 * May SACKed data be sent again? Yes after the peer has discarded such data. Also
 * if the write queue is so large that segments are not split at the edges of
 * SACK blocks.
 */
static bool sacks_ignored(const struct endpoint *e)
{
	return endpoint_counter(e, SACKReneging) ||
	       endpoint_counter(e, WqueueTooBig);
}

static void data_sent(struct endpoint *e, struct packet *packet, u32 seq)
{
	struct ledger *l = &ledgers[e->flow];
	u32 from = position_of(e, seq), to = from + packet->len;

	check_that(packet->position == from, e,
		   "a segment has data of another sequence number");
	check_that(to <= l->edge, e, "data is sent beyond the window");
	check_that(packet->len <= e->xs.tcb.snd_mss, e,
		   "a segment is larger than the MSS");
	check_that(to > l->una, e, "acknowledged data is sent again");
	if (from < l->sent) {
		packet->resent = true;
		l->resent += packet->len;
		check_that(!ranges_cover(&l->sacked, from, to) ||
			   sacks_ignored(e), e, "SACKed data is sent again");
	} else {
		check_that(from == l->sent, e, "new data is skipped");
	}
	l->sent = max(l->sent, to);
}

/* An ACK must not report more than has arrived, in order or not. */
static void ack_sent(struct endpoint *e, const struct packet *packet)
{
	const struct ledger *l = &ledgers[e->flow];
	struct xtcp_segment seg;
	u32 ack, i;

	xtcp_segment_parse(packet->header, packet->hdr_len, packet->hdr_len,
			   &seg);
	if (seg.flags & XTCP_RST)
		check_that(false, e, "the connection is reset");
	ack = position_of(e->peer, seg.ack);
	check_that(!ack || ranges_cover(&l->arrived, 0, ack), e,
		   "an ACK is for data that did not arrive");
	for (i = 0; i < seg.opt.nsack; i++)
		check_that(ranges_cover(&l->arrived,
					position_of(e->peer,
						    seg.opt.sack[i].left),
					position_of(e->peer,
						    seg.opt.sack[i].right)),
			   e, "a SACK block is for data that did not arrive");
}

/*
 * Segments that leave before pacing begins (conn/pace.c), and those of the large segment
 * with the last of them; and one of a timer.
 */
#define UNPACED_SEGS	10
#define TIMER_SEGS	1

/*
 * A token bucket: a paced sender is at most one large segment, and half of one that it
 * catches up, ahead of its rate. The rate changes with ACKs: the larger one counts, that
 * of the last segment or that of now. A lost segment at snd_una does not wait.
 */
static void paced_sent(const struct endpoint *e, const struct packet *packet)
{
	struct ledger *l = &ledgers[e->flow];
	const struct sock *sk = (const struct sock *)&e->xs;
	double piece = xtcp_pace_size(sk), rate = sk->sk_pacing_rate;

	if (sk->sk_pacing_status != SK_PACING_NEEDED ||
	    e->xs.data_segs_out <= UNPACED_SEGS + piece / e->xs.tcb.snd_mss) {
		l->pace_room = piece;
	} else {
		l->pace_room += max_t(double, rate, l->pace_rate) *
				(event_now - l->pace_at) / NSEC_PER_SEC;
		l->pace_room = min(l->pace_room, piece / 2) - packet->len;
		if (packet->resent && packet->position == l->una)
			l->pace_room = max(l->pace_room, -piece);
		check_that(l->pace_room + piece + TIMER_SEGS * e->xs.tcb.snd_mss >= 0,
			   e, "data leaves faster than the pacing rate");
	}
	l->pace_at = event_now;
	l->pace_rate = rate;
}

/* @e, a sender, knows the window of the handshake. */
void check_connected(const struct endpoint *e)
{
	ledgers[e->flow].edge = e->xs.tcb.snd_wnd;
	ledgers[e->flow].progress_at = event_now;
	ledgers[e->flow].mss = e->xs.tcb.snd_mss;
}

/* @e sends @packet. Sets packet->resent. */
void check_sent(struct endpoint *e, struct packet *packet)
{
	u32 seq = get32(&packet->header[4]);

	if (!e->sender) {
		ack_sent(e, packet);
		return;
	}
	if (packet->len) {
		data_sent(e, packet, seq);
		paced_sent(e, packet);
	}
}

/* A FIN counts as one byte. */
static void data_arrived(struct endpoint *e, const struct packet *packet,
			 const struct xtcp_segment *seg)
{
	struct ledger *l = &ledgers[e->flow];
	u32 fresh = ranges_add(&l->arrived, position_of(e->peer, seg->seq),
			       position_of(e->peer, seg->end_seq));

	if (packet->resent && fresh < packet->len)
		l->needless += packet->len - fresh;
}

static void ack_arrived(struct endpoint *e, const struct xtcp_segment *seg)
{
	struct ledger *l = &ledgers[e->flow];
	u32 ack = position_of(e, seg->ack), left, i;

	if (ack > l->una) {
		l->una = ack;
		l->progress_at = event_now;
		ranges_forget(&l->sacked, ack);
	}
	l->edge = max_t(u32, l->edge,
			ack + ((u32)seg->wnd << e->xs.tcb.snd_wscale));
	for (i = 0; i < seg->opt.nsack; i++) {
		left = position_of(e, seg->opt.sack[i].left);
		/* Below the ACK: a DSACK block. */
		if (left >= l->una)
			ranges_add(&l->sacked, left,
				   position_of(e, seg->opt.sack[i].right));
	}
}

/* @packet arrives at @e, which will process it next. */
void check_arrived(struct endpoint *e, const struct packet *packet,
		   const struct xtcp_segment *seg)
{
	if (e->sender)
		ack_arrived(e, seg);
	else if (seg->end_seq != seg->seq)
		data_arrived(e, packet, seg);
}

/* State */

/* RTO without backoff, and the longest that the bottleneck delays, ns. */
static u64 patience(const struct endpoint *e)
{
	struct xtcp_rtt rtt = e->xs.tcb.rtt;
	u64 rate = scenario->rate;
	u64 ns;

	if (scenario->route_at && scenario->route_rate < rate)
		rate = scenario->route_rate;
	rtt.backoff = 0;
	ns = xtcp_rtt_rto(&rtt) * (u64)NSEC_PER_USEC;
	if (rate)
		ns += scenario->limit * scenario->mtu * 8 * NSEC_PER_SEC / rate;
	return ns + 2 * (scenario->delay + scenario->route_delay);
}

static void check_progress(struct endpoint *e, struct ledger *l)
{
	const struct xtcp_tcb *tcb = &e->xs.tcb;

	if (tcb->snd_una == tcb->write_seq || !tcb->snd_wnd) {
		l->progress_at = event_now;
		return;
	}
	check_that(e->xs.rtx.deadline && e->xs.rtx.armed, e,
		   "data is outstanding, and no timer runs");
	check_that(event_now - l->progress_at < stall_factor * patience(e), e,
		   "no progress");
}

static void check_window(struct endpoint *e, struct ledger *l)
{
	const struct xtcp_tcb *tcb = &e->xs.tcb;
	u32 initial = xtcp_cc_initial_window(tcb->snd_mss);

	l->peak = max(l->peak, xtcp_flight(tcb));
	check_that(tcb->cc.cwnd >= 1, e, "cwnd is 0");
	/* A peer with a small window gets smaller segments. */
	l->mss = min_t(u32, l->mss, tcb->snd_mss);
	check_that(tcb->cc.ssthresh >= 2 * l->mss, e,
		   "ssthresh is below two segments");
	/*
	 * cwnd grows up to twice the flight, and by the ACKs of this round. The
	 * toy sets it by the rate, not by the flight.
	 */
	if (tcb->cc.ops == &toy)
		return;
	check_that(tcb->cc.cwnd <= 3ull * l->peak + initial +
		   4 * tcb->snd_mss, e,
		   "cwnd is far larger than any flight so far");
}

static void check_counts(struct endpoint *e)
{
	const struct xtcp_tcb *tcb = &e->xs.tcb;
	u32 flight = xtcp_flight(tcb);

	check_that((s32)flight >= 0 &&
		   !seq_after(tcb->snd_nxt, tcb->write_seq), e,
		   "snd_una, snd_nxt and write_seq are not in order");
	check_that(tcb->sacked_out <= flight && tcb->lost_out <= flight &&
		   tcb->retrans_out <= flight, e,
		   "counts of SACKed, lost or retransmitted bytes");
	check_that((s64)flight - tcb->sacked_out - tcb->lost_out +
		   tcb->retrans_out >= 0, e, "pipe is negative");
}

/* Queues */

static void expect_at(struct endpoint *e, const struct sk_buff *skb, u32 seq)
{
	check_that(XTCP_CB(skb)->seq == seq, e,
		   "the queues have a gap or an overlap");
}

/* Sums of what the trees have, and their order. */
static void check_queues(struct endpoint *e)
{
	const struct xtcp_tcb *tcb = &e->xs.tcb;
	struct sk_buff *skb, *at[XTCP_SENT_TREES];
	u32 sacked = 0, lost = 0, resent = 0, seq = tcb->snd_una;
	int i, first;

	for (i = 0; i < XTCP_SENT_TREES; i++)
		at[i] = skb_rb_first(&e->xs.sent[i]);
	for (;;) {
		first = -1;
		for (i = 0; i < XTCP_SENT_TREES; i++)
			if (at[i] && (first < 0 ||
				      seq_before(XTCP_CB(at[i])->seq,
						 XTCP_CB(at[first])->seq)))
				first = i;
		if (first < 0 || check_failed)
			break;
		skb = at[first];
		at[first] = skb_rb_next(skb);
		expect_at(e, skb, seq);
		seq = XTCP_CB(skb)->end_seq;
		if (XTCP_CB(skb)->marks & XTCP_MARK_SACKED)
			sacked += xtcp_cb_len(skb);
		if (XTCP_CB(skb)->marks & XTCP_MARK_LOST)
			lost += xtcp_cb_len(skb);
		if (XTCP_CB(skb)->marks & XTCP_MARK_RETRANS)
			resent += xtcp_cb_len(skb);
	}
	check_that(seq == tcb->snd_nxt, e, "the queues end before snd_nxt");
	check_that(lost == tcb->lost_out && resent == tcb->retrans_out &&
		   (!tcb->sack_ok || sacked == tcb->sacked_out), e,
		   "counts differ from the marks");
	skb_queue_walk(&endpoint_sk(e)->sk_write_queue, skb) {
		expect_at(e, skb, seq);
		seq = XTCP_CB(skb)->end_seq;
	}
	check_that(seq == tcb->write_seq, e, "the queue ends before write_seq");
}

static void check_order(struct endpoint *e)
{
	struct sk_buff *skb;
	u64 last = 0;

	list_for_each_entry(skb, &e->xs.by_time, tcp_tsorted_anchor) {
		check_that(XTCP_CB(skb)->sent >= last, e,
			   "segments are not in the order of transmission");
		last = XTCP_CB(skb)->sent;
	}
}

/* After each event. */
void check_event(void)
{
	bool deep = event_count % DEEP_INTERVAL == 0;
	u32 i;

	for (i = 0; i < scenario->flows; i++) {
		struct endpoint *e = &flows[i].from;

		if (endpoint_sk(e)->sk_state == TCP_CLOSE)
			continue;
		check_counts(e);
		check_window(e, &ledgers[i]);
		check_progress(e, &ledgers[i]);
		if (deep) {
			check_queues(e);
			check_order(e);
		}
	}
}
