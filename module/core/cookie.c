// SPDX-License-Identifier: GPL-2.0
#include "cookie.h"
#include "segment.h"
#include "seq.h"
#include "tcb.h"

#define MINUTE_SHIFT	27
#define MINUTE_MASK	0x1fu
#define CLASS_SHIFT	24
#define CLASS_MASK	0x7u
#define MAC_MASK	0xffffffu

/* Bits of a TSval: shift count, 15 for none; SACK. 0x20 is reserved for ECN. */
#define TS_WSCALE	0x0fu
#define TS_NO_WSCALE	0x0fu
#define TS_SACK		0x10u

/*
 * MSS classes, bytes: from the least MSS that is used, over the defaults,
 * tunnels and Ethernet (IPv6, IPv4) to jumbo frames.
 */
static const u16 classes[] = {
	XTCP_MSS_MIN, 256, XTCP_MSS_DEFAULT_V4, XTCP_MSS_DEFAULT_V6,
	1360, 1440, 1460, 8940,
};

/* The largest class that is not above the peer's MSS (RFC 9293 MUST-16). */
static u32 class_of(u16 mss)
{
	u32 i = ARRAY_SIZE(classes) - 1;

	while (i && classes[i] > mss)
		i--;
	return i;
}

/**
 * xtcp_cookie_encode() - the initial sequence number of a SYN-ACK
 * @base: keyed function of the addresses
 * @mac: keyed function of addresses, the peer's ISN, @minute and the options
 * @minute: minutes of a monotonic clock
 * @mss: the peer's MSS, bytes
 *
 * Source: RFC 4987 A.
 *
 * Return: the cookie, to be sent as ISN.
 */
u32 xtcp_cookie_encode(u32 base, u32 mac, u32 minute, u16 mss)
{
	return base + ((minute & MINUTE_MASK) << MINUTE_SHIFT |
		       class_of(mss) << CLASS_SHIFT | (mac & MAC_MASK));
}

/**
 * xtcp_cookie_decode() - check the cookie that an ACK returns
 * @isn: SEG.ACK - 1
 * @base: as in xtcp_cookie_encode()
 * @mac: array of XTCP_COOKIE_MINUTES: [0] for this minute, [1] for the one
 *	before
 * @minute: the current minute, as in xtcp_cookie_encode()
 *
 * Return: the MSS to use, bytes; 0 if the cookie is too old or not ours.
 * Source: RFC 4987 A.
 */
u16 xtcp_cookie_decode(u32 isn, u32 base, const u32 *mac, u32 minute)
{
	u32 cookie = isn - base;
	u32 age = (minute - (cookie >> MINUTE_SHIFT)) & MINUTE_MASK;

	if (age >= XTCP_COOKIE_MINUTES || ((cookie ^ mac[age]) & MAC_MASK))
		return 0;
	return classes[cookie >> CLASS_SHIFT & CLASS_MASK];
}

/**
 * xtcp_cookie_options_pack() - encode options as bits of a TSval
 * @opt: the options
 *
 * Return: the bits, within XTCP_COOKIE_TS_BITS.
 */
u8 xtcp_cookie_options_pack(const struct xtcp_cookie_options *opt)
{
	return (opt->wscale_ok ? opt->snd_wscale : TS_NO_WSCALE) |
	       (opt->sack_ok ? TS_SACK : 0);
}

/**
 * xtcp_cookie_options_unpack() - decode options from bits of a TSecr
 * @bits: low bits of a TSecr; those beyond XTCP_COOKIE_TS_BITS are ignored
 * @opt: filled in
 */
void xtcp_cookie_options_unpack(u8 bits, struct xtcp_cookie_options *opt)
{
	u8 scale = bits & TS_WSCALE;

	opt->wscale_ok = scale <= XTCP_WSCALE_MAX;
	opt->snd_wscale = opt->wscale_ok ? scale : 0;
	opt->sack_ok = bits & TS_SACK;
}

/**
 * xtcp_cookie_tsval() - the TSval of a SYN-ACK with a cookie
 * @clock: current value of our timestamp clock, ms
 * @bits: of xtcp_cookie_options_pack()
 *
 * Return: a TSval not after @clock, and at most XTCP_COOKIE_TS_BITS ms before
 * it. After a TSval above @clock, the peer would drop our next segments (RFC
 * 7323 5.3).
 */
u32 xtcp_cookie_tsval(u32 clock, u8 bits)
{
	u32 tsval = (clock & ~(u32)XTCP_COOKIE_TS_BITS) | bits;

	if (seq_after(tsval, clock))
		tsval -= XTCP_COOKIE_TS_BITS + 1;
	return tsval;
}
