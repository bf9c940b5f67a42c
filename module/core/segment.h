/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP segment on the wire (RFC 9293 3.1, 3.2): parsing and writing a header
 * and its options.
 */
#ifndef XTCP_CORE_SEGMENT_H
#define XTCP_CORE_SEGMENT_H

#include "types.h"

#define XTCP_FIN	0x01
#define XTCP_SYN	0x02
#define XTCP_RST	0x04
#define XTCP_PSH	0x08
#define XTCP_ACK	0x10
#define XTCP_URG	0x20
#define XTCP_ECE	0x40
#define XTCP_CWR	0x80

#define XTCP_HDR_MIN	20
#define XTCP_HDR_MAX	60
#define XTCP_OPT_SPACE	(XTCP_HDR_MAX - XTCP_HDR_MIN)

/* Bytes that a timestamp option takes from each segment, padding included. */
#define XTCP_OPT_TS_LEN	12

/* RFC 7323 2.3: a larger shift count is treated as 14. */
#define XTCP_WSCALE_MAX	14

#define XTCP_SACK_MAX	4
/* Bytes that XTCP_SACK_MAX blocks take from a segment, padding included. */
#define XTCP_SACK_SPACE	(4 + 8 * XTCP_SACK_MAX)

/*
 * AccECN option (RFC 9768 3.2.3): kinds of both orders, most fields, and bytes
 * that it takes with all of them, padding included.
 */
#define XTCP_ACCECN_ORDER0	172
#define XTCP_ACCECN_ORDER1	174
#define XTCP_ACCECN_MAX		3
#define XTCP_OPT_ACCECN_LEN	12

/* RFC 7413 4.1.1: length of a Fast Open cookie, bytes; it is even. */
#define XTCP_FO_COOKIE_MIN	4
#define XTCP_FO_COOKIE_MAX	16

/**
 * struct xtcp_sack_block - a run of received bytes, [left, right)
 * @left: first sequence number of the run
 * @right: the sequence number after its last
 */
struct xtcp_sack_block {
	u32 left;
	u32 right;
};

/**
 * struct xtcp_options - the options of one segment
 * @has_mss: the MSS option is present
 * @has_wscale: the window scale option is present
 * @has_ts: the timestamp option is present
 * @sack_perm: SACK-permitted is present
 * @has_uto: the user timeout option is present
 * @has_fastopen: the Fast Open option is present
 * @fastopen_exp: it has, or is to have, the experimental form (RFC 6994)
 * @wscale: shift count as received, 0 to 255 (bound it: XTCP_WSCALE_MAX)
 * @nsack: number of valid entries of @sack, 0 to XTCP_SACK_MAX
 * @cookie_len: length of @cookie, bytes; 0: the option requests a cookie
 * @mss: the MSS option's value, bytes
 * @uto: granularity and user timeout, as received (core/uto.h)
 * @tsval: TSval, the sender's clock
 * @tsecr: TSecr, the echo of the receiver's clock
 * @accecn: kind of the AccECN option, 0 if not present
 * @naccecn: number of valid entries of @ecnb, 0 to XTCP_ACCECN_MAX
 * @ecnb: byte counters of the AccECN option, 24 bits each, in wire order
 * @sack: SACK blocks in wire order
 * @cookie: the Fast Open cookie
 */
struct xtcp_options {
	u8 has_mss:1;
	u8 has_wscale:1;
	u8 has_ts:1;
	u8 sack_perm:1;
	u8 has_uto:1;
	u8 has_fastopen:1;
	u8 fastopen_exp:1;
	u8 wscale;
	u8 nsack;
	u8 cookie_len;
	u16 mss;
	u16 uto;
	u32 tsval;
	u32 tsecr;
	u8 accecn;
	u8 naccecn;
	u32 ecnb[XTCP_ACCECN_MAX];
	struct xtcp_sack_block sack[XTCP_SACK_MAX];
	u8 cookie[XTCP_FO_COOKIE_MAX];
};

/**
 * struct xtcp_segment - one segment, with the names of RFC 9293 3.3.1
 * @seq: SEG.SEQ
 * @ack: SEG.ACK; valid with XTCP_ACK
 * @end_seq: the sequence number after the segment: SEG.SEQ + SEG.LEN
 * @len: payload, bytes (SYN and FIN not counted)
 * @wnd: the window field, not yet scaled
 * @urp: the urgent pointer field; valid with XTCP_URG
 * @flags: control bits, XTCP_FIN to XTCP_CWR
 * @hdr_len: header with options, bytes, 20 to 60
 * @ae: the flag AE (RFC 9768 3.2.2), 0 or 1
 * @ecn: the IP-ECN field of its packet, 0 to 3; parsing sets it to 0
 * @opt: the options
 */
struct xtcp_segment {
	u32 seq;
	u32 ack;
	u32 end_seq;
	u32 len;
	u16 wnd;
	u16 urp;
	u8 flags;
	u8 hdr_len;
	u8 ae;
	u8 ecn;
	struct xtcp_options opt;
};

/**
 * enum xtcp_parse - result of parsing a segment
 * @XTCP_PARSE_OK: it is well-formed
 * @XTCP_PARSE_SHORT: it is shorter than the header
 * @XTCP_PARSE_DOFF: the data offset is below 5 or beyond the segment
 * @XTCP_PARSE_OPTION: the length of an option is invalid
 */
enum xtcp_parse {
	XTCP_PARSE_OK,
	XTCP_PARSE_SHORT,
	XTCP_PARSE_DOFF,
	XTCP_PARSE_OPTION,
};

enum xtcp_parse xtcp_segment_parse(const u8 *hdr, u32 avail, u32 total,
				   struct xtcp_segment *seg);
u32 xtcp_options_len(const struct xtcp_options *opt);
u32 xtcp_options_write(u8 *p, const struct xtcp_options *opt);
void xtcp_header_write(u8 *p, u16 sport, u16 dport,
		       const struct xtcp_segment *seg);

#endif /* XTCP_CORE_SEGMENT_H */
