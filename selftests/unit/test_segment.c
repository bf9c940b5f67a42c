// SPDX-License-Identifier: GPL-2.0
/*
 * Segments on the wire: RFC 9293 3.1 and 3.2, RFC 7323 2.2 and 3.2,
 * RFC 2018 2 and 3.
 */
#include <stdlib.h>

#include "segment.h"
#include "tap.h"

#define NOT_SYN	XTCP_ACK

/* Parses a header with these options, padded with EOL. */
static enum xtcp_parse parse_with(u8 flags, const u8 *opt, u32 len,
				  u32 payload, struct xtcp_segment *seg)
{
	u32 hdr_len = XTCP_HDR_MIN + (len + 3) / 4 * 4;
	enum xtcp_parse result;
	/* exactly the length of the header, so that ASan detects an overrun */
	u8 *p = calloc(1, hdr_len);

	p[12] = hdr_len / 4 << 4;
	p[13] = flags;
	memcpy(p + XTCP_HDR_MIN, opt, len);
	memset(seg, 0xa5, sizeof(*seg));
	result = xtcp_segment_parse(p, hdr_len, hdr_len + payload, seg);
	free(p);
	return result;
}

#define PARSE(flags, seg, ...)						\
	parse_with(flags, (const u8 []){ __VA_ARGS__ },			\
		   sizeof((const u8 []){ __VA_ARGS__ }), 0, seg)

/* MUST-1 */
TEST(fixed_header_fields_are_read_in_network_order)
{
	static const u8 p[20] = {
		0x26, 0x95, 0x00, 0x50,		/* ports */
		0x89, 0xab, 0xcd, 0xef,		/* seq */
		0xfe, 0xdc, 0xba, 0x98,		/* ack */
		0x50, 0x38,			/* doff 5; ACK PSH URG */
		0x80, 0x01,			/* window */
		0xbe, 0xef,			/* checksum */
		0xff, 0xfe,			/* urgent pointer */
	};
	struct xtcp_segment seg;

	is(xtcp_segment_parse(p, 20, 120, &seg), XTCP_PARSE_OK);
	is(seg.seq, 0x89abcdef);
	is(seg.ack, 0xfedcba98);
	is(seg.flags, XTCP_ACK | XTCP_PSH | XTCP_URG);
	/* MUST-1: 0x8001 is a large window, not a negative one */
	is(seg.wnd, 0x8001);
	is(seg.urp, 0xfffe);
	is(seg.hdr_len, 20);
	is(seg.len, 100);
	is(seg.end_seq, 0x89abcdefu + 100);
	no(seg.opt.has_mss || seg.opt.has_wscale || seg.opt.has_ts ||
	   seg.opt.sack_perm || seg.opt.nsack);
}

TEST(flags_have_the_bits_of_figure_1)
{
	is(XTCP_FIN, 1);
	is(XTCP_SYN, 2);
	is(XTCP_RST, 4);
	is(XTCP_PSH, 8);
	is(XTCP_ACK, 16);
	is(XTCP_URG, 32);
	is(XTCP_ECE, 64);
	is(XTCP_CWR, 128);
}

/* U-1 */
TEST(u1_reserved_bits_are_ignored)
{
	struct xtcp_segment plain, marked;
	u8 p[20] = { [12] = 0x50, [13] = XTCP_ACK };
	u32 bits;

	xtcp_segment_parse(p, 20, 20, &plain);
	for (bits = 1; bits < 16; bits++) {
		p[12] = 0x50 | bits;
		at("bits %#x", bits);
		is(xtcp_segment_parse(p, 20, 20, &marked), XTCP_PARSE_OK);
		is(marked.hdr_len, 20);
		is(marked.flags, plain.flags);
	}
}

/* U-2, MUST-7 */
TEST(u2_must7_data_offset_below_5_or_beyond_the_segment)
{
	u8 p[XTCP_HDR_MAX] = { [13] = XTCP_ACK };
	struct xtcp_segment seg;
	u32 doff;

	for (doff = 0; doff < 16; doff++) {
		at("doff %u", doff);
		p[12] = doff << 4;
		if (doff < 5) {
			is(xtcp_segment_parse(p, 60, 60, &seg),
			   XTCP_PARSE_DOFF);
			continue;
		}
		is(xtcp_segment_parse(p, doff * 4, doff * 4, &seg),
		   XTCP_PARSE_OK);
		is(seg.hdr_len, doff * 4);
		is(seg.len, 0);
		is(xtcp_segment_parse(p, 60, 60, &seg), XTCP_PARSE_OK);
		is(seg.len, 60 - doff * 4);
		if (doff == 5)
			continue;
		is(xtcp_segment_parse(p, 60, doff * 4 - 1, &seg),
		   XTCP_PARSE_DOFF);
		/* the segment is long enough, its linear part is not */
		is(xtcp_segment_parse(p, doff * 4 - 1, 60, &seg),
		   XTCP_PARSE_SHORT);
	}
}

