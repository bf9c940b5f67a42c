// SPDX-License-Identifier: GPL-2.0
/*
 * Transmission of one segment: header, options, window, and IP.
 */
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/tcp.h>

#include "ackpolicy.h"
#include "base/ratelimit.h"
#include "base/trace.h"
#include "conn.h"
#include "core/window.h"
#include "ip/ip.h"
#include "output.h"
#include "pace.h"
#include "wqueue.h"

/* Room for all headers of a segment, TCP with options included, bytes. */
#define HEAD_ROOM	(MAX_HEADER + sizeof(struct ipv6hdr) + XTCP_HDR_MAX)

static void syn_options(struct sock *sk, bool with_ack,
			struct xtcp_options *opt)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	opt->has_mss = 1;
	opt->mss = tcb->adv_mss;
	opt->sack_perm = tcb->sack_ok;
	if (tcb->wscale_ok) {
		opt->has_wscale = 1;
		opt->wscale = tcb->rcv_wscale;
	}
	if (tcb->ts_ok) {
		opt->has_ts = 1;
		opt->tsval = xtcp_ts_clock(xs->now, tcb->ts_offset);
		opt->tsecr = with_ack ? tcb->ts_recent : 0;
	}
	if (xs->fo.option) {
		opt->has_fastopen = 1;
		opt->fastopen_exp = xs->fo.cookie.exp;
		opt->cookie_len = xs->fo.cookie.len;
		memcpy(opt->cookie, xs->fo.cookie.val, opt->cookie_len);
	}
}

/*
 * Add the AccECN option if there is space. At the start of a connection (ACK of
 * the SYN-ACK, first data) it is sent in any case (RFC 9768 3.2.3.2.1). @dup:
 * the segment reports a duplicate.
 */
static void accecn_option(struct sock *sk, u32 seq, u32 len, bool dup,
			  struct xtcp_options *opt)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_ecn *e = &tcb->ecn;
	bool first = len ? seq == tcb->iss + 1 : e->ack_code;
	u32 space = XTCP_OPT_SPACE;

	if (e->mode != XTCP_ECN_ACCURATE)
		return;
	/* With snd_mss bytes of data there is space for these options only. */
	if (len) {
		space = (tcb->ts_ok ? XTCP_OPT_TS_LEN : 0) + e->opt_space;
		if (len < tcb->snd_mss)
			space += tcb->snd_mss - len;
		space = min_t(u32, space, XTCP_OPT_SPACE);
	}
	xtcp_ecn_option(e, opt, xtcp_sk_sysctl(sk, ecn_option), space, first,
			dup);
}

static void data_options(struct sock *sk, u32 len, struct xtcp_options *opt)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tcb *tcb = &xs->tcb;

	if (tcb->ts_ok) {
		opt->has_ts = 1;
		opt->tsval = xtcp_ts_clock(xs->now, tcb->ts_offset);
		opt->tsecr = tcb->ts_recent;
	}
	/* A segment with data carries SACK blocks only if they fit. */
	if (len && len + XTCP_SACK_SPACE > tcb->snd_mss)
		return;
	if (xs->sacks.n || tcb->dsack.left != tcb->dsack.right)
		xtcp_sack_fill(&xs->sacks, tcb, opt);
}

static void urgent_field(struct sock *sk, struct xtcp_segment *seg)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 ahead;

	if (!tcb->urg_out || !seq_before(seg->seq, tcb->snd_up))
		return;
	ahead = tcb->snd_up - seg->seq;
	if (ahead > 0xffff) {
		/*
		 * The field cannot reach snd_up. Announce the largest value if
		 * that is beyond the data sent so far, otherwise nothing.
		 */
		if (!seq_after(seg->seq + 0xffff, tcb->snd_nxt))
			return;
		ahead = 0xffff;
	}
	/*
	 * RFC 9293 3.8.5, MUST-62: the octet after the urgent data. The sysctl
	 * stdurg selects its last octet (RFC 1122 4.2.2.4).
	 */
	if (xtcp_sk_sysctl(sk, stdurg))
		ahead--;
	seg->urp = ahead;
	seg->flags |= XTCP_URG;
}

/**
 * xtcp_window_now() - the receive window to offer now
 * @sk: the socket, lock held
 *
 * Return: bytes from RCV.NXT on.
 */
u32 xtcp_window_now(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 space = xtcp_free_space(sk);
	u32 full = xtcp_full_space(sk);

	return xtcp_sk_sysctl(sk, shrink_window) ?
	       xtcp_window_follow(tcb, space, full) :
	       xtcp_window_offer(tcb, space, full);
}

