// SPDX-License-Identifier: GPL-2.0
#include "ecn.h"
#include "seq.h"

/* The fields of the AccECN option are the low 24 bits of the counters. */
#define FIELD_MASK	0xffffffu

/*
 * RFC 9768 3.2.2.5.1: an ACK is due after this number of CE marks, with or
 * without unacknowledged data.
 */
#define CE_UNSAID_WITH_DATA	2
#define CE_UNSAID_WITHOUT	3

/* No more than this number of SACK blocks make room for the AccECN option. */
#define SACK_BLOCKS_MIN		2

/*
 * The mean number of segments per ACK, in units of 1 / 2^AVERAGE_SHIFT; one ACK
 * changes it by 1 / 2^AVERAGE_WEIGHT of the difference. If it exceeds MANY, large
 * ACKs are the rule on this path.
 */
#define AVERAGE_SHIFT		6
#define AVERAGE_WEIGHT		6
#define MANY			(4 << AVERAGE_SHIFT)

/*
 * RFC 9768 tables 2 and 3: the code by which a SYN-ACK reports the IP-ECN field
 * of the SYN, and the ACK of a SYN-ACK reports that of the SYN-ACK.
 */
static const u8 handshake_code[] = {
	[XTCP_IP_NOT_ECT] = 2,
	[XTCP_IP_ECT1] = 3,
	[XTCP_IP_ECT0] = 4,
	[XTCP_IP_CE] = 6,
};

/*
 * Our SYNs and SYN-ACKs are Not-ECT: if the peer reports another IP-ECN field,
 * the path has changed it (RFC 9768 3.2.2.3).
 */
static bool reports_mangling(u8 bits)
{
	return bits == handshake_code[XTCP_IP_ECT1] ||
	       bits == handshake_code[XTCP_IP_ECT0] ||
	       bits == handshake_code[XTCP_IP_CE];
}

/**
 * xtcp_ecn_policy() - the mode that a connection may use
 * @setting: 0 to 5, as net.ipv4.tcp_ecn
 * @active: active open
 *
 * Return: enum xtcp_ecn_mode; XTCP_ECN_OFF for other settings.
 */
u8 xtcp_ecn_policy(u32 setting, bool active)
{
	static const struct {
		u8 in, out;
	} policy[] = {
		{ XTCP_ECN_OFF, XTCP_ECN_OFF },
		{ XTCP_ECN_CLASSIC, XTCP_ECN_CLASSIC },
		{ XTCP_ECN_CLASSIC, XTCP_ECN_OFF },
		{ XTCP_ECN_ACCURATE, XTCP_ECN_ACCURATE },
		{ XTCP_ECN_ACCURATE, XTCP_ECN_CLASSIC },
		{ XTCP_ECN_ACCURATE, XTCP_ECN_OFF },
	};

	if (setting >= ARRAY_SIZE(policy))
		return XTCP_ECN_OFF;
	return active ? policy[setting].out : policy[setting].in;
}

/**
 * xtcp_ecn_bits() - the flags AE, CWR and ECE of a segment as one number
 * @seg: the segment
 *
 * Return: AE, CWR, ECE, AE the highest bit, 0 to 7.
 */
u8 xtcp_ecn_bits(const struct xtcp_segment *seg)
{
	return (seg->ae ? 4 : 0) | (seg->flags & XTCP_CWR ? 2 : 0) |
	       (seg->flags & XTCP_ECE ? 1 : 0);
}

static void put_bits(struct xtcp_segment *out, u8 bits)
{
	out->ae = bits >> 2;
	if (bits & 2)
		out->flags |= XTCP_CWR;
	if (bits & 1)
		out->flags |= XTCP_ECE;
}

