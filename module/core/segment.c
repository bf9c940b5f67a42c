// SPDX-License-Identifier: GPL-2.0
#include "segment.h"

/*
 * Option kinds and lengths: RFC 9293 3.2, RFC 7323 2.2 and 3.2, RFC 2018,
 * RFC 5482 3, RFC 9768 3.2.3, RFC 7413 4.1.1; experiments: RFC 6994 3.
 */
enum {
	OPT_EOL		= 0,
	OPT_NOP		= 1,
	OPT_MSS		= 2,
	OPT_WSCALE	= 3,
	OPT_SACK_PERM	= 4,
	OPT_SACK	= 5,
	OPT_TS		= 8,
	OPT_UTO		= 28,
	OPT_ACCECN0	= XTCP_ACCECN_ORDER0,
	OPT_ACCECN1	= XTCP_ACCECN_ORDER1,
	OPT_FASTOPEN	= 34,
	OPT_EXPERIMENT	= 254,
};

/* Identifies the experimental form of Fast Open (RFC 6994, RFC 7413 4.1.1). */
#define EXID_FASTOPEN	0xf989

enum {
	LEN_MSS		= 4,
	LEN_WSCALE	= 3,
	LEN_SACK_PERM	= 2,
	LEN_SACK_BASE	= 2,
	LEN_SACK_BLOCK	= 8,
	LEN_TS		= 10,
	LEN_UTO		= 4,
	LEN_ACCECN_BASE	= 2,
	LEN_ACCECN_FIELD = 3,
	LEN_FASTOPEN	= 2,
	LEN_EXID	= 2,
};

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 get32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static u32 get24(const u8 *p)
{
	return (u32)p[0] << 16 | (u32)p[1] << 8 | p[2];
}

static u8 *put8(u8 *p, u8 v)
{
	*p = v;
	return p + 1;
}

static u8 *put16(u8 *p, u16 v)
{
	return put8(put8(p, v >> 8), v & 0xff);
}

static u8 *put32(u8 *p, u32 v)
{
	return put16(put16(p, v >> 16), v & 0xffff);
}

static void parse_sack(const u8 *p, u32 len, struct xtcp_options *opt)
{
	u32 n = (len - LEN_SACK_BASE) / LEN_SACK_BLOCK;
	u32 i;

	opt->nsack = min_t(u32, n, XTCP_SACK_MAX);
	for (i = 0; i < opt->nsack; i++, p += LEN_SACK_BLOCK) {
		opt->sack[i].left = get32(p);
		opt->sack[i].right = get32(p + 4);
	}
}

/* RFC 9768 3.2.3: parse complete fields; remaining bytes are padding. */
static void parse_accecn(u8 kind, const u8 *p, u32 len,
			 struct xtcp_options *opt)
{
	u32 n = (len - LEN_ACCECN_BASE) / LEN_ACCECN_FIELD;
	u32 i;

	opt->accecn = kind;
	opt->naccecn = min_t(u32, n, XTCP_ACCECN_MAX);
	for (i = 0; i < opt->naccecn; i++)
		opt->ecnb[i] = get24(p + i * LEN_ACCECN_FIELD);
}

/*
 * RFC 7413 4.1.1: ignore a cookie of invalid length, and the option on a
 * segment without SYN. The segment itself stays valid.
 */
static void parse_fastopen(const u8 *p, u32 n, bool exp,
			   struct xtcp_options *opt)
{
	if (n && (n < XTCP_FO_COOKIE_MIN || n > XTCP_FO_COOKIE_MAX || n % 2))
		return;
	opt->has_fastopen = 1;
	opt->fastopen_exp = exp;
	opt->cookie_len = n;
	memcpy(opt->cookie, p, n);
}

/*
 * Parse one option of kind @kind; its body lies within the header. A wrong
 * length of MSS, window scale, SACK-permitted, SACK or timestamps makes the
 * segment invalid. An option that belongs on a SYN is ignored elsewhere (RFC
 * 7323 2.2, RFC 2018 2, RFC 9293 3.2).
 */