static void window_field(struct sock *sk, struct xtcp_segment *seg)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	/* The field of a SYN is not scaled: no rounding to units of the scale. */
	u32 offer = seg->flags & XTCP_SYN ?
		    max(xtcp_said_wnd(tcb), xtcp_free_space(sk)) :
		    xtcp_window_now(sk);

	/* Data of the offered window did not fit: the peer must wait. */
	if (unlikely(tcb->rcv_nomem)) {
		tcb->rcv_nomem = 0;
		offer = 0;
	}
	seg->wnd = xtcp_window_advertise(tcb, offer, seg->flags & XTCP_SYN);
	if (!seg->wnd)
		xtcp_sk_count(sk, WantZeroWindowAdv);
}

/* Data left no room for SACK blocks: this segment does not report the hole. */
static bool lacks_blocks(const struct sock *sk, const struct xtcp_segment *seg)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return seg->len && !seg->opt.nsack && xs->tcb.sack_ok &&
	       (xs->sacks.n || xs->tcb.dsack.left != xs->tcb.dsack.right);
}

/*
 * ECN flags of SYN or SYN-ACK. xs->retransmits counts the retransmissions
 * before this one.
 */
static void syn_ecn(struct sock *sk, struct xtcp_segment *seg, bool retrans)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_ecn *e = &xs->tcb.ecn;
	bool fallback = xtcp_sk_sysctl(sk, ecn_fallback);
	u32 times = retrans ? xs->retransmits + 1 : 0;

	if (seg->flags & XTCP_ACK)
		xtcp_ecn_syn_ack(e, times, fallback, seg);
	else if (xtcp_ecn_syn(e, times, fallback, seg))
		xtcp_sk_count(sk, EcnFallback);
}

/*
 * Set the ECN flags of a segment that is otherwise complete. Return: the IP-ECN
 * field.
 */
static u8 ecn_field(struct sock *sk, struct xtcp_segment *seg, bool retrans)
{
	if (seg->flags & XTCP_SYN) {
		syn_ecn(sk, seg, retrans);
		return XTCP_IP_NOT_ECT;
	}
	return xtcp_ecn_send(&xtcp_sk(sk)->tcb.ecn, seg, seg->len && !retrans);
}

static void fill_segment(struct sock *sk, struct xtcp_segment *seg, u32 seq,
			 u8 flags, u32 len, bool retrans)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 dup = xs->tcb.dsack.right;

	memset(seg, 0, offsetof(struct xtcp_segment, opt.sack));
	seg->seq = seq;
	seg->flags = flags;
	seg->len = len;
	if (flags & XTCP_ACK)
		seg->ack = xs->tcb.rcv_nxt;
	if (flags & XTCP_SYN) {
		syn_options(sk, flags & XTCP_ACK, &seg->opt);
		if ((flags & XTCP_ACK) && !retrans)
			xtcp_ecn_option_syn_ack(&xs->tcb.ecn, &seg->opt,
						xtcp_sk_sysctl(sk, ecn_option));
	} else {
		data_options(sk, len, &seg->opt);
		accecn_option(sk, seq, len, dup != xs->tcb.dsack.right,
			      &seg->opt);
	}
	if (flags & XTCP_RST) {
		seg->wnd = min_t(u32, xtcp_said_wnd(&xs->tcb) >>
				      xs->tcb.rcv_wscale, 0xffff);
	} else {
		window_field(sk, seg);
		urgent_field(sk, seg);
	}
	seg->hdr_len = XTCP_HDR_MIN + xtcp_options_len(&seg->opt);
}

/*
 * Put the header in front of the payload of @skb, and pass it to IP with @ecn
 * as the IP-ECN field. Consumes @skb.
 */
static int send_segment(struct sock *sk, struct sk_buff *skb,
			struct xtcp_segment *seg, u8 ecn)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct net *net = sock_net(sk);
	struct xtcp_tuple t;

	skb_push(skb, seg->hdr_len);
	skb_reset_transport_header(skb);
	xtcp_header_write(skb->data, ntohs(inet_sk(sk)->inet_sport),
			  ntohs(inet_sk(sk)->inet_dport), seg);
	xtcp_options_write(skb->data + XTCP_HDR_MIN, &seg->opt);
	xs->af->check(skb, &sk->sk_v6_rcv_saddr, &sk->sk_v6_daddr);
	skb->protocol = htons(xs->af->family == AF_INET ? ETH_P_IP :
							  ETH_P_IPV6);
	if (seg->flags & XTCP_ACK)
		xtcp_ack_left(xs, lacks_blocks(sk, seg));
	xs->segs_out += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	xtcp_sk_count_n(sk, OutSegs, max_t(u16, 1, skb_shinfo(skb)->gso_segs));
	if (trace_xtcp_send_enabled()) {
		xtcp_tuple_of(sk, &t);
		trace_xtcp_send(net, &t, seg);
	}
	skb_set_owner_w(skb, sk);
	skb_set_hash_from_sk(skb, sk);
	if (unlikely(sk->sk_dst_pending_confirm))
		skb_set_dst_pending_confirm(skb, 1);
	return xs->af->xmit(sk, skb, ecn);
}