/* RFC 9768 3.2.1. @seg: the peer's SYN or SYN-ACK. */
static void begin_accurate(struct xtcp_ecn *e, const struct xtcp_segment *seg)
{
	static const struct xtcp_ecn_bytes init = {
		.e0b = XTCP_ECN_BYTES_INIT,
		.e1b = XTCP_ECN_BYTES_INIT,
	};

	e->mode = XTCP_ECN_ACCURATE;
	e->r_cep = XTCP_ECN_CEP_INIT;
	e->s_cep = XTCP_ECN_CEP_INIT;
	e->opt_cep = XTCP_ECN_CEP_INIT;
	e->r = init;
	e->s = init;
	e->r_sent = init;
	e->tsval = seg->opt.tsval;
}

/**
 * xtcp_ecn_syn() - set the ECN flags of a SYN without ACK
 * @e: ECN of the connection
 * @retrans: retransmissions of the SYN so far
 * @fallback: stop requesting ECN after retransmissions: a middlebox may drop
 *	such SYNs
 * @out: the SYN
 *
 * Source: RFC 3168 6.1.1, 6.1.1.1; RFC 9768 3.1.1, 3.1.4.1: the first
 * retransmission still requests AccECN, later ones do not.
 *
 * Return: true if this is the first SYN without the request.
 */
bool xtcp_ecn_syn(struct xtcp_ecn *e, u32 retrans, bool fallback,
		  struct xtcp_segment *out)
{
	u32 tries = e->want == XTCP_ECN_ACCURATE ? 2 : 1;
	bool first = !e->syn_fallback;

	if (e->want == XTCP_ECN_OFF)
		return false;
	if (e->syn_fallback || (fallback && retrans >= tries)) {
		e->syn_fallback = 1;
		return first;
	}
	put_bits(out, e->want == XTCP_ECN_ACCURATE ? XTCP_ECN_SYN_ACCURATE :
						     XTCP_ECN_SYN_CLASSIC);
	return false;
}

/* RFC 9768 3.1.3: an unknown combination of flags requests AccECN. */
static bool requests_accecn(const struct xtcp_ecn *e, u8 bits)
{
	return e->want == XTCP_ECN_ACCURATE && bits &&
	       bits != XTCP_ECN_SYN_CLASSIC;
}

/**
 * xtcp_ecn_rcv_syn() - choose the mode from the peer's first SYN
 * @e: ECN of the connection; @want is set
 * @seg: the SYN
 *
 * A classic request in a packet that is not Not-ECT is refused, as in the
 * kernel's TCP: the path changes the IP-ECN field, so CE marks would not mean
 * congestion.
 *
 * Source: RFC 3168 6.1.1; RFC 9768 3.1.2 (table 2), 3.1.3.
 */
void xtcp_ecn_rcv_syn(struct xtcp_ecn *e, const struct xtcp_segment *seg)
{
	u8 bits = xtcp_ecn_bits(seg);

	e->mode = XTCP_ECN_OFF;
	if (e->want == XTCP_ECN_OFF)
		return;
	if (requests_accecn(e, bits)) {
		begin_accurate(e, seg);
		e->syn_ack_code = handshake_code[seg->ecn];
		return;
	}
	/* To a host that implements only RFC 3168, AE is a reserved bit. */
	if ((bits & 3) == XTCP_ECN_SYN_CLASSIC && seg->ecn == XTCP_IP_NOT_ECT)
		e->mode = XTCP_ECN_CLASSIC;
}

/**
 * xtcp_ecn_rcv_syn_retrans() - process a retransmitted SYN with other flags
 * @e: ECN of the connection
 * @seg: the SYN
 *
 * A SYN without the request turns classic ECN off (RFC 3168 6.1.1). AccECN
 * stays on, but no ECT is sent; the SYN-ACK reports the IP-ECN field of the
 * latest SYN (RFC 9768 3.1.5).
 *
 * Return: false if the connection must be reset: classic and accurate ECN were
 * requested in one handshake.
 */