static bool parse_option(u8 kind, const u8 *body, u32 len, bool syn,
			 struct xtcp_options *opt)
{
	switch (kind) {
	case OPT_MSS:
		if (len != LEN_MSS)
			return false;
		if (syn) {
			opt->has_mss = 1;
			opt->mss = get16(body);
		}
		return true;
	case OPT_WSCALE:
		if (len != LEN_WSCALE)
			return false;
		if (syn) {
			opt->has_wscale = 1;
			opt->wscale = body[0];
		}
		return true;
	case OPT_SACK_PERM:
		if (len != LEN_SACK_PERM)
			return false;
		opt->sack_perm = syn;
		return true;
	case OPT_SACK:
		if (len < LEN_SACK_BASE + LEN_SACK_BLOCK ||
		    (len - LEN_SACK_BASE) % LEN_SACK_BLOCK)
			return false;
		if (!syn)
			parse_sack(body, len, opt);
		return true;
	case OPT_TS:
		if (len != LEN_TS)
			return false;
		opt->has_ts = 1;
		opt->tsval = get32(body);
		opt->tsecr = get32(body + 4);
		return true;
	case OPT_UTO:
		/* The option is advisory: with a wrong length, ignore it. */
		if (len == LEN_UTO) {
			opt->has_uto = 1;
			opt->uto = get16(body);
		}
		return true;
	case OPT_ACCECN0:
	case OPT_ACCECN1:
		parse_accecn(kind, body, len, opt);
		return true;
	case OPT_FASTOPEN:
		if (syn)
			parse_fastopen(body, len - LEN_FASTOPEN, false, opt);
		return true;
	case OPT_EXPERIMENT:
		if (syn && len >= LEN_FASTOPEN + LEN_EXID &&
		    get16(body) == EXID_FASTOPEN)
			parse_fastopen(body + LEN_EXID,
				       len - LEN_FASTOPEN - LEN_EXID, true, opt);
		return true;
	default:
		/* MUST-6: skip unknown options. */
		return true;
	}
}

static bool parse_options(const u8 *p, const u8 *end, bool syn,
			  struct xtcp_options *opt)
{
	while (p < end) {
		u8 kind = p[0];
		u32 len;

		if (kind == OPT_EOL)
			break;
		if (kind == OPT_NOP) {
			p++;
			continue;
		}
		/* MUST-7: a length below 2 or beyond the header is invalid. */
		if (end - p < 2)
			return false;
		len = p[1];
		if (len < 2 || len > (u32)(end - p))
			return false;
		if (!parse_option(kind, p + 2, len, syn, opt))
			return false;
		p += len;
	}
	return true;
}

/* Fast path for most segments of a connection with timestamps: NOP NOP TS. */
static bool parse_lone_timestamp(const u8 *p, u32 len, struct xtcp_options *opt)
{
	if (len != XTCP_OPT_TS_LEN || p[0] != OPT_NOP || p[1] != OPT_NOP ||
	    p[2] != OPT_TS || p[3] != LEN_TS)
		return false;
	opt->has_ts = 1;
	opt->tsval = get32(p + 4);
	opt->tsecr = get32(p + 8);
	return true;
}

/**
 * xtcp_segment_parse() - parse a TCP header and its options
 * @hdr: first byte of the header
 * @avail: bytes that may be read at @hdr; with less than the header the result
 *	is XTCP_PARSE_SHORT
 * @total: bytes of the whole segment, header and payload
 * @seg: filled in; undefined on failure
 *
 * Source: RFC 9293 3.1 and 3.2 (MUST-4 to MUST-7, MUST-64). Reserved bits are
 * ignored, except AE, which RFC 9768 uses.
 *
 * Return: XTCP_PARSE_OK, or the reason to drop the segment.
 */
enum xtcp_parse xtcp_segment_parse(const u8 *hdr, u32 avail, u32 total,
				   struct xtcp_segment *seg)
{
	u32 opt_len;

	if (avail < XTCP_HDR_MIN || total < XTCP_HDR_MIN)
		return XTCP_PARSE_SHORT;
	seg->hdr_len = (hdr[12] >> 4) * 4;
	if (seg->hdr_len < XTCP_HDR_MIN || seg->hdr_len > total)
		return XTCP_PARSE_DOFF;
	if (seg->hdr_len > avail)
		return XTCP_PARSE_SHORT;

	seg->seq = get32(hdr + 4);
	seg->ack = get32(hdr + 8);
	seg->flags = hdr[13];
	seg->ae = hdr[12] & 1;
	seg->ecn = 0;
	seg->wnd = get16(hdr + 14);
	seg->urp = get16(hdr + 18);
	seg->len = total - seg->hdr_len;
	seg->end_seq = seg->seq + seg->len + !!(seg->flags & XTCP_SYN) +
		       !!(seg->flags & XTCP_FIN);

	memset(&seg->opt, 0, offsetof(struct xtcp_options, sack));
	opt_len = seg->hdr_len - XTCP_HDR_MIN;
	if (!opt_len ||
	    parse_lone_timestamp(hdr + XTCP_HDR_MIN, opt_len, &seg->opt))
		return XTCP_PARSE_OK;
	if (!parse_options(hdr + XTCP_HDR_MIN, hdr + seg->hdr_len,
			   seg->flags & XTCP_SYN, &seg->opt))
		return XTCP_PARSE_OPTION;
	return XTCP_PARSE_OK;
}

static u32 fastopen_len(const struct xtcp_options *opt)
{
	return LEN_FASTOPEN + (opt->fastopen_exp ? LEN_EXID : 0) +
	       opt->cookie_len;
}

static u32 padded(u32 len)
{
	return (len + 3) & ~3u;
}

/**
 * xtcp_options_len() - length of the options, padding included
 * @opt: the options to send
 *
 * Return: bytes, a multiple of 4; at most XTCP_OPT_SPACE for options that XTCP
 * sends.
 */