static bool quiet(const struct sock *sk)
{
	return unlikely(xtcp_sk(sk)->now <
			xtcp_sk(sk)->xn->quiet_until);
}

/* GSO or the device cuts a large skb into full segments. */
static void set_gso(struct sock *sk, struct sk_buff *skb)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 mss = tcb->snd_mss;

	/* A path MTU probe is one segment, however large. */
	if (skb->len <= mss ||
	    xtcp_pmtud_overlaps_probe(&tcb->pmtud, XTCP_CB(skb)->seq,
				      XTCP_CB(skb)->end_seq)) {
		skb_shinfo(skb)->gso_size = 0;
		skb_shinfo(skb)->gso_segs = 1;
		skb_shinfo(skb)->gso_type = 0;
		return;
	}
	skb_shinfo(skb)->gso_size = mss;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(skb->len, mss);
	skb_shinfo(skb)->gso_type = xtcp_sk(sk)->af->gso_type;
}

static struct sk_buff *copy_to_send(struct sk_buff *skb)
{
	struct sk_buff *copy;

	tcp_skb_tsorted_save(skb) {
		/* A clone in a lower queue uses the head: copy the head. */
		if (unlikely(skb_cloned(skb)))
			copy = pskb_copy(skb, GFP_ATOMIC);
		else
			copy = skb_clone(skb, GFP_ATOMIC);
	} tcp_skb_tsorted_restore(skb);
	/* In a tree, skb->dev is a part of the node. */
	if (likely(copy))
		copy->dev = NULL;
	return copy;
}

static void retransmit_traced(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_tuple t;

	if (!trace_xtcp_retransmit_enabled())
		return;
	xtcp_tuple_of(sk, &t);
	trace_xtcp_retransmit(sock_net(sk), &t, seg);
}

static void data_left(struct xtcp_sock *xs, const struct sk_buff *skb, u32 len)
{
	xs->bytes_sent += len;
	xs->tcb.prr.out += len;
	xs->data_segs_out += skb_shinfo(skb)->gso_segs;
	xs->last_sent = xs->now;
	xtcp_ack_data_left(xs);
}

/*
 * @skb with @len bytes of payload is sent, at the time in its control block: stamp
 * it, for the delivery rate.
 */
static void stamp(struct xtcp_sock *xs, struct sk_buff *skb, u32 len)
{
	struct xtcp_tcb *tcb = &xs->tcb;
	struct xtcp_cb *cb = XTCP_CB(skb);

	cb->stamp.lost = tcb->lost;
	cb->stamp.in_flight = xtcp_pipe(tcb) + len;
	xtcp_rate_sent(&tcb->rate, &cb->stamp, cb->sent,
		       tcb->snd_una == tcb->snd_nxt);
}

/**
 * xtcp_transmit() - send a segment of the write queue
 * @sk: the socket, lock held
 * @skb: stays in the queue; a clone is sent
 * @retrans: it is a retransmission
 *
 * Return: 0, or a negative errno if nothing was sent: -EAGAIN in the quiet time
 * (RFC 9293 3.4.3), -ENOBUFS without memory. The caller retries later. A packet
 * that a lower queue drops counts as lost in the network.
 */
int xtcp_transmit(struct sock *sk, struct sk_buff *skb, bool retrans)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_cb *cb = XTCP_CB(skb);
	struct xtcp_segment seg;
	struct sk_buff *copy;
	u32 len = skb->len;
	u8 ecn;

	if (quiet(sk))
		return -EAGAIN;
	set_gso(sk, skb);
	copy = copy_to_send(skb);
	if (unlikely(!copy))
		return -ENOBUFS;
	xtcp_pace_sent(sk, copy, cb);
	stamp(xs, skb, len);

	/*
	 * RFC 9293 3.9.1.2, MUST-61: the last segment of the queue gets PSH,
	 * and keeps it. The last of those that are cut from a large skb gets
	 * it, too: then GRO of the peer does not wait for more.
	 */
	if (len && cb->end_seq == xs->tcb.write_seq)
		cb->flags |= XTCP_PSH;
	fill_segment(sk, &seg, cb->seq, cb->flags, len, retrans);
	if (skb_shinfo(skb)->gso_segs > 1)
		seg.flags |= XTCP_PSH;
	ecn = ecn_field(sk, &seg, retrans);
	/* RFC 3168 6.1.2: CWR only in the first segment of a large skb. */
	if ((seg.flags & XTCP_CWR) && skb_shinfo(copy)->gso_size)
		skb_shinfo(copy)->gso_type |= SKB_GSO_TCP_ECN;
	if (len)
		data_left(xs, copy, len);
	if (retrans)
		retransmit_traced(sk, &seg);
	send_segment(sk, copy, &seg, ecn);
	return 0;
}