/* MUST-7 */
TEST(must7_fewer_bytes_than_a_header)
{
	static const u8 lone[20] = {
		[12] = 0x50,
	};
	struct xtcp_segment seg;
	u32 n;

	for (n = 0; n < 20; n++) {
		u8 *p = calloc(1, n + !n);

		at("%u bytes", n);
		if (n > 12)
			p[12] = 0x50;
		is(xtcp_segment_parse(p, n, n, &seg), XTCP_PARSE_SHORT);
		is(xtcp_segment_parse(p, n, 1000, &seg), XTCP_PARSE_SHORT);
		free(p);
	}
	at("avail 20, total 19");
	is(xtcp_segment_parse(lone, 20, 19, &seg), XTCP_PARSE_SHORT);
}

/* U-5, U-6 */
TEST(u5_syn_and_fin_use_one_number_each)
{
	static const struct {
		u8 flags;
		u8 len;
	} of[] = {
		{ 0, 0 }, { XTCP_ACK, 0 }, { XTCP_RST, 0 }, { XTCP_URG, 0 },
		{ XTCP_PSH, 0 }, { XTCP_ECE, 0 }, { XTCP_CWR, 0 },
		{ XTCP_SYN, 1 }, { XTCP_FIN, 1 }, { XTCP_SYN | XTCP_FIN, 2 },
		{ XTCP_FIN | XTCP_ACK, 1 }, { 0xff, 2 },
	};
	struct xtcp_segment seg;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(of); i++) {
		u8 p[20] = { [4] = 0xff, 0xff, 0xff, 0xff,
			     [12] = 0x50, [13] = of[i].flags };

		at("flags %#x", of[i].flags);
		is(xtcp_segment_parse(p, 20, 20, &seg), XTCP_PARSE_OK);
		is(seg.len, 0);
		/* U-6: across the wrap */
		is(seg.end_seq, 0xffffffffu + of[i].len);
		is(xtcp_segment_parse(p, 20, 20 + 1000, &seg), XTCP_PARSE_OK);
		is(seg.len, 1000);
		is(seg.end_seq, 999 + of[i].len);
	}
}

/* XT-5 */
TEST(xt5_length_of_gro_segment)
{
	u8 p[20] = { [4] = 0xff, 0xff, 0, 0, [12] = 0x50, [13] = XTCP_ACK };
	struct xtcp_segment seg;

	is(xtcp_segment_parse(p, 20, 20 + 0x20000, &seg), XTCP_PARSE_OK);
	is(seg.len, 0x20000);
	is(seg.end_seq, 0x10000);
}

/* MUST-4 */
TEST(must4_options_of_an_ordinary_syn)
{
	struct xtcp_segment seg;

	is(PARSE(XTCP_SYN, &seg,
		 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0x11, 0x22, 0x33, 0x44,
		 0, 0, 0, 0, 1, 3, 3, 7), XTCP_PARSE_OK);
	is(seg.hdr_len, 40);
	ok(seg.opt.has_mss);
	is(seg.opt.mss, 1460);
	ok(seg.opt.sack_perm);
	ok(seg.opt.has_ts);
	is(seg.opt.tsval, 0x11223344);
	is(seg.opt.tsecr, 0);
	ok(seg.opt.has_wscale);
	is(seg.opt.wscale, 7);
	is(seg.opt.nsack, 0);
}

/* MUST-4 */
TEST(must4_nop_padding_and_mss_after_it)
{
	struct xtcp_segment seg;

	is(PARSE(XTCP_SYN, &seg, 1, 1, 1, 1, 1, 1, 2, 4, 0x02, 0x18, 1, 1),
	   XTCP_PARSE_OK);
	ok(seg.opt.has_mss);
	is(seg.opt.mss, 536);
	is(PARSE(XTCP_SYN, &seg, 1, 1, 1, 1), XTCP_PARSE_OK);
	no(seg.opt.has_mss);
}

/* MUST-69 */
TEST(must69_no_options_after_eol)
{
	struct xtcp_segment seg;

	is(PARSE(XTCP_SYN, &seg, 1, 0, 2, 4, 0x05, 0xb4, 3, 3, 7, 4, 2, 9),
	   XTCP_PARSE_OK);
	no(seg.opt.has_mss);
	no(seg.opt.has_wscale);
	no(seg.opt.sack_perm);
	/* invalid bytes there are not an error */
	is(PARSE(XTCP_SYN, &seg, 0, 8, 0, 1), XTCP_PARSE_OK);
	is(PARSE(XTCP_SYN, &seg, 2, 4, 0x05, 0xb4, 0, 2, 0, 0),
	   XTCP_PARSE_OK);
	ok(seg.opt.has_mss);
	is(seg.opt.mss, 1460);
}

