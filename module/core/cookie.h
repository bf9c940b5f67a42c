/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SYN cookies (RFC 4987 3.6 and A): an initial sequence number and a timestamp
 * that remember a SYN in our stead.
 *
 * The number is BASE + COOKIE, modulo 2^32. BASE is the keyed function of the
 * addresses that RFC 6528 has in an ISN, so the cookie takes the place of its
 * clock. COOKIE is, from the highest bit on:
 *
 *	5 bits	the minute it was made in
 *	3 bits	the class of the peer's MSS
 *	24 bits	the MAC: a keyed function of addresses, the peer's ISN, the
 *		minute and the options
 *
 * The minute on top makes numbers of one tuple go upwards, as a clock would.
 * Who does not see our SYN-ACK has to guess BASE too, hence all 32 bits, of
 * which 16 values are right at a time.
 *
 * Window scale and SACK fit into the low bits of our TSval, which comes back as
 * TSecr, if both sides use timestamps; else there are no such options. As the
 * MAC is over them, a scale is used only if it is the one that was agreed on.
 */
#ifndef XTCP_CORE_COOKIE_H
#define XTCP_CORE_COOKIE_H

#include "types.h"

/* A cookie is good in its minute and in the next. */
#define XTCP_COOKIE_MINUTES	2

/* The longest that one may live, seconds. */
#define XTCP_COOKIE_LIFE	(XTCP_COOKIE_MINUTES * 60)

/* The bits of a TSval that are options. */
#define XTCP_COOKIE_TS_BITS	0x3f

/**
 * struct xtcp_cookie_options - what the low bits of a TSval remember
 * @wscale_ok: both sides scale
 * @sack_ok: both sides permit SACK
 * @snd_wscale: shift for windows that come in, 0 to 14; 0 without @wscale_ok
 */
struct xtcp_cookie_options {
	bool wscale_ok;
	bool sack_ok;
	u8 snd_wscale;
};

u32 xtcp_cookie_encode(u32 base, u32 mac, u32 minute, u16 mss);
u16 xtcp_cookie_decode(u32 isn, u32 base, const u32 *mac, u32 minute);
u8 xtcp_cookie_options_pack(const struct xtcp_cookie_options *opt);
void xtcp_cookie_options_unpack(u8 bits, struct xtcp_cookie_options *opt);
u32 xtcp_cookie_tsval(u32 clock, u8 bits);

#endif /* XTCP_CORE_COOKIE_H */