u32 xtcp_options_len(const struct xtcp_options *opt)
{
	u32 len = 0;

	if (opt->has_mss)
		len += LEN_MSS;
	if (opt->has_ts)
		len += XTCP_OPT_TS_LEN;
	if (opt->accecn)
		len += LEN_ACCECN_BASE + opt->naccecn * LEN_ACCECN_FIELD;
	if (opt->sack_perm && !opt->has_ts)
		len = padded(len + LEN_SACK_PERM);
	if (opt->has_wscale)
		len = padded(len + LEN_WSCALE);
	if (opt->nsack)
		len += LEN_SACK_BASE + opt->nsack * LEN_SACK_BLOCK;
	if (opt->has_fastopen)
		len = padded(len) + fastopen_len(opt);
	return padded(len);
}

/*
 * Write NOPs at @p until @len more bytes end at a multiple of 4 from @start,
 * the beginning of the options.
 */
static u8 *pad(u8 *p, const u8 *start, u32 len)
{
	while ((p - start + len) % 4)
		p = put8(p, OPT_NOP);
	return p;
}

static u8 *put_accecn(u8 *p, const struct xtcp_options *opt)
{
	u32 i;

	p = put8(put8(p, opt->accecn),
		 LEN_ACCECN_BASE + LEN_ACCECN_FIELD * opt->naccecn);
	for (i = 0; i < opt->naccecn; i++)
		p = put16(put8(p, opt->ecnb[i] >> 16), opt->ecnb[i] & 0xffff);
	return p;
}

static u8 *put_fastopen(u8 *p, const struct xtcp_options *opt)
{
	p = put8(put8(p, opt->fastopen_exp ? OPT_EXPERIMENT : OPT_FASTOPEN),
		 fastopen_len(opt));
	if (opt->fastopen_exp)
		p = put16(p, EXID_FASTOPEN);
	memcpy(p, opt->cookie, opt->cookie_len);
	return p + opt->cookie_len;
}

static u8 *put_sack(u8 *p, const struct xtcp_options *opt)
{
	u32 i;

	p = put8(put8(p, OPT_SACK),
		 LEN_SACK_BASE + opt->nsack * LEN_SACK_BLOCK);
	for (i = 0; i < opt->nsack; i++)
		p = put32(put32(p, opt->sack[i].left), opt->sack[i].right);
	return p;
}

/**
 * xtcp_options_write() - write options, padded to a multiple of 4 bytes
 * @p: output, xtcp_options_len() bytes
 * @opt: the options
 *
 * Order and padding are those of the kernel's TCP. NOPs precede an option, so
 * that it ends at a multiple of 4. AccECN and Fast Open have none before them:
 * the NOPs of the next option, or at the end, pad them. With a timestamp,
 * SACK-permitted takes the place of its NOPs.
 *
 * Return: bytes written.
 */
u32 xtcp_options_write(u8 *p, const struct xtcp_options *opt)
{
	u8 *start = p;

	if (opt->has_mss)
		p = put16(put8(put8(p, OPT_MSS), LEN_MSS), opt->mss);
	if (opt->has_ts) {
		if (opt->sack_perm)
			p = put8(put8(p, OPT_SACK_PERM), LEN_SACK_PERM);
		else
			p = put8(put8(p, OPT_NOP), OPT_NOP);
		p = put8(put8(p, OPT_TS), LEN_TS);
		p = put32(put32(p, opt->tsval), opt->tsecr);
	}
	if (opt->accecn)
		p = put_accecn(p, opt);
	if (opt->sack_perm && !opt->has_ts)
		p = put8(put8(pad(p, start, LEN_SACK_PERM), OPT_SACK_PERM),
			 LEN_SACK_PERM);
	if (opt->has_wscale)
		p = put8(put8(put8(pad(p, start, LEN_WSCALE), OPT_WSCALE),
			      LEN_WSCALE), opt->wscale);
	if (opt->nsack)
		p = put_sack(pad(p, start, LEN_SACK_BASE), opt);
	if (opt->has_fastopen)
		p = put_fastopen(pad(p, start, 0), opt);
	return pad(p, start, 0) - start;
}

/**
 * xtcp_header_write() - write the fixed header
 * @p: output, XTCP_HDR_MIN bytes
 * @sport: source port, host order
 * @dport: destination port, host order
 * @seg: sequence numbers, flags, window, urgent pointer and header length
 *
 * The checksum field is set to zero: it needs the pseudo-header.
 */
void xtcp_header_write(u8 *p, u16 sport, u16 dport,
		       const struct xtcp_segment *seg)
{
	p = put16(put16(p, sport), dport);
	p = put32(put32(p, seg->seq), seg->ack);
	p = put8(put8(p, (seg->hdr_len / 4) << 4 | (seg->ae & 1)),
		 seg->flags);
	p = put16(put16(p, seg->wnd), 0);
	put16(p, seg->urp);
}