/* UT-1 */
TEST(ut1_user_timeout)
{
	struct xtcp_segment seg;

	is(PARSE(XTCP_SYN, &seg, 28, 4, 0x80, 5), XTCP_PARSE_OK);
	ok(seg.opt.has_uto);
	is(seg.opt.uto, 0x8005);
	is(PARSE(NOT_SYN, &seg, 28, 4, 0x01, 0x02), XTCP_PARSE_OK);
	ok(seg.opt.has_uto);
	is(seg.opt.uto, 0x0102);
	/* with another length it is skipped */
	is(PARSE(XTCP_SYN, &seg, 28, 3, 9, 2, 4, 0x05, 0xb4), XTCP_PARSE_OK);
	no(seg.opt.has_uto);
	is(seg.opt.mss, 1460);
	is(PARSE(NOT_SYN, &seg, 28, 5, 1, 2, 3), XTCP_PARSE_OK);
	no(seg.opt.has_uto);
	is(PARSE(NOT_SYN, &seg, 1, 1, 1, 1), XTCP_PARSE_OK);
	no(seg.opt.has_uto);
}

/* MUST-6 */
TEST(must6_unknown_kinds_are_skipped)
{
	struct xtcp_segment seg;
	u32 kind;

	for (kind = 6; kind < 256; kind++) {
		u8 o[] = { kind, 6, 2, 4, 0, 0, 2, 4, 0x05, 0xb4, kind, 2 };

		if (kind == 8)
			continue;
		at("kind %u", kind);
		is(parse_with(XTCP_SYN, o, sizeof(o), 0, &seg), XTCP_PARSE_OK);
		ok(seg.opt.has_mss);
		is(seg.opt.mss, 1460);
	}
}

/* MUST-6 */
TEST(must6_options_after_unknown_kind_parsed)
{
	struct xtcp_segment seg;

	is(PARSE(XTCP_SYN, &seg,
		 253, 6, 0xde, 0xad, 0xbe, 0xef, 2, 4, 0x23, 0x00,
		 3, 3, 9, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0),
	   XTCP_PARSE_OK);
	is(seg.opt.mss, 8960);
	is(seg.opt.wscale, 9);
	ok(seg.opt.sack_perm);
	is(seg.opt.tsval, 1);
	is(seg.opt.tsecr, 2);
}

/* MUST-64 */
TEST(must64_every_alignment)
{
	static const u8 odd[] = {
		8, 10, 0x80, 1, 2, 3, 0x90, 5, 6, 7,
		3, 3, 14, 2, 4, 0xff, 0xff, 4, 2,
	};
	struct xtcp_segment seg;
	u32 shift;

	for (shift = 0; shift < 8; shift++) {
		u8 o[40];

		memset(o, 1, sizeof(o));
		at("behind %u NOPs", shift);
		memcpy(o + shift, odd, sizeof(odd));
		is(parse_with(XTCP_SYN, o, shift + 19, 0, &seg),
		   XTCP_PARSE_OK);
		is(seg.opt.tsval, 0x80010203);
		is(seg.opt.tsecr, 0x90050607);
		is(seg.opt.wscale, 14);
		is(seg.opt.mss, 65535);
		ok(seg.opt.sack_perm);
	}
}

/* MUST-7 */
TEST(must7_length_0_and_1_of_every_kind)
{
	struct xtcp_segment seg;
	u32 kind, len;

	for (kind = 2; kind < 256; kind++) {
		for (len = 0; len < 2; len++) {
			u8 o[12] = { kind, len };

			at("kind %u length %u", kind, len);
			is(parse_with(XTCP_SYN, o, 12, 0, &seg),
			   XTCP_PARSE_OPTION);
			is(parse_with(NOT_SYN, o, 12, 0, &seg),
			   XTCP_PARSE_OPTION);
		}
	}
}

/* MUST-7 */
TEST(must7_length_past_the_header_is_not_read_from_the_payload)
{
	struct xtcp_segment seg;
	u32 len;

	for (len = 5; len < 256; len++) {
		u8 o[4] = { 253, len };

		at("length %u of 4", len);
		is(parse_with(XTCP_SYN, o, 4, 1000, &seg), XTCP_PARSE_OPTION);
	}
	at("exactly to the end");
	is(PARSE(XTCP_SYN, &seg, 253, 4, 0, 0), XTCP_PARSE_OK);
	at("a kind without a length");
	is(PARSE(XTCP_SYN, &seg, 1, 1, 1, 253), XTCP_PARSE_OPTION);
	at("known kinds cut short");
	is(PARSE(XTCP_SYN, &seg, 1, 2, 4, 5), XTCP_PARSE_OPTION);
	is(PARSE(XTCP_SYN, &seg, 1, 1, 3, 3), XTCP_PARSE_OPTION);
	is(PARSE(NOT_SYN, &seg, 8, 10, 0, 0, 0, 1, 0, 0), XTCP_PARSE_OPTION);
	is(PARSE(NOT_SYN, &seg, 1, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0),
	   XTCP_PARSE_OPTION);
	is(PARSE(NOT_SYN, &seg, 5, 10, 0, 0, 0, 1, 0, 0), XTCP_PARSE_OPTION);
}

