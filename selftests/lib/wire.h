/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A crafted peer on a tun device.
 *
 * The stack under test owns 192.0.2.1 and 2001:db8::1 on a tun device in a
 * network namespace of the test's own; the test is the rest of the world.  It
 * injects any segment and says what must come back, and when, in a notation
 * that reads like tcpdump's, sequence numbers relative to each side's SYN:
 *
 *	inject("S 0:0(0) win 65535 <mss 1460,sackOK,nop,wscale 7>");
 *	expect("S. 0:0(0) ack 1 <mss 1460,sackOK,nop,wscale *>");
 *	inject(". 1:1(0) ack 1");
 *
 * A segment:
 *
 *	[+TIME] FLAGS SEQ[:END](LEN) [ack N] [win N] [urg N] [MODIFIER...] [<OPTIONS>]
 *
 * FLAGS	S F R P . U E W e (AE) as tcpdump, "-" for none; in an expectation a
 *		small "p" says that PSH does not matter
 * SEQ, ack	relative; "=N" is the bare number; "*" matches any
 * OPTIONS	mss N, wscale N, sackOK, sack A:B A:B, TS val N ecr N, nop, eol,
 *		hex BYTES (in an expectation: one whole option), fo (asks for a
 *		Fast Open cookie), fo BYTES (is one); "*" instead of a number
 *		matches any and, injected as "ecr *" or "fo *", echoes the stack's
 *		latest; "<...>" matches any options
 * TIME		in expectations.  Without: at once (WIRE_NOW_MS).  "+200ms": that
 *		long after this flow's previous segment (either way) or
 *		wire_mark(), give or take the tolerance.  "+40ms..500ms": a range
 * MODIFIERs	of injected segments: res N (reserved bits), doff N, badsum, sum0,
 *		cut N (drop the last N bytes of the packet, keep the IP length
 *		right), short N (keep only N bytes of the TCP segment), tos N, ttl N,
 *		label N (IPv6 flow label), frag N (send as IP fragments of N payload
 *		bytes), data X (fill the payload with the byte X instead of the
 *		pattern)
 *		of both: notect, ect0, ect1, ce: the IP-ECN field; in an expectation
 *		without one of them it does not matter
 *
 * In an expectation NOPs do not count and the order of options is free; where
 * timestamps were agreed the TS option need not be mentioned (that it is there
 * is checked on every segment) and is added to injected segments, unless these
 * say "nots".
 *
 * Payload is a pattern computed from the stream offset, checked both ways.
 *
 * Every segment of the stack is checked for checksums, zero reserved bits,
 * well-formed options, SYN-only options, agreed timestamps, never more sent
 * than the peer's window allowed, and an own window edge that never moves back.
 *
 * XTCP_REFERENCE=1 in the environment runs the tests on the kernel's own TCP.
 * XTCP_SLOP_MS=N widens every time bound, for machines with a wall clock.  When N
 * is above 0 it is wider by N ms, and by 3 % of the time that it names, both ways:
 * where a round trip takes milliseconds, as in a debug kernel, these are in the
 * RTO (200 ms + SRTT), and each back-off doubles them.
 */
#ifndef XTCP_TEST_WIRE_H
#define XTCP_TEST_WIRE_H

#include "wire_types.h"
#include "wire_clock.h"
#include "wire_netns.h"
#include "wire_peer.h"
#include "wire_socket.h"
#include "wire_text.h"

/*
 * Shorthand inside TEST_F(): the fixture holds "struct wire w" and
 * "struct wire_flow *f".
 */
#define inject(...)	ASSERT_EQ(0, wire_inject(self->f, __VA_ARGS__))
#define expect(...)	ASSERT_EQ(0, wire_expect(self->f, __VA_ARGS__))
#define expect_none(ms)	ASSERT_EQ(0, wire_expect_none(self->f, ms))

#endif