/**
 * xtcp_transmit_syn_data() - send a SYN and data in one segment
 * @sk: the socket, lock held
 * @syn: stays in the write queue
 * @data: the next in the queue, where it stays; fits into the segment
 *
 * Return: 0, or a negative errno as xtcp_transmit().
 */
int xtcp_transmit_syn_data(struct sock *sk, struct sk_buff *syn,
			   struct sk_buff *data)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 len = data->len;
	struct xtcp_segment seg;
	struct sk_buff *copy;

	if (quiet(sk))
		return -EAGAIN;
	set_gso(sk, data);
	copy = copy_to_send(data);
	if (unlikely(!copy))
		return -ENOBUFS;
	XTCP_CB(syn)->sent = xs->now;
	XTCP_CB(data)->sent = xs->now;
	stamp(xs, syn, 0);
	stamp(xs, data, len);
	fill_segment(sk, &seg, XTCP_CB(syn)->seq, XTCP_SYN, len,
		     false);
	data_left(xs, copy, len);
	send_segment(sk, copy, &seg, ecn_field(sk, &seg, false));
	return 0;
}

/**
 * xtcp_transmit_bare() - send a segment without payload
 * @sk: the socket, lock held
 * @flags: control bits
 * @seq: its sequence number
 *
 * For ACK, RST and probes. The segment is not queued and not retransmitted.
 *
 * Return: 0, a NET_XMIT_* code of a lower queue, or a negative errno: -EAGAIN
 * and -ENOBUFS as xtcp_transmit(), or that of IP.
 */
int xtcp_transmit_bare(struct sock *sk, u8 flags, u32 seq)
{
	struct xtcp_segment seg;
	struct sk_buff *skb;

	if (quiet(sk))
		return -EAGAIN;
	skb = alloc_skb(HEAD_ROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!skb))
		return -ENOBUFS;
	skb_reserve(skb, HEAD_ROOM);
	fill_segment(sk, &seg, seq, flags, 0, true);
	return send_segment(sk, skb, &seg, ecn_field(sk, &seg, true));
}

/**
 * xtcp_ack_send() - send an ACK now
 * @sk: the socket, lock held
 *
 * Nothing is sent in CLOSED. Without memory the delayed ACK timer retries.
 */
void xtcp_ack_send(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (xtcp_transmit_bare(sk, XTCP_ACK, xs->tcb.snd_nxt) == -ENOBUFS)
		xtcp_ack_retry(sk);
}

/**
 * xtcp_challenge_ack() - send a challenge ACK (RFC 5961)
 * @sk: the socket, lock held
 *
 * The rate is limited per socket and per namespace. The limit per namespace is
 * randomized, so that an attacker cannot infer from it what other connections
 * do (RFC 5961 7).
 */
void xtcp_challenge_ack(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct net *net = sock_net(sk);

	if (!xtcp_answer_allowed(net, &xs->last_oow, xs->now))
		return;
	if (!xtcp_challenge_allowed(xtcp_net(net), xs->now)) {
		xtcp_count(net, SkippedChallenge);
		return;
	}
	xtcp_count(net, ChallengeACK);
	xtcp_ack_send(sk);
}

/**
 * xtcp_reset_peer() - send a RST to the peer of an aborted connection
 * @sk: the socket, lock held, in a synchronized state or SYN-RECEIVED
 * @reason: reason of the RST, for the trace
 *
 * Source: RFC 9293 3.10.5: <SEQ=SND.NXT><CTL=RST>. The ACK flag is set, too: it
 * lets firewalls see that the RST belongs to the connection.
 */
void xtcp_reset_peer(struct sock *sk, enum xtcp_reset_reason reason)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tuple t;

	xtcp_tuple_of(sk, &t);
	trace_xtcp_reset(sock_net(sk), &t, reason);
	xtcp_sk_count(sk, OutRsts);
	if (xtcp_transmit_bare(sk, XTCP_RST | XTCP_ACK, xs->tcb.snd_nxt) < 0)
		xtcp_sk_count(sk, AbortFailed);
}