/* MUST-7 */
TEST(must7_known_kinds_with_another_length)
{
	static const struct {
		u8 kind;
		u8 right;
	} of[] = { { 2, 4 }, { 3, 3 }, { 4, 2 }, { 8, 10 } };
	struct xtcp_segment seg;
	u32 i, len;

	for (i = 0; i < ARRAY_SIZE(of); i++) {
		for (len = 2; len <= 20; len++) {
			u8 o[20] = { of[i].kind, len };

			at("kind %u length %u", of[i].kind, len);
			is(parse_with(XTCP_SYN, o, 20, 0, &seg),
			   len == of[i].right ? XTCP_PARSE_OK :
			   XTCP_PARSE_OPTION);
		}
	}
}

TEST(sk_sack_lengths_are_2_and_8_for_each_block)
{
	struct xtcp_segment seg;
	u32 len;

	for (len = 2; len <= 40; len++) {
		u8 o[40] = { 5, len };

		at("length %u", len);
		is(parse_with(NOT_SYN, o, 40, 0, &seg),
		   len == 10 || len == 18 || len == 26 || len == 34 ?
		   XTCP_PARSE_OK : XTCP_PARSE_OPTION);
		if (len > 2 && (len - 2) % 8 == 0)
			is(seg.opt.nsack, (len - 2) / 8);
	}
}

TEST(sk_sack_blocks_in_wire_order)
{
	struct xtcp_segment seg;
	u8 o[36] = { 1, 1, 5, 34 };
	u32 i;

	for (i = 0; i < 32; i++)
		o[4 + i] = 0xf0 + i;
	is(parse_with(NOT_SYN, o, sizeof(o), 0, &seg), XTCP_PARSE_OK);
	is(seg.opt.nsack, 4);
	for (i = 0; i < 4; i++) {
		u32 b = (0xf0 + 8 * i) & 0xff;
		u32 first = b << 24 | ((b + 1) & 0xff) << 16 |
			    ((b + 2) & 0xff) << 8 | ((b + 3) & 0xff);

		at("block %u", i);
		is(seg.opt.sack[i].left, first);
		is(seg.opt.sack[i].right, first + 0x04040404);
	}
	at("one block after a timestamp");
	is(PARSE(NOT_SYN, &seg, 1, 1, 8, 10, 0, 0, 0, 5, 0, 0, 0, 6,
		 1, 1, 5, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9),
	   XTCP_PARSE_OK);
	is(seg.opt.tsval, 5);
	is(seg.opt.tsecr, 6);
	is(seg.opt.nsack, 1);
	is(seg.opt.sack[0].left, 0xffffffff);
	is(seg.opt.sack[0].right, 9);
}

/* MUST-5, TS-2, SK-1 */
TEST(must5_ts2_sk1_syn_options_ignored_without_syn)
{
	static const u8 flags[] = {
		XTCP_ACK, XTCP_FIN | XTCP_ACK, XTCP_RST, XTCP_PSH | XTCP_ACK, 0,
	};
	struct xtcp_segment seg;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		at("flags %#x", flags[i]);
		is(PARSE(flags[i], &seg, 2, 4, 0x05, 0xb4, 4, 2, 3, 3, 7, 8,
			 10, 0, 0, 0, 1, 0, 0, 0, 2, 253, 2), XTCP_PARSE_OK);
		no(seg.opt.has_mss);
		no(seg.opt.has_wscale);
		no(seg.opt.sack_perm);
		ok(seg.opt.has_ts);
		is(seg.opt.tsval, 1);
	}
	at("SYN,ACK");
	is(PARSE(XTCP_SYN | XTCP_ACK, &seg, 2, 4, 0x05, 0xb4, 4, 2, 3, 3, 7),
	   XTCP_PARSE_OK);
	ok(seg.opt.has_mss);
	ok(seg.opt.has_wscale);
	ok(seg.opt.sack_perm);
}

TEST(sk_sack_blocks_on_syn_ignored)
{
	struct xtcp_segment seg;

	is(PARSE(XTCP_SYN, &seg, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9),
	   XTCP_PARSE_OK);
	is(seg.opt.nsack, 0);
}