bool xtcp_ecn_rcv_syn_retrans(struct xtcp_ecn *e,
			      const struct xtcp_segment *seg)
{
	u8 bits = xtcp_ecn_bits(seg);

	switch (e->mode) {
	case XTCP_ECN_CLASSIC:
		if (requests_accecn(e, bits))
			return false;
		if ((bits & 3) != XTCP_ECN_SYN_CLASSIC)
			e->mode = XTCP_ECN_OFF;
		break;
	case XTCP_ECN_ACCURATE:
		if (bits == XTCP_ECN_SYN_CLASSIC)
			return false;
		if (!bits)
			e->no_ect = 1;
		e->syn_ack_code = handshake_code[seg->ecn];
		break;
	default:
		break;
	}
	return true;
}

/**
 * xtcp_ecn_syn_ack() - set the ECN flags of a SYN-ACK
 * @e: ECN of the connection
 * @retrans: retransmissions of the SYN-ACK by the timer so far
 * @fallback: AccECN: no flags from the second retransmission on, because a
 *	middlebox may drop the SYN-ACK; after that no ECT is sent
 * @out: the SYN-ACK
 *
 * Source: RFC 3168 6.1.1; RFC 9768 3.1.2 (table 2), 3.1.5, 3.2.3.2.2.
 */
void xtcp_ecn_syn_ack(struct xtcp_ecn *e, u32 retrans, bool fallback,
		      struct xtcp_segment *out)
{
	if (e->mode == XTCP_ECN_CLASSIC) {
		put_bits(out, XTCP_ECN_SYN_ACK_CLASSIC);
	} else if (e->mode == XTCP_ECN_ACCURATE) {
		if (fallback && retrans >= 2)
			e->no_ect = 1;
		else
			put_bits(out, e->syn_ack_code);
	}
}

/* The AccECN option of the peer */

static u32 advance(u32 *counter, u32 field)
{
	u32 delta = (field - *counter) & FIELD_MASK;

	*counter += delta;
	return delta;
}

/*
 * RFC 9768 3.2.3.2.4: the initial values of r.e0b and r.e1b are not zero. If
 * one of them is zero in the first option, a middlebox has cleared it.
 */
static bool zeroed(const struct xtcp_options *opt)
{
	return (opt->naccecn > 0 && !opt->ecnb[0]) ||
	       (opt->naccecn > 2 && !opt->ecnb[2]);
}

/* Return: true if the option is usable. */
static bool note_option(struct xtcp_ecn *e, const struct xtcp_options *opt)
{
	if (!opt->accecn || e->opt_bad)
		return false;
	if (!e->opt_seen && zeroed(opt)) {
		e->opt_bad = 1;
		return false;
	}
	e->opt_seen = 1;
	return true;
}

/* Return: true if the option is usable: *@marked is set to its new CE bytes. */
static bool take_option(struct xtcp_ecn *e, const struct xtcp_options *opt,
			u32 *marked)
{
	bool order1 = opt->accecn == XTCP_ACCECN_ORDER1;

	if (!note_option(e, opt))
		return false;
	if (opt->naccecn > 0)
		advance(order1 ? &e->s.e1b : &e->s.e0b, opt->ecnb[0]);
	if (opt->naccecn > 2)
		advance(order1 ? &e->s.e0b : &e->s.e1b, opt->ecnb[2]);
	/* A field left out at the end has not changed. */
	*marked = opt->naccecn > 1 ? advance(&e->s.ceb, opt->ecnb[1]) : 0;
	return true;
}

/* Report a SYN-ACK's IP-ECN field in our ACK; count CE once per handshake. */
static void answer_syn_ack(struct xtcp_ecn *e, const struct xtcp_segment *seg)
{
	e->ack_code = handshake_code[seg->ecn];
	if (seg->ecn == XTCP_IP_CE && !e->syn_ack_ce) {
		e->syn_ack_ce = 1;
		e->r_cep++;
	}
}

