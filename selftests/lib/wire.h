/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A crafted peer on a tun device.
 *
 * The stack under test has the addresses 192.0.2.1 and 2001:db8::1, on a tun
 * device in a new network namespace. The test is the peer: it injects
 * segments, and names the segments that the stack must send, and when. The
 * notation is like that of tcpdump; sequence numbers are relative to the SYN
 * of each side:
 *
 *	inject("S 0:0(0) win 65535 <mss 1460,sackOK,nop,wscale 7>");
 *	expect("S. 0:0(0) ack 1 <mss 1460,sackOK,nop,wscale *>");
 *	inject(". 1:1(0) ack 1");
 *
 * A segment:
 *
 *	[+TIME] FLAGS SEQ[:END](LEN) [ack N] [win N] [urg N] [MODIFIER...]
 *		[<OPTIONS>]
 *
 * FLAGS	S F R P . U E W as in tcpdump, e for AE, "-" for none. In an
 *		expectation "p" means that PSH is not compared.
 * SEQ, ack	relative; "=N" is an absolute number. END is not compared.
 * "*"		in an expectation, instead of a number: any value
 * OPTIONS	mss N, wscale N, sackOK, sack A:B A:B, TS val N ecr N, nop,
 *		eol, fo (requests a Fast Open cookie), fo HEX (a cookie),
 *		hex HEX (raw bytes; in an expectation one whole option).
 *		Injected, "ecr *" and "fo *" echo the latest TSval and cookie
 *		of the stack, and "val *" is the flow's tsval. In an
 *		expectation "<...>" matches any options.
 * TIME		in expectations. Without it: at once (WIRE_NOW_MS). "+200ms":
 *		after that time, with a tolerance, since the flow's previous
 *		event: a segment in either direction, wire_connect(),
 *		wire_write() or wire_mark(). "+40ms..500ms": a range.
 * MODIFIERs	of injected segments: res N (reserved bits), doff N, badsum,
 *		sum0 (checksum 0), cut N (without the last N bytes), short N
 *		(only the first N bytes of the TCP segment), tos N, ttl N,
 *		label N (IPv6 flow label), frag N (IP fragments with N bytes
 *		of payload), data X (payload of bytes X, not the pattern),
 *		nots (no timestamps added). The IP length is correct after cut
 *		and short, too.
 *		of both: notect, ect0, ect1, ce: the IP-ECN field. If an
 *		expectation has none of them, the field is not compared.
 *
 * Expectations do not compare NOPs and the order of options. If timestamps were
 * negotiated, expectations may omit the TS option: every segment but RST is
 * checked to have it. It is added to injected segments without SYN and RST.
 *
 * Payload is a pattern computed from the stream offset, checked both ways.
 *
 * Every segment of the stack is checked: checksums, reserved bits 0, options
 * well-formed, SYN options only with SYN, timestamps as negotiated, data within
 * the peer's window, and a right edge of its own window that never moves back.
 *
 * XTCP_REFERENCE=1 in the environment: test the kernel's TCP.
 *
 * XTCP_SLOP_MS=N, N above 0, for machines in real time: time bounds are wider
 * by N ms and by 3 % of the expected time, in both directions. In a debug
 * kernel a round trip takes milliseconds, which are part of the RTO (200 ms +
 * SRTT), and each back-off doubles them.
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