/* TS-4 */
TEST(ts4_shift_count_parsed_unchanged)
{
	struct xtcp_segment seg;
	u32 shift;

	for (shift = 0; shift < 256; shift++) {
		u8 o[4] = { 1, 3, 3, shift };

		at("shift %u", shift);
		is(parse_with(XTCP_SYN, o, 4, 0, &seg), XTCP_PARSE_OK);
		is(seg.opt.wscale, shift);
	}
	is(XTCP_WSCALE_MAX, 14);
}

/* TS-8 */
TEST(ts8_single_timestamp_option_and_lookalikes)
{
	struct xtcp_segment seg;

	at("NOP NOP TS");
	is(PARSE(NOT_SYN, &seg, 1, 1, 8, 10, 0xff, 0xff, 0xff, 0xff,
		 0x80, 0, 0, 1), XTCP_PARSE_OK);
	ok(seg.opt.has_ts);
	is(seg.opt.tsval, 0xffffffff);
	is(seg.opt.tsecr, 0x80000001);
	at("TS NOP NOP");
	is(PARSE(NOT_SYN, &seg, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4, 1, 1),
	   XTCP_PARSE_OK);
	ok(seg.opt.has_ts);
	is(seg.opt.tsval, 3);
	is(seg.opt.tsecr, 4);
	at("EOL instead of the second NOP");
	is(PARSE(NOT_SYN, &seg, 1, 0, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4),
	   XTCP_PARSE_OK);
	no(seg.opt.has_ts);
	at("EOL instead of the first NOP");
	is(PARSE(NOT_SYN, &seg, 0, 1, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4),
	   XTCP_PARSE_OK);
	no(seg.opt.has_ts);
	at("another kind");
	is(PARSE(NOT_SYN, &seg, 1, 1, 9, 10, 0, 0, 0, 3, 0, 0, 0, 4),
	   XTCP_PARSE_OK);
	no(seg.opt.has_ts);
	at("another length");
	is(PARSE(NOT_SYN, &seg, 1, 1, 8, 9, 0, 0, 0, 3, 0, 0, 0, 0),
	   XTCP_PARSE_OPTION);
	at("on a SYN with more behind it");
	is(PARSE(XTCP_SYN, &seg, 1, 1, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4,
		 2, 4, 0x05, 0xb4), XTCP_PARSE_OK);
	ok(seg.opt.has_mss);
}

/* Write the options, and parse them again. */
static void round_trip(const struct xtcp_options *opt, u8 flags)
{
	u32 len = xtcp_options_len(opt);
	struct xtcp_segment seg;
	u8 *p = malloc(len + !len);
	u32 i;

	ok(len <= XTCP_OPT_SPACE);
	is(len % 4, 0);
	is(xtcp_options_write(p, opt), len);
	is(parse_with(flags, p, len, 0, &seg), XTCP_PARSE_OK);
	is(seg.opt.has_mss, opt->has_mss);
	if (opt->has_mss)
		is(seg.opt.mss, opt->mss);
	is(seg.opt.has_wscale, opt->has_wscale);
	if (opt->has_wscale)
		is(seg.opt.wscale, opt->wscale);
	is(seg.opt.sack_perm, opt->sack_perm);
	is(seg.opt.has_ts, opt->has_ts);
	if (opt->has_ts) {
		is(seg.opt.tsval, opt->tsval);
		is(seg.opt.tsecr, opt->tsecr);
	}
	is(seg.opt.nsack, opt->nsack);
	for (i = 0; i < opt->nsack; i++) {
		is(seg.opt.sack[i].left, opt->sack[i].left);
		is(seg.opt.sack[i].right, opt->sack[i].right);
	}
	free(p);
}

/* MUST-68 */
TEST(options_parsed_as_written)
{
	struct xtcp_options opt = {
		.wscale = 14,
		.mss = 0xfedc,
		.tsval = 0x89abcdef,
		.tsecr = 0xfffffffe,
		.sack = { { 0xfffffff0, 0x10 }, { 0x80000000, 0x80000001 },
			  { 0x01020304, 0x05060708 }, { 1, 2 } },
	};
	u32 set;

	for (set = 0; set < 16; set++) {
		opt.has_mss = set & 1;
		opt.has_wscale = set >> 1 & 1;
		opt.has_ts = set >> 2 & 1;
		opt.sack_perm = set >> 3 & 1;
		at("SYN, set %#x", set);
		round_trip(&opt, XTCP_SYN);
	}
	opt.has_mss = 0;
	opt.has_wscale = 0;
	opt.sack_perm = 0;
	for (set = 0; set <= 8; set++) {
		opt.has_ts = set > 4;
		opt.nsack = set > 4 ? set - 5 : set;
		at("ACK, ts %u, %u blocks", opt.has_ts, opt.nsack);
		round_trip(&opt, XTCP_ACK);
	}
}