/**
 * xtcp_ecn_rcv_syn_ack() - choose the mode from the SYN-ACK
 * @e: ECN of the connection
 * @seg: the SYN-ACK
 *
 * Source: RFC 3168 6.1.1; RFC 9768 3.1.2 (table 2), 3.1.3, 3.2.2.3.
 */
void xtcp_ecn_rcv_syn_ack(struct xtcp_ecn *e, const struct xtcp_segment *seg)
{
	u8 bits = xtcp_ecn_bits(seg);
	u32 marked;

	e->mode = XTCP_ECN_OFF;
	if (e->want == XTCP_ECN_CLASSIC)
		bits &= 3;
	if (e->want == XTCP_ECN_OFF || !bits)
		return;
	if (bits == XTCP_ECN_SYN_ACK_CLASSIC) {
		/* RFC 3168 6.1.1: no ECN if a SYN did not request it. */
		if (!e->syn_fallback)
			e->mode = XTCP_ECN_CLASSIC;
		return;
	}
	/* A peer that only reflects our flags does not support AccECN. */
	if (e->want != XTCP_ECN_ACCURATE || bits == XTCP_ECN_SYN_ACCURATE)
		return;
	begin_accurate(e, seg);
	e->no_ect = reports_mangling(bits);
	e->handshake_ce = bits == handshake_code[XTCP_IP_CE];
	answer_syn_ack(e, seg);
	take_option(e, &seg->opt, &marked);
}

/**
 * xtcp_ecn_rcv_syn_ack_retrans() - process a retransmitted SYN-ACK
 * @e: ECN of the connection
 * @seg: the SYN-ACK; an earlier one was acknowledged
 *
 * Source: RFC 9768 3.1.5 (report the latest SYN-ACK), 3.2.2.1.
 */
void xtcp_ecn_rcv_syn_ack_retrans(struct xtcp_ecn *e,
				  const struct xtcp_segment *seg)
{
	u8 bits = xtcp_ecn_bits(seg);

	if (e->mode == XTCP_ECN_ACCURATE && bits &&
	    bits != XTCP_ECN_SYN_ACK_CLASSIC && bits != XTCP_ECN_SYN_ACCURATE)
		answer_syn_ack(e, seg);
}

/**
 * xtcp_ecn_handshake_ack() - process the ACK that completes SYN-RECEIVED
 * @e: ECN of the connection
 * @seg: the ACK
 *
 * Only a pure ACK without SACK blocks has a handshake code. xtcp_ecn_feedback()
 * is called for the same ACK afterwards; @e->skip_ace is for it. The ACK may
 * also have the peer's first option.
 *
 * Source: RFC 9768 3.2.2.1 (table 4), 3.2.2.3.
 */
void xtcp_ecn_handshake_ack(struct xtcp_ecn *e, const struct xtcp_segment *seg)
{
	u8 ace = xtcp_ecn_bits(seg);

	if (e->mode != XTCP_ECN_ACCURATE)
		return;
	note_option(e, &seg->opt);
	if (seg->opt.nsack || seg->end_seq != seg->seq)
		return;
	e->skip_ace = 1;
	if (!ace) {
		e->no_ect = 1;
		e->ignore_feedback = 1;
	} else if (reports_mangling(ace)) {
		e->no_ect = 1;
	}
	if (ace == handshake_code[XTCP_IP_CE]) {
		e->s_cep = XTCP_ECN_CEP_INIT + 1;
		e->handshake_ce = 1;
	}
}

/* Receiver */

/* RFC 3168 6.1.3. CWR first: CE on the same segment starts a new echo. */
static bool arrived_classic(struct xtcp_ecn *e, const struct xtcp_segment *seg)
{
	bool now = false;

	if (!seg->len)
		return false;
	if (seg->flags & XTCP_CWR) {
		e->echo = 0;
		/* The peer's cwnd may be one segment: do not delay the ACK. */
		now = true;
	}
	if (seg->ecn == XTCP_IP_CE) {
		now = now || !e->echo;
		e->echo = 1;
	}
	return now;
}

