/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SYN cookies (RFC 4987 3.6 and A): the initial sequence number and the
 * timestamp of a SYN-ACK encode the parameters of the SYN, so that no request
 * is kept.
 *
 * The ISN is BASE + COOKIE, modulo 2^32. BASE is the keyed function of the
 * addresses that RFC 6528 uses for an ISN; COOKIE replaces its clock. COOKIE
 * is, from the highest bit on:
 *
 *	5 bits	the minute in which it was made
 *	3 bits	the class of the peer's MSS
 *	24 bits	the MAC: a keyed function of addresses, the peer's ISN, the
 *		minute and the options
 *
 * The minute is in the highest bits, so that the ISNs of one tuple increase
 * with time, as with a clock. An attacker that does not see our SYN-ACK has to
 * guess BASE as well, that is all 32 bits. 16 values are valid at a time: two
 * minutes, eight classes.
 *
 * If both sides use timestamps, window scale and SACK are encoded in the low
 * bits of our TSval, which the peer returns as TSecr. Without timestamps
 * neither option is used. The MAC covers these bits and our own window shift:
 * an ACK with other options does not match.
 */
#ifndef XTCP_CORE_COOKIE_H
#define XTCP_CORE_COOKIE_H

#include "types.h"

/* A cookie is valid in its minute and the next. */
#define XTCP_COOKIE_MINUTES	2

/* Longest lifetime of a cookie, seconds. */
#define XTCP_COOKIE_LIFE	(XTCP_COOKIE_MINUTES * 60)

/* The bits of a TSval that encode options. */
#define XTCP_COOKIE_TS_BITS	0x3f

/**
 * struct xtcp_cookie_options - options encoded in the low bits of a TSval
 * @wscale_ok: both sides use window scaling
 * @sack_ok: both sides permit SACK
 * @snd_wscale: shift of the peer's windows, 0 to 14; 0 without @wscale_ok
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