/* MUST-68, MUST-69 */
TEST(must68_options_as_bytes)
{
	static const u8 syn[] = {
		2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2,
		1, 3, 3, 7,
	};
	static const u8 plain[] = { 1, 1, 4, 2, 1, 3, 3, 7 };
	static const u8 ack[] = {
		1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2,
		1, 1, 5, 18, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0,
	};
	struct xtcp_options opt = {
		.has_mss = 1, .has_wscale = 1, .has_ts = 1, .sack_perm = 1,
		.wscale = 7, .mss = 1460, .tsval = 1, .tsecr = 2,
		.sack = { { 0x100, 0x200 }, { 0x300, 0x400 } },
	};
	u8 p[XTCP_OPT_SPACE];

	is(xtcp_options_write(p, &opt), sizeof(syn));
	is(memcmp(p, syn, sizeof(syn)), 0);
	opt.has_mss = 0;
	opt.has_ts = 0;
	is(xtcp_options_write(p, &opt), sizeof(plain));
	is(memcmp(p, plain, sizeof(plain)), 0);
	opt.has_ts = 1;
	opt.has_wscale = 0;
	opt.sack_perm = 0;
	opt.nsack = 2;
	is(xtcp_options_write(p, &opt), sizeof(ack));
	is(memcmp(p, ack, sizeof(ack)), 0);
	/* the option length subtracted from the payload of each segment */
	opt.nsack = 0;
	is(xtcp_options_len(&opt), XTCP_OPT_TS_LEN);
}

/* U-1 */
TEST(header_as_bytes)
{
	static const u8 want[20] = {
		0x26, 0x95, 0xc0, 0x01, 0xff, 0xff, 0xff, 0xfe,
		0x80, 0x00, 0x00, 0x01, 0xf0, 0xd2, 0xfe, 0xdc,
		0x00, 0x00, 0xab, 0xcd,
	};
	struct xtcp_segment seg = {
		.seq = 0xfffffffe, .ack = 0x80000001, .wnd = 0xfedc,
		.urp = 0xabcd, .hdr_len = 60,
		.flags = XTCP_SYN | XTCP_ACK | XTCP_ECE | XTCP_CWR,
	};
	struct xtcp_segment back;
	u8 p[XTCP_HDR_MAX] = { 0 };

	memset(p, 0xff, 20);
	xtcp_header_write(p, 9877, 49153, &seg);
	/* U-1: reserved bits are sent as 0; the checksum is filled in later */
	is(memcmp(p, want, 20), 0);
	is(xtcp_segment_parse(p, 60, 60, &back), XTCP_PARSE_OK);
	is(back.seq, seg.seq);
	is(back.ack, seg.ack);
	is(back.wnd, seg.wnd);
	is(back.urp, seg.urp);
	is(back.flags, seg.flags);
	is(back.hdr_len, 60);
	seg.hdr_len = 20;
	xtcp_header_write(p, 0, 0, &seg);
	is(p[12], 0x50);
}

/* U-4 */
TEST(u4_urgent_pointer_parsed_with_and_without_urg)
{
	u8 p[20] = { [12] = 0x50, [13] = XTCP_ACK, [18] = 0x03, 0xe8 };
	struct xtcp_segment seg;

	is(xtcp_segment_parse(p, 20, 20, &seg), XTCP_PARSE_OK);
	no(seg.flags & XTCP_URG);
	p[13] |= XTCP_URG;
	is(xtcp_segment_parse(p, 20, 20, &seg), XTCP_PARSE_OK);
	ok(seg.flags & XTCP_URG);
	is(seg.urp, 1000);
}

/* AE-8: the flag AE is parsed and written, without the reserved bits */
TEST(ae8_flag)
{
	struct xtcp_segment seg, out;
	u8 hdr[XTCP_HDR_MIN] = { 0 };

	hdr[12] = 0x5f;
	is(xtcp_segment_parse(hdr, 20, 20, &seg), XTCP_PARSE_OK);
	is(seg.ae, 1);
	is(seg.ecn, 0);
	hdr[12] = 0x5e;
	is(xtcp_segment_parse(hdr, 20, 20, &seg), XTCP_PARSE_OK);
	is(seg.ae, 0);
	memset(&out, 0, sizeof(out));
	out.hdr_len = 20;
	out.ae = 1;
	xtcp_header_write(hdr, 1, 2, &out);
	is(hdr[12], 0x51);
}