static void count_bytes(struct xtcp_ecn_bytes *r, u8 ecn, u32 len)
{
	if (ecn == XTCP_IP_ECT0)
		r->e0b += len;
	else if (ecn == XTCP_IP_ECT1)
		r->e1b += len;
	else if (ecn == XTCP_IP_CE)
		r->ceb += len;
}

/* RFC 9768 3.2, 3.2.2.5.1. */
static bool arrived_accurate(struct xtcp_ecn *e, const struct xtcp_segment *seg,
			     u32 packets, bool owed)
{
	bool ce = seg->ecn == XTCP_IP_CE;
	bool turned = ce && !e->last_ce && seg->len;
	u32 limit = owed || seg->len ? CE_UNSAID_WITH_DATA : CE_UNSAID_WITHOUT;

	count_bytes(&e->r, seg->ecn, seg->len);
	e->last_ce = ce;
	if (!ce)
		return false;
	e->r_cep += packets;
	e->ce_unreported = min_t(u32, e->ce_unreported + packets, 255);
	return turned || e->ce_unreported >= limit;
}

/**
 * xtcp_ecn_rcv_segment() - count the IP-ECN field of an arriving segment
 * @e: ECN of the connection
 * @seg: an acceptable segment without SYN; all of its packets have the same
 *	IP-ECN field
 * @packets: packets that were merged into the segment (GRO), at least 1
 * @owed: earlier data is not yet acknowledged
 *
 * Return: true if an ACK must be sent at once.
 */
bool xtcp_ecn_rcv_segment(struct xtcp_ecn *e, const struct xtcp_segment *seg,
			  u32 packets, bool owed)
{
	if (e->mode == XTCP_ECN_OFF)
		return false;
	if (seg->ecn != XTCP_IP_NOT_ECT)
		e->seen = 1;
	if (e->mode == XTCP_ECN_CLASSIC)
		return arrived_classic(e, seg);
	return arrived_accurate(e, seg, packets, owed);
}

static u8 send_classic(struct xtcp_ecn *e, struct xtcp_segment *out, bool fresh)
{
	if (e->echo && !(out->flags & XTCP_RST))
		out->flags |= XTCP_ECE;
	if (!fresh)
		return XTCP_IP_NOT_ECT;
	if (e->cwr) {
		out->flags |= XTCP_CWR;
		e->cwr = 0;
	}
	return XTCP_IP_ECT0;
}

static u8 send_accurate(struct xtcp_ecn *e, struct xtcp_segment *out,
			bool fresh)
{
	/* RFC 9768 3.2.2.1: a pure ACK without SACK reports on the SYN-ACK. */
	if (e->ack_code && !out->len && !out->opt.nsack &&
	    !(out->flags & (XTCP_FIN | XTCP_RST))) {
		put_bits(out, e->ack_code);
		e->ack_code = 0;
	} else {
		put_bits(out, e->r_cep & 7);
		e->ce_unreported = 0;
	}
	return (fresh || e->all_ect) && !e->no_ect ? XTCP_IP_ECT0 :
						     XTCP_IP_NOT_ECT;
}

/**
 * xtcp_ecn_send() - set the ECN flags of a segment without SYN
 * @e: ECN of the connection
 * @out: the segment; its options are complete
 * @fresh: it carries data that was never sent before
 *
 * Only new data is ECN-capable, not pure ACKs, retransmissions or probes, unless
 * @e->all_ect is set.
 *
 * Source: RFC 3168 6.1.2 to 6.1.6; RFC 8311 4.3; RFC 9768 3.2.2, 4.
 * Return: the IP-ECN field for the packet.
 */
u8 xtcp_ecn_send(struct xtcp_ecn *e, struct xtcp_segment *out, bool fresh)
{
	if (e->mode == XTCP_ECN_OFF || !(out->flags & XTCP_ACK))
		return XTCP_IP_NOT_ECT;
	if (e->mode == XTCP_ECN_CLASSIC)
		return send_classic(e, out, fresh);
	return send_accurate(e, out, fresh);
}

/* Our AccECN option. It has order 1: ECT(1), CE, ECT(0). */

/* May segments without SYN have it? An option of the peer has arrived. */
static bool option_on(const struct xtcp_ecn *e, u32 level)
{
	return e->mode == XTCP_ECN_ACCURATE && level > XTCP_ECN_OPTION_NEVER &&
	       (e->opt_seen || e->opt_bad) &&
	       (!e->opt_off || level >= XTCP_ECN_OPTION_PERSIST);
}

/**
 * xtcp_ecn_option_space() - the space for the option in full segments
 * @e: ECN of the connection
 * @level: enum xtcp_ecn_option
 *
 * Return: bytes that the option takes from each segment; 0 if not each has it.
 */
u32 xtcp_ecn_option_space(const struct xtcp_ecn *e, u32 level)
{
	return level >= XTCP_ECN_OPTION_ALWAYS && option_on(e, level) ?
	       XTCP_OPT_ACCECN_LEN : 0;
}

/*
 * The number of fields up to the last one that has changed since the last
 * option. A shorter option must not be sent (RFC 9768 3.2.3.3).
 */
static u8 fields_needed(const struct xtcp_ecn *e)
{
	if (e->r.e0b != e->r_sent.e0b)
		return 3;
	if (e->r.ceb != e->r_sent.ceb)
		return 2;
	return e->r.e1b != e->r_sent.e1b;
}

/*
 * Choose the number of fields, as many as fit and @needed at least, so that all
 * options take at most @space bytes. If not enough fit, SACK blocks make room,
 * down to two, which have priority (RFC 9768 3.2.3.3). An option without fields
 * needs no room: it replaces the NOPs of the blocks.
 */
static bool fit_option(struct xtcp_options *opt, u8 needed, u32 space)
{
	u8 blocks = opt->nsack;
	u8 n;

	opt->accecn = XTCP_ACCECN_ORDER1;
	for (;;) {
		for (n = XTCP_ACCECN_MAX + 1; n-- > needed;) {
			opt->naccecn = n;
			if (xtcp_options_len(opt) <= space)
				return true;
		}
		if (opt->nsack <= SACK_BLOCKS_MIN)
			break;
		opt->nsack--;
	}
	opt->nsack = blocks;
	opt->accecn = 0;
	opt->naccecn = 0;
	return false;
}

static bool put_option(struct xtcp_ecn *e, struct xtcp_options *opt, u32 space)
{
	if (!fit_option(opt, fields_needed(e), space))
		return false;
	opt->ecnb[0] = e->r.e1b & FIELD_MASK;
	opt->ecnb[1] = e->r.ceb & FIELD_MASK;
	opt->ecnb[2] = e->r.e0b & FIELD_MASK;
	e->r_sent = e->r;
	return true;
}

/**
 * xtcp_ecn_option_syn_ack() - add the AccECN option to a SYN-ACK
 * @e: ECN of the connection
 * @opt: the options of the SYN-ACK; all others are set already
 * @level: enum xtcp_ecn_option
 *
 * With fewer fields, or none, if other options leave too little space.
 *
 * Source: RFC 9768 3.2.3.2.1.
 */
void xtcp_ecn_option_syn_ack(struct xtcp_ecn *e, struct xtcp_options *opt,
			     u32 level)
{
	if (e->mode == XTCP_ECN_ACCURATE && level > XTCP_ECN_OPTION_NEVER)
		put_option(e, opt, XTCP_OPT_SPACE);
}