/* AE-11: complete 3-byte fields, for any option length; both orders */
TEST(ae11_option)
{
	static const u8 n[] = { 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3 };
	u32 len, kind;

	for (kind = 172; kind <= 174; kind += 2)
		for (len = 2; len < 2 + ARRAY_SIZE(n); len++) {
			u8 hdr[36] = { 0 };
			struct xtcp_segment seg;
			u32 i;

			at("kind %u, length %u", kind, len);
			hdr[12] = 0x90;
			hdr[20] = kind;
			hdr[21] = len;
			for (i = 22; i < 20 + len; i++)
				hdr[i] = i;
			is(xtcp_segment_parse(hdr, 36, 36, &seg), 0);
			is(seg.opt.accecn, kind);
			is(seg.opt.naccecn, n[len - 2]);
			for (i = 0; i < seg.opt.naccecn; i++)
				is(seg.opt.ecnb[i], (22 + 3 * i) << 16 |
				   (23 + 3 * i) << 8 | (24 + 3 * i));
		}
}

/* AE-11: the option written can be parsed */
TEST(ae11_option_written)
{
	static const u8 len[] = { 4, 8, 8, 12 };
	u32 n;

	for (n = 0; n <= XTCP_ACCECN_MAX; n++) {
		struct xtcp_segment seg;
		struct xtcp_options opt;
		u8 hdr[32] = { 0 };

		at("%u fields", n);
		memset(&opt, 0, sizeof(opt));
		opt.accecn = XTCP_ACCECN_ORDER1;
		opt.naccecn = n;
		opt.ecnb[0] = 0x123456;
		opt.ecnb[1] = 0xffffff;
		opt.ecnb[2] = 0x000001;
		is(xtcp_options_len(&opt), len[n]);
		is(xtcp_options_write(hdr + 20, &opt), len[n]);
		hdr[12] = (5 + len[n] / 4) << 4;
		is(xtcp_segment_parse(hdr, 32, 20 + len[n], &seg), 0);
		is(seg.opt.accecn, XTCP_ACCECN_ORDER1);
		is(seg.opt.naccecn, n);
		ok(!memcmp(seg.opt.ecnb, opt.ecnb, n * sizeof(u32)));
	}
}

/* Are @opt, with @naccecn fields of AccECN, written as the hex digits @want? */
static void written(struct xtcp_options opt, u8 naccecn, const char *want)
{
	char got[2 * XTCP_OPT_SPACE + 1] = "";
	u8 p[XTCP_OPT_SPACE];
	u32 i, len;

	opt.accecn = XTCP_ACCECN_ORDER1;
	opt.naccecn = naccecn;
	opt.ecnb[0] = 1;
	opt.ecnb[2] = 1;
	opt.mss = 1460;
	opt.wscale = 7;
	opt.sack[0].right = 9;
	len = xtcp_options_len(&opt);
	is(len, strlen(want) / 2);
	is(xtcp_options_write(p, &opt), len);
	for (i = 0; i < len; i++)
		snprintf(got + 2 * i, 3, "%02x", p[i]);
	is(strcmp(got, want), 0);
}

#define OPTS(...)	((struct xtcp_options) { __VA_ARGS__ })
#define ECN11		"ae0b000001000000000001"
#define ECN8		"ae08000001000000"
#define ECN5		"ae05000001"
#define ECN2		"ae02"
#define SACK1		"050a0000000000000009"
#define TS0		"080a0000000000000000"
#define WSCALE7		"030307"
#define MSS1460		"020405b4"
#define SACK_OK		"0402"
#define NOP2		"0101"
#define NOP3		"010101"

/*
 * AE-11: the option is behind MSS and timestamps, and before the others; the NOPs
 * of the next option pad it, at the end NOPs behind it
 */
TEST(ae11_place_and_padding)
{
	at("SYN-ACK without timestamps");
	written(OPTS(.has_mss = 1, .sack_perm = 1, .has_wscale = 1), 3,
		MSS1460 ECN11 NOP3 SACK_OK "01" WSCALE7);
	at("SYN-ACK without SACK");
	written(OPTS(.has_mss = 1, .has_wscale = 1), 3, MSS1460 ECN11 NOP2 WSCALE7);
	at("SYN-ACK with timestamps");
	written(OPTS(.has_mss = 1, .sack_perm = 1, .has_wscale = 1, .has_ts = 1), 3,
		MSS1460 SACK_OK TS0 ECN11 NOP2 WSCALE7);
	at("SYN-ACK with cookie");
	written(OPTS(.has_mss = 1, .has_fastopen = 1, .cookie_len = 4), 3,
		MSS1460 ECN11 "01220600000000" NOP2);
	written(OPTS(.has_mss = 1, .has_fastopen = 1, .cookie_len = 4), 1,
		MSS1460 ECN5 NOP3 "220600000000" NOP2);
	at("alone");
	written(OPTS(.nsack = 0), 3, ECN11 "01");
	written(OPTS(.nsack = 0), 2, ECN8);
	written(OPTS(.nsack = 0), 1, ECN5 NOP3);
	written(OPTS(.nsack = 0), 0, ECN2 NOP2);
	at("before SACK");
	written(OPTS(.has_ts = 1, .nsack = 1), 3, NOP2 TS0 ECN11 NOP3 SACK1);
	written(OPTS(.nsack = 1), 2, ECN8 NOP2 SACK1);
	written(OPTS(.nsack = 1), 1, ECN5 "01" SACK1);
	written(OPTS(.nsack = 1), 0, ECN2 SACK1);
	at("before the window scale");
	written(OPTS(.has_wscale = 1), 1, ECN5 WSCALE7);
	written(OPTS(.has_wscale = 1), 0, ECN2 NOP3 WSCALE7);
}