/**
 * xtcp_ecn_option() - add the AccECN option to a segment without SYN
 * @e: ECN of the connection
 * @opt: the segment's options; all others are set already. Of more than two
 *	SACK blocks, the last ones may be removed
 * @level: enum xtcp_ecn_option
 * @space: bytes available for all options
 * @first: send it even if no counter has changed: on the ACK of the SYN-ACK and
 *	on the first data (RFC 9768 3.2.3.2.1)
 * @dup: the first SACK block reports a duplicate
 *
 * An option whose fields do not fit is left out (RFC 9768 3.2.3.3).
 */
void xtcp_ecn_option(struct xtcp_ecn *e, struct xtcp_options *opt, u32 level,
		     u32 space, bool first, bool dup)
{
	e->opt_dup = 0;
	if (!option_on(e, level))
		return;
	if (level >= XTCP_ECN_OPTION_ALWAYS || first || fields_needed(e))
		e->opt_dup = put_option(e, opt, space) && dup;
}

/**
 * xtcp_ecn_rcv_duplicate() - data arrived that was received before
 * @e: ECN of the connection
 * @same: it is the data that our last duplicate report (RFC 2883) was about
 *
 * The peer did not receive that report if the data is sent once more. If it had
 * the AccECN option, a middlebox may drop such segments: send the option no
 * longer.
 *
 * Source: RFC 9768 3.2.3.2.2.
 */
void xtcp_ecn_rcv_duplicate(struct xtcp_ecn *e, bool same)
{
	if (same && e->opt_dup)
		e->opt_off = 1;
}

/* Sender */

/* The mean number of segments per ACK. The first ACK sets it. */
static void average(struct xtcp_ecn *e, u32 segs)
{
	u32 now = min_t(u32, segs, 0xffff >> AVERAGE_SHIFT) << AVERAGE_SHIFT;

	if (!e->acked_mean)
		e->acked_mean = now;
	else if (segs)
		e->acked_mean = ((e->acked_mean << AVERAGE_WEIGHT) -
				 e->acked_mean + now) >> AVERAGE_WEIGHT;
}

/*
 * RFC 9768 3.2.2.5.2: the ACE field counts modulo 8. @d is the least number of
 * new CE marks that it can mean; the true number may be larger by a multiple of
 * 8. If there is an AccECN option, choose by the bytes marked since the last
 * one. Otherwise take the largest number that the delivered segments allow. If
 * large ACKs are the rule, few of them have so many marks: take @d then.
 */
static u32 unwrap(const struct xtcp_ecn *e, u32 d, bool told, u32 marked,
		  const struct xtcp_ecn_acked *acked)
{
	u32 before = e->s_cep - e->opt_cep;

	if (told) {
		while (d + 8 <= acked->segs &&
		       (u64)(before + d) * acked->mss < marked)
			d += 8;
		return d;
	}
	if (acked->segs > 7 && e->acked_mean <= MANY)
		d = acked->segs - ((acked->segs - d) & 7);
	return d;
}

/*
 * An older ACK may arrive late. This one is newer than those before if it
 * delivers something, or if its timestamp is newer.
 */
static bool has_progress(struct xtcp_ecn *e, const struct xtcp_segment *seg,
			 const struct xtcp_ecn_acked *acked)
{
	bool newer = seg->opt.has_ts && seq_after(seg->opt.tsval, e->tsval);

	if (newer)
		e->tsval = seg->opt.tsval;
	return newer || acked->segs || seq_after(seg->ack, acked->una);
}

static u32 feedback_accurate(struct xtcp_ecn *e, const struct xtcp_segment *seg,
			     const struct xtcp_ecn_acked *acked)
{
	u32 d = (xtcp_ecn_bits(seg) - e->s_cep) & 7;
	u32 marked = 0;
	bool told;

	if (!has_progress(e, seg, acked) && !e->skip_ace)
		return 0;
	told = take_option(e, &seg->opt, &marked);
	average(e, acked->segs);
	if (e->skip_ace) {
		e->skip_ace = 0;
		return 0;
	}
	if (e->ignore_feedback)
		return 0;
	d = unwrap(e, d, told, marked, acked);
	e->s_cep += d;
	if (!told)
		return d;
	/* RFC 9768 3.2.3.2.5: ceb grew, cep did not: the path changes one. */
	if (marked && e->s_cep == e->opt_cep)
		e->no_ect = 1;
	e->opt_cep = e->s_cep;
	return d;
}

/**
 * xtcp_ecn_feedback() - process the ECN feedback of an ACK
 * @e: ECN of the connection
 * @seg: acceptable, with ACK, without SYN
 * @acked: the parameters of the ACK
 *
 * A reordered ACK, below SND.UNA, is ignored. In AccECN so is one that delivers
 * nothing and has no newer timestamp.
 *
 * Source: RFC 3168 6.1.2; RFC 9768 3.2.2.2, 3.2.2.5.2, 3.2.3.1.
 * Return: packets newly reported as CE marked; classic: 1 if ECE is set.
 */
u32 xtcp_ecn_feedback(struct xtcp_ecn *e, const struct xtcp_segment *seg,
		      const struct xtcp_ecn_acked *acked)
{
	/* All of the window is acknowledged. After a wrap @cut is invalid. */
	if (e->reduced_valid && seq_after(acked->una, e->reduced_seq))
		e->reduced_valid = 0;
	if (e->mode == XTCP_ECN_OFF || seq_before(seg->ack, acked->una))
		return 0;
	if (e->mode == XTCP_ECN_CLASSIC)
		return !!(seg->flags & XTCP_ECE);
	return feedback_accurate(e, seg, acked);
}

/**
 * xtcp_ecn_reduce_due() - must cwnd be reduced for reported CE marks
 * @e: ECN of the connection
 * @ack: SEG.ACK of the ACK that reported them
 *
 * Source: RFC 3168 6.1.2: one reduction per window of data, for CE marks or for
 * a loss.
 *
 * Return: true if cwnd was not yet reduced for this window of data.
 */
bool xtcp_ecn_reduce_due(const struct xtcp_ecn *e, u32 ack)
{
	return !e->reduced_valid || seq_after(ack, e->reduced_seq);
}

/**
 * xtcp_ecn_reduced() - record a reduction of cwnd, for CE marks or a loss
 * @e: ECN of the connection
 * @snd_nxt: SND.NXT
 *
 * Source: RFC 3168 6.1.2. In AccECN, CWR does not report a reduction (RFC 9768
 * 3.1.5).
 */
void xtcp_ecn_reduced(struct xtcp_ecn *e, u32 snd_nxt)
{
	if (e->mode == XTCP_ECN_OFF)
		return;
	e->reduced_seq = snd_nxt;
	e->reduced_valid = 1;
	e->cwr = e->mode == XTCP_ECN_CLASSIC;
}

/**
 * xtcp_ecn_reduction_undone() - the last reduction of cwnd was undone
 * @e: ECN of the connection
 *
 * The next loss or CE mark must reduce cwnd, also in the same window of data,
 * and CWR is not to be sent.
 */
void xtcp_ecn_reduction_undone(struct xtcp_ecn *e)
{
	e->reduced_valid = 0;
	e->cwr = 0;
}

/**
 * xtcp_ecn_already_reduced() - was cwnd reduced for the window of this loss
 * @e: ECN of the connection
 * @una: SND.UNA, where the loss is
 *
 * Source: RFC 3168 6.1.2: CE marks and losses of one window of data are one
 * congestion event.
 *
 * Return: true if the loss must not reduce cwnd again.
 */
bool xtcp_ecn_already_reduced(const struct xtcp_ecn *e, u32 una)
{
	return e->reduced_valid && seq_before(una, e->reduced_seq);
}