/* FO-2 */
TEST(fo2_cookie_length_4_to_16_and_even)
{
	struct xtcp_segment seg;
	u32 len, i;

	for (len = 2; len <= 40; len++) {
		u8 opt[40] = { 34, len };
		bool good = len == 2 || (len >= 6 && len <= 18 && len % 2 == 0);

		for (i = 2; i < len; i++)
			opt[i] = i;
		at("length %u", len);
		is(parse_with(XTCP_SYN, opt, len, 0, &seg), XTCP_PARSE_OK);
		is(seg.opt.has_fastopen, good);
		if (good) {
			is(seg.opt.cookie_len, len - 2);
			is(memcmp(seg.opt.cookie, opt + 2, len - 2), 0);
		}
		is(parse_with(NOT_SYN, opt, len, 0, &seg), XTCP_PARSE_OK);
		no(seg.opt.has_fastopen);
	}
}

/* FO-2: the experimental form (RFC 6994), and other experiments */
TEST(fo2_experimental_form)
{
	struct xtcp_segment seg;
	u32 len, i;

	for (len = 2; len <= 40; len++) {
		u8 opt[40] = { 254, len, 0xf9, 0x89 };
		bool good = len == 4 || (len >= 8 && len <= 20 && len % 2 == 0);

		for (i = 4; i < len; i++)
			opt[i] = i;
		at("length %u", len);
		is(parse_with(XTCP_SYN, opt, len, 0, &seg), XTCP_PARSE_OK);
		is(seg.opt.has_fastopen, good);
		is(seg.opt.fastopen_exp, good);
		if (good) {
			is(seg.opt.cookie_len, len - 4);
			is(memcmp(seg.opt.cookie, opt + 4, len - 4), 0);
		}
		is(parse_with(NOT_SYN, opt, len, 0, &seg), XTCP_PARSE_OK);
		no(seg.opt.has_fastopen);
		opt[3]++;
		is(parse_with(XTCP_SYN, opt, len, 0, &seg), XTCP_PARSE_OK);
		no(seg.opt.has_fastopen);
	}
	written(OPTS(.has_mss = 1, .has_fastopen = 1, .fastopen_exp = 1), 3,
		MSS1460 ECN11 "01fe04f989");
	written(OPTS(.has_mss = 1, .has_fastopen = 1, .fastopen_exp = 1, .cookie_len = 6), 3,
		MSS1460 ECN11 "01fe0af989000000000000" NOP2);
}

/* FO-2 */
TEST(fo2_option_parsed_as_written_with_all_others)
{
	struct xtcp_options opt = {
		.has_mss = 1, .mss = 1460, .has_ts = 1, .tsval = 1, .tsecr = 2,
		.sack_perm = 1, .has_wscale = 1, .wscale = 7, .has_fastopen = 1,
	};
	struct xtcp_segment seg;
	u8 room[XTCP_OPT_SPACE];
	u32 n, i;

	for (n = 0; n <= XTCP_FO_COOKIE_MAX; n += n ? 2 : XTCP_FO_COOKIE_MIN) {
		at("cookie of %u", n);
		opt.cookie_len = n;
		for (i = 0; i < n; i++)
			opt.cookie[i] = 0xf0 + i;
		is(xtcp_options_len(&opt), 20 + (2 + n + 3) / 4 * 4);
		is(xtcp_options_write(room, &opt), xtcp_options_len(&opt));
		/* The padding is behind it. */
		is(room[20], 34);
		for (i = 22 + n; i < xtcp_options_len(&opt); i++)
			is(room[i], 1);
		is(parse_with(XTCP_SYN, room, xtcp_options_len(&opt), 0, &seg),
		   XTCP_PARSE_OK);
		ok(seg.opt.has_fastopen && seg.opt.has_mss && seg.opt.has_ts &&
		   seg.opt.sack_perm && seg.opt.has_wscale);
		is(seg.opt.cookie_len, n);
		is(memcmp(seg.opt.cookie, opt.cookie, n), 0);
	}
}
